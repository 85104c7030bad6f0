// Splitting text into the words that are searched: identifiers whole and in parts, lower case,
// lightly stemmed; the same for texts and for queries. Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

// Appends the words of `text` to `out`, separated by spaces; returns how many.
// "parseTrailing_commas" gives "parsetrailing_commas parse trail comma".
// Cost: about 10 ns per byte.
int64_t appendWords(std::string_view text, std::string& out);

// The distinct words of a query, in order, without the ones that carry nothing ("the", "should").
std::vector<std::string> queryWords(std::string_view query);

}  // namespace moxie::indexer
