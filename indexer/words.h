// Splitting text into the words that are searched: identifiers whole and in parts, lower case,
// lightly stemmed; the same for texts and for queries. Threads: any thread.
#pragma once
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

// The next identifier at or behind `at`, which moves behind it; empty at the end of the text.
std::string_view nextIdentifier(std::string_view text, size_t& at);
// The words of one identifier, as appendWords() gives them.
void eachWordOf(std::string_view identifier, const std::function<void(std::string_view)>& visit);

// The distinct words of a query, in order, without the ones that carry nothing ("the", "should").
std::vector<std::string> queryWords(std::string_view query);

}  // namespace moxie::indexer
