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

    static Keys keysOf(Sums codes) { return codes; }

    static Keys loadKeys(const uint8_t* p) { return _mm512_loadu_si512(p); }

    static Query query(int32_t word) { return _mm512_set1_epi32(word); }

    // In place: around the intrinsic g++ 12 copies every sum to another register and back, which
    // costs a third of the speed.
    static Sums addProducts(Sums sums, Query query, Keys keys) {
        asm("vpdpbusd %2, %1, %0" : "+v"(sums) : "v"(query), "v"(keys));
        return sums;
    }
};

}  // namespace index_avx512vnni

using Scores = SimdIndexScores<index_avx512vnni::Vector>;

void indexScoresRoundedVnni(const IndexQueries& queries, const RoundedPanel& panel, float* scores,
                            uint64_t* above) {
    Scores::rounded(queries, panel, scores, above);
}

void fillIndexScoresAvx512Vnni(Dispatch& table) {
    table.indexScoresRounded = indexScoresRoundedVnni;
    table.packRoundedIndexKeys = Scores::pack;
}

}  // namespace moxie::kernels
