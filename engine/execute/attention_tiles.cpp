#include "engine/execute/attention_tiles.h"

#include <algorithm>

#include "base/result.h"

namespace moxie::engine {

using kernels::bf16TileBytes;
using kernels::kBf16TileDepth;
using kernels::kBf16TileRows;
using kernels::wholeTiles;

namespace {

int64_t tileFloats(int64_t n, int64_t depth) {
    return bf16TileBytes(n, depth) / int64_t{sizeof(float)};
}

// Whole tiles that hold these rows as their depth.
SeenRows wholeDepth(SeenRows rows) {
    return {rows.begin / kBf16TileDepth * kBf16TileDepth, wholeTiles(rows.end, kBf16TileDepth)};
}

}  // namespace

int64_t AttentionTiles::sumsStride(const AttentionShape& shape) {
    return wholeTiles(shape.valueDim, kBf16TileRows);
}

int64_t AttentionTiles::scratchFloats(const AttentionShape& shape) {
    return tileFloats(shape.nQueries, shape.keyDim) + tileFloats(kAttentionRowsMax, shape.keyDim) +
           tileFloats(shape.valueDim, kAttentionRowsMax) +
           tileFloats(kQueriesAtOnce, kAttentionRowsMax) + kQueriesAtOnce * kScoresStride;
}

AttentionTiles::AttentionTiles(const kernels::Dispatch& dispatch, const AttentionShape& shape,
                               const float* queries, float* scratch)
    : dispatch_(dispatch),
      shape_(shape) {
    auto* at = reinterpret_cast<uint8_t*>(scratch);
    const auto take = [&at](int64_t bytes) {
        uint8_t* taken = at;
        at += bytes;
        return taken;
    };
    queries_ = take(bf16TileBytes(shape.nQueries, shape.keyDim));
    keys_ = take(bf16TileBytes(kAttentionRowsMax, shape.keyDim));
    values_ = take(bf16TileBytes(shape.valueDim, kAttentionRowsMax));
    weights_ = take(bf16TileBytes(kQueriesAtOnce, kAttentionRowsMax));
    scores_ = reinterpret_cast<float*>(at);
    dispatch_.roundBf16Rows({.values = queries,
                             .stride = shape.keyDim,
                             .count = shape.nQueries,
                             .length = shape.keyDim},
                            queries_);
}

void AttentionTiles::takeRows(const AttentionRows& rows) {
    BASE_CHECK(rows.count <= kAttentionRowsMax);
    nRows_ = rows.count;
    dispatch_.roundBf16Columns({.values = rows.keys,
                                .stride = shape_.keyDim,
                                .count = rows.count,
                                .length = shape_.keyDim},
                               keys_);
    dispatch_.roundBf16Depth({.values = rows.values,
                              .stride = shape_.valueStride,
                              .count = rows.count,
                              .length = shape_.valueDim},
                             values_);
}

void AttentionTiles::multiplyKeys(AttentionQueries some, SeenRows rows) {
    BASE_CHECK(some.first % kBf16TileRows == 0 && some.count <= kQueriesAtOnce);
    const int64_t tileBytes = bf16TileBytes(kBf16TileRows, shape_.keyDim);
    const int64_t begin = rows.begin / kBf16TileRows * kBf16TileRows;
    dispatch_.matmulBf16({.rows = queries_ + some.first / kBf16TileRows * tileBytes,
                          .columns = keys_ + begin / kBf16TileRows * tileBytes,
                          .columnsStride = tileBytes,
                          .nRows = some.count,
                          .nColumns = rows.end - begin,
                          .depth = shape_.keyDim},
                         scores_ + begin, kScoresStride);
}

void AttentionTiles::weigh(AttentionQueries some, SeenRows rows,
                           std::span<kernels::SeenScores> seen) {
    const SeenRows whole = wholeDepth(rows);
    for (kernels::SeenScores& own : seen) {
        own.begin -= whole.begin;
        own.end -= whole.begin;
    }
    dispatch_.weighBf16({.values = scores_ + whole.begin,
                         .stride = kScoresStride,
                         .count = some.count,
                         .length = whole.end - whole.begin},
                        shape_.scale, seen.data(), weights_);
}

void AttentionTiles::addValues(AttentionQueries some, SeenRows rows, float* sums) {
    const SeenRows whole = wholeDepth(rows);
    dispatch_.matmulBf16({.rows = weights_,
                          .columns = values_ + whole.begin / kBf16TileDepth *
                                                   bf16TileBytes(kBf16TileRows, kBf16TileDepth),
                          .columnsStride = bf16TileBytes(kBf16TileRows, nRows_),
                          .nRows = some.count,
                          .nColumns = shape_.valueDim,
                          .depth = whole.end - whole.begin,
                          .adds = true},
                         sums, sumsStride(shape_));
}

}  // namespace moxie::engine
