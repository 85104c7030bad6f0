// Tokens of a prompt that nobody wrote, the same for every run, so that two programs' runs can be
// laid side by side.
#pragma once
#include <cstdint>
#include <random>
#include <vector>

namespace moxie::engine {

inline std::vector<int32_t> drawTokens(int64_t count, int64_t vocabulary) {
    std::mt19937 random(1);  // NOLINT: the same draws each time are what is wanted
    std::vector<int32_t> tokens(static_cast<size_t>(count));
    for (int32_t& token : tokens)
        token = static_cast<int32_t>(random() % static_cast<uint64_t>(vocabulary));
    return tokens;
}

}  // namespace moxie::engine
