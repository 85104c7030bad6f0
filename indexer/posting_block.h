// Sorted words with the rows that have them, as bytes: the blocks of postings.h. A word's rows are
// differences, its counts follow each. Threads: any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

// A row that has a word, and how often in each of its two columns.
struct Posting {
    int64_t row = 0;
    int32_t body = 0, names = 0;
    bool operator==(const Posting&) const = default;
};

inline constexpr size_t kVarintBytesMax = 10;

// Returns the place behind it. Requires: room for kVarintBytesMax.
inline char* putVarint(char* out, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        *out++ = char(value | 0x80);
    *out++ = char(value);
    return out;
}

void appendVarint(std::string& out, uint64_t value);
// The same for a number of several bytes.
bool takeLongVarint(std::string_view& bytes, uint64_t& value);

// Takes a number from the front. False: there is none.
inline bool takeVarint(std::string_view& bytes, uint64_t& value) {
    if (bytes.empty() || static_cast<unsigned char>(bytes.front()) >= 0x80)
        return takeLongVarint(bytes, value);
    value = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    return true;
}

// The view is into `buffer`, which grows as needed. Requires: rows ascend.
std::string_view encodePostings(std::span<const Posting> postings, std::string& buffer);
// Appends. False: the bytes are damaged.
bool decodePostings(std::string_view bytes, std::vector<Posting>& postings);

// Bytes that tell whether they are as they were written: SQLite does not look into a row.
void appendSeal(std::string& bytes);
// Takes the seal off. False: there is none, or the bytes are damaged.
bool takeSeal(std::string_view& bytes);

struct BlockEntry {
    std::string_view word, postings;
};

void appendEntry(std::string& block, const BlockEntry& entry);
// Takes an entry from the front of a block. False: there is none, or the bytes are damaged.
bool takeEntry(std::string_view& block, BlockEntry& entry);

}  // namespace moxie::indexer
