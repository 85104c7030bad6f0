#include "engine/execute/online_softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/result.h"

namespace moxie::engine {

OnlineSoftmax::OnlineSoftmax(const kernels::Dispatch& dispatch, const Shape& shape, float* scratch)
    : dispatch_(dispatch),
      shape_(shape),
      scores_(scratch),
      sums_(scores_ + shape.nQueries * kRowsMax),
      part_(sums_ + shape.nQueries * shape.valueDim) {
    BASE_CHECK(shape.nQueries <= kQueriesMax);
    max_.fill(-std::numeric_limits<float>::infinity());
    std::fill_n(sums_, shape.nQueries * shape.valueDim, 0.0F);
}

void OnlineSoftmax::add(const float* queries, const Rows& rows) {
    BASE_CHECK(rows.count <= kRowsMax);
    const kernels::WeightsView keys = {.dtype = kernels::DType::f32,
                                       .data = reinterpret_cast<const uint8_t*>(rows.keys),
                                       .rows = rows.count,
                                       .cols = shape_.keyDim,
                                       .rowBytes = shape_.keyDim * int64_t{sizeof(float)}};
    dispatch_.matmul(keys, 0, rows.count, queries, shape_.keyDim, shape_.nQueries, nullptr, scores_,
                     kRowsMax);
    for (int64_t q = 0; q < shape_.nQueries; ++q) {
        float* scores = scores_ + q * kRowsMax;
        float max = max_[static_cast<size_t>(q)];
        const float before = max;
        for (int64_t i = 0; i < rows.count; ++i) {
            scores[i] *= shape_.scale;
            max = std::max(max, scores[i]);
        }
        const float kept = std::exp(before - max);
        double& denominator = denominator_[static_cast<size_t>(q)];
        denominator = denominator * double{kept} + dispatch_.expSubtract(scores, rows.count, max);
        max_[static_cast<size_t>(q)] = max;
        float* sums = sums_ + q * shape_.valueDim;
        dispatch_.weightedSum(scores, rows.values, rows.count, shape_.valueStride, part_);
        for (int64_t i = 0; i < shape_.valueDim; ++i)
            sums[i] = sums[i] * kept + part_[i];
    }
}

void OnlineSoftmax::finish(const float* sinks, float* out, int64_t outStride) const {
    for (int64_t q = 0; q < shape_.nQueries; ++q) {
        double denominator = denominator_[static_cast<size_t>(q)];
        if (sinks != nullptr)
            denominator += std::exp(double{sinks[q]} - double{max_[static_cast<size_t>(q)]});
        const auto scale = static_cast<float>(1 / denominator);
        for (int64_t i = 0; i < shape_.valueDim; ++i)
            out[q * outStride + i] = sums_[q * shape_.valueDim + i] * scale;
    }
}

}  // namespace moxie::engine
