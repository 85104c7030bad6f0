// DeepSeek V4 Flash and Pro: hyper-connections, a sliding window with compressed entries of the
// past, an indexer, sinks, grouped output projection, hash-routed first layers, a draft block.
// Sources: DeepSeek-V4 config.json, inference/model.py; transformers deepseek_v4 (the names of
// re-saved checkpoints); tensor names and keys of llama.cpp's deepseek4.
#include <fmt/format.h>

#include <cmath>
#include <cstring>

#include "engine/families/decoder_parts.h"
#include "engine/families/families.h"
#include "engine/families/rope_settings.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;
using kernels::WeightsView;

namespace {

constexpr int64_t kOverlapRatio = 4;  // compressed sparse attention
constexpr int64_t kLongRatio = 128;   // heavily compressed attention
constexpr int64_t kSinkhornMax = 1000;
constexpr int64_t kStreamsMax = 8;

struct V4Config {
    DecoderShape decoder;
    int64_t nHeads = 0, headDim = 0, ropeDims = 0, qRank = 0, nGroups = 0, groupRank = 0;
    int64_t window = 0;
    std::vector<int64_t> ratios;  // per layer
    int64_t indexHeads = 0, indexDim = 0, indexTopK = 0;
    int64_t nExperts = 0, topK = 0, nShared = 0, expertDim = 0, nHashLayers = 0;
    double scale = 1, limit = 0, sharedLimit = 0;
    bool isNormalised = true;
    int64_t nStreams = 0, sinkhornIterations = 0;
    double hcEpsilon = 0;
    RopeSettings rope, compressedRope;
};

// A layer's tensors, wherever its prefix puts them.
class V4Names {
public:
    V4Names(std::string gguf, std::string published, bool isResaved)
        : gguf_(std::move(gguf)),
          published_(std::move(published)),
          isResaved_(isResaved) {}

    TensorName at(std::string_view gguf, std::string_view published) const {
        return {fmt::format("{}.{}", gguf_, gguf), fmt::format("{}.{}", published_, published)};
    }

    bool isResaved() const { return isResaved_; }

private:
    std::string gguf_, published_;
    bool isResaved_;
};

// ---- numbers

// The published list, or transformers' names of layer kinds.
Result<std::vector<int64_t>> readRatios(const Settings& settings, int64_t nLayers) {
    std::vector<int64_t> ratios =
        settings.integers({"attention.compress_ratios", "compress_ratios"});
    if (ratios.empty())
        for (const std::string_view kind : settings.strings({"", "layer_types"})) {
            if (kind == "sliding_attention")
                ratios.push_back(0);
            else if (kind == "compressed_sparse_attention")
                ratios.push_back(kOverlapRatio);
            else if (kind == "heavily_compressed_attention")
                ratios.push_back(kLongRatio);
            else
                return fail(Errc::unsupported, fmt::format("layer type {}", kind));
        }
    if (std::ssize(ratios) < nLayers)
        return fail(Errc::corrupt, fmt::format("{} compression ratios, expected {} or more",
                                               ratios.size(), nLayers));
    for (const int64_t ratio : ratios)
        if (ratio != 0 && ratio != kOverlapRatio && ratio != kLongRatio)
            return fail(Errc::unsupported,
                        fmt::format("compression ratio {}, expected 0, 4 or 128", ratio));
    return ratios;
}

Result<int64_t> readHashLayers(const Settings& settings, int64_t nLayers) {
    const Key key = {"hash_layer_count", "num_hash_layers"};
    if (settings.contains(key)) return settings.requireInteger(key, 0, nLayers);
    int64_t count = 0;
    for (const std::string_view kind : settings.strings({"", "mlp_layer_types"}))
        if (kind == "hash_moe") ++count;
    return count;
}

Status readRopes(const Settings& settings, V4Config& c) {
    const bool isNew = settings.contains({"", "rope_parameters.compress"});
    if (isNew) {
        TRY_ASSIGN(c.rope, readRopeSettings(settings, "main"));
        TRY_ASSIGN(c.compressedRope, readRopeSettings(settings, "compress"));
    } else {
        TRY_ASSIGN(c.compressedRope, readRopeSettings(settings));
        c.rope.theta = c.compressedRope.theta;
        TRY_ASSIGN(c.compressedRope.theta,
                   settings.requireNumber(
                       {"attention.compress_rope_freq_base", "compress_rope_theta"}, 1, 1e12));
    }
    if (c.compressedRope.scaling != RopeScaling::yarn)
        return fail(Errc::corrupt,
                    "the compressed layers' rope has no YaRN scaling; the file lost its keys");
    c.compressedRope.amplitude = 1;  // the makers apply none
    return {};
}

Status readAttentionNumbers(const Settings& settings, V4Config& c) {
    TRY_ASSIGN(c.nHeads, settings.requireInteger({"attention.head_count", "num_attention_heads"}, 1,
                                                 kHeadsMax));
    TRY_ASSIGN(c.headDim,
               settings.requireInteger({"attention.key_length", "head_dim"}, 2, kHeadDimMax));
    TRY_ASSIGN(c.ropeDims,
               settings.requireInteger({"rope.dimension_count", "qk_rope_head_dim"}, 2, c.headDim));
    TRY_ASSIGN(c.qRank,
               settings.requireInteger({"attention.q_lora_rank", "q_lora_rank"}, 1, kHiddenMax));
    TRY_ASSIGN(c.nGroups,
               settings.requireInteger({"attention.output_group_count", "o_groups"}, 1, c.nHeads));
    TRY_ASSIGN(c.groupRank, settings.requireInteger({"attention.output_lora_rank", "o_lora_rank"},
                                                    1, kHiddenMax));
    TRY_ASSIGN(c.window,
               settings.requireInteger({"attention.sliding_window", "sliding_window"}, 1, 1 << 20));
    TRY_ASSIGN(c.ratios, readRatios(settings, c.decoder.nLayers));
    TRY_ASSIGN(c.indexHeads, settings.requireInteger(
                                 {"attention.indexer.head_count", "index_n_heads"}, 1, kHeadsMax));
    TRY_ASSIGN(c.indexDim,
               settings.requireInteger({"attention.indexer.key_length", "index_head_dim"},
                                       c.ropeDims, kHeadDimMax));
    TRY_ASSIGN(c.indexTopK,
               settings.requireInteger({"attention.indexer.top_k", "index_topk"}, 1, kContextMax));
    if (c.nHeads % c.nGroups != 0)
        return fail(Errc::corrupt, fmt::format("{} heads in {} groups", c.nHeads, c.nGroups));
    if ((c.indexDim & (c.indexDim - 1)) != 0)
        return fail(Errc::corrupt,
                    fmt::format("index keys of {} values, expected a power of two", c.indexDim));
    return {};
}

// GGUF has one number for all layers or one for each.
Result<double> readLimit(const Settings& settings, std::string_view key) {
    const Key limits = {key, ""};
    std::vector<double> values = settings.numbers(limits);
    if (const auto single = settings.number(limits)) values.push_back(*single);
    if (values.empty() || !(values.front() >= 0))
        return fail(Errc::corrupt, fmt::format("deepseek4.{} is missing or no limit", key));
    for (const double value : values)
        if (value != values.front())
            return fail(Errc::unsupported, fmt::format("{} differs from layer to layer", key));
    return values.front();
}

Status readExpertNumbers(const Settings& settings, V4Config& c) {
    TRY_ASSIGN(c.nExperts,
               settings.requireInteger({"expert_count", "n_routed_experts"}, 1, kExpertsMax));
    TRY_ASSIGN(c.topK, settings.requireInteger({"expert_used_count", "num_experts_per_tok"}, 1,
                                               c.nExperts));
    TRY_ASSIGN(c.nShared,
               settings.requireInteger({"expert_shared_count", "n_shared_experts"}, 0, 64));
    TRY_ASSIGN(c.expertDim,
               settings.requireInteger({"expert_feed_forward_length", "moe_intermediate_size"}, 1,
                                       kFfnMax));
    TRY_ASSIGN(c.nHashLayers, readHashLayers(settings, c.decoder.nLayers));
    TRY_ASSIGN(c.scale,
               settings.requireNumber({"expert_weights_scale", "routed_scaling_factor"}, 0, 1e6));
    c.isNormalised = settings.boolean({"expert_weights_norm", "norm_topk_prob"}).value_or(true);
    if (!settings.isGguf()) {
        TRY_ASSIGN(c.limit, settings.requireNumber({"", "swiglu_limit"}, 0, 1e9));
        c.sharedLimit = c.limit;
        return {};
    }
    TRY_ASSIGN(c.limit, readLimit(settings, "swiglu_clamp_exp"));
    c.sharedLimit = c.limit;
    if (settings.contains({"swiglu_clamp_shexp", ""})) {
        TRY_ASSIGN(c.sharedLimit, readLimit(settings, "swiglu_clamp_shexp"));
    }
    return {};
}

Result<V4Config> readV4Config(const Settings& settings) {
    V4Config c;
    TRY_ASSIGN(c.decoder, readDecoderShape(settings));
    TRY(readAttentionNumbers(settings, c));
    TRY(readExpertNumbers(settings, c));
    TRY(readRopes(settings, c));
    TRY_ASSIGN(c.nStreams,
               settings.requireInteger({"hyper_connection.count", "hc_mult"}, 1, kStreamsMax));
    TRY_ASSIGN(c.sinkhornIterations,
               settings.requireInteger(
                   {"hyper_connection.sinkhorn_iterations", "hc_sinkhorn_iters"}, 1, kSinkhornMax));
    TRY_ASSIGN(c.hcEpsilon, settings.requireNumber({"hyper_connection.epsilon", "hc_eps"}, 0, 1));
    return c;
}

// ---- weights

Result<HyperConnection> readConnection(WeightReader& reader, const V4Config& c,
                                       const TensorName& fn, const TensorName& base,
                                       const TensorName& scale, int64_t rows) {
    const std::string_view suffix = reader.isGguf() ? ".weight" : "";
    HyperConnection hc = {.nStreams = c.nStreams,
                          .iterations = c.sinkhornIterations,
                          .epsilon = static_cast<float>(c.hcEpsilon),
                          .normEpsilon = c.decoder.normEpsilon};
    TRY_ASSIGN(hc.mix, reader.matrix(fn, rows, c.nStreams * c.decoder.hiddenDim, suffix));
    TRY_ASSIGN(hc.base, reader.vector(base, rows, suffix));
    TRY_ASSIGN(hc.scale, reader.vector(scale, rows == c.nStreams ? 1 : 3, suffix));
    return hc;
}

Result<HyperConnection> readBlockConnection(WeightReader& reader, const V4Config& c,
                                            const V4Names& names, std::string_view part) {
    const auto name = [&](std::string_view what) {
        const std::string full = fmt::format("hc_{}_{}", part, what);
        return names.at(full, full);
    };
    return readConnection(reader, c, name("fn"), name("base"), name("scale"),
                          (2 + c.nStreams) * c.nStreams);
}

struct CompressorNames {
    TensorName kv, gate, bias, norm;
    std::string_view biasSuffix;
};

Result<Compressor> readCompressor(WeightReader& reader, const V4Config& c,
                                  const CompressorNames& names, int64_t dim, int64_t ratio) {
    Compressor step = {.dim = dim, .ratio = ratio, .hasOverlap = ratio == kOverlapRatio};
    TRY_ASSIGN(step.kv, reader.linear(names.kv, step.width(), c.decoder.hiddenDim));
    TRY_ASSIGN(step.gate, reader.linear(names.gate, step.width(), c.decoder.hiddenDim));
    TRY_ASSIGN(step.positionBias, reader.values(names.bias, ratio, step.width(), names.biasSuffix));
    TRY_ASSIGN(step.norm, reader.norm(names.norm, dim, c.decoder.normEpsilon));
    return step;
}

CompressorNames compressorNames(const WeightReader& reader, const V4Names& names,
                                std::string_view gguf, std::string_view published) {
    const auto name = [&](std::string_view g, std::string_view p) {
        return names.at(fmt::format("{}_{}", gguf, g), fmt::format("{}.{}", published, p));
    };
    return {.kv = name("kv", "wkv"),
            .gate = name("gate", "wgate"),
            .bias = name("ape", "ape"),
            .norm = name("norm", "norm"),
            .biasSuffix = reader.isGguf() ? ".weight" : ""};
}

Result<CompressedIndexer> readV4Indexer(WeightReader& reader, const V4Config& c,
                                        const V4Names& names) {
    CompressedIndexer indexer = {
        .nHeads = c.indexHeads, .headDim = c.indexDim, .topK = c.indexTopK};
    TRY_ASSIGN(indexer.qUp, reader.linear(names.at("indexer.attn_q_b", "attn.indexer.wq_b"),
                                          c.indexHeads * c.indexDim, c.qRank));
    TRY_ASSIGN(indexer.headWeights,
               reader.linear(names.at("indexer.proj", "attn.indexer.weights_proj"), c.indexHeads,
                             c.decoder.hiddenDim));
    TRY_ASSIGN(indexer.keys, readCompressor(reader, c,
                                            compressorNames(reader, names, "indexer_compressor",
                                                            "attn.indexer.compressor"),
                                            c.indexDim, kOverlapRatio));
    return indexer;
}

struct V4Ropes {
    int32_t window = 0, compressed = 0;
};

Result<CompressedAttention> readV4Attention(WeightReader& reader, const V4Config& c,
                                            const V4Names& names, int64_t ratio,
                                            const V4Ropes& ropes) {
    const int64_t hidden = c.decoder.hiddenDim;
    const int64_t heads = c.nHeads * c.headDim;
    CompressedAttention step = {.nHeads = c.nHeads,
                                .headDim = c.headDim,
                                .window = c.window,
                                .rope = ratio == 0 ? ropes.window : ropes.compressed,
                                .ropePairs = c.ropeDims / 2,
                                .queryEpsilon = c.decoder.normEpsilon};
    step.scale = static_cast<float>(1 / std::sqrt(static_cast<double>(c.headDim)));
    TRY_ASSIGN(step.qDown, reader.linear(names.at("attn_q_a", "attn.wq_a"), c.qRank, hidden));
    TRY_ASSIGN(step.qNorm, reader.norm(names.at("attn_q_a_norm", "attn.q_norm"), c.qRank,
                                       c.decoder.normEpsilon));
    TRY_ASSIGN(step.qUp, reader.linear(names.at("attn_q_b", "attn.wq_b"), heads, c.qRank));
    TRY_ASSIGN(step.kv, reader.linear(names.at("attn_kv", "attn.wkv"), c.headDim, hidden));
    TRY_ASSIGN(step.kvNorm, reader.norm(names.at("attn_kv_a_norm",
                                                 names.isResaved() ? "attn.norm" : "attn.kv_norm"),
                                        c.headDim, c.decoder.normEpsilon));
    TRY_ASSIGN(step.sinks, reader.vector(names.at("attn_sinks", "attn.attn_sink"), c.nHeads,
                                         reader.isGguf() ? ".weight" : ""));
    TRY_ASSIGN(const WeightsView down, reader.matrix(names.at("attn_output_a", "attn.wo_a"),
                                                     c.nGroups * c.groupRank, heads / c.nGroups));
    for (int64_t g = 0; g < c.nGroups; ++g)
        step.outDown.push_back(kernels::rowsOf(down, g * c.groupRank, c.groupRank));
    TRY_ASSIGN(step.outUp, reader.linear(names.at("attn_output_b", "attn.wo_b"), hidden,
                                         c.nGroups * c.groupRank));
    if (ratio == 0) return step;
    TRY_ASSIGN(step.compressor,
               readCompressor(reader, c,
                              compressorNames(reader, names, "attn_compressor", "attn.compressor"),
                              c.headDim, ratio));
    if (ratio == kOverlapRatio) {
        TRY_ASSIGN(step.indexer, readV4Indexer(reader, c, names));
    }
    return step;
}

int64_t tableEntry(const WeightsView& table, int64_t row, int64_t i) {
    const uint8_t* at = table.data + row * table.rowBytes;
    if (table.dtype == kernels::DType::i64) {
        int64_t value = 0;
        std::memcpy(&value, at + i * 8, 8);
        return value;
    }
    int32_t value = 0;
    std::memcpy(&value, at + i * 4, 4);
    return value;
}

Status checkTable(const WeightsView& table, int64_t nExperts) {
    for (int64_t row = 0; row < table.rows; ++row)
        for (int64_t i = 0; i < table.cols; ++i) {
            const int64_t expert = tableEntry(table, row, i);
            if (expert < 0 || expert >= nExperts)
                return fail(Errc::corrupt, fmt::format("tid2eid sends token {} to expert {} of {}",
                                                       row, expert, nExperts));
        }
    return {};
}

Result<DenseFfn> readShared(WeightReader& reader, const V4Config& c, const V4Names& names) {
    TRY_ASSIGN(
        DenseFfn shared,
        readDenseFfn(reader, c.decoder, names.at("ffn_gate_shexp", "ffn.shared_experts.w1"),
                     names.at("ffn_up_shexp", "ffn.shared_experts.w3"),
                     names.at("ffn_down_shexp", "ffn.shared_experts.w2"), c.nShared * c.expertDim));
    shared.activation = Activation::siluClamped;
    shared.limit = static_cast<float>(c.sharedLimit);
    return shared;
}

Status readV4Experts(WeightReader& reader, const V4Config& c, const V4Names& names, MoeFfn& ffn) {
    if (reader.isGguf()) {
        TRY_ASSIGN(const auto gates, reader.stack(names.at("ffn_gate_exps", ""), c.nExperts,
                                                  c.expertDim, c.decoder.hiddenDim));
        TRY_ASSIGN(const auto ups, reader.stack(names.at("ffn_up_exps", ""), c.nExperts,
                                                c.expertDim, c.decoder.hiddenDim));
        TRY_ASSIGN(const auto downs, reader.stack(names.at("ffn_down_exps", ""), c.nExperts,
                                                  c.decoder.hiddenDim, c.expertDim));
        for (size_t e = 0; e < gates.size(); ++e)
            ffn.experts.push_back({.gate = gates[e], .up = ups[e], .down = downs[e]});
        ffn.tensors = {.gate = reader.nameOf(names.at("ffn_gate_exps", ""), ""),
                       .up = reader.nameOf(names.at("ffn_up_exps", ""), ""),
                       .down = reader.nameOf(names.at("ffn_down_exps", ""), "")};
        return {};
    }
    const auto every = [&](std::string_view part) {
        return reader.nameOf(names.at("", fmt::format("ffn.experts.#.{}", part)), "");
    };
    ffn.tensors = {.gate = every("w1"), .up = every("w3"), .down = every("w2")};
    for (int64_t e = 0; e < c.nExperts; ++e) {
        const auto name = [&](std::string_view part) {
            return names.at("", fmt::format("ffn.experts.{}.{}", e, part));
        };
        Expert expert;
        TRY_ASSIGN(expert.gate, reader.matrix(name("w1"), c.expertDim, c.decoder.hiddenDim));
        TRY_ASSIGN(expert.up, reader.matrix(name("w3"), c.expertDim, c.decoder.hiddenDim));
        TRY_ASSIGN(expert.down, reader.matrix(name("w2"), c.decoder.hiddenDim, c.expertDim));
        ffn.experts.push_back(std::move(expert));
    }
    return {};
}

Result<MoeFfn> readV4Ffn(WeightReader& reader, const V4Config& c, const V4Names& names,
                         bool isHashed, int64_t vocabularySize) {
    MoeFfn ffn = {.score = RouterScore::sqrtSoftplus,
                  .topK = c.topK,
                  .isNormalised = c.isNormalised,
                  .scale = static_cast<float>(c.scale),
                  .ffnDim = c.expertDim,
                  .activation = Activation::siluClamped,
                  .limit = static_cast<float>(c.limit),
                  .isWeightedBeforeDown = true};
    TRY_ASSIGN(ffn.router, reader.linear(names.at("ffn_gate_inp", "ffn.gate"), c.nExperts,
                                         c.decoder.hiddenDim));
    if (isHashed) {
        TRY_ASSIGN(ffn.hashTable,
                   reader.integers(names.at("ffn_gate_tid2eid", "ffn.gate.tid2eid"), vocabularySize,
                                   c.topK, reader.isGguf() ? ".weight" : ""));
        TRY(checkTable(ffn.hashTable, c.nExperts));
    } else {
        TRY_ASSIGN(ffn.selectionBias,
                   reader.vector(names.at("exp_probs_b", "ffn.gate"), c.nExperts, ".bias"));
    }
    TRY(readV4Experts(reader, c, names, ffn));
    if (c.nShared > 0) {
        TRY_ASSIGN(ffn.shared, readShared(reader, c, names));
    }
    ffn.name = reader.nameOf(names.at("ffn_exps", "ffn.experts"), "");
    return ffn;
}

struct V4Layer {
    int64_t ratio = 0;
    bool isHashed = false;
    int64_t vocabularySize = 0;
};

Result<Block> readV4Block(WeightReader& reader, const V4Config& c, const V4Names& names,
                          const V4Layer& layer, const V4Ropes& ropes) {
    Block block;
    TRY_ASSIGN(block.attentionNorm, reader.norm(names.at("attn_norm", "attn_norm"),
                                                c.decoder.hiddenDim, c.decoder.normEpsilon));
    TRY_ASSIGN(block.ffnNorm, reader.norm(names.at("ffn_norm", "ffn_norm"), c.decoder.hiddenDim,
                                          c.decoder.normEpsilon));
    TRY_ASSIGN(block.attention, readV4Attention(reader, c, names, layer.ratio, ropes));
    TRY_ASSIGN(block.ffn, readV4Ffn(reader, c, names, layer.isHashed, layer.vocabularySize));
    TRY_ASSIGN(block.attentionConnection, readBlockConnection(reader, c, names, "attn"));
    TRY_ASSIGN(block.ffnConnection, readBlockConnection(reader, c, names, "ffn"));
    return block;
}

Result<DraftBlock> readV4Draft(WeightReader& reader, const V4Config& c, const ModelPlan& plan,
                               const V4Ropes& ropes) {
    const V4Names names("", "mtp.0", false);
    const int64_t n = c.decoder.hiddenDim;
    DraftBlock draft;
    TRY_ASSIGN(draft.block,
               readV4Block(reader, c, names, {.vocabularySize = plan.vocabularySize}, ropes));
    TRY_ASSIGN(draft.embeddingNorm, reader.norm(names.at("", "enorm"), n, c.decoder.normEpsilon));
    TRY_ASSIGN(draft.hiddenNorm, reader.norm(names.at("", "hnorm"), n, c.decoder.normEpsilon));
    TRY_ASSIGN(draft.norm, reader.norm(names.at("", "norm"), n, c.decoder.normEpsilon));
    TRY_ASSIGN(draft.embeddingProjection, reader.linear(names.at("", "e_proj"), n, n));
    TRY_ASSIGN(draft.hiddenProjection, reader.linear(names.at("", "h_proj"), n, n));
    TRY_ASSIGN(draft.headConnection,
               readConnection(reader, c, names.at("", "hc_head_fn"), names.at("", "hc_head_base"),
                              names.at("", "hc_head_scale"), c.nStreams));
    return draft;
}

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

Result<HyperConnection> readHeadConnection(WeightReader& reader, const V4Config& c,
                                           bool isResaved) {
    const auto name = [&](std::string_view part) {
        return TensorName{
            fmt::format("output_hc_{}", part),
            isResaved ? fmt::format("model.hc_head.hc_{}", part) : fmt::format("hc_head_{}", part)};
    };
    return readConnection(reader, c, name("fn"), name("base"), name("scale"), c.nStreams);
}

}  // namespace

Result<ModelPlan> planDeepSeekV4(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    TRY_ASSIGN(const V4Config c, readV4Config(settings));
    WeightReader reader(source);
    const bool isResaved = !reader.isGguf() && reader.contains({"", "model.embed_tokens"});
    ModelPlan plan;
    plan.nStreams = c.nStreams;
    TRY(readEnds(settings, reader, c.decoder, v4EndNames(reader, isResaved), plan));
    TRY_ASSIGN(plan.headConnection, readHeadConnection(reader, c, isResaved));
    const auto rope = [&](const RopeSettings& s) {
        Rope made = makeRope(s, RopeLayout::interleaved, c.ropeDims);
        made.hasFloatAngles = true;
        return plan.addRope(std::move(made));
    };
    const V4Ropes ropes = {.window = rope(c.rope), .compressed = rope(c.compressedRope)};
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
    if (!reader.isGguf() && reader.contains({"", "mtp.0.e_proj"})) {
        TRY_ASSIGN(plan.draft, readV4Draft(reader, c, plan, ropes));
    }
    // Copies of the ends that some checkpoints carry; in GGUF a draft block whose hyper-connection
    // head no published converter places.
    reader.ignorePrefix("mtp.0.emb");
    reader.ignorePrefix("mtp.0.head");
    if (reader.isGguf()) reader.ignorePrefix(fmt::format("blk.{}.", c.decoder.nLayers));
    reader.ignoreSuffix("exp_probs_b_vl.bias");  // for the tokens of images
    TRY(reader.checkNothingLeft("DeepSeek V4"));
    plan.weightBytes = reader.bytes();
    plan.parameters = reader.parameters();
    return plan;
}

}  // namespace moxie::engine
