// Qwen3-MoE: grouped-query attention with a norm per head, softmax router, no shared expert.
// Source: Qwen3 technical report; transformers qwen3_moe.
#include <fmt/format.h>

#include <algorithm>

#include "engine/families/decoder_parts.h"
#include "engine/families/families.h"
#include "engine/families/rope_settings.h"

namespace moxie::engine {

using base::Result;

namespace {

struct Qwen3MoeConfig {
    DecoderShape decoder;
    GqaShape attention;
    int64_t nExperts = 0, topK = 0, expertDim = 0, denseDim = 0;
    bool isNormalised = true;
    std::vector<int64_t> denseLayers;
    int64_t sparseStep = 1;  // every so many layers has experts

    bool isDense(int64_t layer) const {
        return std::find(denseLayers.begin(), denseLayers.end(), layer) != denseLayers.end() ||
               (layer + 1) % sparseStep != 0;
    }
};

Result<Qwen3MoeConfig> readQwen3MoeConfig(const Settings& settings) {
    Qwen3MoeConfig c;
    TRY_ASSIGN(c.decoder, readDecoderShape(settings));
    TRY_ASSIGN(c.attention, readGqaShape(settings, c.decoder.hiddenDim));
    c.attention.qkNorm = QkNorm::perHead;
    c.attention.qkvBias = Bias::ifPresent;
    // Older and newer spelling.
    const Key experts = settings.contains({"", "num_experts"})
                            ? Key{"expert_count", "num_experts"}
                            : Key{"expert_count", "num_local_experts"};
    TRY_ASSIGN(c.nExperts, settings.requireInteger(experts, 1, kExpertsMax));
    TRY_ASSIGN(c.topK, settings.requireInteger({"expert_used_count", "num_experts_per_tok"}, 1,
                                               c.nExperts));
    TRY_ASSIGN(c.expertDim,
               settings.requireInteger({"expert_feed_forward_length", "moe_intermediate_size"}, 1,
                                       kFfnMax));
    TRY_ASSIGN(c.denseDim, settings.integerOr({"feed_forward_length", "intermediate_size"},
                                              c.expertDim, 1, kFfnMax));
    c.isNormalised = settings.boolean({"", "norm_topk_prob"}).value_or(true);
    c.denseLayers = settings.integers({"", "mlp_only_layers"});
    TRY_ASSIGN(c.sparseStep, settings.integerOr({"", "decoder_sparse_step"}, 1, 1, kLayersMax));
    return c;
}

Result<Ffn> readFfn(WeightReader& reader, const Qwen3MoeConfig& c, int64_t layer) {
    if (c.isDense(layer)) return readDenseFfn(reader, c.decoder, layer, c.denseDim);
    MoeFfn ffn = {.score = RouterScore::softmax,
                  .topK = c.topK,
                  .isNormalised = c.isNormalised,
                  .ffnDim = c.expertDim};
    TRY_ASSIGN(ffn.router, reader.linear(layerTensor(layer, "ffn_gate_inp", "mlp.gate"), c.nExperts,
                                         c.decoder.hiddenDim));
    TRY(readExperts(reader, c.decoder, layer, c.nExperts, {.prefix = "mlp.experts"}, ffn));
    return ffn;
}

}  // namespace

Result<ModelPlan> planQwen3Moe(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(const Qwen3MoeConfig c, readQwen3MoeConfig(settings));
    WeightReader reader(source);
    ModelPlan plan;
    TRY(readEnds(settings, reader, c.decoder, usualEndNames(), plan));
    TRY_ASSIGN(const RopeSettings rope, readRopeSettings(settings));
    const int32_t ropeIndex =
        plan.addRope(makeRope(rope, RopeLayout::halfSplit, c.attention.headDim));
    for (int64_t i = 0; i < c.decoder.nLayers; ++i) {
        TRY_ASSIGN(Block block, readNorms(reader, c.decoder, i));
        TRY_ASSIGN(GqaAttention attention, readGqa(reader, i, c.attention, c.decoder));
        attention.rope = ropeIndex;
        block.attention = std::move(attention);
        TRY_ASSIGN(block.ffn, readFfn(reader, c, i));
        plan.blocks.push_back(std::move(block));
    }
    TRY(reader.checkNothingLeft("Qwen3-MoE"));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
