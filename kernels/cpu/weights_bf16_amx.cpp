// AMX bfloat16: quantised weights times rounded activations, for prompts. 32 rows by 1,024 columns
// of weights are rounded into tiles, 64 KB, which stay in the caches while tokens, in tiles
// already, pass. Rows of weights are rows of the instruction, so that they are stored as they are
// read; tokens are its columns. Sums of 32 rows by 32 tokens stand in four tiles, so that two loads
// of 1,024 bytes serve two products. What becomes of the last columns' sums is turned over while
// the next 32 tokens are multiplied.
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/amx_tiles.h"
#include "kernels/cpu/bf16_tiles.h"
#include "kernels/cpu/integer_format_switch.h"
#include "kernels/cpu/simd_formats.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/values_avx512.h"

namespace moxie::kernels::amx {

namespace {

using T = TileInstructions;

struct Values : Values512<Values> {};

struct Formats : SimdFormats<Values> {
    using Q8_0 = Values::Q8_0;
    using Q4_0 = Values::Q4_0;
    using Q4_1 = Values::Q4_1;
};

constexpr int64_t kPanelRows = 2 * kBf16TileRows;
constexpr int64_t kPanelCols = 1024;
constexpr int64_t kTokensAtOnce = 2 * kBf16TileRows;
constexpr int64_t kMostTokens = 512;
constexpr int64_t kMostSums = 256 * kMostTokens;

struct Panel {
    alignas(64) uint8_t tiles[2][kPanelCols / kBf16TileDepth][kBf16TileBytes];
    float scales[kPanelCols / 32];
};

// Sums of 32 rows by 32 tokens: [half of the rows * 2 + half of the tokens][row][token].
struct Sums {
    alignas(64) float at[4][16][16];
};

// On the stack of a thread.
struct Memory {
    Panel panel;
    Sums last[2];
    Sums soFar[kMostSums / (kPanelRows * kTokensAtOnce)];
};

__m512i roundedPair(__m512 low, __m512 high) {
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
}

// 16 values, as words, twice: a permutation of words looks at 5 bits, the uppermost of which
// belongs to another value.
__m512i table(__m512 values) {
    return roundedPair(values, values);
}

__m128i load16(const uint8_t* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// Values by nibbles, the lower ones of 16 bytes and then the upper ones.
__m512i lookUpHalves(const uint8_t* bytes, __m512 values) {
    const __m512i shifts = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi16(4), 1);
    const __m512i both = _mm512_cvtepu8_epi16(_mm256_broadcastsi128_si256(load16(bytes)));
    return _mm512_permutexvar_epi16(_mm512_srlv_epi16(both, shifts), table(values));
}

// The same where a byte's nibbles are neighbours.
__m512i lookUpPairs(const uint8_t* bytes, __m512 values) {
    const __m512i both = _mm512_cvtepu8_epi32(load16(bytes));
    return _mm512_permutexvar_epi16(_mm512_or_si512(both, _mm512_slli_epi32(both, 12)),
                                    table(values));
}

// The 32 values of a part of a block, rounded, of a format F.
template <class F>
struct Rounded {
    static __m512i decode(const uint8_t* block, float scale) {
        __m512 w[2];
        if constexpr (F::kScalesApart)
            F::decode(block, _mm512_set1_ps(scale), w);
        else
            F::decode(block, w);
        return roundedPair(w[0], w[1]);
    }

    template <class Header>
    static __m512i decode(const uint8_t* block, const Header& header, int part) {
        __m512 w[2];
        F::decode(block, header, part, w);
        return roundedPair(w[0], w[1]);
    }
};

template <>
struct Rounded<Formats::Q4_0> {
    static __m512i decode(const uint8_t* block, float) {
        return lookUpHalves(block + 2,
                            _mm512_mul_ps(Values::half(block),
                                          _mm512_sub_ps(Values::counting(), _mm512_set1_ps(8))));
    }
};

template <>
struct Rounded<Formats::Q4_1> {
    static __m512i decode(const uint8_t* block, float) {
        const Values::Halves both(block);
        return lookUpHalves(block + 4,
                            _mm512_fmadd_ps(_mm512_set1_ps(both.values[0]), Values::counting(),
                                            _mm512_set1_ps(both.values[1])));
    }
};

template <>
struct Rounded<Formats::Iq4Nl> {
    static __m512i decode(const uint8_t* block, float) {
        return lookUpHalves(block + 2,
                            _mm512_mul_ps(Values::half(block), Values::levels(kIq4Values, 1)));
    }
};

template <>
struct Rounded<Formats::Mxfp4> {
    static __m512i decode(const uint8_t* block, float) {
        return lookUpHalves(block + 1, _mm512_mul_ps(_mm512_set1_ps(kE8m0Halves.at[block[0]]),
                                                     Values::levels(kE2m1Doubled, 1)));
    }
};

template <>
struct Rounded<Formats::E2m1> {
    static __m512i decode(const uint8_t* codes, float scale) {
        return lookUpPairs(
            codes, _mm512_mul_ps(_mm512_set1_ps(scale), Values::levels(kE2m1Doubled, 0.5F)));
    }
};

template <>
struct Rounded<Formats::Int4> {
    static __m512i decode(const uint8_t* codes, float scale) {
        return lookUpPairs(codes,
                           _mm512_mul_ps(_mm512_set1_ps(scale), Values::levels(kInt4Values, 1)));
    }
};

template <>
struct Rounded<Formats::Iq4Xs> {
    static __m512i decode(const uint8_t* block, const Formats::Iq4Xs::Header& header, int part) {
        return lookUpHalves(
            block + 8 + part * 16,
            _mm512_mul_ps(_mm512_set1_ps(header.scales[part]), Values::levels(kIq4Values, 1)));
    }
};

template <>
struct Rounded<Formats::Q4_K> {
    static __m512i decode(const uint8_t* block, const Formats::Q4_K::Header& header, int part) {
        const __m512i bytes = _mm512_cvtepu8_epi16(
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 16 + part / 2 * 32)));
        return _mm512_permutexvar_epi16(
            part % 2 == 0 ? bytes : _mm512_srli_epi16(bytes, 4),
            table(_mm512_fmadd_ps(_mm512_set1_ps(header.scales[part]), Values::counting(),
                                  _mm512_set1_ps(header.offsets[part]))));
    }
};

void storePart(uint8_t* out, int64_t c, __m512i values) {
    _mm512_store_si512(out + c / kBf16TileDepth * kBf16TileBytes, values);
}

// Columns [begin, begin + cols) of a row, to every tile's `out`.
template <class F>
void roundRow(const WeightsView& w, int64_t r, int64_t begin, int64_t cols, float* scales,
              uint8_t* out) {
    constexpr int kParts = F::kValues / 32;
    if constexpr (F::kScalesApart)
        expandScales(w, {r, 1, begin, (cols + 31) / 32}, scales, kPanelCols / 32);
    const auto scaleAt = [&](int64_t c) { return F::kScalesApart ? scales[c / 32] : 0; };
    const uint8_t* block = w.data + r * w.rowBytes + begin / F::kValues * F::kBytes;
    int64_t c = 0;
    for (; c + F::kValues <= cols; c += F::kValues, block += F::kBytes) {
        if constexpr (kParts == 1) {
            storePart(out, c, Rounded<F>::decode(block, scaleAt(c)));
        } else {
            typename F::Header header;
            F::readHeader(block, header);
            asm("" : "+m"(header));  // scales are broadcast from memory, not by shuffles
            __m512i values[kParts];
#pragma GCC unroll 8
            for (int part = 0; part < kParts; ++part)
                values[part] = Rounded<F>::decode(block, header, part);
#pragma GCC unroll 8
            for (int part = 0; part < kParts; ++part)
                storePart(out, c + part * 32, values[part]);
        }
    }
    if constexpr (F::kHasTail) {
        if (c == cols) return;
        const auto left = static_cast<size_t>(cols - c);
        uint8_t tail[F::kBytes] = {};
        std::memcpy(tail, block, left * F::kBytes / 32);
        storePart(out, c,
                  _mm512_maskz_mov_epi16(static_cast<__mmask32>((1U << left) - 1),
                                         Rounded<F>::decode(tail, scaleAt(c))));
    }
}

// Into the first cache.
template <class F>
void fetchRow(const WeightsView& w, int64_t r, int64_t begin, int64_t cols) {
    const auto* at =
        reinterpret_cast<const char*>(w.data) + r * w.rowBytes + begin / F::kValues * F::kBytes;
    for (int64_t i = 0; i < (cols + F::kValues - 1) / F::kValues * F::kBytes; i += 64)
        _mm_prefetch(at + i, _MM_HINT_T0);
}

// Rows [r, r + nRows), columns [begin, begin + cols); what is missing to 16 rows is zero.
template <class F>
void roundPanel(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int64_t cols,
                Panel& panel) {
    for (int64_t i = 0; i < wholeTiles(nRows, kBf16TileRows); ++i) {
        uint8_t* out = panel.tiles[i / kBf16TileRows][0] + i % kBf16TileRows * 64;
        if (i < nRows) {
            fetchRow<F>(w, r + i + kPanelRows, begin, cols);
            roundRow<F>(w, r + i, begin, cols, panel.scales, out);
        } else {
            for (int64_t c = 0; c < cols; c += kBf16TileDepth)
                _mm512_store_si512(out + c / kBf16TileDepth * kBf16TileBytes,
                                   _mm512_setzero_si512());
        }
    }
}

// Sums that are whole, and where they go: of the first row and token, `stride` from one token to
// the next.
struct Finished {
    const Sums* sums = nullptr;
    float* y = nullptr;
    int64_t stride = 0;
    int64_t nRows = 0;
    int64_t nTokens = 0;
};

constexpr int kTurns = 16;  // of one Finished

// Four tokens of 16 rows.
void turnOver(const Finished& finished, int turn) {
    const int part = turn / 4;
    const int64_t token = part % 2 * 16 + turn % 4 * 4;
    const int64_t row = part / 2 * 16;
    if (token >= finished.nTokens || row >= finished.nRows) return;
    const float* from = finished.sums->at[part][0] + turn % 4 * 4;
    __m512 fours[4];  // lane i: of row 4 i + j
    for (int j = 0; j < 4; ++j) {
        fours[j] = _mm512_castps128_ps512(_mm_load_ps(from + 16 * j));
        fours[j] = _mm512_insertf32x4(fours[j], _mm_load_ps(from + 16 * (4 + j)), 1);
        fours[j] = _mm512_insertf32x4(fours[j], _mm_load_ps(from + 16 * (8 + j)), 2);
        fours[j] = _mm512_insertf32x4(fours[j], _mm_load_ps(from + 16 * (12 + j)), 3);
    }
    const __m512d low = _mm512_castps_pd(_mm512_unpacklo_ps(fours[0], fours[1]));
    const __m512d high = _mm512_castps_pd(_mm512_unpackhi_ps(fours[0], fours[1]));
    const __m512d nextLow = _mm512_castps_pd(_mm512_unpacklo_ps(fours[2], fours[3]));
    const __m512d nextHigh = _mm512_castps_pd(_mm512_unpackhi_ps(fours[2], fours[3]));
    const __m512d tokens[4] = {_mm512_unpacklo_pd(low, nextLow), _mm512_unpackhi_pd(low, nextLow),
                               _mm512_unpacklo_pd(high, nextHigh),
                               _mm512_unpackhi_pd(high, nextHigh)};
    const int64_t left = finished.nRows - row;
    const auto mask = static_cast<__mmask16>(left >= 16 ? 0xffff : (1U << left) - 1);
    for (int64_t t = 0; t < 4 && token + t < finished.nTokens; ++t)
        _mm512_mask_storeu_ps(finished.y + (token + t) * finished.stride + row, mask,
                              _mm512_castpd_ps(tokens[t]));
}

// A step of products: tiles of 32 rows, of 32 tokens.
struct Factors {
    const uint8_t* rows;
    const uint8_t* tokens;
    int64_t tokensStride;  // bytes from one 16 tokens to the next
    int64_t depth;         // tiles
};

// Tiles 4 and 5 are rows, 6 and 7 tokens.
template <int nRows, int nTokens>
void addProducts(const Factors& factors, int64_t d) {
    const uint8_t* rows = factors.rows + d * kBf16TileBytes;
    const uint8_t* tokens = factors.tokens + d * kBf16TileBytes;
    T::load<4>(rows, 64);
    T::load<6>(tokens, 64);
    T::addBf16Products<0, 4, 6>();
    if constexpr (nTokens == 2) {
        T::load<7>(tokens + factors.tokensStride, 64);
        T::addBf16Products<1, 4, 7>();
    }
    if constexpr (nRows == 2) {
        T::load<5>(rows + sizeof(Panel::tiles[0]), 64);
        T::addBf16Products<2, 5, 6>();
        if constexpr (nTokens == 2) T::addBf16Products<3, 5, 7>();
    }
}

// Goes on with `from`, or from zero on.
template <int nRows, int nTokens>
void multiplyTiles(const Factors& factors, const Sums* from, Sums& to, const Finished& finished) {
    if (from != nullptr) {
        T::load<0>(from->at[0], 64);
        if constexpr (nTokens == 2) T::load<1>(from->at[1], 64);
        if constexpr (nRows == 2) T::load<2>(from->at[2], 64);
        if constexpr (nRows == 2 && nTokens == 2) T::load<3>(from->at[3], 64);
    } else {
        T::zero<0>();
        if constexpr (nTokens == 2) T::zero<1>();
        if constexpr (nRows == 2) T::zero<2>();
        if constexpr (nRows == 2 && nTokens == 2) T::zero<3>();
    }
    int64_t d = 0;
    if (finished.sums != nullptr) {
        const int64_t together = std::min<int64_t>(factors.depth, kTurns);
        for (; d < together; ++d) {
            addProducts<nRows, nTokens>(factors, d);
            turnOver(finished, static_cast<int>(d));
        }
        for (int64_t turn = d; turn < kTurns; ++turn)
            turnOver(finished, static_cast<int>(turn));
    }
    for (; d < factors.depth; ++d)
        addProducts<nRows, nTokens>(factors, d);
    T::storeSums<0>(to.at[0][0], 64);
    if constexpr (nTokens == 2) T::storeSums<1>(to.at[1][0], 64);
    if constexpr (nRows == 2) T::storeSums<2>(to.at[2][0], 64);
    if constexpr (nRows == 2 && nTokens == 2) T::storeSums<3>(to.at[3][0], 64);
}

void multiplyGroup(int64_t nRows, int64_t nTokens, const Factors& factors, const Sums* from,
                   Sums& to, const Finished& finished) {
    if (nRows > kBf16TileRows && nTokens > kBf16TileRows)
        multiplyTiles<2, 2>(factors, from, to, finished);
    else if (nRows > kBf16TileRows)
        multiplyTiles<2, 1>(factors, from, to, finished);
    else if (nTokens > kBf16TileRows)
        multiplyTiles<1, 2>(factors, from, to, finished);
    else
        multiplyTiles<1, 1>(factors, from, to, finished);
}

struct Product {
    const WeightsView& w;
    int64_t rowBegin, rowEnd;
    const uint8_t* tokens;  // tiles
    int64_t nTokens;
    float* y;  // of the first row and token
    int64_t yStride;
};

template <class F>
void multiply(const Product& p, Memory& memory) {
    const int64_t bytes = bf16TileBytes(kBf16TileRows, p.w.cols);
    Finished finished;
    int64_t nFinished = 0;
    for (int64_t c = 0; c < p.w.cols; c += kPanelCols) {
        const int64_t cols = std::min(p.w.cols - c, kPanelCols);
        const bool isLast = c + cols == p.w.cols;
        Sums* sums = memory.soFar;
        for (int64_t r = p.rowBegin; r < p.rowEnd; r += kPanelRows) {
            const int64_t nRows = std::min(p.rowEnd - r, kPanelRows);
            roundPanel<F>(p.w, r, nRows, c, cols, memory.panel);
            T::begin();
            for (int64_t t = 0; t < p.nTokens; t += kTokensAtOnce, ++sums) {
                const int64_t nTokens = std::min(p.nTokens - t, kTokensAtOnce);
                const Factors factors = {
                    memory.panel.tiles[0][0],
                    p.tokens + t / kBf16TileRows * bytes + c / kBf16TileDepth * kBf16TileBytes,
                    bytes, wholeTiles(cols, kBf16TileDepth) / kBf16TileDepth};
                Sums& to = isLast ? memory.last[nFinished++ % 2] : *sums;
                multiplyGroup(nRows, nTokens, factors, c == 0 ? nullptr : sums, to, finished);
                finished = {};
                if (isLast)
                    finished = {&to, p.y + t * p.yStride + r - p.rowBegin, p.yStride, nRows,
                                nTokens};
            }
        }
    }
    for (int turn = 0; turn < kTurns; ++turn)
        turnOver(finished, turn);
}

void matmulWeightsBf16(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                       int64_t nTokens, float* y, int64_t yStride) {
    checkWeights(w);
    T::configureWhole();
    Memory memory;
    withIntegerFormat<Formats>(w.dtype, [&]<class F>(F) {
        for (int64_t t = 0; t < nTokens; t += kMostTokens) {
            const int64_t tokens = std::min(nTokens - t, kMostTokens);
            const int64_t rowsAtOnce =
                kMostSums / wholeTiles(tokens, kTokensAtOnce) / kPanelRows * kPanelRows;
            for (int64_t r = rowBegin; r < rowEnd; r += rowsAtOnce)
                multiply<F>({w, r, std::min(rowEnd, r + rowsAtOnce), x.data + t * x.rowBytes,
                             tokens, y + t * yStride + r - rowBegin, yStride},
                            memory);
        }
    });
    T::release();
}

}  // namespace

}  // namespace moxie::kernels::amx

namespace moxie::kernels {

void fillWeightsBf16Amx(Dispatch& table) {
    table.matmulWeightsBf16 = amx::matmulWeightsBf16;
    table.hasFastWeightsBf16 = true;
}

}  // namespace moxie::kernels
