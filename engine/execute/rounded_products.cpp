#include "engine/execute/rounded_products.h"

#include <algorithm>

namespace moxie::engine {

namespace {

constexpr int64_t kMultiplyAddsPerRoundedTask = 16'000'000;  // some tens of microseconds
constexpr int64_t kMultiplyAddsPerFineTask = 1'000'000;      // as long as its bytes take to arrive
constexpr int64_t kFineRowsPerTaskMin = 8;
constexpr int64_t kFineRowsPerTaskMax = 1024;
constexpr int64_t kTokensPerRoundedTask = 384;  // stay in a core's own cache
constexpr int64_t kRowsPerStripe = 32;          // unpacked at once by the kernel
constexpr int64_t kRowsPerRoundedTaskMax = 256;
constexpr int64_t kRoundedRowsPerTask = 8;

int64_t fineRowsPerTask(int64_t cols, int64_t nTokens) {
    const int64_t rows = kMultiplyAddsPerFineTask / std::max<int64_t>(1, cols * nTokens);
    return std::clamp(rows / kFineRowsPerTaskMin * kFineRowsPerTaskMin, kFineRowsPerTaskMin,
                      kFineRowsPerTaskMax);
}

int64_t stripesOf(int64_t cols, int64_t nTokens) {
    const int64_t rows = kMultiplyAddsPerRoundedTask / std::max<int64_t>(1, cols * nTokens);
    return std::clamp(rows / kRowsPerStripe * kRowsPerStripe, kRowsPerStripe,
                      kRowsPerRoundedTaskMax);
}

}  // namespace

Products productsHere(const kernels::Dispatch& dispatch, Products wanted) {
    const bool isFast = wanted == Products::fine ? dispatch.hasFastFine : dispatch.hasFastTiles;
    return isFast ? wanted : Products::exact;
}

bool takesRounded(const Pass& pass, const kernels::WeightsView& weights) {
    return pass.products != Products::exact && kernels::hasTiles(weights);
}

int64_t rowBytesOf(Products products, int64_t cols) {
    return products == Products::fine ? kernels::fineRowBytes(cols)
                                      : kernels::roundedRowBytes(cols);
}

int64_t roundedFloats(Products products, int64_t cols, int64_t nRows) {
    return nRows * rowBytesOf(products, cols) / int64_t{sizeof(float)};
}

kernels::RoundedRows roundRows(const Pass& pass, const float* x, int64_t cols, int64_t nRows,
                               float* memory) {
    const int64_t rowBytes = rowBytesOf(pass.products, cols);
    const auto round =
        pass.products == Products::fine ? pass.dispatch.roundRowFine : pass.dispatch.roundRow;
    auto* rows = reinterpret_cast<uint8_t*>(memory);
    forRanges(pass.pool, nRows, kRoundedRowsPerTask, [&](int64_t begin, int64_t end, int32_t) {
        for (int64_t r = begin; r < end; ++r)
            round(x + r * cols, cols, rows + r * rowBytes);
    });
    return {.data = rows, .rowBytes = rowBytes};
}

void multiplyRoundedRows(const Pass& pass, const kernels::WeightsView& weights, int64_t rowBegin,
                         int64_t rowEnd, const kernels::RoundedRows& x, int64_t nTokens, float* y,
                         int64_t yStride) {
    const auto multiply =
        pass.products == Products::fine ? pass.dispatch.matmulFine : pass.dispatch.matmulTiles;
    multiply(weights, rowBegin, rowEnd, x, nTokens, y, yStride);
}

void multiplyRounded(const Pass& pass, const kernels::WeightsView& weights,
                     const kernels::RoundedRows& x, int64_t nTokens, float* y) {
    const int64_t tokens = std::min(nTokens, kTokensPerRoundedTask);
    const int64_t grain = pass.products == Products::fine ? fineRowsPerTask(weights.cols, tokens)
                                                          : stripesOf(weights.cols, tokens);
    const int64_t nStripes = (weights.rows + grain - 1) / grain;
    const int64_t nParts = (nTokens + tokens - 1) / std::max<int64_t>(1, tokens);
    pass.pool.run(nStripes * nParts, [&](int64_t task, int32_t) {
        if (pass.stop.stop_requested()) return;
        const int64_t row = task / nParts * grain;
        const int64_t token = task % nParts * tokens;
        kernels::RoundedRows part = x;
        part.data += token * x.rowBytes;
        multiplyRoundedRows(pass, weights, row, std::min(row + grain, weights.rows), part,
                            std::min(tokens, nTokens - token), y + token * weights.rows + row,
                            weights.rows);
    });
}

}  // namespace moxie::engine
