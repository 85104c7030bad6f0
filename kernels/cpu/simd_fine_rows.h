// Activations rounded to 16 bits, with AVX2, which every fast instruction set has. A template over
// V as simd_fine.h, so that no two of them share a symbol. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/integer_formats.h"

namespace moxie::kernels {

template <class V>
struct FineRounding {
    // Of 256 values; NaN if one of them is NaN or infinite.
    static float largest(const float* x) {
        const __m256 sizes = _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff));
        __m256 most = _mm256_setzero_ps();
        __m256 poison = _mm256_setzero_ps();
        for (int i = 0; i < 256; i += 8) {
            const __m256 values = _mm256_loadu_ps(x + i);
            poison = _mm256_add_ps(poison, _mm256_mul_ps(values, _mm256_setzero_ps()));
            most = _mm256_max_ps(most, _mm256_and_ps(values, sizes));
        }
        if (_mm256_movemask_ps(_mm256_cmp_ps(poison, poison, _CMP_UNORD_Q)) != 0)
            return __builtin_nanf("");
        alignas(32) float lanes[8];
        _mm256_store_ps(lanes, most);
        float size = lanes[0];
        for (int i = 1; i < 8; ++i)
            if (lanes[i] > size) size = lanes[i];
        return size;
    }

    static void splitSixteen(__m256i words, int8_t* high, int8_t* low) {
        const __m256i upper = _mm256_srai_epi16(_mm256_add_epi16(words, _mm256_set1_epi16(128)), 8);
        const __m256i lower = _mm256_sub_epi16(words, _mm256_slli_epi16(upper, 8));
        const __m256i both = _mm256_permute4x64_epi64(_mm256_packs_epi16(upper, lower), 0xd8);
        _mm_storeu_si128(reinterpret_cast<__m128i*>(high), _mm256_castsi256_si128(both));
        _mm_storeu_si128(reinterpret_cast<__m128i*>(low), _mm256_extracti128_si256(both, 1));
    }

    // Values [at, at + 16), and their sum.
    static void roundSixteen(const float* x, __m256 inverse, int at, FineBlock& out) {
        x += at;
        const __m256i low = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x), inverse));
        const __m256i high = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(x + 8), inverse));
        const __m256i words = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(out.values + at), words);
        splitSixteen(words, out.high + at, out.low + at);
        const __m256i pairs = _mm256_add_epi32(low, high);
        __m128i sum =
            _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
        sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
        out.sums[at / 16] = static_cast<float>(_mm_cvtsi128_si32(sum));
    }

    static void roundWhole(const float* x, FineBlock& out) {
        const float size = largest(x);
        std::memset(&out, 0, sizeof out);
        if (size < kRoundedToZero) return;
        out.scale = size / kFineMax;
        if (size != size) return;  // NaN
        const __m256 inverse = _mm256_set1_ps(kFineMax / size);
        for (int at = 0; at < 256; at += 16)
            roundSixteen(x, inverse, at, out);
    }

    // The sum of 32.
    static int16_t sumOf(const int8_t* x) {
        const __m256i bytes = _mm256_xor_si256(
            _mm256_loadu_si256(reinterpret_cast<const __m256i*>(x)), _mm256_set1_epi8(-128));
        const __m256i eights = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
        const __m128i both =
            _mm_add_epi64(_mm256_castsi256_si128(eights), _mm256_extracti128_si256(eights, 1));
        return static_cast<int16_t>(_mm_extract_epi16(both, 0) + _mm_extract_epi16(both, 4) -
                                    32 * 128);
    }

    static void fillQuad(const FineBlock* blocks, int64_t n, FineQuad& out) {
        constexpr int kPlaces[8] = {0, 2, 1, 3, 4, 6, 5, 7};
        std::memset(&out, 0, sizeof out);
        for (int64_t i = 0; i < n; ++i) {
            for (int part = 0; part < 8; ++part) {
                std::memcpy(out.high[i] + kPlaces[part] * 32, blocks[i].high + part * 32, 32);
                std::memcpy(out.low[i] + kPlaces[part] * 32, blocks[i].low + part * 32, 32);
                out.highSums[i][part] = sumOf(blocks[i].high + part * 32);
                out.lowSums[i][part] = sumOf(blocks[i].low + part * 32);
            }
            out.scales[2 * i] = out.scales[2 * i + 1] = blocks[i].scale;
        }
    }

    static void roundRow(const float* x, int64_t cols, uint8_t* out) {
        roundBlocks(x, cols, out);
        const auto* blocks = reinterpret_cast<const FineBlock*>(out);
        const int64_t nBlocks = (cols + 255) / 256;
        auto* quads = reinterpret_cast<FineQuad*>(out + nBlocks * int64_t{sizeof(FineBlock)});
        for (int64_t b = 0; b < nBlocks; b += 4)
            fillQuad(blocks + b, nBlocks - b < 4 ? nBlocks - b : 4, quads[b / 4]);
    }

    static void roundBlocks(const float* x, int64_t cols, uint8_t* out) {
        for (int64_t c = 0; c < cols; c += 256, out += sizeof(FineBlock)) {
            FineBlock& block = *reinterpret_cast<FineBlock*>(out);
            if (cols - c >= 256) {
                roundWhole(x + c, block);
                continue;
            }
            float part[256] = {};
            std::memcpy(part, x + c, static_cast<size_t>(cols - c) * sizeof(float));
            roundWhole(part, block);
        }
    }
};

}  // namespace moxie::kernels
