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

void OnlineSoftmax::add(const float* queries, const Rows& rows, std::span<const Seen> seen) {
    if (seen.empty())
        addFor({0, shape_.nQueries}, queries, rows);
    else
        addTo({0, shape_.nQueries}, queries, rows, seen);
}

void OnlineSoftmax::addFor(Queries some, const float* queries, const Rows& rows) {
    std::array<Seen, kQueriesMax> all;
    std::fill_n(all.begin(), some.count, Seen{0, rows.count});
    addTo(some, queries, rows, std::span(all).first(static_cast<size_t>(some.count)));
}

// seen: of each of the queries, in order.
void OnlineSoftmax::addTo(Queries some, const float* queries, const Rows& rows,
                          std::span<const Seen> seen) {
    BASE_CHECK(rows.count <= kRowsMax);
    const kernels::WeightsView keys = {.dtype = kernels::DType::f32,
                                       .data = reinterpret_cast<const uint8_t*>(rows.keys),
                                       .rows = rows.count,
                                       .cols = shape_.keyDim,
                                       .rowBytes = shape_.keyDim * int64_t{sizeof(float)}};
    dispatch_.matmul(keys, 0, rows.count, queries + some.first * shape_.keyDim, shape_.keyDim,
                     some.count, scores_ + some.first * kRowsMax, kRowsMax);
    for (int64_t i = 0; i < some.count; ++i)
        score(some.first + i, seen[static_cast<size_t>(i)]);
    sumValues(some, rows, seen);
}

// Products become powers; the maximum and the denominator go on.
void OnlineSoftmax::score(int64_t query, Seen seen) {
    const auto q = static_cast<size_t>(query);
    kept_[q] = 1;
    if (seen.begin >= seen.end) return;
    float* scores = scores_ + query * kRowsMax;
    const int64_t n = seen.end - seen.begin;
    const float max = dispatch_.scaleMax(scores + seen.begin, n, shape_.scale, max_[q]);
    kept_[q] = std::exp(max_[q] - max);
    denominator_[q] =
        denominator_[q] * double{kept_[q]} + dispatch_.expSubtract(scores + seen.begin, n, max);
    max_[q] = max;
}

// Adds what some queries see alike to their parts.
void OnlineSoftmax::sumSeen(Queries some, const Rows& rows, Seen seen) {
    if (seen.begin >= seen.end) return;
    dispatch_.addWeighted({.weights = scores_ + some.first * kRowsMax + seen.begin,
                           .weightStride = kRowsMax,
                           .rows = rows.values + seen.begin * shape_.valueStride,
                           .rowStride = shape_.valueStride,
                           .nRows = seen.end - seen.begin},
                          some.count, shape_.valueDim, part_ + some.first * shape_.valueDim,
                          shape_.valueDim);
}

// Rows that all queries see go together; what some see before and after them, alone.
void OnlineSoftmax::sumValues(Queries some, const Rows& rows, std::span<const Seen> seen) {
    Seen common = {0, rows.count};
    for (const Seen& own : seen)
        common = {std::max(common.begin, own.begin), std::min(common.end, own.end)};
    common.end = std::max(common.begin, common.end);
    // The scalar kernel rounds once per call: a query's rows must come in one.
    if (dispatch_.isa == kernels::Isa::scalar) common = {rows.count, rows.count};
    // Neighbours that see the same.
    const auto forAlike = [&](const auto& work) {
        for (size_t i = 0, end = 0; i < seen.size(); i = end) {
            for (end = i + 1; end < seen.size() && seen[end].begin == seen[i].begin &&
                              seen[end].end == seen[i].end;)
                ++end;
            work(Queries{some.first + static_cast<int64_t>(i), static_cast<int64_t>(end - i)},
                 seen[i]);
        }
    };
    std::fill_n(part_ + some.first * shape_.valueDim, some.count * shape_.valueDim, 0.0F);
    forAlike([&](Queries alike, Seen own) {
        sumSeen(alike, rows, {own.begin, std::min(common.begin, own.end)});
    });
    sumSeen(some, rows, common);
    forAlike([&](Queries alike, Seen own) {
        sumSeen(alike, rows, {std::max(common.end, own.begin), own.end});
        if (own.begin >= own.end) return;
        for (int64_t q = alike.first; q < alike.first + alike.count; ++q) {
            const float kept = kept_[static_cast<size_t>(q)];
            for (int64_t i = q * shape_.valueDim; i < (q + 1) * shape_.valueDim; ++i)
                sums_[i] = sums_[i] * kept + part_[i];
        }
    });
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
