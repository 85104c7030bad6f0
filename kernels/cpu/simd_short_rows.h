// Products of float32 rows of few columns, such as keys of attention, with many tokens, written
// once over a vector type V as simd_matmul.h, whose bits they have. There lanes are columns and
// have to be added up for every (row, token), which for 128 columns costs as much as the products.
// Here lanes are rows: a panel of them is turned over once for all tokens. One register sums the
// columns c with c % V::kWidth == chain, and the chains meet in the order of V::sum.
// Sketch for AVX-512, 6 tokens by 32 rows, per column: 2 loads, 6 broadcasts, 12 FMAs, of which a
// core with two 512-bit multipliers does two in a cycle; adding chains up costs an addition for
// each 8 FMAs at 128 columns.
// Threads: any thread.
#pragma once
#include <cstdint>

#include "kernels/dispatch.h"

namespace moxie::kernels {

template <class V>
struct SimdShortRows {
    using Reg = typename V::Reg;

    static constexpr int kWidth = V::kWidth;
    static constexpr int kVectors = 2;  // of rows, beside each other
    static constexpr int kRows = kVectors * kWidth;
    static constexpr int kTokens = V::kRows == 8 ? 6 : 4;  // their sums stay in registers
    static constexpr int64_t kColsMax = 768;
    static constexpr int64_t kTokensMin = 5;  // for fewer, turning rows over costs too much
    static constexpr int kLevels = kWidth == 16 ? 5 : 4;

    static bool takes(const WeightsView& w, int64_t nTokens) {
        return w.dtype == DType::f32 && w.cols <= kColsMax && w.cols % kWidth == 0 &&
               nTokens >= kTokensMin;
    }

    // [chain][column / kWidth][row]
    struct Panel {
        alignas(64) float w[kColsMax][kRows];
    };

    struct Tokens {
        const float* x;
        int64_t stride;
        int64_t n;
    };

    // kWidth rows of which nRows are there, the others are zero.
    static void turnOver(const WeightsView& w, int64_t r, int64_t nRows, int vector, Panel& panel) {
        const int64_t steps = w.cols / kWidth;
        for (int64_t step = 0; step < steps; ++step) {
            Reg lanes[kWidth];
            for (int64_t i = 0; i < kWidth; ++i)
                lanes[i] =
                    i < nRows
                        ? V::load(reinterpret_cast<const float*>(w.data + (r + i) * w.rowBytes) +
                                  step * kWidth)
                        : V::zero();
            V::transpose(lanes);
            for (int64_t chain = 0; chain < kWidth; ++chain)
                V::store(panel.w[chain * steps + step] + vector * kWidth, lanes[chain]);
        }
    }

    // Which chain is the n-th so that neighbours can be added at once.
    static int64_t chainAt(int64_t n) { return kWidth == 16 ? n % 2 * 8 + n / 2 : n; }

    template <int nTokens>
    static void sumChain(const float (*w)[kRows], int64_t steps, const Tokens& tokens,
                         Reg (&acc)[nTokens][kVectors]) {
        for (int t = 0; t < nTokens; ++t)
            for (int v = 0; v < kVectors; ++v)
                acc[t][v] = V::zero();
        for (int64_t step = 0; step < steps; ++step) {
            Reg rows[kVectors];
            for (int v = 0; v < kVectors; ++v)
                rows[v] = V::load(w[step] + v * kWidth);
#pragma GCC unroll 8
            for (int t = 0; t < nTokens; ++t) {
                const Reg x = V::set(tokens.x[t * tokens.stride + step * kWidth]);
                for (int v = 0; v < kVectors; ++v)
                    acc[t][v] = V::fma(rows[v], x, acc[t][v]);
            }
        }
    }

    // Chains are added as a binary counter counts: each level waits for its neighbour.
    template <int nTokens>
    static void tile(const Panel& panel, int64_t cols, const Tokens& tokens, float* y,
                     int64_t yStride, const int64_t* nRows) {
        const int64_t steps = cols / kWidth;
        alignas(64) float waiting[kLevels][nTokens][kRows];
        for (int64_t n = 0; n < kWidth; ++n) {
            const int64_t chain = chainAt(n);
            Reg acc[nTokens][kVectors];
            sumChain<nTokens>(panel.w + chain * steps, steps,
                              {tokens.x + chain, tokens.stride, nTokens}, acc);
            int level = 0;
            for (; (n >> level & 1) != 0; ++level)
#pragma GCC unroll 8
                for (int t = 0; t < nTokens; ++t)
                    for (int v = 0; v < kVectors; ++v)
                        acc[t][v] = V::add(V::load(waiting[level][t] + v * kWidth), acc[t][v]);
#pragma GCC unroll 8
            for (int t = 0; t < nTokens; ++t)
                for (int v = 0; v < kVectors; ++v)
                    V::store(waiting[level][t] + v * kWidth, acc[t][v]);
        }
        for (int t = 0; t < nTokens; ++t)
            for (int v = 0; v < kVectors; ++v)
                store(y + t * yStride + v * kWidth, nRows[v],
                      V::load(waiting[kLevels - 1][t] + v * kWidth));
    }

    static void store(float* y, int64_t n, Reg x) {
        if (n == kWidth)
            V::store(y, x);
        else
            V::storePart(y, n, x);
    }

    // Of tokens.n tokens, at most kTokens.
    template <int nTokens>
    static void tileOf(const Panel& panel, int64_t cols, const Tokens& tokens, float* y,
                       int64_t yStride, const int64_t* nRows) {
        if (tokens.n == nTokens) return tile<nTokens>(panel, cols, tokens, y, yStride, nRows);
        if constexpr (nTokens > 1) tileOf<nTokens - 1>(panel, cols, tokens, y, yStride, nRows);
    }

    // How many of n rows go this way: a few at the end are quicker one by one.
    static int64_t rowsTaken(int64_t n) {
        return n % kRows < kWidth ? n - n % kRows : n;
    }

    // y[t * yStride + r - rowBegin] as Dispatch::matmul, of all rows up to rowEnd. Requires:
    // takes(w, tokens.n).
    static void matmul(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const Tokens& tokens,
                       float* y, int64_t yStride) {
        Panel panel;
        for (int64_t r = rowBegin; r < rowEnd; r += kRows) {
            int64_t nRows[kVectors];
            for (int v = 0; v < kVectors; ++v) {
                const int64_t left = rowEnd - r - v * kWidth;
                nRows[v] = left < 0 ? 0 : left < kWidth ? left : kWidth;
                turnOver(w, r + v * kWidth, nRows[v], v, panel);
            }
            for (int64_t t = 0; t < tokens.n; t += kTokens)
                tileOf<kTokens>(panel, w.cols,
                                {tokens.x + t * tokens.stride, tokens.stride,
                                 tokens.n - t < kTokens ? tokens.n - t : kTokens},
                                y + t * yStride + r - rowBegin, yStride, nRows);
        }
    }
};

}  // namespace moxie::kernels
