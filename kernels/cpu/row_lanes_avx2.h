// AVX2 with FMA and F16C: the vector type of row_lanes.h, 8 rows. `Set` is a type of the file of
// the instruction set that includes this. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace moxie::kernels {

template <class Set>
struct RowLanes256 {
    using Words = __m256i;
    using Floats = __m256;

    static constexpr int kRows = 8;

    static __m128i load16(const uint8_t* at) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    }

    // The 4 words that stand at `at` in 8 rows.
    [[gnu::always_inline]] static void turn16(const uint8_t* at, int64_t stride, Words* out) {
        __m256i rows[4];
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
            const uint8_t* row = at + i * stride;
            rows[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(load16(row)),
                                              load16(row + 4 * stride), 1);
        }
        const __m256i a = _mm256_unpacklo_epi32(rows[0], rows[1]);
        const __m256i b = _mm256_unpackhi_epi32(rows[0], rows[1]);
        const __m256i c = _mm256_unpacklo_epi32(rows[2], rows[3]);
        const __m256i d = _mm256_unpackhi_epi32(rows[2], rows[3]);
        out[0] = _mm256_unpacklo_epi64(a, c);
        out[1] = _mm256_unpackhi_epi64(a, c);
        out[2] = _mm256_unpacklo_epi64(b, d);
        out[3] = _mm256_unpackhi_epi64(b, d);
    }

    [[gnu::always_inline]] static void turn32(const uint8_t* at, int64_t stride, Words* out) {
        turn16(at, stride, out);
        turn16(at + 16, stride, out + 4);
    }

    static Words lowNibbles(Words words, uint32_t bytes) {
        return _mm256_and_si256(words, setWord(static_cast<int32_t>(0x0f0f'0f0f & bytes)));
    }

    static Words highNibbles(Words words, uint32_t bytes) {
        return lowNibbles(_mm256_srli_epi16(words, 4), bytes);
    }

    // Sums of n words of nibbles times 256 high + low activations; those of the high nibbles stand
    // 16 behind those of the low ones.
    template <int n>
    [[gnu::always_inline]] static Words products(const Words* low, const Words* high,
                                                 const int8_t* xHigh, const int8_t* xLow) {
        return _mm256_add_epi32(
            _mm256_madd_epi16(pairs<n>(low, high, xHigh), _mm256_set1_epi16(256)),
            _mm256_madd_epi16(pairs<n>(low, high, xLow), _mm256_set1_epi16(1)));
    }

    // The same as words of 16 bits: of each block 16 products meet in one, at most 16 * 15 * 128.
    template <int n>
    [[gnu::always_inline]] static Words pairs(const Words* low, const Words* high,
                                              const int8_t* x) {
        Words sums = _mm256_setzero_si256();
#pragma GCC unroll 8
        for (int i = 0; i < n; ++i) {
            sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(low[i], fourOf(x + 4 * i)));
            sums = _mm256_add_epi16(sums, _mm256_maddubs_epi16(high[i], fourOf(x + 16 + 4 * i)));
        }
        return sums;
    }

    static Words fourOf(const int8_t* x) {
        int32_t word = 0;
        std::memcpy(&word, x, sizeof word);
        return _mm256_set1_epi32(word);
    }

    // The halves at a bit of each word, as floats.
    template <int bit>
    static Floats halves(Words words) {
        const __m256i lowest = _mm256_and_si256(bit == 0 ? words : _mm256_srli_epi32(words, bit),
                                                _mm256_set1_epi32(0xffff));
        return _mm256_cvtph_ps(
            _mm_packus_epi32(_mm256_castsi256_si128(lowest), _mm256_extracti128_si256(lowest, 1)));
    }

    static Words setWord(int32_t x) {
        return _mm256_set1_epi32(x);
    }

    static Words add(Words a, Words b) {
        return _mm256_add_epi32(a, b);
    }

    static Floats floats(Words x) {
        return _mm256_cvtepi32_ps(x);
    }

    static Floats zero() {
        return _mm256_setzero_ps();
    }

    static Floats set(float x) {
        return _mm256_set1_ps(x);
    }

    static Floats fma(Floats a, Floats b, Floats c) {
        return _mm256_fmadd_ps(a, b, c);
    }

    static void store(float* at, Floats x) {
        _mm256_storeu_ps(at, x);
    }
};

}  // namespace moxie::kernels
