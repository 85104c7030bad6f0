#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/requantised_product.h"
#include "kernels/cpu/scalar.h"
#include "kernels/dispatch.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

// Rows of activations at a 64-byte border.
class Split {
public:
    Split(Isa isa, const std::vector<float>& x, int64_t cols, int64_t nTokens)
        : blocks_(static_cast<size_t>((cols + 255) / 256 * nTokens)) {
        for (int64_t t = 0; t < nTokens; ++t)
            dispatchFor(isa).roundRowSplit(x.data() + t * cols, cols,
                                           data() + t * splitRowBytes(cols));
        rows_ = {.data = data(), .rowBytes = splitRowBytes(cols)};
    }

    const RoundedRows& rows() const { return rows_; }

    const SplitBlock& block(size_t i) const { return blocks_[i].block; }

    size_t bytes() const { return blocks_.size() * sizeof(SplitBlock); }

    uint8_t* data() { return reinterpret_cast<uint8_t*>(blocks_.data()); }

private:
    struct alignas(64) Aligned {
        SplitBlock block;
    };

    std::vector<Aligned> blocks_;
    RoundedRows rows_;
};

std::vector<float> multiply(Isa isa, const WeightsView& w, const RoundedRows& x, int64_t nTokens) {
    std::vector<float> y(static_cast<size_t>(w.rows * nTokens), 1e30F);
    dispatchFor(isa).matmulRequantised(w, 0, w.rows, x, nTokens, y.data(), w.rows);
    return y;
}

struct Shape {
    int64_t rows, cols, tokens;
};

// Tiles take 1,024 tokens at once.
std::vector<Shape> shapesOf(DType dtype) {
    if (blockFormat(dtype).blockValues == 256)
        return {{1, 256, 1},   {33, 512, 7},   {16, 768, 16}, {47, 1792, 35},
                {5, 256, 391}, {3, 256, 1024}, {3, 512, 1040}};
    return {{1, 32, 1},   {33, 544, 7},  {16, 96, 16},  {47, 1056, 35},
            {5, 64, 391}, {3, 64, 1024}, {3, 288, 1040}};
}

bool haveSameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("every instruction set splits activations into the same bytes",
          "[kernels][requantised]") {
    for (const int64_t cols : {32, 255, 256, 300, 1024}) {
        auto x = uniform(cols * 3, 1, 3);
        x[5] = 1e-38F;
        std::fill_n(x.begin() + cols, cols, 1e-31F);
        x[static_cast<size_t>(2 * cols)] = 0x1p-90F;
        x[static_cast<size_t>(2 * cols) + 1] = -4e30F;
        Split expected(Isa::scalar, x, cols, 3);
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa), cols);
            Split seen(isa, x, cols, 3);
            REQUIRE(std::memcmp(seen.data(), expected.data(), expected.bytes()) == 0);
        }
    }
}

TEST_CASE("a split activation is off by at most half of its scale", "[kernels][requantised]") {
    constexpr int64_t kCols = 4096;
    const auto x = uniform(kCols, 2, 40);
    const Split split(Isa::scalar, x, kCols, 1);
    for (size_t c = 0; c < x.size(); ++c) {
        const SplitBlock& block = split.block(c / 256);
        const float value =
            block.scale * static_cast<float>(256 * block.high[c % 256] + block.low[c % 256]);
        REQUIRE(std::abs(value - x[c]) <= 0.502F * block.scale);
    }
}

TEST_CASE("requantised products have the same bits on every instruction set",
          "[kernels][requantised]") {
    for (const WeightKind& kind : integerKinds())
        for (const Shape& shape : shapesOf(kind.dtype)) {
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 4);
            const auto x = uniform(shape.cols * shape.tokens, 5);
            const Split split(Isa::scalar, x, shape.cols, shape.tokens);
            const auto expected = multiply(Isa::scalar, w.view, split.rows(), shape.tokens);
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), nameOf(kind), shape.rows, shape.cols, shape.tokens);
                REQUIRE(haveSameBits(multiply(isa, w.view, split.rows(), shape.tokens), expected));
            }
        }
}

namespace {

// The values that the codes of 128 columns can have at most, from their float32 values: no less
// than the largest of them, no more than what a code range allows beyond it.
double scaleBound(const std::vector<float>& row, size_t group, DType dtype) {
    double size = 0;
    const size_t end = std::min(row.size(), (group + 1) * size_t{kRequantisedCols});
    for (size_t c = group * size_t{kRequantisedCols}; c < end; ++c)
        size = std::max(size, std::abs(double{row[c]}));
    return size / double{codeRange(dtype).top};
}

}  // namespace

// The bound is that of dispatch.h. The scale of weights is not known from outside: it is told by
// what a one of each column gives.
TEST_CASE("requantised products are off from float64 by no more than both roundings",
          "[kernels][requantised]") {
    for (const WeightKind& kind : integerKinds())
        for (const Shape& shape : shapesOf(kind.dtype)) {
            CAPTURE(nameOf(kind), shape.rows, shape.cols, shape.tokens);
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 6);
            const auto x = uniform(shape.cols * shape.tokens, 7);
            const Split split(Isa::scalar, x, shape.cols, shape.tokens);
            const auto y = multiply(Isa::scalar, w.view, split.rows(), shape.tokens);
            auto panel = std::make_unique<RequantisedPanel>();
            std::vector<float> row(static_cast<size_t>(shape.cols));
            bool isWithin = true;
            bool areScalesTight = true;
            for (int64_t r = 0; r < shape.rows; ++r) {
                dispatchFor(Isa::scalar).dequantiseRow(w.view, r, row);
                std::vector<double> scales;
                for (int64_t c = 0; c < shape.cols; c += RequantisedPanel::kCols) {
                    const int64_t cols = std::min(RequantisedPanel::kCols, shape.cols - c);
                    scalar::requantisePanel(w.view, r, 1, c, cols, *panel);
                    for (int64_t g = 0; g * kRequantisedCols < cols; ++g)
                        scales.push_back(double{panel->stripes[0].scales[0][g][0]});
                }
                for (size_t g = 0; g < scales.size(); ++g)
                    areScalesTight &= scales[g] >= scaleBound(row, g, kind.dtype) * 0.999999;
                for (int64_t t = 0; t < shape.tokens; ++t) {
                    double exact = 0;
                    double bound = 0;
                    double magnitude = 0;
                    for (int64_t c = 0; c < shape.cols; ++c) {
                        const double weight = row[static_cast<size_t>(c)];
                        const double value = x[static_cast<size_t>(t * shape.cols + c)];
                        const double scale = scales[static_cast<size_t>(c / kRequantisedCols)];
                        const double own = split
                                               .block(static_cast<size_t>(
                                                   t * ((shape.cols + 255) / 256) + c / 256))
                                               .scale;
                        exact += weight * value;
                        bound +=
                            0.5001 * (scale * std::abs(value) + own * (std::abs(weight) + scale));
                        magnitude += 127 * scale * kRequantisedCols * own * double{kFineMax};
                    }
                    const double error =
                        std::abs(exact - double{y[static_cast<size_t>(t * shape.rows + r)]});
                    isWithin &= error <= bound + magnitude * 0x1p-23;
                }
            }
            REQUIRE(isWithin);
            REQUIRE(areScalesTight);
        }
}

TEST_CASE("E2M1 weights whose scales are near each other are met exactly",
          "[kernels][requantised]") {
    Weights w = randomWeights({.dtype = DType::mxfp4}, 4, 128, 8);
    uint8_t* blocks = w.bytes.data() + (w.view.data - w.bytes.data());
    for (int block = 0; block < 16; ++block)
        blocks[block * 17] = static_cast<uint8_t>(120 + block % 4);
    std::vector<float> row(128);
    auto panel = std::make_unique<RequantisedPanel>();
    const RequantisedPanel::Stripe& stripe = panel->stripes[0];
    for (int64_t r = 0; r < 4; ++r) {
        dispatchFor(Isa::scalar).dequantiseRow(w.view, r, row);
        scalar::requantisePanel(w.view, r, 1, 0, 128, *panel);
        for (size_t c = 0; c < 128; ++c)
            REQUIRE(stripe.scales[0][0][0] *
                        static_cast<float>(static_cast<int8_t>(stripe.codes[0][c / 4][c % 4])) ==
                    row[c]);
    }
}

TEST_CASE("requantised products have the same bits for any tokens beside each other and any rows",
          "[kernels][requantised]") {
    constexpr int64_t kRows = 75;
    constexpr int64_t kCols = 768;
    constexpr int64_t kTokens = 29;
    for (const WeightKind& kind : integerKinds()) {
        CAPTURE(nameOf(kind));
        const Weights w = randomWeights(kind, kRows, kCols, 8);
        const auto x = uniform(kCols * kTokens, 9);
        const Split split(detectIsa(), x, kCols, kTokens);
        const auto all = multiply(detectIsa(), w.view, split.rows(), kTokens);
        for (const int64_t step : {1, 4, 7, 16}) {
            std::vector<float> y(all.size());
            for (int64_t t = 0; t < kTokens; t += step)
                for (int64_t r = 0; r < kRows; r += 10) {
                    RoundedRows part = split.rows();
                    part.data += t * part.rowBytes;
                    dispatchFor(detectIsa())
                        .matmulRequantised(w.view, r, std::min(r + 10, kRows), part,
                                           std::min(step, kTokens - t), y.data() + t * kRows + r,
                                           kRows);
                }
            CAPTURE(step);
            REQUIRE(haveSameBits(y, all));
        }
    }
}

TEST_CASE("requantised products take the tokens they are told to take", "[kernels][requantised]") {
    constexpr int64_t kCols = 512;
    const Weights w = randomWeights({.dtype = DType::q4_K}, 40, kCols, 10);
    const auto x = uniform(kCols * 9, 11);
    const Split split(detectIsa(), x, kCols, 9);
    const std::vector<int32_t> chosen = {8, 0, 0, 3, 7, 1, 2};
    RoundedRows some = split.rows();
    some.chosen = chosen.data();
    const auto all = multiply(detectIsa(), w.view, split.rows(), 9);
    const auto seen = multiply(detectIsa(), w.view, some, std::ssize(chosen));
    for (size_t t = 0; t < chosen.size(); ++t)
        for (size_t r = 0; r < 40; ++r)
            REQUIRE(seen[t * 40 + r] == all[static_cast<size_t>(chosen[t]) * 40 + r]);
}

TEST_CASE("requantised products pass NaN and infinity on as NaN, on every instruction set",
          "[kernels][requantised]") {
    constexpr int64_t kCols = 256;
    Weights w = randomWeights({.dtype = DType::q8_0}, 3, kCols, 12);
    constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    for (const float poison : {kNan, kInfinity, -kInfinity}) {
        auto x = uniform(kCols * 2, 13);
        x[77] = poison;
        for (const Isa isa : runnableIsas()) {
            CAPTURE(toString(isa));
            const Split split(isa, x, kCols, 2);
            const auto y = multiply(isa, w.view, split.rows(), 2);
            for (size_t r = 0; r < 3; ++r) {
                REQUIRE(std::isnan(y[r]));
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
            const Split split(isa, x, kCols, 1);
            const auto y = multiply(isa, w.view, split.rows(), 1);
            REQUIRE(std::isfinite(y[0]));
            REQUIRE(std::isnan(y[1]));
            REQUIRE(std::isfinite(y[2]));
        }
    }
}

namespace {

// What the tile instructions do, byte by byte.
struct EmulatedTiles {
    struct Tile {
        uint8_t bytes[16][64];
    };

    static inline Tile tiles[8] = {};

    template <int tile>
    static void zero() {
        std::memset(tiles[tile].bytes, 0, sizeof tiles[tile].bytes);
    }

    template <int tile>
    static void load(const void* from, int64_t stride) {
        for (int row = 0; row < 16; ++row)
            std::memcpy(tiles[tile].bytes[row], static_cast<const uint8_t*>(from) + row * stride,
                        64);
    }

    static void begin() {}

    template <int tile>
    static void store(int32_t (&to)[16][16]) {
        std::memcpy(to, tiles[tile].bytes, sizeof to);
    }

    // TDPBSSD: signed bytes of the first times those of the second, four at a time.
    template <int sums, int values, int codes>
    static void addProducts() {
        for (int m = 0; m < 16; ++m)
            for (int k = 0; k < 16; ++k)
                for (int n = 0; n < 16; ++n) {
                    int32_t sum = 0;
                    std::memcpy(&sum, tiles[sums].bytes[m] + 4 * n, sizeof sum);
                    for (int i = 0; i < 4; ++i)
                        sum += static_cast<int8_t>(tiles[values].bytes[m][4 * k + i]) *
                               static_cast<int8_t>(tiles[codes].bytes[k][4 * n + i]);
                    std::memcpy(tiles[sums].bytes[m] + 4 * n, &sum, sizeof sum);
                }
    }

    using Lanes = std::array<float, 16>;

    template <class Value>
    static Lanes each(Value value) {
        Lanes lanes;
        for (size_t i = 0; i < lanes.size(); ++i)
            lanes[i] = value(i);
        return lanes;
    }

    static Lanes all(float value) {
        return each([&](size_t) { return value; });
    }

    static Lanes lanes(const float* from) {
        return each([&](size_t i) { return from[i]; });
    }

    static Lanes joined(const int32_t* high, const int32_t* low) {
        return each([&](size_t i) { return static_cast<float>(256 * high[i] + low[i]); });
    }

    static Lanes lanesOr0(uint16_t mask, const float* from) {
        return each([&](size_t i) { return (mask >> i & 1) != 0 ? from[i] : 0.0F; });
    }

    static Lanes multiply(Lanes a, Lanes b) {
        return each([&](size_t i) { return a[i] * b[i]; });
    }

    static Lanes multiplyAdd(Lanes a, Lanes b, Lanes c) {
        return each([&](size_t i) { return std::fma(a[i], b[i], c[i]); });
    }

    static void fetch(const void*, int64_t) {}

    static void storeAnywhere(const Lanes& values, float* to) { store(values, 0xffff, to); }

    static void store(const Lanes& values, uint16_t mask, float* to) {
        for (size_t i = 0; i < values.size(); ++i)
            if ((mask >> i & 1) != 0) to[i] = values[i];
    }
};

// Panels as the scalar twin has them.
struct EmulatedPanels {
    using Tiles = EmulatedTiles;

    struct Unit {};

    template <class F>
    static void unpack(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int64_t cols,
                       RequantisedPanel& panel) {
        scalar::requantisePanel(w, r, nRows, begin, cols, panel);
    }
};

std::vector<float> multiplyEmulated(const WeightsView& w, const RoundedRows& x, int64_t nTokens) {
    std::vector<float> y(static_cast<size_t>(w.rows * nTokens), 1e30F);
    RequantisedProduct<EmulatedPanels>::multiply<void>(w, 0, w.rows, x, nTokens, y.data(), w.rows);
    return y;
}

}  // namespace

TEST_CASE("the arithmetic of AMX tiles, emulated, gives the bits of the scalar twin",
          "[kernels][requantised]") {
    for (const WeightKind& kind : integerKinds())
        for (const Shape& shape : {Shape{64, 256, 32}, Shape{51, 1280, 5}, Shape{7, 512, 17},
                                   Shape{1, 256, 1}, Shape{130, 256, 40}}) {
            CAPTURE(nameOf(kind), shape.rows, shape.cols, shape.tokens);
            const Weights w = randomWeights(kind, shape.rows, shape.cols, 14);
            const auto x = uniform(shape.cols * shape.tokens, 15);
            const Split split(Isa::scalar, x, shape.cols, shape.tokens);
            REQUIRE(haveSameBits(multiplyEmulated(w.view, split.rows(), shape.tokens),
                                 multiply(Isa::scalar, w.view, split.rows(), shape.tokens)));
        }
}

TEST_CASE("requantised products of more rows than sums have room for have the same bits",
          "[kernels][requantised]") {
    constexpr int64_t kRows = 300;
    constexpr int64_t kCols = 160;
    constexpr int64_t kTokens = 1030;  // those behind the 1,024th are met by all rows at once
    const Weights w = randomWeights({.dtype = DType::q8_0}, kRows, kCols, 16);
    const auto x = uniform(kCols * kTokens, 17);
    const Split split(Isa::scalar, x, kCols, kTokens);
    const auto expected = multiply(Isa::scalar, w.view, split.rows(), kTokens);
    REQUIRE(haveSameBits(multiplyEmulated(w.view, split.rows(), kTokens), expected));
    for (const Isa isa : runnableIsas()) {
        CAPTURE(toString(isa));
        REQUIRE(haveSameBits(multiply(isa, w.view, split.rows(), kTokens), expected));
    }
}
