// AVX-512: the vector type of simd_fine.h. P::add multiplies 32 words and adds neighbours to 16
// sums, P::bytes 64 unsigned bytes, at most P::kMostByte, with signed ones and four neighbours
// each, P::byteProducts with 256 high + low. Included only by files of one instruction set, with a
// P of their own. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/half_pairs.h"
#include "kernels/cpu/iq2_signs.h"
#include "kernels/cpu/row_lanes_avx512.h"
#include "kernels/format_tables.h"

namespace moxie::kernels {

template <class P>
struct FineVector512 {
    using Words = __m512i;
    using Bytes = __m512i;
    using Sums = __m512i;
    using Lanes = __m512;
    using Scales = __m512i;

    static constexpr int kTokens = 4;  // whose sums stay in registers
    static constexpr int kByteTokens = 4;
    static constexpr int kRows = 8;

    using RowLanes = RowLanes512<P>;

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

    // The scales, halves at the start of n blocks, at most 8, read at once with the two bytes
    // behind each. Zero behind them.
    class HalfPairs {
    public:
        [[gnu::always_inline]] HalfPairs(const uint8_t* block, int bytes, int n) {
            _mm512_store_ps(numbers_, _mm512_cvtph_ps(upTo8(block, bytes, n)));
            asm("" : "+m"(numbers_));  // loads broadcast them, no shuffles
        }

        Lanes scale(int i) const { return _mm512_set1_ps(numbers_[2 * i]); }

    private:
        static __m256i upTo8(const uint8_t* block, int bytes, int n) {
            return _mm256_inserti128_si256(
                _mm256_castsi128_si256(fourHalfPairs<P>(block, bytes, n)),
                fourHalfPairs<P>(block + 4 * bytes, bytes, n - 4), 1);
        }

        alignas(64) float numbers_[16];  // every other one is a scale
    };

    // 64 bytes, loaded once: g++ 12 would do so for each use.
    static Bytes load64(const uint8_t* at) {
        __m512i bytes = _mm512_loadu_si512(at);
        asm("" : "+v"(bytes));
        return bytes;
    }

    static Bytes lowNibbles(Bytes x) { return _mm512_and_si512(x, _mm512_set1_epi8(15)); }

    static Bytes highNibbles(Bytes x) { return lowNibbles(_mm512_srli_epi16(x, 4)); }

    // Adds 16 where a bit of 32 bytes is set: bit `bit` for the first 32 codes, the next but one
    // for the others.
    static Bytes withFifths(Bytes codes, __m256i fifths, int bit) {
        const __m512i bits = _mm512_inserti64x4(_mm512_set1_epi8(static_cast<char>(1U << bit)),
                                                _mm256_set1_epi8(static_cast<char>(4U << bit)), 1);
        const __mmask64 isSet = _mm512_test_epi8_mask(_mm512_broadcast_i64x4(fifths), bits);
        return _mm512_mask_add_epi8(codes, isSet, codes, _mm512_set1_epi8(16));
    }

    // The first 16 bytes of n blocks, at most 4, zero behind them.
    [[gnu::always_inline]] static Bytes headers(const uint8_t* block, int64_t bytes, int n) {
        __m512i all = _mm512_zextsi128_si512(load16(block));
        if (n > 1) all = _mm512_inserti32x4(all, load16(block + bytes), 1);
        if (n > 2) all = _mm512_inserti32x4(all, load16(block + 2 * bytes), 2);
        if (n > 3) all = _mm512_inserti32x4(all, load16(block + 3 * bytes), 3);
        return all;
    }

    // 8 scales and 8 minima of 6 bits from 12 bytes behind 4 others, of 4 blocks.
    static Bytes sixBits(Bytes headers) {
        const __m512i shifts = _mm512_broadcast_i32x4(_mm_setr_epi32(0, 0, 0, 4));
        const __m512i lowBits =
            _mm512_broadcast_i32x4(_mm_setr_epi32(0x3f3f3f3f, 0x0f0f0f0f, 0x3f3f3f3f, 0x0f0f0f0f));
        const __m512i highBits =
            _mm512_broadcast_i32x4(_mm_setr_epi32(0, 0x30303030, 0, 0x30303030));
        const __m512i low = _mm512_srlv_epi32(
            _mm512_shuffle_epi32(headers, static_cast<_MM_PERM_ENUM>(0xed)), shifts);
        const __m512i high =
            _mm512_srli_epi32(_mm512_shuffle_epi32(headers, static_cast<_MM_PERM_ENUM>(0xa5)), 2);
        // low & lowBits | high & highBits
        return _mm512_ternarylogic_epi32(low, lowBits, _mm512_and_si512(high, highBits), 0xea);
    }

    // The minima of 4 blocks times sums of activations, 256 high + low: two parts in a lane.
    static Sums minimaProducts(Bytes sixBits, const int16_t* high, const int16_t* low) {
        const __m512i minima = _mm512_unpackhi_epi8(sixBits, _mm512_setzero_si512());
        const __m512i upper = P::add(_mm512_setzero_si512(), minima, _mm512_load_si512(high));
        return P::add(_mm512_slli_epi32(upper, 8), minima, _mm512_load_si512(low));
    }

    // The two halves at the start of 4 headers.
    static __m256 halves(Bytes headers) {
        const __m512i firsts =
            _mm512_setr_epi32(0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12, 0, 4, 8, 12);
        return _mm256_cvtph_ps(_mm512_castsi512_si128(_mm512_permutexvar_epi32(firsts, headers)));
    }

    // The second of each two factors, in 4 lanes.
    static Lanes secondFactors(__m256 factors) {
        return _mm512_permutexvar_ps(
            _mm512_setr_epi32(1, 1, 1, 1, 3, 3, 3, 3, 5, 5, 5, 5, 7, 7, 7, 7),
            _mm512_castps256_ps512(factors));
    }

    // The header of block i beside each 16 bytes of codes.
    static Bytes headerOf(Bytes sixBits, int i) {
        switch (i) {
            case 0:
                return _mm512_shuffle_i64x2(sixBits, sixBits, 0x00);
            case 1:
                return _mm512_shuffle_i64x2(sixBits, sixBits, 0x55);
            case 2:
                return _mm512_shuffle_i64x2(sixBits, sixBits, 0xaa);
            default:
                return _mm512_shuffle_i64x2(sixBits, sixBits, 0xff);
        }
    }

    // Scales of the parts that Q4_K's codes() gives, at their places in packedProducts().
    static Words scaleWords(Bytes header, int g) {
        const __m128i first = _mm_setr_epi16(0, 0, 0, 0, 1, 1, 1, 1);
        const __m128i ends = _mm_set1_epi16(static_cast<short>(0xff00));  // zero
        const __m512i places = _mm512_inserti64x4(
            _mm512_castsi256_si512(_mm256_broadcastsi128_si256(first)),
            _mm256_broadcastsi128_si256(_mm_add_epi16(first, _mm_set1_epi16(2))), 1);
        return _mm512_shuffle_epi8(
            header, _mm512_add_epi16(_mm512_broadcast_i32x4(_mm_add_epi16(
                                         ends, _mm_set1_epi16(static_cast<short>(4 * g)))),
                                     places));
    }

    // Sums of 4 products each, those of codes[0] and codes[1] with 128 activations, as words: in
    // each 16 bytes four of the one, then four of the other. Requires: codes at most 31.
    static Words packedProducts(const Bytes* codes, const int8_t* x) {
        const __m512i zero = _mm512_setzero_si512();
        return _mm512_packs_epi32(P::bytes(zero, codes[0], _mm512_load_si512(x)),
                                  P::bytes(zero, codes[1], _mm512_load_si512(x + 64)));
    }

    static Sums addScaled(Sums sums, Words words, Words scales) {
        return P::add(sums, words, scales);
    }

    static Sums times256(Sums sums) { return _mm512_slli_epi32(sums, 8); }

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

    // Each of 8 numbers in two lanes.
    static Lanes twiceEach(__m256i numbers) {
        const __m512i places = _mm512_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7);
        return _mm512_cvtepi32_ps(
            _mm512_permutexvar_epi32(places, _mm512_castsi256_si512(numbers)));
    }

    // The 32 points of a super-block of IQ2_XXS as words of kIq2Split: in the 16 bytes l of points
    // 8 i to 8 i + 7 those of 2 l and 2 l + 1. And their signs, a bit each, 1 is minus.
    struct Iq2Points {
        __m512i split;
        alignas(32) uint8_t signs[32];
    };

    // 256 points stand in 8 registers, of which two are looked up in at once.
    static __m512i lookUpIq2(__m512i points) {
        const auto pair = [&](int i) {
            return _mm512_permutex2var_epi16(_mm512_loadu_si512(kIq2Split.at + 64 * i), points,
                                             _mm512_loadu_si512(kIq2Split.at + 64 * i + 32));
        };
        const __mmask32 isOdd = _mm512_test_epi16_mask(points, _mm512_set1_epi16(64));
        const __mmask32 isLast = _mm512_test_epi16_mask(points, _mm512_set1_epi16(128));
        return _mm512_mask_blend_epi16(isLast, _mm512_mask_blend_epi16(isOdd, pair(0), pair(1)),
                                       _mm512_mask_blend_epi16(isOdd, pair(2), pair(3)));
    }

    static __m256i iq2SignBits(__m256i numbers) { return kernels::iq2SignBits<P>(numbers); }

    // `pairs`: 8 of 4 points and of 4 other bytes each.
    static Iq2Points iq2Points(const uint8_t* pairs, __m256i signBits) {
        const __m256 first = _mm256_loadu_ps(reinterpret_cast<const float*>(pairs));
        const __m256 last = _mm256_loadu_ps(reinterpret_cast<const float*>(pairs + 32));
        const __m256i places =
            _mm256_setr_epi16(0, 8, 4, 12, 1, 9, 5, 13, 2, 10, 6, 14, 3, 11, 7, 15);
        const __m256i points = _mm256_permutexvar_epi16(
            places, _mm256_castps_si256(_mm256_shuffle_ps(first, last, 0x88)));
        Iq2Points result;
        result.split = lookUpIq2(_mm512_cvtepu8_epi16(points));
        _mm256_store_si256(reinterpret_cast<__m256i*>(result.signs), signBits);
        return result;
    }

    // 43 plus the weights 64 i to 64 i + 63.
    static Bytes iq2Bytes(const Iq2Points& points, int i) {
        const __m512i places =
            _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3));
        const __m512i words = _mm512_shuffle_epi8(
            points.split, _mm512_add_epi8(places, _mm512_set1_epi8(static_cast<char>(4 * i))));
        const __m512i shifts = _mm512_set1_epi64(0x0006'0004'0002'0000);
        const __m512i numbers =
            _mm512_and_si512(_mm512_srlv_epi16(words, shifts), _mm512_set1_epi8(3));
        // 43 and 8, 25 or 43.
        const __m512i sizes = _mm512_shuffle_epi8(_mm512_set1_epi32(0x0056'4433), numbers);
        uint64_t signs = 0;
        std::memcpy(&signs, points.signs + 8 * i, sizeof signs);
        return _mm512_mask_sub_epi8(sizes, signs, _mm512_set1_epi8(86), sizes);
    }

    // Sums of 4 products each: codes times 256 high + low.
    static Sums byteProducts(Bytes codes, const int8_t* high, const int8_t* low) {
        return P::byteProducts(codes, _mm512_load_si512(high), _mm512_load_si512(low));
    }

    // Of 16 scales: those from 4 i on, in 4 lanes each.
    static Lanes fourScales(Lanes scales, int i) {
        const __m512i places = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
        return _mm512_permutexvar_ps(_mm512_add_epi32(places, _mm512_set1_epi32(4 * i)), scales);
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
