// Index scores, written once over a vector type V: keys stand in lanes, four heads of a token
// beside each other, so that products, their positive part and the sum over heads stay in
// registers. V has Reg (floats), Keys (codes of some keys, four dimensions each), Query (four codes
// in all lanes) and Sums (int32). Threads: any thread.
#pragma once
#include <cstring>

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

    // total += weight * max(0, query · key) of nHeads heads, one after the other.
    template <int nHeads>
    static void addRounded(const uint8_t* codes, const float* weights, int64_t dim,
                           const uint8_t* keys, const int32_t* offsets, Reg* total) {
        Sums acc[nHeads][kVectors];
        for (int v = 0; v < kVectors; ++v) {
            const Sums offset = V::loadSums(offsets + v * kWidth);
            for (int h = 0; h < nHeads; ++h)
                acc[h][v] = offset;
        }
        for (int64_t i = 0; i < dim; i += 4, keys += 4 * kPanelKeys) {
            typename V::Keys four[kVectors];
            for (int v = 0; v < kVectors; ++v)
                four[v] = V::loadKeys(keys + v * kWidth * 4);
#pragma GCC unroll 4
            for (int h = 0; h < nHeads; ++h) {
                int32_t word = 0;
                std::memcpy(&word, codes + h * dim + i, sizeof word);
                const typename V::Query query = V::query(word);
                for (int v = 0; v < kVectors; ++v)
                    acc[h][v] = V::addProducts(acc[h][v], query, four[v]);
            }
        }
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

    static void rounded(const IndexQueries& q, const uint8_t* panel, float* scores,
                        uint64_t* above) {
        const auto* offsets = reinterpret_cast<const int32_t*>(panel + q.dim * kPanelKeys);
        const auto* scales = reinterpret_cast<const float*>(offsets + kPanelKeys);
        for (int64_t t = 0; t < q.nTokens; ++t) {
            above[t] = 0;
            const float* weights = q.weights + t * q.nHeads;
            const uint8_t* codes = q.codes + t * q.nHeads * q.dim;
            for (int64_t key = 0; key < kPanelKeys; key += kKeys) {
                Reg total[kVectors];
                addAllHeads(q.nHeads, total, [&](auto heads, int64_t head, Reg* sums) {
                    addRounded<heads>(codes + head * q.dim, weights + head, q.dim, panel + 4 * key,
                                      offsets + key, sums);
                });
                for (int v = 0; v < kVectors; ++v)
                    total[v] = V::mul(total[v], V::load(scales + key + v * kWidth));
                above[t] |= store(total, q.thresholds[t], scores + t * kPanelKeys + key) << key;
            }
        }
    }
};

}  // namespace moxie::kernels
