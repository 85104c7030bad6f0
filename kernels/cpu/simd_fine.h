// Products of integer weights with activations rounded to 16 bits, written once over a vector type
// V: 32 words of 16 bits (V::Words), 16 sums of neighbouring products (V::Sums), 16 floats
// (V::Lanes). Included only by files of one instruction set: all code is a template over V, so that
// no two of them share a symbol. Threads: any thread.
//
// Memory gives 32 weights of 4 bits in less than half a nanosecond, so the path is short: a row is
// read from its first to its last byte, codes become words, the words of a super-block are
// multiplied with their sub-scale (at most 4096, exact), and one instruction multiplies them with
// 32 activations; or codes stay bytes (V::Bytes), 64 of them meet the upper and the lower bytes of
// 64 activations, and the sums their sub-scales, in float32 or, for Q4_K and Q5_K, as words.
// Q4_0 and Q4_1 are multiplied by row_lanes.h. The order of a (row, token)'s sum is that of
// scalar_fine.cpp, bit by bit.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <type_traits>

#include "kernels/cpu/fine_formats.h"
#include "kernels/cpu/integer_format_switch.h"
#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/read_ahead.h"
#include "kernels/cpu/row_lanes.h"
#include "kernels/cpu/tables.h"
#include "kernels/dispatch.h"

namespace moxie::kernels {

template <class V, ReadAhead way = ReadAhead::oneStream>
struct FineProduct {
    using Formats = FineFormats<V>;
    using Words = typename V::Words;
    using Sums = typename V::Sums;
    using Lanes = typename V::Lanes;

    static constexpr int kRows = V::kRows;  // added up together
    static constexpr int64_t kPanelCols = 4096;

    template <class F>
    using Requests = LineRequests<V, way, F::kOutpacesMemory>;

    // Goes on with `acc` by nGroups super-blocks.
    template <class F, int nTokens>
    static void addSuperBlocks(const uint8_t* block, int64_t nGroups, const FineBlock* const* x,
                               Requests<F>& requests, Lanes* acc) {
        for (int64_t g = 0; g < nGroups; ++g, block += F::kBytes) {
            requests.askFor(block, F::kBytes);
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
                              Requests<F>& requests, Lanes* acc) {
        Lanes sums[nTokens][2];
        Lanes offsets[nTokens];
        for (int t = 0; t < nTokens; ++t)
            sums[t][0] = sums[t][1] = offsets[t] = V::zero();
        for (int64_t g = 0; g < nGroups; ++g, block += F::kBytes) {
            requests.askFor(block, F::kBytes);
            const typename F::Header header = F::header(block);
            typename Formats::Factors factors[nTokens];
            for (int t = 0; t < nTokens; ++t) {
                factors[t] = F::factors(header, x[t][g].scale);
                offsets[t] = V::fnma(factors[t].offsets, V::load(x[t][g].sums), offsets[t]);
            }
#pragma GCC unroll 4
            for (int i = 0; i < 4; ++i) {
                const typename V::Bytes codes = F::bytes(block, header, i);
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

    // A header's two halves times a token's scales, where loads broadcast them from.
    static void keepFactors(__m256 factors, float* at) {
        _mm256_store_ps(at, factors);
        asm("" : "+m"(*reinterpret_cast<float(*)[8]>(at)));
    }

    // The products of one block, at most 4096 times an activation each, summed in integers.
    template <class F, int nTokens>
    static void sumScaledBytes(const uint8_t* block, typename V::Bytes header, int i,
                               const FineQuad* const* x, Sums* sums) {
        typename V::Bytes codes[2][2];
        Words scales[2];
        for (int g = 0; g < 2; ++g) {
            F::codes(block, g, codes[g]);
            scales[g] = V::scaleWords(header, g);
        }
        for (int t = 0; t < nTokens; ++t) {
            sums[t] = V::zeroSums();
            for (int g = 0; g < 2; ++g)
                sums[t] = V::addScaled(
                    sums[t], V::packedProducts(codes[g], x[t]->high[i] + g * 128), scales[g]);
            sums[t] = V::times256(sums[t]);
            for (int g = 0; g < 2; ++g)
                sums[t] = V::addScaled(sums[t], V::packedProducts(codes[g], x[t]->low[i] + g * 128),
                                       scales[g]);
        }
    }

    // Sums of a row's super-blocks with scales and minima of 6 bits. Offsets have a chain of their
    // own.
    template <int nTokens>
    struct QuadSums {
        Lanes products[nTokens], offsets[nTokens];
    };

    // n super-blocks, at most four, whose headers are read at once.
    template <class F, int nTokens>
    [[gnu::always_inline]] static void addQuad(const uint8_t* block, int n,
                                               const FineQuad* const* x, Requests<F>& requests,
                                               QuadSums<nTokens>& sums) {
        requests.askFor(block, n * F::kBytes);
        const typename V::Bytes headers = V::headers(block, F::kBytes, n);
        const typename V::Bytes sixBits = V::sixBits(headers);
        alignas(32) float factors[nTokens][8];
        for (int t = 0; t < nTokens; ++t) {
            const __m256 both = _mm256_mul_ps(V::halves(headers), _mm256_load_ps(x[t]->scales));
            sums.offsets[t] =
                V::fnma(V::floats(V::minimaProducts(sixBits, x[t]->highSums[0], x[t]->lowSums[0])),
                        V::secondFactors(both), sums.offsets[t]);
            keepFactors(both, factors[t]);
        }
#pragma GCC unroll 4
        for (int i = 0; i < 4; ++i) {
            if (i == n) break;
            Sums products[nTokens];
            sumScaledBytes<F, nTokens>(block + i * F::kBytes, V::headerOf(sixBits, i), i, x,
                                       products);
            for (int t = 0; t < nTokens; ++t)
                sums.products[t] =
                    V::fma(V::floats(products[t]), V::set(factors[t][2 * i]), sums.products[t]);
        }
    }

    // sums[t] = the lanes of nRows rows from r on, which have at least one super-block. `last`: how
    // many the last quad of a row has, for a loop without branches; 0: any number.
    template <class F, int last, int nTokens>
    static void sumQuads(const WeightsView& w, int64_t r, int64_t nRows,
                         const FineBlock* const* blocks, Requests<F>& requests,
                         Lanes (*sums)[kRows]) {
        const int64_t nWhole = (w.cols / 256 - 1) / 4;
        const int nLast = last > 0 ? last : static_cast<int>(w.cols / 256 - nWhole * 4);
        const uint8_t* block = w.data + r * w.rowBytes;
        for (int64_t i = 0; i < nRows; ++i, block += nLast * F::kBytes) {
            QuadSums<nTokens> row;
            const FineQuad* x[nTokens];
            for (int t = 0; t < nTokens; ++t) {
                row.products[t] = row.offsets[t] = V::zero();
                x[t] = quadsOf(blocks[t], w.cols);
            }
            for (int64_t q = 0; q < nWhole; ++q, block += 4 * F::kBytes) {
                addQuad<F, nTokens>(block, 4, x, requests, row);
                for (int t = 0; t < nTokens; ++t)
                    ++x[t];
            }
            addQuad<F, nTokens>(block, nLast, x, requests, row);
            for (int t = 0; t < nTokens; ++t)
                sums[t][i] = V::add(row.products[t], row.offsets[t]);
        }
    }

    // The scales of blocks of 32 that say them in another way than by halves.
    template <class F>
    struct BlockScales {
        const uint8_t* block;
        const float* apart;

        Lanes scale(int i) const {
            if constexpr (F::kScalesApart)
                return F::scale(apart[i]);
            else
                return F::scale(block + i * F::kBytes);
        }
    };

    template <class F>
    static auto headersOf(const uint8_t* block, [[maybe_unused]] const float* apart,
                          [[maybe_unused]] int n) {
        if constexpr (F::kStartsWithHalves)
            return typename V::HalfPairs(block, F::kBytes, n);
        else
            return BlockScales<F>{block, apart};
    }

    // n blocks of 32 at the start of a FineBlock.
    template <class F, int nTokens>
    [[gnu::always_inline]] static void addGroup(const uint8_t* block, int n, const float* apart,
                                                const FineBlock* const* x, Lanes* acc) {
        const auto headers = headersOf<F>(block, apart, n);
        Lanes part[nTokens];
        for (int t = 0; t < nTokens; ++t)
            part[t] = V::zero();
#pragma GCC unroll 8
        for (int i = 0; i < n; ++i) {
            const Words words = F::words(block + i * F::kBytes);
            const Lanes scale = headers.scale(i);
#pragma GCC unroll 8
            for (int t = 0; t < nTokens; ++t) {
                const Sums sums = V::addProducts(V::zeroSums(), words, x[t]->values + i * 32);
                part[t] = V::fma(V::floats(sums), scale, part[t]);
            }
        }
        for (int t = 0; t < nTokens; ++t) {
            const Lanes own = V::set(x[t]->scale);
            acc[t] = V::fma(part[t], own, acc[t]);
        }
    }

    // The same by nBlocks blocks of 32, of which the first stands at the start of a FineBlock.
    template <class F, int nTokens>
    static void addBlocks(const uint8_t* block, int64_t nBlocks, const float* apart,
                          const FineBlock* const* first, Requests<F>& requests, Lanes* acc) {
        const FineBlock* x[nTokens];
        for (int64_t i = 0; i < nBlocks; i += 8, block += 8 * F::kBytes) {
            requests.askFor(block, 8 * F::kBytes);
            for (int t = 0; t < nTokens; ++t)
                x[t] = first[t] + i / 8;
            const float* own = F::kScalesApart ? apart + i : nullptr;
            if (nBlocks - i >= 8)
                addGroup<F, nTokens>(block, 8, own, x, acc);
            else if (nBlocks - i == 2)  // rows of 576 or 2,880 columns: without loops and branches
                addGroup<F, nTokens>(block, 2, own, x, acc);
            else
                addGroup<F, nTokens>(block, static_cast<int>(nBlocks - i), own, x, acc);
        }
    }

    // acc[t] = the lanes of row r times nTokens tokens.
    template <class F, int nTokens>
    static void multiplyRow(const WeightsView& w, int64_t r, const FineBlock* const* x,
                            Requests<F>& requests, Lanes* acc) {
        const uint8_t* row = w.data + r * w.rowBytes;
        for (int t = 0; t < nTokens; ++t)
            acc[t] = V::zero();
        if constexpr (F::kSums == FineSums::bytes) {
            sumByteBlocks<F, nTokens>(row, w.cols / 256, x, requests, acc);
        } else if constexpr (F::kIsSuperBlock) {
            addSuperBlocks<F, nTokens>(row, w.cols / 256, x, requests, acc);
        } else if constexpr (!F::kScalesApart) {
            addBlocks<F, nTokens>(row, w.cols / 32, nullptr, x, requests, acc);
        } else {
            for (int64_t c = 0; c < w.cols; c += kPanelCols) {
                const int64_t nBlocks = (w.cols - c < kPanelCols ? w.cols - c : kPanelCols) / 32;
                float scales[kPanelCols / 32];
                expandScales(w, {r, 1, c, nBlocks}, scales, 0);
                const FineBlock* part[nTokens];
                for (int t = 0; t < nTokens; ++t)
                    part[t] = x[t] + c / 256;
                addBlocks<F, nTokens>(row + c / 32 * F::kBytes, nBlocks, scales, part, requests,
                                      acc);
            }
        }
    }

    // sums[t] = the lanes of nRows rows, at most kRows, times nTokens tokens.
    template <class F, int nTokens>
    [[gnu::always_inline]] static void sumRows(const WeightsView& w, int64_t r, int64_t nRows,
                                               const FineBlock* const* x, Lanes (*sums)[kRows]) {
        Requests<F> requests(w.data + r * w.rowBytes);
        if constexpr (F::kSums == FineSums::scaledBytes) {
            const auto sumWith = [&]<int last>(std::integral_constant<int, last>) {
                sumQuads<F, last, nTokens>(w, r, nRows, x, requests, sums);
            };
            // Answers come one token at a time.
            if constexpr (nTokens > 1) return sumWith(std::integral_constant<int, 0>{});
            switch (w.cols / 256 % 4) {
                case 1:
                    return sumWith(std::integral_constant<int, 1>{});
                case 2:
                    return sumWith(std::integral_constant<int, 2>{});
                case 3:
                    return sumWith(std::integral_constant<int, 3>{});
                default:
                    return sumWith(std::integral_constant<int, 4>{});
            }
        } else {
            for (int64_t i = 0; i < nRows; ++i) {
                Lanes acc[nTokens];
                multiplyRow<F, nTokens>(w, r + i, x, requests, acc);
                for (int t = 0; t < nTokens; ++t)
                    sums[t][i] = acc[t];
            }
        }
    }

    // y[t * yStride + i] for nRows rows, at most kRows, and nTokens tokens.
    template <class F, int nTokens>
    static void multiplyRows(const WeightsView& w, int64_t r, int64_t nRows,
                             const FineBlock* const* x, float* y, int64_t yStride) {
        Lanes sums[nTokens][kRows];
        sumRows<F, nTokens>(w, r, nRows, x, sums);
        for (int t = 0; t < nTokens; ++t)
            if (nRows == kRows)
                V::sumRows(sums[t], y + t * yStride);
            else
                for (int64_t i = 0; i < nRows; ++i)
                    y[t * yStride + i] = V::sum(sums[t][i]);
    }

    // The last tokens, nTokens at most.
    template <class F, int nTokens>
    static void lastTokens(const WeightsView& w, int64_t r, int64_t nRows,
                           const FineBlock* const* x, int64_t wanted, float* y, int64_t yStride) {
        if (wanted == nTokens) return multiplyRows<F, nTokens>(w, r, nRows, x, y, yStride);
        if constexpr (nTokens > 1) lastTokens<F, nTokens - 1>(w, r, nRows, x, wanted, y, yStride);
    }

    template <class F>
    static void multiply(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                         const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        constexpr int kTokens = F::kSums == FineSums::bytes ? V::kByteTokens : V::kTokens;
        for (int64_t r = rowBegin; r < rowEnd; r += kRows) {
            const int64_t nRows = rowEnd - r < kRows ? rowEnd - r : kRows;
            for (int64_t t = 0; t < nTokens; t += kTokens) {
                const FineBlock* blocks[kTokens];
                const int64_t n = nTokens - t < kTokens ? nTokens - t : kTokens;
                for (int64_t i = 0; i < n; ++i)
                    blocks[i] = fineBlocksOf(x, t + i);
                lastTokens<F, kTokens>(w, r, nRows, blocks, n, y + t * yStride + r - rowBegin,
                                       yStride);
            }
        }
    }

    static void matmulFine(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                           const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        checkWeights(w);
        withIntegerFormat<Formats>(w.dtype, [&]<class F>(F) {
            if constexpr (F::kSums == FineSums::rowLanes)
                RowLanesProduct<typename V::RowLanes, way>::template multiply<F>(
                    w, rowBegin, rowEnd, x, nTokens, y, yStride);
            else
                multiply<F>(w, rowBegin, rowEnd, x, nTokens, y, yStride);
        });
    }
};

}  // namespace moxie::kernels
