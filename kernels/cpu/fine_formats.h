// The weights that are small integers as fine products take them (simd_fine.h): as words of 16
// bits, or as bytes with float sub-scales. A template over the vector type V as simd_fine.h.
// Included only by files of one instruction set. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/integer_formats.h"
#include "kernels/format_tables.h"

namespace moxie::kernels {

// Blocks of 32 say words() and scale(), or, where rows stand in lanes, where their nibbles stand,
// by how much these are too large, and whether they have offsets. Super-blocks read their
// sub-scales into a Header; they give the words of one of 8 parts times its sub-scale, or, where
// they sum bytes, the codes of two parts and the Factors of one token. Those with minima give codes
// only: simd_fine.h reads four of their headers at once. kOutpacesMemory: they are multiplied
// faster than memory gives them, so that it pays to compute what to ask for. kStartsWithHalves:
// V::HalfPairs reads their scales.
template <class V>
struct FineFormats {
    using Words = typename V::Words;
    using Lanes = typename V::Lanes;

    static __m256i load32(const uint8_t* at) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    }

    static __m128i load16(const uint8_t* at) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    }

    static uint32_t word(const uint8_t* at) {
        uint32_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return value;
    }

    static float half(const uint8_t* at) {
        uint16_t bits = 0;
        std::memcpy(&bits, at, sizeof bits);
        return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
    }

    static __m256i low4(__m256i x) { return _mm256_and_si256(x, _mm256_set1_epi8(15)); }

    // ---- blocks of 32

    template <int bytes>
    struct BlockOf32 {
        static constexpr int kBytes = bytes;
        static constexpr bool kIsSuperBlock = false;
        static constexpr FineSums kSums = FineSums::words;
        static constexpr bool kScalesApart = false;
        static constexpr bool kOutpacesMemory = false;
        static constexpr bool kStartsWithHalves = false;
    };

    // Its scale is a half at its start.
    template <int bytes>
    struct BlockWithHalf : BlockOf32<bytes> {
        static constexpr bool kStartsWithHalves = true;
    };

    struct Q8_0 : BlockWithHalf<34> {
        static constexpr bool kOutpacesMemory = true;

        static Words words(const uint8_t* block) { return V::signedWords(load32(block + 2)); }
    };

    // Nibbles, the low ones of 16 bytes before the high ones, behind a half or two: their scale,
    // and their offset. What row_lanes.h reads.
    struct Q4_0 : BlockOf32<18> {
        static constexpr FineSums kSums = FineSums::rowLanes;
        static constexpr int kCodesAt = 2;
        static constexpr int kBias = fineByteBias(DType::q4_0);
        static constexpr bool kHasOffsets = false;
    };

    struct Q4_1 : BlockOf32<20> {
        static constexpr FineSums kSums = FineSums::rowLanes;
        static constexpr int kCodesAt = 4;
        static constexpr int kBias = 0;
        static constexpr bool kHasOffsets = true;
    };

    struct Iq4Nl : BlockWithHalf<18> {
        static Words words(const uint8_t* block) { return V::lookUpHalves(block + 2, kIq4Values); }
    };

    struct Mxfp4 : BlockOf32<17> {
        static Lanes scale(const uint8_t* block) { return V::set(kE8m0Halves.at[block[0]]); }

        static Words words(const uint8_t* block) {
            return V::lookUpHalves(block + 1, kE2m1Doubled);
        }
    };

    struct E2m1 : BlockOf32<16> {
        static constexpr bool kScalesApart = true;

        static Lanes scale(float apart) { return V::set(0.5F * apart); }

        static Words words(const uint8_t* block) { return V::lookUpPairs(block, kE2m1Doubled); }
    };

    struct Int4 : BlockOf32<16> {
        static constexpr bool kScalesApart = true;

        static Lanes scale(float apart) { return V::set(apart); }

        static Words words(const uint8_t* block) { return V::lookUpPairs(block, kInt4Values); }
    };

    // ---- super-blocks of 256

    struct Scales {
        typename V::Scales scales;
        float scale;
    };

    // What a super-block whose sums are of bytes has for one token: sub-scales, and what the sums
    // of each 16 activations are multiplied with and taken away.
    struct Factors {
        Lanes scales, offsets;
    };

    template <int bytes>
    struct BlockOf256 {
        static constexpr int kBytes = bytes;
        static constexpr bool kIsSuperBlock = true;
        static constexpr FineSums kSums = FineSums::words;
        static constexpr bool kOutpacesMemory = false;
        using Header = Scales;
    };

    template <int bytes>
    struct BlockOfBytes : BlockOf256<bytes> {
        static constexpr FineSums kSums = FineSums::bytes;
    };

    // Two halves, then 8 scales and 8 minima of 6 bits in 12 bytes; then 128 bytes of nibbles, the
    // low ones of 32 bytes before the high ones. Codes of the parts 4 g and 4 g + 2, and of the two
    // behind them.
    template <int bytes>
    struct BlockWithMinima : BlockOf256<bytes> {
        static constexpr FineSums kSums = FineSums::scaledBytes;
        static constexpr bool kOutpacesMemory = true;
    };

    struct Q4_K : BlockWithMinima<144> {
        static void codes(const uint8_t* block, int g, typename V::Bytes* out) {
            const typename V::Bytes both = V::load64(block + 16 + g * 64);
            out[0] = V::lowNibbles(both);
            out[1] = V::highNibbles(both);
        }
    };

    struct Q5_K : BlockWithMinima<176> {
        static void codes(const uint8_t* block, int g, typename V::Bytes* out) {
            const typename V::Bytes both = V::load64(block + 48 + g * 64);
            const __m256i fifths = load32(block + 16);
            out[0] = V::withFifths(V::lowNibbles(both), fifths, 4 * g);
            out[1] = V::withFifths(V::highNibbles(both), fifths, 4 * g + 1);
        }
    };

    // Codes are 32 too large: what that adds is taken away with the sums of activations.
    struct Q6_K : BlockOfBytes<210> {
        static constexpr float kBias = fineByteBias(DType::q6_K);

        struct Header {
            Lanes scales;
            float scale;
        };

        static Header header(const uint8_t* block) {
            return {V::signedFloats(load16(block + 192)), half(block + 208)};
        }

        static Factors factors(const Header& header, float scale) {
            const Lanes all = V::mul(header.scales, V::set(header.scale * scale));
            return {all, all};
        }

        static Lanes scales(const Factors& factors, int i) {
            return V::fourScales(factors.scales, i);
        }

        static typename V::Bytes bytes(const uint8_t* block, const Header& /*header*/, int i) {
            const uint8_t* low = block + i / 2 * 64;
            const uint8_t* high = block + 128 + i / 2 * 32;
            return i % 2 == 0 ? V::lowSixBits(low, high) : V::highSixBits(low, high);
        }

        static Lanes finish(Lanes sums, Lanes offsets) {
            return V::fma(offsets, V::set(kBias), sums);
        }
    };

    struct Q2_K : BlockOfBytes<84> {
        struct Header {
            Lanes scales, minima;
            float scale, minimumScale;
        };

        static Header header(const uint8_t* block) {
            const __m128i both = load16(block);
            const __m128i mask = _mm_set1_epi8(15);
            return {V::floats(_mm_and_si128(both, mask)),
                    V::floats(_mm_and_si128(_mm_srli_epi16(both, 4), mask)), half(block + 80),
                    half(block + 82)};
        }

        static Factors factors(const Header& header, float scale) {
            return {V::mul(header.scales, V::set(header.scale * scale)),
                    V::mul(header.minima, V::set(header.minimumScale * scale))};
        }

        static Lanes scales(const Factors& factors, int i) {
            return V::fourScales(factors.scales, i);
        }

        static typename V::Bytes bytes(const uint8_t* block, const Header& /*header*/, int i) {
            return V::twoBits(load32(block + 16 + i / 2 * 32), i % 2 * 4);
        }

        static Lanes finish(Lanes sums, Lanes offsets) { return V::add(sums, offsets); }
    };

    struct Iq4Xs : BlockOf256<136> {
        using Header = Scales;

        static void readHeader(const uint8_t* block, Header& header) {
            const __m256i low = _mm256_and_si256(
                _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(word(block + 4))),
                                  _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28)),
                _mm256_set1_epi32(15));
            const __m256i high = _mm256_and_si256(
                _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(word(block) >> 16)),
                                  _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14)),
                _mm256_set1_epi32(3));
            const __m256i scales = _mm256_sub_epi32(
                _mm256_or_si256(low, _mm256_slli_epi32(high, 4)), _mm256_set1_epi32(32));
            header.scales = V::scales(_mm256_broadcastsi128_si256(_mm_packs_epi32(
                _mm256_castsi256_si128(scales), _mm256_extracti128_si256(scales, 1))));
            header.scale = half(block);
        }

        static Words words(const uint8_t* block, const Header& header, int part) {
            return V::multiply(V::lookUpHalves(block + 8 + part * 16, kIq4Values),
                               V::pick(header.scales, part));
        }
    };

    // Scales are (2 n + 1) / 8 of the block's. Codes are 43 too large, as Q6_K's are 32.
    struct Iq2Xxs : BlockOfBytes<66> {
        static constexpr float kBias = fineByteBias(DType::iq2_xxs);

        struct Header {
            Lanes scales;
            float scale;
            typename V::Iq2Points points;
        };

        static Header header(const uint8_t* block) {
            const __m256 first = _mm256_loadu_ps(reinterpret_cast<const float*>(block + 2));
            const __m256 last = _mm256_loadu_ps(reinterpret_cast<const float*>(block + 34));
            const __m256i rest = _mm256_permute4x64_epi64(
                _mm256_castps_si256(_mm256_shuffle_ps(first, last, 0xdd)), 0xd8);
            const __m256i odd = _mm256_or_si256(_mm256_srli_epi32(rest, 27), _mm256_set1_epi32(1));
            return {V::twiceEach(odd), half(block) * 0.125F,
                    V::iq2Points(block + 2, V::iq2SignBits(rest))};
        }

        static Factors factors(const Header& header, float scale) {
            const Lanes all = V::mul(header.scales, V::set(header.scale * scale));
            return {all, all};
        }

        static Lanes scales(const Factors& factors, int i) {
            return V::fourScales(factors.scales, i);
        }

        static typename V::Bytes bytes(const uint8_t* /*block*/, const Header& header, int i) {
            return V::iq2Bytes(header.points, i);
        }

        static Lanes finish(Lanes sums, Lanes offsets) {
            return V::fma(offsets, V::set(kBias), sums);
        }
    };
};

}  // namespace moxie::kernels
