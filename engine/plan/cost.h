// What a token costs a model by its shapes: operations to decode it at a context length, and bytes
// of cache. For plans and comparisons, not for scheduling.
// Threads: any thread.
#pragma once
#include <cstdint>

#include "engine/kv/kv_layout.h"
#include "engine/plan/model_plan.h"

namespace moxie::engine {

// In operations as FP8 units would count them: a multiply-add is two, in BF16 twice as much, in FP4
// half. Products with weights and FP8 index keys count once, attention over rows twice, FP4 index
// keys half.
// Source: the DeepSeek-V4 technical report's "equivalent FP8 FLOPs"; the weighting is reconstructed
// so that its published ratios come out (tests/engine/session/cost_test.cpp).
struct DecodeFlops {
    double weights = 0;
    double attention = 0;
    double indexer = 0;

    double total() const { return weights + attention + indexer; }
};

// One token behind `contextTokens` others; the draft block is not counted.
DecodeFlops decodeFlops(const ModelPlan& plan, int64_t contextTokens);

// Weights that one token is multiplied with: the chosen experts and the head, not the embedding.
int64_t activeParameters(const ModelPlan& plan);
// The same in bytes of the file: what decoding a token reads, whatever is cached.
int64_t activeBytes(const ModelPlan& plan);
// Routed experts of all blocks, the draft block's included, with their scales.
int64_t expertBytes(const ModelPlan& plan);

// The most values that a token brings to one product of a block, routed experts apart.
int64_t widestInput(const ModelPlan& plan);

// Bytes of rows that each further token adds, on average.
double kvBytesPerToken(const ModelPlan& plan, KvFormat format);

}  // namespace moxie::engine
