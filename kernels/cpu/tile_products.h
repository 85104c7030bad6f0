// Products of one panel by tile instructions (AMX int8: 16 tokens by 16 rows of 32-bit sums),
// written over T, which gives the tiles: the processor's in amx.cpp, emulated ones in the tests, so
// that the arithmetic is checked on machines without them. All code is a template over T, as in
// simd_matmul.h. The results are the bits of the scalar twin.
// Source: Intel Architecture Instruction Set Extensions Programming Reference, Intel AMX.
//
// Tiles 0 to 3 hold the sums of 32 tokens by 32 rows, 4 and 5 the tokens' values, 6 and 7 the
// codes. Threads: one thread per T.
#pragma once
#include <cstdint>
#include <cstring>

#include "kernels/cpu/integer_formats.h"

namespace moxie::kernels {

template <class T>
struct TileProducts {
    static constexpr int kTokens = 32;

    struct Buffers {
        alignas(64) int8_t values[kTokens][kTileCols];
        alignas(64) int32_t sums[2][2][16][16];  // [16 tokens][16 rows]
    };

    // The values of nTokens tokens side by side, zeros after them.
    static void gather(const RoundedBlock* const* x, int nTokens, int64_t nBlocks, Buffers& b) {
        for (int t = 0; t < kTokens; ++t)
            for (int64_t block = 0; block < nBlocks; ++block) {
                if (t < nTokens)
                    std::memcpy(b.values[t] + block * 32, x[t][block].values, 32);
                else
                    std::memset(b.values[t] + block * 32, 0, 32);
            }
    }

    // b.sums = the products of columns [column, column + width) of both halves of tokens and rows.
    template <int width>
    static void multiplyColumns(const IntegerPanel& panel, int64_t column, int nTokens,
                                Buffers& b) {
        constexpr int64_t kStride = sizeof(b.values[0]);
        T::template zero<0>();
        T::template zero<1>();
        T::template load<6>(panel.codes[0][column / 4], 64);
        T::template load<7>(panel.codes[1][column / 4], 64);
        T::template load<4>(b.values[0] + column, kStride);
        T::template addProducts<0, 4, 6>();
        T::template addProducts<1, 4, 7>();
        T::template store<0>(b.sums[0][0], 64);
        T::template store<1>(b.sums[0][1], 64);
        if (nTokens <= 16) return;
        T::template zero<2>();
        T::template zero<3>();
        T::template load<5>(b.values[16] + column, kStride);
        T::template addProducts<2, 5, 6>();
        T::template addProducts<3, 5, 7>();
        T::template store<2>(b.sums[1][0], 64);
        T::template store<3>(b.sums[1][1], 64);
    }

    // The chain of one token's 16 rows goes on by one scale.
    template <class F>
    static void scale(const IntegerPanel& panel, int64_t index, int vector, const RoundedBlock& x,
                      const int32_t* sums, float* acc) {
        constexpr bool kIsWhole = F::kSub == 32;
        const auto half = static_cast<int>(index % 2);
        const int32_t bias = F::kBias == 0 ? 0 : kIsWhole ? x.bias : x.halfBias[half];
        const float sum = kIsWhole ? x.sum : x.halfSums[half];
        const float* scales = panel.scales[vector][index];
        const float* offsets = panel.offsets[vector][index];
        for (int r = 0; r < 16; ++r) {
            acc[r] =
                __builtin_fmaf(static_cast<float>(sums[r] + bias), scales[r] * x.scale, acc[r]);
            if constexpr (F::kHasOffsets) acc[r] = __builtin_fmaf(offsets[r], sum, acc[r]);
        }
    }

    // Goes on with the sums in `target` by nBlocks times 32 columns of at most kTokens tokens, the
    // first of which target.y belongs to. Requires: T configured for tiles of F::kSub columns.
    template <class F>
    static void multiply(const IntegerPanel& panel, int64_t nBlocks, const RoundedBlock* const* x,
                         int nTokens, const TileTarget& target) {
        constexpr int kParts = 32 / F::kSub;
        Buffers b;
        alignas(64) float acc[kTokens][32];
        gather(x, nTokens, nBlocks, b);
        for (int t = 0; t < nTokens; ++t)
            for (int r = 0; r < 32; ++r)
                acc[t][r] = !target.isFirst && (target.rows[r / 16] >> r % 16 & 1) != 0
                                ? target.y[t * target.stride + r]
                                : 0.0F;
        for (int64_t index = 0; index < nBlocks * kParts; ++index) {
            multiplyColumns<F::kSub>(panel, index * F::kSub, nTokens, b);
            for (int t = 0; t < nTokens; ++t)
                for (int v = 0; v < 2; ++v)
                    scale<F>(panel, index, v, x[t][index / kParts], b.sums[t / 16][v][t % 16],
                             acc[t] + v * 16);
        }
        for (int t = 0; t < nTokens; ++t)
            for (int r = 0; r < 32; ++r)
                if ((target.rows[r / 16] >> r % 16 & 1) != 0)
                    target.y[t * target.stride + r] = acc[t][r];
    }
};

}  // namespace moxie::kernels
