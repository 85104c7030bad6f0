// The scalar twins of products in bfloat16, with the bits of the tile instruction.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "base/result.h"
#include "kernels/cpu/bf16_tiles.h"
#include "kernels/cpu/scalar.h"
#include "kernels/float_formats.h"

namespace moxie::kernels::scalar {

namespace {

constexpr int64_t kValuesPerTile = kBf16TileBytes / 2;
constexpr int64_t kPairs = kBf16TileDepth / 2;

// Subnormals become zeros of their sign.
float flushed(float x) {
    return std::abs(x) < std::numeric_limits<float>::min() ? std::copysign(0.0F, x) : x;
}

uint16_t valueAt(const uint8_t* tiles, int64_t i) {
    uint16_t bits;
    std::memcpy(&bits, tiles + 2 * i, sizeof bits);
    return bits;
}

void setValue(uint8_t* tiles, int64_t i, float x) {
    const uint16_t bits = floatToBf16(flushed(x));
    std::memcpy(tiles + 2 * i, &bits, sizeof bits);
}

// Where value `d` of a row or a column stands among 16 of them.
int64_t placeInRows(int64_t row, int64_t d) {
    return d / kBf16TileDepth * kValuesPerTile + row * kBf16TileDepth + d % kBf16TileDepth;
}

int64_t placeInColumns(int64_t column, int64_t d) {
    return d / kBf16TileDepth * kValuesPerTile +
           (d % kBf16TileDepth / 2 * kBf16TileRows + column) * 2 + d % 2;
}

// Each row among 16 of them, its values at their places.
void roundInto(const FloatRows& rows, int64_t (*place)(int64_t, int64_t), uint8_t* tiles) {
    std::memset(tiles, 0, static_cast<size_t>(bf16TileBytes(rows.count, rows.length)));
    const int64_t bytes = bf16TileBytes(kBf16TileRows, rows.length);
    for (int64_t r = 0; r < rows.count; ++r)
        for (int64_t d = 0; d < rows.length; ++d)
            setValue(tiles + r / kBf16TileRows * bytes, place(r % kBf16TileRows, d),
                     rows.row(r)[d]);
}

// The products of 32, added up as the instruction does it.
float sumOfTile(const uint8_t* rows, int64_t row, const uint8_t* columns, int64_t column) {
    float sums[2] = {};
    for (int64_t pair = 0; pair < kPairs; ++pair)
        for (int64_t i = 0; i < 2; ++i) {
            const int64_t d = 2 * pair + i;
            sums[i] = flushed(std::fma(bf16ToFloat(valueAt(rows, placeInRows(row, d))),
                                       bf16ToFloat(valueAt(columns, placeInColumns(column, d))),
                                       sums[i]));
        }
    return flushed(sums[0] + sums[1]);
}

}  // namespace

void roundBf16Rows(const FloatRows& rows, uint8_t* tiles) {
    roundInto(rows, placeInRows, tiles);
}

void roundBf16Columns(const FloatRows& rows, uint8_t* tiles) {
    roundInto(rows, placeInColumns, tiles);
}

void roundBf16Depth(const FloatRows& rows, uint8_t* tiles) {
    std::memset(tiles, 0, static_cast<size_t>(bf16TileBytes(rows.length, rows.count)));
    const int64_t bytes = bf16TileBytes(kBf16TileRows, rows.count);
    for (int64_t d = 0; d < rows.count; ++d)
        for (int64_t c = 0; c < rows.length; ++c)
            setValue(tiles + c / kBf16TileRows * bytes, placeInColumns(c % kBf16TileRows, d),
                     rows.row(d)[c]);
}

void matmulBf16(const Bf16Product& product, float* y, int64_t yStride) {
    const int64_t rowsBytes = bf16TileBytes(kBf16TileRows, product.depth);
    for (int64_t r = 0; r < wholeTiles(product.nRows, kBf16TileRows); ++r)
        for (int64_t c = 0; c < wholeTiles(product.nColumns, kBf16TileRows); ++c) {
            const uint8_t* rows = product.rows + r / kBf16TileRows * rowsBytes;
            const uint8_t* columns = product.columns + c / kBf16TileRows * product.columnsStride;
            float sum = product.adds ? flushed(y[r * yStride + c]) : 0;
            for (int64_t d = 0; d < product.depth; d += kBf16TileDepth) {
                const int64_t at = d / kBf16TileDepth * kBf16TileBytes;
                sum = flushed(
                    sum + sumOfTile(rows + at, r % kBf16TileRows, columns + at, c % kBf16TileRows));
            }
            y[r * yStride + c] = sum;
        }
}

void matmulWeightsBf16(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                       int64_t nTokens, float* y, int64_t yStride) {
    const int64_t bytes = bf16TileBytes(kBf16TileRows, w.cols);
    const int64_t nColumns = wholeTiles(nTokens, kBf16TileRows);
    std::vector<float> values(static_cast<size_t>(kBf16TileRows * w.cols));
    std::vector<uint8_t> tiles(static_cast<size_t>(bytes));
    std::vector<float> sums(static_cast<size_t>(kBf16TileRows * nColumns));
    for (int64_t r = rowBegin; r < rowEnd; r += kBf16TileRows) {
        const int64_t nRows = std::min(kBf16TileRows, rowEnd - r);
        for (int64_t i = 0; i < nRows; ++i)
            dequantiseRow(w, r + i, {values.data() + i * w.cols, static_cast<size_t>(w.cols)});
        roundBf16Rows({.values = values.data(), .stride = w.cols, .count = nRows, .length = w.cols},
                      tiles.data());
        matmulBf16({.rows = tiles.data(),
                    .columns = x.data,
                    .columnsStride = bytes,
                    .nRows = nRows,
                    .nColumns = nTokens,
                    .depth = w.cols},
                   sums.data(), nColumns);
        for (int64_t t = 0; t < nTokens; ++t)
            for (int64_t i = 0; i < nRows; ++i)
                y[t * yStride + r + i - rowBegin] = sums[static_cast<size_t>(i * nColumns + t)];
    }
}

void weighBf16(const FloatRows& scores, float scale, SeenScores* seen, uint8_t* tiles) {
    std::memset(tiles, 0, static_cast<size_t>(bf16TileBytes(scores.count, scores.length)));
    const int64_t bytes = bf16TileBytes(kBf16TileRows, scores.length);
    for (int64_t r = 0; r < scores.count; ++r) {
        const float* row = scores.row(r);
        SeenScores& own = seen[r];
        for (int64_t c = own.begin; c < own.end; ++c)
            own.max = row[c] * scale > own.max ? row[c] * scale : own.max;
        double sum = 0;
        for (int64_t c = own.begin; c < own.end; ++c) {
            const double weight = std::exp(double{row[c]} * double{scale} - double{own.max});
            setValue(tiles + r / kBf16TileRows * bytes, placeInRows(r % kBf16TileRows, c),
                     static_cast<float>(weight));
            sum += weight;
        }
        own.sum = static_cast<float>(sum);
    }
}

}  // namespace moxie::kernels::scalar
