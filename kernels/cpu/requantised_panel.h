// Weights that are small integers, requantised to signed bytes with one scale per 128 columns:
// panels of 64 rows by up to 256 columns, and activations rounded to two planes of bytes. AVX-512;
// a template over V as integer_panel.h, whose formats read the weights. Included only by files of
// one instruction set. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/integer_panel.h"

namespace moxie::kernels {

template <class V>
struct RequantisedPanels {
    using Formats = IntegerFormats<V>;
    using Row = typename Formats::Row;

    // What codes of 16 rows by 256 columns are multiplied with, and what is added: [scale][row].
    struct Factors {
        alignas(64) float scales[16][16];
        alignas(64) float offsets[16][16];
    };

    // The larger of a size and that of a value, as bits: NaN is larger than any number.
    static __m512i largerOf(__m512i size, __m512 value) {
        return _mm512_max_epi32(size, _mm512_castps_si512(_mm512_abs_ps(value)));
    }

    // The n scales and offsets of 128 columns become those of requantised codes; `own` is given the
    // scales of these.
    template <class F>
    static void rescale(CodeRange range, int n, float (*scales)[16], float (*offsets)[16],
                        float* own) {
        __m512i bits = _mm512_setzero_si512();
        for (int s = 0; s < n; ++s) {
            const __m512 scale = _mm512_load_ps(scales[s]);
            const __m512 offset = F::kHasOffsets ? _mm512_load_ps(offsets[s]) : _mm512_setzero_ps();
            bits = largerOf(bits, _mm512_fmadd_ps(scale, _mm512_set1_ps(range.lowest), offset));
            bits = largerOf(bits, _mm512_fmadd_ps(scale, _mm512_set1_ps(range.highest), offset));
        }
        const __m512 size = _mm512_castsi512_ps(bits);
        const __mmask16 isFinite = _mm512_cmplt_epi32_mask(bits, _mm512_set1_epi32(0x7f800000));
        const __mmask16 isUsual =
            isFinite & _mm512_cmp_ps_mask(size, _mm512_set1_ps(kRoundedToZero), _CMP_GE_OQ);
        const __m512 inverse = _mm512_maskz_div_ps(isUsual, _mm512_set1_ps(range.top), size);
        _mm512_store_ps(own,
                        _mm512_mask_blend_ps(
                            isFinite, _mm512_set1_ps(__builtin_nanf("")),
                            _mm512_maskz_mul_ps(isUsual, size, _mm512_set1_ps(1 / range.top))));
        for (int s = 0; s < n; ++s) {
            _mm512_store_ps(scales[s],
                            _mm512_maskz_mul_ps(isUsual, _mm512_load_ps(scales[s]), inverse));
            if constexpr (F::kHasOffsets)
                _mm512_store_ps(offsets[s],
                                _mm512_maskz_mul_ps(isUsual, _mm512_load_ps(offsets[s]), inverse));
        }
    }

    template <class F>
    static __m512i roundedOf(__m512 codes, const Factors& factors, int s, int64_t row) {
        const __m512 scale = _mm512_set1_ps(factors.scales[s][row]);
        return _mm512_cvtps_epi32(
            F::kHasOffsets ? _mm512_fmadd_ps(codes, scale, _mm512_set1_ps(factors.offsets[s][row]))
                           : _mm512_mul_ps(codes, scale));
    }

    // Sixteen numbers of each, as bytes, one behind the other.
    static __m512i bytesOf(__m512i a, __m512i b, __m512i c, __m512i d) {
        const __m512i order =
            _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        return _mm512_permutexvar_epi32(
            order, _mm512_packs_epi16(_mm512_packs_epi32(a, b), _mm512_packs_epi32(c, d)));
    }

    // What codes of 16 kinds become, for four scales: a lane of 16 bytes each.
    template <class F>
    static __m512i tablesOf(const Factors& factors, int s, int64_t row) {
        const __m512 kinds = _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        return bytesOf(
            roundedOf<F>(kinds, factors, s, row), roundedOf<F>(kinds, factors, s + 1, row),
            roundedOf<F>(kinds, factors, s + 2, row), roundedOf<F>(kinds, factors, s + 3, row));
    }

    static void lookUp64(__m512i tables, uint8_t* codes) {
        _mm512_storeu_si512(codes, _mm512_shuffle_epi8(tables, _mm512_loadu_si512(codes)));
    }

    // Codes of at most 16 kinds, with offsets.
    template <class F>
    static void lookUpCodes(const Factors& factors, int64_t i, Row& row) {
        for (int s = 0; s < 256 / F::kSub; s += 4) {
            const __m512i tables = tablesOf<F>(factors, s, i);
            uint8_t* codes = row.codes + s * F::kSub;
            if constexpr (F::kSub == 16) {
                lookUp64(tables, codes);
            } else {
                lookUp64(_mm512_shuffle_i32x4(tables, tables, 0x50), codes);
                lookUp64(_mm512_shuffle_i32x4(tables, tables, 0xfa), codes + 64);
            }
        }
    }

    template <class F>
    static __m512i roundSixteen(const Factors& factors, int64_t i, int at, const uint8_t* codes) {
        const __m128i own =
            _mm_xor_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + at)),
                          _mm_set1_epi8(static_cast<char>(F::kBias)));
        return roundedOf<F>(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(own)), factors, at / F::kSub,
                            i);
    }

    template <class F>
    static void roundCodes(const Factors& factors, int64_t i, Row& row) {
        for (int at = 0; at < 256; at += 64)
            _mm512_storeu_si512(row.codes + at,
                                bytesOf(roundSixteen<F>(factors, i, at, row.codes),
                                        roundSixteen<F>(factors, i, at + 16, row.codes),
                                        roundSixteen<F>(factors, i, at + 32, row.codes),
                                        roundSixteen<F>(factors, i, at + 48, row.codes)));
    }

    // 16 rows from r on, of which there are at least nRows, columns [begin, begin + 32 * nParts):
    // codes and what they are multiplied with.
    template <class F>
    static void readRows(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int nParts,
                         Row* rows, Factors& factors) {
        for (int64_t i = 0; i < 16; ++i) {
            const int64_t at = r + (i < nRows ? i : nRows - 1);
            Formats::template fetchRow<F>(w, at + 16, begin, nParts);
            Formats::template unpackRow<F>(w, at, begin, nParts, rows[i]);
            if (w.scaleType != ScaleType::none) Formats::scaleApart(w, at, begin, nParts, rows[i]);
        }
        for (int s = 0; s < 256 / F::kSub; s += 8) {
            Formats::transpose(reinterpret_cast<const uint8_t*>(rows[0].scales + s), sizeof(Row),
                               reinterpret_cast<uint8_t*>(factors.scales[s]));
            if constexpr (F::kHasOffsets)
                Formats::transpose(reinterpret_cast<const uint8_t*>(rows[0].offsets + s),
                                   sizeof(Row), reinterpret_cast<uint8_t*>(factors.offsets[s]));
        }
    }

    // 16 rows from r on, `nRows` of them there, columns [begin, begin + cols) of at most 256.
    template <class F>
    static void unpackHalf(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin,
                           int64_t cols, int half, RequantisedPanel::Stripe& stripe) {
        constexpr int kScales = static_cast<int>(kRequantisedCols) / F::kSub;
        const CodeRange range = codeRange(w.dtype);
        const bool areFewKinds = F::kHasOffsets && range.highest <= 15;
        const auto nParts = static_cast<int>(cols / 32);
        const int nGroups = (nParts + 3) / 4;
        Row rows[16];
        Factors factors;
        readRows<F>(w, r, nRows, begin, nParts, rows, factors);
        for (int g = 0; g < nGroups; ++g) {
            const int left = nParts * 32 / F::kSub - g * kScales;
            rescale<F>(range, left < kScales ? left : kScales, factors.scales + g * kScales,
                       factors.offsets + g * kScales, stripe.scales[half][g]);
        }
        for (int64_t i = 0; i < 16; ++i) {
            if (areFewKinds)
                lookUpCodes<F>(factors, i, rows[i]);
            else
                roundCodes<F>(factors, i, rows[i]);
            if (nParts < 8)
                std::memset(rows[i].codes + nParts * 32, 0, static_cast<size_t>(256 - nParts * 32));
        }
        for (int part = 0; part < nGroups * 4; ++part)
            Formats::transpose(rows[0].codes + part * 32, sizeof(Row),
                               stripe.codes[half][part * 8]);
    }

    // Rows [r, r + nRows), columns [begin, begin + cols) of a panel; what is missing to 16 rows
    // repeats the last one, what is missing to 128 columns is zero.
    template <class F>
    static void unpack(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int64_t cols,
                       RequantisedPanel& panel) {
        for (int64_t first = 0; first < nRows; first += 16)
            unpackHalf<F>(w, r + first, nRows - first, begin, cols,
                          static_cast<int>(first / 16 % 2), panel.stripes[first / kTileRows]);
    }

    // Activations as SplitBlocks.
    static void roundBlock(const float* x, SplitBlock& out) {
        constexpr int kNotFinite = 0x99;  // quiet and signalling NaN, both infinities
        __m512 largest = _mm512_setzero_ps();
        __mmask16 isNotFinite = 0;
        for (int i = 0; i < 256; i += 16) {
            const __m512 values = _mm512_loadu_ps(x + i);
            isNotFinite |= _mm512_fpclass_ps_mask(values, kNotFinite);
            largest = _mm512_max_ps(largest, _mm512_abs_ps(values));
        }
        const float size = _mm512_reduce_max_ps(largest);
        if (isNotFinite != 0 || size < kRoundedToZero) {
            std::memset(&out, 0, sizeof out);
            out.scale = isNotFinite != 0 ? __builtin_nanf("") : 0;
            return;
        }
        std::memset(out.unused, 0, sizeof out.unused);
        out.scale = size / kFineMax;
        const __m512 inverse = _mm512_set1_ps(kFineMax / size);
        for (int i = 0; i < 256; i += 16) {
            const __m512i values =
                _mm512_cvtps_epi32(_mm512_mul_ps(_mm512_loadu_ps(x + i), inverse));
            const __m512i high =
                _mm512_srai_epi32(_mm512_add_epi32(values, _mm512_set1_epi32(128)), 8);
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out.high + i), _mm512_cvtepi32_epi8(high));
            _mm_storeu_si128(reinterpret_cast<__m128i*>(out.low + i), _mm512_cvtepi32_epi8(values));
        }
    }

    static void roundRowSplit(const float* x, int64_t cols, uint8_t* out) {
        for (int64_t c = 0; c < cols; c += 256, out += sizeof(SplitBlock)) {
            SplitBlock& block = *reinterpret_cast<SplitBlock*>(out);
            if (cols - c >= 256) {
                roundBlock(x + c, block);
                continue;
            }
            float part[256] = {};
            std::memcpy(part, x + c, static_cast<size_t>(cols - c) * sizeof(float));
            roundBlock(part, block);
        }
    }
};

}  // namespace moxie::kernels
