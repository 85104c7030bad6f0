#include "tests/indexer/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "indexer/database.h"
#include "indexer/postings.h"
#include "indexer/uses.h"
#include "tests/catch.h"

namespace moxie::testing {
namespace {

constexpr const char* kQueries[] = {
    "SELECT path, hex(hash), guess, lang, blob.bytes, lines, flags, tier, symbols, uses "
    "FROM snap_path JOIN blob ON blob.id = blob WHERE snap=1 ORDER BY path",
    "SELECT path, n.text, coalesce(o.text,''), kind, is_declaration, line_first, line_last, "
    "byte_first, byte_last, signature FROM snap_path p JOIN sym s ON s.blob = p.blob "
    "JOIN name n ON n.id = s.name LEFT JOIN name o ON o.id = s.parent WHERE snap=1 "
    "ORDER BY path, byte_first, byte_last, n.text, kind",
    "SELECT path, target FROM snap_path p JOIN imp i ON i.blob = p.blob WHERE snap=1 ORDER BY 1,2",
    "SELECT path, c.line_first, c.line_last, body_words, name_words, coalesce(n.text,'') "
    "FROM snap_path p JOIN chunk c ON c.blob = p.blob LEFT JOIN sym s ON s.id = c.sym "
    "LEFT JOIN name n ON n.id = s.name WHERE snap=1 ORDER BY 1,2",
    "SELECT hex(hash), time, words, path FROM commits LEFT JOIN touch ON commit_id = commits.id "
    "WHERE is_live > 0 ORDER BY 1,4",
};
constexpr int kColumns[] = {10, 10, 2, 6, 4};

template <class T>
T must(base::Result<T> result) {
    if (!result) FAIL(result.error().message());
    return std::move(*result);
}

// What the numbers of a query mean: its first column to the others.
std::map<int64_t, std::string> textsById(const indexer::Database& database, const char* sql) {
    std::map<int64_t, std::string> texts;
    auto query = must(database.prepare(sql));
    while (must(query.step()))
        texts[query.integer(0)] =
            std::string(query.text(1)) + "\t" + std::to_string(query.integer(2));
    return texts;
}

void appendSorted(std::vector<std::string>& rows, std::string& out) {
    std::sort(rows.begin(), rows.end());
    for (const std::string& row : rows)
        out += row + "\n";
    out += "--\n";
}

// Every word of every chunk and message that is alive.
void appendWordRows(const indexer::Database& database, indexer::PostingList list,
                    const char* aliveRows, std::string& out) {
    const auto alive = textsById(database, aliveRows);
    std::vector<std::string> rows;
    auto reader = must(indexer::PostingReader::make(database, list));
    const auto done = reader.each([&](std::string_view word, const indexer::Posting& posting) {
        if (const auto row = alive.find(posting.row); row != alive.end())
            rows.push_back(
                fmt::format("{}\t{}\t{}\t{}", row->second, word, posting.body, posting.names));
    });
    if (!done) FAIL(done.error().message());
    appendSorted(rows, out);
}

void appendUseRows(const indexer::Database& database, std::string& out) {
    auto names = textsById(database, "SELECT id, text, 0 FROM name");
    auto symbols =
        textsById(database, "SELECT s.id, text, line_first FROM sym s JOIN name ON name.id=s.name");
    std::vector<std::string> rows;
    auto reader = must(indexer::UseReader::make(database));
    auto paths = must(database.prepare("SELECT path, blob FROM snap_path WHERE snap=1"));
    while (must(paths.step()))
        for (const auto& use : must(reader.of(paths.integer(1))))
            rows.push_back(fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}", paths.text(0),
                                       names[use.name], symbols[use.symbol], names[use.receiver],
                                       int(use.role), use.line, use.count, use.arity));
    appendSorted(rows, out);
}

}  // namespace

std::string rowsOf(const std::filesystem::path& cacheFile) {
    auto database = indexer::Database::open(cacheFile, indexer::Database::Access::readOnly);
    REQUIRE(database);
    std::string out;
    for (size_t i = 0; i < std::size(kQueries); i++) {
        auto query = database->prepare(kQueries[i]);
        if (!query) FAIL(query.error().message());
        while (true) {
            const auto hasRow = query->step();
            if (!hasRow) FAIL(hasRow.error().message());
            if (!*hasRow) break;
            for (int column = 0; column < kColumns[i]; column++)
                out.append(query->text(column)).push_back('\t');
            out.back() = '\n';
        }
        out += "--\n";
    }
    appendWordRows(*database, indexer::PostingList::chunks,
                   "SELECT c.id, path, line_first FROM chunk c JOIN snap_path p ON "
                   "p.blob = c.blob WHERE snap=1 ORDER BY path DESC",
                   out);
    appendWordRows(*database, indexer::PostingList::commits,
                   "SELECT id, hex(hash), time FROM commits WHERE is_live > 0", out);
    appendWordRows(*database, indexer::PostingList::uses,
                   "SELECT blob, path, 0 FROM snap_path WHERE snap=1 ORDER BY path DESC", out);
    appendUseRows(*database, out);
    return out;
}

}  // namespace moxie::testing
