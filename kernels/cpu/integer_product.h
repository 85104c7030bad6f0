// The way of a product with rounded activations through its panels, the same for every instruction
// set that multiplies them: tokens in blocks, columns in panels, rows in panels, unpacked once
// per block. P says: Formats, types that read weights; Panel, what a stripe is unpacked to, by
// unpack<F>; Tokens, activations as they meet it, kMost at once; multiply<F> of both. Included only
// by files of one instruction set. Threads: any thread.
#pragma once
#include "kernels/cpu/integer_format_switch.h"
#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/tables.h"

namespace moxie::kernels {

template <class P>
struct IntegerProduct {
    using Panel = typename P::Panel;

    template <class F>
    static void multiply(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                         const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        Panel panel;
        typename P::Tokens tokens;
        for (int64_t t = 0; t < nTokens; t += P::Tokens::kMost) {
            const int64_t end = nTokens - t < P::Tokens::kMost ? nTokens : t + P::Tokens::kMost;
            for (int64_t c = 0; c < w.cols; c += Panel::kCols) {
                const int64_t cols = w.cols - c < Panel::kCols ? w.cols - c : Panel::kCols;
                tokens.take(x, {t, end}, c, cols);
                for (int64_t r = rowBegin; r < rowEnd; r += Panel::kRows) {
                    const int64_t nRows = rowEnd - r < Panel::kRows ? rowEnd - r : Panel::kRows;
                    P::template unpack<F>(w, r, nRows, c, cols, panel);
                    P::template multiply<F>(panel, tokens,
                                            {.y = y + t * yStride + r - rowBegin,
                                             .stride = yStride,
                                             .nRows = nRows,
                                             .isFirst = c == 0});
                }
            }
        }
    }

    static void matmul(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                       int64_t nTokens, float* y, int64_t yStride) {
        checkWeights(w);
        withIntegerFormat<typename P::Formats>(
            w.dtype, [&]<class F>(F) { multiply<F>(w, rowBegin, rowEnd, x, nTokens, y, yStride); });
    }
};

}  // namespace moxie::kernels
