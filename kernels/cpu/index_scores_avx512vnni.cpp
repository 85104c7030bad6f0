// AVX-512 VNNI: four products of codes at once. Per four dimensions 4 loads of keys, 4 broadcasts
// and 16 vpdpbusd.
#include <type_traits>

#include "kernels/cpu/index_scores.h"
#include "kernels/cpu/index_vector_avx512.h"
#include "kernels/cpu/simd_index_scores.h"

namespace moxie::kernels {

namespace index_avx512vnni {

struct Vector : IndexFloatsAvx512 {
    using Keys = __m512i;
    using Query = __m512i;

    static Keys loadKeys(const uint8_t* p) { return _mm512_loadu_si512(p); }

    static Query query(int32_t word) { return _mm512_set1_epi32(word); }

    static Sums addProducts(Sums sums, Query query, Keys keys) {
        return _mm512_dpbusd_epi32(sums, query, keys);
    }
};

}  // namespace index_avx512vnni

void fillIndexScoresAvx512Vnni(Dispatch& table) {
    table.indexScoresRounded = SimdIndexScores<index_avx512vnni::Vector>::rounded;
}

}  // namespace moxie::kernels
