// What a function calls, by its text alone. Threads: any thread.
#pragma once
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::indexer {

struct CalledName {
    std::string name;
    int32_t line = 0;   // from 1, of the first call
    int32_t count = 1;  // calls of it in the function
    bool operator==(const CalledName&) const = default;
};

struct CallerPlace {
    std::string_view path = {};  // says the language
    std::string_view name = {};
    int32_t lineFirst = 0;  // of its definition, from 1
};

// In the order of the lines. Empty if nothing of that name begins there. Fails: cancelled.
// Cost: a parse, about 0.2 ms per kB.
base::Result<std::vector<CalledName>> callsIn(std::string_view text, const CallerPlace& caller,
                                              const std::stop_token& stop);

}  // namespace moxie::indexer
