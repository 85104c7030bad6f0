// A sorted set of words that is narrowed byte by byte, as a trie would be, without one: a place in
// it is a range of words with the same beginning. The words are shared, never copied.
// Threads: immutable; any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace moxie::engine {

class WordSet {
public:
    struct Range {
        int32_t begin = 0;
        int32_t end = 0;
        int32_t depth = 0;  // bytes that are known
        bool operator==(const Range&) const = default;
    };

    // Words that a model cannot write are left out: no UTF-8, or a byte below 0x20 that JSON can
    // only spell with a number.
    explicit WordSet(std::shared_ptr<const std::vector<std::string>> words);

    bool isEmpty() const { return order_.empty(); }

    Range all() const { return {.begin = 0, .end = int32_t(order_.size())}; }

    struct Branch {
        uint8_t byte;
        Range range;
    };

    // The ways on, sorted by byte.
    std::vector<Branch> branchesOf(const Range& range) const;
    // The words of `range` that go on with `byte`.
    Range narrowed(const Range& range, uint8_t byte) const;
    // Whether a word ends here.
    bool holdsWord(const Range& range) const;

    const std::string& word(int32_t i) const { return (*words_)[size_t(order_[size_t(i)])]; }

private:
    std::shared_ptr<const std::vector<std::string>> words_;
    std::vector<int32_t> order_;  // of words_, sorted by bytes, each word once
};

}  // namespace moxie::engine
