// What a piece of code calls, as symbols of the repository: the same file's definition, else the
// only one there is. Threads: any thread.
#pragma once
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct Callee {
    int32_t file = 0;    // in LiveView::files
    int64_t symbol = 0;  // sym.id
};

// In the order of the calls, at most 16; definitions inside `text` itself included. Names with
// several definitions elsewhere are left out. Fails: corrupt, io. Cost: about 10 µs a name.
base::Result<std::vector<Callee>> calleesOf(const Reading& reading, std::string_view text,
                                            int32_t file);

}  // namespace moxie::indexer
