// AVX-512: the vector type of simd_fine.h. P::add multiplies 32 words and adds neighbours to 16
// sums. Included only by files of one instruction set, with a P of their own. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace moxie::kernels {

template <class P>
struct FineVector512 {
    using Words = __m512i;
    using Sums = __m512i;
    using Lanes = __m512;
    using Scales = __m512i;

    static constexpr int kTokens = 4;
    static constexpr int kRows = 8;

    static Words unsignedWords(__m256i bytes) { return _mm512_cvtepu8_epi16(bytes); }

    static Words signedWords(__m256i bytes) { return _mm512_cvtepi8_epi16(bytes); }

    static Words low4(Words x) { return _mm512_and_si512(x, _mm512_set1_epi16(15)); }

    static Words high4(Words x) { return _mm512_srli_epi16(x, 4); }

    static Words multiply(Words x, Words scale) { return _mm512_mullo_epi16(x, scale); }

    // Words of sub-scales: in the low half those of the first 16 columns of each part, in the high
    // half those of the last 16.
    static Scales scales(__m256i words) {
        const __m512i all = _mm512_castsi256_si512(words);
        return _mm512_shuffle_i64x2(all, all, 0x50);
    }

    // Those of one part, at their columns.
    static Words pick(Scales scales, int part) {
        return _mm512_shuffle_epi8(scales,
                                   _mm512_set1_epi16(static_cast<short>(0x0100 + 0x0202 * part)));
    }

    static Sums zeroSums() { return _mm512_setzero_si512(); }

    static Sums addProducts(Sums sums, Words words, const int16_t* x) {
        return P::add(sums, words, _mm512_load_si512(x));
    }

    static Lanes floats(Sums sums) { return _mm512_cvtepi32_ps(sums); }

    static Lanes floats(__m128i bytes) { return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(bytes)); }

    static Lanes zero() { return _mm512_setzero_ps(); }

    static Lanes set(float x) { return _mm512_set1_ps(x); }

    // A half in all lanes. A block always has 8 bytes to read.
    static Lanes half(const uint8_t* at) {
        return _mm512_broadcastss_ps(
            _mm_cvtph_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at))));
    }

    static Lanes load(const float* p) { return _mm512_load_ps(p); }

    static Lanes mul(Lanes a, Lanes b) { return _mm512_mul_ps(a, b); }

    static Lanes fma(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }

    // Lanes i and i + 8 first, then neighbours, then pairs, then the halves.
    static __m256 fold(Lanes x) {
        return _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    }

    static __m256 foldFour(const Lanes* x) {
        return _mm256_hadd_ps(_mm256_hadd_ps(fold(x[0]), fold(x[1])),
                              _mm256_hadd_ps(fold(x[2]), fold(x[3])));
    }

    static float sum(Lanes x) {
        __m256 half = fold(x);
        half = _mm256_hadd_ps(half, half);
        half = _mm256_hadd_ps(half, half);
        return _mm_cvtss_f32(
            _mm_add_ss(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
    }

    static void sumRows(const Lanes* acc, float* y) {
        const __m256 a = foldFour(acc);
        const __m256 b = foldFour(acc + 4);
        _mm256_storeu_ps(y, _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20),
                                          _mm256_permute2f128_ps(a, b, 0x31)));
    }
};

}  // namespace moxie::kernels
