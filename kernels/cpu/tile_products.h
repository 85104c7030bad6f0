// Products of one panel by tile instructions (AMX int8: 16 tokens by 16 rows of 32-bit sums),
// written over T, which gives the tiles and lanes of 16 floats: the processor's in amx.cpp,
// emulated ones in the tests, so that the arithmetic is checked on machines without them. All code
// is a template over T, as in simd_matmul.h. The results are the bits of the scalar twin.
// Source: Intel Architecture Instruction Set Extensions Programming Reference, Intel AMX.
//
// A step is 16 tokens by 32 rows by the 128 columns of a scale, eight products: for each 64 of the
// columns the upper and the lower bytes of the tokens meet both halves of the rows. Tiles 0 to 3
// hold sums [half][plane], 4 and 5 the tokens' planes, 6 and 7 the codes. While a step is
// multiplied, the sums of the one before are stored, scaled and added up. All of that goes through
// the same 4 KB: a sum is read before the next one takes its place, so that no load waits for a
// store to another page at the same offset. Threads: one thread per T.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "kernels/cpu/integer_formats.h"

namespace moxie::kernels {

// Columns of tokens, in sixteens, zeros after the last one, and their scales.
class TileTokens {
public:
    static constexpr int64_t kAtOnce = 16;
    static constexpr int64_t kMost = 1024;  // stay in the caches of processors with tiles
    static constexpr int64_t kCols = RequantisedPanel::kCols;
    static constexpr int64_t kOwnStride = 2 * kCols;

    // Both planes of sixteen tokens: upper bytes, and kCols behind them lower ones.
    struct Values {
        const int8_t* at;
        int64_t stride;  // bytes from one token to the next
    };

    // Columns [firstCol, firstCol + cols) of these tokens, at most kMost. Lifetime: that of `x`,
    // which is read in place where its tokens stand in a row.
    void take(const RoundedRows& x, TokenRange range, int64_t firstCol, int64_t cols) {
        static_assert(kCols == 256);  // those of a block
        count_ = range.end - range.begin;
        cols_ = cols;
        nInPlace_ = x.chosen == nullptr ? count_ / kAtOnce * kAtOnce : 0;
        inPlace_ = {nInPlace_ > 0 ? blockOf(x, range.begin, firstCol).high : nullptr, x.rowBytes};
        for (int64_t t = 0; t < nInPlace_; ++t)
            scales_[t] = blockOf(x, range.begin + t, firstCol).scale;
        for (int64_t t = nInPlace_; t < count_; ++t) {
            const SplitBlock& block = blockOf(x, range.begin + t, firstCol);
            int8_t(*own)[kCols] = own_[t - nInPlace_];
            std::memcpy(own[0], block.high, sizeof block.high);
            std::memcpy(own[1], block.low, sizeof block.low);
            scales_[t] = block.scale;
        }
        for (int64_t t = count_; t % kAtOnce != 0; ++t) {
            std::memset(own_[t - nInPlace_], 0, sizeof own_[0]);
            scales_[t] = 0;
        }
    }

    int64_t count() const { return count_; }

    // Of 128 columns.
    int64_t nGroups() const { return (cols_ + kRequantisedCols - 1) / kRequantisedCols; }

    // Whether the second half of a group lies behind the last column.
    bool isHalf(int64_t group) const { return (2 * group + 1) * kRequantisedCols / 2 >= cols_; }

    // The sixteen from `token` on.
    Values values(int64_t token) const {
        if (token < nInPlace_) return {inPlace_.at + token * inPlace_.stride, inPlace_.stride};
        return {own_[token - nInPlace_][0], kOwnStride};
    }

    const float* scales(int64_t token) const { return scales_ + token; }

private:
    static const SplitBlock& blockOf(const RoundedRows& x, int64_t token, int64_t column) {
        return splitBlocksOf(x, token)[column / kCols];
    }

    static_assert(sizeof(SplitBlock::high) == kCols && offsetof(SplitBlock, low) == kCols);

    alignas(64) int8_t own_[kMost][2][kCols];
    float scales_[kMost];
    Values inPlace_ = {};
    int64_t count_ = 0;
    int64_t cols_ = 0;
    int64_t nInPlace_ = 0;
};

// Sums of products, and where they belong once the last columns are in. Meanwhile they stand close
// together: rows of results can lie a multiple of 4 KB apart, all in the same few lines of a cache.
struct TileSums {
    // [panel][stripe][token, a whole number of sixteens][32 rows]; those of one panel.
    float* soFar;
    // Of the panel's first row and the first token.
    float* y;
    int64_t yStride;
    int64_t nRows;  // of the panel
    bool isFirst;   // columns: sums start at zero
    bool isLast;    // columns: they go to y

    // How many floats the sums of one panel are.
    static int64_t floatsOf(int64_t nTokens) {
        return RequantisedPanel::kRows * ((nTokens + 15) / 16 * 16);
    }
};

template <class T>
struct TileProducts {
    using Lanes = typename T::Lanes;
    using Stripe = RequantisedPanel::Stripe;

    static constexpr int64_t kTokens = TileTokens::kAtOnce;
    static constexpr int kProducts = 8;  // of one step
    static constexpr int64_t kTileWidth = 64;

    // Sums of one step: [half of the rows * 2 + plane][token][row].
    struct Products {
        alignas(64) int32_t at[4][16][16];
    };

    // 32 rows by the 128 columns of a scale; what all tokens meet there.
    struct Place {
        const Stripe* stripe;
        int64_t stripeIndex, group;
        bool isHalf;   // no token has the second half of the columns
        bool isFirst;  // sums start here
        bool isLast;   // and end here, all rows of the stripe being there
    };

    // Where a step is: its first token and its place.
    struct Step {
        int64_t token;
        int64_t place;
    };

    // What a step multiplies: its columns of 16 tokens and of 32 rows.
    struct Factors {
        const int8_t* values;
        int64_t stride;
        const uint8_t* codes;
        bool isHalf;
    };

    // What becomes of its products.
    struct Scaling {
        Lanes scales[2];  // of the halves
        const float* own;
        const float* from;
        float* to;
        int64_t stride;    // of `to`
        uint16_t isAdded;  // all ones or, where sums start, zeros
    };

    // A panel, its tokens and sums.
    struct Work {
        const TileTokens& tokens;
        const TileSums& sums;
        int64_t nWhole;   // tokens that are sixteens
        int64_t nPadded;  // tokens with those that are missing
        int64_t nPlaces;
        Place places[RequantisedPanel::kStripes * TileTokens::kCols / kRequantisedCols];

        Work(const RequantisedPanel& panel, const TileTokens& t, const TileSums& s)
            : tokens(t),
              sums(s),
              nWhole(t.count() / kTokens * kTokens),
              nPadded((t.count() + kTokens - 1) / kTokens * kTokens),
              nPlaces(0) {
            for (int64_t i = 0; i * kTileRows < s.nRows; ++i)
                for (int64_t g = 0; g < t.nGroups(); ++g)
                    places[nPlaces++] = {.stripe = &panel.stripes[i],
                                         .stripeIndex = i,
                                         .group = g,
                                         .isHalf = t.isHalf(g),
                                         .isFirst = s.isFirst && g == 0,
                                         .isLast = s.isLast && g + 1 == t.nGroups()};
        }

        bool isThere(Step step) const { return step.token < tokens.count(); }

        // The one after a step; behind the last one its token is none.
        Step after(Step step) const {
            if (++step.place < nPlaces) return step;
            return {step.token + kTokens, 0};
        }

        Factors factors(Step step) const {
            const Place& place = places[step.place];
            const TileTokens::Values values = tokens.values(step.token);
            const int64_t column = place.group * kRequantisedCols;
            return {values.at + column, values.stride, place.stripe->codes[0][column / 4],
                    place.isHalf};
        }

        float* soFar(Step step) const {
            return sums.soFar + (places[step.place].stripeIndex * nPadded + step.token) * kTileRows;
        }

        float* target(Step step) const {
            return sums.y + step.token * sums.yStride + places[step.place].stripeIndex * kTileRows;
        }

        bool isWhole(Step step) const {
            return step.token < nWhole &&
                   (places[step.place].stripeIndex + 1) * kTileRows <= sums.nRows;
        }

        bool goesToTarget(Step step) const { return places[step.place].isLast && isWhole(step); }

        Scaling scaling(Step step) const {
            const Place& place = places[step.place];
            float* own = soFar(step);
            const bool isDirect = goesToTarget(step);
            return {.scales = {T::lanes(place.stripe->scales[0][place.group]),
                               T::lanes(place.stripe->scales[1][place.group])},
                    .own = tokens.scales(step.token),
                    .from = own,
                    .to = isDirect ? target(step) : own,
                    .stride = isDirect ? sums.yStride : kTileRows,
                    .isAdded = static_cast<uint16_t>(place.isFirst ? 0 : 0xffff)};
        }
    };

    // One product of a step; half of the columns, half of the rows and the plane are told by
    // `part`. Before the first ones the sums of the step before are stored: a store that follows
    // its products at once would wait for them, and so would what comes next.
    template <int part>
    static void multiplyPart(Factors factors, Products& before) {
        constexpr int kHalf = part / 2 % 2;
        constexpr int kPlane = part % 2;
        constexpr int kSum = part % 4;
        constexpr int64_t kColumn = part / 4 * kTileWidth;
        if constexpr (part >= 4)
            if (factors.isHalf) return;
        if constexpr (part < 4) {
            T::template store<kSum>(before.at[kSum]);
            T::template zero<kSum>();
        }
        if constexpr (kPlane == 0)
            T::template load<6 + kHalf>(
                factors.codes + sizeof(Stripe::codes[0]) * kHalf + kColumn * 16, 64);
        if constexpr (kHalf == 0)
            T::template load<4 + kPlane>(factors.values + kPlane * TileTokens::kCols + kColumn,
                                         factors.stride);
        T::template addProducts<kSum, 4 + kPlane, 6 + kHalf>();
    }

    // Scales the sums of one half of the rows and of four tokens.
    template <bool isDirect, int half, int token>
    static void scaleFour(const Products& products, Scaling scaling) {
        for (int t = token; t < token + 4; ++t) {
            const int64_t at = t * kTileRows + half * 16;
            float* to = isDirect ? scaling.to + t * scaling.stride + half * 16 : scaling.to + at;
            T::storeAnywhere(
                T::multiplyAdd(T::joined(products.at[2 * half][t], products.at[2 * half + 1][t]),
                               T::multiply(scaling.scales[half], T::all(scaling.own[t])),
                               T::lanesOr0(scaling.isAdded, scaling.from + at)),
                to);
        }
    }

    // Multiplies the third to the last part of a step and the first two of the next, and scales the
    // one before the step, whose last sums are stored meanwhile: half of the rows before the next
    // step's first store, the other before its third.
    template <bool isDirect>
    static void runStep(Factors step, Factors next, Scaling scaling, Products& products) {
        multiplyPart<2>(step, products);
        scaleFour<isDirect, 0, 0>(products, scaling);
        multiplyPart<3>(step, products);
        scaleFour<isDirect, 0, 4>(products, scaling);
        multiplyPart<4>(step, products);
        scaleFour<isDirect, 0, 8>(products, scaling);
        multiplyPart<5>(step, products);
        scaleFour<isDirect, 0, 12>(products, scaling);
        multiplyPart<6>(step, products);
        scaleFour<isDirect, 1, 0>(products, scaling);
        multiplyPart<7>(step, products);
        scaleFour<isDirect, 1, 4>(products, scaling);
        multiplyPart<0>(next, products);
        scaleFour<isDirect, 1, 8>(products, scaling);
        multiplyPart<1>(next, products);
        scaleFour<isDirect, 1, 12>(products, scaling);
    }

    static void scaleAll(const Products& products, const Scaling& scaling) {
        [&]<int... i>(std::integer_sequence<int, i...>) {
            (scaleFour<true, i / 4, i % 4 * 4>(products, scaling), ...);
        }
        (std::make_integer_sequence<int, 8>());
    }

    static void runStep(const Work& work, Step scaled, const Factors& step, const Factors& next,
                        Products& products) {
        const Scaling scaling = work.scaling(scaled);
        if (work.goesToTarget(scaled))
            runStep<true>(step, next, scaling, products);
        else
            runStep<false>(step, next, scaling, products);
        finish(work, scaled);
    }

    // Where some of a step's tokens or rows are missing, its sums go to y one by one.
    static void finish(const Work& work, Step step) {
        if (!work.places[step.place].isLast || work.isWhole(step)) return;
        const float* from = work.soFar(step);
        float* y = work.target(step);
        const int64_t nRows = work.sums.nRows - work.places[step.place].stripeIndex * kTileRows;
        for (int64_t t = 0; t < kTokens && step.token + t < work.tokens.count(); ++t)
            for (int64_t half = 0; half < 2; ++half)
                T::store(T::lanes(from + t * kTileRows + half * 16), rowsFrom(nRows - half * 16),
                         y + t * work.sums.yStride + half * 16);
    }

    // Which of sixteen rows there are if n are left.
    static uint16_t rowsFrom(int64_t n) {
        return n >= 16 ? 0xffff : n <= 0 ? 0 : static_cast<uint16_t>((1U << n) - 1);
    }

    // Goes on with `sums` by the columns of `tokens`. Requires: T configured.
    static void multiply(const RequantisedPanel& panel, const TileTokens& tokens,
                         const TileSums& sums) {
        const Work work(panel, tokens, sums);
        T::begin();
        Products products;
        // What no step is left for is multiplied by the first one's factors, and forgotten.
        const auto factorsOf = [&](Step step) {
            return work.factors(work.isThere(step) ? step : Step{});
        };
        Step scaled = {};
        Step step = work.after(scaled);
        const Factors first = work.factors(scaled);
        Factors factors = factorsOf(step);
        [&]<int... part>(std::integer_sequence<int, part...>) {
            (multiplyPart<part>(first, products), ...);
        }
        (std::make_integer_sequence<int, kProducts>());
        multiplyPart<0>(factors, products);
        multiplyPart<1>(factors, products);
        while (work.isThere(step)) {
            const Step next = work.after(step);
            const Factors following = factorsOf(next);
            runStep(work, scaled, factors, following, products);
            scaled = step;
            step = next;
            factors = following;
        }
        T::template store<2>(products.at[2]);
        T::template store<3>(products.at[3]);
        scaleAll(products, work.scaling(scaled));
        finish(work, scaled);
    }
};

}  // namespace moxie::kernels
