#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/dispatch.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

struct Shape {
    int64_t rows, cols, tokens;
};

// Awkward on purpose: one, primes, one more and one less than rows in flight, tiles and panels.
std::vector<Shape> shapes(DType dtype) {
    switch (blockFormat(dtype).blockValues) {
        case 256:
            return {{1, 256, 1},  {3, 512, 2},  {7, 768, 3},   {8, 1024, 4}, {9, 1792, 5},
                    {17, 256, 1}, {13, 512, 7}, {5, 1536, 49}, {8, 256, 97}};
        case 1:
            return {{1, 1, 1},    {3, 31, 2},   {9, 33, 3},   {8, 257, 4},
                    {9, 769, 50}, {17, 160, 1}, {5, 1536, 49}};
        case 2:
            return {{1, 2, 1},    {3, 30, 2},   {9, 34, 3},   {8, 258, 4},
                    {9, 770, 50}, {17, 160, 1}, {5, 1536, 49}};
        default:
            return {{1, 32, 1},   {3, 64, 2},   {7, 96, 3},    {8, 768, 4}, {9, 800, 5},
                    {17, 160, 1}, {13, 320, 7}, {5, 1536, 49}, {8, 32, 97}};
    }
}

std::vector<float> multiply(Isa isa, const WeightsView& w, const std::vector<float>& x,
                            int64_t nTokens) {
    std::vector<float> y(static_cast<size_t>(w.rows * nTokens), 1e30F);
    dispatchFor(isa).matmul(w, 0, w.rows, x.data(), w.cols, nTokens, y.data(), w.rows);
    return y;
}

// The weights as values; weight_formats_test.cpp holds them against other implementations.
std::vector<float> valuesOf(const WeightsView& w) {
    std::vector<float> values(static_cast<size_t>(w.rows * w.cols));
    for (int64_t r = 0; r < w.rows; ++r)
        dispatchFor(Isa::scalar)
            .dequantiseRow(w, r,
                           std::span(values).subspan(static_cast<size_t>(r * w.cols),
                                                     static_cast<size_t>(w.cols)));
    return values;
}

// Whether y is the product up to `roundings` roundings of sums below the sum of sizes.
bool isProduct(const std::vector<float>& values, const std::vector<float>& x,
               const std::vector<float>& y, const Shape& shape, double roundings) {
    const auto [rows, cols, tokens] = shape;
    for (int64_t t = 0; t < tokens; ++t)
        for (int64_t r = 0; r < rows; ++r) {
            double sum = 0;
            double magnitude = 0;
            for (int64_t c = 0; c < cols; ++c) {
                const double product = double{values[static_cast<size_t>(r * cols + c)]} *
                                       double{x[static_cast<size_t>(t * cols + c)]};
                sum += product;
                magnitude += std::abs(product);
            }
            const double error = std::abs(sum - double{y[static_cast<size_t>(t * rows + r)]});
            if (!(error <= roundings * magnitude * 0x1p-24 + 1e-38)) return false;
        }
    return true;
}

}  // namespace

TEST_CASE("every instruction set decodes rows to the same bits", "[kernels]") {
    for (const WeightKind& kind : weightKinds())
        for (const Shape& shape : shapes(kind.dtype)) {
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 4);
            const auto expected = valuesOf(w.view);
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), nameOf(kind), shape.rows, shape.cols);
                std::vector<float> row(static_cast<size_t>(shape.cols));
                for (int64_t r = 0; r < shape.rows; ++r) {
                    dispatchFor(isa).dequantiseRow(w.view, r, row);
                    REQUIRE(std::memcmp(row.data(), expected.data() + r * shape.cols,
                                        row.size() * sizeof(float)) == 0);
                }
            }
        }
}

TEST_CASE("NaN codes and scales make NaN products on every instruction set", "[kernels]") {
    std::vector<uint8_t> codes(64, 0x31);
    codes[3] = 0x7f;
    codes[40] = 0xff;
    std::vector<uint8_t> block(17, 0x31);
    block[0] = 255;
    const std::vector<float> x(64, 1);
    for (const Isa isa : runnableIsas()) {
        CAPTURE(toString(isa));
        const WeightsView e4m3 = {
            .dtype = DType::fp8E4m3, .data = codes.data(), .rows = 2, .cols = 32, .rowBytes = 32};
        for (const float y : multiply(isa, e4m3, x, 2))
            REQUIRE(std::isnan(y));
        const WeightsView mxfp4 = {
            .dtype = DType::mxfp4, .data = block.data(), .rows = 1, .cols = 32, .rowBytes = 17};
        REQUIRE(std::isnan(multiply(isa, mxfp4, x, 1)[0]));
    }
}

TEST_CASE("matmul agrees with float64 on awkward shapes for every format", "[kernels]") {
    for (const WeightKind& kind : weightKinds())
        for (const Shape& shape : shapes(kind.dtype)) {
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 5);
            const auto values = valuesOf(w.view);
            const auto x = uniform(shape.cols * shape.tokens, 6);
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), nameOf(kind), shape.rows, shape.cols, shape.tokens);
                const auto y = multiply(isa, w.view, x, shape.tokens);
                // Scalar: the sum rounds once. Others: a chain of cols / 8 additions and a tree of
                // five, each rounding the running sum once.
                const double roundings =
                    isa == Isa::scalar ? 1 : static_cast<double>(shape.cols) / 8 + 6;
                REQUIRE(isProduct(values, x, y, shape, roundings));
            }
        }
}

TEST_CASE("matmul gives the same bits for any number of tokens and any row range", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const WeightKind& kind : weightKinds()) {
            constexpr int64_t kRows = 21;
            constexpr int64_t kCols = 1792;
            constexpr int64_t kTokens = 53;
            CAPTURE(toString(isa), nameOf(kind));
            const Weights w = randomWeights(kind, kRows, kCols, 7);
            const auto x = uniform(kCols * kTokens, 8);
            const auto all = multiply(isa, w.view, x, kTokens);
            for (const int64_t step : {1, 2, 3, 5, 48}) {
                std::vector<float> y(all.size());
                for (int64_t t = 0; t < kTokens; t += step)
                    for (int64_t r = 0; r < kRows; r += 10) {
                        const int64_t n = std::min(step, kTokens - t);
                        dispatchFor(isa).matmul(w.view, r, std::min(r + 10, kRows),
                                                x.data() + t * kCols, kCols, n,
                                                y.data() + t * kRows + r, kRows);
                    }
                CAPTURE(step);
                REQUIRE(std::memcmp(y.data(), all.data(), y.size() * sizeof(float)) == 0);
            }
        }
}

TEST_CASE("rows as short as attention's keys have the bits of one token for any number of them",
          "[kernels]") {
    constexpr int64_t kTokens = 29;
    for (const int64_t cols : {8, 16, 48, 64, 128, 200, 576, 768, 784})
        for (const int64_t rows : {7, 15, 16, 17, 31, 33, 48, 77}) {
            const Weights w = randomWeights({.dtype = DType::f32}, rows, cols, 11);
            const auto values = valuesOf(w.view);
            const auto x = uniform(cols * kTokens, 12);
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), rows, cols);
                std::vector<float> alone(static_cast<size_t>(rows * kTokens));
                for (int64_t t = 0; t < kTokens; ++t)
                    dispatchFor(isa).matmul(w.view, 0, rows, x.data() + t * cols, cols, 1,
                                            alone.data() + t * rows, rows);
                const double roundings = isa == Isa::scalar ? 1 : static_cast<double>(cols) / 8 + 6;
                REQUIRE(isProduct(values, x, alone, {rows, cols, kTokens}, roundings));
                for (const int64_t n : {4, 5, 6, 7, 12, 29})
                    for (int64_t begin : {int64_t{0}, rows / 3}) {
                        std::vector<float> y(static_cast<size_t>((rows - begin) * n), -1.0F);
                        dispatchFor(isa).matmul(w.view, begin, rows, x.data(), cols, n, y.data(),
                                                rows - begin);
                        CAPTURE(n, begin);
                        for (int64_t t = 0; t < n; ++t)
                            REQUIRE(std::memcmp(
                                        y.data() + t * (rows - begin),
                                        alone.data() + t * rows + begin,
                                        static_cast<size_t>(rows - begin) * sizeof(float)) == 0);
                    }
            }
        }
}

TEST_CASE("rows taken out of a matrix keep their scales and their products", "[kernels]") {
    for (const WeightKind& kind : weightKinds()) {
        CAPTURE(nameOf(kind));
        const Weights w = randomWeights(kind, 11, 256, 9);
        const auto x = uniform(256, 10);
        const auto all = multiply(detectIsa(), w.view, x, 1);
        const auto part = multiply(detectIsa(), rowsOf(w.view, 5, 4), x, 1);
        REQUIRE(std::vector(all.begin() + 5, all.begin() + 9) == part);
    }
}
