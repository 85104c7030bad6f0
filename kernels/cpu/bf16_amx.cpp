// AMX bfloat16: tiles of rounded rows, their products, and scores that become weights. Up to 32
// rows by 32 columns are summed in four tiles, so that two loads of 1,024 bytes serve two products;
// the columns stay in the first cache while rows pass.
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
            _mm512_store_si512(out, r < rows.count ? roundedDepth(rows.row(r) + d, rows.length - d)
                                                   : _mm512_setzero_si512());
    }
}

// Lanes [at, at + 16) that lie in what a query sees.
__mmask16 seenLanes(const SeenScores& seen, int64_t at) {
    const auto upTo = [&](int64_t n) { return n <= at ? __mmask16{0} : firstLanes(n - at); };
    return upTo(seen.end) & static_cast<__mmask16>(~upTo(seen.begin));
}

template <bool seesAll>
float maxOf(const float* scores, int64_t length, const SeenScores& seen, float scale) {
    const __m512 scales = _mm512_set1_ps(scale);
    __m512 max[2] = {_mm512_set1_ps(seen.max), _mm512_set1_ps(seen.max)};
    for (int64_t c = 0; c < length; c += kBf16TileDepth)
        for (int64_t half = 0; half < 2; ++half) {
            const int64_t at = c + half * kLanes;
            const __m512 scaled = _mm512_mul_ps(_mm512_load_ps(scores + at), scales);
            // The second if one is NaN.
            max[half] = seesAll
                            ? _mm512_max_ps(scaled, max[half])
                            : _mm512_mask_max_ps(max[half], seenLanes(seen, at), scaled, max[half]);
        }
    return _mm512_reduce_max_ps(_mm512_max_ps(max[0], max[1]));
}

// 2^x for x of at most about 0: a polynomial of degree 4 for what is above the whole number below,
// fitted for the smallest relative error, 2.7e-6.
__m512 powerOfTwo(__m512 x) {
    const __m512 r = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF);
    __m512 p = _mm512_set1_ps(0x1.bb7cd4p-7F);
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0x1.aa13fp-5F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0x1.ee798ap-3F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0x1.62d166p-1F));
    p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(0x1.00002cp+0F));
    return _mm512_scalef_ps(p, x);
}

// One row of weights in tiles; the sum of them.
template <bool seesAll>
float sumWeights(const float* scores, int64_t length, float scale, const SeenScores& seen,
                 uint8_t* out) {
    constexpr float kLog2e = 1.44269504F;
    const __m512 scales = _mm512_set1_ps(scale * kLog2e);
    const __m512 less = _mm512_set1_ps(-seen.max * kLog2e);
    __m512 sums[2] = {_mm512_setzero_ps(), _mm512_setzero_ps()};
    for (int64_t c = 0; c < length; c += kBf16TileDepth, out += kBf16TileBytes) {
        __m512 weights[2];
        for (int64_t half = 0; half < 2; ++half) {
            const int64_t at = c + half * kLanes;
            const __m512 x = _mm512_fmadd_ps(_mm512_load_ps(scores + at), scales, less);
            weights[half] = powerOfTwo(x);
            if constexpr (!seesAll)
                weights[half] = _mm512_maskz_mov_ps(seenLanes(seen, at), weights[half]);
            sums[half] = _mm512_add_ps(sums[half], weights[half]);
        }
        _mm512_store_si512(out,
                           reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(weights[1], weights[0])));
    }
    return _mm512_reduce_add_ps(_mm512_add_ps(sums[0], sums[1]));
}

template <bool seesAll>
void weighRow(const float* scores, int64_t length, float scale, SeenScores& seen, uint8_t* out) {
    seen.max = maxOf<seesAll>(scores, length, seen, scale);
    seen.sum = sumWeights<seesAll>(scores, length, scale, seen, out);
}

void weighBf16(const FloatRows& scores, float scale, SeenScores* seen, uint8_t* tiles) {
    const int64_t bytes = bf16TileBytes(kBf16TileRows, scores.length);
    for (int64_t r = 0; r < wholeTiles(scores.count, kBf16TileRows); ++r) {
        uint8_t* out = tiles + r / kBf16TileRows * bytes + r % kBf16TileRows * 64;
        if (r >= scores.count || seen[r].begin >= seen[r].end) {
            for (int64_t c = 0; c < scores.length; c += kBf16TileDepth, out += kBf16TileBytes)
                _mm512_store_si512(out, _mm512_setzero_si512());
            if (r < scores.count) seen[r].sum = 0;
            continue;
        }
        const float* row = scores.row(r);
        const bool seesAll =
            seen[r].begin == 0 && seen[r].end == wholeTiles(scores.length, kBf16TileDepth);
        (seesAll ? weighRow<true> : weighRow<false>)(row, scores.length, scale, seen[r], out);
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
                lanes[i] = c + i < rows.count ? roundedDepth(rows.row(c + i) + d, rows.length - d)
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
            const auto row = [&](int64_t r) {
                return r < rows.count ? _mm512_maskz_loadu_ps(there, rows.row(r) + c)
                                      : _mm512_setzero_ps();
            };
            const __m512 even = row(d);
            const __m512 odd = row(d + 1);
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
    T::configureWhole();
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
    table.weighBf16 = amx::weighBf16;
    table.hasFastBf16 = true;
}

}  // namespace moxie::kernels
