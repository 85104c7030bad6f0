// Attention of a few heads over rows of a cache that are keys and values at once (latents): page by
// page, or a chosen few. One order of blocks for one set of rows.
// Threads: one thread per OnlineSoftmax.
#pragma once
#include <cstdint>
#include <span>

#include "engine/execute/online_softmax.h"
#include "engine/execute/pass.h"

namespace moxie::engine {

constexpr int64_t kGatheredRows = 64;

struct LatentCache {
    int64_t layer = 0;
    int64_t stream = 0;
    int64_t rowDim = 0;
    int64_t rowsPerPage = 0;

    // Floats that decoding or gathering its rows takes.
    int64_t scratchFloats() const { return std::max(kGatheredRows, rowsPerPage) * rowDim; }
};

// Some heads of one token, and the rows they attend to: nullptr stands for all there are.
struct HeadsTask {
    int64_t token = 0;
    int64_t firstHead = 0;
    const std::span<const int32_t>* rows = nullptr;
};

// Tokens [first, first + count) of a chunk.
struct ChunkTokens {
    int64_t first = 0;
    int64_t count = 0;
};

// Rows [0, count).
void addAllRows(const Pass& pass, const LatentCache& cache, int64_t count, const float* queries,
                float* scratch, OnlineSoftmax& softmax);
// The rows of a list, rising.
void addChosenRows(const Pass& pass, const LatentCache& cache, std::span<const int32_t> rows,
                   const float* queries, float* scratch, OnlineSoftmax& softmax);

}  // namespace moxie::engine
