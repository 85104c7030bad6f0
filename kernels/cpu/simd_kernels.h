// The fast CPU kernels, written once over a vector type V (kernels/cpu/avx2.cpp, avx512.cpp give
// it). Included only by the file of one instruction set, which is compiled with that set's flags:
// all code here is a template over V, so that no two instruction sets share a symbol. Threads: any
// thread.
//
// Arithmetic: weights are dequantised in registers to the exact float32 value and multiplied with
// float32 activations by FMA. We do not round activations to 8 bits as others do, because one pass
// over 4-bit weights costs about as many cycles as their bytes take to arrive (kernels/README.md).
// Order of summation of one (row, token): lane l sums the columns c with c % V::width == l in
// rising order, then the lanes are added by V::sum's fixed tree. Nothing else enters.
#pragma once
#include <cstdint>
#include <cstring>

#include "kernels/cpu/scalar.h"
#include "kernels/dispatch.h"

namespace moxie::kernels {

template <class V>
struct SimdKernels {
    using Reg = typename V::Reg;

    static constexpr int kWidth = V::kWidth;
    static constexpr int kRows = V::kRows;         // rows in flight; hides the FMA's latency
    static constexpr int kGroups = 32 / kWidth;    // registers of one block of 32 values
    static constexpr int64_t kPanelCols = 768;     // kRows dequantised rows stay in L1
    static constexpr int64_t kPanelTokens = 48;    // their activations stay in L2
    static constexpr int kTileTokens = 3;          // kRows * 3 accumulators stay in registers
    static constexpr int64_t kFusedTokensMax = 2;  // up to here, dequantising twice is cheaper

    // ---- one to two tokens: dequantise in registers, use once

    template <class Format, int nRows>
    static void dotRows(const uint8_t* rows, int64_t rowBytes, const float* x, int64_t cols,
                        Reg* acc) {
        for (int r = 0; r < nRows; ++r)
            acc[r] = V::zero();
        int64_t c = 0;
        for (; c + 32 <= cols; c += 32, rows += Format::kBytesOf32) {
            for (int r = 0; r < nRows; ++r) {
                Reg w[kGroups];
                Format::decode(rows + r * rowBytes, w);
                for (int g = 0; g < kGroups; ++g)
                    acc[r] = V::fma(w[g], V::load(x + c + g * kWidth), acc[r]);
            }
        }
        if constexpr (Format::kHasTail) {
            if (c == cols) return;
            float xTail[32] = {};
            std::memcpy(xTail, x + c, static_cast<size_t>(cols - c) * sizeof(float));
            for (int r = 0; r < nRows; ++r) {
                uint8_t wTail[Format::kBytesOf32] = {};
                std::memcpy(wTail, rows + r * rowBytes,
                            static_cast<size_t>((cols - c) * Format::kBytesOf32 / 32));
                Reg w[kGroups];
                Format::decode(wTail, w);
                for (int g = 0; g < kGroups; ++g)
                    acc[r] = V::fma(w[g], V::load(xTail + g * kWidth), acc[r]);
            }
        }
    }

    template <class Format>
    static void matvec(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x,
                       float* y) {
        Reg acc[kRows];
        int64_t r = rowBegin;
        for (; r + kRows <= rowEnd; r += kRows) {
            dotRows<Format, kRows>(w.data + r * w.rowBytes, w.rowBytes, x, w.cols, acc);
            V::sumRows(acc, y + r - rowBegin);
        }
        for (; r < rowEnd; ++r) {
            dotRows<Format, 1>(w.data + r * w.rowBytes, w.rowBytes, x, w.cols, acc);
            y[r - rowBegin] = V::sum(acc[0]);
        }
    }

    // ---- many tokens: dequantise a panel of kRows rows once, use it for up to kPanelTokens tokens

    struct Panel {
        alignas(64) float w[kRows][kPanelCols];
        alignas(64) float acc[kPanelTokens][kRows][kWidth];
    };

    template <class Format>
    static void dequantisePanel(const uint8_t* rows, int64_t rowBytes, int64_t cols, Panel& panel) {
        for (int r = 0; r < kRows; ++r) {
            const uint8_t* block = rows + r * rowBytes;
            int64_t c = 0;
            Reg w[kGroups];
            for (; c + 32 <= cols; c += 32, block += Format::kBytesOf32) {
                Format::decode(block, w);
                for (int g = 0; g < kGroups; ++g)
                    V::store(&panel.w[r][c + g * kWidth], w[g]);
            }
            if constexpr (Format::kHasTail) {
                if (c == cols) continue;
                uint8_t tail[Format::kBytesOf32] = {};
                std::memcpy(tail, block, static_cast<size_t>((cols - c) * Format::kBytesOf32 / 32));
                Format::decode(tail, w);
                for (int g = 0; g < kGroups; ++g)
                    V::store(&panel.w[r][c + g * kWidth], w[g]);
            }
        }
    }

    // Adds the panel's columns to the accumulators of nTokens tokens.
    template <int nTokens>
    static void tile(Panel& panel, int64_t cols, const float* x, int64_t xStride, int64_t token) {
        Reg acc[nTokens][kRows];
        for (int t = 0; t < nTokens; ++t)
            for (int r = 0; r < kRows; ++r)
                acc[t][r] = V::load(panel.acc[token + t][r]);
        int64_t c = 0;
        for (; c + kWidth <= cols; c += kWidth) {
            Reg xs[nTokens];
            for (int t = 0; t < nTokens; ++t)
                xs[t] = V::load(x + t * xStride + c);
            for (int r = 0; r < kRows; ++r) {
                const Reg w = V::load(&panel.w[r][c]);
                for (int t = 0; t < nTokens; ++t)
                    acc[t][r] = V::fma(w, xs[t], acc[t][r]);
            }
        }
        if (c < cols) {
            for (int t = 0; t < nTokens; ++t) {
                float tail[kWidth] = {};
                std::memcpy(tail, x + t * xStride + c,
                            static_cast<size_t>(cols - c) * sizeof(float));
                const Reg xs = V::load(tail);
                for (int r = 0; r < kRows; ++r)
                    acc[t][r] = V::fma(V::load(&panel.w[r][c]), xs, acc[t][r]);
            }
        }
        for (int t = 0; t < nTokens; ++t)
            for (int r = 0; r < kRows; ++r)
                V::store(panel.acc[token + t][r], acc[t][r]);
    }

    template <class Format>
    static void panelRows(const uint8_t* rows, const WeightsView& w, const float* x,
                          int64_t xStride, int64_t nTokens, float* y, int64_t yStride,
                          Panel& panel) {
        std::memset(panel.acc, 0, sizeof panel.acc[0] * static_cast<size_t>(nTokens));
        for (int64_t begin = 0; begin < w.cols; begin += kPanelCols) {
            const int64_t cols = w.cols - begin < kPanelCols ? w.cols - begin : kPanelCols;
            dequantisePanel<Format>(rows + begin / 32 * Format::kBytesOf32, w.rowBytes, cols,
                                    panel);
            int64_t t = 0;
            for (; t + kTileTokens <= nTokens; t += kTileTokens)
                tile<kTileTokens>(panel, cols, x + t * xStride + begin, xStride, t);
            for (; t < nTokens; ++t)
                tile<1>(panel, cols, x + t * xStride + begin, xStride, t);
        }
        for (int64_t t = 0; t < nTokens; ++t) {
            Reg acc[kRows];
            for (int r = 0; r < kRows; ++r)
                acc[r] = V::load(panel.acc[t][r]);
            V::sumRows(acc, y + t * yStride);
        }
    }

    template <class Format>
    static void matmulAs(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x,
                         int64_t xStride, int64_t nTokens, float* y, int64_t yStride) {
        if (nTokens <= kFusedTokensMax) {
            for (int64_t t = 0; t < nTokens; ++t)
                matvec<Format>(w, rowBegin, rowEnd, x + t * xStride, y + t * yStride);
            return;
        }
        Panel panel;
        for (int64_t t = 0; t < nTokens; t += kPanelTokens) {
            const int64_t n = nTokens - t < kPanelTokens ? nTokens - t : kPanelTokens;
            const float* xs = x + t * xStride;
            float* ys = y + t * yStride;
            int64_t r = rowBegin;
            for (; r + kRows <= rowEnd; r += kRows)
                panelRows<Format>(w.data + r * w.rowBytes, w, xs, xStride, n, ys + r - rowBegin,
                                  yStride, panel);
            for (int64_t i = 0; i < n && r < rowEnd; ++i)
                matvec<Format>(w, r, rowEnd, xs + i * xStride, ys + i * yStride + r - rowBegin);
        }
    }

    static void matmul(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x,
                       int64_t xStride, int64_t nTokens, const uint8_t* scratch, float* y,
                       int64_t yStride) {
        switch (w.dtype) {
            case DType::f32:
                return matmulAs<typename V::F32>(w, rowBegin, rowEnd, x, xStride, nTokens, y,
                                                 yStride);
            case DType::f16:
                return matmulAs<typename V::F16>(w, rowBegin, rowEnd, x, xStride, nTokens, y,
                                                 yStride);
            case DType::q4_0:
                return matmulAs<typename V::Q4_0>(w, rowBegin, rowEnd, x, xStride, nTokens, y,
                                                  yStride);
            case DType::q4_1:
                return matmulAs<typename V::Q4_1>(w, rowBegin, rowEnd, x, xStride, nTokens, y,
                                                  yStride);
            case DType::q8_0:
                return matmulAs<typename V::Q8_0>(w, rowBegin, rowEnd, x, xStride, nTokens, y,
                                                  yStride);
            default:
                return scalar::matmul(w, rowBegin, rowEnd, x, xStride, nTokens, scratch, y,
                                      yStride);
        }
    }

    // ---- vectors

    static float dot(const float* a, const float* b, int64_t n) {
        Reg acc = V::zero();
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            acc = V::fma(V::load(a + i), V::load(b + i), acc);
        if (i < n) acc = V::fma(V::loadPart(a + i, n - i), V::loadPart(b + i, n - i), acc);
        return V::sum(acc);
    }

    static void axpy(float scale, const float* x, float* y, int64_t n) {
        const Reg s = V::set(scale);
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            V::store(y + i, V::fma(s, V::load(x + i), V::load(y + i)));
        if (i < n)
            V::storePart(y + i, n - i,
                         V::fma(s, V::loadPart(x + i, n - i), V::loadPart(y + i, n - i)));
    }

    // y = sum of weights[r] * rows[r]; four registers of y stay in place over all rows.
    static void weightedSum(const float* weights, const float* rows, int64_t nRows, int64_t n,
                            float* y) {
        int64_t i = 0;
        for (; i + 4 * kWidth <= n; i += 4 * kWidth) {
            Reg acc[4] = {V::zero(), V::zero(), V::zero(), V::zero()};
            for (int64_t r = 0; r < nRows; ++r) {
                const Reg weight = V::set(weights[r]);
                for (int k = 0; k < 4; ++k)
                    acc[k] = V::fma(weight, V::load(rows + r * n + i + k * kWidth), acc[k]);
            }
            for (int k = 0; k < 4; ++k)
                V::store(y + i + k * kWidth, acc[k]);
        }
        for (; i < n; i += kWidth) {
            const int64_t part = n - i < kWidth ? n - i : kWidth;
            Reg acc = V::zero();
            for (int64_t r = 0; r < nRows; ++r)
                acc = V::fma(V::set(weights[r]), V::loadPart(rows + r * n + i, part), acc);
            V::storePart(y + i, part, acc);
        }
    }

    static void rmsNorm(const float* x, const float* weight, float epsilon, float* y, int64_t n) {
        const float mean = dot(x, x, n) / static_cast<float>(n);
        const Reg scale = V::set(1.0F / __builtin_sqrtf(mean + epsilon));
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            V::store(y + i, V::mul(V::mul(V::load(x + i), scale), V::load(weight + i)));
        if (i < n)
            V::storePart(
                y + i, n - i,
                V::mul(V::mul(V::loadPart(x + i, n - i), scale), V::loadPart(weight + i, n - i)));
    }

    // e^x for x <= 88; 0 below -87.3. Cody and Waite's reduction, Taylor polynomial of degree 7 on
    // |r| <= ln(2) / 2 (remainder 5e-9). Error bound: 3e-7 relative.
    static Reg exp(Reg x) {
        const Reg low = V::set(-87.3F);
        const Reg clamped = V::min(V::max(x, low), V::set(88.0F));
        const Reg n = V::round(V::mul(clamped, V::set(1.44269504F)));
        Reg r = V::fma(n, V::set(-0.693359375F), clamped);
        r = V::fma(n, V::set(2.12194440e-4F), r);
        Reg p = V::set(1.0F / 5040);
        p = V::fma(p, r, V::set(1.0F / 720));
        p = V::fma(p, r, V::set(1.0F / 120));
        p = V::fma(p, r, V::set(1.0F / 24));
        p = V::fma(p, r, V::set(1.0F / 6));
        p = V::fma(p, r, V::set(0.5F));
        p = V::fma(p, r, V::set(1.0F));
        p = V::fma(p, r, V::set(1.0F));
        return V::zeroWhereLess(x, low, V::mul(p, V::powerOfTwo(n)));
    }

    static float expSubtract(float* x, int64_t n, float max) {
        const Reg maxes = V::set(max);
        Reg sums = V::zero();
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth) {
            const Reg e = exp(V::sub(V::load(x + i), maxes));
            sums = V::add(sums, e);
            V::store(x + i, e);
        }
        float sum = V::sum(sums);
        for (; i < n; ++i) {  // the tail goes through the same exp, one lane each
            x[i] = V::first(exp(V::set(x[i] - max)));
            sum += x[i];
        }
        return sum;
    }

    static void softmax(float* x, int64_t n) {
        if (n <= 0) return;
        float max = x[0];
        for (int64_t i = 1; i < n; ++i)
            max = x[i] > max ? x[i] : max;
        const float scale = 1.0F / expSubtract(x, n, max);
        for (int64_t i = 0; i < n; ++i)
            x[i] *= scale;
    }

    static Reg silu(Reg gate, Reg up) {
        const Reg denominator = V::add(V::set(1.0F), exp(V::sub(V::zero(), gate)));
        return V::mul(V::div(gate, denominator), up);
    }

    static void siluMul(const float* gate, const float* up, float* y, int64_t n) {
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            V::store(y + i, silu(V::load(gate + i), V::load(up + i)));
        if (i < n)
            V::storePart(y + i, n - i,
                         silu(V::loadPart(gate + i, n - i), V::loadPart(up + i, n - i)));
    }
};

}  // namespace moxie::kernels
