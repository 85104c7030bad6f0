// Index scores, one key at a time. Exact: sums in float64, rounded once. Rounded: products in
// integers, heads in float32 from the first to the last, which every instruction set repeats to the
// bit.
#include <algorithm>
#include <cmath>

#include "kernels/cpu/index_scores.h"

namespace moxie::kernels::scalar {

namespace {

void finishScore(const IndexQueries& queries, int64_t token, int64_t key, float score,
                 float* scores, uint64_t* above) {
    scores[token * kPanelKeys + key] = score;
    if (key == 0) above[token] = 0;
    if (score > queries.thresholds[token]) above[token] |= uint64_t{1} << key;
}

}  // namespace

void indexScores(const IndexQueries& queries, const float* panel, float* scores, uint64_t* above) {
    const auto [values, codes, weights, thresholds, nTokens, nHeads, dim] = queries;
    for (int64_t t = 0; t < nTokens; ++t)
        for (int64_t key = 0; key < kPanelKeys; ++key) {
            double score = 0;
            for (int64_t h = 0; h < nHeads; ++h) {
                const float* query = values + (t * nHeads + h) * dim;
                double product = 0;
                for (int64_t i = 0; i < dim; ++i)
                    product += double{query[i]} * double{panel[i * kPanelKeys + key]};
                // Of two operands the first is the result if one is NaN.
                score += double{weights[t * nHeads + h]} * std::max(product, 0.0);
            }
            finishScore(queries, t, key, static_cast<float>(score), scores, above);
        }
}

void indexScoresRounded(const IndexQueries& queries, const uint8_t* panel, float* scores,
                        uint64_t* above) {
    const auto [values, codes, weights, thresholds, nTokens, nHeads, dim] = queries;
    const auto* offsets = reinterpret_cast<const int32_t*>(panel + dim * kPanelKeys);
    const auto* scales = reinterpret_cast<const float*>(offsets + kPanelKeys);
    const auto* keys = reinterpret_cast<const int8_t*>(panel);
    for (int64_t t = 0; t < nTokens; ++t)
        for (int64_t key = 0; key < kPanelKeys; ++key) {
            float score = 0;
            for (int64_t h = 0; h < nHeads; ++h) {
                const uint8_t* query = codes + (t * nHeads + h) * dim;
                int32_t product = offsets[key];
                for (int64_t i = 0; i < dim; ++i)
                    product += query[i] * keys[(i / 4 * kPanelKeys + key) * 4 + i % 4];
                score = std::fma(weights[t * nHeads + h], static_cast<float>(std::max(product, 0)),
                                 score);
            }
            finishScore(queries, t, key, score * scales[key], scores, above);
        }
}

}  // namespace moxie::kernels::scalar
