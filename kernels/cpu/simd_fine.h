// Products of integer weights with activations rounded to 16 bits, written once over a vector type
// V: 32 words of 16 bits (V::Words), 16 sums of neighbouring products (V::Sums), 16 floats
// (V::Lanes). Included only by files of one instruction set: all code is a template over V, so that
// no two of them share a symbol. Threads: any thread.
//
// Memory gives a weight in a tenth of a nanosecond, so the path is short: a row is read from its
// first to its last byte, codes become words, the words of a super-block are multiplied with their
// sub-scale (at most 4096, exact), and one instruction multiplies them with 32 activations. The
// order of a (row, token)'s sum is that of scalar_fine.cpp, bit by bit.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/tables.h"
#include "kernels/dispatch.h"
#include "kernels/format_tables.h"

namespace moxie::kernels {

// The formats. Blocks of 32 say words() and scale(); super-blocks read their sub-scales into a
// Header and give the words of one of 8 parts times its sub-scale.
template <class V>
struct FineFormats {
    using Words = typename V::Words;
    using Lanes = typename V::Lanes;

    static __m256i load32(const uint8_t* at) {
        return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
    }

    static __m128i load16(const uint8_t* at) {
        return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    }

    static uint32_t word(const uint8_t* at) {
        uint32_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return value;
    }

    static float half(const uint8_t* at) {
        uint16_t bits = 0;
        std::memcpy(&bits, at, sizeof bits);
        return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(bits)));
    }

    static __m128i eightBytes(uint64_t bytes) {
        return _mm_cvtsi64_si128(static_cast<long long>(bytes));
    }

    static __m256i low4(__m256i x) { return _mm256_and_si256(x, _mm256_set1_epi8(15)); }

    // Nibble j of 16 bytes becomes byte j; high nibbles follow, as blocks of 32 have them.
    static __m256i halves(const uint8_t* bytes) {
        const __m128i both = load16(bytes);
        return low4(
            _mm256_inserti128_si256(_mm256_castsi128_si256(both), _mm_srli_epi16(both, 4), 1));
    }

    // The same where a byte's nibbles are neighbours.
    static __m256i pairs(const uint8_t* bytes) {
        const __m128i both = load16(bytes);
        const __m128i high = _mm_srli_epi16(both, 4);
        return low4(_mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi8(both, high)),
                                            _mm_unpackhi_epi8(both, high), 1));
    }

    static Words lookUp(const int8_t* values, __m256i nibbles) {
        const __m256i table =
            _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(values)));
        return V::signedWords(_mm256_shuffle_epi8(table, nibbles));
    }

    // Sub-scales of 16 values, in order, as V::scales takes them: even ones first.
    static __m128i evenFirst(__m128i bytes) {
        return _mm_shuffle_epi8(
            bytes, _mm_setr_epi8(0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15));
    }

    // ---- blocks of 32

    template <int bytes>
    struct BlockOf32 {
        static constexpr int kBytes = bytes;
        static constexpr bool kIsSuperBlock = false;
        static constexpr bool kHasOffsets = false;
        static constexpr bool kScalesApart = false;
    };

    template <int bytes>
    struct BlockWithHalf : BlockOf32<bytes> {
        static Lanes scale(const uint8_t* block) { return V::half(block); }
    };

    struct Q8_0 : BlockWithHalf<34> {
        static Words words(const uint8_t* block) { return V::signedWords(load32(block + 2)); }
    };

    struct Q4_0 : BlockWithHalf<18> {
        static Words words(const uint8_t* block) {
            return V::signedWords(_mm256_sub_epi8(halves(block + 2), _mm256_set1_epi8(8)));
        }
    };

    struct Q4_1 : BlockWithHalf<20> {
        static constexpr bool kHasOffsets = true;

        static Words words(const uint8_t* block) { return V::signedWords(halves(block + 4)); }

        static float offset(const uint8_t* block) { return half(block + 2); }
    };

    struct Iq4Nl : BlockWithHalf<18> {
        static Words words(const uint8_t* block) { return lookUp(kIq4Values, halves(block + 2)); }
    };

    struct Mxfp4 : BlockOf32<17> {
        static Lanes scale(const uint8_t* block) { return V::set(kE8m0Halves.at[block[0]]); }

        static Words words(const uint8_t* block) { return lookUp(kE2m1Doubled, halves(block + 1)); }
    };

    struct E2m1 : BlockOf32<16> {
        static constexpr bool kScalesApart = true;

        static Lanes scale(float apart) { return V::set(0.5F * apart); }

        static Words words(const uint8_t* block) { return lookUp(kE2m1Doubled, pairs(block)); }
    };

    struct Int4 : BlockOf32<16> {
        static constexpr bool kScalesApart = true;

        static Lanes scale(float apart) { return V::set(apart); }

        static Words words(const uint8_t* block) { return lookUp(kInt4Values, pairs(block)); }
    };

    // ---- super-blocks of 256

    struct Scales {
        typename V::Scales scales;
        float scale;
    };

    struct ScalesAndMinima : Scales {
        Lanes minima;  // of each 16 columns
        float minimumScale;
    };

    template <int bytes>
    struct BlockOf256 {
        static constexpr int kBytes = bytes;
        static constexpr bool kIsSuperBlock = true;
        static constexpr bool kHasOffsets = false;
        using Header = Scales;
    };

    // The 8 scales and 8 minima of 6 bits that lie in 12 bytes (Q4_K, Q5_K).
    static void readSubScales(const uint8_t* block, ScalesAndMinima& header) {
        const uint32_t a = word(block + 4);
        const uint32_t b = word(block + 8);
        const uint32_t c = word(block + 12);
        const uint64_t scales =
            (a & 0x3f3f3f3f) | uint64_t{(c & 0x0f0f0f0f) | (a >> 2 & 0x30303030)} << 32;
        const uint64_t minima =
            (b & 0x3f3f3f3f) | uint64_t{(c >> 4 & 0x0f0f0f0f) | (b >> 2 & 0x30303030)} << 32;
        header.scales =
            V::scales(_mm256_broadcastsi128_si256(_mm_cvtepu8_epi16(eightBytes(scales))));
        const __m128i once = eightBytes(minima);
        header.minima = V::floats(_mm_unpacklo_epi8(once, once));
        header.scale = half(block);
        header.minimumScale = -half(block + 2);
    }

    struct Q4_K : BlockOf256<144> {
        static constexpr bool kHasOffsets = true;
        using Header = ScalesAndMinima;

        static void readHeader(const uint8_t* block, Header& header) {
            readSubScales(block, header);
        }

        static Words words(const uint8_t* block, const Header& header, int part) {
            const Words both = V::unsignedWords(load32(block + 16 + part / 2 * 32));
            const Words codes = part % 2 == 0 ? V::low4(both) : V::high4(both);
            return V::multiply(codes, V::pick(header.scales, part));
        }
    };

    struct Q5_K : BlockOf256<176> {
        static constexpr bool kHasOffsets = true;
        using Header = ScalesAndMinima;

        static void readHeader(const uint8_t* block, Header& header) {
            readSubScales(block, header);
        }

        static Words words(const uint8_t* block, const Header& header, int part) {
            const __m256i low =
                low4(_mm256_srli_epi16(load32(block + 48 + part / 2 * 32), part % 2 * 4));
            const __m256i bit = _mm256_set1_epi8(static_cast<char>(1U << part));
            const __m256i isSet = _mm256_cmpeq_epi8(_mm256_and_si256(load32(block + 16), bit), bit);
            const __m256i fifth = _mm256_and_si256(isSet, _mm256_set1_epi8(16));
            return V::multiply(V::unsignedWords(_mm256_or_si256(low, fifth)),
                               V::pick(header.scales, part));
        }
    };

    struct Q6_K : BlockOf256<210> {
        using Header = Scales;

        static void readHeader(const uint8_t* block, Header& header) {
            header.scales = V::scales(_mm256_cvtepi8_epi16(evenFirst(load16(block + 192))));
            header.scale = half(block + 208);
        }

        static Words words(const uint8_t* block, const Header& header, int part) {
            const int quarter = part % 4;
            const __m256i low = low4(_mm256_srli_epi16(
                load32(block + part / 4 * 64 + quarter % 2 * 32), quarter / 2 * 4));
            const __m256i high = _mm256_and_si256(
                _mm256_srli_epi16(load32(block + 128 + part / 4 * 32), quarter * 2),
                _mm256_set1_epi8(3));
            const __m256i codes = _mm256_or_si256(low, _mm256_slli_epi16(high, 4));
            return V::multiply(V::signedWords(_mm256_sub_epi8(codes, _mm256_set1_epi8(32))),
                               V::pick(header.scales, part));
        }
    };

    struct Q2_K : BlockOf256<84> {
        static constexpr bool kHasOffsets = true;
        using Header = ScalesAndMinima;

        static void readHeader(const uint8_t* block, Header& header) {
            const __m128i both = load16(block);
            const __m128i mask = _mm_set1_epi8(15);
            header.scales = V::scales(_mm256_cvtepu8_epi16(evenFirst(_mm_and_si128(both, mask))));
            header.minima = V::floats(_mm_and_si128(_mm_srli_epi16(both, 4), mask));
            header.scale = half(block + 80);
            header.minimumScale = -half(block + 82);
        }

        static Words words(const uint8_t* block, const Header& header, int part) {
            const __m256i codes = _mm256_and_si256(
                _mm256_srli_epi16(load32(block + 16 + part / 4 * 32), part % 4 * 2),
                _mm256_set1_epi8(3));
            return V::multiply(V::unsignedWords(codes), V::pick(header.scales, part));
        }
    };

    struct Iq4Xs : BlockOf256<136> {
        using Header = Scales;

        static void readHeader(const uint8_t* block, Header& header) {
            const __m256i low = _mm256_and_si256(
                _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(word(block + 4))),
                                  _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28)),
                _mm256_set1_epi32(15));
            const __m256i high = _mm256_and_si256(
                _mm256_srlv_epi32(_mm256_set1_epi32(static_cast<int>(word(block) >> 16)),
                                  _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14)),
                _mm256_set1_epi32(3));
            const __m256i scales = _mm256_sub_epi32(
                _mm256_or_si256(low, _mm256_slli_epi32(high, 4)), _mm256_set1_epi32(32));
            header.scales = V::scales(_mm256_broadcastsi128_si256(_mm_packs_epi32(
                _mm256_castsi256_si128(scales), _mm256_extracti128_si256(scales, 1))));
            header.scale = half(block);
        }

        static Words words(const uint8_t* block, const Header& header, int part) {
            return V::multiply(lookUp(kIq4Values, halves(block + 8 + part * 16)),
                               V::pick(header.scales, part));
        }
    };

    // Scales are (2 n + 1) / 8 of the block's.
    struct Iq2Xxs : BlockOf256<66> {
        struct Header : Scales {
            alignas(32) uint32_t signs[8];  // of each 32 values, 7 bits of 8
        };

        static void readHeader(const uint8_t* block, Header& header) {
            const __m256 first = _mm256_loadu_ps(reinterpret_cast<const float*>(block + 2));
            const __m256 last = _mm256_loadu_ps(reinterpret_cast<const float*>(block + 34));
            const __m256i rest = _mm256_permute4x64_epi64(
                _mm256_castps_si256(_mm256_shuffle_ps(first, last, 0xdd)), 0xd8);
            const __m256i odd = _mm256_or_si256(_mm256_slli_epi32(_mm256_srli_epi32(rest, 28), 1),
                                                _mm256_set1_epi32(1));
            header.scales = V::scales(_mm256_broadcastsi128_si256(
                _mm_packs_epi32(_mm256_castsi256_si128(odd), _mm256_extracti128_si256(odd, 1))));
            header.scale = half(block) * 0.125F;
            _mm256_store_si256(reinterpret_cast<__m256i*>(header.signs), rest);
        }

        static Words words(const uint8_t* block, const Header& header, int part) {
            const uint8_t* points = block + 2 + part * 8;
            const __m256i sizes =
                _mm256_setr_epi64x(kIq2Bytes.at[points[0]], kIq2Bytes.at[points[1]],
                                   kIq2Bytes.at[points[2]], kIq2Bytes.at[points[3]]);
            const uint32_t signs = header.signs[part];
            const __m256i factors = _mm256_setr_epi64x(
                kIq2Factors.at[signs & 127], kIq2Factors.at[signs >> 7 & 127],
                kIq2Factors.at[signs >> 14 & 127], kIq2Factors.at[signs >> 21 & 127]);
            return V::multiply(V::signedWords(_mm256_sign_epi8(sizes, factors)),
                               V::pick(header.scales, part));
        }
    };
};

template <class V>
struct FineProduct {
    using Formats = FineFormats<V>;
    using Words = typename V::Words;
    using Sums = typename V::Sums;
    using Lanes = typename V::Lanes;

    static constexpr int kTokens = V::kTokens;  // whose sums stay in registers
    static constexpr int kRows = V::kRows;      // added up together
    static constexpr int64_t kAhead = 4096;     // bytes; the next page has to be found in time
    static constexpr int64_t kPanelCols = 4096;

    static void prefetch(const uint8_t* at, int bytes) {
        for (int i = 0; i < bytes; i += 64)
            _mm_prefetch(reinterpret_cast<const char*>(at + kAhead + i), _MM_HINT_T0);
    }

    // Goes on with `acc` by nGroups super-blocks.
    template <class F, int nTokens>
    static void addSuperBlocks(const uint8_t* block, int64_t nGroups, const FineBlock* const* x,
                               Lanes* acc) {
        for (int64_t g = 0; g < nGroups; ++g, block += F::kBytes) {
            prefetch(block, F::kBytes);
            typename F::Header header;
            F::readHeader(block, header);
            Sums sums[nTokens];
            for (int t = 0; t < nTokens; ++t)
                sums[t] = V::zeroSums();
#pragma GCC unroll 8
            for (int part = 0; part < 8; ++part) {
                const Words words = F::words(block, header, part);
#pragma GCC unroll 8
                for (int t = 0; t < nTokens; ++t)
                    sums[t] = V::addProducts(sums[t], words, x[t][g].values + part * 32);
            }
            for (int t = 0; t < nTokens; ++t) {
                const FineBlock& own = x[t][g];
                acc[t] = V::fma(V::floats(sums[t]), V::set(header.scale * own.scale), acc[t]);
                if constexpr (F::kHasOffsets)
                    acc[t] = V::fma(V::mul(header.minima, V::load(own.sums)),
                                    V::set(header.minimumScale * own.scale), acc[t]);
            }
        }
    }

    template <class F>
    static Lanes scaleOf(const uint8_t* block, [[maybe_unused]] const float* apart) {
        if constexpr (F::kScalesApart)
            return F::scale(*apart);
        else
            return F::scale(block);
    }

    // The same by nBlocks blocks of 32, of which the first stands at the start of a FineBlock.
    template <class F, int nTokens>
    static void addBlocks(const uint8_t* block, int64_t nBlocks, const float* apart,
                          const FineBlock* const* x, Lanes* acc) {
        for (int64_t g = 0; g * 8 < nBlocks; ++g) {
            const int n = nBlocks - g * 8 < 8 ? static_cast<int>(nBlocks - g * 8) : 8;
            prefetch(block, 8 * F::kBytes);
            Lanes part[nTokens];
            for (int t = 0; t < nTokens; ++t)
                part[t] = V::zero();
            alignas(64) float offsets[16] = {};
#pragma GCC unroll 8
            for (int i = 0; i < n; ++i, block += F::kBytes, ++apart) {
                const Words words = F::words(block);
                const Lanes scale = scaleOf<F>(block, apart);
                if constexpr (F::kHasOffsets)
                    offsets[2 * i] = offsets[2 * i + 1] = F::offset(block);
#pragma GCC unroll 8
                for (int t = 0; t < nTokens; ++t) {
                    const Sums sums = V::addProducts(V::zeroSums(), words, x[t][g].values + i * 32);
                    part[t] = V::fma(V::floats(sums), scale, part[t]);
                }
            }
            for (int t = 0; t < nTokens; ++t) {
                const Lanes own = V::set(x[t][g].scale);
                acc[t] = V::fma(part[t], own, acc[t]);
                if constexpr (F::kHasOffsets)
                    acc[t] = V::fma(V::mul(V::load(offsets), V::load(x[t][g].sums)), own, acc[t]);
            }
        }
    }

    // acc[t] = the lanes of row r times nTokens tokens.
    template <class F, int nTokens>
    static void multiplyRow(const WeightsView& w, int64_t r, const FineBlock* const* x,
                            Lanes* acc) {
        const uint8_t* row = w.data + r * w.rowBytes;
        for (int t = 0; t < nTokens; ++t)
            acc[t] = V::zero();
        if constexpr (F::kIsSuperBlock) {
            addSuperBlocks<F, nTokens>(row, w.cols / 256, x, acc);
        } else if constexpr (!F::kScalesApart) {
            addBlocks<F, nTokens>(row, w.cols / 32, nullptr, x, acc);
        } else {
            for (int64_t c = 0; c < w.cols; c += kPanelCols) {
                const int64_t nBlocks = (w.cols - c < kPanelCols ? w.cols - c : kPanelCols) / 32;
                float scales[kPanelCols / 32];
                expandScales(w, {r, 1, c, nBlocks}, scales, 0);
                const FineBlock* part[nTokens];
                for (int t = 0; t < nTokens; ++t)
                    part[t] = x[t] + c / 256;
                addBlocks<F, nTokens>(row + c / 32 * F::kBytes, nBlocks, scales, part, acc);
            }
        }
    }

    // y[t * yStride + i] for nRows rows, at most kRows, and nTokens tokens.
    template <class F, int nTokens>
    static void multiplyRows(const WeightsView& w, int64_t r, int64_t nRows,
                             const FineBlock* const* x, float* y, int64_t yStride) {
        Lanes sums[nTokens][kRows];
        for (int64_t i = 0; i < nRows; ++i) {
            Lanes acc[nTokens];
            multiplyRow<F, nTokens>(w, r + i, x, acc);
            for (int t = 0; t < nTokens; ++t)
                sums[t][i] = acc[t];
        }
        for (int t = 0; t < nTokens; ++t)
            if (nRows == kRows)
                V::sumRows(sums[t], y + t * yStride);
            else
                for (int64_t i = 0; i < nRows; ++i)
                    y[t * yStride + i] = V::sum(sums[t][i]);
    }

    // The last tokens, fewer than kTokens.
    template <class F, int nTokens>
    static void lastTokens(const WeightsView& w, int64_t r, int64_t nRows,
                           const FineBlock* const* x, int64_t wanted, float* y, int64_t yStride) {
        if (wanted == nTokens) return multiplyRows<F, nTokens>(w, r, nRows, x, y, yStride);
        if constexpr (nTokens > 1) lastTokens<F, nTokens - 1>(w, r, nRows, x, wanted, y, yStride);
    }

    static const FineBlock* blocksOf(const RoundedRows& x, int64_t token) {
        const int64_t row = x.chosen == nullptr ? token : x.chosen[token];
        return reinterpret_cast<const FineBlock*>(x.data + row * x.rowBytes);
    }

    template <class F>
    static void multiply(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                         const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        for (int64_t r = rowBegin; r < rowEnd; r += kRows) {
            const int64_t nRows = rowEnd - r < kRows ? rowEnd - r : kRows;
            for (int64_t t = 0; t < nTokens; t += kTokens) {
                const FineBlock* blocks[kTokens];
                const int64_t n = nTokens - t < kTokens ? nTokens - t : kTokens;
                for (int64_t i = 0; i < n; ++i)
                    blocks[i] = blocksOf(x, t + i);
                lastTokens<F, kTokens>(w, r, nRows, blocks, n, y + t * yStride + r - rowBegin,
                                       yStride);
            }
        }
    }

    static void matmulFine(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                           const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        checkWeights(w);
        const auto run = [&]<class F>(F) {
            multiply<F>(w, rowBegin, rowEnd, x, nTokens, y, yStride);
        };
        switch (w.dtype) {
            case DType::q8_0:
                return run(typename Formats::Q8_0());
            case DType::q4_0:
                return run(typename Formats::Q4_0());
            case DType::q4_1:
                return run(typename Formats::Q4_1());
            case DType::q2_K:
                return run(typename Formats::Q2_K());
            case DType::q4_K:
                return run(typename Formats::Q4_K());
            case DType::q5_K:
                return run(typename Formats::Q5_K());
            case DType::q6_K:
                return run(typename Formats::Q6_K());
            case DType::iq2_xxs:
                return run(typename Formats::Iq2Xxs());
            case DType::iq4_nl:
                return run(typename Formats::Iq4Nl());
            case DType::iq4_xs:
                return run(typename Formats::Iq4Xs());
            case DType::mxfp4:
                return run(typename Formats::Mxfp4());
            case DType::fp4E2m1:
                return run(typename Formats::E2m1());
            case DType::int4:
                return run(typename Formats::Int4());
            default:
                __builtin_trap();  // hasTiles() lets no other pass
        }
    }
};

}  // namespace moxie::kernels
