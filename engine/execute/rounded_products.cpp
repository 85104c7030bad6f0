#include "engine/execute/rounded_products.h"

#include <algorithm>
#include <vector>

namespace moxie::engine {

namespace {

constexpr int64_t kMultiplyAddsPerRoundedTask = 16'000'000;  // some tens of microseconds
constexpr int64_t kMultiplyAddsPerBf16Task = 512'000'000;
constexpr int64_t kMultiplyAddsPerFineTask = 1'000'000;  // as long as its bytes take to arrive
constexpr int64_t kFineRowsPerTaskMin = 16;
constexpr int64_t kFineRowsPerTaskMax = 1024;
constexpr int64_t kTokensPerRoundedTask = 384;  // stay in a core's own cache
constexpr int64_t kTokensPerBf16Task = 512;
constexpr int64_t kRowsPerStripe = 32;  // unpacked at once by the kernel
constexpr int64_t kRowsPerRoundedTaskMax = 256;
constexpr int64_t kRoundedRowsPerTask = 8;  // a multiple of rowsTogether(), else that
constexpr int64_t kRoundedTasksPerThread = 3;

int64_t fineRowsPerTask(int64_t cols, int64_t nTokens) {
    const int64_t rows = kMultiplyAddsPerFineTask / std::max<int64_t>(1, cols * nTokens);
    return std::clamp(rows / kFineRowsPerTaskMin * kFineRowsPerTaskMin, kFineRowsPerTaskMin,
                      kFineRowsPerTaskMax);
}

int64_t stripesOf(Products products, int64_t cols, int64_t nTokens) {
    const int64_t perTask =
        products == Products::bf16 ? kMultiplyAddsPerBf16Task : kMultiplyAddsPerRoundedTask;
    const int64_t rows = perTask / std::max<int64_t>(1, cols * nTokens);
    return std::clamp(rows / kRowsPerStripe * kRowsPerStripe, kRowsPerStripe,
                      kRowsPerRoundedTaskMax);
}

}  // namespace

Products productsHere(const kernels::Dispatch& dispatch, Products wanted) {
    if (wanted == Products::fine && dispatch.hasFastFine) return Products::fine;
    if (wanted != Products::rounded) return Products::exact;
    if (dispatch.hasFastWeightsBf16) return Products::bf16;
    return dispatch.hasFastTiles ? Products::rounded : Products::exact;
}

bool takesRounded(const Pass& pass, const kernels::WeightsView& weights) {
    return pass.products != Products::exact && kernels::hasTiles(weights);
}

AttentionProducts attentionProducts(const Pass& pass, const kernels::WeightsView& queries) {
    return pass.products == Products::bf16 && kernels::hasTiles(queries) ? AttentionProducts::bf16
                                                                         : AttentionProducts::exact;
}

int64_t valuesTogether(Products products) {
    return products == Products::fine ? 256 : 32;
}

int64_t rowsTogether(Products products) {
    return products == Products::bf16 ? kernels::kBf16TileRows : 1;
}

int64_t rowBytesOf(Products products, int64_t cols) {
    if (products == Products::fine) return kernels::fineRowBytes(cols);
    return products == Products::bf16 ? kernels::bf16RowBytes(cols)
                                      : kernels::roundedRowBytes(cols);
}

int64_t roundedFloats(Products products, int64_t cols, int64_t nRows) {
    const int64_t whole = kernels::wholeTiles(nRows, rowsTogether(products));
    return whole * rowBytesOf(products, cols) / int64_t{sizeof(float)};
}

void roundColumns(const Pass& pass, const kernels::FloatRows& rows, int64_t firstCol, int64_t cols,
                  uint8_t* rounded) {
    const int64_t rowBytes = rowBytesOf(pass.products, cols);
    if (pass.products != Products::bf16) {
        const auto round =
            pass.products == Products::fine ? pass.dispatch.roundRowFine : pass.dispatch.roundRow;
        for (int64_t r = 0; r < rows.count; ++r)
            round(rows.row(r), rows.length,
                  rounded + r * rowBytes + rowBytesOf(pass.products, firstCol));
        return;
    }
    for (int64_t r = 0; r < rows.count; r += kernels::kBf16TileRows)
        pass.dispatch.roundBf16Columns(
            rows.from(r, kernels::kBf16TileRows),
            rounded + r * rowBytes + kernels::bf16TileBytes(kernels::kBf16TileRows, firstCol));
}

kernels::RoundedRows roundRows(const Pass& pass, const float* x, int64_t cols, int64_t nRows,
                               float* memory) {
    const int64_t rowBytes = rowBytesOf(pass.products, cols);
    auto* rows = reinterpret_cast<uint8_t*>(memory);
    const int64_t grain = std::max(kRoundedRowsPerTask, rowsTogether(pass.products));
    forRanges(pass.pool, nRows, grain, [&](int64_t begin, int64_t end, int32_t) {
        roundColumns(
            pass,
            {.values = x + begin * cols, .stride = cols, .count = end - begin, .length = cols}, 0,
            cols, rows + begin * rowBytes);
    });
    return {.data = rows, .rowBytes = rowBytes};
}

void multiplyRoundedRows(const Pass& pass, const kernels::WeightsView& weights, int64_t rowBegin,
                         int64_t rowEnd, const kernels::RoundedRows& x, int64_t nTokens, float* y,
                         int64_t yStride) {
    const kernels::Dispatch& kernels = pass.dispatch;
    const auto multiply = pass.products == Products::fine   ? kernels.matmulFine
                          : pass.products == Products::bf16 ? kernels.matmulWeightsBf16
                                                            : kernels.matmulTiles;
    multiply(weights, rowBegin, rowEnd, x, nTokens, y, yStride);
}

namespace {

// Some rows of one of several products.
struct RoundedTask {
    const RoundedProduct* product = nullptr;
    int64_t rowBegin = 0, rowEnd = 0;
};

// A matrix that is small beside the others is cut so that every thread has some of it.
std::vector<RoundedTask> cutProducts(const Pass& pass, std::span<const RoundedProduct> products,
                                     int64_t tokens) {
    std::vector<RoundedTask> tasks;
    for (const RoundedProduct& product : products) {
        const kernels::WeightsView& w = *product.weights;
        const bool isFine = pass.products == Products::fine;
        const int64_t step = isFine ? kFineRowsPerTaskMin : kRowsPerStripe;
        const int64_t share = w.rows / (kRoundedTasksPerThread * pass.pool.threads()) / step * step;
        const int64_t grain =
            std::min(std::max(step, share), isFine ? fineRowsPerTask(w.cols, tokens)
                                                   : stripesOf(pass.products, w.cols, tokens));
        for (int64_t row = 0; row < w.rows; row += grain)
            tasks.push_back({&product, row, std::min(row + grain, w.rows)});
    }
    return tasks;
}

}  // namespace

void multiplyRounded(const Pass& pass, std::span<const RoundedProduct> products,
                     const kernels::RoundedRows& x, int64_t nTokens) {
    const int64_t most =
        pass.products == Products::bf16 ? kTokensPerBf16Task : kTokensPerRoundedTask;
    const int64_t tokens = std::max<int64_t>(1, std::min(nTokens, most));
    const std::vector<RoundedTask> tasks = cutProducts(pass, products, tokens);
    const int64_t nParts = (nTokens + tokens - 1) / tokens;
    pass.pool.run(std::ssize(tasks) * nParts, [&](int64_t i, int32_t) {
        if (pass.stop.stop_requested()) return;
        const RoundedTask& task = tasks[static_cast<size_t>(i / nParts)];
        const int64_t token = i % nParts * tokens;
        const kernels::WeightsView& w = *task.product->weights;
        kernels::RoundedRows part = x;
        part.data += token * x.rowBytes;
        multiplyRoundedRows(pass, w, task.rowBegin, task.rowEnd, part,
                            std::min(tokens, nTokens - token),
                            task.product->y + token * w.rows + task.rowBegin, w.rows);
    });
}

}  // namespace moxie::engine
