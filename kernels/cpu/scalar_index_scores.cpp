// Index scores, one key at a time. Exact: sums in float64, rounded once. Rounded: products in
// integers, heads in float32 from the first to the last, which every instruction set repeats to the
// bit.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/result.h"
#include "kernels/cpu/index_scores.h"
#include "kernels/float_formats.h"

namespace moxie::kernels {

namespace {

constexpr int kBitsKept = 3;  // 6 in E2M1 is 12 halves: 96 with three bits more

// The codes of all nibbles, in halves of the block's scale times 2^bits.
constexpr int8_t shifted(int nibble, int bits) {
    constexpr int kHalves[8] = {0, 1, 2, 3, 4, 6, 8, 12};
    const int size = kHalves[nibble & 7];
    int code = 0;
    if (bits >= 0) {
        code = size << bits;
    } else {
        const int below = -bits;
        const int half = below > 30 ? 0 : (1 << below) / 2;
        code = size >> std::min(below, 30);
        const int rest = size - (code << std::min(below, 30));
        if (rest > half || (rest == half && code % 2 != 0)) ++code;
    }
    return static_cast<int8_t>(nibble >= 8 ? -code : code);
}

constexpr int kGapMax = 8;  // from here on everything is zero

constexpr auto kShiftedCodes = [] {
    std::array<std::array<int8_t, 16>, kGapMax + 1> tables = {};
    for (int gap = 0; gap <= kGapMax; ++gap)
        for (int nibble = 0; nibble < 16; ++nibble)
            tables[static_cast<size_t>(gap)][static_cast<size_t>(nibble)] =
                shifted(nibble, kBitsKept - gap);
    return tables;
}();

}  // namespace

void chooseFp4Tables(const uint8_t* scales, int64_t dim, Fp4IndexRow& row) {
    constexpr int kNan = 255;
    const int64_t nBlocks = dim / kE2m1Block;
    const int top = *std::max_element(scales, scales + nBlocks);
    for (int64_t block = 0; block < nBlocks; ++block)
        row.tables[block] =
            kShiftedCodes[static_cast<size_t>(std::min(top - scales[block], kGapMax))].data();
    row.scale = top == kNan ? std::numeric_limits<float>::quiet_NaN()
                            : e8m0ToFloat(static_cast<uint8_t>(top)) * 0x1p-4F;
}

namespace scalar {

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

void indexScoresRounded(const IndexQueries& queries, const RoundedPanel& panel, float* scores,
                        uint64_t* above) {
    const auto [values, codes, weights, thresholds, nTokens, nHeads, dim] = queries;
    const auto* offsets = reinterpret_cast<const int32_t*>(panel.keys + dim * kPanelKeys);
    const auto* scales = reinterpret_cast<const float*>(offsets + kPanelKeys);
    const auto* keys = reinterpret_cast<const int8_t*>(panel.keys);
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

void packRoundedIndexKeys(const RoundedKeys& keys, int64_t dim, uint8_t* panel) {
    BASE_CHECK(canRoundIndex(dim));
    auto* fours = reinterpret_cast<uint32_t*>(panel);
    auto* offsets = reinterpret_cast<int32_t*>(panel + dim * kPanelKeys);
    auto* scales = reinterpret_cast<float*>(offsets + kPanelKeys);
    if (keys.count < kPanelKeys) std::memset(panel, 0, static_cast<size_t>(roundedPanelBytes(dim)));
    for (int64_t key = 0; key < keys.count; ++key) {
        const int8_t* codes = keys.codes + key * keys.rowBytes;
        int32_t sum = 0;
        for (int64_t i = 0; i < dim; ++i)
            sum += codes[i];
        for (int64_t four = 0; four < dim / 4; ++four)
            std::memcpy(fours + four * kPanelKeys + key, codes + 4 * four, 4);
        offsets[key] = -128 * sum;
        scales[key] = keys.scales[key];
    }
}

void roundFp4IndexRows(const Fp4Rows& rows, int64_t dim, int8_t* codes, float* scales) {
    Fp4IndexRow row;
    for (int64_t r = 0; r < rows.count; ++r) {
        const uint8_t* nibbles = rows.data + r * rows.rowBytes;
        chooseFp4Tables(nibbles + dim / 2, dim, row);
        for (int64_t i = 0; i < dim; i += 2) {
            const int8_t* table = row.tables[i / kE2m1Block];
            codes[r * dim + i] = table[nibbles[i / 2] & 15];
            codes[r * dim + i + 1] = table[nibbles[i / 2] >> 4];
        }
        scales[r] = row.scale;
    }
}

}  // namespace scalar

}  // namespace moxie::kernels
