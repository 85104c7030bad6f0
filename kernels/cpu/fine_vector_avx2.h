// AVX2 with FMA and F16C: the vector type of simd_fine.h, in two halves. `Set` is a type of the
// file of the instruction set that includes this. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/half_pairs.h"
#include "kernels/cpu/iq2_signs.h"
#include "kernels/cpu/row_lanes_avx2.h"
#include "kernels/format_tables.h"

namespace moxie::kernels {

template <class Set>
struct FineVector256 {
    struct Words {
        __m256i low, high;
    };

    using Bytes = Words;
    using Sums = Words;
    using Scales = Words;

    struct Lanes {
        __m256 low, high;
    };

    static constexpr int kTokens = 2;      // whose sums stay in registers
    static constexpr int kByteTokens = 4;  // the same bytes meet; their sums do not stay there
    static constexpr int kRows = 4;

    using RowLanes = RowLanes256<Set>;

    static __m128i lowHalf(__m256i x) { return _mm256_castsi256_si128(x); }

    static __m128i highHalf(__m256i x) { return _mm256_extracti128_si256(x, 1); }

    static Words signedWords(__m256i bytes) {
        return {_mm256_cvtepi8_epi16(lowHalf(bytes)), _mm256_cvtepi8_epi16(highHalf(bytes))};
    }

    // `values` chosen by nibbles.
    static Words lookUp(const int8_t* values, __m256i nibbles) {
        const __m256i table =
            _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(values)));
        return signedWords(_mm256_shuffle_epi8(table, low4(nibbles)));
    }

    static __m256i join(__m128i low, __m128i high) {
        return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
    }

    // Of 16 bytes: the low nibble of byte j is word j, the high one word j + 16.
    static Words lookUpHalves(const uint8_t* bytes, const int8_t* values) {
        const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
        return lookUp(values, join(both, _mm_srli_epi16(both, 4)));
    }

    // The same where a byte's nibbles are neighbours.
    static Words lookUpPairs(const uint8_t* bytes, const int8_t* values) {
        const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
        const __m128i high = _mm_srli_epi16(both, 4);
        return lookUp(values, join(_mm_unpacklo_epi8(both, high), _mm_unpackhi_epi8(both, high)));
    }

    // The scales, halves at the start of n blocks, at most 8, read at once with the two bytes
    // behind each. Zero behind them.
    class HalfPairs {
    public:
        HalfPairs(const uint8_t* block, int bytes, int n) {
            for (int i = 0; i < 2; ++i)
                _mm256_store_ps(numbers_ + 8 * i, _mm256_cvtph_ps(fourHalfPairs<Set>(
                                                      block + 4 * i * bytes, bytes, n - 4 * i)));
        }

        Lanes scale(int i) const { return set(numbers_[2 * i]); }

    private:
        alignas(32) float numbers_[16];  // every other one is a scale
    };

    static __m256i low4(__m256i x) { return _mm256_and_si256(x, _mm256_set1_epi8(15)); }

    static Bytes load64(const uint8_t* at) { return {load32(at), load32(at + 32)}; }

    static Bytes lowNibbles(Bytes x) { return {low4(x.low), low4(x.high)}; }

    static Bytes highNibbles(Bytes x) {
        return {low4(_mm256_srli_epi16(x.low, 4)), low4(_mm256_srli_epi16(x.high, 4))};
    }

    // 16 where the bit is set.
    static __m256i fifth(__m256i fifths, unsigned bit) {
        const __m256i wanted = _mm256_set1_epi8(static_cast<char>(bit));
        return _mm256_and_si256(_mm256_cmpeq_epi8(_mm256_and_si256(fifths, wanted), wanted),
                                _mm256_set1_epi8(16));
    }

    // Adds 16 where a bit of 32 bytes is set: bit `bit` for the first 32 codes, the next but one
    // for the others.
    static Bytes withFifths(Bytes codes, __m256i fifths, int bit) {
        return {_mm256_or_si256(codes.low, fifth(fifths, 1U << bit)),
                _mm256_or_si256(codes.high, fifth(fifths, 4U << bit))};
    }

    // The first 16 bytes of n blocks, at most 4, zero behind them.
    [[gnu::always_inline]] static Bytes headers(const uint8_t* block, int64_t bytes, int n) {
        const __m128i zero = _mm_setzero_si128();
        const auto at = [&](int64_t i) { return i < n ? load16(block + i * bytes) : zero; };
        return {join(at(0), at(1)), join(at(2), at(3))};
    }

    static __m256i sixBits(__m256i headers) {
        const __m256i lowBits = _mm256_setr_epi32(0x3f3f3f3f, 0x0f0f0f0f, 0x3f3f3f3f, 0x0f0f0f0f,
                                                  0x3f3f3f3f, 0x0f0f0f0f, 0x3f3f3f3f, 0x0f0f0f0f);
        const __m256i highBits =
            _mm256_setr_epi32(0, 0x30303030, 0, 0x30303030, 0, 0x30303030, 0, 0x30303030);
        const __m256i low = _mm256_srlv_epi32(_mm256_shuffle_epi32(headers, 0xed),
                                              _mm256_setr_epi32(0, 0, 0, 4, 0, 0, 0, 4));
        const __m256i high = _mm256_srli_epi32(_mm256_shuffle_epi32(headers, 0xa5), 2);
        return _mm256_or_si256(_mm256_and_si256(low, lowBits), _mm256_and_si256(high, highBits));
    }

    // 8 scales and 8 minima of 6 bits from 12 bytes behind 4 others, of 4 blocks.
    static Bytes sixBits(Bytes headers) { return {sixBits(headers.low), sixBits(headers.high)}; }

    static __m256i minimaProducts(__m256i sixBits, const int16_t* high, const int16_t* low) {
        const __m256i minima = _mm256_unpackhi_epi8(sixBits, _mm256_setzero_si256());
        return _mm256_add_epi32(_mm256_slli_epi32(_mm256_madd_epi16(minima, load16(high)), 8),
                                _mm256_madd_epi16(minima, load16(low)));
    }

    // The minima of 4 blocks times sums of activations, 256 high + low: two parts in a lane.
    static Sums minimaProducts(Bytes sixBits, const int16_t* high, const int16_t* low) {
        return {minimaProducts(sixBits.low, high, low),
                minimaProducts(sixBits.high, high + 16, low + 16)};
    }

    // The two halves at the start of 4 headers.
    static __m256 halves(Bytes headers) {
        return _mm256_cvtph_ps(
            _mm_unpacklo_epi64(_mm_unpacklo_epi32(lowHalf(headers.low), highHalf(headers.low)),
                               _mm_unpacklo_epi32(lowHalf(headers.high), highHalf(headers.high))));
    }

    // The second of each two factors, in 4 lanes.
    static Lanes secondFactors(__m256 factors) {
        return {_mm256_permutevar8x32_ps(factors, _mm256_setr_epi32(1, 1, 1, 1, 3, 3, 3, 3)),
                _mm256_permutevar8x32_ps(factors, _mm256_setr_epi32(5, 5, 5, 5, 7, 7, 7, 7))};
    }

    // The header of block i beside each 16 bytes of codes.
    static Bytes headerOf(Bytes sixBits, int i) {
        const __m256i pair = i < 2 ? sixBits.low : sixBits.high;
        const __m256i own = _mm256_permute4x64_epi64(pair, 0x44);
        const __m256i next = _mm256_permute4x64_epi64(pair, 0xee);
        return i % 2 == 0 ? Bytes{own, own} : Bytes{next, next};
    }

    // Scales of the parts that Q4_K's codes() gives, at their places in packedProducts().
    static Words scaleWords(Bytes header, int g) {
        const __m256i places =
            _mm256_add_epi16(_mm256_setr_epi16(0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1),
                             _mm256_set1_epi16(static_cast<short>(0xff00 + 4 * g)));
        return {_mm256_shuffle_epi8(header.low, places),
                _mm256_shuffle_epi8(header.high, _mm256_add_epi16(places, _mm256_set1_epi16(2)))};
    }

    // Sums of 4 products each, those of codes[0] and codes[1] with 128 activations, as words: in
    // each 16 bytes four of the one, then four of the other. Requires: codes at most 31.
    static Words packedProducts(const Bytes* codes, const int8_t* x) {
        return {
            _mm256_packs_epi32(products(codes[0].low, x), products(codes[1].low, x + 64)),
            _mm256_packs_epi32(products(codes[0].high, x + 32), products(codes[1].high, x + 96))};
    }

    static Sums addScaled(Sums sums, Words words, Words scales) {
        return {_mm256_add_epi32(sums.low, _mm256_madd_epi16(words.low, scales.low)),
                _mm256_add_epi32(sums.high, _mm256_madd_epi16(words.high, scales.high))};
    }

    static Sums times256(Sums sums) {
        return {_mm256_slli_epi32(sums.low, 8), _mm256_slli_epi32(sums.high, 8)};
    }

    static __m128i load16(const uint8_t* at) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    }

    static __m256i load32(const uint8_t* at) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    }

    // Two numbers of 2 bits of each of 32 bytes, from bit `shift` on.
    static Bytes twoBits(__m256i bytes, int shift) {
        const __m256i mask = _mm256_set1_epi8(3);
        return {_mm256_and_si256(_mm256_srli_epi16(bytes, shift), mask),
                _mm256_and_si256(_mm256_srli_epi16(bytes, shift + 2), mask)};
    }

    // Bits 0 to 3 of the one, 4 and 5 of the other.
    static __m256i joinSixBits(__m256i low, __m256i high) {
        return _mm256_or_si256(low4(low), _mm256_and_si256(high, _mm256_set1_epi8(48)));
    }

    // 64 low nibbles with pairs of bits from 32 bytes: the lowest two, then the next.
    static Bytes lowSixBits(const uint8_t* low, const uint8_t* high) {
        const __m256i upper = load32(high);
        return {joinSixBits(load32(low), _mm256_slli_epi16(upper, 4)),
                joinSixBits(load32(low + 32), _mm256_slli_epi16(upper, 2))};
    }

    // The high nibbles, with the two upper pairs of bits.
    static Bytes highSixBits(const uint8_t* low, const uint8_t* high) {
        const __m256i upper = load32(high);
        return {joinSixBits(_mm256_srli_epi16(load32(low), 4), upper),
                joinSixBits(_mm256_srli_epi16(load32(low + 32), 4), _mm256_srli_epi16(upper, 2))};
    }

    // Each of 8 numbers in two lanes.
    static Lanes twiceEach(__m256i numbers) {
        const __m256i low = _mm256_setr_epi32(0, 0, 1, 1, 2, 2, 3, 3);
        const __m256i high = _mm256_setr_epi32(4, 4, 5, 5, 6, 6, 7, 7);
        return {_mm256_cvtepi32_ps(_mm256_permutevar8x32_epi32(numbers, low)),
                _mm256_cvtepi32_ps(_mm256_permutevar8x32_epi32(numbers, high))};
    }

    // The 32 points of a super-block of IQ2_XXS, 4 in each 8 bytes, and their signs, a bit each, 1
    // is minus. Points come from memory: no AVX2 instruction looks up in 256.
    struct Iq2Points {
        const uint8_t* pairs;
        alignas(32) uint8_t signs[32];
    };

    static __m256i iq2SignBits(__m256i numbers) { return kernels::iq2SignBits<Set>(numbers); }

    static Iq2Points iq2Points(const uint8_t* pairs, __m256i signBits) {
        Iq2Points result;
        result.pairs = pairs;
        _mm256_store_si256(reinterpret_cast<__m256i*>(result.signs), signBits);
        return result;
    }

    // 43 plus the 32 weights of one part.
    static __m256i iq2Part(const Iq2Points& all, int part) {
        const uint8_t* points = all.pairs + part * 8;
        const __m256i sizes = _mm256_setr_epi64x(kIq2Bytes.at[points[0]], kIq2Bytes.at[points[1]],
                                                 kIq2Bytes.at[points[2]], kIq2Bytes.at[points[3]]);
        int32_t signs = 0;
        std::memcpy(&signs, all.signs + part * 4, sizeof signs);
        const __m256i places = _mm256_setr_epi64x(0, 0x0101'0101'0101'0101, 0x0202'0202'0202'0202,
                                                  0x0303'0303'0303'0303);
        const __m256i bit = _mm256_set1_epi64x(static_cast<int64_t>(0x8040'2010'0804'0201));
        const __m256i isMinus = _mm256_cmpeq_epi8(
            _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32(signs), places), bit), bit);
        return _mm256_add_epi8(_mm256_xor_si256(sizes, isMinus),
                               _mm256_sub_epi8(_mm256_set1_epi8(43), isMinus));
    }

    static Bytes iq2Bytes(const Iq2Points& points, int i) {
        return {iq2Part(points, 2 * i), iq2Part(points, 2 * i + 1)};
    }

    // Codes are at most 127: neighbours fit into 16 bits.
    static __m256i products(__m256i codes, const int8_t* x) {
        const __m256i pairs =
            _mm256_maddubs_epi16(codes, _mm256_load_si256(reinterpret_cast<const __m256i*>(x)));
        return _mm256_madd_epi16(pairs, _mm256_set1_epi16(1));
    }

    static __m256i halfProducts(__m256i codes, const int8_t* high, const int8_t* low) {
        const __m256i upper =
            _mm256_maddubs_epi16(codes, _mm256_load_si256(reinterpret_cast<const __m256i*>(high)));
        return _mm256_add_epi32(_mm256_madd_epi16(upper, _mm256_set1_epi16(256)),
                                products(codes, low));
    }

    static Sums byteProducts(Bytes codes, const int8_t* high, const int8_t* low) {
        return {halfProducts(codes.low, high, low), halfProducts(codes.high, high + 32, low + 32)};
    }

    // Of 16 scales: those from 4 i on, in 4 lanes each.
    static Lanes fourScales(Lanes scales, int i) {
        const __m256 half = i < 2 ? scales.low : scales.high;
        const __m256i places = _mm256_add_epi32(_mm256_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1),
                                                _mm256_set1_epi32(i % 2 * 4));
        return {_mm256_permutevar8x32_ps(half, places),
                _mm256_permutevar8x32_ps(half, _mm256_add_epi32(places, _mm256_set1_epi32(2)))};
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

    static Lanes signedFloats(__m128i bytes) {
        return {_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)),
                _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(bytes, 8)))};
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

    static Lanes add(Lanes a, Lanes b) {
        return {_mm256_add_ps(a.low, b.low), _mm256_add_ps(a.high, b.high)};
    }

    static Lanes mul(Lanes a, Lanes b) {
        return {_mm256_mul_ps(a.low, b.low), _mm256_mul_ps(a.high, b.high)};
    }

    static Lanes fma(Lanes a, Lanes b, Lanes c) {
        return {_mm256_fmadd_ps(a.low, b.low, c.low), _mm256_fmadd_ps(a.high, b.high, c.high)};
    }

    static Lanes fnma(Lanes a, Lanes b, Lanes c) {
        return {_mm256_fnmadd_ps(a.low, b.low, c.low), _mm256_fnmadd_ps(a.high, b.high, c.high)};
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
