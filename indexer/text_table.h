// Numbers texts in the order in which they first come: one growing string and a table of places,
// no allocation for each text. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

// For tables in memory: it may differ between versions.
uint32_t hashOfText(std::string_view text);

class TextTable {
public:
    struct Added {
        int32_t number = 0;
        bool isNew = false;
    };

    // `hash` is hashOfText(text). Requires: less than 4 GB in all.
    Added add(std::string_view text, uint32_t hash);

    Added add(std::string_view text) { return add(text, hashOfText(text)); }

    int32_t size() const { return int32_t(ends_.size()); }

    int64_t bytes() const { return int64_t(texts_.size()); }

    // The view lives until the next add().
    std::string_view text(int32_t number) const {
        const uint32_t first = number == 0 ? 0 : ends_[size_t(number) - 1];
        return std::string_view(texts_).substr(first, ends_[size_t(number)] - first);
    }

    uint32_t hash(int32_t number) const { return hashes_[size_t(number)]; }

    void clear();

private:
    void grow();

    std::string texts_;
    std::vector<uint32_t> ends_, hashes_;  // of each text
    std::vector<int32_t> slots_;           // by hash: numbers; -1: free
};

}  // namespace moxie::indexer
