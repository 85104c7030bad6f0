// The state machine that pools tokens into compressed entries, chunk by chunk. Its state between
// chunks lies in the frontier: open values and gates [ratio][width], then with overlap the first
// halves of the block before [ratio][dim], values and gates.
// Threads: one thread.
// Source: DeepSeek-V4 inference/model.py (Compressor).
#pragma once
#include <cstdint>
#include <span>

#include "engine/execute/pass.h"

namespace moxie::engine {

// How the entries of a compressor are finished and kept.
struct EntrySink {
    int64_t layer = 0;
    int64_t stream = 0;
    int32_t rope = 0;         // turns the last dimensions
    bool isIndexKey = false;  // Hadamard and FP4, else FP8 on what is not turned
};

// Takes scratch from the arena; returns at once while counting.
void compress(Pass& pass, const Compressor& step, const EntrySink& sink, const float* x,
              std::span<float> state);

}  // namespace moxie::engine
