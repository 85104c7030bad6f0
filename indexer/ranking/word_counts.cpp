#include "indexer/ranking/word_counts.h"

#include <fmt/format.h>

namespace moxie::indexer {
namespace {

constexpr const char* kFunctionName = "moxie_word_counts";

// Occurrences in the first column, and in the second shifted by 32 bits.
void countWord(const Fts5ExtensionApi* api, Fts5Context* row, sqlite3_context* result, int,
               sqlite3_value**) {
    Fts5PhraseIter at = {};
    int column = 0, offset = 0;
    int64_t first = 0, second = 0;
    int status = api->xPhraseFirst(row, 0, &at, &column, &offset);
    for (; status == SQLITE_OK && column >= 0; api->xPhraseNext(row, &at, &column, &offset))
        (column == 0 ? first : second)++;
    if (status != SQLITE_OK) return sqlite3_result_error_code(result, status);
    sqlite3_result_int64(result, first | (second << 32));
}

// By the way that FTS5's documentation gives.
base::Result<fts5_api*> apiOf(const Database& database) {
    fts5_api* api = nullptr;
    sqlite3_stmt* raw = nullptr;
    const int status = sqlite3_prepare_v2(database.handle(), "SELECT fts5(?1)", -1, &raw, nullptr);
    const Statement statement(raw);
    if (status != SQLITE_OK) return base::fail(sqliteError(database.handle(), "find FTS5"));
    sqlite3_bind_pointer(raw, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
    sqlite3_step(raw);
    if (!api) return base::fail(base::Errc::internal, "SQLite has no FTS5");
    return api;
}

}  // namespace

base::Status addWordCounting(const Database& database) {
    TRY_ASSIGN(fts5_api * api, apiOf(database));
    if (api->xCreateFunction(api, kFunctionName, nullptr, countWord, nullptr) != SQLITE_OK)
        return base::fail(sqliteError(database.handle(), "add a function to FTS5"));
    return {};
}

base::Result<WordCounter> WordCounter::make(const Database& database, std::string_view table) {
    WordCounter counter;
    TRY_ASSIGN(counter.statement_,
               database.prepare(fmt::format("SELECT rowid, {0}({1}) FROM {1} WHERE {1} MATCH ?",
                                            kFunctionName, table)));
    return counter;
}

// Words have no quotes in them: see words.h.
void WordCounter::find(std::string_view word) {
    phrase_ = fmt::format("\"{}\"", word);
    statement_.reset();
    statement_.bind(1, phrase_);
}

base::Result<bool> WordCounter::next() {
    return statement_.step();
}

}  // namespace moxie::indexer
