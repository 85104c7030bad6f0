// Multi-head latent attention with a mixture of experts: DeepSeek V2, V2-Lite, V3, R1, Kimi K2, and
// V3.2 with its sparse attention.
// Sources: DeepSeek-V2 and V3 technical reports; DeepSeek-V3.2-Exp inference/model.py; transformers
// deepseek_v2, deepseek_v3, deepseek_v32; tensor names of llama.cpp's converter.
#include <fmt/format.h>

#include <cmath>

#include "engine/families/decoder_parts.h"
#include "engine/families/families.h"
#include "engine/families/rope_settings.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

// Of the two norms of the latents, whatever the model's own epsilon is.
constexpr float kLatentEpsilon = 1e-6F;

struct DeepSeekConfig {
    DecoderShape decoder;
    int64_t nHeads = 0, qRank = 0, kvRank = 0, nopeDim = 0, ropeDim = 0, vDim = 0;
    int64_t nDenseLayers = 0, denseDim = 0;
    int64_t nExperts = 0, topK = 0, nShared = 0, expertDim = 0;
    int64_t nGroups = 1, nGroupsKept = 1;
    RouterScore score = RouterScore::sigmoid;
    bool isNormalised = true;
    double scale = 1;
    int64_t indexHeads = 0, indexDim = 0, indexTopK = 0;  // V3.2
};

// GGUF files of two generations: keys of 576 with the heads' own sizes beside, or 192.
Status readHeadDims(const Settings& settings, DeepSeekConfig& c) {
    if (!settings.isGguf()) {
        TRY_ASSIGN(c.nopeDim, settings.requireInteger({"", "qk_nope_head_dim"}, 1, kHeadDimMax));
        TRY_ASSIGN(c.ropeDim, settings.requireInteger({"", "qk_rope_head_dim"}, 2, kHeadDimMax));
        TRY_ASSIGN(c.vDim, settings.requireInteger({"", "v_head_dim"}, 1, kHeadDimMax));
        return {};
    }
    const bool isNew = settings.contains({"attention.key_length_mla", ""});
    TRY_ASSIGN(c.ropeDim, settings.requireInteger({"rope.dimension_count", ""}, 2, kHeadDimMax));
    TRY_ASSIGN(
        const int64_t keyDim,
        settings.requireInteger({isNew ? "attention.key_length_mla" : "attention.key_length", ""},
                                c.ropeDim + 1, kHeadDimMax));
    TRY_ASSIGN(c.vDim, settings.requireInteger(
                           {isNew ? "attention.value_length_mla" : "attention.value_length", ""}, 1,
                           kHeadDimMax));
    c.nopeDim = keyDim - c.ropeDim;
    return {};
}

// How V2 and V3 choose; GGUF says it by a number (1 softmax, 2 sigmoid).
Result<RouterScore> readScore(const Settings& settings) {
    if (settings.isGguf()) {
        TRY_ASSIGN(const int64_t kind, settings.integerOr({"expert_gating_func", ""}, 1, 1, 2));
        return kind == 2 ? RouterScore::sigmoid : RouterScore::softmax;
    }
    const std::string_view score =
        settings.string({"", "scoring_func"})
            .value_or(settings.architecture() == "deepseek_v2" ? "softmax" : "sigmoid");
    if (score == "sigmoid") return RouterScore::sigmoid;
    if (score == "softmax") return RouterScore::softmax;
    return fail(Errc::unsupported,
                fmt::format("scoring_func {}, expected softmax or sigmoid", score));
}

Status readRouting(const Settings& settings, DeepSeekConfig& c) {
    TRY_ASSIGN(c.nDenseLayers,
               settings.integerOr({"leading_dense_block_count", "first_k_dense_replace"}, 0, 0,
                                  c.decoder.nLayers));
    TRY_ASSIGN(c.denseDim,
               settings.requireInteger({"feed_forward_length", "intermediate_size"}, 1, kFfnMax));
    TRY_ASSIGN(c.nExperts,
               settings.requireInteger({"expert_count", "n_routed_experts"}, 1, kExpertsMax));
    TRY_ASSIGN(c.topK, settings.requireInteger({"expert_used_count", "num_experts_per_tok"}, 1,
                                               c.nExperts));
    TRY_ASSIGN(c.nShared,
               settings.integerOr({"expert_shared_count", "n_shared_experts"}, 0, 0, 64));
    TRY_ASSIGN(c.expertDim,
               settings.requireInteger({"expert_feed_forward_length", "moe_intermediate_size"}, 1,
                                       kFfnMax));
    TRY_ASSIGN(c.score, readScore(settings));
    c.isNormalised = settings.boolean({"expert_weights_norm", "norm_topk_prob"})
                         .value_or(c.score == RouterScore::sigmoid);
    c.scale = settings.number({"expert_weights_scale", "routed_scaling_factor"}).value_or(1);
    const bool hasGroups =
        settings.string({"", "topk_method"}).value_or("groups") != std::string_view("greedy");
    if (!hasGroups) return {};
    TRY_ASSIGN(c.nGroups, settings.integerOr({"expert_group_count", "n_group"}, 1, 1, c.nExperts));
    TRY_ASSIGN(c.nGroupsKept,
               settings.integerOr({"expert_group_used_count", "topk_group"}, 1, 1, c.nGroups));
    if (c.nExperts % c.nGroups != 0)
        return fail(Errc::corrupt, fmt::format("{} experts in {} groups", c.nExperts, c.nGroups));
    return {};
}

Result<DeepSeekConfig> readDeepSeekConfig(const Settings& settings) {
    DeepSeekConfig c;
    TRY_ASSIGN(c.decoder, readDecoderShape(settings));
    TRY_ASSIGN(const int64_t nDraft, settings.integerOr({"nextn_predict_layers", ""}, 0, 0, 1));
    if (settings.isGguf()) c.decoder.nLayers -= nDraft;
    TRY_ASSIGN(c.nHeads, settings.requireInteger({"attention.head_count", "num_attention_heads"}, 1,
                                                 kHeadsMax));
    TRY_ASSIGN(c.qRank,
               settings.integerOr({"attention.q_lora_rank", "q_lora_rank"}, 0, 0, kHiddenMax));
    TRY_ASSIGN(c.kvRank,
               settings.requireInteger({"attention.kv_lora_rank", "kv_lora_rank"}, 1, kHiddenMax));
    TRY(readHeadDims(settings, c));
    TRY(readRouting(settings, c));
    TRY_ASSIGN(c.indexHeads, settings.integerOr({"attention.indexer.head_count", "index_n_heads"},
                                                0, 0, kHeadsMax));
    if (c.indexHeads == 0) return c;
    TRY_ASSIGN(c.indexDim,
               settings.requireInteger({"attention.indexer.key_length", "index_head_dim"},
                                       c.ropeDim, kHeadDimMax));
    TRY_ASSIGN(c.indexTopK,
               settings.requireInteger({"attention.indexer.top_k", "index_topk"}, 1, kContextMax));
    return c;
}

// ---- weights

// Keys' and values' up-projections head by head: published as one matrix of both, in GGUF as two
// stacks of which the keys' is transposed.
Status readHeads(WeightReader& reader, const DeepSeekConfig& c, int64_t layer, MlaAttention& step) {
    const TensorName both = layerTensor(layer, "attn_kv_b", "self_attn.kv_b_proj");
    if (reader.contains(both)) {
        const int64_t perHead = c.nopeDim + c.vDim;
        TRY_ASSIGN(const auto up, reader.matrix(both, c.nHeads * perHead, c.kvRank));
        step.kvUpName = reader.nameOf(both, "");
        for (int64_t h = 0; h < c.nHeads; ++h)
            step.heads.push_back({kernels::rowsOf(up, h * perHead, c.nopeDim),
                                  kernels::rowsOf(up, h * perHead + c.nopeDim, c.vDim)});
        return {};
    }
    TRY_ASSIGN(const auto keys, reader.stack(layerTensor(layer, "attn_k_b", "self_attn.kv_b_proj"),
                                             c.nHeads, c.kvRank, c.nopeDim));
    TRY_ASSIGN(const auto values,
               reader.stack(layerTensor(layer, "attn_v_b", "self_attn.kv_b_proj"), c.nHeads, c.vDim,
                            c.kvRank));
    for (size_t h = 0; h < keys.size(); ++h)
        step.heads.push_back({keys[h], values[h]});
    step.isKUpTransposed = true;
    return {};
}

Result<SparseIndexer> readIndexer(WeightReader& reader, const DeepSeekConfig& c, int64_t layer) {
    const auto name = [&](std::string_view gguf, std::string_view published) {
        return layerTensor(layer, gguf, published);
    };
    SparseIndexer indexer = {.nHeads = c.indexHeads, .headDim = c.indexDim, .topK = c.indexTopK};
    TRY_ASSIGN(indexer.qUp, reader.linear(name("indexer.attn_q_b", "self_attn.indexer.wq_b"),
                                          c.indexHeads * c.indexDim, c.qRank));
    TRY_ASSIGN(indexer.k, reader.linear(name("indexer.attn_k", "self_attn.indexer.wk"), c.indexDim,
                                        c.decoder.hiddenDim));
    const TensorName norm = name("indexer.k_norm", "self_attn.indexer.k_norm");
    TRY_ASSIGN(indexer.kNorm.weight, reader.vector(norm, c.indexDim));
    TRY_ASSIGN(indexer.kNorm.bias, reader.vector(norm, c.indexDim, ".bias"));
    indexer.kNorm.epsilon = kLatentEpsilon;
    TRY_ASSIGN(indexer.headWeights,
               reader.linear(name("indexer.proj", "self_attn.indexer.weights_proj"), c.indexHeads,
                             c.decoder.hiddenDim));
    return indexer;
}

struct DeepSeekRopes {
    int32_t attention = 0, indexer = 0;
    double softmaxAmplitude = 1;
};

Result<MlaAttention> readMla(WeightReader& reader, const DeepSeekConfig& c, int64_t layer,
                             const DeepSeekRopes& ropes) {
    const auto name = [&](std::string_view gguf, std::string_view published) {
        return layerTensor(layer, gguf, published);
    };
    MlaAttention step = {
        .rank = c.kvRank, .nopeDim = c.nopeDim, .ropeDim = c.ropeDim, .vDim = c.vDim};
    const int64_t qDim = c.nHeads * (c.nopeDim + c.ropeDim);
    const int64_t hidden = c.decoder.hiddenDim;
    if (c.qRank > 0) {
        TRY_ASSIGN(step.qDown, reader.linear(name("attn_q_a", "self_attn.q_a_proj"), c.qRank,
                                             hidden, Bias::ifPresent));
        TRY_ASSIGN(step.qDownNorm, reader.norm(name("attn_q_a_norm", "self_attn.q_a_layernorm"),
                                               c.qRank, kLatentEpsilon));
        TRY_ASSIGN(step.qUp, reader.linear(name("attn_q_b", "self_attn.q_b_proj"), qDim, c.qRank));
    } else {
        TRY_ASSIGN(step.qUp, reader.linear(name("attn_q", "self_attn.q_proj"), qDim, hidden));
    }
    TRY_ASSIGN(step.kvDown, reader.linear(name("attn_kv_a_mqa", "self_attn.kv_a_proj_with_mqa"),
                                          c.kvRank + c.ropeDim, hidden, Bias::ifPresent));
    TRY_ASSIGN(step.kvNorm, reader.norm(name("attn_kv_a_norm", "self_attn.kv_a_layernorm"),
                                        c.kvRank, kLatentEpsilon));
    TRY(readHeads(reader, c, layer, step));
    TRY_ASSIGN(step.out, reader.linear(name("attn_output", "self_attn.o_proj"), hidden,
                                       c.nHeads * c.vDim, Bias::ifPresent));
    step.rope = ropes.attention;
    step.scale = static_cast<float>(ropes.softmaxAmplitude /
                                    std::sqrt(static_cast<double>(c.nopeDim + c.ropeDim)));
    if (c.indexHeads == 0) return step;
    TRY_ASSIGN(step.indexer, readIndexer(reader, c, layer));
    step.indexer->rope = ropes.indexer;
    return step;
}

Result<Ffn> readDeepSeekFfn(WeightReader& reader, const DeepSeekConfig& c, int64_t layer) {
    if (layer < c.nDenseLayers) return readDenseFfn(reader, c.decoder, layer, c.denseDim);
    const bool isSigmoid = c.score == RouterScore::sigmoid;
    MoeFfn ffn = {.score = c.score,
                  .nGroups = c.nGroups,
                  .nGroupsKept = c.nGroupsKept,
                  .groupScore = isSigmoid ? GroupScore::sumOfTwo : GroupScore::max,
                  .droppedScore = isSigmoid ? -HUGE_VALF : 0.0F,
                  .topK = c.topK,
                  .isNormalised = c.isNormalised,
                  .scale = static_cast<float>(c.scale),
                  .ffnDim = c.expertDim};
    TRY_ASSIGN(ffn.router, reader.linear(layerTensor(layer, "ffn_gate_inp", "mlp.gate"), c.nExperts,
                                         c.decoder.hiddenDim));
    const TensorName bias = layerTensor(layer, "exp_probs_b", "mlp.gate.e_score_correction");
    const std::string_view suffix = reader.isGguf() ? ".bias" : "_bias";
    if (reader.contains(bias, suffix)) {
        TRY_ASSIGN(ffn.selectionBias, reader.vector(bias, c.nExperts, suffix));
    }
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

Result<Block> readDeepSeekBlock(WeightReader& reader, const DeepSeekConfig& c, int64_t layer,
                                const DeepSeekRopes& ropes) {
    TRY_ASSIGN(Block block, readNorms(reader, c.decoder, layer));
    TRY_ASSIGN(block.attention, readMla(reader, c, layer, ropes));
    TRY_ASSIGN(block.ffn, readDeepSeekFfn(reader, c, layer));
    return block;
}

Result<DeepSeekRopes> readDeepSeekRopes(const Settings& settings, const DeepSeekConfig& c,
                                        ModelPlan& plan) {
    TRY_ASSIGN(const RopeSettings rope, readRopeSettings(settings));
    DeepSeekRopes ropes = {.softmaxAmplitude = rope.softmaxAmplitude};
    ropes.attention = plan.addRope(makeRope(rope, RopeLayout::interleaved, c.ropeDim));
    ropes.indexer = plan.addRope(makeRope(rope, RopeLayout::halfSplit, c.ropeDim));
    return ropes;
}

}  // namespace

Result<ModelPlan> planDeepSeekV3(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(const DeepSeekConfig c, readDeepSeekConfig(settings));
    WeightReader reader(source);
    reader.ignoreSuffix("rotary_emb.inv_freq");
    ModelPlan plan;
    TRY(readEnds(settings, reader, c.decoder, usualEndNames(), plan));
    TRY_ASSIGN(const DeepSeekRopes ropes, readDeepSeekRopes(settings, c, plan));
    for (int64_t i = 0; i < c.decoder.nLayers; ++i) {
        TRY_ASSIGN(Block block, readDeepSeekBlock(reader, c, i, ropes));
        plan.blocks.push_back(std::move(block));
    }
    if (hasDraft(reader, c.decoder.nLayers)) {
        TRY_ASSIGN(Block block, readDeepSeekBlock(reader, c, c.decoder.nLayers, ropes));
        TRY_ASSIGN(plan.draft,
                   readDraft(reader, c.decoder, plan, c.decoder.nLayers, std::move(block)));
    }
    TRY(reader.checkNothingLeft("DeepSeek V2 or V3"));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
