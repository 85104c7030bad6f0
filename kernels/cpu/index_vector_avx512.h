// AVX-512: the floats of simd_index_scores.h. For files with that instruction set's flags only.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace moxie::kernels {

struct IndexFloatsAvx512 {
    using Reg = __m512;
    using Sums = __m512i;

    static constexpr int kWidth = 16;
    static constexpr int kVectors = 4;

    static Reg zero() { return _mm512_setzero_ps(); }

    static Reg set(float x) { return _mm512_set1_ps(x); }

    static Reg load(const float* p) { return _mm512_loadu_ps(p); }

    static void store(float* p, Reg x) { _mm512_storeu_ps(p, x); }

    static Reg fma(Reg a, Reg b, Reg c) { return _mm512_fmadd_ps(a, b, c); }

    static Reg mul(Reg a, Reg b) { return _mm512_mul_ps(a, b); }

    static Reg max(Reg a, Reg b) { return _mm512_max_ps(a, b); }

    static uint32_t greater(Reg a, Reg b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ); }

    static Sums loadSums(const int32_t* p) { return _mm512_loadu_si512(p); }

    static Reg positive(Sums sums) {
        return _mm512_cvtepi32_ps(_mm512_max_epi32(sums, _mm512_setzero_si512()));
    }
};

}  // namespace moxie::kernels
