// AMX bfloat16: quantised weights times rounded activations, for prompts. 32 rows by 512 columns of
// weights are rounded into tiles, 32 KB, which stay in the first cache while tokens, in tiles
// already, pass. Rows of weights are rows of the instruction, so that they are stored as they are
// read; tokens are its columns. Sums of 32 rows by 32 tokens stand in four tiles, so that two loads
// of 1,024 bytes serve two products. While tiles multiply, the vector units do what they can beside
// them: they round the next panel and turn over what became of the last columns' sums.
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
constexpr int64_t kPanelCols = 512;
constexpr int64_t kPanelColsMost = 768;  // of a row that is no longer
constexpr int64_t kTokensAtOnce = 2 * kBf16TileRows;
constexpr int64_t kMostTokens = 512;
constexpr int64_t kMostSums = 256 * kMostTokens;

constexpr int64_t kColsAtOnce = 64;  // of a row, rounded at once

struct Panel {
    alignas(64) uint8_t tiles[2][kPanelColsMost / kBf16TileDepth][kBf16TileBytes];
};

// Sums of 32 rows by 32 tokens: [half of the rows * 2 + half of the tokens][row][token].
struct Sums {
    alignas(64) float at[4][16][16];
};

// On the stack of a thread.
struct Memory {
    Panel panels[2];
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

void storePart(uint8_t* out, int64_t c, __m512i values) {
    _mm512_store_si512(out + c / kBf16TileDepth * kBf16TileBytes, values);
}

// Parts `part` and the next one of a block of 256.
template <class F>
void storePair(const uint8_t* block, const typename F::Header& header, int part, uint8_t* out) {
    storePart(out, 0, Rounded<F>::decode(block, header, part));
    storePart(out, 32, Rounded<F>::decode(block, header, part + 1));
}

// Both parts' values stand in one table: bit 4 of a number says which.
template <>
void storePair<Formats::Q4_K>(const uint8_t* block, const Formats::Q4_K::Header& header, int part,
                              uint8_t* out) {
    const auto valuesOf = [&](int at) {
        return _mm512_fmadd_ps(_mm512_set1_ps(header.scales[at]), Values::counting(),
                               _mm512_set1_ps(header.offsets[at]));
    };
    const __m512i values = roundedPair(valuesOf(part), valuesOf(part + 1));
    const __m512i bytes = _mm512_cvtepu8_epi16(
        _mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 16 + part / 2 * 32)));
    const __m512i second = _mm512_set1_epi16(16);
    storePart(out, 0, _mm512_permutexvar_epi16(_mm512_andnot_si512(second, bytes), values));
    storePart(
        out, 32,
        _mm512_permutexvar_epi16(_mm512_or_si512(_mm512_srli_epi16(bytes, 4), second), values));
}

struct NoHeader {};

template <class F>
struct HeaderOf {
    using Type = NoHeader;
};

template <class F>
requires requires {
    typename F::Header;
}

struct HeaderOf<F> {
    using Type = typename F::Header;
};

// Rows [row, row + nRows), columns [begin, begin + cols) of the weights.
struct PanelPlace {
    int64_t row = 0, nRows = 0;
    int64_t begin = 0, cols = 0;
};

// A panel in the making, 64 columns of a row at a time, between the products of another one.
template <class F>
class PanelRounding {
public:
    explicit PanelRounding(const WeightsView& w) : weights_(w) {}

    // In as many steps.
    void start(const PanelPlace& place, int64_t steps, Panel& to) {
        place_ = place;
        panel_ = &to;
        nParts_ = place_.nRows * (wholeTiles(place_.cols, kColsAtOnce) / kColsAtOnce);
        nSteps_ = steps;
        due_ = 0;
        row_ = 0;
        clearRows();
        if (nParts_ > 0) beginRow();
    }

    void step() {
        for (due_ += nParts_; due_ >= nSteps_; due_ -= nSteps_)
            roundNext();
    }

private:
    static constexpr int64_t kBytesAtOnce = F::kBytes * kColsAtOnce / F::kValues;

    uint8_t* tilesOfRow(int64_t r) const {
        return panel_->tiles[r / kBf16TileRows][0] +
               r % kBf16TileRows * (kBf16TileBytes / kBf16TileRows);
    }

    void beginRow() {
        col_ = 0;
        block_ = weights_.data + (place_.row + row_) * weights_.rowBytes +
                 place_.begin / F::kValues * F::kBytes;
        ahead_ = block_ + kPanelRows * weights_.rowBytes;
        out_ = tilesOfRow(row_);
    }

    // What is missing is zero.
    void clearRows() {
        for (int64_t r = place_.nRows; r < kPanelRows; ++r)
            for (int64_t c = 0; c < place_.cols; c += kBf16TileDepth)
                storePart(tilesOfRow(r), c, _mm512_setzero_si512());
    }

    void roundNext() {
        // The same columns of the panel's rows in the next one, into the first cache.
        for (int64_t i = 0; i < kBytesAtOnce; i += 64)
            _mm_prefetch(ahead_ + i, _MM_HINT_T0);
        ahead_ += kBytesAtOnce;
        if constexpr (F::kValues == 256) {
            const int64_t part = col_ % 256 / 32;
            if (part == 0) {
                F::readHeader(block_, header_);
                asm("" : "+m"(header_));  // scales are broadcast from memory, not by shuffles
            }
            storePair<F>(block_, header_, static_cast<int>(part), out_);
            if (part == 6) block_ += F::kBytes;
        } else {
            static_assert(F::kValues == 32);
            const int64_t cols = std::min(place_.cols - col_, kColsAtOnce);
            if constexpr (F::kScalesApart)
                expandScales(weights_,
                             {place_.row + row_, 1, place_.begin + col_, (cols + 31) / 32}, scales_,
                             kColsAtOnce / 32);
            for (int64_t c = 0; c < cols; c += 32, block_ += F::kBytes)
                storePart(out_, c, blockOf(c, cols - c));
        }
        col_ += kColsAtOnce;
        out_ += kColsAtOnce / kBf16TileDepth * kBf16TileBytes;
        if (col_ >= place_.cols && ++row_ < place_.nRows) beginRow();
    }

    __m512i blockOf(int64_t c, int64_t left) const {
        const float scale = F::kScalesApart ? scales_[c / 32] : 0;
        if constexpr (F::kHasTail) {
            if (left < 32) {
                uint8_t tail[F::kBytes] = {};
                std::memcpy(tail, block_, static_cast<size_t>(left) * F::kBytes / 32);
                return _mm512_maskz_mov_epi16(static_cast<__mmask32>((1U << left) - 1),
                                              Rounded<F>::decode(tail, scale));
            }
        }
        return Rounded<F>::decode(block_, scale);
    }

    const WeightsView& weights_;
    PanelPlace place_;
    Panel* panel_ = nullptr;
    int64_t row_ = 0, col_ = 0;  // of the next part, in the panel
    const uint8_t* block_ = nullptr;
    const uint8_t* ahead_ = nullptr;
    uint8_t* out_ = nullptr;
    int64_t nParts_ = 0, nSteps_ = 1, due_ = 0;
    typename HeaderOf<F>::Type header_;
    float scales_[kColsAtOnce / 32];
};

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

// Four tokens of 16 rows; the other rows of the same tokens follow.
void turnOver(const Finished& finished, int turn) {
    const int64_t token = turn / 2 * 4;
    const int64_t row = turn % 2 * 16;
    if (token >= finished.nTokens || row >= finished.nRows) return;
    const float* from = finished.sums->at[turn % 2 * 2 + token / 16][0] + token % 16;
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

constexpr int64_t kStepsOfProducts = 4;  // between loads of tiles: more products stay in flight

// Tiles 4 and 5 are rows, 6 and 7 tokens, which do not come again before other rows do.
template <int nTokens, class F>
void addProducts(const Factors& factors, int64_t d, PanelRounding<F>& next) {
    const uint8_t* rows = factors.rows + d * kBf16TileBytes;
    const uint8_t* tokens = factors.tokens + d * kBf16TileBytes;
    T::load<4>(rows, 64);
    next.step();
    T::loadOnce<6>(tokens, 64);
    next.step();
    T::addBf16Products<0, 4, 6>();
    T::load<5>(rows + sizeof(Panel::tiles[0]), 64);
    next.step();
    T::addBf16Products<2, 5, 6>();
    if constexpr (nTokens == 2) T::loadOnce<7>(tokens + factors.tokensStride, 64);
    next.step();
    if constexpr (nTokens == 2) {
        T::addBf16Products<1, 4, 7>();
        T::addBf16Products<3, 5, 7>();
    }
}

// Goes on with `from`, or from zero on.
template <int nTokens, class F>
void multiplyTiles(const Factors& factors, const Sums* from, Sums& to, const Finished& finished,
                   PanelRounding<F>& next) {
    if (from != nullptr) {
        T::load<0>(from->at[0], 64);
        T::load<2>(from->at[2], 64);
        if constexpr (nTokens == 2) {
            T::load<1>(from->at[1], 64);
            T::load<3>(from->at[3], 64);
        }
    } else {
        T::zero<0>();
        T::zero<1>();
        T::zero<2>();
        T::zero<3>();
    }
    int turn = finished.sums == nullptr ? kTurns : 0;
    for (int64_t d = 0; d < factors.depth; ++d) {
        addProducts<nTokens>(factors, d, next);
        if (turn < kTurns) turnOver(finished, turn++);
    }
    while (turn < kTurns)
        turnOver(finished, turn++);
    T::storeSums<0>(to.at[0][0], 64);
    T::storeSums<2>(to.at[2][0], 64);
    if constexpr (nTokens == 2) {
        T::storeSums<1>(to.at[1][0], 64);
        T::storeSums<3>(to.at[3][0], 64);
    }
}

struct Product {
    const WeightsView& w;
    int64_t rowBegin, rowEnd;
    const uint8_t* tokens;  // tiles
    int64_t nTokens;
    float* y;  // of the first row and token
    int64_t yStride;
};

PanelPlace placeAt(const Product& p, int64_t row, int64_t begin) {
    const int64_t most = p.w.cols <= kPanelColsMost ? kPanelColsMost : kPanelCols;
    return {row, std::min(p.rowEnd - row, kPanelRows), begin, std::min(p.w.cols - begin, most)};
}

// The place after another one, columns of all rows before the next columns; empty after the last.
PanelPlace placeAfter(const Product& p, const PanelPlace& place) {
    if (place.row + place.nRows < p.rowEnd) return placeAt(p, place.row + place.nRows, place.begin);
    if (place.begin + place.cols < p.w.cols)
        return placeAt(p, p.rowBegin, place.begin + place.cols);
    return {};
}

template <class F>
void multiply(const Product& p, PanelRounding<F>& next, Memory& memory) {
    const int64_t bytes = bf16TileBytes(kBf16TileRows, p.w.cols);
    const int64_t groups = wholeTiles(p.nTokens, kTokensAtOnce) / kTokensAtOnce;
    PanelPlace place = placeAt(p, p.rowBegin, 0);
    Panel* panel = &memory.panels[0];
    Panel* other = &memory.panels[1];
    next.start(place, 1, *panel);
    next.step();
    Finished finished;
    int64_t nFinished = 0;
    Sums* sums = memory.soFar;
    while (place.nRows > 0) {
        const PanelPlace after = placeAfter(p, place);
        const int64_t depth = wholeTiles(place.cols, kBf16TileDepth) / kBf16TileDepth;
        const bool isLast = place.begin + place.cols == p.w.cols;
        if (place.row == p.rowBegin) sums = memory.soFar;
        next.start(after, groups * depth * kStepsOfProducts, *other);
        T::begin();
        for (int64_t t = 0; t < p.nTokens; t += kTokensAtOnce, ++sums) {
            const int64_t nTokens = std::min(p.nTokens - t, kTokensAtOnce);
            const Factors factors = {panel->tiles[0][0],
                                     p.tokens + t / kBf16TileRows * bytes +
                                         place.begin / kBf16TileDepth * kBf16TileBytes,
                                     bytes, depth};
            Sums& to = isLast ? memory.last[nFinished++ % 2] : *sums;
            const Sums* from = place.begin == 0 ? nullptr : sums;
            if (nTokens > kBf16TileRows)
                multiplyTiles<2>(factors, from, to, finished, next);
            else
                multiplyTiles<1>(factors, from, to, finished, next);
            finished = {};
            if (isLast)
                finished = {&to, p.y + t * p.yStride + place.row - p.rowBegin, p.yStride,
                            place.nRows, nTokens};
        }
        place = after;
        std::swap(panel, other);
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
        PanelRounding<F> rounding(w);
        for (int64_t t = 0; t < nTokens; t += kMostTokens) {
            const int64_t tokens = std::min(nTokens - t, kMostTokens);
            const int64_t rowsAtOnce =
                kMostSums / wholeTiles(tokens, kTokensAtOnce) / kPanelRows * kPanelRows;
            for (int64_t r = rowBegin; r < rowEnd; r += rowsAtOnce)
                multiply({w, r, std::min(rowEnd, r + rowsAtOnce), x.data + t * x.rowBytes, tokens,
                          y + t * yStride + r - rowBegin, yStride},
                         rounding, memory);
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
