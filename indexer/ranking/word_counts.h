// How often a word stands in each row of a full text table, read through FTS5's own iterators: a
// row of fts5vocab per occurrence costs about ten times as much. Threads: one thread at a time per
// connection.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "indexer/database.h"

namespace moxie::indexer {

// Gives the connection the function that WordCounter's statements call. Fails: internal (SQLite
// without FTS5).
base::Status addWordCounting(const Database& database);

class WordCounter {
public:
    // Requires: addWordCounting() for this connection. `table` is an FTS5 table of one or two
    // columns.
    static base::Result<WordCounter> make(const Database& database, std::string_view table);

    void find(std::string_view word);
    // The next row that has the word; false at the end. Rows ascend.
    base::Result<bool> next();

    int64_t row() const { return statement_.integer(0); }

    int32_t inFirstColumn() const { return int32_t(statement_.integer(1) & 0xffffffff); }

    int32_t inSecondColumn() const { return int32_t(statement_.integer(1) >> 32); }

private:
    Statement statement_;
    std::string phrase_;
};

}  // namespace moxie::indexer
