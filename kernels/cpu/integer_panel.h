// Weights that are small integers, unpacked for products with rounded activations: panels of 32
// rows by up to 512 columns, codes as the instructions for 8-bit products take them. AVX-512; a
// template over V as simd_formats.h, so that no two instruction sets share a symbol. Included only
// by files of one instruction set. Threads: any thread.
//
// A format says: kBytes and kParts, the groups of 32 values in a block; kSub, the values of one
// scale; kBias and kHasOffsets as IntegerFormat. unpack() gives the codes of one block, its scales
// and offsets.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/simd_formats.h"
#include "kernels/cpu/tables.h"
#include "kernels/dispatch.h"
#include "kernels/format_tables.h"

namespace moxie::kernels {

template <class V>
struct IntegerFormats {
    using Floats = SimdFormats<V>;

    // One row's share of 256 columns.
    struct Row {
        alignas(64) uint8_t codes[256];
        alignas(64) float scales[16];
        alignas(64) float offsets[16];
    };

    static __m256i load32(const uint8_t* at) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    }

    static void store32(uint8_t* at, __m256i codes) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), codes);
    }

    static __m256i biased(__m256i values) {
        return _mm256_xor_si256(values, _mm256_set1_epi8(static_cast<char>(0x80)));
    }

    static float half(const uint8_t* at) {
        uint16_t bits = 0;
        std::memcpy(&bits, at, sizeof bits);
        return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
    }

    // Nibble j of 16 bytes becomes byte j; high nibbles follow, as blocks of 32 have them.
    static __m256i halves(const uint8_t* bytes) {
        const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
        return Floats::low4(
            _mm256_inserti128_si256(_mm256_castsi128_si256(both), _mm_srli_epi16(both, 4), 1));
    }

    // The same where a byte's nibbles are neighbours.
    static __m256i pairs(const uint8_t* bytes) {
        const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
        const __m128i high = _mm_srli_epi16(both, 4);
        return Floats::low4(
            _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi8(both, high)),
                                    _mm_unpackhi_epi8(both, high), 1));
    }

    static __m256i lookUp(const int8_t* values, __m256i nibbles) {
        const __m128i table = _mm_loadu_si128(reinterpret_cast<const __m128i*>(values));
        return biased(_mm256_shuffle_epi8(_mm256_broadcastsi128_si256(table), nibbles));
    }

    template <int bytes, int parts, int sub, int bias>
    struct Format {
        static constexpr int kBytes = bytes;
        static constexpr int kParts = parts;
        static constexpr int kSub = sub;
        static constexpr int kBias = bias;
        static constexpr bool kHasOffsets = bias == 0;
    };

    struct Q8_0 : Format<34, 1, 32, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            *scales = half(block);
            store32(codes, biased(load32(block + 2)));
        }
    };

    struct Q4_0 : Format<18, 1, 32, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            *scales = half(block);
            store32(codes, _mm256_add_epi8(halves(block + 2), _mm256_set1_epi8(120)));
        }
    };

    struct Q4_1 : Format<20, 1, 32, 0> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float* offsets) {
            *scales = half(block);
            *offsets = half(block + 2);
            store32(codes, halves(block + 4));
        }
    };

    struct Iq4Nl : Format<18, 1, 32, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            *scales = half(block);
            store32(codes, lookUp(kIq4Values, halves(block + 2)));
        }
    };

    struct Mxfp4 : Format<17, 1, 32, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            *scales = kE8m0Halves.at[block[0]];
            store32(codes, lookUp(kE2m1Doubled, halves(block + 1)));
        }
    };

    struct E2m1 : Format<16, 1, 32, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            *scales = 0.5F;
            store32(codes, lookUp(kE2m1Doubled, pairs(block)));
        }
    };

    struct Int4 : Format<16, 1, 32, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            *scales = 1;
            store32(codes, lookUp(kInt4Values, pairs(block)));
        }
    };

    template <class Header>
    static void copyScales(const Header& header, float* scales) {
        std::memcpy(scales, header.scales, sizeof header.scales);
    }

    template <class Header>
    static void copyBoth(const Header& header, float* scales, float* offsets) {
        copyScales(header, scales);
        std::memcpy(offsets, header.offsets, sizeof header.offsets);
    }

    struct Q4_K : Format<144, 8, 32, 0> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float* offsets) {
            typename Floats::Q4_K::Header header;
            Floats::Q4_K::readHeader(block, header);
            copyBoth(header, scales, offsets);
            for (int i = 0; i < 4; ++i) {
                const __m256i both = load32(block + 16 + i * 32);
                store32(codes + i * 64, Floats::low4(both));
                store32(codes + i * 64 + 32, Floats::low4(_mm256_srli_epi16(both, 4)));
            }
        }
    };

    struct Q5_K : Format<176, 8, 32, 0> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float* offsets) {
            typename Floats::Q5_K::Header header;
            Floats::Q5_K::readHeader(block, header);
            copyBoth(header, scales, offsets);
            const __m256i fifths = load32(block + 16);
            for (int part = 0; part < 8; ++part) {
                const __m256i low = Floats::low4(
                    Floats::shiftRight(load32(block + 48 + part / 2 * 32), part % 2 * 4));
                const __mmask32 isSet =
                    _mm256_test_epi8_mask(fifths, _mm256_set1_epi8(static_cast<char>(1U << part)));
                store32(codes + part * 32, _mm256_or_si256(low, _mm256_maskz_set1_epi8(isSet, 16)));
            }
        }
    };

    struct Q6_K : Format<210, 8, 16, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            typename Floats::Q6_K::Header header;
            Floats::Q6_K::readHeader(block, header);
            copyScales(header, scales);
            for (int part = 0; part < 8; ++part) {
                const int quarter = part % 4;
                const __m256i low = Floats::low4(Floats::shiftRight(
                    load32(block + part / 4 * 64 + quarter % 2 * 32), quarter / 2 * 4));
                const __m256i high = _mm256_and_si256(
                    Floats::shiftRight(load32(block + 128 + part / 4 * 32), quarter * 2),
                    _mm256_set1_epi8(3));
                store32(codes + part * 32,
                        _mm256_add_epi8(_mm256_or_si256(low, _mm256_slli_epi16(high, 4)),
                                        _mm256_set1_epi8(96)));
            }
        }
    };

    struct Q2_K : Format<84, 8, 16, 0> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float* offsets) {
            typename Floats::Q2_K::Header header;
            Floats::Q2_K::readHeader(block, header);
            copyBoth(header, scales, offsets);
            for (int part = 0; part < 8; ++part)
                store32(codes + part * 32,
                        _mm256_and_si256(
                            Floats::shiftRight(load32(block + 16 + part / 4 * 32), part % 4 * 2),
                            _mm256_set1_epi8(3)));
        }
    };

    struct Iq4Xs : Format<136, 8, 32, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            typename Floats::Iq4Xs::Header header;
            Floats::Iq4Xs::readHeader(block, header);
            copyScales(header, scales);
            for (int part = 0; part < 8; ++part)
                store32(codes + part * 32, lookUp(kIq4Values, halves(block + 8 + part * 16)));
        }
    };

    struct Iq2Xxs : Format<66, 8, 32, 128> {
        static void unpack(const uint8_t* block, uint8_t* codes, float* scales, float*) {
            typename Floats::Iq2Xxs::Header header;
            Floats::Iq2Xxs::readHeader(block, header);
            copyScales(header, scales);
            for (int part = 0; part < 8; ++part) {
                const uint8_t* points = block + 2 + part * 8;
                const __m256i sizes =
                    _mm256_setr_epi64x(kIq2Bytes.at[points[0]], kIq2Bytes.at[points[1]],
                                       kIq2Bytes.at[points[2]], kIq2Bytes.at[points[3]]);
                store32(codes + part * 32,
                        biased(_mm256_mask_sub_epi8(sizes, header.signs[part],
                                                    _mm256_setzero_si256(), sizes)));
            }
        }
    };

    // 16 rows of 8 words each, `stride` bytes apart: out[i] = word i of all rows.
    static void transpose(const uint8_t* rows, int64_t stride, uint8_t* out) {
        const auto store = [&](int i, __m512i words) { _mm512_storeu_si512(out + i * 64, words); };
        __m512i a[8];
        __m512i b[8];
        for (int i = 0; i < 8; ++i)
            a[i] = _mm512_inserti64x4(_mm512_castsi256_si512(load32(rows + i * stride)),
                                      load32(rows + (i + 8) * stride), 1);
        for (int i = 0; i < 4; ++i) {
            b[2 * i] = _mm512_unpacklo_epi32(a[2 * i], a[2 * i + 1]);
            b[2 * i + 1] = _mm512_unpackhi_epi32(a[2 * i], a[2 * i + 1]);
        }
        for (int i = 0; i < 2; ++i) {
            a[4 * i] = _mm512_unpacklo_epi64(b[4 * i], b[4 * i + 2]);
            a[4 * i + 1] = _mm512_unpackhi_epi64(b[4 * i], b[4 * i + 2]);
            a[4 * i + 2] = _mm512_unpacklo_epi64(b[4 * i + 1], b[4 * i + 3]);
            a[4 * i + 3] = _mm512_unpackhi_epi64(b[4 * i + 1], b[4 * i + 3]);
        }
        const __m512i first = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13);
        const __m512i last = _mm512_setr_epi64(2, 3, 10, 11, 6, 7, 14, 15);
        for (int i = 0; i < 4; ++i) {
            store(i, _mm512_permutex2var_epi64(a[i], first, a[i + 4]));
            store(i + 4, _mm512_permutex2var_epi64(a[i], last, a[i + 4]));
        }
    }

    // Asks for columns [begin, begin + 32 * nParts) of a row that is read after 16 others; rows are
    // far from each other, so that no processor guesses it.
    template <class F>
    static void fetchRow(const WeightsView& w, int64_t r, int64_t begin, int nParts) {
        constexpr int64_t kColumns = 32 * F::kParts;
        const auto* at =
            reinterpret_cast<const char*>(w.data) + r * w.rowBytes + begin / kColumns * F::kBytes;
        for (int64_t i = 0; i < nParts * 32 / kColumns * F::kBytes; i += 64)
            _mm_prefetch(at + i, _MM_HINT_T0);
    }

    // The same columns of one row, at most 256.
    template <class F>
    static void unpackRow(const WeightsView& w, int64_t r, int64_t begin, int nParts, Row& row) {
        const uint8_t* block = w.data + r * w.rowBytes + begin / (32 * F::kParts) * F::kBytes;
        for (int part = 0; part < nParts; part += F::kParts, block += F::kBytes)
            F::unpack(block, row.codes + part * 32, row.scales + part * 32 / F::kSub,
                      row.offsets + part * 32 / F::kSub);
    }

    static void scaleApart(const WeightsView& w, int64_t r, int64_t begin, int nParts, Row& row) {
        float scales[8];
        expandScales(w, {r, 1, begin, nParts}, scales, 8);
        for (int i = 0; i < nParts; ++i)
            row.scales[i] *= scales[i];
    }

    // Rows [r, r + nRows) of at most 32, columns [begin, begin + cols) of at most kTileCols; what
    // is missing to 16 rows repeats the last one.
    template <class F>
    static void unpack(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int64_t cols,
                       IntegerPanel& panel) {
        constexpr int kScalesOf256 = 256 / F::kSub;
        Row rows[16];
        for (int64_t v = 0; v * 16 < nRows; ++v)
            for (int64_t c = 0; c < cols; c += 256) {
                const int nParts = static_cast<int>(cols - c < 256 ? (cols - c) / 32 : 8);
                for (int64_t i = 0; i < 16; ++i) {
                    const int64_t at = r + (v * 16 + i < nRows ? v * 16 + i : nRows - 1);
                    fetchRow<F>(w, at + 16, begin + c, nParts);
                    unpackRow<F>(w, at, begin + c, nParts, rows[i]);
                    if (w.scaleType != ScaleType::none)
                        scaleApart(w, at, begin + c, nParts, rows[i]);
                }
                for (int part = 0; part < nParts; ++part)
                    transpose(rows[0].codes + part * 32, sizeof(Row),
                              panel.codes[v][c / 4 + part * 8]);
                for (int s = 0; s < kScalesOf256; s += 8) {
                    const int64_t to = c / F::kSub + s;
                    transpose(reinterpret_cast<const uint8_t*>(rows[0].scales + s), sizeof(Row),
                              reinterpret_cast<uint8_t*>(panel.scales[v][to]));
                    if (F::kHasOffsets)
                        transpose(reinterpret_cast<const uint8_t*>(rows[0].offsets + s),
                                  sizeof(Row), reinterpret_cast<uint8_t*>(panel.offsets[v][to]));
                }
            }
    }
};

}  // namespace moxie::kernels
