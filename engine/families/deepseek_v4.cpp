// DeepSeek V4 Flash and Pro: hyper-connections, a sliding window with compressed entries of the
// past, an indexer, sinks, grouped output projection, hash-routed first layers, drafters.
// Sources: DeepSeek-V4 config.json, inference/model.py; transformers deepseek_v4 (the names of
// re-saved checkpoints); tensor names and keys of llama.cpp's deepseek4.
#include <fmt/format.h>

#include "engine/families/deepseek_v4_block.h"
#include "engine/families/deepseek_v4_draft.h"
#include "engine/families/families.h"

namespace moxie::engine {

using base::Result;

namespace {

EndNames v4EndNames(const WeightReader& reader, bool isResaved) {
    if (!isResaved)
        return {.embedding = {"token_embd", "embed"},
                .finalNorm = {"output_norm", "norm"},
                .head = {"output", "head"}};
    const bool hasHead = reader.contains({"", "head"});
    return {.embedding = {"", "model.embed_tokens"},
            .finalNorm = {"", "model.norm"},
            .head = {"", hasHead ? "head" : "lm_head"}};
}

}  // namespace

Result<ModelPlan> planDeepSeekV4(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(V4Config c, readV4Config(settings));
    WeightReader reader(source);
    // GGUF counts a draft block among the layers, if it has one.
    if (reader.isGguf() && hasDraft(reader, c.decoder.nLayers - 1)) --c.decoder.nLayers;
    const bool isResaved = !reader.isGguf() && reader.contains({"", "model.embed_tokens"});
    ModelPlan plan;
    plan.nStreams = c.nStreams;
    TRY(readEnds(settings, reader, c.decoder, v4EndNames(reader, isResaved), plan));
    TRY_ASSIGN(plan.headConnection, readHeadConnection(reader, c, isResaved));
    const V4Ropes ropes = addV4Ropes(c, plan);
    for (int64_t i = 0; i < c.decoder.nLayers; ++i) {
        const V4Names names(fmt::format("blk.{}", i),
                            fmt::format("{}layers.{}", isResaved ? "model." : "", i), isResaved);
        TRY_ASSIGN(Block block, readV4Block(reader, c, names,
                                            {.ratio = c.ratios[static_cast<size_t>(i)],
                                             .isHashed = i < c.nHashLayers,
                                             .vocabularySize = plan.vocabularySize},
                                            ropes));
        plan.blocks.push_back(std::move(block));
    }
    TRY(readV4Drafter(settings, reader, c, ropes, plan));
    reader.ignoreSuffix("exp_probs_b_vl.bias");  // for the tokens of images
    TRY(reader.checkNothingLeft("DeepSeek V4"));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
