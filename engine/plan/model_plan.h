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

// The block drafter of DeepSeek's later V4 snapshots ("DSpark"): guesses `blockTokens` tokens at
// once from windows of what the model computed for the tokens before. The guessed positions see
// each other; a table of pairs of neighbours then corrects each guess by the one before it.
// Source: deepseek-v4 inference/model.py of V4-Flash-0731; llama.cpp's dflash (graph_dsv4).
struct BlockDrafter {
    // Rising numbers of blocks; the mean over their output streams is what the drafter reads.
    std::vector<int64_t> targets = {};
    Linear targetProjection = {};  // [hidden, targets * hidden]
    RmsNorm targetNorm = {};
    std::vector<Block> blocks = {};  // attention: CompressedAttention with seesWholeChunk
    HyperConnection headConnection = {};
    RmsNorm norm = {};
    kernels::WeightsView pairEmbedding = {}, pairHead = {};  // [vocabulary, rank] each
    Linear confidence = {};                                  // [1, hidden + rank]; no rows: none
    int64_t blockTokens = 0;
    int32_t noiseToken = 0;  // stands at the positions that are guessed
};

struct ModelPlan {
    std::string family = {};  // "llama", "deepseek_v4"
    int64_t hiddenDim = 0;
    int64_t vocabularySize = 0;
    int64_t contextTokensMax = 0;  // what the model was trained for
    int64_t nStreams = 1;          // of the residual; more than one with hyper-connections
    kernels::WeightsView embedding = {};
    std::string embeddingName = {}, headName = {};  // in the file, without ".weight"
    std::vector<Rope> ropes = {};
    std::vector<Block> blocks = {};
    std::optional<HyperConnection> headConnection = {};
    RmsNorm finalNorm = {};                // an empty weight: none
    kernels::WeightsView head = {};        // the embedding, if tied
    std::vector<float> headBias = {};      // empty: none
    std::optional<DraftBlock> draft = {};  // this drafter, or the next, or none
    std::optional<BlockDrafter> blockDrafter = {};
    int64_t weightBytes = 0;  // of the tensors it uses
    int64_t parameters = 0;

    // The index of an equal rope in `ropes`, added if there is none.
    int32_t addRope(Rope rope);

    bool canDraft() const { return draft || blockDrafter; }
};

// The blocks of whatever drafter the plan has.
std::vector<const Block*> draftBlocks(const ModelPlan& plan);

// Floats of the residual of one token.
inline int64_t residualDim(const ModelPlan& plan) {
    return plan.nStreams * plan.hiddenDim;
}

// Latest positions whose rows the draft block keeps; nullopt: of all. Requires: a draft block.
std::optional<int64_t> draftWindow(const ModelPlan& plan);

// Floats of what the draft block goes on from, per token; 0 without a draft block.
inline int64_t draftStateDim(const ModelPlan& plan) {
    if (!plan.draft) return 0;
    return plan.draft->takesFinalNorm ? plan.hiddenDim : residualDim(plan);
}

}  // namespace moxie::engine
