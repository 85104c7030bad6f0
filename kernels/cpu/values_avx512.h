// AVX-512: what simd_formats.h needs of a vector type to read weights, for each U a type of its
// own, so that no two instruction sets share a symbol. Included only by files of one instruction
// set. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>

#include "kernels/cpu/simd_formats.h"
#include "kernels/format_tables.h"

namespace moxie::kernels {

template <class U>
struct Values512 {
    using Reg = __m512;

    static constexpr int kWidth = 16;

    static Reg set(float x) { return _mm512_set1_ps(x); }

    static Reg fma(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }

    static Reg sub(Reg a, Reg b) { return _mm512_sub_ps(a, b); }

    static Reg mul(Reg a, Reg b) { return _mm512_mul_ps(a, b); }

    // The two halves at the start of a block as floats, by way of memory: broadcasting loads from
    // there leave the shuffle port to the look-ups (2.47 against 2.91 ns per block of Q4_1, Cascade
    // Lake). The instruction is written out because g++ 12 loads and converts in two steps, and the
    // empty one keeps it from undoing the way through memory. A block always has 8 bytes to read.
    struct Halves {
        explicit Halves(const uint8_t* block) {
            using Bytes8 [[gnu::may_alias, gnu::aligned(1)]] = uint64_t;
            __m128 floats;
            asm("vcvtph2ps %1, %0" : "=v"(floats) : "m"(*reinterpret_cast<const Bytes8*>(block)));
            _mm_store_ps(values, floats);
            asm("" : "+m"(values));
        }

        alignas(16) float values[4];
    };

    // 32 nibbles by lookup in their 16 possible values: the permutation ignores higher bits.
    static void lookUp(const uint8_t* quants, __m512 values, Reg* w) {
        const __m512i bytes =
            _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(quants)));
        w[0] = _mm512_permutexvar_ps(bytes, values);
        w[1] = _mm512_permutexvar_ps(_mm512_srli_epi32(bytes, 4), values);
    }

    static __m512 counting() {
        return _mm512_setr_ps(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    }

    // ---- for simd_formats.h; the contracts stand in avx2.cpp

    static Reg half(const uint8_t* at) { return set(Halves(at).values[0]); }

    static void floats(__m256i bytes, Reg* w) {
        w[0] = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_castsi256_si128(bytes)));
        w[1] = _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm256_extracti128_si256(bytes, 1)));
    }

    static void signedPoints(const uint8_t* points, uint32_t signs, Reg* w) {
        const __m512i all = _mm512_set1_epi32(static_cast<int>(signs));
        const __m512i toTop = _mm512_sub_epi32(
            _mm512_set1_epi32(31),
            _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
        for (int g = 0; g < 2; ++g) {
            const __m256 first = _mm256_loadu_ps(kIq2Points.at[points[2 * g]].sizes);
            const __m256 last = _mm256_loadu_ps(kIq2Points.at[points[2 * g + 1]].sizes);
            const __m512 sizes = _mm512_insertf32x8(_mm512_castps256_ps512(first), last, 1);
            const __m512i shifts = _mm512_sub_epi32(toTop, _mm512_set1_epi32(16 * g));
            // sizes ^ (shifted & top bit)
            w[g] = _mm512_castsi512_ps(_mm512_ternarylogic_epi32(
                _mm512_castps_si512(sizes), _mm512_sllv_epi32(all, shifts),
                _mm512_set1_epi32(static_cast<int>(0x80000000)), 0x78));
        }
    }

    using Levels = __m512;

    static Levels levels(const int8_t* values, float unit) {
        return mul(set(unit), _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(
                                  _mm_loadu_si128(reinterpret_cast<const __m128i*>(values)))));
    }

    static void lookUpHalves(const uint8_t* codes, Levels values, Reg scale, Reg* w) {
        lookUp(codes, mul(scale, values), w);
    }

    // Each lane shifts its nibble of 8 in a 32-bit word down.
    static void lookUpPairs(const uint8_t* codes, Levels values, Reg scale, Reg* w) {
        const __m512i all =
            _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(codes)));
        const __m512i shifts =
            _mm512_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28, 0, 4, 8, 12, 16, 20, 24, 28);
        const __m512i first = _mm512_setr_epi32(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1);
        const __m512i last = _mm512_setr_epi32(2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3);
        const __m512 table = mul(scale, values);
        w[0] = _mm512_permutexvar_ps(
            _mm512_srlv_epi32(_mm512_permutexvar_epi32(first, all), shifts), table);
        w[1] = _mm512_permutexvar_ps(_mm512_srlv_epi32(_mm512_permutexvar_epi32(last, all), shifts),
                                     table);
    }

    static void affineNibbles(const uint8_t* bytes, int shift, Reg scale, Reg offset, Reg* w) {
        const __m512 table = fma(scale, counting(), offset);
        const __m128i count = _mm_cvtsi32_si128(shift);
        for (int g = 0; g < 2; ++g) {
            const __m512i nibbles = _mm512_cvtepu8_epi32(
                _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + g * 16)));
            w[g] = _mm512_permutexvar_ps(_mm512_srl_epi32(nibbles, count), table);
        }
    }

    // The permutation looks at 4 bits, of which the upper two belong to other values: the table
    // repeats.
    static void affinePairs(const uint8_t* bytes, int shift, const float* scales,
                            const float* offsets, Reg* w) {
        const __m512 levels = _mm512_setr_ps(0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3);
        const __m128i count = _mm_cvtsi32_si128(shift);
        for (int g = 0; g < 2; ++g) {
            const __m512i pairs = _mm512_cvtepu8_epi32(
                _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes + g * 16)));
            w[g] = _mm512_permutexvar_ps(_mm512_srl_epi32(pairs, count),
                                         fma(set(scales[g]), levels, set(offsets[g])));
        }
    }

    static void e4m3(const uint8_t* codes, Reg* w) {
        const __m512i words = _mm512_slli_epi16(
            _mm512_cvtepu8_epi16(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(codes))), 8);
        const __mmask32 isNan = _mm512_cmpeq_epi16_mask(
            _mm512_and_si512(words, _mm512_set1_epi16(0x7f00)), _mm512_set1_epi16(0x7f00));
        const __m512i halves =
            _mm512_mask_blend_epi16(isNan,
                                    _mm512_and_si512(_mm512_srai_epi16(words, 1),
                                                     _mm512_set1_epi16(static_cast<short>(0xbf80))),
                                    _mm512_set1_epi16(0x7e00));
        w[0] = mul(_mm512_cvtph_ps(_mm512_castsi512_si256(halves)), set(256));
        w[1] = mul(_mm512_cvtph_ps(_mm512_extracti64x4_epi64(halves, 1)), set(256));
    }

    struct F32 : PlainValues<128> {
        static void decode(const uint8_t* block, Reg* w) {
            w[0] = _mm512_loadu_ps(block);
            w[1] = _mm512_loadu_ps(block + 64);
        }
    };

    struct F16 : PlainValues<64> {
        static void decode(const uint8_t* block, Reg* w) {
            w[0] = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(block)));
            w[1] =
                _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32)));
        }
    };

    struct Bf16 : PlainValues<64> {
        static Reg floats(const uint8_t* values) {
            return _mm512_castsi512_ps(_mm512_slli_epi32(
                _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(values))),
                16));
        }

        static void decode(const uint8_t* block, Reg* w) {
            w[0] = floats(block);
            w[1] = floats(block + 32);
        }
    };

    struct Q4_0 : BlockOf32<18> {
        static void decode(const uint8_t* block, Reg* w) {
            lookUp(block + 2, mul(half(block), sub(counting(), set(8))), w);
        }
    };

    struct Q4_1 : BlockOf32<20> {
        static void decode(const uint8_t* block, Reg* w) {
            const Halves both(block);
            lookUp(block + 4, fma(set(both.values[0]), counting(), set(both.values[1])), w);
        }
    };

    struct Q8_0 : BlockOf32<34> {
        static Reg floats(const uint8_t* quants) {
            return _mm512_cvtepi32_ps(
                _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(quants))));
        }

        static void decode(const uint8_t* block, Reg* w) {
            const __m512 scale = half(block);
            w[0] = mul(scale, floats(block + 2));
            w[1] = mul(scale, floats(block + 18));
        }
    };
};

}  // namespace moxie::kernels
