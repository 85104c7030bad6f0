// Products whose activations are rounded (kernels/dispatch.h, RoundedRows): to 8 bits, several
// times as fast for prompts, and off by about what other engines round; to 16, where tile
// instructions multiply them with weights requantised to 8, off by about as much; or to 16, for
// answers, where one token meets weights as fast as memory gives them, and off by about what
// float32 sums are. The same bits for any chunk, any tokens beside each other and any number of
// threads, as all products. Threads: one thread; uses the pool.
#pragma once
#include <cstdint>
#include <span>

#include "engine/execute/attention_tiles.h"
#include "engine/execute/pass.h"

namespace moxie::engine {

// What is asked for where this machine has kernels for it, else exact; for rounded the requantised
// where they are faster.
Products productsHere(const kernels::Dispatch& dispatch, Products wanted);

// Whether a product with these weights takes rounded activations in this pass.
bool takesRounded(const Pass& pass, const kernels::WeightsView& weights);

// How queries meet keys in this pass: rounded where the weights that make the queries meet
// requantised products, so that models without integers stay exact.
AttentionProducts attentionProducts(const Pass& pass, const kernels::WeightsView& queries);

// Neighbours of a row that share a scale of rounded activations. Requires here and below: products
// that round.
int64_t valuesPerScale(Products products);

// Bytes of one rounded row.
int64_t rowBytesOf(Products products, int64_t cols);

// Memory of the arena, in floats, that nRows rounded rows take.
int64_t roundedFloats(Products products, int64_t cols, int64_t nRows);

// The rows of x [row][cols], rounded into `memory` of roundedFloats(pass.products, cols, nRows).
kernels::RoundedRows roundRows(const Pass& pass, const float* x, int64_t cols, int64_t nRows,
                               float* memory);

// One row, rounded to `out` of rowBytesOf(pass.products, cols), on this thread.
void roundRow(const Pass& pass, const float* x, int64_t cols, uint8_t* out);

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
