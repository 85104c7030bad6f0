#include "engine/families/deepseek_v4_config.h"

#include <fmt/format.h>

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kLongRatio = 128;  // heavily compressed attention
constexpr int64_t kSinkhornMax = 1000;
constexpr int64_t kStreamsMax = 8;

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

}  // namespace

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

}  // namespace moxie::engine
