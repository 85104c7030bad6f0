// GLM-4.5 and GLM-4.5-Air: grouped-query attention with rope on a part of each head, DeepSeek V3's
// router with one group, a shared expert, a draft block.
// Source: transformers glm4_moe; GLM-4.5 technical report.
#include <fmt/format.h>

#include "engine/families/decoder_parts.h"
#include "engine/families/families.h"
#include "engine/families/rope_settings.h"

namespace moxie::engine {

using base::Result;

namespace {

struct Glm4MoeConfig {
    DecoderShape decoder;
    GqaShape attention;
    int64_t nDenseLayers = 0, nDraftLayers = 0;
    int64_t nExperts = 0, topK = 0, nShared = 0, expertDim = 0, denseDim = 0;
    int64_t nGroups = 1, nGroupsKept = 1;
    bool isNormalised = true;
    double scale = 1;
    int64_t ropeDims = 0;
};

Result<Glm4MoeConfig> readGlm4MoeConfig(const Settings& settings, const RopeSettings& rope) {
    Glm4MoeConfig c;
    TRY_ASSIGN(c.decoder, readDecoderShape(settings));
    TRY_ASSIGN(c.attention, readGqaShape(settings, c.decoder.hiddenDim));
    c.attention.qkvBias = Bias::ifPresent;
    TRY_ASSIGN(c.nDenseLayers,
               settings.integerOr({"leading_dense_block_count", "first_k_dense_replace"}, 0, 0,
                                  c.decoder.nLayers));
    TRY_ASSIGN(c.nDraftLayers,
               settings.integerOr({"nextn_predict_layers", "num_nextn_predict_layers"}, 0, 0, 1));
    // GGUF counts the draft block among the layers.
    if (settings.isGguf()) c.decoder.nLayers -= c.nDraftLayers;
    TRY_ASSIGN(c.nExperts,
               settings.requireInteger({"expert_count", "n_routed_experts"}, 1, kExpertsMax));
    TRY_ASSIGN(c.topK, settings.requireInteger({"expert_used_count", "num_experts_per_tok"}, 1,
                                               c.nExperts));
    TRY_ASSIGN(c.nShared,
               settings.integerOr({"expert_shared_count", "n_shared_experts"}, 0, 0, 64));
    TRY_ASSIGN(c.expertDim,
               settings.requireInteger({"expert_feed_forward_length", "moe_intermediate_size"}, 1,
                                       kFfnMax));
    TRY_ASSIGN(c.denseDim,
               settings.requireInteger({"feed_forward_length", "intermediate_size"}, 1, kFfnMax));
    TRY_ASSIGN(c.nGroups, settings.integerOr({"expert_group_count", "n_group"}, 1, 1, c.nExperts));
    TRY_ASSIGN(c.nGroupsKept,
               settings.integerOr({"expert_group_used_count", "topk_group"}, 1, 1, c.nGroups));
    c.isNormalised = settings.boolean({"expert_weights_norm", "norm_topk_prob"}).value_or(true);
    c.scale = settings.number({"expert_weights_scale", "routed_scaling_factor"}).value_or(1);
    const auto part = static_cast<int64_t>(static_cast<double>(c.attention.headDim) * rope.partial);
    TRY_ASSIGN(c.ropeDims,
               settings.integerOr({"rope.dimension_count", ""}, part, 2, c.attention.headDim));
    return c;
}

Result<Ffn> readGlmFfn(WeightReader& reader, const Glm4MoeConfig& c, int64_t layer) {
    if (layer < c.nDenseLayers) return readDenseFfn(reader, c.decoder, layer, c.denseDim);
    MoeFfn ffn = {.score = RouterScore::sigmoid,
                  .nGroups = c.nGroups,
                  .nGroupsKept = c.nGroupsKept,
                  .groupScore = GroupScore::sumOfTwo,
                  .topK = c.topK,
                  .isNormalised = c.isNormalised,
                  .scale = static_cast<float>(c.scale),
                  .ffnDim = c.expertDim};
    TRY_ASSIGN(ffn.router, reader.linear(layerTensor(layer, "ffn_gate_inp", "mlp.gate"), c.nExperts,
                                         c.decoder.hiddenDim));
    TRY_ASSIGN(ffn.selectionBias,
               reader.vector(layerTensor(layer, "exp_probs_b", "mlp.gate.e_score_correction"),
                             c.nExperts, reader.isGguf() ? ".bias" : "_bias"));
    TRY(readExperts(reader, c.decoder, layer, c.nExperts, {.prefix = "mlp.experts"}, ffn));
    if (c.nShared == 0) return ffn;
    TRY_ASSIGN(ffn.shared,
               readDenseFfn(reader, c.decoder,
                            layerTensor(layer, "ffn_gate_shexp", "mlp.shared_experts.gate_proj"),
                            layerTensor(layer, "ffn_up_shexp", "mlp.shared_experts.up_proj"),
                            layerTensor(layer, "ffn_down_shexp", "mlp.shared_experts.down_proj"),
                            c.nShared * c.expertDim));
    return ffn;
}

Result<Block> readGlmBlock(WeightReader& reader, const Glm4MoeConfig& c, int64_t layer,
                           int32_t rope) {
    // What others call ffn_norm.
    TRY_ASSIGN(Block block, readNorms(reader, c.decoder, layer, "post_attention_norm"));
    GqaShape shape = c.attention;
    if (reader.contains(layerTensor(layer, "attn_q_norm", "self_attn.q_norm")))
        shape.qkNorm = QkNorm::perHead;
    TRY_ASSIGN(GqaAttention attention, readGqa(reader, layer, shape, c.decoder));
    attention.rope = rope;
    block.attention = std::move(attention);
    TRY_ASSIGN(block.ffn, readGlmFfn(reader, c, layer));
    return block;
}

}  // namespace

Result<ModelPlan> planGlm4Moe(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(const RopeSettings rope, readRopeSettings(settings));
    TRY_ASSIGN(const Glm4MoeConfig c, readGlm4MoeConfig(settings, rope));
    WeightReader reader(source);
    ModelPlan plan;
    TRY(readEnds(settings, reader, c.decoder, usualEndNames(), plan));
    const int32_t ropeIndex = plan.addRope(makeRope(rope, RopeLayout::halfSplit, c.ropeDims));
    for (int64_t i = 0; i < c.decoder.nLayers; ++i) {
        TRY_ASSIGN(Block block, readGlmBlock(reader, c, i, ropeIndex));
        plan.blocks.push_back(std::move(block));
    }
    if (hasDraft(reader, c.decoder.nLayers)) {
        TRY_ASSIGN(Block block, readGlmBlock(reader, c, c.decoder.nLayers, ropeIndex));
        TRY_ASSIGN(plan.draft,
                   readDraft(reader, c.decoder, plan, c.decoder.nLayers, std::move(block)));
    }
    TRY(reader.checkNothingLeft("GLM-4.5"));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
