#include "engine/execute/rounded_products.h"

#include <algorithm>

namespace moxie::engine {

namespace {

constexpr int64_t kMultiplyAddsPerRoundedTask = 16'000'000;  // some tens of microseconds
constexpr int64_t kTokensPerRoundedTask = 384;               // stay in a core's own cache
constexpr int64_t kRowsPerStripe = 32;                       // unpacked at once by the kernel
constexpr int64_t kRowsPerRoundedTaskMax = 256;
constexpr int64_t kRoundedRowsPerTask = 8;

int64_t stripesOf(int64_t cols, int64_t nTokens) {
    const int64_t rows = kMultiplyAddsPerRoundedTask / std::max<int64_t>(1, cols * nTokens);
    return std::clamp(rows / kRowsPerStripe * kRowsPerStripe, kRowsPerStripe,
                      kRowsPerRoundedTaskMax);
}

}  // namespace

Products productsHere(const kernels::Dispatch& dispatch, Products wanted) {
    return dispatch.hasFastTiles ? wanted : Products::exact;
}

bool takesRounded(const Pass& pass, const kernels::WeightsView& weights) {
    return pass.products == Products::rounded && kernels::hasTiles(weights);
}

int64_t roundedFloats(int64_t cols, int64_t nRows) {
    return nRows * kernels::roundedRowBytes(cols) / int64_t{sizeof(float)};
}

kernels::RoundedRows roundRows(const Pass& pass, const float* x, int64_t cols, int64_t nRows,
                               float* memory) {
    const int64_t rowBytes = kernels::roundedRowBytes(cols);
    auto* rows = reinterpret_cast<uint8_t*>(memory);
    forRanges(pass.pool, nRows, kRoundedRowsPerTask, [&](int64_t begin, int64_t end, int32_t) {
        for (int64_t r = begin; r < end; ++r)
            pass.dispatch.roundRow(x + r * cols, cols, rows + r * rowBytes);
    });
    return {.data = rows, .rowBytes = rowBytes};
}

void multiplyRounded(const Pass& pass, const kernels::WeightsView& weights,
                     const kernels::RoundedRows& x, int64_t nTokens, float* y) {
    const int64_t tokens = std::min(nTokens, kTokensPerRoundedTask);
    const int64_t grain = stripesOf(weights.cols, tokens);
    const int64_t nStripes = (weights.rows + grain - 1) / grain;
    const int64_t nParts = (nTokens + tokens - 1) / std::max<int64_t>(1, tokens);
    pass.pool.run(nStripes * nParts, [&](int64_t task, int32_t) {
        if (pass.stop.stop_requested()) return;
        const int64_t row = task / nParts * grain;
        const int64_t token = task % nParts * tokens;
        kernels::RoundedRows part = x;
        part.data += token * x.rowBytes;
        pass.dispatch.matmulTiles(weights, row, std::min(row + grain, weights.rows), part,
                                  std::min(tokens, nTokens - token), y + token * weights.rows + row,
                                  weights.rows);
    });
}

}  // namespace moxie::engine
