// A model written out: its embedding, its blocks of fused steps, its head, and the numbers a
// session and a memory plan need. Built by engine/families from a checked file; executed by
// engine/execute. Threads: immutable once built; any thread. Views live as long as the source of
// the weights.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/plan/steps.h"

namespace moxie::engine {

// The multi-token-prediction block: guesses the token after the next one from the state of a
// position and the embedding of the token that follows it.
// Source: DeepSeek-V3 technical report, section 2.2; deepseek-v4 inference/model.py (MTPBlock).
struct DraftBlock {
    RmsNorm embeddingNorm = {}, hiddenNorm = {};
    Linear embeddingProjection = {}, hiddenProjection = {};  // [hidden, hidden] each
    Block block = {};
    std::optional<HyperConnection> headConnection = {};
    RmsNorm norm = {};
    std::optional<kernels::WeightsView> embedding = {}, head = {};  // absent: the model's
    // V3 and GLM give it the output of the final norm, V4 the residual streams as they are.
    bool takesFinalNorm = false;
};

struct ModelPlan {
    std::string family = {};  // "llama", "deepseek_v4"
    int64_t hiddenDim = 0;
    int64_t vocabularySize = 0;
    int64_t contextTokensMax = 0;  // what the model was trained for
    int64_t nStreams = 1;          // of the residual; more than one with hyper-connections
    kernels::WeightsView embedding = {};
    std::vector<Rope> ropes = {};
    std::vector<Block> blocks = {};
    std::optional<HyperConnection> headConnection = {};
    RmsNorm finalNorm = {};            // an empty weight: none
    kernels::WeightsView head = {};    // the embedding, if tied
    std::vector<float> headBias = {};  // empty: none
    std::optional<DraftBlock> draft = {};
    int64_t weightBytes = 0;  // of the tensors it uses
    int64_t parameters = 0;

    // The index of an equal rope in `ropes`, added if there is none.
    int32_t addRope(Rope rope);
};

// Floats of the residual of one token.
inline int64_t residualDim(const ModelPlan& plan) {
    return plan.nStreams * plan.hiddenDim;
}

// Floats of what the draft block goes on from, per token; 0 without a draft block.
inline int64_t draftStateDim(const ModelPlan& plan) {
    if (!plan.draft) return 0;
    return plan.draft->takesFinalNorm ? plan.hiddenDim : residualDim(plan);
}

}  // namespace moxie::engine
