// What attention multiplies, and the way by tiles: queries with keys, and what they weigh with
// values, rounded to bfloat16 (kernels/bf16_tiles.h). Rows are rounded once for all queries of a
// task; their sums have the bits that any other queries beside them leave.
// Threads: one thread.
#pragma once
#include <cstdint>
#include <span>

#include "kernels/dispatch.h"

namespace moxie::engine {

constexpr int64_t kAttentionRowsMax = 256;  // of a block

enum class AttentionProducts : uint8_t { exact, bf16 };

struct AttentionShape {
    int64_t nQueries = 0;
    int64_t keyDim = 0;
    int64_t valueDim = 0;
    int64_t valueStride = 0;
    float scale = 1;
    AttentionProducts products = AttentionProducts::exact;
};

struct AttentionQueries {
    int64_t first = 0, count = 0;
};

// A block of them.
struct AttentionRows {
    const float* keys = nullptr;    // [row][keyDim]
    const float* values = nullptr;  // [row][valueStride], of which valueDim count
    int64_t count = 0;              // at most kAttentionRowsMax
};

// The rows of a block that a query sees; none if begin >= end.
struct SeenRows {
    int64_t begin = 0, end = 0;
};

class AttentionTiles {
public:
    static constexpr int64_t kQueriesAtOnce = 64;  // of which scores are kept, in the first caches

    static int64_t scratchFloats(const AttentionShape& shape);
    // Of a row of sums.
    static int64_t sumsStride(const AttentionShape& shape);

    // Rounds queries [query][keyDim]. `scratch` begins at a 64-byte border.
    AttentionTiles(const kernels::Dispatch& dispatch, const AttentionShape& shape,
                   const float* queries, float* scratch);

    void takeRows(const AttentionRows& rows);

    // Products of up to kQueriesAtOnce queries with the keys of some rows.
    void multiplyKeys(AttentionQueries some, SeenRows rows);
    // What these products become as weights; `seen`: of each query, inside of the same rows, with
    // the largest score before, and gets what SeenScores says.
    void weigh(AttentionQueries some, SeenRows rows, std::span<kernels::SeenScores> seen);
    // sums[query - some.first][sumsStride] += the values of the same rows, so weighed.
    void addValues(AttentionQueries some, SeenRows rows, float* sums);

private:
    static constexpr int64_t kScoresStride = kAttentionRowsMax + 16;  // not a power of two

    const kernels::Dispatch& dispatch_;
    AttentionShape shape_;
    int64_t nRows_ = 0;
    uint8_t *queries_, *keys_, *values_, *weights_;
    float* scores_;
};

}  // namespace moxie::engine
