// AVX2 with FMA and F16C: the vector type of simd_matmul.h and simd_vectors.h.
#include <immintrin.h>

#include "kernels/cpu/fine_vector_avx2.h"
#include "kernels/cpu/simd_fine.h"
#include "kernels/cpu/simd_fine_rows.h"
#include "kernels/cpu/simd_matmul.h"
#include "kernels/cpu/simd_vectors.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/turn_pairs.h"

namespace moxie::kernels::avx2 {

struct Vector {
    using Reg = __m256;

    static constexpr int kWidth = 8;
    static constexpr int kRows = 4;

    static Reg zero() { return _mm256_setzero_ps(); }

    static Reg set(float x) { return _mm256_set1_ps(x); }

    static Reg load(const float* p) { return _mm256_loadu_ps(p); }

    static __m256i firstLanes(int64_t n) {
        return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                                  _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
    }

    static Reg loadPart(const float* p, int64_t n) { return _mm256_maskload_ps(p, firstLanes(n)); }

    static void store(float* p, Reg x) { _mm256_storeu_ps(p, x); }

    static void storePart(float* p, int64_t n, Reg x) { _mm256_maskstore_ps(p, firstLanes(n), x); }

    static Reg fma(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }

    static Reg add(Reg a, Reg b) { return _mm256_add_ps(a, b); }

    static Reg sub(Reg a, Reg b) { return _mm256_sub_ps(a, b); }

    static Reg mul(Reg a, Reg b) { return _mm256_mul_ps(a, b); }

    static Reg div(Reg a, Reg b) { return _mm256_div_ps(a, b); }

    static Reg min(Reg a, Reg b) { return _mm256_min_ps(a, b); }

    static Reg max(Reg a, Reg b) { return _mm256_max_ps(a, b); }

    static Reg round(Reg x) {
        return _mm256_round_ps(x, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    }

    // Requires: -126 <= n <= 127.
    static Reg powerOfTwo(Reg n) {
        const __m256i exponent = _mm256_add_epi32(_mm256_cvtps_epi32(n), _mm256_set1_epi32(127));
        return _mm256_castsi256_ps(_mm256_slli_epi32(exponent, 23));
    }

    static Reg zeroWhereLess(Reg a, Reg b, Reg x) {
        return _mm256_and_ps(_mm256_cmp_ps(a, b, _CMP_NLT_UQ), x);
    }

    static float first(Reg x) { return _mm256_cvtss_f32(x); }

    // Neighbours first, then pairs, then the halves.
    static float sum(Reg x) {
        x = _mm256_hadd_ps(x, x);
        x = _mm256_hadd_ps(x, x);
        return _mm_cvtss_f32(_mm_add_ss(_mm256_castps256_ps128(x), _mm256_extractf128_ps(x, 1)));
    }

    static void sumRows(const Reg* acc, float* y) {
        const __m256 a =
            _mm256_hadd_ps(_mm256_hadd_ps(acc[0], acc[1]), _mm256_hadd_ps(acc[2], acc[3]));
        _mm_storeu_ps(y, _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps(a, 1)));
    }

    // Row i becomes column i. Neighbours first, then pairs, then fours.
    static void transpose(Reg* rows) {
        __m256 pairs[8];
        for (int i = 0; i < 8; i += 4) {
            const __m256 low = _mm256_unpacklo_ps(rows[i], rows[i + 1]);
            const __m256 high = _mm256_unpackhi_ps(rows[i], rows[i + 1]);
            const __m256 nextLow = _mm256_unpacklo_ps(rows[i + 2], rows[i + 3]);
            const __m256 nextHigh = _mm256_unpackhi_ps(rows[i + 2], rows[i + 3]);
            pairs[i] = _mm256_shuffle_ps(low, nextLow, 0x44);
            pairs[i + 1] = _mm256_shuffle_ps(low, nextLow, 0xee);
            pairs[i + 2] = _mm256_shuffle_ps(high, nextHigh, 0x44);
            pairs[i + 3] = _mm256_shuffle_ps(high, nextHigh, 0xee);
        }
        for (int i = 0; i < 4; ++i) {
            rows[i] = _mm256_permute2f128_ps(pairs[i], pairs[i + 4], 0x20);
            rows[i + 4] = _mm256_permute2f128_ps(pairs[i], pairs[i + 4], 0x31);
        }
    }

    // ---- for simd_formats.h

    // A half in all lanes.
    static Reg half(const uint8_t* at) { return SimdFormats<Vector>::half(at); }

    // 32 signed bytes as floats.
    static void floats(__m256i bytes, Reg* w) {
        const __m128i low = _mm256_castsi256_si128(bytes);
        const __m128i high = _mm256_extracti128_si256(bytes, 1);
        w[0] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(low));
        w[1] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(low, 8)));
        w[2] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(high));
        w[3] = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(_mm_srli_si128(high, 8)));
    }

    // The sizes of four points of IQ2_XXS; bit i of `signs` makes value i negative.
    static void signedPoints(const uint8_t* points, uint32_t signs, Reg* w) {
        const __m256i all = _mm256_set1_epi32(static_cast<int>(signs));
        const __m256i toTop = _mm256_setr_epi32(31, 30, 29, 28, 27, 26, 25, 24);
        for (int g = 0; g < 4; ++g) {
            const __m256i shifts = _mm256_sub_epi32(toTop, _mm256_set1_epi32(8 * g));
            const Reg sign =
                _mm256_and_ps(_mm256_castsi256_ps(_mm256_sllv_epi32(all, shifts)), set(-0.0F));
            w[g] = _mm256_xor_ps(load(kIq2Points.at[points[g]].sizes), sign);
        }
    }

    // 16 small integers times a power of two, chosen by nibbles.
    struct Levels {
        __m256i values;
        Reg unit;
    };

    static Levels levels(const int8_t* values, float unit) {
        return {
            _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(values))),
            set(unit)};
    }

    static void lookUp(__m128i first, __m128i last, Levels levels, Reg scale, Reg* w) {
        floats(_mm256_shuffle_epi8(levels.values, _mm256_set_m128i(last, first)), w);
        for (int g = 0; g < 4; ++g)
            w[g] = mul(scale, mul(levels.unit, w[g]));
    }

    // The low nibble of byte j is value j, the high one value j + 16.
    static void lookUpHalves(const uint8_t* codes, Levels values, Reg scale, Reg* w) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes));
        const __m128i mask = _mm_set1_epi8(15);
        lookUp(_mm_and_si128(bytes, mask), _mm_and_si128(_mm_srli_epi16(bytes, 4), mask), values,
               scale, w);
    }

    // The low nibble of byte j is value 2j, the high one value 2j + 1.
    static void lookUpPairs(const uint8_t* codes, Levels values, Reg scale, Reg* w) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes));
        const __m128i mask = _mm_set1_epi8(15);
        const __m128i low = _mm_and_si128(bytes, mask);
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), mask);
        lookUp(_mm_unpacklo_epi8(low, high), _mm_unpackhi_epi8(low, high), values, scale, w);
    }

    // w[i] = scale * bits [shift, shift + 4) of byte i + offset, 32 bytes.
    static void affineNibbles(const uint8_t* bytes, int shift, Reg scale, Reg offset, Reg* w) {
        using Formats = SimdFormats<Vector>;
        floats(Formats::low4(Formats::shiftRight(Formats::bytes32(bytes), shift)), w);
        for (int g = 0; g < 4; ++g)
            w[g] = fma(scale, w[g], offset);
    }

    // The same with bits [shift, shift + 2); each 16 values have their own scale and offset.
    static void affinePairs(const uint8_t* bytes, int shift, const float* scales,
                            const float* offsets, Reg* w) {
        using Formats = SimdFormats<Vector>;
        floats(_mm256_and_si256(Formats::shiftRight(Formats::bytes32(bytes), shift),
                                _mm256_set1_epi8(3)),
               w);
        for (int g = 0; g < 4; ++g)
            w[g] = fma(set(scales[g / 2]), w[g], set(offsets[g / 2]));
    }

    // E4M3 moved into the bits of a half is 2^-8 of its value, subnormals too; NaN is 480 there.
    static void e4m3(const uint8_t* codes, Reg* w) {
        for (int i = 0; i < 2; ++i) {
            const __m256i words = _mm256_slli_epi16(
                _mm256_cvtepu8_epi16(
                    _mm_loadu_si128(reinterpret_cast<const __m128i*>(codes + i * 16))),
                8);
            const __m256i isNan = _mm256_cmpeq_epi16(
                _mm256_and_si256(words, _mm256_set1_epi16(0x7f00)), _mm256_set1_epi16(0x7f00));
            const __m256i halves =
                _mm256_or_si256(_mm256_and_si256(_mm256_srai_epi16(words, 1),
                                                 _mm256_set1_epi16(static_cast<short>(0xbf80))),
                                _mm256_and_si256(isNan, _mm256_set1_epi16(0x7e00)));
            w[2 * i] = mul(_mm256_cvtph_ps(_mm256_castsi256_si128(halves)), set(256));
            w[2 * i + 1] = mul(_mm256_cvtph_ps(_mm256_extracti128_si256(halves, 1)), set(256));
        }
    }

    struct F32 : PlainValues<128> {
        static void decode(const uint8_t* block, Reg* w) {
            const float* values = reinterpret_cast<const float*>(block);
            for (int g = 0; g < 4; ++g)
                w[g] = _mm256_loadu_ps(values + g * kWidth);
        }
    };

    struct F16 : PlainValues<64> {
        static void decode(const uint8_t* block, Reg* w) {
            for (int g = 0; g < 4; ++g)
                w[g] = _mm256_cvtph_ps(
                    _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + g * 16)));
        }
    };

    struct Bf16 : PlainValues<64> {
        static void decode(const uint8_t* block, Reg* w) {
            for (int g = 0; g < 4; ++g)
                w[g] = _mm256_castsi256_ps(_mm256_slli_epi32(
                    _mm256_cvtepu16_epi32(
                        _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + g * 16))),
                    16));
        }
    };

    struct Q4_0 : BlockOf32<18> {
        static void decode(const uint8_t* block, Reg* w) {
            lookUpHalves(block + 2, levels(kInt4Values, 1), half(block), w);
        }
    };

    struct Q4_1 : BlockOf32<20> {
        static Reg floats(__m128i bytes) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)); }

        static void decode(const uint8_t* block, Reg* w) {
            const Reg scale = half(block);
            const Reg offset = half(block + 2);
            const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 4));
            const __m128i mask = _mm_set1_epi8(15);
            const __m128i low = _mm_and_si128(bytes, mask);
            const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), mask);
            w[0] = fma(scale, floats(low), offset);
            w[1] = fma(scale, floats(_mm_srli_si128(low, 8)), offset);
            w[2] = fma(scale, floats(high), offset);
            w[3] = fma(scale, floats(_mm_srli_si128(high, 8)), offset);
        }
    };

    struct Q8_0 : BlockOf32<34> {
        static void decode(const uint8_t* block, Reg* w) {
            const Reg scale = half(block);
            for (int g = 0; g < 4; ++g) {
                const __m128i bytes =
                    _mm_loadl_epi64(reinterpret_cast<const __m128i*>(block + 2 + g * 8));
                w[g] = mul(scale, _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)));
            }
        }
    };
};

}  // namespace moxie::kernels::avx2

namespace moxie::kernels {

void fillAvx2(Dispatch& table) {
    using Matmul = SimdMatmul<avx2::Vector>;
    using Vectors = SimdVectors<avx2::Vector>;
    table.dequantiseRow = Matmul::dequantiseRow;
    table.matmul = Matmul::matmul;
    table.matmulFine = FineProduct<FineVector256<avx2::Vector>>::matmulFine;
    table.roundRowFine = FineRounding<avx2::Vector>::roundRow;
    table.hasFastFine = true;
    table.dot = Vectors::dot;
    table.axpy = Vectors::axpy;
    table.addWeighted = Vectors::addWeighted;
    table.rmsNorm = Vectors::rmsNorm;
    table.softmax = Vectors::softmax;
    table.scaleMax = Vectors::scaleMax;
    table.expSubtract = Vectors::expSubtract;
    table.siluMul = Vectors::siluMul;
    table.swigluClamped = Vectors::swigluClamped;
    table.swigluGptOss = Vectors::swigluGptOss;
    table.layerNorm = Vectors::layerNorm;
    table.turnPairs = TurnPairs<avx2::Vector>::turnPairs;
}

}  // namespace moxie::kernels
