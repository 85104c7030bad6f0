// AVX-512: the vector type of simd_fine.h. P::add multiplies 32 words and adds neighbours to 16
// sums, P::bytes 64 unsigned bytes with signed ones and four neighbours each; P::kTakesAllBytes
// says whether with codes up to 240, not only to 63. Included only by files of one instruction set,
// with a P of their own. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace moxie::kernels {

template <class P>
struct FineVector512 {
    using Words = __m512i;
    using Bytes = __m512i;
    using Sums = __m512i;
    using Lanes = __m512;
    using Scales = __m512i;

    static constexpr int kTokens = 4;
    static constexpr int kRows = 8;

    static Words signedWords(__m256i bytes) { return _mm512_cvtepi8_epi16(bytes); }

    static __m128i load16(const uint8_t* at) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    }

    // By the lowest 4 bits of each word; the permutation looks at 5.
    static Words lookUp(const int8_t* values, __m512i words) {
        const __m256i twice =
            _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(values)));
        return _mm512_permutexvar_epi16(words, _mm512_cvtepi8_epi16(twice));
    }

    // `values` chosen by 16 bytes: the low nibble of byte j is word j, the high one word j + 16.
    static Words lookUpHalves(const uint8_t* bytes, const int8_t* values) {
        const __m512i shifts = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi16(4), 1);
        const __m512i both = _mm512_cvtepu8_epi16(_mm256_broadcastsi128_si256(load16(bytes)));
        return lookUp(values, _mm512_srlv_epi16(both, shifts));
    }

    // The same where a byte's nibbles are neighbours.
    static Words lookUpPairs(const uint8_t* bytes, const int8_t* values) {
        const __m512i both = _mm512_cvtepu8_epi32(load16(bytes));
        return lookUp(values, _mm512_or_si512(both, _mm512_slli_epi32(both, 12)));
    }

    // One number for each 2 lanes, zero where none was put.
    class Offsets {
    public:
        void put(int i, float x) {
            lanes_ = _mm512_mask_broadcastss_ps(lanes_, static_cast<__mmask16>(3U << 2 * i),
                                                _mm_set_ss(x));
        }

        Lanes lanes() const { return lanes_; }

    private:
        __m512 lanes_ = _mm512_setzero_ps();
    };

    // The low nibbles of 32 bytes, then the high ones: these 16 times as large if that saves a
    // shift.
    static Bytes nibbles(__m256i bytes) {
        const __m512i twice = _mm512_broadcast_i64x4(bytes);
        if constexpr (P::kTakesAllBytes)
            return _mm512_and_si512(
                twice, _mm512_inserti64x4(_mm512_set1_epi8(15), _mm256_set1_epi8(-16), 1));
        else
            return shiftedNibbles(twice);
    }

    static Bytes shiftedNibbles(__m512i twice) {
        const __m512i shifts = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi16(4), 1);
        return _mm512_and_si512(_mm512_srlv_epi16(twice, shifts), _mm512_set1_epi8(15));
    }

    // What makes up for it in the sums.
    static Lanes scaleNibbles(Lanes sums) {
        if constexpr (!P::kTakesAllBytes) return sums;
        constexpr __mmask16 kHighNibbles = 0xff00;
        return _mm512_mask_mul_ps(sums, kHighNibbles, sums, _mm512_set1_ps(0.0625F));
    }

    // Scales of 8 parts times the first of `both`, the minima behind them times the second.
    static Lanes scaleParts(Lanes factors, __m128 both) {
        const __m512i places = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi32(1), 1);
        return _mm512_mul_ps(factors, _mm512_permutexvar_ps(places, _mm512_castps128_ps512(both)));
    }

    // Nibbles with a fifth bit each: bit `bit` of `fifths` for the low ones, the next for the high.
    static Bytes fiveBits(__m256i bytes, __m256i fifths, int bit) {
        const __m512i bits = _mm512_inserti64x4(_mm512_set1_epi8(static_cast<char>(1U << bit)),
                                                _mm256_set1_epi8(static_cast<char>(2U << bit)), 1);
        const __mmask64 isSet = _mm512_test_epi8_mask(_mm512_broadcast_i64x4(fifths), bits);
        const __m512i codes = shiftedNibbles(_mm512_broadcast_i64x4(bytes));
        return _mm512_mask_add_epi8(codes, isSet, codes, _mm512_set1_epi8(16));
    }

    // Two numbers of 2 bits of each of 32 bytes, from bit `shift` on.
    static Bytes twoBits(__m256i bytes, int shift) {
        const __m512i shifts =
            _mm512_inserti64x4(_mm512_set1_epi16(static_cast<short>(shift)),
                               _mm256_set1_epi16(static_cast<short>(shift + 2)), 1);
        return _mm512_and_si512(_mm512_srlv_epi16(_mm512_broadcast_i64x4(bytes), shifts),
                                _mm512_set1_epi8(3));
    }

    static __m512i twice32(const uint8_t* at) {
        return _mm512_broadcast_i64x4(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(at)));
    }

    // Bits 0 to 3 of the one, 4 and 5 of the other.
    static Bytes joinSixBits(__m512i low, __m512i high) {
        return _mm512_and_si512(_mm512_ternarylogic_epi32(_mm512_set1_epi8(15), low, high, 0xca),
                                _mm512_set1_epi8(63));
    }

    // 64 low nibbles with pairs of bits from 32 bytes: the lowest two, then the next.
    static Bytes lowSixBits(const uint8_t* low, const uint8_t* high) {
        const __m512i shifts = _mm512_inserti64x4(_mm512_set1_epi16(4), _mm256_set1_epi16(2), 1);
        return joinSixBits(_mm512_loadu_si512(low), _mm512_sllv_epi16(twice32(high), shifts));
    }

    // The high nibbles, with the two upper pairs of bits.
    static Bytes highSixBits(const uint8_t* low, const uint8_t* high) {
        const __m512i shifts = _mm512_inserti64x4(_mm512_setzero_si512(), _mm256_set1_epi16(2), 1);
        return joinSixBits(_mm512_srli_epi16(_mm512_loadu_si512(low), 4),
                           _mm512_srlv_epi16(twice32(high), shifts));
    }

    // Sums of 4 products each: codes times 256 high + low.
    static Sums byteProducts(Bytes codes, const int8_t* high, const int8_t* low) {
        const __m512i upper = P::bytes(_mm512_setzero_si512(), codes, _mm512_load_si512(high));
        return P::bytes(_mm512_slli_epi32(upper, 8), codes, _mm512_load_si512(low));
    }

    // Of the scales of 8 parts: that of part 2 i in lanes below 8, of part 2 i + 1 in the others.
    static Lanes pairOfScales(Lanes factors, int i) {
        const __m512i first = _mm512_set1_epi32(2 * i);
        return _mm512_permutexvar_ps(_mm512_inserti64x4(first, _mm256_set1_epi32(2 * i + 1), 1),
                                     factors);
    }

    // Of 16 scales: those from 4 i on, in 4 lanes each.
    static Lanes fourScales(Lanes scales, int i) {
        const __m512i places = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        return _mm512_permutexvar_ps(_mm512_add_epi32(places, _mm512_set1_epi32(4 * i)), scales);
    }

    // The minima behind them, each in two lanes.
    static Lanes minima(Lanes factors) {
        return _mm512_permutexvar_ps(
            _mm512_setr_epi32(8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15), factors);
    }

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

    static Lanes signedFloats(__m128i bytes) {
        return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes));
    }

    static Lanes zero() { return _mm512_setzero_ps(); }

    static Lanes set(float x) { return _mm512_set1_ps(x); }

    // A half in all lanes. A block always has 8 bytes to read.
    static Lanes half(const uint8_t* at) {
        return _mm512_broadcastss_ps(
            _mm_cvtph_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(at))));
    }

    static Lanes load(const float* p) { return _mm512_load_ps(p); }

    static Lanes add(Lanes a, Lanes b) { return _mm512_add_ps(a, b); }

    static Lanes mul(Lanes a, Lanes b) { return _mm512_mul_ps(a, b); }

    static Lanes fma(Lanes a, Lanes b, Lanes c) { return _mm512_fmadd_ps(a, b, c); }

    static Lanes fnma(Lanes a, Lanes b, Lanes c) { return _mm512_fnmadd_ps(a, b, c); }

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
