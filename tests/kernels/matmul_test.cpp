#include <cmath>
#include <cstring>
#include <tuple>
#include <vector>

#include "kernels/dispatch.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

double halfValue(const uint8_t* at) {
    const int bits = at[0] | at[1] << 8;
    const int exponent = bits >> 10 & 31;
    const int mantissa = bits & 1023;
    const double value =
        exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(1024 + mantissa, exponent - 25);
    return bits >> 15 != 0 ? -value : value;
}

// The value of one weight, straight from the description of the formats.
double referenceWeight(const WeightsView& w, int64_t row, int64_t col) {
    const uint8_t* data = w.data + row * w.rowBytes;
    if (w.dtype == DType::f32) {
        float value = 0;
        std::memcpy(&value, data + 4 * col, 4);
        return value;
    }
    if (w.dtype == DType::f16) return halfValue(data + 2 * col);
    const int64_t block = col / 32;
    const int64_t i = col % 32;
    if (w.dtype == DType::q8_0)
        return halfValue(data + block * 34) * static_cast<int8_t>(data[block * 34 + 2 + i]);
    const int64_t head = w.dtype == DType::q4_0 ? 2 : 4;
    const uint8_t* at = data + block * (head + 16);
    const int q = i < 16 ? at[head + i] & 15 : at[head + i - 16] >> 4;
    if (w.dtype == DType::q4_0) return halfValue(at) * (q - 8);
    return halfValue(at) * q + halfValue(at + 2);
}

const std::vector<DType> kAllTypes = {DType::f32, DType::f16, DType::q4_0, DType::q4_1,
                                      DType::q8_0};

struct Shape {
    int64_t rows, cols, tokens;
};

// Awkward on purpose: one, primes, one more and one less than rows in flight, tiles and panels.
std::vector<Shape> shapes(DType dtype) {
    std::vector<Shape> all = {{1, 32, 1},   {3, 64, 2},   {7, 96, 3},    {8, 768, 4}, {9, 800, 5},
                              {17, 160, 1}, {13, 320, 7}, {5, 1536, 49}, {8, 32, 97}};
    if (dtype == DType::f32 || dtype == DType::f16)
        for (const Shape shape :
             {Shape{1, 1, 1}, {3, 31, 2}, {9, 33, 3}, {8, 257, 4}, {9, 769, 50}})
            all.push_back(shape);
    return all;
}

std::vector<float> multiply(Isa isa, const WeightsView& w, const std::vector<float>& x,
                            int64_t nTokens) {
    std::vector<float> y(static_cast<size_t>(w.rows * nTokens), 1e30F);
    dispatchFor(isa).matmul(w, 0, w.rows, x.data(), w.cols, nTokens, nullptr, y.data(), w.rows);
    return y;
}

}  // namespace

TEST_CASE("dequantised rows are the formats' values rounded once", "[kernels]") {
    for (const DType dtype : kAllTypes) {
        const Weights w = randomWeights(dtype, 3, 96, 11);
        std::vector<float> row(96);
        for (int64_t r = 0; r < 3; ++r) {
            dispatchFor(Isa::scalar).dequantiseRow(w.view, r, row);
            for (int64_t c = 0; c < 96; ++c) {
                CAPTURE(static_cast<int>(dtype), r, c);
                REQUIRE(row[static_cast<size_t>(c)] ==
                        static_cast<float>(referenceWeight(w.view, r, c)));
            }
        }
    }
}

TEST_CASE("matmul agrees with float64 on awkward shapes for every format", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const DType dtype : kAllTypes)
            for (const Shape& shape : shapes(dtype)) {
                const auto [rows, cols, tokens] = shape;
                CAPTURE(toString(isa), static_cast<int>(dtype), rows, cols, tokens);
                const Weights w = randomWeights(dtype, rows, cols, 5);
                const auto x = uniform(cols * tokens, 6);
                const auto y = multiply(isa, w.view, x, tokens);
                // Scalar: each weight rounds once, the sum once more. Others: a chain of cols / 8
                // additions and a tree of five, each rounding the running sum once.
                const double roundings = isa == Isa::scalar ? 2 : static_cast<double>(cols) / 8 + 6;
                bool isClose = true;
                for (int64_t t = 0; t < tokens; ++t)
                    for (int64_t r = 0; r < rows; ++r) {
                        double sum = 0;
                        double magnitude = 0;
                        for (int64_t c = 0; c < cols; ++c) {
                            const double product = referenceWeight(w.view, r, c) *
                                                   double{x[static_cast<size_t>(t * cols + c)]};
                            sum += product;
                            magnitude += std::abs(product);
                        }
                        const double error =
                            std::abs(sum - double{y[static_cast<size_t>(t * rows + r)]});
                        isClose = isClose && error <= roundings * magnitude * 0x1p-24 + 1e-38;
                    }
                REQUIRE(isClose);
            }
}

TEST_CASE("matmul gives the same bits for any number of tokens and any row range", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const DType dtype : kAllTypes) {
            constexpr int64_t kRows = 21;
            constexpr int64_t kCols = 1600;
            constexpr int64_t kTokens = 53;
            CAPTURE(toString(isa), static_cast<int>(dtype));
            const Weights w = randomWeights(dtype, kRows, kCols, 7);
            const auto x = uniform(kCols * kTokens, 8);
            const auto all = multiply(isa, w.view, x, kTokens);
            for (const int64_t step : {1, 2, 3, 5, 48}) {
                std::vector<float> y(all.size());
                for (int64_t t = 0; t < kTokens; t += step)
                    for (int64_t r = 0; r < kRows; r += 10) {
                        const int64_t n = std::min(step, kTokens - t);
                        dispatchFor(isa).matmul(w.view, r, std::min(r + 10, kRows),
                                                x.data() + t * kCols, kCols, n, nullptr,
                                                y.data() + t * kRows + r, kRows);
                    }
                CAPTURE(step);
                REQUIRE(std::memcmp(y.data(), all.data(), y.size() * sizeof(float)) == 0);
            }
        }
}
