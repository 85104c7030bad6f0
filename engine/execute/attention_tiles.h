// What attention multiplies, and the way by tiles: queries with keys, and what they weigh with
// values, rounded to bfloat16 (kernels/bf16_tiles.h). Rows are rounded once for all queries of a
// task; their sums have the bits that any other queries beside them leave.
// Threads: one thread.
#pragma once
#include <cstdint>

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

    // Products of up to kQueriesAtOnce queries with the keys of some rows; the scores of query i
    // are at scores(i), indexed by the row.
    void multiplyKeys(AttentionQueries some, SeenRows rows);

    float* scores(int64_t i) { return scores_ + i * kScoresStride; }

    // sums[i][sumsStride] += the values that scores(i) weighs, of the rows that each sees.
    // `seen`(i): of query i, inside of `rows`, which were multiplied last.
    template <class Seen>
    void addValues(AttentionQueries some, SeenRows rows, const Seen& seen, float* sums) {
        for (int64_t i = 0; i < some.count; ++i)
            clearUnseen(rows, seen(i), scores(i));
        addWeighted(some, rows, sums);
    }

private:
    static constexpr int64_t kScoresStride = kAttentionRowsMax + 16;  // not a power of two

    static void clearUnseen(SeenRows rows, SeenRows seen, float* scores);
    void addWeighted(AttentionQueries some, SeenRows rows, float* sums);

    const kernels::Dispatch& dispatch_;
    AttentionShape shape_;
    int64_t nRows_ = 0;
    uint8_t *queries_, *keys_, *values_, *weights_;
    float* scores_;
};

}  // namespace moxie::engine
