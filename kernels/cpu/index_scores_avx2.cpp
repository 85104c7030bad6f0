// AVX2: codes become 16 bits wide, those of even and of odd dimensions.
#include <immintrin.h>

#include <type_traits>

#include "kernels/cpu/index_scores.h"
#include "kernels/cpu/simd_index_scores.h"

namespace moxie::kernels {

namespace index_avx2 {

struct Vector {
    using Reg = __m256;
    using Sums = __m256i;

    struct Keys {
        __m256i even, odd;
    };

    using Query = Keys;

    static constexpr int kWidth = 8;
    static constexpr int kVectors = 2;

    static Reg zero() { return _mm256_setzero_ps(); }

    static Reg set(float x) { return _mm256_set1_ps(x); }

    static Reg load(const float* p) { return _mm256_loadu_ps(p); }

    static void store(float* p, Reg x) { _mm256_storeu_ps(p, x); }

    static Reg fma(Reg a, Reg b, Reg c) { return _mm256_fmadd_ps(a, b, c); }

    static Reg mul(Reg a, Reg b) { return _mm256_mul_ps(a, b); }

    static Reg max(Reg a, Reg b) { return _mm256_max_ps(a, b); }

    static uint32_t greater(Reg a, Reg b) {
        return static_cast<uint32_t>(_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)));
    }

    static __m256i bytes(const void* p) {
        return _mm256_loadu_si256(static_cast<const __m256i*>(p));
    }

    static Sums loadSums(const int32_t* p) { return bytes(p); }

    static Keys loadKeys(const uint8_t* p) {
        const __m256i codes = bytes(p);
        return {_mm256_srai_epi16(_mm256_slli_epi16(codes, 8), 8), _mm256_srai_epi16(codes, 8)};
    }

    static Query query(int32_t word) {
        const __m256i codes = _mm256_set1_epi32(word);
        return {_mm256_and_si256(codes, _mm256_set1_epi16(255)), _mm256_srli_epi16(codes, 8)};
    }

    static Sums addProducts(Sums sums, Query query, Keys keys) {
        const __m256i even = _mm256_madd_epi16(query.even, keys.even);
        return _mm256_add_epi32(sums,
                                _mm256_add_epi32(even, _mm256_madd_epi16(query.odd, keys.odd)));
    }

    static Reg positive(Sums sums) {
        return _mm256_cvtepi32_ps(_mm256_max_epi32(sums, _mm256_setzero_si256()));
    }
};

}  // namespace index_avx2

void fillIndexScoresAvx2(Dispatch& table) {
    table.indexScores = SimdIndexScores<index_avx2::Vector>::exact;
    table.indexScoresRounded = SimdIndexScores<index_avx2::Vector>::rounded;
}

}  // namespace moxie::kernels
