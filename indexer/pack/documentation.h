// The comment that belongs to a definition, shortened for a skeleton: the lines right above it, and
// a docstring right below. Threads: any thread; pure.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::indexer {

// Whole lines of `text`, at most 600 bytes and a mark for more, "" if there is none. Licences are
// none. `starts` as of lineStarts(), `line` from 1, of the definition.
std::string documentationOf(std::string_view text, const std::vector<uint32_t>& starts,
                            int32_t line);

}  // namespace moxie::indexer
