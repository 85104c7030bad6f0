// The way of a product with split activations through its panels: tokens in blocks, rows as their
// sums have room, columns in blocks, rows in panels, unpacked once per block. P says: Formats,
// types that read weights; unpack<F>, which requantises a panel; Tiles, as tile_products.h takes
// them; Unit, whose lifetime is that of the product. Threads: any thread.
#pragma once
#include <algorithm>

#include "kernels/cpu/integer_format_switch.h"
#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/tile_products.h"

namespace moxie::kernels {

template <class P>
struct RequantisedProduct {
    using Panel = RequantisedPanel;

    // 256 rows of 1,024 tokens: half of the cache of a core that has tiles.
    static constexpr int64_t kMostSums = 256 * TileTokens::kMost;

    // On the stack of a thread.
    struct Memory {
        Panel panel;
        TileTokens tokens;
        alignas(64) float sums[kMostSums];
    };

    struct RowRange {
        int64_t begin, end;
    };

    // Where results go: of the first row and token.
    struct Target {
        float* y;
        int64_t stride;
    };

    template <class F>
    static void multiplyRows(const WeightsView& w, RowRange rows, const RoundedRows& x,
                             TokenRange tokens, Target target, Memory& memory) {
        const int64_t sumsOfPanel = TileSums::floatsOf(tokens.end - tokens.begin);
        for (int64_t c = 0; c < w.cols; c += Panel::kCols) {
            const int64_t cols = std::min(w.cols - c, Panel::kCols);
            memory.tokens.take(x, tokens, c, cols);
            float* sums = memory.sums;
            for (int64_t r = rows.begin; r < rows.end; r += Panel::kRows, sums += sumsOfPanel) {
                const int64_t nRows = std::min(rows.end - r, Panel::kRows);
                P::template unpack<F>(w, r, nRows, c, cols, memory.panel);
                TileProducts<typename P::Tiles>::multiply(memory.panel, memory.tokens,
                                                          {.soFar = sums,
                                                           .y = target.y + r - rows.begin,
                                                           .yStride = target.stride,
                                                           .nRows = nRows,
                                                           .isFirst = c == 0,
                                                           .isLast = c + cols == w.cols});
            }
        }
    }

    template <class F>
    static void multiply(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                         const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        [[maybe_unused]] const typename P::Unit unit;
        Memory memory;
        for (int64_t t = 0; t < nTokens; t += TileTokens::kMost) {
            const TokenRange tokens = {t, std::min(nTokens, t + TileTokens::kMost)};
            const int64_t rowsAtOnce =
                kMostSums / TileSums::floatsOf(tokens.end - t) * Panel::kRows;
            for (int64_t r = rowBegin; r < rowEnd; r += rowsAtOnce)
                multiplyRows<F>(w, {r, std::min(rowEnd, r + rowsAtOnce)}, x, tokens,
                                {y + t * yStride + r - rowBegin, yStride}, memory);
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
