#include "engine/execute/online_softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/result.h"

namespace moxie::engine {

namespace {

constexpr int64_t kBorderFloats = 16;  // 64 bytes

float* atBorder(float* scratch) {
    constexpr uintptr_t kBorder = kBorderFloats * sizeof(float);
    const uintptr_t behind = reinterpret_cast<uintptr_t>(scratch) % kBorder;
    return scratch + (kBorder - behind) % kBorder / sizeof(float);
}

// Rows of sums, and floats of each.
int64_t sumsRows(const AttentionShape& shape) {
    return shape.products == AttentionProducts::exact
               ? shape.nQueries
               : kernels::wholeTiles(shape.nQueries, kernels::kBf16TileRows);
}

int64_t strideOf(const AttentionShape& shape) {
    return shape.products == AttentionProducts::exact ? shape.valueDim
                                                      : AttentionTiles::sumsStride(shape);
}

}  // namespace

int64_t OnlineSoftmax::scratchFloats(const Shape& shape) {
    return kBorderFloats + sumsRows(shape) * strideOf(shape) +
           (shape.products == AttentionProducts::exact
                ? shape.nQueries * (kRowsMax + shape.valueDim)
                : AttentionTiles::scratchFloats(shape));
}

OnlineSoftmax::OnlineSoftmax(const kernels::Dispatch& dispatch, const Shape& shape,
                             const float* queries, float* scratch)
    : dispatch_(dispatch),
      shape_(shape),
      queries_(queries),
      sumsStride_(strideOf(shape)),
      sums_(atBorder(scratch)) {
    BASE_CHECK(shape.nQueries <= kQueriesMax);
    float* rest = sums_ + sumsRows(shape) * sumsStride_;
    if (shape.products == AttentionProducts::exact) {
        part_ = rest;
        scores_ = part_ + shape.nQueries * sumsStride_;
    } else {
        tiles_.emplace(dispatch, shape, queries, rest);
    }
    std::fill_n(max_.begin(), shape.nQueries, -std::numeric_limits<float>::infinity());
    std::fill_n(denominator_.begin(), shape.nQueries, 0.0);
    std::fill_n(sums_, sumsRows(shape) * sumsStride_, 0.0F);
}

void OnlineSoftmax::add(const Rows& rows, std::span<const Seen> seen) {
    addTo({0, shape_.nQueries}, rows, {seen, shape_.nQueries / std::ssize(seen)});
}

void OnlineSoftmax::addFor(Queries some, const Rows& rows) {
    const Seen all = {0, rows.count};
    addTo(some, rows, {{&all, 1}, some.count});
}

void OnlineSoftmax::addTo(Queries some, const Rows& rows, const SeenByQueries& seen) {
    BASE_CHECK(rows.count <= kRowsMax);
    if (tiles_) return addRounded(some, rows, seen);
    const kernels::WeightsView keys = {.dtype = kernels::DType::f32,
                                       .data = reinterpret_cast<const uint8_t*>(rows.keys),
                                       .rows = rows.count,
                                       .cols = shape_.keyDim,
                                       .rowBytes = shape_.keyDim * int64_t{sizeof(float)}};
    dispatch_.matmul(keys, 0, rows.count, queries_ + some.first * shape_.keyDim, shape_.keyDim,
                     some.count, scores_ + some.first * kRowsMax, kRowsMax);
    for (int64_t i = 0; i < some.count; ++i)
        score(some.first + i, seen.of(i));
    sumValues(some, rows, seen);
}

void OnlineSoftmax::addRounded(Queries some, const Rows& rows, const SeenByQueries& seen) {
    tiles_->takeRows(rows);
    constexpr int64_t kAtOnce = AttentionTiles::kQueriesAtOnce;
    for (int64_t i = 0; i < some.count; i += kAtOnce)
        addRoundedPart({some.first + i, std::min(kAtOnce, some.count - i)}, i, seen);
}

// Queries from the first-th of those that `seen` tells of.
void OnlineSoftmax::addRoundedPart(Queries part, int64_t first, const SeenByQueries& seen) {
    std::array<kernels::SeenScores, AttentionTiles::kQueriesAtOnce> scores;
    Seen any = {kRowsMax, 0};
    for (int64_t i = 0; i < part.count;) {
        const Seen& own = seen.of(first + i);
        const int64_t alike = seen.nQueriesEach - (first + i) % seen.nQueriesEach;
        for (const int64_t end = std::min(part.count, i + alike); i < end; ++i)
            scores[static_cast<size_t>(i)] = {.begin = own.begin,
                                              .end = own.end,
                                              .max = max_[static_cast<size_t>(part.first + i)]};
        if (own.begin < own.end) any = {std::min(any.begin, own.begin), std::max(any.end, own.end)};
    }
    if (any.begin >= any.end) return;
    tiles_->multiplyKeys(part, any);
    tiles_->weigh(part, any, std::span(scores).first(static_cast<size_t>(part.count)));
    float* sums = sums_ + part.first * sumsStride_;
    for (int64_t i = 0; i < part.count; ++i, sums += sumsStride_) {
        const kernels::SeenScores& own = scores[static_cast<size_t>(i)];
        const float kept = goOn(part.first + i, own.max, own.sum);
        for (int64_t k = 0; k < sumsStride_ && kept != 1; ++k)
            sums[k] *= kept;
    }
    tiles_->addValues(part, any, sums_ + part.first * sumsStride_);
}

// The maximum and the denominator go on; what the sums so far are to be multiplied with.
float OnlineSoftmax::goOn(int64_t query, float max, float sum) {
    const auto q = static_cast<size_t>(query);
    const float kept = max == max_[q] ? 1 : std::exp(max_[q] - max);
    denominator_[q] = denominator_[q] * double{kept} + double{sum};
    max_[q] = max;
    return kept;
}

// Products become powers.
void OnlineSoftmax::score(int64_t query, Seen seen) {
    const auto q = static_cast<size_t>(query);
    kept_[q] = 1;
    if (seen.begin >= seen.end) return;
    float* scores = scores_ + query * kRowsMax + seen.begin;
    const int64_t n = seen.end - seen.begin;
    const float max = dispatch_.scaleMax(scores, n, shape_.scale, max_[q]);
    kept_[q] = goOn(query, max, dispatch_.expSubtract(scores, n, max));
}

// Adds what some queries see alike to their parts.
void OnlineSoftmax::sumSeen(Queries some, const Rows& rows, Seen seen) {
    if (seen.begin >= seen.end) return;
    dispatch_.addWeighted({.weights = scores_ + some.first * kRowsMax + seen.begin,
                           .weightStride = kRowsMax,
                           .rows = rows.values + seen.begin * shape_.valueStride,
                           .rowStride = shape_.valueStride,
                           .nRows = seen.end - seen.begin},
                          some.count, shape_.valueDim, part_ + some.first * sumsStride_,
                          sumsStride_);
}

// Rows that all queries see go together; what some see before and after them, alone.
void OnlineSoftmax::sumValues(Queries some, const Rows& rows, const SeenByQueries& seen) {
    Seen common = {0, rows.count};
    for (const Seen& own : seen.rows)
        common = {std::max(common.begin, own.begin), std::min(common.end, own.end)};
    common.end = std::max(common.begin, common.end);
    // The scalar kernel rounds once per call: a query's rows must come in one.
    if (dispatch_.isa == kernels::Isa::scalar) common = {rows.count, rows.count};
    // Neighbours that see the same.
    const auto forAlike = [&](const auto& work) {
        const std::span<const Seen> all = seen.rows;
        for (size_t i = 0, end = 0; i < all.size(); i = end) {
            for (end = i + 1;
                 end < all.size() && all[end].begin == all[i].begin && all[end].end == all[i].end;)
                ++end;
            work(Queries{some.first + static_cast<int64_t>(i) * seen.nQueriesEach,
                         static_cast<int64_t>(end - i) * seen.nQueriesEach},
                 all[i]);
        }
    };
    std::fill_n(part_ + some.first * sumsStride_, some.count * sumsStride_, 0.0F);
    forAlike([&](Queries alike, Seen own) {
        sumSeen(alike, rows, {own.begin, std::min(common.begin, own.end)});
    });
    sumSeen(some, rows, common);
    forAlike([&](Queries alike, Seen own) {
        sumSeen(alike, rows, {std::max(common.end, own.begin), own.end});
        if (own.begin >= own.end) return;
        for (int64_t q = alike.first; q < alike.first + alike.count; ++q) {
            const float kept = kept_[static_cast<size_t>(q)];
            for (int64_t i = q * sumsStride_; i < (q + 1) * sumsStride_; ++i)
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
            out[q * outStride + i] = sums_[q * sumsStride_ + i] * scale;
    }
}

}  // namespace moxie::engine
