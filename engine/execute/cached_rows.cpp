#include "engine/execute/cached_rows.h"

#include <algorithm>

namespace moxie::engine {

void addAllRows(const Pass& pass, const LatentCache& cache, int64_t count, const float* queries,
                float* scratch, OnlineSoftmax& softmax) {
    for (int64_t row = 0; row < count; row += cache.rowsPerPage) {
        const int64_t n = std::min(cache.rowsPerPage, count - row);
        const float* rows = pass.kv->read(cache.layer, cache.stream, 0, row, n, scratch);
        softmax.add(queries, {.keys = rows, .values = rows, .count = n});
    }
}

void addChosenRows(const Pass& pass, const LatentCache& cache, std::span<const int32_t> rows,
                   const float* queries, float* scratch, OnlineSoftmax& softmax) {
    for (int64_t begin = 0; begin < std::ssize(rows); begin += kGatheredRows) {
        const int64_t n = std::min(kGatheredRows, std::ssize(rows) - begin);
        for (int64_t i = 0; i < n; ++i) {
            float* out = scratch + i * cache.rowDim;
            const float* row = pass.kv->read(cache.layer, cache.stream, 0,
                                             rows[static_cast<size_t>(begin + i)], 1, out);
            if (row != out) std::copy_n(row, cache.rowDim, out);
        }
        softmax.add(queries, {.keys = scratch, .values = scratch, .count = n});
    }
}

}  // namespace moxie::engine
