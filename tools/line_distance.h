// Levenshtein distance of many texts to one pattern, 64 cells at a time. Threads: const calls from
// any. Source: Myers, "A fast bit-vector algorithm for approximate string matching based on dynamic
// programming" (1999), in Hyyro's form for whole texts (2003); written from the papers.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

namespace moxie::tools {

class LineDistance {
public:
    explicit LineDistance(std::string_view pattern);

    // The distance, or limit + 1 when it is larger than limit.
    int64_t to(std::string_view text, int64_t limit) const;

private:
    size_t length_;
    size_t nBlocks_;
    std::vector<uint64_t> matches_;  // [byte * nBlocks + block]: where the pattern has the byte
};

}  // namespace moxie::tools
