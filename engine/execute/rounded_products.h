// Products of prompts whose activations are rounded to 8 bits (kernels/dispatch.h, RoundedRows):
// several times as fast, and off by about what other engines round. The same bits for any chunk,
// any tokens beside each other and any number of threads, as all products.
// Threads: one thread; uses the pool.
#pragma once
#include <cstdint>

#include "engine/execute/pass.h"

namespace moxie::engine {

// What is asked for where this machine has kernels for it, else exact.
Products productsHere(const kernels::Dispatch& dispatch, Products wanted);

// Whether a product with these weights takes rounded activations in this pass.
bool takesRounded(const Pass& pass, const kernels::WeightsView& weights);

// Memory of the arena, in floats, that nRows rounded rows take.
int64_t roundedFloats(int64_t cols, int64_t nRows);

// The rows of x [row][cols], rounded into `memory` of roundedFloats(cols, nRows).
kernels::RoundedRows roundRows(const Pass& pass, const float* x, int64_t cols, int64_t nRows,
                               float* memory);

// y[t][0 .. rows) = W x[t] for nTokens tokens. Requires: takesRounded().
void multiplyRounded(const Pass& pass, const kernels::WeightsView& weights,
                     const kernels::RoundedRows& x, int64_t nTokens, float* y);

}  // namespace moxie::engine
