// The signs of IQ2_XXS's weights, where no instruction counts bits. Included only by files of one
// instruction set, with a P of their own, so that no two of them share a symbol. Threads: any
// thread.
#pragma once
#include <immintrin.h>

namespace moxie::kernels {

// Four times 7 bits of each number as bytes, with an eighth that makes the bits' number even.
template <class P>
__m256i iq2SignBits(__m256i numbers) {
    const auto part = [&](int shift, int mask) {
        return _mm256_and_si256(_mm256_slli_epi32(numbers, shift), _mm256_set1_epi32(mask));
    };
    const __m256i stored = _mm256_or_si256(_mm256_or_si256(part(0, 0x7f), part(1, 0x7f00)),
                                           _mm256_or_si256(part(2, 0x7f0000), part(3, 0x7f000000)));
    const __m256i isOdd = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(0, -128, -128, 0, -128, 0, 0, -128, -128, 0, 0, -128, 0, -128, -128, 0));
    const __m256i folded = _mm256_and_si256(_mm256_xor_si256(stored, _mm256_srli_epi16(stored, 4)),
                                            _mm256_set1_epi8(15));
    return _mm256_or_si256(stored, _mm256_shuffle_epi8(isOdd, folded));
}

}  // namespace moxie::kernels
