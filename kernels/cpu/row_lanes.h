// Products of blocks of 32 nibbles with activations rounded to 16 bits, written once over a vector
// type V whose lanes are neighbouring rows (row_lanes_avx2.h, row_lanes_avx512.h). Included only by
// files of one instruction set: all code is a template over V, so that no two of them share a
// symbol. Threads: any thread.
//
// Rows of one file stand behind each other, so that V::kRows of them are read as one stream. Words
// of 4 bytes are turned over in registers, headers with codes, whatever border they begin at: then
// a block's scales are converted, and its sums scaled, once for all rows. The order of a (row,
// token)'s sum is that of scalar_fine.cpp, bit by bit.
#pragma once
#include <immintrin.h>

#include <cstdint>

#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/read_ahead.h"
#include "kernels/dispatch.h"

namespace moxie::kernels {

template <class V, ReadAhead way>
struct RowLanesProduct {
    using Words = typename V::Words;
    using Floats = typename V::Floats;

    static constexpr int kTokens = 4;  // at once
    // Of 66 MB in rows of 576 columns a fifth faster than twice as many (kernels/README.md).
    static constexpr int kAhead = 5 * 1024;

    // Rows that stand in lanes: lane i reads `first` + i * stride.
    struct Rows {
        const uint8_t* first;
        int64_t stride;
    };

    // What 256 activations of some tokens are multiplied with, and what biased codes and offsets
    // need: the sums of each block.
    template <class F, int nTokens>
    struct Activations {
        const FineBlock* blocks[nTokens];
        alignas(32) float sums[nTokens][8];
        alignas(32) int32_t biases[nTokens][8];

        [[gnu::always_inline]] explicit Activations(const FineBlock* const* first, int64_t group) {
            for (int t = 0; t < nTokens; ++t) {
                blocks[t] = first[t] + group;
                const __m256 pairs = _mm256_hadd_ps(_mm256_load_ps(blocks[t]->sums),
                                                    _mm256_load_ps(blocks[t]->sums + 8));
                const __m256 all =
                    _mm256_castpd_ps(_mm256_permute4x64_pd(_mm256_castps_pd(pairs), 0xd8));
                if constexpr (F::kHasOffsets) _mm256_store_ps(sums[t], all);
                if constexpr (F::kBias != 0)
                    _mm256_store_si256(
                        reinterpret_cast<__m256i*>(biases[t]),
                        _mm256_mullo_epi32(_mm256_cvtps_epi32(all), _mm256_set1_epi32(-F::kBias)));
            }
            asm("" : "+m"(sums), "+m"(biases));  // loads broadcast them, no shuffles
        }
    };

    template <int nTokens>
    struct Chains {
        Floats products[nTokens], offsets[nTokens];
    };

    // Which bytes of word i are codes, if the first of 16 stands `before` bytes behind its border.
    static constexpr uint32_t codeBytes(int before, int i) {
        if (before == 0) return 0xffff'ffff;
        if (i == 0) return 0xffff'ffff << before * 8;
        return i == 4 ? 0xffff'ffff >> (4 - before) * 8 : 0xffff'ffff;
    }

    // Block `block` of 256 columns, whose codes begin `before` bytes behind the start of `words`.
    template <class F, int before, int nTokens>
    [[gnu::always_inline]] static void addBlock(const Words* words, Floats scales, Floats offsets,
                                                int block, const Activations<F, nTokens>& x,
                                                Chains<nTokens>& chains) {
        constexpr int n = before == 0 ? 4 : 5;
        Words low[n], high[n];
#pragma GCC unroll 8
        for (int i = 0; i < n; ++i) {
            low[i] = V::lowNibbles(words[i], codeBytes(before, i));
            high[i] = V::highNibbles(words[i], codeBytes(before, i));
        }
        // Where they begin in front of the block they meet bytes that are zero.
        const int at = block * 32 - before;
#pragma GCC unroll 4
        for (int t = 0; t < nTokens; ++t) {
            Words sums =
                V::template products<n>(low, high, x.blocks[t]->high + at, x.blocks[t]->low + at);
            if constexpr (F::kBias != 0) sums = V::add(sums, V::setWord(x.biases[t][block]));
            chains.products[t] = V::fma(V::floats(sums), scales, chains.products[t]);
            if constexpr (F::kHasOffsets)
                chains.offsets[t] = V::fma(offsets, V::set(x.sums[t][block]), chains.offsets[t]);
        }
    }

    // Offset at `bit` + 16 of a header.
    template <class F, int bit>
    static Floats offsetsOf(Words header) {
        if constexpr (F::kHasOffsets)
            return V::template halves<bit + 16>(header);
        else
            return V::zero();
    }

    // The words of eight blocks up to that of byte `end`, of which those below `begin` are there.
    template <int begin, int end, int groupBytes>
    [[gnu::always_inline]] static void turn(const Rows& rows, Words* words) {
        constexpr int kFirst = (begin + 31) / 32 * 32;
        if constexpr (kFirst < end) {
            if constexpr (kFirst + 32 <= groupBytes) {
                V::turn32(rows.first + kFirst, rows.stride, words + kFirst / 4);
            } else {
                static_assert(groupBytes % 4 == 0 && groupBytes - kFirst <= 16);
                V::turn16(rows.first + groupBytes - 16, rows.stride, words + groupBytes / 4 - 4);
            }
            turn<kFirst + 32, end, groupBytes>(rows, words);
        }
    }

    // A block's share of the lines further on: V::kRows rows are one stream.
    template <class F>
    [[gnu::always_inline]] static void askAhead(const uint8_t* stream, int block) {
        constexpr int kShare = V::kRows * F::kBytes;
        const uint8_t* at = stream + block * kShare;
        LineRequests<V, way, F::kOutpacesMemory, kAhead>(at).askFor(at, kShare);
    }

    // Block `block` of eight and those behind it.
    template <class F, int block, int nTokens>
    [[gnu::always_inline]] static void addBlocks(const Rows& rows, const uint8_t* stream,
                                                 Words* words, const Activations<F, nTokens>& x,
                                                 Chains<nTokens>& chains) {
        if constexpr (block < 8) {
            askAhead<F>(stream, block);
            constexpr int kBegin = block * F::kBytes;
            constexpr int kCodes = kBegin + F::kCodesAt;
            constexpr int kHeaderBit = kBegin % 4 * 8;
            turn<kBegin, kBegin + F::kBytes, 8 * F::kBytes>(rows, words);
            const Words header = words[kBegin / 4];
            addBlock<F, kCodes % 4, nTokens>(words + kCodes / 4,
                                             V::template halves<kHeaderBit>(header),
                                             offsetsOf<F, kHeaderBit>(header), block, x, chains);
            addBlocks<F, block + 1, nTokens>(rows, stream, words, x, chains);
        }
    }

    // n blocks, fewer than eight, at the end of a row, of which nothing behind is read.
    template <class F, int nTokens>
    static void addLastBlocks(Rows rows, const uint8_t* stream, int n,
                              const Activations<F, nTokens>& x, Chains<nTokens>& chains) {
        for (int block = 0; block < n; ++block, rows.first += F::kBytes) {
            askAhead<F>(stream, block);
            Words header[4], words[4];
            V::turn16(rows.first, rows.stride, header);
            V::turn16(rows.first + F::kCodesAt, rows.stride, words);
            addBlock<F, 0, nTokens>(words, V::template halves<0>(header[0]),
                                    offsetsOf<F, 0>(header[0]), block, x, chains);
        }
    }

    // sums[t] = V::kRows rows times nTokens tokens.
    template <class F, int nTokens>
    static void multiplyRows(Rows rows, int64_t nBlocks, const FineBlock* const* x, Floats* sums) {
        const uint8_t* stream = rows.first;
        for (int t = 0; t < nTokens; ++t)
            sums[t] = V::zero();
        for (int64_t b = 0; b < nBlocks; b += 8) {
            const Activations<F, nTokens> own(x, b / 8);
            Chains<nTokens> chains;
            for (int t = 0; t < nTokens; ++t)
                chains.products[t] = chains.offsets[t] = V::zero();
            if (nBlocks - b >= 8) {
                Words words[2 * F::kBytes];
                addBlocks<F, 0, nTokens>(rows, stream, words, own, chains);
            } else {
                addLastBlocks<F, nTokens>(rows, stream, static_cast<int>(nBlocks - b), own, chains);
            }
            rows.first += 8 * F::kBytes;
            stream += V::kRows * 8 * F::kBytes;
            for (int t = 0; t < nTokens; ++t) {
                const Floats scale = V::set(own.blocks[t]->scale);
                sums[t] = V::fma(chains.products[t], scale, sums[t]);
                if constexpr (F::kHasOffsets) sums[t] = V::fma(chains.offsets[t], scale, sums[t]);
            }
        }
    }

    // Lanes [firstLane, firstLane + nRows) of V::kRows rows, and where they go.
    struct Target {
        int64_t firstLane, nRows;
        float* y;
        int64_t stride;
    };

    template <class F, int nTokens>
    static void multiplyTokens(const Rows& rows, int64_t nBlocks, const FineBlock* const* x,
                               const Target& target) {
        Floats sums[nTokens];
        multiplyRows<F, nTokens>(rows, nBlocks, x, sums);
        for (int t = 0; t < nTokens; ++t) {
            float* y = target.y + t * target.stride;
            if (target.nRows == V::kRows) {
                V::store(y, sums[t]);
                continue;
            }
            float all[V::kRows];
            V::store(all, sums[t]);
            for (int64_t i = 0; i < target.nRows; ++i)
                y[i] = all[target.firstLane + i];
        }
    }

    // The last tokens, nTokens at most.
    template <class F, int nTokens>
    static void lastTokens(const Rows& rows, int64_t nBlocks, const FineBlock* const* x,
                           int64_t wanted, const Target& target) {
        if (wanted == nTokens) return multiplyTokens<F, nTokens>(rows, nBlocks, x, target);
        if constexpr (nTokens > 1) lastTokens<F, nTokens - 1>(rows, nBlocks, x, wanted, target);
    }

    // A matrix of fewer rows than lanes is multiplied row by row, each in all lanes; the last rows
    // of a larger one together with those in front of them.
    template <class F>
    static void multiply(const WeightsView& w, int64_t rowBegin, int64_t rowEnd,
                         const RoundedRows& x, int64_t nTokens, float* y, int64_t yStride) {
        const bool isSmall = w.rows < V::kRows;
        const int64_t step = isSmall ? 1 : V::kRows;
        for (int64_t r = rowBegin; r < rowEnd; r += step) {
            const int64_t nRows = rowEnd - r < step ? rowEnd - r : step;
            const int64_t first = isSmall || r + step <= w.rows ? r : w.rows - step;
            const Rows rows = {w.data + first * w.rowBytes, isSmall ? 0 : w.rowBytes};
            for (int64_t t = 0; t < nTokens; t += kTokens) {
                const FineBlock* blocks[kTokens];
                const int64_t n = nTokens - t < kTokens ? nTokens - t : kTokens;
                for (int64_t i = 0; i < n; ++i)
                    blocks[i] = fineBlocksOf(x, t + i);
                lastTokens<F, kTokens>(rows, w.cols / 32, blocks, n,
                                       {r - first, nRows, y + t * yStride + r - rowBegin, yStride});
            }
        }
    }
};

}  // namespace moxie::kernels
