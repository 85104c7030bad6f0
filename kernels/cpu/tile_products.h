// Products of one panel by tile instructions (AMX int8: 16 tokens by 16 rows of 32-bit sums),
// written over T, which gives the tiles and lanes of 16 floats: the processor's in amx.cpp,
// emulated ones in the tests, so that the arithmetic is checked on machines without them. All code
// is a template over T, as in simd_matmul.h. The results are the bits of the scalar twin.
// Source: Intel Architecture Instruction Set Extensions Programming Reference, Intel AMX.
//
// A step is 16 tokens by 32 rows by the columns of four scales. The tile unit needs about as long
// for a step's products as the vector unit for scaling and adding up its sums: while one step's are
// scaled, the next one's are multiplied. Tiles 0 to 3 hold sums, 4 and 5 the tokens' values, 6 and
// 7 the codes: of formats with a bias they are signed, code - bias. Threads: one thread per T.
#pragma once
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/cpu/integer_formats.h"

namespace moxie::kernels {

// Values of tokens side by side for some panels, in sixteens, zeros after the last one; and where
// each token's blocks are. 200 KB, which a product has on its stack.
struct TileTokens {
    static constexpr int kAtOnce = 16;

    alignas(64) int8_t values[kTileTokens][kTileCols];
    const RoundedBlock* blocks[kTileTokens];
    int64_t count, nBlocks;

    // Blocks [firstBlock, firstBlock + n) of these tokens, at most kTileTokens.
    void take(const RoundedRows& x, TokenRange range, int64_t firstBlock, int64_t n) {
        count = range.end - range.begin;
        nBlocks = n;
        for (int64_t t = 0; t < count; ++t) {
            blocks[t] = blocksOf(x, range.begin + t) + firstBlock;
            for (int64_t b = 0; b < n; ++b)
                std::memcpy(values[t] + b * 32, blocks[t][b].values, 32);
        }
        for (int64_t t = count; t % kAtOnce != 0; ++t)
            std::memset(values[t], 0, static_cast<size_t>(n * 32));
    }
};

template <class T>
struct TileProducts {
    using Lanes = typename T::Lanes;

    static constexpr int kTokens = TileTokens::kAtOnce;
    static constexpr int kScales = 4;  // of one step

    // Sums of one step: [scale][half of the rows][token][row].
    struct Sums {
        alignas(64) int32_t at[kScales][2][16][16];
    };

    // Where a step is: its first token and the first of its scales.
    struct Step {
        int64_t token, scale;
    };

    struct Buffers {
        Sums sums[2];
        alignas(64) float acc[kTokens][32];
    };

    // The products of one scale's columns and half of the rows; both are told by `part`.
    template <class F, int part>
    static void multiplyPart(const IntegerPanel& panel, const TileTokens& tokens, Step step,
                             Sums& sums) {
        constexpr int kScale = part / 2;
        constexpr int kHalf = part % 2;
        constexpr int kSum = part % 4;
        constexpr int kValues = 4 + kScale % 2;
        constexpr int kCodes = 6 + kHalf;
        const int64_t column = (step.scale + kScale) * F::kSub;
        T::template zero<kSum>();
        T::template load<kCodes>(panel.codes[kHalf][column / 4], 64);
        if constexpr (kHalf == 0)
            T::template load<kValues>(tokens.values[step.token] + column, kTileCols);
        T::template addProducts<kSum, kValues, kCodes, F::kBias != 0>();
        T::template store<kSum>(sums.at[kScale][kHalf][0], 64);
    }

    template <class F, int nScales>
    static void multiplyAll(const IntegerPanel& panel, const TileTokens& tokens, Step step,
                            Sums& sums) {
        [&]<int... part>(std::integer_sequence<int, part...>) {
            (multiplyPart<F, part>(panel, tokens, step, sums), ...);
        }
        (std::make_integer_sequence<int, 2 * nScales>());
    }

    // The scales of a step, and the offsets.
    template <class F, int nScales>
    struct Factors {
        Lanes scales[nScales][2];
        Lanes offsets[nScales][2];

        Factors(const IntegerPanel& panel, int64_t first) {
#pragma GCC unroll 4
            for (int s = 0; s < nScales; ++s)
                for (int half = 0; half < 2; ++half) {
                    scales[s][half] = T::lanes(panel.scales[half][first + s]);
                    if constexpr (F::kHasOffsets)
                        offsets[s][half] = T::lanes(panel.offsets[half][first + s]);
                }
        }
    };

    // The chains of one token's 32 rows go on by a step.
    template <class F, int nScales>
    static void scaleToken(const Factors<F, nScales>& factors, const RoundedBlock* blocks,
                           int64_t firstScale, const Sums& sums, int64_t row, Lanes* acc) {
        constexpr int kParts = 32 / F::kSub;
#pragma GCC unroll 4
        for (int s = 0; s < nScales; ++s) {
            const RoundedBlock& block = blocks[(firstScale + s) / kParts];
            const Lanes own = T::all(block.scale);
            for (int half = 0; half < 2; ++half)
                acc[half] = T::multiplyAdd(T::lanesOf(sums.at[s][half][row]),
                                           T::multiply(factors.scales[s][half], own), acc[half]);
            if constexpr (F::kHasOffsets) {
                const Lanes sum =
                    T::all(kParts == 1 ? block.sum : block.halfSums[(firstScale + s) % kParts]);
                for (int half = 0; half < 2; ++half)
                    acc[half] = T::multiplyAdd(factors.offsets[s][half], sum, acc[half]);
            }
        }
    }

    // Scales a step and, meanwhile, multiplies the next one.
    template <class F, int nScales, bool hasNext>
    static void scaleStep(const IntegerPanel& panel, const TileTokens& tokens, Step step, Step next,
                          const Sums& sums, Sums& nextSums, float (*acc)[32]) {
        const Factors<F, nScales> factors(panel, step.scale);
        const int64_t left = tokens.count - step.token;
        const auto scaleOne = [&](int64_t t) __attribute__((always_inline)) {
            if (t >= left) return;
            Lanes both[2] = {T::lanes(acc[t]), T::lanes(acc[t] + 16)};
            scaleToken<F, nScales>(factors, tokens.blocks[step.token + t], step.scale, sums, t,
                                   both);
            T::store(both[0], acc[t]);
            T::store(both[1], acc[t] + 16);
        };
        [&]<int... part>(std::integer_sequence<int, part...>) {
            ((hasNext ? multiplyPart<F, part>(panel, tokens, next, nextSums) : void(),
              scaleOne(2 * part), scaleOne(2 * part + 1)),
             ...);
        }
        (std::make_integer_sequence<int, 2 * kScales>());
    }

    static void begin(const TileTokens& tokens, int64_t first, const TileTarget& target,
                      float (*acc)[32]) {
        for (int64_t t = 0; t < kTokens && first + t < tokens.count; ++t)
            for (int half = 0; half < 2; ++half)
                T::store(target.isFirst
                             ? T::all(0)
                             : T::lanesOr0(target.rows[half],
                                           target.y + (first + t) * target.stride + half * 16),
                         acc[t] + half * 16);
    }

    static void end(const TileTokens& tokens, int64_t first, const TileTarget& target,
                    const float (*acc)[32]) {
        for (int64_t t = 0; t < kTokens && first + t < tokens.count; ++t)
            for (int half = 0; half < 2; ++half)
                T::store(T::lanes(acc[t] + half * 16), target.rows[half],
                         target.y + (first + t) * target.stride + half * 16);
    }

    // Scales behind the last whole step, one by one.
    template <class F>
    static void finish(const IntegerPanel& panel, const TileTokens& tokens, Step step,
                       int64_t nScales, Buffers& b) {
        for (; step.scale < nScales; ++step.scale) {
            multiplyAll<F, 1>(panel, tokens, step, b.sums[0]);
            scaleStep<F, 1, false>(panel, tokens, step, {}, b.sums[0], b.sums[1], b.acc);
        }
    }

    // Goes on with the sums in `target` by the columns of `tokens`. Requires: T configured for
    // tiles of F::kSub columns.
    template <class F>
    static void multiply(const IntegerPanel& panel, const TileTokens& tokens,
                         const TileTarget& target) {
        const int64_t nScales = tokens.nBlocks * (32 / F::kSub);
        const int64_t whole = nScales / kScales * kScales;
        Buffers b;
        int now = 0;
        if (whole > 0) multiplyAll<F, kScales>(panel, tokens, {0, 0}, b.sums[now]);
        for (int64_t token = 0; token < tokens.count; token += kTokens) {
            begin(tokens, token, target, b.acc);
            for (int64_t scale = 0; scale < whole; scale += kScales, now ^= 1) {
                const bool isLast = scale + kScales == whole;
                const Step step = {token, scale};
                const Step next = {isLast ? token + kTokens : token, isLast ? 0 : scale + kScales};
                if (next.token < tokens.count && (!isLast || whole == nScales))
                    scaleStep<F, kScales, true>(panel, tokens, step, next, b.sums[now],
                                                b.sums[now ^ 1], b.acc);
                else
                    scaleStep<F, kScales, false>(panel, tokens, step, next, b.sums[now],
                                                 b.sums[now ^ 1], b.acc);
            }
            finish<F>(panel, tokens, {token, whole}, nScales, b);
            end(tokens, token, target, b.acc);
            if (whole < nScales && whole > 0 && token + kTokens < tokens.count)
                multiplyAll<F, kScales>(panel, tokens, {token + kTokens, 0}, b.sums[now]);
        }
    }
};

}  // namespace moxie::kernels
