// AMX bfloat16: tiles of rounded rows, and their products. Up to 32 rows by 32 columns are summed
// in four tiles, so that two loads of 1,024 bytes serve two products; the columns stay in the first
// cache while rows pass.
#include <immintrin.h>

#include <algorithm>

#include "kernels/cpu/amx_tiles.h"
#include "kernels/cpu/bf16_tiles.h"

namespace moxie::kernels::amx {

namespace {

using T = TileInstructions;

constexpr int64_t kLanes = 16;

// [0, n) of up to 16 lanes.
__mmask16 firstLanes(int64_t n) {
    return n >= kLanes ? static_cast<__mmask16>(0xffff) : static_cast<__mmask16>((1U << n) - 1);
}

// 32 values of a row from `at` on, of which `left` are there.
__m512i roundedDepth(const float* at, int64_t left) {
    const __mmask16 low = left <= 0 ? 0 : firstLanes(left);
    const __mmask16 high = left <= kLanes ? 0 : firstLanes(left - kLanes);
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(_mm512_maskz_loadu_ps(high, at + kLanes),
                                                         _mm512_maskz_loadu_ps(low, at)));
}

void roundBf16Rows(const FloatRows& rows, uint8_t* tiles) {
    const int64_t bytes = bf16TileBytes(kBf16TileRows, rows.length);
    for (int64_t r = 0; r < wholeTiles(rows.count, kBf16TileRows); ++r) {
        uint8_t* out = tiles + r / kBf16TileRows * bytes + r % kBf16TileRows * 64;
        for (int64_t d = 0; d < rows.length; d += kBf16TileDepth, out += kBf16TileBytes)
            _mm512_store_si512(out, r < rows.count ? roundedDepth(rows.values + r * rows.stride + d,
                                                                  rows.length - d)
                                                   : _mm512_setzero_si512());
    }
}

// Row i of 16 becomes column i, in words of four bytes.
void transpose(__m512i* rows) {
    __m512i pairs[16];
    for (int i = 0; i < 16; i += 4) {
        const __m512i low = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        const __m512i high = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
        const __m512i nextLow = _mm512_unpacklo_epi32(rows[i + 2], rows[i + 3]);
        const __m512i nextHigh = _mm512_unpackhi_epi32(rows[i + 2], rows[i + 3]);
        pairs[i] = _mm512_unpacklo_epi64(low, nextLow);
        pairs[i + 1] = _mm512_unpackhi_epi64(low, nextLow);
        pairs[i + 2] = _mm512_unpacklo_epi64(high, nextHigh);
        pairs[i + 3] = _mm512_unpackhi_epi64(high, nextHigh);
    }
    for (int i = 0; i < 4; ++i) {
        const __m512i first = _mm512_shuffle_i32x4(pairs[i], pairs[i + 4], 0x88);
        const __m512i second = _mm512_shuffle_i32x4(pairs[i], pairs[i + 4], 0xdd);
        const __m512i third = _mm512_shuffle_i32x4(pairs[i + 8], pairs[i + 12], 0x88);
        const __m512i fourth = _mm512_shuffle_i32x4(pairs[i + 8], pairs[i + 12], 0xdd);
        rows[i] = _mm512_shuffle_i32x4(first, third, 0x88);
        rows[i + 4] = _mm512_shuffle_i32x4(second, fourth, 0x88);
        rows[i + 8] = _mm512_shuffle_i32x4(first, third, 0xdd);
        rows[i + 12] = _mm512_shuffle_i32x4(second, fourth, 0xdd);
    }
}

void roundBf16Columns(const FloatRows& rows, uint8_t* tiles) {
    for (int64_t c = 0; c < rows.count; c += kBf16TileRows)
        for (int64_t d = 0; d < rows.length; d += kBf16TileDepth, tiles += kBf16TileBytes) {
            __m512i lanes[kBf16TileRows];
            for (int64_t i = 0; i < kBf16TileRows; ++i)
                lanes[i] =
                    c + i < rows.count
                        ? roundedDepth(rows.values + (c + i) * rows.stride + d, rows.length - d)
                        : _mm512_setzero_si512();
            transpose(lanes);
            for (int64_t i = 0; i < kBf16TileRows; ++i)
                _mm512_store_si512(tiles + 64 * i, lanes[i]);
        }
}

void roundBf16Depth(const FloatRows& rows, uint8_t* tiles) {
    // Word i of the first half, then word i of the second.
    const __m512i beside =
        _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6,
                         21, 5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    const int64_t bytes = bf16TileBytes(kBf16TileRows, rows.count);
    const int64_t depth = wholeTiles(rows.count, kBf16TileDepth);
    for (int64_t d = 0; d < depth; d += 2)
        for (int64_t c = 0; c < rows.length; c += kBf16TileRows) {
            const __mmask16 there = firstLanes(rows.length - c);
            const float* at = rows.values + d * rows.stride + c;
            const __m512 even = _mm512_maskz_loadu_ps(d < rows.count ? there : 0, at);
            const __m512 odd =
                _mm512_maskz_loadu_ps(d + 1 < rows.count ? there : 0, at + rows.stride);
            _mm512_store_si512(
                tiles + c / kBf16TileRows * bytes + d / 2 * 64,
                _mm512_permutexvar_epi16(
                    beside, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(odd, even))));
        }
}

// Sums of nRows by nColumns tiles; tiles 4 and 5 are rows, 6 and 7 columns.
template <int nRows, int nColumns>
void multiplyTiles(const uint8_t* rows, int64_t rowsStride, const uint8_t* columns,
                   const Bf16Product& product, float* y, int64_t yStride) {
    const int64_t stride = yStride * int64_t{sizeof(float)};
    float* below = y + kBf16TileRows * yStride;
    if (product.adds) {
        T::load<0>(y, stride);
        if constexpr (nColumns == 2) T::load<1>(y + kBf16TileRows, stride);
        if constexpr (nRows == 2) T::load<2>(below, stride);
        if constexpr (nRows == 2 && nColumns == 2) T::load<3>(below + kBf16TileRows, stride);
    } else {
        T::zero<0>();
        if constexpr (nColumns == 2) T::zero<1>();
        if constexpr (nRows == 2) T::zero<2>();
        if constexpr (nRows == 2 && nColumns == 2) T::zero<3>();
    }
    for (int64_t d = 0; d < product.depth; d += kBf16TileDepth) {
        T::load<4>(rows, 64);
        T::load<6>(columns, 64);
        T::addBf16Products<0, 4, 6>();
        if constexpr (nColumns == 2) {
            T::load<7>(columns + product.columnsStride, 64);
            T::addBf16Products<1, 4, 7>();
        }
        if constexpr (nRows == 2) {
            T::load<5>(rows + rowsStride, 64);
            T::addBf16Products<2, 5, 6>();
            if constexpr (nColumns == 2) T::addBf16Products<3, 5, 7>();
        }
        rows += kBf16TileBytes;
        columns += kBf16TileBytes;
    }
    T::storeSums<0>(y, stride);
    if constexpr (nColumns == 2) T::storeSums<1>(y + kBf16TileRows, stride);
    if constexpr (nRows == 2) T::storeSums<2>(below, stride);
    if constexpr (nRows == 2 && nColumns == 2) T::storeSums<3>(below + kBf16TileRows, stride);
}

template <int nColumns>
void multiplyColumns(const uint8_t* columns, const Bf16Product& product, float* y,
                     int64_t yStride) {
    const int64_t bytes = bf16TileBytes(kBf16TileRows, product.depth);
    const uint8_t* rows = product.rows;
    int64_t left = product.nRows;
    for (; left > kBf16TileRows; left -= 2 * kBf16TileRows) {
        multiplyTiles<2, nColumns>(rows, bytes, columns, product, y, yStride);
        rows += 2 * bytes;
        y += 2 * kBf16TileRows * yStride;
    }
    if (left > 0) multiplyTiles<1, nColumns>(rows, bytes, columns, product, y, yStride);
}

void matmulBf16(const Bf16Product& product, float* y, int64_t yStride) {
    constexpr TileShape kWhole = {16, 64};
    T::configure({kWhole, kWhole, kWhole, kWhole, kWhole, kWhole, kWhole, kWhole});
    T::begin();
    const uint8_t* columns = product.columns;
    int64_t left = product.nColumns;
    for (; left > kBf16TileRows; left -= 2 * kBf16TileRows) {
        multiplyColumns<2>(columns, product, y, yStride);
        columns += 2 * product.columnsStride;
        y += 2 * kBf16TileRows;
    }
    if (left > 0) multiplyColumns<1>(columns, product, y, yStride);
    T::release();
}

}  // namespace

}  // namespace moxie::kernels::amx

namespace moxie::kernels {

void fillBf16Amx(Dispatch& table) {
    table.roundBf16Rows = amx::roundBf16Rows;
    table.roundBf16Columns = amx::roundBf16Columns;
    table.roundBf16Depth = amx::roundBf16Depth;
    table.matmulBf16 = amx::matmulBf16;
    table.hasFastBf16 = true;
}

}  // namespace moxie::kernels
