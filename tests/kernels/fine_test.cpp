// Products with activations rounded to 16 bits.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/cpu/integer_formats.h"
#include "kernels/dispatch.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

struct alignas(64) CacheLine {
    uint8_t bytes[64];
};

// Rows of activations at a 64-byte border.
class FineRows {
public:
    FineRows(Isa isa, const std::vector<float>& x, int64_t cols, int64_t nTokens)
        : lines_(static_cast<size_t>(fineRowBytes(cols) / 64 * nTokens)) {
        auto* data = reinterpret_cast<uint8_t*>(lines_.data());
        for (int64_t t = 0; t < nTokens; ++t)
            dispatchFor(isa).roundRowFine(x.data() + t * cols, cols, data + t * fineRowBytes(cols));
        rows_ = {.data = data, .rowBytes = fineRowBytes(cols)};
    }

    const RoundedRows& rows() const { return rows_; }

    const FineBlock& block(int64_t token, int64_t i) const {
        return reinterpret_cast<const FineBlock*>(rows_.data + token * rows_.rowBytes)[i];
    }

    bool hasSameBits(const FineRows& other) const {
        return lines_.size() == other.lines_.size() &&
               std::memcmp(lines_.data(), other.lines_.data(), lines_.size() * sizeof(CacheLine)) ==
                   0;
    }

private:
    std::vector<CacheLine> lines_;
    RoundedRows rows_;
};

std::vector<float> multiplyFine(Isa isa, const WeightsView& w, const RoundedRows& x,
                                int64_t nTokens) {
    std::vector<float> y(static_cast<size_t>(w.rows * nTokens), 1e30F);
    dispatchFor(isa).matmulFine(w, 0, w.rows, x, nTokens, y.data(), w.rows);
    return y;
}

struct FineShape {
    int64_t rows, cols, tokens;
};

std::vector<FineShape> fineShapes(DType dtype) {
    if (blockFormat(dtype).blockValues == 256)
        return {{1, 256, 1}, {33, 512, 7}, {16, 768, 4}, {9, 1792, 17}, {8, 1024, 2}, {5, 2304, 3}};
    return {{1, 32, 1},   {33, 544, 7}, {16, 96, 4}, {9, 4384, 17},
            {40, 576, 5}, {17, 256, 1}, {18, 480, 2}};
}

bool haveEqualBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("every instruction set rounds activations to the same 16 bits", "[kernels][fine]") {
    for (const int64_t cols : {32, 256, 300, 1024}) {
        auto x = uniform(cols * 3, 1, 3);
        x[5] = 1e-38F;
        std::fill_n(x.begin() + cols, std::min<int64_t>(cols, 260), 1e-31F);
        x[static_cast<size_t>(2 * cols)] = 0x1p-90F;
        const FineRows expected(Isa::scalar, x, cols, 3);
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa), cols);
            REQUIRE(FineRows(isa, x, cols, 3).hasSameBits(expected));
        }
    }
}

TEST_CASE("a finely rounded activation is off by at most half of its scale", "[kernels][fine]") {
    constexpr int64_t kCols = 4096;
    const auto x = uniform(kCols, 2, 40);
    const FineRows rounded(Isa::scalar, x, kCols, 1);
    for (size_t c = 0; c < x.size(); ++c) {
        const FineBlock& block = rounded.block(0, static_cast<int64_t>(c / 256));
        const double value = double{block.scale} * block.values[c % 256];
        REQUIRE(std::abs(value - double{x[c]}) <= 0.51 * double{block.scale});
        REQUIRE(block.scale <= 40.001F / 32639);
    }
}

TEST_CASE("fine products have the same bits on every instruction set", "[kernels][fine]") {
    for (const WeightKind& kind : integerKinds())
        for (const FineShape& shape : fineShapes(kind.dtype)) {
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 4);
            const auto x = uniform(shape.cols * shape.tokens, 5);
            const FineRows rounded(Isa::scalar, x, shape.cols, shape.tokens);
            const auto expected = multiplyFine(Isa::scalar, w.view, rounded.rows(), shape.tokens);
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), nameOf(kind), shape.rows, shape.cols, shape.tokens);
                REQUIRE(haveEqualBits(multiplyFine(isa, w.view, rounded.rows(), shape.tokens),
                                      expected));
            }
        }
}

// The largest sub-scales, codes and activations: sums of a lane just fit into 32 bits.
TEST_CASE("fine products do not overflow", "[kernels][fine]") {
    constexpr int64_t kCols = 256;
    std::vector<uint8_t> block(210, 0);
    std::fill_n(block.begin() + 192, 16, uint8_t{0x80});  // sub-scales of -128; codes are -32
    const uint16_t one = 0x3c00;
    std::memcpy(block.data() + 208, &one, sizeof one);
    const WeightsView w = {
        .dtype = DType::q6_K, .data = block.data(), .rows = 1, .cols = kCols, .rowBytes = 210};
    for (const float size : {2.0F, -2.0F}) {
        const std::vector<float> x(kCols, size);
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa), size);
            const FineRows rounded(isa, x, kCols, 1);
            const float y = multiplyFine(isa, w, rounded.rows(), 1).front();
            REQUIRE(std::abs(y - 256 * 4096 * size) <= 256 * 4096 * 1e-6F * 2);
        }
    }
}

TEST_CASE("fine products with minima do not overflow", "[kernels][fine]") {
    constexpr int64_t kCols = 1024;
    std::vector<uint8_t> blocks(4 * 176, 0xff);   // codes 31, scales and minima 63
    const uint16_t halves[2] = {0x3c00, 0xbc00};  // 1, -1: nothing cancels
    for (size_t block = 0; block < 4; ++block)
        std::memcpy(blocks.data() + block * 176, halves, sizeof halves);
    const WeightsView w = {
        .dtype = DType::q5_K, .data = blocks.data(), .rows = 1, .cols = kCols, .rowBytes = 4 * 176};
    for (const float size : {2.0F, -2.0F}) {
        const std::vector<float> x(kCols, size);
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa), size);
            const FineRows rounded(isa, x, kCols, 1);
            const float y = multiplyFine(isa, w, rounded.rows(), 1).front();
            REQUIRE(std::abs(y - kCols * 63 * 32 * size) <= kCols * 63 * 32 * 1e-6F * 2);
        }
    }
}

// All nibbles are 15 and all lower bytes of activations -128, upper ones 126 or -126: sums of
// products just fit into 16 bits, where no instruction sums up four bytes.
TEST_CASE("fine products of rows in lanes do not overflow", "[kernels][fine]") {
    constexpr int64_t kCols = 256;
    constexpr int64_t kRows = 17;
    for (const DType dtype : {DType::q4_0, DType::q4_1}) {
        const int64_t rowBytes = kCols / 32 * blockFormat(dtype).blockBytes;
        std::vector<uint8_t> rows(static_cast<size_t>(kRows * rowBytes), 0xff);
        const uint16_t halves[2] = {0x3c00, 0};  // 1, 0
        for (size_t at = 0; at < rows.size(); at += static_cast<size_t>(rowBytes / 8))
            std::memcpy(rows.data() + at, halves, dtype == DType::q4_1 ? 4 : 2);
        const WeightsView w = {.dtype = dtype,
                               .data = rows.data(),
                               .rows = kRows,
                               .cols = kCols,
                               .rowBytes = rowBytes};
        for (const float value : {126 * 256 - 128.0F, -126 * 256 - 128.0F}) {
            std::vector<float> x(kCols, value);
            x[0] = 32639;  // so that values are rounded to themselves
            const FineRows rounded(Isa::scalar, x, kCols, 1);
            REQUIRE(rounded.block(0, 0).low[1] == -128);
            const auto expected = multiplyFine(Isa::scalar, w, rounded.rows(), 1);
            const float code = dtype == DType::q4_1 ? 15 : 7;
            const float exact = code * (255 * value + 32639);
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), dtype, value);
                const auto y = multiplyFine(isa, w, rounded.rows(), 1);
                REQUIRE(haveEqualBits(y, expected));
                REQUIRE(std::abs(y.back() - exact) <= std::abs(exact) * 1e-6F);
            }
        }
    }
}

// The bound is that of dispatch.h: half a scale per activation, and the float32 sums.
TEST_CASE("fine products are off from float64 by no more than the rounding of activations",
          "[kernels][fine]") {
    for (const WeightKind& kind : integerKinds())
        for (const FineShape& shape : fineShapes(kind.dtype)) {
            CAPTURE(nameOf(kind), shape.rows, shape.cols, shape.tokens);
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 6);
            const auto x = uniform(shape.cols * shape.tokens, 7);
            const FineRows rounded(Isa::scalar, x, shape.cols, shape.tokens);
            const auto y = multiplyFine(Isa::scalar, w.view, rounded.rows(), shape.tokens);
            std::vector<float> row(static_cast<size_t>(shape.cols));
            bool isWithin = true;
            for (int64_t r = 0; r < shape.rows; ++r) {
                dispatchFor(Isa::scalar).dequantiseRow(w.view, r, row);
                for (int64_t t = 0; t < shape.tokens; ++t) {
                    double exact = 0;
                    double bound = 0;
                    double magnitude = 0;
                    for (int64_t c = 0; c < shape.cols; ++c) {
                        const double weight = row[static_cast<size_t>(c)];
                        const double scale = rounded.block(t, c / 256).scale;
                        exact += weight * double{x[static_cast<size_t>(t * shape.cols + c)]};
                        bound += std::abs(weight) * scale * 0.51;
                        // Codes times scale and offset may cancel: their sizes count one by one.
                        magnitude += 32 * (std::abs(weight) + 1) * scale * 32767;
                    }
                    const double error =
                        std::abs(exact - double{y[static_cast<size_t>(t * shape.rows + r)]});
                    isWithin &= error <= bound + magnitude * 0x1p-23;
                }
            }
            REQUIRE(isWithin);
        }
}

TEST_CASE("fine products have the same bits for any tokens beside each other and any row range",
          "[kernels][fine]") {
    constexpr int64_t kRows = 43;
    constexpr int64_t kCols = 768;
    constexpr int64_t kTokens = 17;
    for (const WeightKind& kind : integerKinds())
        for (const Isa isa : runnableIsas()) {
            if (isa == Isa::scalar) continue;
            CAPTURE(nameOf(kind), toString(isa));
            const Weights w = randomWeights(kind, kRows, kCols, 8);
            const auto x = uniform(kCols * kTokens, 9);
            const FineRows rounded(isa, x, kCols, kTokens);
            const auto all = multiplyFine(isa, w.view, rounded.rows(), kTokens);
            for (const int64_t step : {1, 3, 4, 16}) {
                std::vector<float> y(all.size());
                for (int64_t t = 0; t < kTokens; t += step)
                    for (int64_t r = 0; r < kRows; r += 10) {
                        RoundedRows part = rounded.rows();
                        part.data += t * part.rowBytes;
                        dispatchFor(isa).matmulFine(w.view, r, std::min(r + 10, kRows), part,
                                                    std::min(step, kTokens - t),
                                                    y.data() + t * kRows + r, kRows);
                    }
                CAPTURE(step);
                REQUIRE(haveEqualBits(y, all));
            }
        }
}

TEST_CASE("fine products take the tokens they are told to take", "[kernels][fine]") {
    constexpr int64_t kCols = 512;
    const Weights w = randomWeights({.dtype = DType::q4_K}, 40, kCols, 10);
    const auto x = uniform(kCols * 9, 11);
    const FineRows rounded(detectIsa(), x, kCols, 9);
    const std::vector<int32_t> chosen = {8, 0, 0, 3, 7, 1, 2};
    RoundedRows some = rounded.rows();
    some.chosen = chosen.data();
    const auto all = multiplyFine(detectIsa(), w.view, rounded.rows(), 9);
    const auto seen = multiplyFine(detectIsa(), w.view, some, std::ssize(chosen));
    for (size_t t = 0; t < chosen.size(); ++t)
        for (size_t r = 0; r < 40; ++r)
            REQUIRE(seen[t * 40 + r] == all[static_cast<size_t>(chosen[t]) * 40 + r]);
}

TEST_CASE("fine products pass NaN and infinity on as NaN, on every instruction set",
          "[kernels][fine]") {
    constexpr int64_t kCols = 256;
    const Weights w = randomWeights({.dtype = DType::q8_0}, 3, kCols, 12);
    for (const float poison :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()})
        for (const size_t place : {size_t{0}, size_t{77}, size_t{255}}) {
            auto x = uniform(kCols * 2, 13);
            x[place] = poison;
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), place);
                const FineRows rounded(isa, x, kCols, 2);
                const auto y = multiplyFine(isa, w.view, rounded.rows(), 2);
                for (size_t r = 0; r < 3; ++r) {
                    REQUIRE(std::isnan(y[r]));
                    REQUIRE(std::isfinite(y[3 + r]));
                }
            }
        }
}
