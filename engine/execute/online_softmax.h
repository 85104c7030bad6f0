// Softmax attention of some queries over rows that come in blocks: the running form, exact up to
// rounding. The order of a query's sums depends on the borders of the blocks and on what it sees of
// them only, not on the queries beside it.
// Source: Milakov and Gimelshein, Online normalizer calculation for softmax (2018).
// Threads: one thread.
#pragma once
#include <array>
#include <cstdint>
#include <span>

#include "kernels/dispatch.h"

namespace moxie::engine {

class OnlineSoftmax {
public:
    static constexpr int64_t kQueriesMax = 128;
    static constexpr int64_t kRowsMax = 256;

    struct Rows {
        const float* keys = nullptr;    // [row][keyDim]
        const float* values = nullptr;  // [row][valueStride], of which valueDim count
        int64_t count = 0;              // at most kRowsMax
    };

    // The rows of a block that a query sees; none if begin >= end.
    struct Seen {
        int64_t begin = 0, end = 0;
    };

    struct Shape {
        int64_t nQueries = 0;  // at most kQueriesMax
        int64_t keyDim = 0;
        int64_t valueDim = 0;
        int64_t valueStride = 0;
        float scale = 1;
    };

    // Floats of scratch it needs.
    static int64_t scratchFloats(const Shape& shape) {
        return shape.nQueries * (kRowsMax + 2 * shape.valueDim);
    }

    // `out` [query][valueDim] is where the result grows.
    OnlineSoftmax(const kernels::Dispatch& dispatch, const Shape& shape, float* scratch);

    // Takes one more block; queries [query][keyDim]. `seen`: of each query; empty: all rows by all.
    void add(const float* queries, const Rows& rows, std::span<const Seen> seen = {});

    struct Queries {
        int64_t first = 0, count = 0;
    };

    // The same of some of the queries only, which see all of it. `queries`: as in add().
    void addFor(Queries some, const float* queries, const Rows& rows);
    // sinks: one logit per query that only takes part in the denominator; nullptr: none.
    // out[q * outStride ...] = the weighted mean of the values.
    void finish(const float* sinks, float* out, int64_t outStride) const;

private:
    void addTo(Queries some, const float* queries, const Rows& rows, std::span<const Seen> seen);
    void score(int64_t query, Seen seen);
    void sumSeen(Queries some, const Rows& rows, Seen seen);
    void sumValues(Queries some, const Rows& rows, std::span<const Seen> seen);

    const kernels::Dispatch& dispatch_;
    Shape shape_;
    float* scores_;                        // [query][row]
    float* sums_;                          // [query][valueDim]
    float* part_;                          // [query][valueDim]: of this block
    std::array<float, kQueriesMax> kept_;  // what the sums before are multiplied with
    std::array<float, kQueriesMax> max_;
    std::array<double, kQueriesMax> denominator_ = {};
};

}  // namespace moxie::engine
