// Softmax attention of a few queries over rows that come in blocks: the running form, exact up to
// rounding, with one order of sums that depends on the blocks only.
// Source: Milakov and Gimelshein, Online normalizer calculation for softmax (2018).
// Threads: one thread.
#pragma once
#include <array>
#include <cstdint>

#include "kernels/dispatch.h"

namespace moxie::engine {

class OnlineSoftmax {
public:
    static constexpr int64_t kQueriesMax = 64;
    static constexpr int64_t kRowsMax = 256;

    struct Rows {
        const float* keys = nullptr;    // [row][keyDim]
        const float* values = nullptr;  // [row][valueStride], of which valueDim count
        int64_t count = 0;              // at most kRowsMax
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
        return shape.nQueries * (kRowsMax + shape.valueDim) + shape.valueStride;
    }

    // `out` [query][valueDim] is where the result grows.
    OnlineSoftmax(const kernels::Dispatch& dispatch, const Shape& shape, float* scratch);

    // Takes one more block; queries [query][keyDim].
    void add(const float* queries, const Rows& rows);
    // sinks: one logit per query that only takes part in the denominator; nullptr: none.
    // out[q * outStride ...] = the weighted mean of the values.
    void finish(const float* sinks, float* out, int64_t outStride) const;

private:
    const kernels::Dispatch& dispatch_;
    Shape shape_;
    float* scores_;  // [query][row]
    float* sums_;    // [query][valueDim]
    float* part_;    // [valueStride]
    std::array<float, kQueriesMax> max_;
    std::array<double, kQueriesMax> denominator_ = {};
};

}  // namespace moxie::engine
