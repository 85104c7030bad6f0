// AVX-512: the vector type of row_lanes.h, 16 rows. P as in fine_vector_avx512.h. Included only by
// files of one instruction set, with a P of their own. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace moxie::kernels {

template <class P>
struct RowLanes512 {
    using Words = __m512i;
    using Floats = __m512;

    static constexpr int kRows = 16;
    // High nibbles need no shift: they are met times 16, and their sums divided.
    static constexpr bool kMeetsHighNibbles = P::kMostByte >= 15 * 16;

    static __m128i load16(const uint8_t* at) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    }

    static __m256i load32(const uint8_t* at) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    }

    // Words of four registers in groups of 4 lanes: word i of register j becomes word j of out[i].
    static void turnFours(const __m512i* rows, __m512i* out) {
        const __m512i a = _mm512_unpacklo_epi32(rows[0], rows[1]);
        const __m512i b = _mm512_unpackhi_epi32(rows[0], rows[1]);
        const __m512i c = _mm512_unpacklo_epi32(rows[2], rows[3]);
        const __m512i d = _mm512_unpackhi_epi32(rows[2], rows[3]);
        out[0] = _mm512_unpacklo_epi64(a, c);
        out[1] = _mm512_unpackhi_epi64(a, c);
        out[2] = _mm512_unpacklo_epi64(b, d);
        out[3] = _mm512_unpackhi_epi64(b, d);
    }

    // The 4 words that stand at `at` in 16 rows.
    [[gnu::always_inline]] static void turn16(const uint8_t* at, int64_t stride, Words* out) {
        __m512i rows[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
            const uint8_t* row = at + i * stride;
            rows[i] = _mm512_castsi128_si512(load16(row));
            rows[i] = _mm512_inserti32x4(rows[i], load16(row + 4 * stride), 1);
            rows[i] = _mm512_inserti32x4(rows[i], load16(row + 8 * stride), 2);
            rows[i] = _mm512_inserti32x4(rows[i], load16(row + 12 * stride), 3);
        }
        turnFours(rows, out);
    }

    // The 8 words that stand at `at` in 16 rows.
    [[gnu::always_inline]] static void turn32(const uint8_t* at, int64_t stride, Words* out) {
        __m512i fours[2][4];  // of rows 0 to 3 and 4 to 7, words 0 to 3 and 4 to 7; of the others
#pragma GCC unroll 2
        for (int half = 0; half < 2; ++half) {
            __m512i rows[4];
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) {
                const uint8_t* row = at + (8 * half + i) * stride;
                rows[i] = _mm512_inserti64x4(_mm512_castsi256_si512(load32(row)),
                                             load32(row + 4 * stride), 1);
            }
            turnFours(rows, fours[half]);
        }
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
            out[i] = _mm512_shuffle_i32x4(fours[0][i], fours[1][i], 0x88);
            out[4 + i] = _mm512_shuffle_i32x4(fours[0][i], fours[1][i], 0xdd);
        }
    }

    static Words lowNibbles(Words words, uint32_t bytes) {
        return _mm512_and_si512(words, setWord(static_cast<int32_t>(0x0f0f'0f0f & bytes)));
    }

    static Words highNibbles(Words words, uint32_t bytes) {
        if constexpr (kMeetsHighNibbles)
            return _mm512_and_si512(words, setWord(static_cast<int32_t>(0xf0f0'f0f0 & bytes)));
        else
            return lowNibbles(_mm512_srli_epi16(words, 4), bytes);
    }

    // Sums of n words of nibbles times 256 high + low activations; those of the high nibbles stand
    // 16 behind those of the low ones.
    template <int n>
    [[gnu::always_inline]] static Words products(const Words* low, const Words* high,
                                                 const int8_t* xHigh, const int8_t* xLow) {
        if constexpr (kMeetsHighNibbles) {
            Words sums[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
            addWords<n>(low, high, xHigh, sums);
            for (Words& sum : sums)
                sum = _mm512_slli_epi32(sum, 8);
            addWords<n>(low, high, xLow, sums);
            return _mm512_add_epi32(sums[0], _mm512_srai_epi32(sums[1], 4));
        } else {
            return _mm512_add_epi32(
                _mm512_madd_epi16(pairs<n>(low, high, xHigh), _mm512_set1_epi16(256)),
                _mm512_madd_epi16(pairs<n>(low, high, xLow), _mm512_set1_epi16(1)));
        }
    }

    template <int n>
    [[gnu::always_inline]] static void addWords(const Words* low, const Words* high,
                                                const int8_t* x, Words* sums) {
#pragma GCC unroll 8
        for (int i = 0; i < n; ++i) {
            sums[0] = P::sameBytes(sums[0], low[i], x + 4 * i);
            sums[1] = P::sameBytes(sums[1], high[i], x + 16 + 4 * i);
        }
    }

    // The same as words of 16 bits: of each block 16 products meet in one, at most 16 * 15 * 128.
    template <int n>
    [[gnu::always_inline]] static Words pairs(const Words* low, const Words* high,
                                              const int8_t* x) {
        Words sums = _mm512_setzero_si512();
#pragma GCC unroll 8
        for (int i = 0; i < n; ++i) {
            sums = _mm512_add_epi16(sums, _mm512_maddubs_epi16(low[i], fourOf(x + 4 * i)));
            sums = _mm512_add_epi16(sums, _mm512_maddubs_epi16(high[i], fourOf(x + 16 + 4 * i)));
        }
        return sums;
    }

    static Words fourOf(const int8_t* x) {
        int32_t word = 0;
        std::memcpy(&word, x, sizeof word);
        return _mm512_set1_epi32(word);
    }

    // The halves at a bit of each word, as floats.
    template <int bit>
    static Floats halves(Words words) {
        return _mm512_cvtph_ps(
            _mm512_cvtepi32_epi16(bit == 0 ? words : _mm512_srli_epi32(words, bit)));
    }

    static Words setWord(int32_t x) {
        return _mm512_set1_epi32(x);
    }

    static Words add(Words a, Words b) {
        return _mm512_add_epi32(a, b);
    }

    static Floats floats(Words x) {
        return _mm512_cvtepi32_ps(x);
    }

    static Floats zero() {
        return _mm512_setzero_ps();
    }

    static Floats set(float x) {
        return _mm512_set1_ps(x);
    }

    static Floats fma(Floats a, Floats b, Floats c) {
        return _mm512_fmadd_ps(a, b, c);
    }

    static void store(float* at, Floats x) {
        _mm512_storeu_ps(at, x);
    }
};

}  // namespace moxie::kernels
