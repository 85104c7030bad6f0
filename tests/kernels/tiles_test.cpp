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

// Rows of activations at a 64-byte border.
class Rounded {
public:
    Rounded(Isa isa, const std::vector<float>& x, int64_t cols, int64_t nTokens)
        : blocks_(static_cast<size_t>((cols + 31) / 32 * nTokens)) {
        for (int64_t t = 0; t < nTokens; ++t)
            dispatchFor(isa).roundRow(x.data() + t * cols, cols,
                                      data() + t * roundedRowBytes(cols));
        rows_ = {.data = data(), .rowBytes = roundedRowBytes(cols)};
    }

    const RoundedRows& rows() const { return rows_; }

    const RoundedBlock& block(size_t i) const { return blocks_[i].block; }

    size_t bytes() const { return blocks_.size() * sizeof(RoundedBlock); }

    uint8_t* data() { return reinterpret_cast<uint8_t*>(blocks_.data()); }

private:
    struct alignas(64) Aligned {
        RoundedBlock block;
    };

    std::vector<Aligned> blocks_;
    RoundedRows rows_;
};

std::vector<float> multiplyTiles(Isa isa, const WeightsView& w, const RoundedRows& x,
                                 int64_t nTokens) {
    std::vector<float> y(static_cast<size_t>(w.rows * nTokens), 1e30F);
    dispatchFor(isa).matmulTiles(w, 0, w.rows, x, nTokens, y.data(), w.rows);
    return y;
}

struct Shape {
    int64_t rows, cols, tokens;
};

std::vector<Shape> tileShapes(DType dtype) {
    if (blockFormat(dtype).blockValues == 256)
        return {{1, 256, 1}, {33, 512, 7}, {16, 768, 6}, {47, 1792, 13}, {5, 256, 391}};
    return {{1, 32, 1}, {33, 544, 7}, {16, 96, 6}, {47, 1056, 13}, {5, 64, 391}};
}

bool haveSameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("every instruction set rounds activations to the same bytes", "[kernels][tiles]") {
    for (const int64_t cols : {32, 33, 47, 50, 1024}) {
        auto x = uniform(cols * 3, 1, 3);
        x[5] = 1e-38F;
        std::fill_n(x.begin() + cols, std::min<int64_t>(cols, 40), 1e-31F);
        x[static_cast<size_t>(2 * cols)] = 0x1p-90F;
        Rounded expected(Isa::scalar, x, cols, 3);
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa), cols);
            Rounded seen(isa, x, cols, 3);
            REQUIRE(std::memcmp(seen.data(), expected.data(), expected.bytes()) == 0);
        }
    }
}

TEST_CASE("a rounded activation is off by at most half of its scale", "[kernels][tiles]") {
    constexpr int64_t kCols = 4096;
    const auto x = uniform(kCols, 2, 40);
    const Rounded rounded(Isa::scalar, x, kCols, 1);
    for (size_t c = 0; c < x.size(); ++c) {
        const RoundedBlock& block = rounded.block(c / 32);
        const float value = block.scale * static_cast<float>(block.values[c % 32]);
        REQUIRE(std::abs(value - x[c]) <= 0.5001F * block.scale);
    }
}

TEST_CASE("tiles have the same bits on every instruction set", "[kernels][tiles]") {
    for (const WeightKind& kind : integerKinds())
        for (const Shape& shape : tileShapes(kind.dtype)) {
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 4);
            const auto x = uniform(shape.cols * shape.tokens, 5);
            const Rounded rounded(Isa::scalar, x, shape.cols, shape.tokens);
            const auto expected = multiplyTiles(Isa::scalar, w.view, rounded.rows(), shape.tokens);
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), nameOf(kind), shape.rows, shape.cols, shape.tokens);
                REQUIRE(haveSameBits(multiplyTiles(isa, w.view, rounded.rows(), shape.tokens),
                                     expected));
            }
        }
}

// The bound is that of dispatch.h: half a scale per activation, and the float32 chain.
TEST_CASE("tiles are off from float64 by no more than the rounding of activations",
          "[kernels][tiles]") {
    for (const WeightKind& kind : integerKinds())
        for (const Shape& shape : tileShapes(kind.dtype)) {
            CAPTURE(nameOf(kind), shape.rows, shape.cols, shape.tokens);
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 6);
            const auto x = uniform(shape.cols * shape.tokens, 7);
            const Rounded rounded(Isa::scalar, x, shape.cols, shape.tokens);
            const auto y = multiplyTiles(Isa::scalar, w.view, rounded.rows(), shape.tokens);
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
                        const double product =
                            weight * double{x[static_cast<size_t>(t * shape.cols + c)]};
                        const RoundedBlock& block =
                            rounded.block(static_cast<size_t>(t * (shape.cols / 32) + c / 32));
                        exact += product;
                        bound += std::abs(weight) * double{block.scale} * 0.5001;
                        // Codes times scale and offset may cancel: their sizes count one by one.
                        magnitude += 32 * (std::abs(weight) + 1) * double{block.scale} * 127;
                    }
                    const double error =
                        std::abs(exact - double{y[static_cast<size_t>(t * shape.rows + r)]});
                    isWithin &= error <= bound + magnitude * 0x1p-23;
                }
            }
            REQUIRE(isWithin);
        }
}

TEST_CASE("tiles have the same bits for any tokens beside each other and any row range",
          "[kernels][tiles]") {
    constexpr int64_t kRows = 75;
    constexpr int64_t kCols = 768;
    constexpr int64_t kTokens = 29;
    for (const WeightKind& kind : integerKinds()) {
        CAPTURE(nameOf(kind));
        const Weights w = randomWeights(kind, kRows, kCols, 8);
        const auto x = uniform(kCols * kTokens, 9);
        const Rounded rounded(detectIsa(), x, kCols, kTokens);
        const auto all = multiplyTiles(detectIsa(), w.view, rounded.rows(), kTokens);
        for (const int64_t step : {1, 4, 7, 16}) {
            std::vector<float> y(all.size());
            for (int64_t t = 0; t < kTokens; t += step)
                for (int64_t r = 0; r < kRows; r += 10) {
                    RoundedRows part = rounded.rows();
                    part.data += t * part.rowBytes;
                    dispatchFor(detectIsa())
                        .matmulTiles(w.view, r, std::min(r + 10, kRows), part,
                                     std::min(step, kTokens - t), y.data() + t * kRows + r, kRows);
                }
            CAPTURE(step);
            REQUIRE(haveSameBits(y, all));
        }
    }
}

TEST_CASE("tiles take the tokens they are told to take", "[kernels][tiles]") {
    constexpr int64_t kCols = 512;
    const Weights w = randomWeights({.dtype = DType::q4_K}, 40, kCols, 10);
    const auto x = uniform(kCols * 9, 11);
    const Rounded rounded(detectIsa(), x, kCols, 9);
    const std::vector<int32_t> chosen = {8, 0, 0, 3, 7, 1, 2};
    RoundedRows some = rounded.rows();
    some.chosen = chosen.data();
    const auto all = multiplyTiles(detectIsa(), w.view, rounded.rows(), 9);
    const auto seen = multiplyTiles(detectIsa(), w.view, some, std::ssize(chosen));
    for (size_t t = 0; t < chosen.size(); ++t)
        for (size_t r = 0; r < 40; ++r)
            REQUIRE(seen[t * 40 + r] == all[static_cast<size_t>(chosen[t]) * 40 + r]);
}

TEST_CASE("tiles pass NaN and infinity on as NaN, on every instruction set", "[kernels][tiles]") {
    constexpr int64_t kCols = 256;
    const Weights w = randomWeights({.dtype = DType::q8_0}, 3, kCols, 12);
    for (const float poison :
         {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
          -std::numeric_limits<float>::infinity()}) {
        auto x = uniform(kCols * 2, 13);
        x[77] = poison;
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa));
            const Rounded rounded(isa, x, kCols, 2);
            const auto y = multiplyTiles(isa, w.view, rounded.rows(), 2);
            for (size_t r = 0; r < 3; ++r) {
                REQUIRE(std::isnan(y[r]));
                REQUIRE(std::isfinite(y[3 + r]));
            }
        }
    }
}
