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

    static Sums noSums() { return _mm256_setzero_si256(); }

    static Sums loadSums(const int32_t* p) { return bytes(p); }

    static Sums loadFours(const int8_t* p, int64_t n) {
        const __m256i isThere = _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                                                   _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
        return _mm256_maskload_epi32(reinterpret_cast<const int*>(p), isThere);
    }

    static void storeSums(uint8_t* p, Sums sums) {
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), sums);
    }

    static Sums times128Below(Sums sums) {
        return _mm256_sub_epi32(noSums(), _mm256_slli_epi32(sums, 7));
    }

    // Word i of row j becomes word j of row i.
    static void transpose(Sums* rows) {
        Sums fours[8];
        for (int i = 0; i < 8; i += 4) {
            const Sums a = _mm256_unpacklo_epi32(rows[i], rows[i + 1]);
            const Sums b = _mm256_unpackhi_epi32(rows[i], rows[i + 1]);
            const Sums c = _mm256_unpacklo_epi32(rows[i + 2], rows[i + 3]);
            const Sums d = _mm256_unpackhi_epi32(rows[i + 2], rows[i + 3]);
            fours[i] = _mm256_unpacklo_epi64(a, c);
            fours[i + 1] = _mm256_unpackhi_epi64(a, c);
            fours[i + 2] = _mm256_unpacklo_epi64(b, d);
            fours[i + 3] = _mm256_unpackhi_epi64(b, d);
        }
        for (int k = 0; k < 4; ++k) {
            rows[k] = _mm256_permute2x128_si256(fours[k], fours[k + 4], 0x20);
            rows[k + 4] = _mm256_permute2x128_si256(fours[k], fours[k + 4], 0x31);
        }
    }

    static Keys loadKeys(const uint8_t* p) { return keysOf(bytes(p)); }

    static Keys keysOf(Sums codes) {
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
    using Scores = SimdIndexScores<index_avx2::Vector>;
    table.indexScores = Scores::exact;
    table.indexScoresRounded = Scores::rounded;
    table.packRoundedIndexKeys = Scores::pack;
    table.roundFp4IndexRows = Scores::roundFp4;
}

}  // namespace moxie::kernels
