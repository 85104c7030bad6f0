// Splitting text into the words that are searched: identifiers whole and in parts, lower case,
// lightly stemmed; the same for texts and for queries. Threads: any thread.
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

// Appends the words of `text` to `out`, separated by spaces; returns how many.
// "parseTrailing_commas" gives "parsetrailing_commas parse trail comma".
// Cost: about 10 ns per byte.
int64_t appendWords(std::string_view text, std::string& out);

// Walks over the identifiers of a text, 64 bytes at a time. Cost: about 1 ns per byte.
class IdentifierReader {
public:
    explicit IdentifierReader(std::string_view text) : text_(text) { readBlock(); }

    // Empty at the end of the text.
    std::string_view next();

private:
    static constexpr size_t kBlock = 64;

    void readBlock();

    std::string_view text_;
    size_t first_ = 0;    // of the block in the text
    uint64_t words_ = 0;  // a bit for each byte of the block that belongs to an identifier
};

// The words of one identifier, as appendWords() gives them.
void eachWordOf(std::string_view identifier, const std::function<void(std::string_view)>& visit);

// The distinct words of a query, in order, without the ones that carry nothing ("the", "should").
std::vector<std::string> queryWords(std::string_view query);

}  // namespace moxie::indexer
