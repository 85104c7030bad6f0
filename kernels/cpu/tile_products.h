// Products of one panel by tile instructions (AMX int8: 16 tokens by 16 rows of 32-bit sums),
// written over T, which gives the tiles and lanes of 16 floats: the processor's in amx.cpp,
// emulated ones in the tests, so that the arithmetic is checked on machines without them. All code
// is a template over T, as in simd_matmul.h. The results are the bits of the scalar twin.
// Source: Intel Architecture Instruction Set Extensions Programming Reference, Intel AMX.
//
// A step is 16 tokens by 32 rows by the 128 columns of a scale: for each 64 of them the upper and
// the lower bytes of the tokens meet both halves of the rows. Tiles 0 to 3 hold sums [half][plane],
// 4 and 5 the tokens' planes, 6 and 7 the codes. While one step's sums are scaled and added up, the
// next but one is multiplied. Threads: one thread per T.
#pragma once
#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernels/cpu/integer_formats.h"

namespace moxie::kernels {

// Values of tokens side by side for some panels, in sixteens, zeros after the last one, and their
// scales.
struct TileTokens {
    static constexpr int kAtOnce = 16;
    static constexpr int64_t kMost = 1024;  // stay in the caches of processors with tiles
    static constexpr int64_t kCols = RequantisedPanel::kCols;

    alignas(64) int8_t planes[kMost][2][kCols];
    float scales[kMost];
    int64_t count;
    int64_t nGroups;  // of 128 columns

    // Columns [firstCol, firstCol + cols) of these tokens, at most kMost.
    void take(const RoundedRows& x, TokenRange range, int64_t firstCol, int64_t cols) {
        static_assert(kCols == 256);  // those of a block
        count = range.end - range.begin;
        nGroups = (cols + kRequantisedCols - 1) / kRequantisedCols;
        for (int64_t t = 0; t < count; ++t) {
            const SplitBlock& block = splitBlocksOf(x, range.begin + t)[firstCol / 256];
            std::memcpy(planes[t][0], block.high, sizeof block.high);
            std::memcpy(planes[t][1], block.low, sizeof block.low);
            scales[t] = block.scale;
        }
        for (int64_t t = count; t % kAtOnce != 0; ++t) {
            std::memset(planes[t], 0, sizeof planes[t]);
            scales[t] = 0;
        }
    }
};

template <class T>
struct TileProducts {
    using Lanes = typename T::Lanes;
    using Stripe = RequantisedPanel::Stripe;

    static constexpr int kTokens = TileTokens::kAtOnce;
    static constexpr int kProducts = 8;  // of one step
    static constexpr int kTileWidth = 64;

    // Sums of one step: [half of the rows][plane][token][row].
    struct Sums {
        alignas(64) int32_t at[2][2][16][16];
    };

    // Where a step is: its first token, its 32 rows and its 128 columns.
    struct Step {
        int64_t token, stripe, group;
    };

    // Sums of 16 tokens by 32 rows, so far: where they belong or, where some of them are missing,
    // in a place of their own.
    struct Total {
        float* at;
        int64_t stride;
    };

    struct Buffers {
        Sums sums[2];
        alignas(64) float own[kTokens][kTileRows];
    };

    // A panel and its tokens.
    struct Product {
        const RequantisedPanel& panel;
        const TileTokens& tokens;
        int64_t nStripes;

        // The one after a step; behind the last one its token is none.
        Step after(Step step) const {
            if (++step.group < tokens.nGroups) return step;
            if (++step.stripe < nStripes) return {step.token, step.stripe, 0};
            return {step.token + kTokens, 0, 0};
        }
    };

    // One product of a step; half of the columns, half of the rows and the plane are told by
    // `part`. Before the first ones the sums of the step before are stored: a store that follows
    // its products at once would wait for them, and so would what comes next.
    template <int part>
    static void multiplyPart(const Stripe& stripe, const int8_t* tokens, int64_t column,
                             Sums& before) {
        constexpr int kHalf = part / 2 % 2;
        constexpr int kPlane = part % 2;
        constexpr int kSum = part % 4;
        if constexpr (part < 4) {
            T::template store<kSum>(before.at[kHalf][kPlane]);
            T::template zero<kSum>();
        }
        column += part / 4 * kTileWidth;
        if constexpr (kPlane == 0) T::template load<6 + kHalf>(stripe.codes[kHalf][column / 4], 64);
        if constexpr (kHalf == 0)
            T::template load<4 + kPlane>(tokens + kPlane * TileTokens::kCols + column,
                                         2 * TileTokens::kCols);
        T::template addProducts<kSum, 4 + kPlane, 6 + kHalf>();
    }

    static void storeAll(Sums& sums) {
        [&]<int... tile>(std::integer_sequence<int, tile...>) {
            (T::template store<tile>(sums.at[tile / 2][tile % 2]), ...);
        }
        (std::make_integer_sequence<int, 4>());
    }

    static void multiplyAll(const Product& product, Step step, Sums& before) {
        [&]<int... part>(std::integer_sequence<int, part...>) {
            (multiplyPart<part>(product.panel.stripes[step.stripe],
                                product.tokens.planes[step.token][0], step.group * kRequantisedCols,
                                before),
             ...);
        }
        (std::make_integer_sequence<int, kProducts>());
    }

    // Scales the sums of one step and, meanwhile, multiplies another one, or none.
    template <bool multiplies>
    static void runStep(const Product& product, Step scaled, const Sums& sums, Total total,
                        Step step, Sums& before) {
        const Stripe& stripe = product.panel.stripes[scaled.stripe];
        const Lanes scales[2] = {T::lanes(stripe.scales[0][scaled.group]),
                                 T::lanes(stripe.scales[1][scaled.group])};
        const float* own = product.tokens.scales + scaled.token;
        const Stripe& codes = product.panel.stripes[step.stripe];
        const int8_t* values = product.tokens.planes[step.token][0];
        const int64_t column = step.group * kRequantisedCols;
        // Zeros stand behind the last token.
        const auto scaleOne = [ =, &sums ](int t) __attribute__((always_inline)) {
            const Lanes scale = T::all(own[t]);
            for (int half = 0; half < 2; ++half) {
                float* to = total.at + t * total.stride + half * 16;
                T::storeAnywhere(
                    T::multiplyAdd(T::joined(sums.at[half][0][t], sums.at[half][1][t]),
                                   T::multiply(scales[half], scale), T::lanesAnywhere(to)),
                    to);
            }
        };
        [&]<int... part>(std::integer_sequence<int, part...>) {
            ((multiplies ? multiplyPart<part>(codes, values, column, before) : void(),
              scaleOne(2 * part), scaleOne(2 * part + 1)),
             ...);
        }
        (std::make_integer_sequence<int, kProducts>());
    }

    // Where the sums of a step's first token and row are.
    static float* targetOf(const TileTarget& target, Step step) {
        return target.y + step.token * target.stride + step.stripe * kTileRows;
    }

    static bool isWhole(const Product& product, Step step, const TileTarget& target) {
        return step.token + kTokens <= product.tokens.count &&
               (step.stripe + 1) * kTileRows <= target.nRows;
    }

    // Those of the next tokens and their values are fetched meanwhile.
    static void fetchNext(const Product& product, Step step, const TileTarget& target) {
        const TileTokens& tokens = product.tokens;
        const float* y = targetOf(target, step) + kTokens * target.stride;
        const int64_t left = tokens.count - step.token - kTokens;
        for (int64_t t = 0; t < kTokens && t < left; ++t) {
            T::fetch(y + t * target.stride, 2);
            if (step.stripe == 0) T::fetch(tokens.planes[step.token + kTokens + t], 8);
        }
    }

    static Total begin(const Product& product, Step step, const TileTarget& target,
                       float (*own)[kTileRows]) {
        fetchNext(product, step, target);
        float* y = targetOf(target, step);
        const bool isDirect = isWhole(product, step, target);
        const Total total = isDirect ? Total{y, target.stride} : Total{own[0], kTileRows};
        if (isDirect && !target.isFirst) return total;
        for (int64_t t = 0; t < kTokens; ++t)
            for (int64_t half = 0; half < 2; ++half) {
                const bool isThere = !target.isFirst && step.token + t < product.tokens.count;
                T::storeAnywhere(
                    isThere ? T::lanesOr0(target.rowsFrom(step.stripe * kTileRows + half * 16),
                                          y + t * target.stride + half * 16)
                            : T::all(0),
                    total.at + t * total.stride + half * 16);
            }
        return total;
    }

    static void end(const Product& product, Step step, const TileTarget& target,
                    const float (*own)[kTileRows]) {
        if (isWhole(product, step, target)) return;
        float* y = targetOf(target, step);
        for (int64_t t = 0; t < kTokens && step.token + t < product.tokens.count; ++t)
            for (int64_t half = 0; half < 2; ++half)
                T::store(T::lanes(own[t] + half * 16),
                         target.rowsFrom(step.stripe * kTileRows + half * 16),
                         y + t * target.stride + half * 16);
    }

    // Goes on with the sums in `target` by the columns of `tokens`. Requires: T configured.
    // While a step is multiplied, the one before is stored and the one before that is scaled.
    static void multiply(const RequantisedPanel& panel, const TileTokens& tokens,
                         const TileTarget& target) {
        const Product product = {panel, tokens, (target.nRows + kTileRows - 1) / kTileRows};
        T::begin();
        Buffers b;
        Step step = {};
        Total total = {};
        const auto scale = [&](auto multiplies, Step scaled, int64_t i) {
            if (scaled.group == 0) total = begin(product, scaled, target, b.own);
            runStep<decltype(multiplies)::value>(product, scaled, b.sums[i % 2], total, step,
                                                 b.sums[(i + 1) % 2]);
            if (scaled.group + 1 == tokens.nGroups) end(product, scaled, target, b.own);
        };
        Step scaled[2] = {};  // the two before `step`
        int64_t i = 0;
        for (; step.token < tokens.count; step = product.after(step), ++i) {
            if (i < 2)
                multiplyAll(product, step, b.sums[(i + 1) % 2]);
            else
                scale(std::true_type(), scaled[i % 2], i);
            scaled[i % 2] = step;
        }
        storeAll(b.sums[(i + 1) % 2]);
        step = {};  // none is multiplied beside the last two, and none stands behind the tokens
        if (i > 1) scale(std::false_type(), scaled[i % 2], i);
        scale(std::false_type(), scaled[(i + 1) % 2], i + 1);
    }
};

}  // namespace moxie::kernels
