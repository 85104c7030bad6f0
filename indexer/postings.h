// Which rows of a list have a word, and how often: the full text index. What is added in one go
// becomes a segment: blocks of sorted words. Segments of like size are joined, so there are few to
// look into. Rows are never taken out: who reads leaves out those that are no more, and a number of
// a row is never given twice. Threads: one thread at a time per connection.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"
#include "indexer/posting_block.h"
#include "indexer/text_table.h"
#include "indexer/word_bag.h"

namespace moxie::indexer {

// Stored numbers: append only.
enum class PostingList : int32_t {
    chunks = 1,   // words of the pieces of texts; row: chunk.id
    commits = 2,  // words of messages; row: commits.id
    uses = 3,     // names as they are used; row: blob.id
};

// Adds to one list.
class PostingWriter {
public:
    explicit PostingWriter(PostingList list) : list_(list) {}

    // `rows[i]` is the row of piece i; 0: it is not added.
    void add(const WordBag& bag, std::span<const int64_t> rows);
    void add(std::string_view word, const Posting& posting);

    // Added and not yet written.
    int64_t held() const { return nHeld_; }

    // What is held becomes a segment of the database's transaction. Fails: corrupt, io.
    base::Status write(const Database& database);
    void forget();

private:
    void hold(int32_t word, const Posting& posting);
    // Visits what is held, in the order in which it came.
    template <class Visit>
    void eachHeld(const Visit& visit) const;
    base::Status writeSegment(const Database& database);
    base::Status join(const Database& database) const;

    PostingList list_;
    TextTable words_;
    // Of each posting its word, the difference of its row to that of the one before, its counts: a
    // fifth of what they weigh as numbers.
    std::string held_;
    int64_t nHeld_ = 0, lastRow_ = 0;
};

// Looks words up in one list, as its transaction sees it.
class PostingReader {
public:
    // Fails: corrupt, io.
    static base::Result<PostingReader> make(const Database& database, PostingList list);

    // The rows that have the word, ascending. Cost: some microseconds, and 5 ns a row.
    base::Status find(std::string_view word, std::vector<Posting>& found);
    // Every word with its rows, in no order.
    base::Status each(const std::function<void(std::string_view, const Posting&)>& visit);

private:
    const Database* database_ = nullptr;
    std::vector<int64_t> segments_;
};

}  // namespace moxie::indexer
