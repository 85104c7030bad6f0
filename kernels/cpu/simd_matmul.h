// The products of the fast CPU kernels, written once over a vector type V (kernels/cpu/avx2.cpp,
// avx512.cpp give it). Included only by the file of one instruction set, which is compiled with
// that set's flags: all code here is a template over V, so that no two instruction sets share a
// symbol. Threads: any thread.
//
// Arithmetic: weights are dequantised in registers to the exact float32 value and multiplied with
// float32 activations by FMA. We do not round activations to 8 bits as others do, because one pass
// over 4-bit weights costs about as many cycles as their bytes take to arrive (kernels/README.md).
// Order of summation of one (row, token): lane l sums the columns c with c % V::width == l in
// rising order, then the lanes are added by V::sum's fixed tree. Nothing else enters.
#pragma once
#include <cstdint>
#include <cstring>

#include "kernels/cpu/simd_formats.h"
#include "kernels/cpu/simd_short_rows.h"
#include "kernels/cpu/tables.h"
#include "kernels/dispatch.h"

namespace moxie::kernels {

template <class V>
struct SimdMatmul {
    using Reg = typename V::Reg;

    static constexpr int kWidth = V::kWidth;
    static constexpr int kRows = V::kRows;       // rows in flight; hides the FMA's latency
    static constexpr int kGroups = 32 / kWidth;  // registers of one block of 32 values
    static constexpr int64_t kPanelCols = 768;   // kRows dequantised rows stay in L1
    static constexpr int64_t kPanelGroups = kPanelCols / 32;
    static constexpr int64_t kPanelTokens = 48;    // their activations stay in L2
    static constexpr int kTileTokens = 3;          // kRows * 3 accumulators stay in registers
    static constexpr int64_t kFusedTokensMax = 2;  // up to here, dequantising twice is cheaper

    struct Activations {
        const float* values;
        int64_t stride;
        int64_t nTokens;
    };

    // ---- decoding, 32 values at a time

    template <class Format>
    static constexpr int kParts = Format::kValues / 32;

    // 32 values of a format without super-blocks; `scale` is read if scales lie apart.
    template <class Format>
    static void decode32(const uint8_t* values, const float* scale, Reg* w) {
        if constexpr (Format::kScalesApart)
            Format::decode(values, V::set(*scale), w);
        else
            Format::decode(values, w);
    }

    // The n values that are left when fewer than 32 are; zeros follow them.
    template <class Format>
    static void decodeTail(const uint8_t* values, int64_t n, const float* scale, Reg* w) {
        uint8_t tail[Format::kBytes] = {};
        std::memcpy(tail, values, static_cast<size_t>(n * Format::kBytes / 32));
        decode32<Format>(tail, scale, w);
    }

    // use(c, w) for each 32 columns of a row, c counted from the row's part that starts here.
    template <class Format, class Use>
    static void decodeRow(const uint8_t* row, const float* scales, int64_t cols, Use use) {
        Reg w[kGroups];
        int64_t c = 0;
        for (; c + Format::kValues <= cols; c += Format::kValues, row += Format::kBytes) {
            if constexpr (kParts<Format> == 1) {
                decode32<Format>(row, scales + c / 32, w);
                use(c, w);
            } else {
                typename Format::Header header;
                Format::readHeader(row, header);
                for (int part = 0; part < kParts<Format>; ++part) {
                    Format::decode(row, header, part, w);
                    use(c + part * 32, w);
                }
            }
        }
        if constexpr (Format::kHasTail) {
            if (c == cols) return;
            decodeTail<Format>(row, cols - c, scales + c / 32, w);
            use(c, w);
        }
    }

    // ---- one to two tokens: dequantise in registers, use once

    static void addProducts(const Reg* w, const float* x, Reg& acc) {
        for (int g = 0; g < kGroups; ++g)
            acc = V::fma(w[g], V::load(x + g * kWidth), acc);
    }

    // Adds cols columns of nRows rows; scales: kPanelGroups of each row.
    template <class Format, int nRows>
    static void dotBlocks(const uint8_t* rows, int64_t rowBytes, const float* scales,
                          const float* x, int64_t cols, Reg* acc) {
        int64_t c = 0;
        Reg w[kGroups];
        for (; c + Format::kValues <= cols; c += Format::kValues, rows += Format::kBytes) {
            if constexpr (kParts<Format> == 1) {
#pragma GCC unroll 8  // accumulators stay in registers
                for (int r = 0; r < nRows; ++r) {
                    decode32<Format>(rows + r * rowBytes, scales + r * kPanelGroups + c / 32, w);
                    addProducts(w, x + c, acc[r]);
                }
            } else {
                typename Format::Header headers[nRows];
                for (int r = 0; r < nRows; ++r)
                    Format::readHeader(rows + r * rowBytes, headers[r]);
                for (int part = 0; part < kParts<Format>; ++part)
#pragma GCC unroll 8
                    for (int r = 0; r < nRows; ++r) {
                        Format::decode(rows + r * rowBytes, headers[r], part, w);
                        addProducts(w, x + c + part * 32, acc[r]);
                    }
            }
        }
        if constexpr (Format::kHasTail) {
            if (c == cols) return;
            float xTail[32] = {};
            std::memcpy(xTail, x + c, static_cast<size_t>(cols - c) * sizeof(float));
            for (int r = 0; r < nRows; ++r) {
                decodeTail<Format>(rows + r * rowBytes, cols - c,
                                   scales + r * kPanelGroups + c / 32, w);
                addProducts(w, xTail, acc[r]);
            }
        }
    }

    template <class Format, int nRows>
    static void dotRows(const WeightsView& w, int64_t r, const float* x, Reg* acc) {
        for (int i = 0; i < nRows; ++i)
            acc[i] = V::zero();
        const uint8_t* rows = w.data + r * w.rowBytes;
        if constexpr (!Format::kScalesApart) {
            dotBlocks<Format, nRows>(rows, w.rowBytes, nullptr, x, w.cols, acc);
        } else {
            for (int64_t begin = 0; begin < w.cols; begin += kPanelCols) {
                const int64_t cols = w.cols - begin < kPanelCols ? w.cols - begin : kPanelCols;
                float scales[nRows * kPanelGroups];
                expandScales(w, {r, nRows, begin, (cols + 31) / 32}, scales, kPanelGroups);
                dotBlocks<Format, nRows>(rows + begin / 32 * Format::kBytes, w.rowBytes, scales,
                                         x + begin, cols, acc);
            }
        }
    }

    template <class Format>
    static void matvec(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x,
                       float* y) {
        Reg acc[kRows];
        int64_t r = rowBegin;
        for (; r + kRows <= rowEnd; r += kRows) {
            dotRows<Format, kRows>(w, r, x, acc);
            V::sumRows(acc, y + r - rowBegin);
        }
        for (; r < rowEnd; ++r) {
            dotRows<Format, 1>(w, r, x, acc);
            y[r - rowBegin] = V::sum(acc[0]);
        }
    }

    // ---- many tokens: dequantise a panel of kRows rows once, use it for up to kPanelTokens tokens

    struct Panel {
        alignas(64) float w[kRows][kPanelCols];
        alignas(64) float acc[kPanelTokens][kRows][kWidth];
        float scales[kRows * kPanelGroups];
    };

    // Columns [begin, begin + cols) of rows r to r + kRows.
    template <class Format>
    static void dequantisePanel(const WeightsView& w, int64_t r, int64_t begin, int64_t cols,
                                Panel& panel) {
        if constexpr (Format::kScalesApart)
            expandScales(w, {r, kRows, begin, (cols + 31) / 32}, panel.scales, kPanelGroups);
        for (int i = 0; i < kRows; ++i) {
            float* out = panel.w[i];
            decodeRow<Format>(
                w.data + (r + i) * w.rowBytes + begin / Format::kValues * Format::kBytes,
                panel.scales + i * kPanelGroups, cols, [out](int64_t c, const Reg* values) {
                    for (int g = 0; g < kGroups; ++g)
                        V::store(out + c + g * kWidth, values[g]);
                });
        }
    }

    // acc += the panel's columns times those of nTokens tokens.
    template <int nTokens>
    static void addTile(const Panel& panel, int64_t cols, const float* x, int64_t xStride,
                        Reg (&acc)[nTokens][kRows]) {
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
    }

    // Goes on with the accumulators of the panel.
    template <int nTokens>
    static void tile(Panel& panel, int64_t cols, const float* x, int64_t xStride, int64_t token) {
        Reg acc[nTokens][kRows];
        for (int t = 0; t < nTokens; ++t)
            for (int r = 0; r < kRows; ++r)
                acc[t][r] = V::load(panel.acc[token + t][r]);
        addTile<nTokens>(panel, cols, x, xStride, acc);
        for (int t = 0; t < nTokens; ++t)
            for (int r = 0; r < kRows; ++r)
                V::store(panel.acc[token + t][r], acc[t][r]);
    }

    // Rows that fit one panel: the accumulators never leave the registers.
    template <int nTokens>
    static void wholeTile(const Panel& panel, int64_t cols, const float* x, int64_t xStride,
                          float* y, int64_t yStride) {
        Reg acc[nTokens][kRows];
        for (int t = 0; t < nTokens; ++t)
            for (int r = 0; r < kRows; ++r)
                acc[t][r] = V::zero();
        addTile<nTokens>(panel, cols, x, xStride, acc);
        for (int t = 0; t < nTokens; ++t)
            V::sumRows(acc[t], y + t * yStride);
    }

    template <class Format>
    static void shortRows(const WeightsView& w, int64_t r, const Activations& x, float* y,
                          int64_t yStride, Panel& panel) {
        dequantisePanel<Format>(w, r, 0, w.cols, panel);
        int64_t t = 0;
        for (; t + kTileTokens <= x.nTokens; t += kTileTokens)
            wholeTile<kTileTokens>(panel, w.cols, x.values + t * x.stride, x.stride,
                                   y + t * yStride, yStride);
        for (; t < x.nTokens; ++t)
            wholeTile<1>(panel, w.cols, x.values + t * x.stride, x.stride, y + t * yStride,
                         yStride);
    }

    // Rows r to r + kRows.
    template <class Format>
    static void panelRows(const WeightsView& w, int64_t r, const Activations& x, float* y,
                          int64_t yStride, Panel& panel) {
        if (w.cols <= kPanelCols) return shortRows<Format>(w, r, x, y, yStride, panel);
        std::memset(panel.acc, 0, sizeof panel.acc[0] * static_cast<size_t>(x.nTokens));
        for (int64_t begin = 0; begin < w.cols; begin += kPanelCols) {
            const int64_t cols = w.cols - begin < kPanelCols ? w.cols - begin : kPanelCols;
            dequantisePanel<Format>(w, r, begin, cols, panel);
            int64_t t = 0;
            for (; t + kTileTokens <= x.nTokens; t += kTileTokens)
                tile<kTileTokens>(panel, cols, x.values + t * x.stride + begin, x.stride, t);
            for (; t < x.nTokens; ++t)
                tile<1>(panel, cols, x.values + t * x.stride + begin, x.stride, t);
        }
        for (int64_t t = 0; t < x.nTokens; ++t) {
            Reg acc[kRows];
            for (int i = 0; i < kRows; ++i)
                acc[i] = V::load(panel.acc[t][i]);
            V::sumRows(acc, y + t * yStride);
        }
    }

    template <class Format>
    static void matmulAs(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                         const Activations& x, float* y, int64_t yStride) {
        if (x.nTokens <= kFusedTokensMax) {
            for (int64_t t = 0; t < x.nTokens; ++t)
                matvec<Format>(w, rowBegin, rowEnd, x.values + t * x.stride, y + t * yStride);
            return;
        }
        Panel panel;
        for (int64_t t = 0; t < x.nTokens; t += kPanelTokens) {
            const int64_t n = x.nTokens - t < kPanelTokens ? x.nTokens - t : kPanelTokens;
            const Activations part = {x.values + t * x.stride, x.stride, n};
            float* ys = y + t * yStride;
            int64_t r = rowBegin;
            for (; r + kRows <= rowEnd; r += kRows)
                panelRows<Format>(w, r, part, ys + r - rowBegin, yStride, panel);
            for (int64_t i = 0; i < n && r < rowEnd; ++i)
                matvec<Format>(w, r, rowEnd, part.values + i * x.stride,
                               ys + i * yStride + r - rowBegin);
        }
    }

    // One row at a time, columns in panels because of the scales that lie apart.
    template <class Format>
    static void dequantiseRowAs(const WeightsView& w, int64_t r, float* out) {
        float scales[kPanelGroups];
        for (int64_t begin = 0; begin < w.cols; begin += kPanelCols) {
            const int64_t cols = w.cols - begin < kPanelCols ? w.cols - begin : kPanelCols;
            if constexpr (Format::kScalesApart)
                expandScales(w, {r, 1, begin, (cols + 31) / 32}, scales, kPanelGroups);
            const auto store = [out = out + begin, cols](int64_t c, const Reg* values) {
                const int64_t n = cols - c < 32 ? cols - c : 32;
                float part[32];
                float* to = n == 32 ? out + c : part;
                for (int g = 0; g < kGroups; ++g)
                    V::store(to + g * kWidth, values[g]);
                if (n < 32) std::memcpy(out + c, part, static_cast<size_t>(n) * sizeof(float));
            };
            decodeRow<Format>(w.data + r * w.rowBytes + begin / Format::kValues * Format::kBytes,
                              scales, cols, store);
        }
    }

    // What the formats share: one entry per format for both.
    struct FormatKernels {
        void (*matmul)(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const Activations& x,
                       float* y, int64_t yStride);
        void (*dequantiseRow)(const WeightsView& w, int64_t r, float* out);
    };

    template <class Format>
    static FormatKernels kernelsOf() {
        return {matmulAs<Format>, dequantiseRowAs<Format>};
    }

    static FormatKernels kernelsFor(DType dtype) {
        using Formats = SimdFormats<V>;
        switch (dtype) {
            case DType::f32:
                return kernelsOf<typename V::F32>();
            case DType::f16:
                return kernelsOf<typename V::F16>();
            case DType::bf16:
                return kernelsOf<typename V::Bf16>();
            case DType::q4_0:
                return kernelsOf<typename V::Q4_0>();
            case DType::q4_1:
                return kernelsOf<typename V::Q4_1>();
            case DType::q8_0:
                return kernelsOf<typename V::Q8_0>();
            case DType::q2_K:
                return kernelsOf<typename Formats::Q2_K>();
            case DType::q4_K:
                return kernelsOf<typename Formats::Q4_K>();
            case DType::q5_K:
                return kernelsOf<typename Formats::Q5_K>();
            case DType::q6_K:
                return kernelsOf<typename Formats::Q6_K>();
            case DType::iq2_xxs:
                return kernelsOf<typename Formats::Iq2Xxs>();
            case DType::iq4_nl:
                return kernelsOf<typename Formats::Iq4Nl>();
            case DType::iq4_xs:
                return kernelsOf<typename Formats::Iq4Xs>();
            case DType::mxfp4:
                return kernelsOf<typename Formats::Mxfp4>();
            case DType::fp8E4m3:
                return kernelsOf<typename Formats::E4m3>();
            case DType::fp4E2m1:
                return kernelsOf<typename Formats::E2m1>();
            case DType::int4:
                return kernelsOf<typename Formats::Int4>();
            case DType::i8:
            case DType::i32:
            case DType::i64:
                break;
        }
        __builtin_trap();  // checkWeights lets no other pass
    }

    static void matmul(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x,
                       int64_t xStride, int64_t nTokens, float* y, int64_t yStride) {
        checkWeights(w);
        int64_t r = rowBegin;
        if (SimdShortRows<V>::takes(w, nTokens)) {
            r += SimdShortRows<V>::rowsTaken(rowEnd - rowBegin);
            SimdShortRows<V>::matmul(w, rowBegin, r, {x, xStride, nTokens}, y, yStride);
        }
        kernelsFor(w.dtype).matmul(w, r, rowEnd, {x, xStride, nTokens}, y + r - rowBegin, yStride);
    }

    static void dequantiseRow(const WeightsView& w, int64_t r, std::span<float> out) {
        checkWeights(w);
        if (static_cast<int64_t>(out.size()) != w.cols) __builtin_trap();
        kernelsFor(w.dtype).dequantiseRow(w, r, out.data());
    }
};

}  // namespace moxie::kernels
