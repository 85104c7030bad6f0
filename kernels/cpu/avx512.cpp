// AVX-512 (F, BW, DQ, VL): the vector type of simd_kernels.h. Sketch for Q4_1, one token: 8 uops on
// the two vector ports per 32 weights, so 4 cycles for 20 bytes; at 2.5 GHz 12.5 GB/s per core,
// about what one core gets from DRAM.
#include <immintrin.h>

#include "kernels/cpu/simd_kernels.h"
#include "kernels/cpu/tables.h"

namespace moxie::kernels::avx512 {

struct Vector {
    using Reg = __m512;

    static constexpr int kWidth = 16;
    static constexpr int kRows = 8;

    static Reg zero() { return _mm512_setzero_ps(); }

    static Reg set(float x) { return _mm512_set1_ps(x); }

    static Reg load(const float* p) { return _mm512_loadu_ps(p); }

    static __mmask16 firstLanes(int64_t n) { return static_cast<__mmask16>((1U << n) - 1); }

    static Reg loadPart(const float* p, int64_t n) {
        return _mm512_maskz_loadu_ps(firstLanes(n), p);
    }

    static void store(float* p, Reg x) { _mm512_storeu_ps(p, x); }

    static void storePart(float* p, int64_t n, Reg x) {
        _mm512_mask_storeu_ps(p, firstLanes(n), x);
    }

    static Reg fma(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }

    static Reg add(Reg a, Reg b) { return _mm512_add_ps(a, b); }

    static Reg sub(Reg a, Reg b) { return _mm512_sub_ps(a, b); }

    static Reg mul(Reg a, Reg b) { return _mm512_mul_ps(a, b); }

    static Reg div(Reg a, Reg b) { return _mm512_div_ps(a, b); }

    static Reg min(Reg a, Reg b) { return _mm512_min_ps(a, b); }

    static Reg max(Reg a, Reg b) { return _mm512_max_ps(a, b); }

    static Reg round(Reg x) { return _mm512_roundscale_ps(x, _MM_FROUND_TO_NEAREST_INT); }

    static Reg powerOfTwo(Reg n) { return _mm512_scalef_ps(_mm512_set1_ps(1.0F), n); }

    static Reg zeroWhereLess(Reg a, Reg b, Reg x) {
        return _mm512_maskz_mov_ps(_mm512_cmp_ps_mask(a, b, _CMP_NLT_UQ), x);
    }

    static float first(Reg x) { return _mm512_cvtss_f32(x); }

    // Lanes i and i + 8 first, then neighbours, then pairs, then the halves.
    static __m256 fold(Reg x) {
        return _mm256_add_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
    }

    static float sum(Reg x) {
        __m256 half = fold(x);
        half = _mm256_hadd_ps(half, half);
        half = _mm256_hadd_ps(half, half);
        return _mm_cvtss_f32(
            _mm_add_ss(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1)));
    }

    static void sumRows(const Reg* acc, float* y) {
        const __m256 a = _mm256_hadd_ps(_mm256_hadd_ps(fold(acc[0]), fold(acc[1])),
                                        _mm256_hadd_ps(fold(acc[2]), fold(acc[3])));
        const __m256 b = _mm256_hadd_ps(_mm256_hadd_ps(fold(acc[4]), fold(acc[5])),
                                        _mm256_hadd_ps(fold(acc[6]), fold(acc[7])));
        _mm256_storeu_ps(y, _mm256_add_ps(_mm256_permute2f128_ps(a, b, 0x20),
                                          _mm256_permute2f128_ps(a, b, 0x31)));
    }

    // The first four halves of a block as floats; a block always has that many bytes.
    static __m128 halves(const uint8_t* block) {
        return _mm_cvtph_ps(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(block)));
    }

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

    struct F32 {
        static constexpr int kBytesOf32 = 128;
        static constexpr bool kHasTail = true;

        static void decode(const uint8_t* block, Reg* w) {
            w[0] = _mm512_loadu_ps(block);
            w[1] = _mm512_loadu_ps(block + 64);
        }
    };

    struct F16 {
        static constexpr int kBytesOf32 = 64;
        static constexpr bool kHasTail = true;

        static void decode(const uint8_t* block, Reg* w) {
            w[0] = _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(block)));
            w[1] =
                _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(block + 32)));
        }
    };

    struct Q4_0 {
        static constexpr int kBytesOf32 = 18;
        static constexpr bool kHasTail = false;

        static void decode(const uint8_t* block, Reg* w) {
            const __m512 scale = _mm512_broadcastss_ps(halves(block));
            lookUp(block + 2, mul(scale, sub(counting(), set(8))), w);
        }
    };

    struct Q4_1 {
        static constexpr int kBytesOf32 = 20;
        static constexpr bool kHasTail = false;

        static void decode(const uint8_t* block, Reg* w) {
            const __m128 both = halves(block);
            const __m512 scale = _mm512_broadcastss_ps(both);
            const __m512 offset = _mm512_broadcastss_ps(_mm_movehdup_ps(both));
            lookUp(block + 4, fma(scale, counting(), offset), w);
        }
    };

    struct Q8_0 {
        static constexpr int kBytesOf32 = 34;
        static constexpr bool kHasTail = false;

        static Reg floats(const uint8_t* quants) {
            return _mm512_cvtepi32_ps(
                _mm512_cvtepi8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(quants))));
        }

        static void decode(const uint8_t* block, Reg* w) {
            const __m512 scale = _mm512_broadcastss_ps(halves(block));
            w[0] = mul(scale, floats(block + 2));
            w[1] = mul(scale, floats(block + 18));
        }
    };
};

}  // namespace moxie::kernels::avx512

namespace moxie::kernels {

void fillAvx512(Dispatch& table) {
    using Kernels = SimdKernels<avx512::Vector>;
    table.matmul = Kernels::matmul;
    table.dot = Kernels::dot;
    table.axpy = Kernels::axpy;
    table.weightedSum = Kernels::weightedSum;
    table.rmsNorm = Kernels::rmsNorm;
    table.softmax = Kernels::softmax;
    table.siluMul = Kernels::siluMul;
}

}  // namespace moxie::kernels
