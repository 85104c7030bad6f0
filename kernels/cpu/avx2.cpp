// AVX2 with FMA and F16C: the vector type of simd_kernels.h.
#include <immintrin.h>

#include "kernels/cpu/simd_kernels.h"
#include "kernels/cpu/tables.h"

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

    // The first four halves of a block as floats; a block always has that many bytes.
    static __m128 halves(const uint8_t* block) {
        return _mm_cvtph_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(block)));
    }

    static Reg floats(__m128i bytes) { return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(bytes)); }

    static void decodeNibbles(const uint8_t* quants, Reg scale, Reg offset, Reg* w) {
        const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(quants));
        const __m128i mask = _mm_set1_epi8(15);
        const __m128i low = _mm_and_si128(bytes, mask);
        const __m128i high = _mm_and_si128(_mm_srli_epi16(bytes, 4), mask);
        w[0] = fma(scale, floats(low), offset);
        w[1] = fma(scale, floats(_mm_srli_si128(low, 8)), offset);
        w[2] = fma(scale, floats(high), offset);
        w[3] = fma(scale, floats(_mm_srli_si128(high, 8)), offset);
    }

    struct F32 {
        static constexpr int kBytesOf32 = 128;
        static constexpr bool kHasTail = true;

        static void decode(const uint8_t* block, Reg* w) {
            const float* values = reinterpret_cast<const float*>(block);
            for (int g = 0; g < 4; ++g)
                w[g] = _mm256_loadu_ps(values + g * kWidth);
        }
    };

    struct F16 {
        static constexpr int kBytesOf32 = 64;
        static constexpr bool kHasTail = true;

        static void decode(const uint8_t* block, Reg* w) {
            for (int g = 0; g < 4; ++g)
                w[g] = _mm256_cvtph_ps(
                    _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + g * 16)));
        }
    };

    struct Q4_0 {
        static constexpr int kBytesOf32 = 18;
        static constexpr bool kHasTail = false;

        static void decode(const uint8_t* block, Reg* w) {
            const Reg scale = _mm256_broadcastss_ps(halves(block));
            decodeNibbles(block + 2, scale, mul(scale, set(-8)), w);
        }
    };

    struct Q4_1 {
        static constexpr int kBytesOf32 = 20;
        static constexpr bool kHasTail = false;

        static void decode(const uint8_t* block, Reg* w) {
            const __m128 both = halves(block);
            decodeNibbles(block + 4, _mm256_broadcastss_ps(both),
                          _mm256_broadcastss_ps(_mm_movehdup_ps(both)), w);
        }
    };

    struct Q8_0 {
        static constexpr int kBytesOf32 = 34;
        static constexpr bool kHasTail = false;

        static void decode(const uint8_t* block, Reg* w) {
            const Reg scale = _mm256_broadcastss_ps(halves(block));
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
    using Kernels = SimdKernels<avx2::Vector>;
    table.matmul = Kernels::matmul;
    table.dot = Kernels::dot;
    table.axpy = Kernels::axpy;
    table.weightedSum = Kernels::weightedSum;
    table.rmsNorm = Kernels::rmsNorm;
    table.softmax = Kernels::softmax;
    table.expSubtract = Kernels::expSubtract;
    table.siluMul = Kernels::siluMul;
}

}  // namespace moxie::kernels
