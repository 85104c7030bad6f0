// AVX2 with FMA and F16C: the vector type of simd_fine.h, in two halves. `Set` is a type of the
// file of the instruction set that includes this. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace moxie::kernels {

template <class Set>
struct FineVector256 {
    struct Words {
        __m256i low, high;
    };

    using Sums = Words;
    using Scales = Words;

    struct Lanes {
        __m256 low, high;
    };

    static constexpr int kTokens = 2;
    static constexpr int kRows = 4;

    static __m128i lowHalf(__m256i x) { return _mm256_castsi256_si128(x); }

    static __m128i highHalf(__m256i x) { return _mm256_extracti128_si256(x, 1); }

    static Words unsignedWords(__m256i bytes) {
        return {_mm256_cvtepu8_epi16(lowHalf(bytes)), _mm256_cvtepu8_epi16(highHalf(bytes))};
    }

    static Words signedWords(__m256i bytes) {
        return {_mm256_cvtepi8_epi16(lowHalf(bytes)), _mm256_cvtepi8_epi16(highHalf(bytes))};
    }

    static Words low4(Words x) {
        const __m256i mask = _mm256_set1_epi16(15);
        return {_mm256_and_si256(x.low, mask), _mm256_and_si256(x.high, mask)};
    }

    static Words high4(Words x) {
        return {_mm256_srli_epi16(x.low, 4), _mm256_srli_epi16(x.high, 4)};
    }

    static Words multiply(Words x, Words scale) {
        return {_mm256_mullo_epi16(x.low, scale.low), _mm256_mullo_epi16(x.high, scale.high)};
    }

    static Scales scales(__m256i words) {
        return {_mm256_permute2x128_si256(words, words, 0x00),
                _mm256_permute2x128_si256(words, words, 0x11)};
    }

    static Words pick(Scales scales, int part) {
        const __m256i places = _mm256_set1_epi16(static_cast<short>(0x0100 + 0x0202 * part));
        return {_mm256_shuffle_epi8(scales.low, places), _mm256_shuffle_epi8(scales.high, places)};
    }

    static Sums zeroSums() { return {_mm256_setzero_si256(), _mm256_setzero_si256()}; }

    static __m256i load16(const int16_t* x) {
        return _mm256_load_si256(reinterpret_cast<const __m256i*>(x));
    }

    static Sums addProducts(Sums sums, Words words, const int16_t* x) {
        return {_mm256_add_epi32(sums.low, _mm256_madd_epi16(words.low, load16(x))),
                _mm256_add_epi32(sums.high, _mm256_madd_epi16(words.high, load16(x + 16)))};
    }

    static Lanes floats(Sums sums) {
        return {_mm256_cvtepi32_ps(sums.low), _mm256_cvtepi32_ps(sums.high)};
    }

    static Lanes floats(__m128i bytes) {
        return {_mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)),
                _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(bytes, 8)))};
    }

    static Lanes zero() { return {_mm256_setzero_ps(), _mm256_setzero_ps()}; }

    static Lanes set(float x) { return {_mm256_set1_ps(x), _mm256_set1_ps(x)}; }

    // A half in all lanes. A block always has 8 bytes to read.
    static Lanes half(const uint8_t* at) {
        const __m256 all = _mm256_broadcastss_ps(
            _mm_cvtph_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at))));
        return {all, all};
    }

    static Lanes load(const float* p) { return {_mm256_load_ps(p), _mm256_load_ps(p + 8)}; }

    static Lanes mul(Lanes a, Lanes b) {
        return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
    }

    static Lanes fma(Lanes a, Lanes b, Lanes c) {
        return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
    }

    // Lanes i and i + 8 first, then neighbours, then pairs, then the halves.
    static __m256 fold(Lanes x) { return _mm256_add_ps(x.low, x.high); }

    static float sum(Lanes x) {
        __m256 half = fold(x);
        half = _mm256_hadd_ps(half, half);
        half = _mm256_hadd_ps(half, half);
        return _mm_cvtss_f32(
            _mm_add_ss(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
    }

    static void sumRows(const Lanes* acc, float* y) {
        const __m256 a = _mm256_hadd_ps(_mm256_hadd_ps(fold(acc[0]), fold(acc[1])),
                                        _mm256_hadd_ps(fold(acc[2]), fold(acc[3])));
        _mm_storeu_ps(y, _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)));
    }
};

}  // namespace moxie::kernels
