// The way of a product with rounded activations through its panels, the same for every instruction
// set that multiplies them: tokens in blocks, columns in panels, rows in stripes of 32, unpacked
// once per block. V as in integer_panel.h; P::multiply<F> multiplies one panel. Included only by
// files of one instruction set. Threads: any thread.
#pragma once
#include "kernels/cpu/integer_format_switch.h"
#include "kernels/cpu/integer_panel.h"

namespace moxie::kernels {

template <class V, class P>
struct IntegerProduct {
    using Formats = IntegerFormats<V>;

    static uint16_t firstRows(int64_t n) {
        return n >= 16 ? 0xffff : n <= 0 ? 0 : static_cast<uint16_t>((1U << n) - 1);
    }

    template <class F>
    static void multiply(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                         const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        IntegerPanel panel;
        typename P::Tokens tokens;
        for (int64_t t = 0; t < nTokens; t += kTileTokens) {
            const int64_t end = nTokens - t < kTileTokens ? nTokens : t + kTileTokens;
            for (int64_t c = 0; c < w.cols; c += kTileCols) {
                const int64_t cols = w.cols - c < kTileCols ? w.cols - c : kTileCols;
                tokens.take(x, {t, end}, c / 32, cols / 32);
                for (int64_t r = rowBegin; r < rowEnd; r += kTileRows) {
                    const int64_t nRows = rowEnd - r < kTileRows ? rowEnd - r : kTileRows;
                    Formats::template unpack<F>(w, r, nRows, c, cols, panel);
                    P::template multiply<F>(panel, tokens,
                                            {.y = y + t * yStride + r - rowBegin,
                                             .stride = yStride,
                                             .rows = {firstRows(nRows), firstRows(nRows - 16)},
                                             .isFirst = c == 0});
                }
            }
        }
    }

    static void matmulTiles(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                            const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        checkWeights(w);
        withIntegerFormat<Formats>(
            w.dtype, [&]<class F>(F) { multiply<F>(w, rowBegin, rowEnd, x, nTokens, y, yStride); });
    }
};

}  // namespace moxie::kernels
