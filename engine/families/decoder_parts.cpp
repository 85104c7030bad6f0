#include "engine/families/decoder_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::WeightsView;

Result<DecoderShape> readDecoderShape(const Settings& settings) {
    DecoderShape shape;
    TRY_ASSIGN(shape.nLayers,
               settings.requireInteger({"block_count", "num_hidden_layers"}, 1, kLayersMax));
    TRY_ASSIGN(shape.hiddenDim,
               settings.requireInteger({"embedding_length", "hidden_size"}, 1, kHiddenMax));
    TRY_ASSIGN(
        shape.contextTokensMax,
        settings.requireInteger({"context_length", "max_position_embeddings"}, 1, kContextMax));
    TRY_ASSIGN(const double epsilon,
               settings.requireNumber({"attention.layer_norm_rms_epsilon", "rms_norm_eps"}, 0, 1));
    shape.normEpsilon = static_cast<float>(epsilon);
    return shape;
}

EndNames usualEndNames() {
    return {.embedding = {"token_embd", "model.embed_tokens"},
            .finalNorm = {"output_norm", "model.norm"},
            .head = {"output", "lm_head"}};
}

Status readEnds(const Settings& settings, WeightReader& reader, const DecoderShape& shape,
                const EndNames& names, ModelPlan& plan) {
    TRY_ASSIGN(plan.vocabularySize, reader.rowsOf(names.embedding));
    if (plan.vocabularySize < 1 || plan.vocabularySize > (1 << 24))
        return fail(Errc::corrupt, fmt::format("{} token embeddings", plan.vocabularySize));
    plan.hiddenDim = shape.hiddenDim;
    plan.contextTokensMax = shape.contextTokensMax;
    TRY_ASSIGN(plan.embedding,
               reader.matrix(names.embedding, plan.vocabularySize, shape.hiddenDim));
    TRY_ASSIGN(plan.finalNorm, reader.norm(names.finalNorm, shape.hiddenDim, shape.normEpsilon));
    plan.embeddingName = reader.nameOf(names.embedding, "");
    plan.headName = reader.nameOf(names.head, "");
    plan.head = plan.embedding;
    if (reader.contains(names.head)) {
        TRY_ASSIGN(plan.head, reader.matrix(names.head, plan.vocabularySize, shape.hiddenDim));
    } else if (!reader.isGguf() && !settings.boolean({"", "tie_word_embeddings"}).value_or(true)) {
        return fail(Errc::corrupt, fmt::format("tensor {} is missing, and tie_word_embeddings is "
                                               "false",
                                               reader.nameOf(names.head)));
    }
    return {};
}

Result<GqaShape> readGqaShape(const Settings& settings, int64_t hiddenDim) {
    GqaShape shape;
    TRY_ASSIGN(shape.nHeads, settings.requireInteger(
                                 {"attention.head_count", "num_attention_heads"}, 1, kHeadsMax));
    TRY_ASSIGN(shape.nKvHeads,
               settings.integerOr({"attention.head_count_kv", "num_key_value_heads"}, shape.nHeads,
                                  1, shape.nHeads));
    if (shape.nHeads % shape.nKvHeads != 0)
        return fail(Errc::corrupt, fmt::format("{} heads are no multiple of {} key-value heads",
                                               shape.nHeads, shape.nKvHeads));
    const Key headDim = {"attention.key_length", "head_dim"};
    if (!settings.contains(headDim) && hiddenDim % shape.nHeads != 0)
        return fail(Errc::corrupt, fmt::format("embedding length {} is no multiple of {} heads",
                                               hiddenDim, shape.nHeads));
    TRY_ASSIGN(shape.headDim,
               settings.integerOr(headDim, hiddenDim / shape.nHeads, 2, kHeadDimMax));
    TRY_ASSIGN(const int64_t valueDim,
               settings.integerOr({"attention.value_length", ""}, shape.headDim, 1, kHeadDimMax));
    if (valueDim != shape.headDim)
        return fail(Errc::unsupported,
                    fmt::format("keys of {} and values of {} dimensions", shape.headDim, valueDim));
    return shape;
}

Result<GqaAttention> readGqa(WeightReader& reader, int64_t layer, const GqaShape& shape,
                             const DecoderShape& decoder) {
    GqaAttention step = {.nHeads = shape.nHeads,
                         .nKvHeads = shape.nKvHeads,
                         .headDim = shape.headDim,
                         .qkNorm = shape.qkNorm};
    const int64_t qDim = shape.nHeads * shape.headDim;
    const int64_t kvDim = shape.nKvHeads * shape.headDim;
    const auto name = [&](std::string_view gguf, std::string_view published) {
        return layerTensor(layer, gguf, published);
    };
    TRY_ASSIGN(step.q, reader.linear(name("attn_q", "self_attn.q_proj"), qDim, decoder.hiddenDim,
                                     shape.qkvBias));
    TRY_ASSIGN(step.k, reader.linear(name("attn_k", "self_attn.k_proj"), kvDim, decoder.hiddenDim,
                                     shape.qkvBias));
    TRY_ASSIGN(step.v, reader.linear(name("attn_v", "self_attn.v_proj"), kvDim, decoder.hiddenDim,
                                     shape.qkvBias));
    TRY_ASSIGN(step.out, reader.linear(name("attn_output", "self_attn.o_proj"), decoder.hiddenDim,
                                       qDim, shape.outBias));
    step.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(shape.headDim)));
    if (shape.qkNorm == QkNorm::none) return step;
    const bool isWhole = shape.qkNorm == QkNorm::wholeRow;
    TRY_ASSIGN(step.qNorm, reader.norm(name("attn_q_norm", "self_attn.q_norm"),
                                       isWhole ? qDim : shape.headDim, decoder.normEpsilon));
    TRY_ASSIGN(step.kNorm, reader.norm(name("attn_k_norm", "self_attn.k_norm"),
                                       isWhole ? kvDim : shape.headDim, decoder.normEpsilon));
    return step;
}

Result<DenseFfn> readDenseFfn(WeightReader& reader, const DecoderShape& decoder,
                              const TensorName& gate, const TensorName& up, const TensorName& down,
                              int64_t ffnDim) {
    DenseFfn ffn;
    TRY_ASSIGN(ffn.gate, reader.linear(gate, ffnDim, decoder.hiddenDim));
    TRY_ASSIGN(ffn.up, reader.linear(up, ffnDim, decoder.hiddenDim));
    TRY_ASSIGN(ffn.down, reader.linear(down, decoder.hiddenDim, ffnDim));
    return ffn;
}

Result<DenseFfn> readDenseFfn(WeightReader& reader, const DecoderShape& decoder, int64_t layer,
                              int64_t ffnDim) {
    return readDenseFfn(reader, decoder, layerTensor(layer, "ffn_gate", "mlp.gate_proj"),
                        layerTensor(layer, "ffn_up", "mlp.up_proj"),
                        layerTensor(layer, "ffn_down", "mlp.down_proj"), ffnDim);
}

namespace {

// Gate and up in one stack, the gate's rows first.
Status readFusedExperts(WeightReader& reader, const DecoderShape& decoder, const TensorName& both,
                        const TensorName& down, int64_t count, MoeFfn& ffn) {
    const std::string_view suffix = reader.isGguf() ? ".weight" : "";
    TRY_ASSIGN(const auto pairs,
               reader.stack(both, count, 2 * ffn.ffnDim, decoder.hiddenDim, suffix));
    TRY_ASSIGN(const auto downs, reader.stack(down, count, decoder.hiddenDim, ffn.ffnDim, suffix));
    for (size_t e = 0; e < pairs.size(); ++e)
        ffn.experts.push_back({.gate = kernels::rowsOf(pairs[e], 0, ffn.ffnDim),
                               .up = kernels::rowsOf(pairs[e], ffn.ffnDim, ffn.ffnDim),
                               .down = downs[e]});
    return {};
}

Status readStackedExperts(WeightReader& reader, const DecoderShape& decoder, int64_t layer,
                          int64_t count, MoeFfn& ffn) {
    const auto name = [&](std::string_view part) { return layerTensor(layer, part, ""); };
    ffn.name = reader.nameOf(name("ffn_exps"), "");
    ffn.tensors = {.gate = reader.nameOf(name("ffn_gate_exps"), ""),
                   .up = reader.nameOf(name("ffn_up_exps"), ""),
                   .down = reader.nameOf(name("ffn_down_exps"), "")};
    if (reader.contains(name("ffn_gate_up_exps")))
        return readFusedExperts(reader, decoder, name("ffn_gate_up_exps"), name("ffn_down_exps"),
                                count, ffn);
    TRY_ASSIGN(const auto gates,
               reader.stack(name("ffn_gate_exps"), count, ffn.ffnDim, decoder.hiddenDim));
    TRY_ASSIGN(const auto ups,
               reader.stack(name("ffn_up_exps"), count, ffn.ffnDim, decoder.hiddenDim));
    TRY_ASSIGN(const auto downs,
               reader.stack(name("ffn_down_exps"), count, decoder.hiddenDim, ffn.ffnDim));
    for (size_t e = 0; e < gates.size(); ++e)
        ffn.experts.push_back({.gate = gates[e], .up = ups[e], .down = downs[e]});
    return {};
}

}  // namespace

Status readExperts(WeightReader& reader, const DecoderShape& decoder, int64_t layer, int64_t count,
                   const ExpertNames& names, MoeFfn& ffn) {
    if (reader.isGguf()) return readStackedExperts(reader, decoder, layer, count, ffn);
    ffn.name = reader.nameOf(layerTensor(layer, "", names.prefix), "");
    ffn.tensors = {.gate = fmt::format("{}.#.{}", ffn.name, names.gate),
                   .up = fmt::format("{}.#.{}", ffn.name, names.up),
                   .down = fmt::format("{}.#.{}", ffn.name, names.down)};
    const TensorName both = layerTensor(layer, "", names.prefix + ".gate_up_proj");
    if (reader.contains(both, ""))
        return readFusedExperts(reader, decoder, both,
                                layerTensor(layer, "", names.prefix + ".down_proj"), count, ffn);
    for (int64_t e = 0; e < count; ++e) {
        const auto name = [&](const std::string& part) {
            return layerTensor(layer, "", fmt::format("{}.{}.{}", names.prefix, e, part));
        };
        Expert expert;
        TRY_ASSIGN(expert.gate, reader.matrix(name(names.gate), ffn.ffnDim, decoder.hiddenDim));
        TRY_ASSIGN(expert.up, reader.matrix(name(names.up), ffn.ffnDim, decoder.hiddenDim));
        TRY_ASSIGN(expert.down, reader.matrix(name(names.down), decoder.hiddenDim, ffn.ffnDim));
        ffn.experts.push_back(std::move(expert));
    }
    return {};
}

Result<Block> readNorms(WeightReader& reader, const DecoderShape& decoder, int64_t layer,
                        std::string_view ggufFfnNorm) {
    Block block;
    TRY_ASSIGN(block.attentionNorm, reader.norm(layerTensor(layer, "attn_norm", "input_layernorm"),
                                                decoder.hiddenDim, decoder.normEpsilon));
    TRY_ASSIGN(block.ffnNorm,
               reader.norm(layerTensor(layer, ggufFfnNorm, "post_attention_layernorm"),
                           decoder.hiddenDim, decoder.normEpsilon));
    return block;
}

bool hasDraft(const WeightReader& reader, int64_t layer) {
    return reader.contains(layerTensor(layer, "nextn.eh_proj", "eh_proj"));
}

Result<DraftBlock> readDraft(WeightReader& reader, const DecoderShape& decoder,
                             const ModelPlan& plan, int64_t layer, Block block) {
    const int64_t n = decoder.hiddenDim;
    const auto name = [&](std::string_view gguf, std::string_view published) {
        return layerTensor(layer, gguf, published);
    };
    DraftBlock draft = {.block = std::move(block), .takesFinalNorm = true};
    TRY_ASSIGN(draft.embeddingNorm,
               reader.norm(name("nextn.enorm", "enorm"), n, decoder.normEpsilon));
    TRY_ASSIGN(draft.hiddenNorm, reader.norm(name("nextn.hnorm", "hnorm"), n, decoder.normEpsilon));
    const TensorName norm = name("nextn.shared_head_norm", "shared_head.norm");
    draft.norm = plan.finalNorm;
    if (!reader.isGguf() || reader.contains(norm)) {
        TRY_ASSIGN(draft.norm, reader.norm(norm, n, decoder.normEpsilon));
    }
    // One matrix [hidden, 2 hidden]: the embedding's columns first.
    TRY_ASSIGN(const Linear both, reader.linear(name("nextn.eh_proj", "eh_proj"), n, 2 * n));
    TRY_ASSIGN(draft.embeddingProjection.weights, columnsOf(both.weights, 0, n));
    TRY_ASSIGN(draft.hiddenProjection.weights, columnsOf(both.weights, n, n));
    const TensorName embedding = name("nextn.embed_tokens", "embed_tokens");
    if (reader.contains(embedding)) {
        TRY_ASSIGN(draft.embedding, reader.matrix(embedding, plan.vocabularySize, n));
    }
    const TensorName head = name("nextn.shared_head_head", "shared_head.head");
    if (reader.contains(head)) {
        TRY_ASSIGN(draft.head, reader.matrix(head, plan.vocabularySize, n));
    }
    return draft;
}

}  // namespace moxie::engine
