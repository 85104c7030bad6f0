// Every weight format decoded into registers, 32 values at a time, over a vector type V (see
// simd_matmul.h; what V must give stands in avx2.cpp). The values are those of
// block_decode.h, bit by bit. Integers are worked on 32 bytes at a time with AVX2, which
// every V has; V turns them into floats. Included only by the file of one instruction set: all code
// is a template over V, and calls no inline function that another file shares. Threads: any thread.
//
// A format says: kValues (32, or 256 for super-blocks), kBytes of that many values, kHasTail (rows
// may end inside of 32 values), kScalesApart. Super-blocks read their scales once into a Header and
// decode parts of 32 values; the others decode at once, those with scales apart with their scale.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/format_tables.h"

namespace moxie::kernels {

template <int bytes>
struct BlockOf32 {
    static constexpr int kValues = 32;
    static constexpr int kBytes = bytes;
    static constexpr bool kHasTail = false;
    static constexpr bool kScalesApart = false;
};

template <int bytes>
struct PlainValues : BlockOf32<bytes> {
    static constexpr bool kHasTail = true;
};

template <int bytes>
struct ScaledValues : PlainValues<bytes> {
    static constexpr bool kScalesApart = true;
};

template <int bytes>
struct BlockOf256 {
    static constexpr int kValues = 256;
    static constexpr int kBytes = bytes;
    static constexpr bool kHasTail = false;
    static constexpr bool kScalesApart = false;
};

// The scales of a super-block, and what is added after them.
template <int n>
struct ScalesAndOffsets {
    alignas(32) float scales[n];
    alignas(32) float offsets[n];
};

template <int n>
struct ScalesOnly {
    alignas(32) float scales[n];
};

template <class V>
struct SimdFormats {
    using Reg = typename V::Reg;

    static constexpr int kGroups = 32 / V::kWidth;

    static __m256i bytes32(const uint8_t* at) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    }

    static __m256i low4(__m256i x) { return _mm256_and_si256(x, _mm256_set1_epi8(15)); }

    // Bits [shift, shift + 8) of each 16; what comes from the neighbour byte is masked by callers.
    static __m256i shiftRight(__m256i x, int shift) {
        return _mm256_srl_epi16(x, _mm_cvtsi32_si128(shift));
    }

    static uint32_t word(const uint8_t* at) {
        uint32_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return value;
    }

    static __m256 half(const uint8_t* at) {
        uint16_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return _mm256_broadcastss_ps(_mm_cvtph_ps(_mm_cvtsi32_si128(value)));
    }

    static __m256 negative(__m256 x) { return _mm256_xor_ps(x, _mm256_set1_ps(-0.0F)); }

    // 8 unsigned bytes as floats.
    static __m256 floats8(__m128i bytes) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)); }

    // w = scale * w; each half of the 32 values has its own.
    static void scaleHalves(const float* scales, Reg* w) {
        for (int g = 0; g < kGroups; ++g)
            w[g] = V::mul(V::set(scales[g * V::kWidth / 16]), w[g]);
    }

    static void scaleAll(float scale, float offset, Reg* w) {
        for (int g = 0; g < kGroups; ++g)
            w[g] = V::fma(V::set(scale), w[g], V::set(offset));
    }

    struct Q2_K : BlockOf256<84> {
        using Header = ScalesAndOffsets<16>;

        static void readHeader(const uint8_t* block, Header& header) {
            const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block));
            const __m128i mask = _mm_set1_epi8(15);
            const __m128i low = _mm_and_si128(both, mask);
            const __m128i high = _mm_and_si128(_mm_srli_epi16(both, 4), mask);
            const __m256 scale = half(block + 80);
            const __m256 minimum = negative(half(block + 82));
            _mm256_store_ps(header.scales, _mm256_mul_ps(scale, floats8(low)));
            _mm256_store_ps(header.scales + 8,
                            _mm256_mul_ps(scale, floats8(_mm_srli_si128(low, 8))));
            _mm256_store_ps(header.offsets, _mm256_mul_ps(minimum, floats8(high)));
            _mm256_store_ps(header.offsets + 8,
                            _mm256_mul_ps(minimum, floats8(_mm_srli_si128(high, 8))));
        }

        static void decode(const uint8_t* block, const Header& header, int part, Reg* w) {
            V::affinePairs(block + 16 + part / 4 * 32, part % 4 * 2, header.scales + part * 2,
                           header.offsets + part * 2, w);
        }
    };

    // Two halves, then 8 scales and 8 minima of 6 bits in 12 bytes (Q4_K, Q5_K).
    static void readSubScales(const uint8_t* block, ScalesAndOffsets<8>& header) {
        const uint32_t a = word(block + 4);
        const uint32_t b = word(block + 8);
        const uint32_t c = word(block + 12);
        const uint64_t scales =
            (a & 0x3f3f3f3f) | uint64_t{(c & 0x0f0f0f0f) | (a >> 2 & 0x30303030)} << 32;
        const uint64_t minima =
            (b & 0x3f3f3f3f) | uint64_t{(c >> 4 & 0x0f0f0f0f) | (b >> 2 & 0x30303030)} << 32;
        const auto values = [](uint64_t packed) {
            return floats8(_mm_cvtsi64_si128(static_cast<long long>(packed)));
        };
        _mm256_store_ps(header.scales, _mm256_mul_ps(half(block), values(scales)));
        _mm256_store_ps(header.offsets, _mm256_mul_ps(negative(half(block + 2)), values(minima)));
    }

    struct Q4_K : BlockOf256<144> {
        using Header = ScalesAndOffsets<8>;

        static void readHeader(const uint8_t* block, Header& header) {
            readSubScales(block, header);
        }

        static void decode(const uint8_t* block, const Header& header, int part, Reg* w) {
            V::affineNibbles(block + 16 + part / 2 * 32, part % 2 * 4, V::set(header.scales[part]),
                             V::set(header.offsets[part]), w);
        }
    };

    struct Q5_K : BlockOf256<176> {
        using Header = ScalesAndOffsets<8>;

        static void readHeader(const uint8_t* block, Header& header) {
            readSubScales(block, header);
        }

        static void decode(const uint8_t* block, const Header& header, int part, Reg* w) {
            const __m256i low = low4(shiftRight(bytes32(block + 48 + part / 2 * 32), part % 2 * 4));
            const __m256i bit = _mm256_set1_epi8(static_cast<char>(1U << part));
            const __m256i isSet =
                _mm256_cmpeq_epi8(_mm256_and_si256(bytes32(block + 16), bit), bit);
            V::floats(_mm256_or_si256(low, _mm256_and_si256(isSet, _mm256_set1_epi8(16))), w);
            scaleAll(header.scales[part], header.offsets[part], w);
        }
    };

    struct Q6_K : BlockOf256<210> {
        using Header = ScalesOnly<16>;

        static void readHeader(const uint8_t* block, Header& header) {
            const __m128i signedScales =
                _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 192));
            const __m256 scale = half(block + 208);
            const auto values = [](__m128i bytes) {
                return _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
            };
            _mm256_store_ps(header.scales, _mm256_mul_ps(scale, values(signedScales)));
            _mm256_store_ps(header.scales + 8,
                            _mm256_mul_ps(scale, values(_mm_srli_si128(signedScales, 8))));
        }

        static void decode(const uint8_t* block, const Header& header, int part, Reg* w) {
            const int half = part / 4;
            const int quarter = part % 4;
            const __m256i low =
                low4(shiftRight(bytes32(block + half * 64 + quarter % 2 * 32), quarter / 2 * 4));
            const __m256i high = _mm256_and_si256(
                shiftRight(bytes32(block + 128 + half * 32), quarter * 2), _mm256_set1_epi8(3));
            const __m256i quants = _mm256_or_si256(low, _mm256_slli_epi16(high, 4));
            V::floats(_mm256_sub_epi8(quants, _mm256_set1_epi8(32)), w);
            scaleHalves(header.scales + part * 2, w);
        }
    };

    struct Iq2Xxs : BlockOf256<66> {
        struct Header {
            alignas(32) float scales[8];
            alignas(32) uint32_t signs[8];  // a bit per value, 1 is minus
        };

        static void readHeader(const uint8_t* block, Header& header) {
            const __m256 first = _mm256_loadu_ps(reinterpret_cast<const float*>(block + 2));
            const __m256 last = _mm256_loadu_ps(reinterpret_cast<const float*>(block + 34));
            const __m256i rest = _mm256_permute4x64_epi64(
                _mm256_castps_si256(_mm256_shuffle_ps(first, last, 0xdd)), 0xd8);
            const __m256 scale = _mm256_cvtepi32_ps(_mm256_srli_epi32(rest, 28));
            _mm256_store_ps(header.scales,
                            _mm256_mul_ps(_mm256_mul_ps(half(block),
                                                        _mm256_add_ps(scale, _mm256_set1_ps(0.5F))),
                                          _mm256_set1_ps(0.25F)));
            const auto field = [](__m256i x, int mask) {
                return _mm256_and_si256(x, _mm256_set1_epi32(mask));
            };
            const __m256i seven = _mm256_or_si256(
                _mm256_or_si256(field(rest, 0x7f), field(_mm256_slli_epi32(rest, 1), 0x7f00)),
                _mm256_or_si256(field(_mm256_slli_epi32(rest, 2), 0x7f0000),
                                field(_mm256_slli_epi32(rest, 3), 0x7f000000)));
            // The parity of each byte gathers in its lowest bit.
            __m256i parity = _mm256_xor_si256(seven, _mm256_srli_epi32(seven, 4));
            parity = _mm256_xor_si256(parity, _mm256_srli_epi32(parity, 2));
            parity = _mm256_xor_si256(parity, _mm256_srli_epi32(parity, 1));
            const __m256i eighth = _mm256_slli_epi32(field(parity, 0x01010101), 7);
            _mm256_store_si256(reinterpret_cast<__m256i*>(header.signs),
                               _mm256_or_si256(seven, eighth));
        }

        static void decode(const uint8_t* block, const Header& header, int part, Reg* w) {
            V::signedPoints(block + 2 + part * 8, header.signs[part], w);
            for (int g = 0; g < kGroups; ++g)
                w[g] = V::mul(V::set(header.scales[part]), w[g]);
        }
    };

    struct Iq4Nl : BlockOf32<18> {
        static void decode(const uint8_t* block, Reg* w) {
            V::lookUpHalves(block + 2, V::levels(kIq4Values, 1), V::half(block), w);
        }
    };

    struct Iq4Xs : BlockOf256<136> {
        using Header = ScalesOnly<8>;

        static void readHeader(const uint8_t* block, Header& header) {
            const uint32_t lows = word(block + 4);
            const __m256i low =
                _mm256_and_si256(_mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(lows)),
                                                   _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28)),
                                 _mm256_set1_epi32(15));
            const __m256i high = _mm256_and_si256(
                _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(word(block) >> 16)),
                                  _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14)),
                _mm256_set1_epi32(3));
            const __m256i scales = _mm256_sub_epi32(
                _mm256_or_si256(low, _mm256_slli_epi32(high, 4)), _mm256_set1_epi32(32));
            _mm256_store_ps(header.scales, _mm256_mul_ps(half(block), _mm256_cvtepi32_ps(scales)));
        }

        static void decode(const uint8_t* block, const Header& header, int part, Reg* w) {
            V::lookUpHalves(block + 8 + part * 16, V::levels(kIq4Values, 1),
                            V::set(header.scales[part]), w);
        }
    };

    struct Mxfp4 : BlockOf32<17> {
        static void decode(const uint8_t* block, Reg* w) {
            V::lookUpHalves(block + 1, V::levels(kE2m1Doubled, 1), V::set(kE8m0Halves.at[block[0]]),
                            w);
        }
    };

    struct E4m3 : ScaledValues<32> {
        static void decode(const uint8_t* codes, Reg scale, Reg* w) {
            V::e4m3(codes, w);
            for (int g = 0; g < kGroups; ++g)
                w[g] = V::mul(scale, w[g]);
        }
    };

    struct E2m1 : ScaledValues<16> {
        static void decode(const uint8_t* codes, Reg scale, Reg* w) {
            V::lookUpPairs(codes, V::levels(kE2m1Doubled, 0.5F), scale, w);
        }
    };

    struct Int4 : ScaledValues<16> {
        static void decode(const uint8_t* codes, Reg scale, Reg* w) {
            V::lookUpPairs(codes, V::levels(kInt4Values, 1), scale, w);
        }
    };
};

}  // namespace moxie::kernels
