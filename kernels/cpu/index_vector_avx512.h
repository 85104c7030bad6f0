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

    static Sums noSums() { return _mm512_setzero_si512(); }

    static Sums loadSums(const int32_t* p) { return _mm512_loadu_si512(p); }

    static Sums loadFours(const int8_t* p, int64_t n) {
        return _mm512_maskz_loadu_epi32(static_cast<__mmask16>((1U << n) - 1), p);
    }

    static void storeSums(uint8_t* p, Sums sums) { _mm512_storeu_si512(p, sums); }

    static Sums times128Below(Sums sums) {
        return _mm512_sub_epi32(noSums(), _mm512_slli_epi32(sums, 7));
    }

    // Word i of row j becomes word j of row i: fours of words, then fours of fours.
    static void transpose(Sums* rows) {
        Sums fours[16];
        for (int i = 0; i < 16; i += 4) {
            const Sums a = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
            const Sums b = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
            const Sums c = _mm512_unpacklo_epi32(rows[i + 2], rows[i + 3]);
            const Sums d = _mm512_unpackhi_epi32(rows[i + 2], rows[i + 3]);
            fours[i] = _mm512_unpacklo_epi64(a, c);
            fours[i + 1] = _mm512_unpackhi_epi64(a, c);
            fours[i + 2] = _mm512_unpacklo_epi64(b, d);
            fours[i + 3] = _mm512_unpackhi_epi64(b, d);
        }
        for (int k = 0; k < 4; ++k) {
            const Sums a = _mm512_shuffle_i32x4(fours[k], fours[k + 4], 0x88);
            const Sums b = _mm512_shuffle_i32x4(fours[k], fours[k + 4], 0xdd);
            const Sums c = _mm512_shuffle_i32x4(fours[k + 8], fours[k + 12], 0x88);
            const Sums d = _mm512_shuffle_i32x4(fours[k + 8], fours[k + 12], 0xdd);
            rows[k] = _mm512_shuffle_i32x4(a, c, 0x88);
            rows[k + 8] = _mm512_shuffle_i32x4(a, c, 0xdd);
            rows[k + 4] = _mm512_shuffle_i32x4(b, d, 0x88);
            rows[k + 12] = _mm512_shuffle_i32x4(b, d, 0xdd);
        }
    }

    static Reg positive(Sums sums) {
        return _mm512_cvtepi32_ps(_mm512_max_epi32(sums, _mm512_setzero_si512()));
    }
};

}  // namespace moxie::kernels
