// AVX-512 VNNI with VBMI and GFNI, as Intel has them since Ice Lake: products of integer weights
// with activations rounded to 16 bits. IQ2_XXS's signs are made whole by a matrix of bits, and its
// points are gathered from memory: there, a gathered point costs less of the two ports that
// vectors of 512 bits have than one looked up in registers.
#include <immintrin.h>

#include "kernels/cpu/fine_products_vnni.h"
#include "kernels/cpu/fine_vector_avx512.h"
#include "kernels/cpu/simd_fine.h"
#include "kernels/cpu/tables.h"

namespace moxie::kernels::avx512gfni {

struct File;

constexpr int kBias = fineByteBias(DType::iq2_xxs);

// kIq2Bytes with kBias added to each.
constexpr TableOf256<uint64_t> kBiasedPoints = [] {
    TableOf256<uint64_t> points = {};
    for (size_t i = 0; i < 256; ++i)
        points.at[i] = static_cast<uint64_t>(kIq2Bytes.at[i]) + 0x0101'0101'0101'0101U * kBias;
    return points;
}();

struct Vector : FineVector512<FineProductsVnni<File>> {
    // Where the points of a super-block of IQ2_XXS stand, 4 in each 8 bytes, and their signs, a bit
    // each, 1 is minus.
    struct Iq2Points {
        const uint8_t* pairs;
        alignas(32) uint8_t signs[32];
    };

    static __m256i iq2SignBits(__m256i numbers) {
        const __m256i shifts = _mm256_set1_epi64x(0x352e'2720'150e'0700);
        // Rows for bits 7 to 0: bit 7 is odd if so many others are set, the others are themselves.
        const __m256i matrix = _mm256_set1_epi64x(0x0102'0408'1020'407f);
        return _mm256_gf2p8affine_epi64_epi8(_mm256_multishift_epi64_epi8(shifts, numbers), matrix,
                                             0);
    }

    static Iq2Points iq2Points(const uint8_t* pairs, __m256i signBits) {
        Iq2Points result;
        result.pairs = pairs;
        _mm256_store_si256(reinterpret_cast<__m256i*>(result.signs), signBits);
        asm("" : "+m"(result.signs));  // read into masks from there, by a quarter of the steps
        return result;
    }

    // kBias plus the weights 64 i to 64 i + 63.
    static Bytes iq2Bytes(const Iq2Points& points, int i) {
        const __m256i places =
            _mm256_setr_epi8(0, -1, -1, -1, 1, -1, -1, -1, 2, -1, -1, -1, 3, -1, -1, -1, 8, -1, -1,
                             -1, 9, -1, -1, -1, 10, -1, -1, -1, 11, -1, -1, -1);
        const __m256i indices =
            _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(load16(points.pairs + 16 * i)), places);
        // Into zeros: it would wait for what stood in the register.
        const __m512i sizes =
            _mm512_mask_i32gather_epi64(_mm512_setzero_si512(), 0xff, indices, kBiasedPoints.at, 8);
        uint64_t signs = 0;
        std::memcpy(&signs, points.signs + 8 * i, sizeof signs);
        return _mm512_mask_sub_epi8(sizes, signs, _mm512_set1_epi8(2 * kBias), sizes);
    }
};

}  // namespace moxie::kernels::avx512gfni

namespace moxie::kernels {

void fillFineAvx512Gfni(Dispatch& table) {
    table.matmulFine = FineProduct<avx512gfni::Vector, ReadAhead::fourPages>::matmulFine;
}

}  // namespace moxie::kernels
