// AVX-512 without VNNI: codes become 16 bits wide, those of even and of odd dimensions.
#include <type_traits>

#include "kernels/cpu/index_scores.h"
#include "kernels/cpu/index_vector_avx512.h"
#include "kernels/cpu/simd_index_scores.h"

namespace moxie::kernels {

namespace index_avx512 {

struct Vector : IndexFloatsAvx512 {
    struct Keys {
        __m512i even, odd;
    };

    using Query = Keys;

    static Keys loadKeys(const uint8_t* p) { return keysOf(_mm512_loadu_si512(p)); }

    static Keys keysOf(Sums codes) {
        return {_mm512_srai_epi16(_mm512_slli_epi16(codes, 8), 8), _mm512_srai_epi16(codes, 8)};
    }

    static Query query(int32_t word) {
        const __m512i codes = _mm512_set1_epi32(word);
        return {_mm512_and_si512(codes, _mm512_set1_epi16(255)), _mm512_srli_epi16(codes, 8)};
    }

    static Sums addProducts(Sums sums, Query query, Keys keys) {
        const __m512i even = _mm512_madd_epi16(query.even, keys.even);
        return _mm512_add_epi32(sums,
                                _mm512_add_epi32(even, _mm512_madd_epi16(query.odd, keys.odd)));
    }
};

}  // namespace index_avx512

void fillIndexScoresAvx512(Dispatch& table) {
    using Scores = SimdIndexScores<index_avx512::Vector>;
    table.indexScores = Scores::exact;
    table.indexScoresRounded = Scores::rounded;
    table.packRoundedIndexKeys = Scores::pack;
    table.roundFp4IndexRows = Scores::roundFp4;
}

}  // namespace moxie::kernels
