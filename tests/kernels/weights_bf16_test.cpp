#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/dispatch.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

// Tokens in tiles at a 64-byte border.
class Tokens {
public:
    explicit Tokens(const FloatRows& x, Isa isa = Isa::scalar)
        : lines_(static_cast<size_t>(bf16TileBytes(x.count, x.length) / 64)) {
        uint8_t* tiles = lines_.front().bytes;
        dispatchFor(isa).roundBf16Columns(x, tiles);
        rows_ = {.data = tiles, .rowBytes = bf16RowBytes(x.length)};
    }

    const RoundedRows& rows() const { return rows_; }

private:
    struct alignas(64) Line {
        uint8_t bytes[64];
    };

    std::vector<Line> lines_;
    RoundedRows rows_;
};

FloatRows tokensOf(const std::vector<float>& x, int64_t cols) {
    return {.values = x.data(), .stride = cols, .count = std::ssize(x) / cols, .length = cols};
}

std::vector<float> multiply(Isa isa, const WeightsView& w, const Tokens& x, int64_t nTokens) {
    std::vector<float> y(static_cast<size_t>(w.rows * nTokens), 1e30F);
    dispatchFor(isa).matmulWeightsBf16(w, 0, w.rows, x.rows(), nTokens, y.data(), w.rows);
    return y;
}

// Those that have a kernel of their own; the others have the twin.
std::vector<Isa> isasOwn() {
    std::vector<Isa> isas = runnableIsas();
    std::erase_if(isas, [](Isa isa) { return !dispatchFor(isa).hasFastWeightsBf16; });
    return isas;
}

struct Shape {
    int64_t rows, cols, tokens;
};

// Panels are 32 rows by 1,024 columns; 512 tokens are taken at once.
std::vector<Shape> shapesOf(const WeightKind& kind) {
    if (blockFormat(kind.dtype).blockValues == 256)
        return {{1, 256, 1},   {33, 512, 7},  {16, 768, 16}, {47, 1792, 35},
                {65, 512, 64}, {3, 256, 512}, {3, 1280, 560}};
    return {{1, 32, 1},    {33, 544, 7}, {16, 96, 16},  {47, 1056, 35},
            {65, 512, 64}, {3, 64, 512}, {3, 1120, 560}};
}

bool haveSameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("weights in bfloat16 have the same bits on every instruction set", "[kernels][bf16]") {
    for (const WeightKind& kind : integerKinds())
        for (const Shape& shape : shapesOf(kind)) {
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 4);
            const auto x = uniform(shape.cols * shape.tokens, 5);
            const Tokens tokens(tokensOf(x, shape.cols));
            const auto expected = multiply(Isa::scalar, w.view, tokens, shape.tokens);
            for (const Isa isa : isasOwn()) {
                CAPTURE(toString(isa), nameOf(kind), shape.rows, shape.cols, shape.tokens);
                REQUIRE(haveSameBits(multiply(isa, w.view, tokens, shape.tokens), expected));
            }
        }
}

// The bound is that of dispatch.h; sums of n columns are off by n roundings at most.
TEST_CASE("weights in bfloat16 are off from float64 by no more than both roundings",
          "[kernels][bf16]") {
    for (const WeightKind& kind : integerKinds())
        for (const Shape& shape : shapesOf(kind)) {
            CAPTURE(nameOf(kind), shape.rows, shape.cols, shape.tokens);
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 6);
            const auto x = uniform(shape.cols * shape.tokens, 7);
            const auto y =
                multiply(Isa::scalar, w.view, Tokens(tokensOf(x, shape.cols)), shape.tokens);
            std::vector<float> row(static_cast<size_t>(shape.cols));
            bool isWithin = true;
            for (int64_t r = 0; r < shape.rows; ++r) {
                dispatchFor(Isa::scalar).dequantiseRow(w.view, r, row);
                for (int64_t t = 0; t < shape.tokens; ++t) {
                    double exact = 0;
                    double magnitude = 0;
                    for (int64_t c = 0; c < shape.cols; ++c) {
                        const double product = double{row[static_cast<size_t>(c)]} *
                                               double{x[static_cast<size_t>(t * shape.cols + c)]};
                        exact += product;
                        magnitude += std::abs(product);
                    }
                    const double roundings =
                        0x1p-8 * (1 + 0x1p-10) + static_cast<double>(shape.cols) * 0x1p-23;
                    const double error =
                        std::abs(exact - double{y[static_cast<size_t>(t * shape.rows + r)]});
                    isWithin &= error <= magnitude * roundings + 1e-30;
                }
            }
            REQUIRE(isWithin);
        }
}

TEST_CASE("weights in bfloat16 have the same bits for any tokens beside each other and any rows",
          "[kernels][bf16]") {
    constexpr int64_t kRows = 75;
    constexpr int64_t kCols = 768;
    constexpr int64_t kTokens = 50;
    for (const WeightKind& kind : integerKinds()) {
        CAPTURE(nameOf(kind));
        const Weights w = randomWeights(kind, kRows, kCols, 8);
        const auto x = uniform(kCols * kTokens, 9);
        const auto all = multiply(detectIsa(), w.view, Tokens(tokensOf(x, kCols)), kTokens);
        for (const int64_t step : {1, 4, 17, 33}) {
            std::vector<float> y(all.size());
            for (int64_t t = 0; t < kTokens; t += step) {
                const FloatRows part = tokensOf(x, kCols).from(t, step);
                const Tokens tokens(part, detectIsa());
                for (int64_t r = 0; r < kRows; r += 10)
                    dispatchFor(detectIsa())
                        .matmulWeightsBf16(w.view, r, std::min(r + 10, kRows), tokens.rows(),
                                           part.count, y.data() + t * kRows + r, kRows);
            }
            CAPTURE(step);
            REQUIRE(haveSameBits(y, all));
        }
    }
}

TEST_CASE("chosen tokens stand in tiles as they were told to", "[kernels][bf16]") {
    constexpr int64_t kCols = 512;
    const Weights w = randomWeights({.dtype = DType::q4_K}, 40, kCols, 10);
    const auto x = uniform(kCols * 9, 11);
    const std::vector<int32_t> chosen = {8, 0, 0, 3, 7, 1, 2};
    FloatRows some = tokensOf(x, kCols);
    some.count = std::ssize(chosen);
    some.chosen = chosen.data();
    const auto all = multiply(detectIsa(), w.view, Tokens(tokensOf(x, kCols)), 9);
    for (const Isa isa : runnableIsas()) {
        CAPTURE(toString(isa));
        const auto seen = multiply(isa, w.view, Tokens(some, isa), some.count);
        const auto last = multiply(isa, w.view, Tokens(some.from(5, 16), isa), 2);
        for (size_t t = 0; t < chosen.size(); ++t)
            for (size_t r = 0; r < 40; ++r) {
                const float expected = all[static_cast<size_t>(chosen[t]) * 40 + r];
                REQUIRE(seen[t * 40 + r] == expected);
                if (t >= 5) REQUIRE(last[(t - 5) * 40 + r] == expected);
            }
    }
}

TEST_CASE("weights in bfloat16 pass NaN on, on every instruction set", "[kernels][bf16]") {
    constexpr int64_t kCols = 256;
    Weights w = randomWeights({.dtype = DType::q8_0}, 3, kCols, 12);
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    for (const float poison : {kNan, kInfinity, -kInfinity}) {
        auto x = uniform(kCols * 2, 13);
        x[77] = poison;
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa));
            const auto y = multiply(isa, w.view, Tokens(tokensOf(x, kCols), isa), 2);
            for (size_t r = 0; r < 3; ++r) {
                REQUIRE(!std::isfinite(y[r]));
                REQUIRE(std::isfinite(y[3 + r]));
            }
        }
    }
    const auto x = uniform(kCols, 14);
    for (const uint16_t scale : {uint16_t{0x7e00}, uint16_t{0x7c00}}) {  // halves: NaN, infinity
        std::memcpy(w.bytes.data() + (w.view.data - w.bytes.data()) + w.view.rowBytes + 34, &scale,
                    sizeof scale);
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa), scale);
            const auto y = multiply(isa, w.view, Tokens(tokensOf(x, kCols), isa), 1);
            REQUIRE(std::isfinite(y[0]));
            REQUIRE(!std::isfinite(y[1]));
            REQUIRE(std::isfinite(y[2]));
        }
    }
}

TEST_CASE("weights in bfloat16 of more rows than sums have room for have the same bits",
          "[kernels][bf16]") {
    constexpr int64_t kRows = 300;
    constexpr int64_t kCols = 1056;
    constexpr int64_t kTokens = 530;  // those behind the 512th are met by all rows at once
    const Weights w = randomWeights({.dtype = DType::q8_0}, kRows, kCols, 16);
    const auto x = uniform(kCols * kTokens, 17);
    const Tokens tokens(tokensOf(x, kCols));
    const auto seen = multiply(detectIsa(), w.view, tokens, kTokens);
    // The twin of every 37th row, all tokens.
    for (int64_t r = 0; r < kRows; r += 37) {
        std::vector<float> expected(static_cast<size_t>(kTokens));
        dispatchFor(Isa::scalar)
            .matmulWeightsBf16(w.view, r, r + 1, tokens.rows(), kTokens, expected.data(), 1);
        for (int64_t t = 0; t < kTokens; ++t)
            REQUIRE(seen[static_cast<size_t>(t * kRows + r)] == expected[static_cast<size_t>(t)]);
    }
}
