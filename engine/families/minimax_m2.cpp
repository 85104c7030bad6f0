// MiniMax-M2: grouped-query attention with one norm over the whole row of q and of k, rope on a
// part of each head, sigmoid router with a selection bias, no shared expert.
// Source: transformers minimax_m2.
#include "engine/families/decoder_parts.h"
#include "engine/families/families.h"
#include "engine/families/rope_settings.h"

namespace moxie::engine {

using base::Result;

namespace {

struct MiniMaxConfig {
    DecoderShape decoder;
    GqaShape attention;
    int64_t nExperts = 0, topK = 0, expertDim = 0, ropeDims = 0;
};

Result<MiniMaxConfig> readMiniMaxConfig(const Settings& settings) {
    MiniMaxConfig c;
    TRY_ASSIGN(c.decoder, readDecoderShape(settings));
    TRY_ASSIGN(c.attention, readGqaShape(settings, c.decoder.hiddenDim));
    c.attention.qkNorm = QkNorm::wholeRow;
    TRY_ASSIGN(c.nExperts,
               settings.requireInteger({"expert_count", "num_local_experts"}, 1, kExpertsMax));
    TRY_ASSIGN(c.topK, settings.requireInteger({"expert_used_count", "num_experts_per_tok"}, 1,
                                               c.nExperts));
    const Key expertDim = settings.contains({"expert_feed_forward_length", ""})
                              ? Key{"expert_feed_forward_length", "intermediate_size"}
                              : Key{"feed_forward_length", "intermediate_size"};
    TRY_ASSIGN(c.expertDim, settings.requireInteger(expertDim, 1, kFfnMax));
    TRY_ASSIGN(c.ropeDims, settings.requireInteger({"rope.dimension_count", "rotary_dim"}, 2,
                                                   c.attention.headDim));
    return c;
}

Result<MoeFfn> readMiniMaxFfn(WeightReader& reader, const MiniMaxConfig& c, int64_t layer) {
    MoeFfn ffn = {.score = RouterScore::sigmoid, .topK = c.topK, .ffnDim = c.expertDim};
    TRY_ASSIGN(ffn.router,
               reader.linear(layerTensor(layer, "ffn_gate_inp", "block_sparse_moe.gate"),
                             c.nExperts, c.decoder.hiddenDim));
    TRY_ASSIGN(ffn.selectionBias, reader.vector(layerTensor(layer, "exp_probs_b",
                                                            "block_sparse_moe.e_score_correction"),
                                                c.nExperts, reader.isGguf() ? ".bias" : "_bias"));
    TRY(readExperts(reader, c.decoder, layer, c.nExperts,
                    {.prefix = "block_sparse_moe.experts", .gate = "w1", .up = "w3", .down = "w2"},
                    ffn));
    return ffn;
}

}  // namespace

Result<ModelPlan> planMiniMaxM2(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(const MiniMaxConfig c, readMiniMaxConfig(settings));
    WeightReader reader(source);
    ModelPlan plan;
    TRY(readEnds(settings, reader, c.decoder, usualEndNames(), plan));
    TRY_ASSIGN(const RopeSettings rope, readRopeSettings(settings));
    const int32_t ropeIndex = plan.addRope(makeRope(rope, RopeLayout::halfSplit, c.ropeDims));
    for (int64_t i = 0; i < c.decoder.nLayers; ++i) {
        TRY_ASSIGN(Block block, readNorms(reader, c.decoder, i));
        TRY_ASSIGN(GqaAttention attention, readGqa(reader, i, c.attention, c.decoder));
        attention.rope = ropeIndex;
        block.attention = std::move(attention);
        TRY_ASSIGN(block.ffn, readMiniMaxFfn(reader, c, i));
        plan.blocks.push_back(std::move(block));
    }
    reader.ignorePrefix(
        "model.mtp");  // of checkpoints that ship them; transformers ignores them too
    TRY(reader.checkNothingLeft("MiniMax-M2"));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
