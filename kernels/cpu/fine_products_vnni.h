// AVX-512 VNNI: the products of fine_vector_avx512.h. Included only by files of one instruction
// set, each with a File of its own, so that no two of them share a symbol. Threads: any thread.
#pragma once
#include <immintrin.h>

namespace moxie::kernels {

template <class File>
struct FineProductsVnni {
    static constexpr int kMostByte = 255;

    static __m512i bytes(__m512i sums, __m512i codes, __m512i x) {
        return _mm512_dpbusd_epi32(sums, codes, x);
    }

    static __m512i byteProducts(__m512i codes, __m512i high, __m512i low) {
        const __m512i upper = bytes(_mm512_setzero_si512(), codes, high);
        return bytes(_mm512_slli_epi32(upper, 8), codes, low);
    }

    // Sums of 4 unsigned bytes in each lane times the same 4 signed ones. As assembly, since g++ 12
    // copies every sum around the intrinsic.
    static __m512i sameBytes(__m512i sums, __m512i codes, const int8_t* x) {
        asm("vpdpbusd %2%{1to16%}, %1, %0"
            : "+v"(sums)
            : "v"(codes), "m"(*reinterpret_cast<const int8_t(*)[4]>(x)));
        return sums;
    }

    static __m512i add(__m512i sums, __m512i words, __m512i x) {
        return _mm512_dpwssd_epi32(sums, words, x);
    }
};

}  // namespace moxie::kernels
