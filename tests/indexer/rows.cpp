#include "tests/indexer/rows.h"

#include "indexer/database.h"
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
    "SELECT path, n.text, coalesce(o.text,''), coalesce(s.line_first,0), role, line, count "
    "FROM snap_path p JOIN ref r ON r.blob = p.blob JOIN name n ON n.id = r.name "
    "LEFT JOIN sym s ON s.id = r.sym LEFT JOIN name o ON o.id = s.name WHERE snap=1 "
    "ORDER BY 1,2,3,4,5,6,7",
    "SELECT path, target FROM snap_path p JOIN imp i ON i.blob = p.blob WHERE snap=1 ORDER BY 1,2",
    "SELECT path, c.line_first, c.line_last, body_words, name_words, coalesce(n.text,'') "
    "FROM snap_path p JOIN chunk c ON c.blob = p.blob LEFT JOIN sym s ON s.id = c.sym "
    "LEFT JOIN name n ON n.id = s.name WHERE snap=1 ORDER BY 1,2",
    "SELECT path, line_first, col, term, count(*), sum(offset) FROM word_at JOIN chunk c ON "
    "c.id = doc JOIN snap_path p ON p.blob = c.blob WHERE snap=1 GROUP BY 1,2,3,4 ORDER BY 1,2,3,4",
    "SELECT hex(hash), time, words, path FROM commits LEFT JOIN touch ON commit_id = commits.id "
    "WHERE is_live > 0 ORDER BY 1,4",
};
constexpr int kColumns[] = {10, 10, 7, 2, 6, 6, 4};

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
    return out;
}

}  // namespace moxie::testing
