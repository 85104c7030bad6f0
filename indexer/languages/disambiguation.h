// Which of the languages that share an extension a text is written in: patterns over its beginning,
// rule after rule, then the words that only one of them has. Threads: any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace moxie::indexer {

inline constexpr size_t kDisambiguationBytesMax = 51'200;

// The first language whose patterns fit, as a name of the language table; "" if none does.
// `extension` without the dot, lower case. Cost: some 10 µs; bounded by a limit of steps.
std::string_view disambiguate(std::string_view extension, std::string_view text);

}  // namespace moxie::indexer
