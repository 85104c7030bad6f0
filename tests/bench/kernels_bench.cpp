// Speed of matmul per instruction set and format on this machine, one thread, weights in the
// caches. Thread CPU time, best of many, so that neighbours disturb less. With an argument only one
// part: matmul, matmulFine, matmulTiles, matmulWeightsBf16, attention or indexScores.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "kernels/dispatch.h"

using namespace moxie::kernels;

namespace {

double threadSeconds() {
    timespec now = {};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

std::string cpuName() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
    return "unknown CPU";
}

// Row-major weights of kRows rows; scales apart as the models that use the format store them.
struct Matrix {
    std::vector<uint8_t> bytes;
    std::vector<uint8_t> scales;
    WeightsView view;
};

constexpr int64_t kRows = 64;
constexpr int64_t kCols = 768;

Matrix makeMatrix(DType dtype) {
    const BlockFormat& format = blockFormat(dtype);
    const int64_t rowBytes = kCols / format.blockValues * format.blockBytes;
    Matrix matrix = {.bytes = std::vector<uint8_t>(static_cast<size_t>(kRows * rowBytes)),
                     .scales = std::vector<uint8_t>(static_cast<size_t>(kRows * kCols), 0x31),
                     .view = {}};
    std::mt19937 random(1);
    for (uint8_t& byte : matrix.bytes)
        byte = static_cast<uint8_t>(random() & 0x3f);  // no half or float is huge
    if (dtype ==
        DType::mxfp4)  // nor so small that it is not normal, which some processors take long for
        for (size_t i = 0; i < matrix.bytes.size(); i += static_cast<size_t>(format.blockBytes))
            matrix.bytes[i] = 120;
    matrix.view = {.dtype = dtype,
                   .data = matrix.bytes.data(),
                   .rows = kRows,
                   .cols = kCols,
                   .rowBytes = rowBytes};
    if (!hasScalesApart(dtype)) return matrix;
    const bool isTiled = dtype == DType::fp8E4m3;
    matrix.view.scaleType = dtype == DType::int4 ? ScaleType::bf16 : ScaleType::e8m0;
    matrix.view.scales = matrix.scales.data();
    matrix.view.scaleRows = isTiled ? 128 : 1;
    matrix.view.scaleCols = isTiled ? 128 : 32;
    matrix.view.scaleRowBytes = kCols / matrix.view.scaleCols * scaleBytes(matrix.view.scaleType);
    return matrix;
}

void print(Isa isa, const WeightsView& w, const char* kernel, int64_t nTokens, double seconds) {
    const auto products = static_cast<double>(kRows * kCols * nTokens);
    fmt::print("| {} | {} | {} | {} | {:.2f} | {:.1f} | {:.1f} |\n", toString(isa),
               blockFormat(w.dtype).name, kernel, nTokens, seconds * 1e9 / products * 32,
               2e-9 * products / seconds, static_cast<double>(kRows * w.rowBytes) * 1e-9 / seconds);
}

struct alignas(64) CacheLine {
    uint8_t bytes[64];
};

// How activations are rounded and multiplied.
struct RoundedKernel {
    const char* name;
    decltype(Dispatch::roundRow) Dispatch::*round;
    decltype(Dispatch::matmulTiles) Dispatch::*multiply;
    int64_t rowBytes;
};

constexpr RoundedKernel kTiles = {"matmulTiles", &Dispatch::roundRow, &Dispatch::matmulTiles,
                                  roundedRowBytes(kCols)};
constexpr RoundedKernel kFine = {"matmulFine", &Dispatch::roundRowFine, &Dispatch::matmulFine,
                                 fineRowBytes(kCols)};

// Activations are rounded outside of the measurement.
void measureRounded(const RoundedKernel& kernel, Isa isa, DType dtype, int64_t nTokens) {
    const Matrix matrix = makeMatrix(dtype);
    const Dispatch& kernels = dispatchFor(isa);
    const std::vector<float> x(static_cast<size_t>(kCols), 0.5F);
    std::vector<CacheLine> rounded(static_cast<size_t>(nTokens * kernel.rowBytes / 64));
    for (int64_t t = 0; t < nTokens; ++t)
        (kernels.*kernel.round)(x.data(), kCols,
                                rounded[static_cast<size_t>(t * kernel.rowBytes / 64)].bytes);
    const RoundedRows rows = {.data = rounded.front().bytes, .rowBytes = kernel.rowBytes};
    std::vector<float> y(static_cast<size_t>(kRows * nTokens));
    double best = 1e9;
    for (int64_t i = 0; i < 20'000 / nTokens + 3; ++i) {
        const double begin = threadSeconds();
        (kernels.*kernel.multiply)(matrix.view, 0, kRows, rows, nTokens, y.data(), kRows);
        best = std::min(best, threadSeconds() - begin);
    }
    print(isa, matrix.view, kernel.name, nTokens, best);
}

// The same by tiles of bfloat16.
void measureBf16(DType dtype, int64_t nTokens) {
    const Matrix matrix = makeMatrix(dtype);
    const Dispatch& kernels = dispatchFor(Isa::amx);
    const std::vector<float> x(static_cast<size_t>(kCols * nTokens), 0.5F);
    std::vector<CacheLine> tiles(static_cast<size_t>(bf16TileBytes(nTokens, kCols) / 64));
    kernels.roundBf16Columns(
        {.values = x.data(), .stride = kCols, .count = nTokens, .length = kCols},
        tiles.front().bytes);
    const RoundedRows rows = {.data = tiles.front().bytes, .rowBytes = bf16RowBytes(kCols)};
    std::vector<float> y(static_cast<size_t>(kRows * nTokens));
    double best = 1e9;
    for (int64_t i = 0; i < 20'000 / nTokens + 3; ++i) {
        const double begin = threadSeconds();
        kernels.matmulWeightsBf16(matrix.view, 0, kRows, rows, nTokens, y.data(), kRows);
        best = std::min(best, threadSeconds() - begin);
    }
    print(Isa::amx, matrix.view, "matmulWeightsBf16", nTokens, best);
}

void measure(Isa isa, DType dtype, int64_t nTokens) {
    const Matrix matrix = makeMatrix(dtype);
    const WeightsView& w = matrix.view;
    std::vector<float> buffer(static_cast<size_t>(kCols * nTokens + 16), 0.5F);
    float* x = buffer.data() + (64 - reinterpret_cast<uintptr_t>(buffer.data()) % 64) / 4 % 16;
    std::vector<float> y(static_cast<size_t>(kRows * nTokens));
    double best = 1e9;
    for (int64_t i = 0; i < (isa == Isa::scalar ? 400 : 10'000) / nTokens + 3; ++i) {
        const double begin = threadSeconds();
        dispatchFor(isa).matmul(w, 0, kRows, x, kCols, nTokens, y.data(), kRows);
        best = std::min(best, threadSeconds() - begin);
    }
    print(isa, w, "matmul", nTokens, best);
}

// One head of attention: queries by the keys of a page, and its values weighed.
void measureAttention(Isa isa, int64_t nQueries, int64_t headDim) {
    constexpr int64_t kPageRows = 256;
    const std::vector<float> rows(static_cast<size_t>(kPageRows * headDim), 0.5F);
    const std::vector<float> queries(static_cast<size_t>(nQueries * headDim), 0.25F);
    std::vector<float> scores(static_cast<size_t>(nQueries * kPageRows));
    std::vector<float> sums(static_cast<size_t>(nQueries * headDim));
    const WeightsView keys = {.dtype = DType::f32,
                              .data = reinterpret_cast<const uint8_t*>(rows.data()),
                              .rows = kPageRows,
                              .cols = headDim,
                              .rowBytes = headDim * int64_t{sizeof(float)}};
    const Dispatch& kernels = dispatchFor(isa);
    double best[3] = {1e9, 1e9, 1e9};
    const auto time = [&](double& seconds, auto run) {
        const double begin = threadSeconds();
        run();
        seconds = std::min(seconds, threadSeconds() - begin);
    };
    for (int64_t i = 0; i < 4'000 / nQueries; ++i) {
        time(best[0], [&] {
            kernels.matmul(keys, 0, kPageRows, queries.data(), headDim, nQueries, scores.data(),
                           kPageRows);
        });
        time(best[1], [&] {
            for (int64_t q = 0; q < nQueries; ++q) {
                float* own = scores.data() + q * kPageRows;
                kernels.expSubtract(own, kPageRows, kernels.scaleMax(own, kPageRows, 0.1F, 0));
            }
        });
        time(best[2], [&] {
            kernels.addWeighted({.weights = scores.data(),
                                 .weightStride = kPageRows,
                                 .rows = rows.data(),
                                 .rowStride = headDim,
                                 .nRows = kPageRows},
                                nQueries, headDim, sums.data(), headDim);
        });
    }
    const auto nScores = static_cast<double>(nQueries * kPageRows);
    const double flops = 2 * nScores * static_cast<double>(headDim);
    fmt::print("| {} | {} | {} | {:.1f} | {:.2f} | {:.1f} |\n", toString(isa), nQueries, headDim,
               flops * 1e-9 / best[0], best[1] * 1e9 / nScores, flops * 1e-9 / best[2]);
}

// The same by tiles of bfloat16; the softmax rounds its weights.
void measureAttentionTiles(int64_t nQueries, int64_t headDim) {
    constexpr int64_t kPageRows = 256;
    constexpr int64_t kStride = kPageRows + 16;
    const Dispatch& kernels = dispatchFor(detectIsa());
    const std::vector<float> rows(static_cast<size_t>(kPageRows * headDim), 0.5F);
    const auto lines = [](int64_t bytes) {
        return std::vector<CacheLine>(static_cast<size_t>(bytes / 64));
    };
    auto queries = lines(bf16TileBytes(nQueries, headDim));
    auto keys = lines(bf16TileBytes(kPageRows, headDim));
    auto values = lines(bf16TileBytes(headDim, kPageRows));
    auto weights = lines(bf16TileBytes(nQueries, kPageRows));
    auto scoreLines = lines(wholeTiles(nQueries, 16) * kStride * int64_t{sizeof(float)});
    auto sumLines = lines(wholeTiles(nQueries, 16) * headDim * int64_t{sizeof(float)});
    auto* scores = reinterpret_cast<float*>(scoreLines.data());
    auto* sums = reinterpret_cast<float*>(sumLines.data());
    std::vector<SeenScores> seen(static_cast<size_t>(nQueries), {.end = kPageRows});
    double best[5] = {1e9, 1e9, 1e9, 1e9, 1e9};
    const auto time = [&](double& seconds, auto run) {
        const double begin = threadSeconds();
        run();
        seconds = std::min(seconds, threadSeconds() - begin);
    };
    const FloatRows page = {
        .values = rows.data(), .stride = headDim, .count = kPageRows, .length = headDim};
    kernels.roundBf16Rows(
        {.values = rows.data(), .stride = headDim, .count = nQueries, .length = headDim},
        queries.front().bytes);
    for (int64_t i = 0; i < 20'000 / nQueries; ++i) {
        time(best[0], [&] { kernels.roundBf16Columns(page, keys.front().bytes); });
        time(best[1], [&] { kernels.roundBf16Depth(page, values.front().bytes); });
        time(best[2], [&] {
            kernels.matmulBf16({.rows = queries.front().bytes,
                                .columns = keys.front().bytes,
                                .columnsStride = bf16TileBytes(16, headDim),
                                .nRows = nQueries,
                                .nColumns = kPageRows,
                                .depth = headDim},
                               scores, kStride);
        });
        time(best[3], [&] {
            kernels.weighBf16(
                {.values = scores, .stride = kStride, .count = nQueries, .length = kPageRows}, 0.1F,
                seen.data(), weights.front().bytes);
        });
        time(best[4], [&] {
            kernels.matmulBf16({.rows = weights.front().bytes,
                                .columns = values.front().bytes,
                                .columnsStride = bf16TileBytes(16, kPageRows),
                                .nRows = nQueries,
                                .nColumns = headDim,
                                .depth = kPageRows,
                                .adds = true},
                               sums, headDim);
        });
    }
    const auto nScores = static_cast<double>(nQueries * kPageRows);
    const double flops = 2 * nScores * static_cast<double>(headDim);
    fmt::print("| {} | {} | {:.1f} | {:.1f} | {:.1f} | {:.2f} | {:.1f} |\n", nQueries, headDim,
               best[0] * 1e6, best[1] * 1e6, flops * 1e-9 / best[2], best[3] * 1e9 / nScores,
               flops * 1e-9 / best[4]);
}

// Rounded index scores of tokens and one panel of keys of 128 codes.
void measureIndexScores(Isa isa, int64_t nHeads, int64_t nTokens) {
    constexpr int64_t kDim = 128;
    const Dispatch& kernels = dispatchFor(isa);
    const std::vector<int8_t> keys(static_cast<size_t>(kPanelKeys * kDim), 3);
    const std::vector<float> scales(static_cast<size_t>(kPanelKeys), 0.25F);
    std::vector<CacheLine> panel(static_cast<size_t>(roundedPanelBytes(kDim) / 64));
    kernels.packRoundedIndexKeys(
        {.codes = keys.data(), .rowBytes = kDim, .scales = scales.data(), .count = kPanelKeys},
        kDim, panel.front().bytes);
    const std::vector<uint8_t> codes(static_cast<size_t>(nTokens * nHeads * kDim), 131);
    const std::vector<float> weights(static_cast<size_t>(nTokens * nHeads), 0.5F);
    const std::vector<float> thresholds(static_cast<size_t>(nTokens), 1.0F);
    std::vector<float> scores(static_cast<size_t>(nTokens * kPanelKeys));
    std::vector<uint64_t> above(static_cast<size_t>(nTokens));
    constexpr int kRepeats = 20;  // of a panel: a call may take less than the clock
    double best = 1e9;
    for (int64_t i = 0; i < 40'000 / (nTokens * nHeads) + 3; ++i) {
        const double begin = threadSeconds();
        for (int k = 0; k < kRepeats; ++k)
            kernels.indexScoresRounded({.codes = codes.data(),
                                        .weights = weights.data(),
                                        .thresholds = thresholds.data(),
                                        .nTokens = nTokens,
                                        .nHeads = nHeads,
                                        .dim = kDim},
                                       {.keys = panel.front().bytes}, scores.data(), above.data());
        best = std::min(best, (threadSeconds() - begin) / kRepeats);
    }
    const auto nProducts = static_cast<double>(nTokens * nHeads * kPanelKeys * kDim);
    fmt::print("| {} | {} | {} | {:.0f} |\n", toString(isa), nHeads, nTokens,
               2e-9 * nProducts / best);
}

}  // namespace

int main(int argc, char** argv) {
    const std::string only = argc > 1 ? argv[1] : "";
    const auto wants = [&](const char* part) { return only.empty() || only == part; };
    fmt::print(
        "{}\n\n| isa | weights | kernel | tokens | ns per 32 weights and token | GFLOPS | GB/s "
        "weights |\n"
        "|---|---|---|---|---|---|---|\n",
        cpuName());
    for (const Isa isa : {Isa::scalar, Isa::avx2, Isa::avx512})
        for (const DType dtype :
             {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q6_K, DType::q5_K,
              DType::q4_K, DType::q4_1, DType::q4_0, DType::iq4_nl, DType::iq4_xs, DType::mxfp4,
              DType::q2_K, DType::iq2_xxs, DType::fp8E4m3, DType::fp4E2m1, DType::int4})
            for (const int64_t nTokens : {1, 48})
                if (isa <= detectIsa() && wants("matmul")) measure(isa, dtype, nTokens);
    constexpr DType kIntegers[] = {DType::q8_0,  DType::q6_K, DType::q5_K,    DType::q4_K,
                                   DType::q4_1,  DType::q4_0, DType::iq4_nl,  DType::iq4_xs,
                                   DType::mxfp4, DType::q2_K, DType::iq2_xxs, DType::fp4E2m1,
                                   DType::int4};
    for (const Isa isa : {Isa::avx2, Isa::avx512, Isa::avx512vnni, Isa::amx})
        for (const DType dtype : kIntegers)
            for (const int64_t nTokens : {1, 4})
                if (isa <= detectIsa() && wants("matmulFine"))
                    measureRounded(kFine, isa, dtype, nTokens);
    for (const DType dtype : kIntegers)
        for (const int64_t nTokens : {6, 64, 256}) {
            if (Isa::avx512vnni <= detectIsa() && wants("matmulTiles"))
                measureRounded(kTiles, Isa::avx512vnni, dtype, nTokens);
            if (Isa::amx == detectIsa() && wants("matmulWeightsBf16")) measureBf16(dtype, nTokens);
        }
    fmt::print(
        "\n| isa | queries | columns of a head | by 256 keys, GFLOPS | softmax, ns per score | "
        "values weighed, GFLOPS |\n|---|---|---|---|---|---|\n");
    for (const Isa isa : {Isa::avx2, Isa::avx512})
        for (const int64_t headDim : {64, 128, 576})
            for (const int64_t nQueries : {1, 8, 128})
                if (isa <= detectIsa() && wants("attention"))
                    measureAttention(isa, nQueries, headDim);
    fmt::print(
        "\n| queries | columns of a head | 256 keys into tiles, us | values, us | by 256 keys in "
        "tiles, GFLOPS | softmax, ns per score | values weighed, GFLOPS |\n"
        "|---|---|---|---|---|---|---|\n");
    for (const int64_t headDim : {64, 128, 576})
        for (const int64_t nQueries : {8, 32, 64, 128})
            if (dispatchFor(detectIsa()).hasFastBf16 && wants("attention"))
                measureAttentionTiles(nQueries, headDim);
    fmt::print("\n| isa | heads | tokens | index scores, rounded, GOPS |\n|---|---|---|---|\n");
    for (const Isa isa : {Isa::avx2, Isa::avx512, Isa::avx512vnni, Isa::amx})
        for (const auto& [nHeads, nTokens] : {std::pair(8, 1), std::pair(8, 2), std::pair(8, 128),
                                              std::pair(64, 1), std::pair(64, 32)})
            if (isa <= detectIsa() && wants("indexScores"))
                measureIndexScores(isa, nHeads, nTokens);
    return 0;
}
