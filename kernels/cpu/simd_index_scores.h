// Index scores, written once over a vector type V: keys stand in lanes, four heads of a token
// beside each other, so that products, their positive part and the sum over heads stay in
// registers. V has Reg (floats), Keys (codes of some keys, four dimensions each), Query (four codes
// in all lanes) and Sums (int32). Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstring>

#include "kernels/cpu/index_scores.h"
#include "kernels/dispatch.h"

namespace moxie::kernels {

template <class V>
struct SimdIndexScores {
    using Reg = typename V::Reg;
    using Sums = typename V::Sums;

    static constexpr int kWidth = V::kWidth;
    static constexpr int kVectors = V::kVectors;  // registers of keys
    static constexpr int kKeys = kWidth * kVectors;
    static constexpr int kHeads = 4;

    static constexpr int64_t kStep = 4 * kPanelKeys;  // bytes of four dimensions
    static constexpr int kLine = 64;
    static constexpr int kKeyLines = kKeys * 4 / kLine;  // of four dimensions

    // Keys of a panel from one of them on, and the same place of a panel ahead.
    struct KeysAt {
        const uint8_t* codes;
        const int32_t* offsets;
        const uint8_t* ahead;
    };

    // For lines of the panel ahead, which go on by kStep.
    template <int nLines>
    static void ask(KeysAt& at) {
        for (int i = 0; i < nLines; ++i)
            _mm_prefetch(at.ahead + i * kLine, _MM_HINT_T0);
        if constexpr (nLines > 0) at.ahead += kStep;
    }

    // total += weight * max(0, query · key) of nHeads heads, one after the other. nLines: asked for
    // ahead with each four dimensions, all of the panel ahead in the end.
    template <int nHeads, int nLines>
    static void addRounded(const uint8_t* codes, const float* weights, int64_t dim, KeysAt at,
                           Reg* total) {
        Sums acc[nHeads][kVectors];
        for (int v = 0; v < kVectors; ++v) {
            const Sums offset = V::loadSums(at.offsets + v * kWidth);
            for (int h = 0; h < nHeads; ++h)
                acc[h][v] = offset;
        }
        for (int64_t i = 0; i < dim; i += 4) {
            typename V::Keys four[kVectors];
            for (int v = 0; v < kVectors; ++v)
                four[v] = V::loadKeys(at.codes + v * kWidth * 4);
            at.codes += kStep;
            ask<nLines>(at);
#pragma GCC unroll 4
            for (int h = 0; h < nHeads; ++h) {
                int32_t word = 0;
                std::memcpy(&word, codes + h * dim + i, sizeof word);
                const typename V::Query query = V::query(word);
                for (int v = 0; v < kVectors; ++v)
                    acc[h][v] = V::addProducts(acc[h][v], query, four[v]);
            }
        }
        ask<nLines>(at);  // the line of offsets, and that of scales
        ask<nLines>(at);
        for (int h = 0; h < nHeads; ++h)
            for (int v = 0; v < kVectors; ++v)
                total[v] = V::fma(V::set(weights[h]), V::positive(acc[h][v]), total[v]);
    }

    template <int nHeads>
    static void addExact(const float* values, const float* weights, int64_t dim, const float* keys,
                         Reg* total) {
        Reg acc[nHeads][kVectors];
        for (int h = 0; h < nHeads; ++h)
            for (int v = 0; v < kVectors; ++v)
                acc[h][v] = V::zero();
        for (int64_t i = 0; i < dim; ++i, keys += kPanelKeys) {
            Reg column[kVectors];
            for (int v = 0; v < kVectors; ++v)
                column[v] = V::load(keys + v * kWidth);
#pragma GCC unroll 4
            for (int h = 0; h < nHeads; ++h) {
                const Reg query = V::set(values[h * dim + i]);
                for (int v = 0; v < kVectors; ++v)
                    acc[h][v] = V::fma(query, column[v], acc[h][v]);
            }
        }
        for (int h = 0; h < nHeads; ++h)
            for (int v = 0; v < kVectors; ++v)  // of two operands the second if one is NaN
                total[v] = V::fma(V::set(weights[h]), V::max(V::zero(), acc[h][v]), total[v]);
    }

    // add(heads, firstHead, total) takes `heads` heads at once.
    template <class Add>
    static void addAllHeads(int64_t nHeads, Reg* total, const Add& add) {
        for (int v = 0; v < kVectors; ++v)
            total[v] = V::zero();
        int64_t head = 0;
        for (; head + kHeads <= nHeads; head += kHeads)
            add(std::integral_constant<int, kHeads>(), head, total);
        for (; head < nHeads; ++head)
            add(std::integral_constant<int, 1>(), head, total);
    }

    // Bits of the keys that are above the threshold.
    static uint64_t store(const Reg* total, float threshold, float* scores) {
        uint64_t bits = 0;
        for (int v = 0; v < kVectors; ++v) {
            V::store(scores + v * kWidth, total[v]);
            bits |= uint64_t{V::greater(total[v], V::set(threshold))} << (v * kWidth);
        }
        return bits;
    }

    // ---- keys

    // kWidth keys as lanes; the sums of their codes come along.
    static Sums packLanes(const RoundedKeys& keys, int64_t firstKey, int64_t dim, uint8_t* panel) {
        constexpr int64_t kBytes = 4 * kWidth;
        constexpr int32_t kOnes = 0x01010101;
        const int64_t there = keys.count - firstKey;
        Sums sums = V::noSums();
        for (int64_t i = 0; i < dim; i += kBytes) {
            const int64_t nFours = (dim - i < kBytes ? dim - i : kBytes) / 4;
            Sums rows[kWidth];
            for (int key = 0; key < kWidth; ++key)
                rows[key] =
                    key < there
                        ? V::loadFours(keys.codes + (firstKey + key) * keys.rowBytes + i, nFours)
                        : V::noSums();
            V::transpose(rows);
            uint8_t* out = panel + (i * kPanelKeys + 4 * firstKey);
            for (int64_t four = 0; four < nFours; ++four) {
                V::storeSums(out + four * 4 * kPanelKeys, rows[four]);
                sums = V::addProducts(sums, V::query(kOnes), V::keysOf(rows[four]));
            }
        }
        return sums;
    }

    static void pack(const RoundedKeys& keys, int64_t dim, uint8_t* panel) {
        uint8_t* offsets = panel + dim * kPanelKeys;
        uint8_t* scales = offsets + 4 * kPanelKeys;
        for (int64_t key = 0; key < kPanelKeys; key += kWidth)
            V::storeSums(offsets + 4 * key, V::times128Below(packLanes(keys, key, dim, panel)));
        std::memset(scales, 0, 4 * kPanelKeys);
        std::memcpy(scales, keys.scales, static_cast<size_t>(4 * keys.count));
    }

    // A block of 32 values at a time.
    static void roundFp4(const Fp4Rows& rows, int64_t dim, int8_t* codes, float* scales) {
        const __m128i low = _mm_set1_epi8(15);
        Fp4IndexRow row;
        for (int64_t r = 0; r < rows.count; ++r) {
            const uint8_t* nibbles = rows.data + r * rows.rowBytes;
            chooseFp4Tables(nibbles + dim / 2, dim, row);
            for (int64_t block = 0; block < dim / kE2m1Block; ++block) {
                const auto* at = reinterpret_cast<const __m128i*>(nibbles) + block;
                const __m128i both = _mm_loadu_si128(at);
                const __m128i table =
                    _mm_loadu_si128(reinterpret_cast<const __m128i*>(row.tables[block]));
                const __m128i even = _mm_shuffle_epi8(table, _mm_and_si128(both, low));
                const __m128i odd =
                    _mm_shuffle_epi8(table, _mm_and_si128(_mm_srli_epi16(both, 4), low));
                auto* out = reinterpret_cast<__m128i*>(codes + r * dim + block * kE2m1Block);
                _mm_storeu_si128(out, _mm_unpacklo_epi8(even, odd));
                _mm_storeu_si128(out + 1, _mm_unpackhi_epi8(even, odd));
            }
            scales[r] = row.scale;
        }
    }

    // ---- scores

    static void exact(const IndexQueries& q, const float* panel, float* scores, uint64_t* above) {
        for (int64_t t = 0; t < q.nTokens; ++t) {
            above[t] = 0;
            const float* weights = q.weights + t * q.nHeads;
            const float* values = q.values + t * q.nHeads * q.dim;
            for (int64_t key = 0; key < kPanelKeys; key += kKeys) {
                Reg total[kVectors];
                addAllHeads(q.nHeads, total, [&](auto heads, int64_t head, Reg* sums) {
                    addExact<heads>(values + head * q.dim, weights + head, q.dim, panel + key,
                                    sums);
                });
                above[t] |= store(total, q.thresholds[t], scores + t * kPanelKeys + key) << key;
            }
        }
    }

    static void rounded(const IndexQueries& q, const RoundedPanel& panel, float* scores,
                        uint64_t* above) {
        const auto* offsets = reinterpret_cast<const int32_t*>(panel.keys + q.dim * kPanelKeys);
        const auto* scales = reinterpret_cast<const float*>(offsets + kPanelKeys);
        for (int64_t t = 0; t < q.nTokens; ++t) {
            above[t] = 0;
            const float* weights = q.weights + t * q.nHeads;
            const uint8_t* codes = q.codes + t * q.nHeads * q.dim;
            const bool hasAhead = t == 0 && panel.ahead != nullptr;
            for (int64_t key = 0; key < kPanelKeys; key += kKeys) {
                Reg total[kVectors];
                addAllHeads(q.nHeads, total, [&](auto heads, int64_t head, Reg* sums) {
                    const KeysAt at = {panel.keys + 4 * key, offsets + key,
                                       hasAhead ? panel.ahead + 4 * key : nullptr};
                    if (head == 0 && hasAhead)
                        addRounded<heads, kKeyLines>(codes, weights, q.dim, at, sums);
                    else
                        addRounded<heads, 0>(codes + head * q.dim, weights + head, q.dim, at, sums);
                });
                for (int v = 0; v < kVectors; ++v)
                    total[v] = V::mul(total[v], V::load(scales + key + v * kWidth));
                above[t] |= store(total, q.thresholds[t], scores + t * kPanelKeys + key) << key;
            }
        }
    }
};

}  // namespace moxie::kernels
