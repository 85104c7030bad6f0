// Products of integer weights with activations rounded to 16 bits, written once over a vector type
// V: 32 words of 16 bits (V::Words), 16 sums of neighbouring products (V::Sums), 16 floats
// (V::Lanes). Included only by files of one instruction set: all code is a template over V, so that
// no two of them share a symbol. Threads: any thread.
//
// Memory gives 32 weights of 4 bits in less than half a nanosecond, so the path is short: a row is
// read from its first to its last byte, codes become words, the words of a super-block are
// multiplied with their sub-scale (at most 4096, exact), and one instruction multiplies them with
// 32 activations; or codes stay bytes (V::Bytes), 64 of them meet the upper and the lower bytes of
// 64 activations, and the sums their sub-scales. The order of a (row, token)'s sum is that of
// scalar_fine.cpp, bit by bit.
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

    static __m256i low4(__m256i x) { return _mm256_and_si256(x, _mm256_set1_epi8(15)); }

    // ---- blocks of 32

    template <int bytes>
    struct BlockOf32 {
        static constexpr int kBytes = bytes;
        static constexpr bool kIsSuperBlock = false;
        static constexpr bool kSumsBytes = false;
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
        static Words words(const uint8_t* block) { return V::lookUpHalves(block + 2, kInt4Values); }
    };

    struct Q4_1 : BlockWithHalf<20> {
        static constexpr bool kHasOffsets = true;

        static Words words(const uint8_t* block) { return V::lookUpHalves(block + 4, kCounting); }

        static float offset(const uint8_t* block) { return half(block + 2); }
    };

    struct Iq4Nl : BlockWithHalf<18> {
        static Words words(const uint8_t* block) { return V::lookUpHalves(block + 2, kIq4Values); }
    };

    struct Mxfp4 : BlockOf32<17> {
        static Lanes scale(const uint8_t* block) { return V::set(kE8m0Halves.at[block[0]]); }

        static Words words(const uint8_t* block) {
            return V::lookUpHalves(block + 1, kE2m1Doubled);
        }
    };

    struct E2m1 : BlockOf32<16> {
        static constexpr bool kScalesApart = true;

        static Lanes scale(float apart) { return V::set(0.5F * apart); }

        static Words words(const uint8_t* block) { return V::lookUpPairs(block, kE2m1Doubled); }
    };

    struct Int4 : BlockOf32<16> {
        static constexpr bool kScalesApart = true;

        static Lanes scale(float apart) { return V::set(apart); }

        static Words words(const uint8_t* block) { return V::lookUpPairs(block, kInt4Values); }
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

    // What a super-block whose sums are of bytes has for one token: sub-scales, and what the sums
    // of each 16 activations are multiplied with and taken away.
    struct Factors {
        Lanes scales, offsets;
    };

    template <int bytes>
    struct BlockOf256 {
        static constexpr int kBytes = bytes;
        static constexpr bool kIsSuperBlock = true;
        static constexpr bool kSumsBytes = false;
        static constexpr bool kHasOffsets = false;
        using Header = Scales;
    };

    template <int bytes>
    struct BlockOfBytes : BlockOf256<bytes> {
        static constexpr bool kSumsBytes = true;
    };

    // Two halves, then 8 scales and 8 minima of 6 bits in 12 bytes.
    template <int bytes>
    struct BlockWithMinima : BlockOfBytes<bytes> {
        struct Header {
            Lanes factors;  // scales, minima
            __m128 both;    // what they are multiplied with, first
        };

        static Header header(const uint8_t* block) {
            const __m128i all = load16(block);
            const __m128i low =
                _mm_srlv_epi32(_mm_shuffle_epi32(all, 0xed), _mm_setr_epi32(0, 0, 0, 4));
            const __m128i high = _mm_srli_epi32(_mm_shuffle_epi32(all, 0xa5), 2);
            const __m128i packed = _mm_or_si128(
                _mm_and_si128(low, _mm_setr_epi32(0x3f3f3f3f, 0x0f0f0f0f, 0x3f3f3f3f, 0x0f0f0f0f)),
                _mm_and_si128(high, _mm_setr_epi32(0, 0x30303030, 0, 0x30303030)));
            return {V::floats(packed), _mm_cvtph_ps(all)};
        }

        static Factors factors(const Header& header, float scale) {
            const Lanes all =
                V::scaleParts(header.factors, _mm_mul_ps(header.both, _mm_set1_ps(scale)));
            return {all, V::minima(all)};
        }

        static Lanes scales(const Factors& factors, int i) {
            return V::pairOfScales(factors.scales, i);
        }
    };

    struct Q4_K : BlockWithMinima<144> {
        // The codes of parts 2 i and 2 i + 1.
        static typename V::Bytes bytes(const uint8_t* block, int i) {
            return V::nibbles(load32(block + 16 + i * 32));
        }

        // From the sums of products and of offsets.
        static Lanes finish(Lanes sums, Lanes offsets) {
            return V::add(V::scaleNibbles(sums), offsets);
        }
    };

    struct Q5_K : BlockWithMinima<176> {
        static typename V::Bytes bytes(const uint8_t* block, int i) {
            return V::fiveBits(load32(block + 48 + i * 32), load32(block + 16), 2 * i);
        }

        static Lanes finish(Lanes sums, Lanes offsets) { return V::add(sums, offsets); }
    };

    // Codes are 32 too large: what that adds is taken away with the sums of activations.
    struct Q6_K : BlockOfBytes<210> {
        struct Header {
            Lanes scales;
            float scale;
        };

        static Header header(const uint8_t* block) {
            return {V::signedFloats(load16(block + 192)), half(block + 208)};
        }

        static Factors factors(const Header& header, float scale) {
            const Lanes all = V::mul(header.scales, V::set(header.scale * scale));
            return {all, all};
        }

        static Lanes scales(const Factors& factors, int i) {
            return V::fourScales(factors.scales, i);
        }

        static typename V::Bytes bytes(const uint8_t* block, int i) {
            const uint8_t* low = block + i / 2 * 64;
            const uint8_t* high = block + 128 + i / 2 * 32;
            return i % 2 == 0 ? V::lowSixBits(low, high) : V::highSixBits(low, high);
        }

        static Lanes finish(Lanes sums, Lanes offsets) { return V::fma(offsets, V::set(32), sums); }
    };

    struct Q2_K : BlockOfBytes<84> {
        struct Header {
            Lanes scales, minima;
            float scale, minimumScale;
        };

        static Header header(const uint8_t* block) {
            const __m128i both = load16(block);
            const __m128i mask = _mm_set1_epi8(15);
            return {V::floats(_mm_and_si128(both, mask)),
                    V::floats(_mm_and_si128(_mm_srli_epi16(both, 4), mask)), half(block + 80),
                    half(block + 82)};
        }

        static Factors factors(const Header& header, float scale) {
            return {V::mul(header.scales, V::set(header.scale * scale)),
                    V::mul(header.minima, V::set(header.minimumScale * scale))};
        }

        static Lanes scales(const Factors& factors, int i) {
            return V::fourScales(factors.scales, i);
        }

        static typename V::Bytes bytes(const uint8_t* block, int i) {
            return V::twoBits(load32(block + 16 + i / 2 * 32), i % 2 * 4);
        }

        static Lanes finish(Lanes sums, Lanes offsets) { return V::add(sums, offsets); }
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
            return V::multiply(V::lookUpHalves(block + 8 + part * 16, kIq4Values),
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
            }
        }
    }

    // acc = sums over nGroups super-blocks whose sums of bytes have float sub-scales. The first and
    // the last parts of a super-block and the offsets have chains of their own: one alone would
    // wait.
    template <class F, int nTokens>
    static void sumByteBlocks(const uint8_t* block, int64_t nGroups, const FineBlock* const* x,
                              Lanes* acc) {
        Lanes sums[nTokens][2];
        Lanes offsets[nTokens];
        for (int t = 0; t < nTokens; ++t)
            sums[t][0] = sums[t][1] = offsets[t] = V::zero();
        for (int64_t g = 0; g < nGroups; ++g, block += F::kBytes) {
            prefetch(block, F::kBytes);
            const typename F::Header header = F::header(block);
            typename Formats::Factors factors[nTokens];
            for (int t = 0; t < nTokens; ++t) {
                factors[t] = F::factors(header, x[t][g].scale);
                offsets[t] = V::fnma(factors[t].offsets, V::load(x[t][g].sums), offsets[t]);
            }
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) {
                const typename V::Bytes codes = F::bytes(block, i);
#pragma GCC unroll 8
                for (int t = 0; t < nTokens; ++t) {
                    const FineBlock& own = x[t][g];
                    const Sums products =
                        V::byteProducts(codes, own.high + i * 64, own.low + i * 64);
                    sums[t][i / 2] =
                        V::fma(V::floats(products), F::scales(factors[t], i), sums[t][i / 2]);
                }
            }
        }
        for (int t = 0; t < nTokens; ++t)
            acc[t] = F::finish(V::add(sums[t][0], sums[t][1]), offsets[t]);
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
            typename V::Offsets offsets;
#pragma GCC unroll 8
            for (int i = 0; i < n; ++i, block += F::kBytes, ++apart) {
                const Words words = F::words(block);
                const Lanes scale = scaleOf<F>(block, apart);
                if constexpr (F::kHasOffsets) offsets.put(i, F::offset(block));
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
                    acc[t] = V::fma(V::mul(offsets.lanes(), V::load(x[t][g].sums)), own, acc[t]);
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
        if constexpr (F::kSumsBytes) {
            sumByteBlocks<F, nTokens>(row, w.cols / 256, x, acc);
        } else if constexpr (F::kIsSuperBlock) {
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
