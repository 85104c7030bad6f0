// The first four bytes of neighbouring blocks, which begin with their scale, a half. Included
// only by files of one instruction set, with a P of their own, so that no two of them share a
// symbol. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

namespace moxie::kernels {

// Of n blocks of so many bytes, at most 4; zero behind them. Inserted one by one: from an array
// g++ 12 would load words that are not yet stored.
template <class P>
__m128i fourHalfPairs(const uint8_t* block, int bytes, int n) {
    const auto pair = [&](int i) {
        int32_t both = 0;
        std::memcpy(&both, block + i * bytes, sizeof both);
        return both;
    };
    __m128i pairs = n > 0 ? _mm_cvtsi32_si128(pair(0)) : _mm_setzero_si128();
    if (n > 1) pairs = _mm_insert_epi32(pairs, pair(1), 1);
    if (n > 2) pairs = _mm_insert_epi32(pairs, pair(2), 2);
    if (n > 3) pairs = _mm_insert_epi32(pairs, pair(3), 3);
    return pairs;
}

}  // namespace moxie::kernels
