// Products whose activations are rounded (kernels/dispatch.h, RoundedRows): to 8 bits, several
// times as fast for prompts, and off by about what other engines round; to bfloat16, as the
// weights, where tile instructions multiply them, off by half as much; or to 16 bits, for answers,
// where one token meets weights as fast as memory gives them, and off by about what float32 sums
// are. The same bits for any chunk, any tokens beside each other and any number of threads, as all
// products. Threads: one thread; uses the pool.
#pragma once
#include <cstdint>
#include <span>

#include "engine/execute/attention_tiles.h"
#include "engine/execute/pass.h"

namespace moxie::engine {

// What is asked for where this machine has kernels for it, else exact; for rounded bfloat16 where
// that is faster.
Products productsHere(const kernels::Dispatch& dispatch, Products wanted);

// Whether a product with these weights takes rounded activations in this pass.
bool takesRounded(const Pass& pass, const kernels::WeightsView& weights);

// How queries meet keys in this pass: in bfloat16 where the weights that make the queries are met
// so, so that models without integers stay exact.
AttentionProducts attentionProducts(const Pass& pass, const kernels::WeightsView& queries);

// Neighbours of a row that have to be rounded together: they share a scale or stand in one tile.
// Requires here and below: products that round.
int64_t valuesTogether(Products products);

// How many rows stand in the same tiles: rows that are multiplied begin at a multiple of that.
int64_t rowsTogether(Products products);

// Bytes of one rounded row.
int64_t rowBytesOf(Products products, int64_t cols);

// Memory of the arena, in floats, that nRows rounded rows take: whole tiles.
int64_t roundedFloats(Products products, int64_t cols, int64_t nRows);

// The rows of x [row][cols], rounded into `memory` of roundedFloats(pass.products, cols, nRows).
kernels::RoundedRows roundRows(const Pass& pass, const float* x, int64_t cols, int64_t nRows,
                               float* memory);

// Columns of rows of `cols` values from `firstCol` on, a multiple of valuesTogether(): rounded to
// their place in `rounded`, the memory of as many whole rows. On this thread.
void roundColumns(const Pass& pass, const kernels::FloatRows& rows, int64_t firstCol, int64_t cols,
                  uint8_t* rounded);

// Rows [rowBegin, rowEnd) times nTokens tokens, on this thread: y[t * yStride + r - rowBegin].
void multiplyRoundedRows(const Pass& pass, const kernels::WeightsView& weights, int64_t rowBegin,
                         int64_t rowEnd, const kernels::RoundedRows& x, int64_t nTokens, float* y,
                         int64_t yStride);

struct RoundedProduct {
    const kernels::WeightsView* weights = nullptr;
    float* y = nullptr;
};

// y[t][0 .. rows) = W x[t] for nTokens tokens, for each of `products`. Requires: takesRounded().
void multiplyRounded(const Pass& pass, std::span<const RoundedProduct> products,
                     const kernels::RoundedRows& x, int64_t nTokens);

}  // namespace moxie::engine
