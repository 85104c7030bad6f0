#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <vector>

#include "kernels/dispatch.h"
#include "kernels/float_formats.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

// Tiles at a 64-byte border, full of something before.
class Tiles {
public:
    explicit Tiles(int64_t bytes) : lines_(static_cast<size_t>(bytes / 64)) {
        std::memset(data(), 0x5a, size());
    }

    uint8_t* data() { return reinterpret_cast<uint8_t*>(lines_.data()); }

    const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(lines_.data()); }

    size_t size() const { return lines_.size() * 64; }

    bool operator==(const Tiles& other) const {
        return size() == other.size() && std::memcmp(data(), other.data(), size()) == 0;
    }

private:
    struct alignas(64) Line {
        uint8_t bytes[64];
    };

    std::vector<Line> lines_;
};

FloatRows rowsOf(const std::vector<float>& values, int64_t count, int64_t length) {
    return {.values = values.data(), .stride = length, .count = count, .length = length};
}

enum class Side { rows, columns, depth };

Tiles rounded(Isa isa, Side side, const FloatRows& rows) {
    const Dispatch& kernels = dispatchFor(isa);
    if (side == Side::depth) {
        Tiles tiles(bf16TileBytes(rows.length, rows.count));
        kernels.roundBf16Depth(rows, tiles.data());
        return tiles;
    }
    Tiles tiles(bf16TileBytes(rows.count, rows.length));
    (side == Side::rows ? kernels.roundBf16Rows : kernels.roundBf16Columns)(rows, tiles.data());
    return tiles;
}

struct Shape {
    int64_t rows, columns, depth;
};

constexpr Shape kShapes[] = {{1, 1, 1},      {16, 16, 32}, {17, 33, 40}, {40, 20, 64},
                             {64, 256, 128}, {8, 48, 96},  {33, 31, 576}};

// y of whole tiles, row after row.
std::vector<float> multiply(Isa isa, const Tiles& rows, const Tiles& columns, const Shape& shape,
                            const std::vector<float>& before = {}) {
    const int64_t stride = wholeTiles(shape.columns, 16);
    std::vector<float> y = before;
    y.resize(static_cast<size_t>(stride * wholeTiles(shape.rows, 16)), 1e30F);
    dispatchFor(isa).matmulBf16({.rows = rows.data(),
                                 .columns = columns.data(),
                                 .columnsStride = bf16TileBytes(16, shape.depth),
                                 .nRows = shape.rows,
                                 .nColumns = shape.columns,
                                 .depth = shape.depth,
                                 .adds = !before.empty()},
                                y.data(), stride);
    return y;
}

bool haveSameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("every instruction set rounds rows into the same tiles", "[kernels][bf16]") {
    for (const auto& [count, length] :
         {std::array<int64_t, 2>{1, 1}, {16, 32}, {17, 40}, {31, 15}, {256, 128}, {5, 576}}) {
        auto x = uniform(count * length, 1, 3);
        x.front() = 1e-39F;
        x.back() = -std::numeric_limits<float>::infinity();
        x[x.size() / 2] = std::numeric_limits<float>::quiet_NaN();
        for (const Side side : {Side::rows, Side::columns, Side::depth}) {
            const Tiles expected = rounded(Isa::scalar, side, rowsOf(x, count, length));
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), count, length, static_cast<int>(side));
                REQUIRE(rounded(isa, side, rowsOf(x, count, length)) == expected);
            }
        }
    }
}

TEST_CASE("tiles hold each value once, rounded to bfloat16, and zeros", "[kernels][bf16]") {
    constexpr int64_t kCount = 19, kLength = 45;
    const auto x = uniform(kCount * kLength, 2, 7);
    for (const Side side : {Side::rows, Side::columns, Side::depth}) {
        const Tiles tiles = rounded(Isa::scalar, side, rowsOf(x, kCount, kLength));
        std::vector<uint16_t> seen(tiles.size() / 2);
        std::memcpy(seen.data(), tiles.data(), tiles.size());
        std::vector<uint16_t> expected(seen.size());
        std::transform(x.begin(), x.end(), expected.begin(), floatToBf16);
        std::sort(seen.begin(), seen.end());
        std::sort(expected.begin(), expected.end());
        REQUIRE(seen == expected);
    }
}

TEST_CASE("products in bfloat16 have the same bits on every instruction set", "[kernels][bf16]") {
    for (const Shape& shape : kShapes) {
        auto a = uniform(shape.rows * shape.depth, 3, 2);
        auto b = uniform(shape.columns * shape.depth, 4, 2);
        const auto before = uniform(wholeTiles(shape.rows, 16) * wholeTiles(shape.columns, 16), 5);
        for (const float scale : {1.0F, 1e-20F, 1e18F}) {
            for (float& value : a)
                value *= scale;
            for (float& value : b)
                value *= scale;
            const Tiles rows = rounded(Isa::scalar, Side::rows, rowsOf(a, shape.rows, shape.depth));
            const Tiles columns =
                rounded(Isa::scalar, Side::columns, rowsOf(b, shape.columns, shape.depth));
            const auto expected = multiply(Isa::scalar, rows, columns, shape);
            const auto added = multiply(Isa::scalar, rows, columns, shape, before);
            for (const Isa isa : runnableIsas()) {
                CAPTURE(toString(isa), shape.rows, shape.columns, shape.depth, scale);
                REQUIRE(haveSameBits(multiply(isa, rows, columns, shape), expected));
                REQUIRE(haveSameBits(multiply(isa, rows, columns, shape, before), added));
            }
        }
    }
}

TEST_CASE("products in bfloat16 are off from float64 by no more than both roundings",
          "[kernels][bf16]") {
    for (const Shape& shape : kShapes) {
        const auto a = uniform(shape.rows * shape.depth, 6, 2);
        const auto b = uniform(shape.columns * shape.depth, 7, 2);
        // The same matrix, once with its columns one after the other and once along the depth.
        std::vector<float> turned(b.size());
        for (int64_t c = 0; c < shape.columns; ++c)
            for (int64_t d = 0; d < shape.depth; ++d)
                turned[static_cast<size_t>(d * shape.columns + c)] =
                    b[static_cast<size_t>(c * shape.depth + d)];
        for (const Isa isa : runnableIsas()) {
            const Tiles rows = rounded(isa, Side::rows, rowsOf(a, shape.rows, shape.depth));
            const Tiles columns =
                rounded(isa, Side::columns, rowsOf(b, shape.columns, shape.depth));
            REQUIRE(rounded(isa, Side::depth, rowsOf(turned, shape.depth, shape.columns)) ==
                    columns);
            const auto y = multiply(isa, rows, columns, shape);
            for (int64_t r = 0; r < shape.rows; ++r)
                for (int64_t c = 0; c < shape.columns; ++c) {
                    double exact = 0, size = 0;
                    for (int64_t d = 0; d < shape.depth; ++d) {
                        const double product = double{a[static_cast<size_t>(r * shape.depth + d)]} *
                                               double{b[static_cast<size_t>(c * shape.depth + d)]};
                        exact += product;
                        size += std::abs(product);
                    }
                    CAPTURE(toString(isa), shape.rows, shape.columns, shape.depth, r, c);
                    // 2^-8 each, their product, and a float32 sum.
                    REQUIRE(
                        std::abs(
                            double{y[static_cast<size_t>(r * wholeTiles(shape.columns, 16) + c)]} -
                            exact) <=
                        size * (0x1p-7 + 0x1p-16 + 0x1p-24 * static_cast<double>(shape.depth)));
                }
        }
    }
}

TEST_CASE("products in bfloat16 take some columns and some of the depth", "[kernels][bf16]") {
    constexpr int64_t kRows = 20, kColumns = 48, kDepth = 160;
    const auto a = uniform(kRows * 64, 8);
    const auto b = uniform(kColumns * kDepth, 9);
    // Columns 16 to 47 and depth 64 to 127 alone.
    std::vector<float> part;
    for (int64_t c = 16; c < kColumns; ++c)
        part.insert(part.end(), b.begin() + c * kDepth + 64, b.begin() + c * kDepth + 128);
    for (const Isa isa : runnableIsas()) {
        const Tiles rows = rounded(isa, Side::rows, rowsOf(a, kRows, 64));
        const Tiles columns = rounded(isa, Side::columns, rowsOf(b, kColumns, kDepth));
        const Tiles alone = rounded(isa, Side::columns, rowsOf(part, 32, 64));
        const int64_t stride = bf16TileBytes(16, kDepth);
        std::vector<float> y(32 * 32);
        dispatchFor(isa).matmulBf16({.rows = rows.data(),
                                     .columns = columns.data() + stride + 2 * 1024,
                                     .columnsStride = stride,
                                     .nRows = kRows,
                                     .nColumns = 32,
                                     .depth = 64},
                                    y.data(), 32);
        CAPTURE(toString(isa));
        REQUIRE(haveSameBits(y, multiply(isa, rows, alone, {kRows, 32, 64})));
    }
}

TEST_CASE("products in bfloat16 pass NaN and infinity on, to their rows and columns only",
          "[kernels][bf16]") {
    constexpr Shape kShape = {33, 18, 64};
    auto a = uniform(kShape.rows * kShape.depth, 10);
    auto b = uniform(kShape.columns * kShape.depth, 11);
    a[static_cast<size_t>(17 * kShape.depth + 3)] = std::numeric_limits<float>::quiet_NaN();
    b[static_cast<size_t>(5 * kShape.depth + 40)] = std::numeric_limits<float>::infinity();
    for (const Isa isa : runnableIsas()) {
        const auto y =
            multiply(isa, rounded(isa, Side::rows, rowsOf(a, kShape.rows, kShape.depth)),
                     rounded(isa, Side::columns, rowsOf(b, kShape.columns, kShape.depth)), kShape);
        for (int64_t r = 0; r < kShape.rows; ++r)
            for (int64_t c = 0; c < kShape.columns; ++c) {
                const float value = y[static_cast<size_t>(r * 32 + c)];
                CAPTURE(toString(isa), r, c, value);
                REQUIRE(std::isnan(value) == (r == 17));
                REQUIRE(std::isinf(value) == (r != 17 && c == 5));
            }
    }
}

TEST_CASE("weights in bfloat16 are the powers of what is seen, and nothing else",
          "[kernels][bf16]") {
    constexpr int64_t kQueries = 37, kColumns = 250, kStride = 272;
    constexpr float kScale = 0.125F;
    std::mt19937 random(12);
    const auto scores = uniform(kQueries * kStride, 13, 300);
    Tiles aligned(kQueries * kStride * int64_t{sizeof(float)} / 64 * 64);
    std::memcpy(aligned.data(), scores.data(), aligned.size());
    std::vector<SeenScores> seen(kQueries);
    for (SeenScores& own : seen) {
        own.begin = random() % 4 == 0 ? 0 : static_cast<int64_t>(random() % kColumns);
        own.end = random() % 4 == 0 ? kColumns : static_cast<int64_t>(random() % kColumns);
        own.max = random() % 2 == 0 ? -std::numeric_limits<float>::infinity() : 20.0F;
    }
    for (const Isa isa : runnableIsas()) {
        auto own = seen;
        Tiles tiles(bf16TileBytes(kQueries, kColumns));
        dispatchFor(isa).weighBf16({.values = reinterpret_cast<const float*>(aligned.data()),
                                    .stride = kStride,
                                    .count = kQueries,
                                    .length = kColumns},
                                   kScale, own.data(), tiles.data());
        for (int64_t q = 0; q < kQueries; ++q) {
            const auto at = static_cast<size_t>(q);
            double max = seen[at].max, sum = 0;
            for (int64_t c = seen[at].begin; c < seen[at].end; ++c)
                max = std::max(max, double{scores[static_cast<size_t>(q * kStride + c)]} * kScale);
            for (int64_t c = 0; c < wholeTiles(kColumns, 32); ++c) {
                const bool isSeen = c >= seen[at].begin && c < seen[at].end;
                const double expected =
                    isSeen
                        ? std::exp(double{scores[static_cast<size_t>(q * kStride + c)]} * kScale -
                                   max)
                        : 0;
                sum += expected;
                uint16_t bits = 0;
                std::memcpy(&bits,
                            tiles.data() + q / 16 * bf16TileBytes(16, kColumns) + c / 32 * 1024 +
                                q % 16 * 64 + c % 32 * 2,
                            sizeof bits);
                CAPTURE(toString(isa), q, c, seen[at].begin, seen[at].end);
                REQUIRE(std::abs(double{bf16ToFloat(bits)} - expected) <=
                        expected * (0x1p-8 + 1e-5) + 1e-37);
            }
            REQUIRE(std::abs(own[at].sum - sum) <= 1e-5 * sum);
            if (seen[at].begin < seen[at].end)
                REQUIRE(std::abs(own[at].max - max) <= 1e-6 * std::abs(max));
            else
                REQUIRE(own[at].max == seen[at].max);
        }
    }
}
