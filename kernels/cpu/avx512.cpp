// AVX-512 (F, BW, DQ, VL): the vector type of simd_matmul.h and simd_vectors.h. Sketch for Q4_1,
// one token, per block of 32 weights (20 bytes): 5 uops that need the multiply port (convert,
// table, shift, two FMAs) and 3 for the shuffle port. On a Cascade Lake at 2.5 GHz with one 512-bit
// multiplier that is 5 cycles, 10 GB/s per core; 6.1 are measured (2.47 ns, 8 GB/s).
#include <immintrin.h>

#include "kernels/cpu/fine_vector_avx512.h"
#include "kernels/cpu/simd_fine.h"
#include "kernels/cpu/simd_fine_rows.h"
#include "kernels/cpu/simd_matmul.h"
#include "kernels/cpu/simd_vectors.h"
#include "kernels/cpu/tables.h"
#include "kernels/cpu/turn_pairs.h"
#include "kernels/cpu/values_avx512.h"

namespace moxie::kernels::avx512 {

struct Vector : Values512<Vector> {
    static constexpr int kRows = 8;

    static Reg zero() { return _mm512_setzero_ps(); }

    static Reg load(const float* p) { return _mm512_loadu_ps(p); }

    static __mmask16 firstLanes(int64_t n) { return static_cast<__mmask16>((1U << n) - 1); }

    static Reg loadPart(const float* p, int64_t n) {
        return _mm512_maskz_loadu_ps(firstLanes(n), p);
    }

    static void store(float* p, Reg x) { _mm512_storeu_ps(p, x); }

    static void storePart(float* p, int64_t n, Reg x) {
        _mm512_mask_storeu_ps(p, firstLanes(n), x);
    }

    static Reg add(Reg a, Reg b) { return _mm512_add_ps(a, b); }

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

    // Row i becomes column i. Neighbours first, then pairs, then fours and eights.
    static void transpose(Reg* rows) {
        __m512 pairs[16];
        for (int i = 0; i < 16; i += 4) {
            const __m512 low = _mm512_unpacklo_ps(rows[i], rows[i + 1]);
            const __m512 high = _mm512_unpackhi_ps(rows[i], rows[i + 1]);
            const __m512 nextLow = _mm512_unpacklo_ps(rows[i + 2], rows[i + 3]);
            const __m512 nextHigh = _mm512_unpackhi_ps(rows[i + 2], rows[i + 3]);
            pairs[i] = joinLow(low, nextLow);
            pairs[i + 1] = joinHigh(low, nextLow);
            pairs[i + 2] = joinLow(high, nextHigh);
            pairs[i + 3] = joinHigh(high, nextHigh);
        }
        for (int i = 0; i < 4; ++i) {
            const __m512 first = _mm512_shuffle_f32x4(pairs[i], pairs[i + 4], 0x88);
            const __m512 second = _mm512_shuffle_f32x4(pairs[i], pairs[i + 4], 0xdd);
            const __m512 third = _mm512_shuffle_f32x4(pairs[i + 8], pairs[i + 12], 0x88);
            const __m512 fourth = _mm512_shuffle_f32x4(pairs[i + 8], pairs[i + 12], 0xdd);
            rows[i] = _mm512_shuffle_f32x4(first, third, 0x88);
            rows[i + 4] = _mm512_shuffle_f32x4(second, fourth, 0x88);
            rows[i + 8] = _mm512_shuffle_f32x4(first, third, 0xdd);
            rows[i + 12] = _mm512_shuffle_f32x4(second, fourth, 0xdd);
        }
    }

    static __m512 joinLow(__m512 a, __m512 b) {
        return _mm512_castpd_ps(_mm512_unpacklo_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
    }

    static __m512 joinHigh(__m512 a, __m512 b) {
        return _mm512_castpd_ps(_mm512_unpackhi_pd(_mm512_castps_pd(a), _mm512_castps_pd(b)));
    }
};

struct FineProducts {
    static constexpr int kMostByte = 127;  // sums of two fit into 16 bits

    static __m512i bytes(__m512i sums, __m512i codes, __m512i x) {
        const __m512i pairs = _mm512_maddubs_epi16(codes, x);
        return _mm512_add_epi32(sums, _mm512_madd_epi16(pairs, _mm512_set1_epi16(1)));
    }

    static __m512i byteProducts(__m512i codes, __m512i high, __m512i low) {
        const __m512i upper = _mm512_maddubs_epi16(codes, high);
        return bytes(_mm512_madd_epi16(upper, _mm512_set1_epi16(256)), codes, low);
    }

    static __m512i add(__m512i sums, __m512i words, __m512i x) {
        return _mm512_add_epi32(sums, _mm512_madd_epi16(words, x));
    }
};

}  // namespace moxie::kernels::avx512

namespace moxie::kernels {

void fillAvx512(Dispatch& table) {
    using Matmul = SimdMatmul<avx512::Vector>;
    using Vectors = SimdVectors<avx512::Vector>;
    table.dequantiseRow = Matmul::dequantiseRow;
    table.matmul = Matmul::matmul;
    table.matmulFine = FineProduct<FineVector512<avx512::FineProducts>>::matmulFine;
    table.roundRowFine = FineRounding<avx512::Vector>::roundRow;
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
    table.turnPairs = TurnPairs<avx512::Vector>::turnPairs;
}

}  // namespace moxie::kernels
