// AMX bfloat16: panels of weights, rounded into tiles from quantised rows, a few columns at a time:
// for every format the values that 32 weights have, and the class that makes a panel of them.
// Included only by files of this instruction set. Threads: each has panels of its own.
#pragma once
#include <immintrin.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "kernels/bf16_tiles.h"
#include "kernels/cpu/bf16_tiles.h"
#include "kernels/cpu/simd_formats.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/values_avx512.h"

namespace moxie::kernels::amx {

struct PanelValues : Values512<PanelValues> {};

struct PanelFormats : SimdFormats<PanelValues> {
    using Q8_0 = PanelValues::Q8_0;
    using Q4_0 = PanelValues::Q4_0;
    using Q4_1 = PanelValues::Q4_1;
};

constexpr int64_t kPanelRows = 2 * kBf16TileRows;
constexpr int64_t kPanelCols = 512;
constexpr int64_t kPanelColsMost = 768;  // of a row that is no longer
constexpr int64_t kColsAtOnce = 64;      // of a row, rounded at once

struct Panel {
    alignas(64) uint8_t tiles[2][kPanelColsMost / kBf16TileDepth][kBf16TileBytes];
};

inline __m512i roundedPair(__m512 low, __m512 high) {
    return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
}

// 16 values, as words, twice: a permutation of words looks at 5 bits, the uppermost of which
// belongs to another value.
inline __m512i table(__m512 values) {
    return roundedPair(values, values);
}

inline __m128i load16(const uint8_t* at) {
    return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// Values by nibbles, the lower ones of 16 bytes and then the upper ones.
inline __m512i lookUpHalves(const uint8_t* bytes, __m512 values) {
    const __m512i shifts = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi16(4), 1);
    const __m512i both = _mm512_cvtepu8_epi16(_mm256_broadcastsi128_si256(load16(bytes)));
    return _mm512_permutexvar_epi16(_mm512_srlv_epi16(both, shifts), table(values));
}

// The same where a byte's nibbles are neighbours.
inline __m512i lookUpPairs(const uint8_t* bytes, __m512 values) {
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
struct Rounded<PanelFormats::Q4_0> {
    static __m512i decode(const uint8_t* block, float) {
        return lookUpHalves(
            block + 2, _mm512_mul_ps(PanelValues::half(block),
                                     _mm512_sub_ps(PanelValues::counting(), _mm512_set1_ps(8))));
    }
};

template <>
struct Rounded<PanelFormats::Q4_1> {
    static __m512i decode(const uint8_t* block, float) {
        const PanelValues::Halves both(block);
        return lookUpHalves(block + 4,
                            _mm512_fmadd_ps(_mm512_set1_ps(both.values[0]), PanelValues::counting(),
                                            _mm512_set1_ps(both.values[1])));
    }
};

template <>
struct Rounded<PanelFormats::Iq4Nl> {
    static __m512i decode(const uint8_t* block, float) {
        return lookUpHalves(
            block + 2, _mm512_mul_ps(PanelValues::half(block), PanelValues::levels(kIq4Values, 1)));
    }
};

template <>
struct Rounded<PanelFormats::Mxfp4> {
    static __m512i decode(const uint8_t* block, float) {
        return lookUpHalves(block + 1, _mm512_mul_ps(_mm512_set1_ps(kE8m0Halves.at[block[0]]),
                                                     PanelValues::levels(kE2m1Doubled, 1)));
    }
};

template <>
struct Rounded<PanelFormats::E2m1> {
    static __m512i decode(const uint8_t* codes, float scale) {
        return lookUpPairs(
            codes, _mm512_mul_ps(_mm512_set1_ps(scale), PanelValues::levels(kE2m1Doubled, 0.5F)));
    }
};

template <>
struct Rounded<PanelFormats::Int4> {
    static __m512i decode(const uint8_t* codes, float scale) {
        return lookUpPairs(
            codes, _mm512_mul_ps(_mm512_set1_ps(scale), PanelValues::levels(kInt4Values, 1)));
    }
};

template <>
struct Rounded<PanelFormats::Iq4Xs> {
    static __m512i decode(const uint8_t* block, const PanelFormats::Iq4Xs::Header& header,
                          int part) {
        return lookUpHalves(
            block + 8 + part * 16,
            _mm512_mul_ps(_mm512_set1_ps(header.scales[part]), PanelValues::levels(kIq4Values, 1)));
    }
};

inline void storePart(uint8_t* out, int64_t c, __m512i values) {
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
inline void storePair<PanelFormats::Q4_K>(const uint8_t* block,
                                          const PanelFormats::Q4_K::Header& header, int part,
                                          uint8_t* out) {
    const auto valuesOf = [&](int at) {
        return _mm512_fmadd_ps(_mm512_set1_ps(header.scales[at]), PanelValues::counting(),
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

}  // namespace moxie::kernels::amx
