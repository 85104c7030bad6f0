#include "engine/make/tiny_config.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace moxie::engine {

using nlohmann::json;

namespace {

json base(std::string_view family) {
    return {{"model_type", family},
            {"vocab_size", 512},
            {"hidden_size", 256},
            {"num_hidden_layers", 4},
            {"num_attention_heads", 4},
            {"num_key_value_heads", 2},
            {"head_dim", 64},
            {"intermediate_size", 512},
            {"max_position_embeddings", 8192},
            {"rms_norm_eps", 1e-6},
            {"rope_theta", 10000.0},
            {"hidden_act", "silu"},
            {"tie_word_embeddings", false},
            {"torch_dtype", "bfloat16"},
            {"bos_token_id", 256},
            {"eos_token_id", 257}};
}

json with(json config, const json& more) {
    config.update(more);
    return config;
}

json experts() {
    return {{"num_experts_per_tok", 2}, {"moe_intermediate_size", 256}, {"norm_topk_prob", true}};
}

json deepSeekExperts() {
    return with(experts(), {{"n_routed_experts", 8},
                            {"n_shared_experts", 1},
                            {"first_k_dense_replace", 1},
                            {"n_group", 4},
                            {"topk_group", 2},
                            {"scoring_func", "sigmoid"},
                            {"topk_method", "noaux_tc"},
                            {"routed_scaling_factor", 2.5}});
}

json latents() {
    return {{"num_key_value_heads", 4}, {"q_lora_rank", 256},     {"kv_lora_rank", 256},
            {"qk_nope_head_dim", 64},   {"qk_rope_head_dim", 64}, {"v_head_dim", 64}};
}

json yarn(double factor, int64_t original) {
    return {{"type", "yarn"},
            {"factor", factor},
            {"beta_fast", 32.0},
            {"beta_slow", 1.0},
            {"mscale", 1.0},
            {"mscale_all_dim", 1.0},
            {"original_max_position_embeddings", original}};
}

json deepSeekV3(std::string_view family) {
    json config = with(with(base(family), deepSeekExperts()), latents());
    config.erase("head_dim");
    config["rope_scaling"] = yarn(40, 4096);
    config["num_nextn_predict_layers"] = 1;
    return config;
}

json deepSeekV2() {
    json config = with(deepSeekV3("deepseek_v2"), {{"n_group", 1},
                                                   {"topk_group", 1},
                                                   {"n_shared_experts", 2},
                                                   {"scoring_func", "softmax"},
                                                   {"topk_method", "greedy"},
                                                   {"norm_topk_prob", false},
                                                   {"routed_scaling_factor", 1.0},
                                                   {"num_nextn_predict_layers", 0},
                                                   {"q_lora_rank", nullptr}});
    config["rope_scaling"]["mscale"] = 0.707;
    config["rope_scaling"]["mscale_all_dim"] = 0.707;
    return config;
}

json deepSeekV32() {
    return with(deepSeekV3("deepseek_v32"),
                {{"index_n_heads", 8}, {"index_head_dim", 128}, {"index_topk", 64}});
}

json kimiK2() {
    json config = with(deepSeekV3("kimi_k2"), {{"n_group", 1},
                                               {"topk_group", 1},
                                               {"routed_scaling_factor", 2.827},
                                               {"rope_theta", 50000.0},
                                               {"num_nextn_predict_layers", 0}});
    config["rope_scaling"] = yarn(32, 4096);
    config["rope_scaling"]["beta_fast"] = 1.0;
    return config;
}

json deepSeekV4() {
    json config = with(with(base("deepseek_v4"), experts()),
                       {{"num_hidden_layers", 8},
                        {"num_attention_heads", 4},
                        {"num_key_value_heads", 1},
                        {"head_dim", 512},
                        {"qk_rope_head_dim", 64},
                        {"q_lora_rank", 256},
                        {"o_groups", 2},
                        {"o_lora_rank", 256},
                        {"sliding_window", 128},
                        {"compress_ratios", {0, 0, 4, 128, 4, 128, 4, 128, 0}},
                        {"compress_rope_theta", 160000.0},
                        {"index_n_heads", 8},
                        {"index_head_dim", 128},
                        {"index_topk", 64},
                        {"n_routed_experts", 8},
                        {"n_shared_experts", 1},
                        {"num_hash_layers", 2},
                        {"scoring_func", "sqrtsoftplus"},
                        {"topk_method", "noaux_tc"},
                        {"routed_scaling_factor", 1.5},
                        {"swiglu_limit", 10.0},
                        {"hc_mult", 4},
                        {"hc_sinkhorn_iters", 20},
                        {"hc_eps", 1e-6},
                        {"num_nextn_predict_layers", 1},
                        {"max_position_embeddings", 1048576}});
    config.erase("intermediate_size");
    config["rope_scaling"] = {{"type", "yarn"},
                              {"factor", 16.0},
                              {"beta_fast", 32.0},
                              {"beta_slow", 1.0},
                              {"original_max_position_embeddings", 65536}};
    return config;
}

// As of 0731: three blocks that guess five tokens at once.
json deepSeekV4BlockDrafter() {
    return with(deepSeekV4(), {{"compress_ratios", {0, 0, 4, 128, 4, 128, 4, 128, 0, 0, 0}},
                               {"dspark_block_size", 5},
                               {"dspark_noise_token_id", 3},
                               {"dspark_target_layer_ids", {5, 6, 7}},
                               {"dspark_markov_rank", 256}});
}

json gptOss() {
    json config = with(base("gpt_oss"), {{"num_local_experts", 8},
                                         {"num_experts_per_tok", 2},
                                         {"intermediate_size", 256},
                                         {"sliding_window", 128},
                                         {"swiglu_limit", 7.0},
                                         {"rope_theta", 150000.0}});
    config["rope_scaling"] = {{"rope_type", "yarn"}, {"factor", 32.0},
                              {"beta_fast", 32.0},   {"beta_slow", 1.0},
                              {"truncate", false},   {"original_max_position_embeddings", 4096}};
    config["layer_types"] = {"sliding_attention", "full_attention", "sliding_attention",
                             "full_attention"};
    return config;
}

json miniMax() {
    return with(base("minimax_m2"), {{"num_local_experts", 8},
                                     {"num_experts_per_tok", 2},
                                     {"intermediate_size", 256},
                                     {"rotary_dim", 32},
                                     {"scoring_func", "sigmoid"},
                                     {"rope_theta", 5e6}});
}

json glm() {
    return with(with(base("glm4_moe"), deepSeekExperts()), {{"n_group", 1},
                                                            {"topk_group", 1},
                                                            {"partial_rotary_factor", 0.5},
                                                            {"rope_theta", 1e6},
                                                            {"num_nextn_predict_layers", 1}});
}

struct TinyFamily {
    std::string_view name;
    std::string_view architecture;  // the class its makers name in config.json
    json (*config)();
};

constexpr std::array kTinyFamilies = {
    TinyFamily{"llama", "LlamaForCausalLM", [] { return base("llama"); }},
    TinyFamily{"qwen2", "Qwen2ForCausalLM", [] { return base("qwen2"); }},
    TinyFamily{"qwen3", "Qwen3ForCausalLM", [] { return base("qwen3"); }},
    TinyFamily{"qwen3_moe", "Qwen3MoeForCausalLM",
               [] {
                   return with(with(base("qwen3_moe"), experts()), {{"num_experts", 8}});
               }},
    TinyFamily{"glm4_moe", "Glm4MoeForCausalLM", glm},
    TinyFamily{"minimax_m2", "MiniMaxM2ForCausalLM", miniMax},
    TinyFamily{"gpt_oss", "GptOssForCausalLM", gptOss},
    TinyFamily{"deepseek_v2", "DeepseekV2ForCausalLM", deepSeekV2},
    TinyFamily{"deepseek_v3", "DeepseekV3ForCausalLM", [] { return deepSeekV3("deepseek_v3"); }},
    TinyFamily{"kimi_k2", "DeepseekV3ForCausalLM", kimiK2},
    TinyFamily{"deepseek_v32", "DeepseekV32ForCausalLM", deepSeekV32},
    TinyFamily{"deepseek_v4", "DeepseekV4ForCausalLM", deepSeekV4},
    TinyFamily{"deepseek_v4_0731", "DeepseekV4ForCausalLM", deepSeekV4BlockDrafter},
};

// ---- GGUF

enum class Kind { integer, real, flag };

struct Mapping {
    const char* json;
    const char* gguf;
    Kind kind;
};

constexpr std::array kMappings = {
    Mapping{"hidden_size", "embedding_length", Kind::integer},
    Mapping{"vocab_size", "vocab_size", Kind::integer},
    Mapping{"max_position_embeddings", "context_length", Kind::integer},
    Mapping{"num_attention_heads", "attention.head_count", Kind::integer},
    Mapping{"rms_norm_eps", "attention.layer_norm_rms_epsilon", Kind::real},
    Mapping{"intermediate_size", "feed_forward_length", Kind::integer},
    Mapping{"rope_theta", "rope.freq_base", Kind::real},
    Mapping{"num_experts", "expert_count", Kind::integer},
    Mapping{"num_local_experts", "expert_count", Kind::integer},
    Mapping{"n_routed_experts", "expert_count", Kind::integer},
    Mapping{"num_experts_per_tok", "expert_used_count", Kind::integer},
    Mapping{"n_shared_experts", "expert_shared_count", Kind::integer},
    Mapping{"moe_intermediate_size", "expert_feed_forward_length", Kind::integer},
    Mapping{"routed_scaling_factor", "expert_weights_scale", Kind::real},
    Mapping{"norm_topk_prob", "expert_weights_norm", Kind::flag},
    Mapping{"first_k_dense_replace", "leading_dense_block_count", Kind::integer},
    Mapping{"n_group", "expert_group_count", Kind::integer},
    Mapping{"topk_group", "expert_group_used_count", Kind::integer},
    Mapping{"q_lora_rank", "attention.q_lora_rank", Kind::integer},
    Mapping{"kv_lora_rank", "attention.kv_lora_rank", Kind::integer},
    Mapping{"sliding_window", "attention.sliding_window", Kind::integer},
    Mapping{"index_n_heads", "attention.indexer.head_count", Kind::integer},
    Mapping{"index_head_dim", "attention.indexer.key_length", Kind::integer},
    Mapping{"index_topk", "attention.indexer.top_k", Kind::integer},
    Mapping{"o_groups", "attention.output_group_count", Kind::integer},
    Mapping{"o_lora_rank", "attention.output_lora_rank", Kind::integer},
    Mapping{"compress_rope_theta", "attention.compress_rope_freq_base", Kind::real},
    Mapping{"num_hash_layers", "hash_layer_count", Kind::integer},
    Mapping{"hc_mult", "hyper_connection.count", Kind::integer},
    Mapping{"hc_sinkhorn_iters", "hyper_connection.sinkhorn_iterations", Kind::integer},
    Mapping{"hc_eps", "hyper_connection.epsilon", Kind::real},
};

std::string architectureOf(const std::string& family) {
    if (family == "qwen3_moe") return "qwen3moe";
    if (family == "glm4_moe") return "glm4moe";
    if (family == "minimax_m2") return "minimax-m2";
    if (family == "gpt_oss") return "gpt-oss";
    if (family == "deepseek_v32") return "deepseek32";
    if (family == "deepseek_v4") return "deepseek4";
    if (family.starts_with("deepseek") || family == "kimi_k2") return "deepseek2";
    return family;
}

class MetadataWriter {
public:
    MetadataWriter(const json& config, std::string architecture)
        : config_(config),
          architecture_(std::move(architecture)) {}

    GgufMetadata write() {
        metadata_.setString("general.architecture", architecture_);
        metadata_.setString("general.name", "random " + config_["model_type"].get<std::string>());
        for (const Mapping& mapping : kMappings)
            if (config_.contains(mapping.json) && !config_[mapping.json].is_null()) map(mapping);
        writeHeads();
        writeRope();
        writeExperts();
        writeLayers();
        if (architecture_ == "deepseek4") writeV4();
        return std::move(metadata_);
    }

private:
    std::string key(const std::string& name) const { return architecture_ + "." + name; }

    void map(const Mapping& mapping) {
        const json& value = config_[mapping.json];
        if (mapping.kind == Kind::integer)
            metadata_.setU32(key(mapping.gguf), value.get<uint32_t>());
        else if (mapping.kind == Kind::real)
            metadata_.setF32(key(mapping.gguf), value.get<float>());
        else
            metadata_.setBool(key(mapping.gguf), value.get<bool>());
    }

    uint32_t integer(const char* name) const { return config_[name].get<uint32_t>(); }

    // Where GGUF files carry the draft block it counts as a layer; a block drafter has a file of
    // its own.
    uint32_t draftLayers() const {
        const bool carries = architecture_ == "glm4moe" || architecture_ == "deepseek4";
        if (!carries || config_.contains("dspark_block_size")) return 0;
        return integer("num_nextn_predict_layers");
    }

    void writeLayers() {
        if (draftLayers() > 0) metadata_.setU32(key("nextn_predict_layers"), draftLayers());
        metadata_.setU32(key("block_count"), integer("num_hidden_layers") + draftLayers());
    }

    void writeHeads() {
        if (config_.contains("kv_lora_rank")) {  // latents: one head of rank + rope
            const uint32_t rope = integer("qk_rope_head_dim");
            metadata_.setU32(key("attention.head_count_kv"), 1);
            metadata_.setU32(key("attention.key_length"), integer("kv_lora_rank") + rope);
            metadata_.setU32(key("attention.value_length"), integer("kv_lora_rank"));
            metadata_.setU32(key("attention.key_length_mla"), integer("qk_nope_head_dim") + rope);
            metadata_.setU32(key("attention.value_length_mla"), integer("v_head_dim"));
            metadata_.setU32(key("rope.dimension_count"), rope);
            // Lite: llama.cpp takes a model without the key for one only by its number of layers.
            if (config_["q_lora_rank"].is_null()) metadata_.setU32(key("attention.q_lora_rank"), 0);
            return;
        }
        const uint32_t headDim = integer("head_dim");
        uint32_t ropeDims = headDim;
        if (config_.contains("rotary_dim")) ropeDims = integer("rotary_dim");
        if (config_.contains("qk_rope_head_dim")) ropeDims = integer("qk_rope_head_dim");
        if (config_.contains("partial_rotary_factor"))
            ropeDims =
                static_cast<uint32_t>(headDim * config_["partial_rotary_factor"].get<double>());
        metadata_.setU32(key("attention.head_count_kv"), integer("num_key_value_heads"));
        metadata_.setU32(key("attention.key_length"), headDim);
        metadata_.setU32(key("attention.value_length"), headDim);
        metadata_.setU32(key("rope.dimension_count"), ropeDims);
    }

    void writeRope() {
        if (!config_.contains("rope_scaling")) return;
        const json& scaling = config_["rope_scaling"];
        metadata_.setString(key("rope.scaling.type"), "yarn");
        metadata_.setF32(key("rope.scaling.factor"), scaling["factor"].get<float>());
        metadata_.setU32(key("rope.scaling.original_context_length"),
                         scaling["original_max_position_embeddings"].get<uint32_t>());
        metadata_.setF32(key("rope.scaling.yarn_beta_fast"), scaling["beta_fast"].get<float>());
        metadata_.setF32(key("rope.scaling.yarn_beta_slow"), scaling["beta_slow"].get<float>());
        if (scaling.contains("mscale_all_dim"))
            metadata_.setF32(key("rope.scaling.yarn_log_multiplier"),
                             0.1F * scaling["mscale_all_dim"].get<float>());
    }

    // 1 softmax, 2 sigmoid, 3 softmax of the chosen, 4 square root of softplus.
    void writeExperts() {
        if (!config_.contains("num_experts_per_tok")) return;
        const std::string score = config_.value("scoring_func", "softmax");
        uint32_t kind = score == "sigmoid" ? 2 : score == "sqrtsoftplus" ? 4 : 1;
        if (architecture_ == "gpt-oss") kind = 3;
        metadata_.setU32(key("expert_gating_func"), kind);
        if (architecture_ == "minimax-m2" || architecture_ == "gpt-oss")
            metadata_.setU32(key("expert_feed_forward_length"), integer("intermediate_size"));
    }

    void writeV4() {
        const size_t layers = size_t{integer("num_hidden_layers")} + draftLayers();
        auto ratios = config_["compress_ratios"].get<std::vector<int32_t>>();
        ratios.resize(layers);
        metadata_.setI32s(key("attention.compress_ratios"), ratios);
        const std::vector<float> limits(layers, config_["swiglu_limit"].get<float>());
        metadata_.setF32s(key("swiglu_clamp_exp"), limits);
        metadata_.setF32s(key("swiglu_clamp_shexp"), limits);
        metadata_.setU32(key("embedding_length_out"), integer("hidden_size") * integer("hc_mult"));
    }

    const json& config_;
    std::string architecture_;
    GgufMetadata metadata_;
};

json widened(json config) {
    config["hidden_size"] = 1024;
    config["vocab_size"] = 4096;
    config["num_hidden_layers"] = 8;
    for (const char* key : {"intermediate_size", "moe_intermediate_size"})
        if (config.contains(key)) config[key] = 1024;
    if (config.contains("layer_types")) config.erase("layer_types");
    return config;
}

// For memory and files that do not fit the caches: 1.6 billion parameters with experts.
json withManyExperts(json config) {
    for (const char* key : {"num_experts", "num_local_experts", "n_routed_experts"})
        if (config.contains(key)) config[key] = 64;
    return widened(std::move(config));
}

// The shape whose speed is compared with other engines: 5.2 billion parameters, of which a token
// is multiplied with 0.97 billion.
json ofComparedShape(json config) {
    return with(std::move(config), {{"hidden_size", 2048},
                                    {"num_hidden_layers", 16},
                                    {"num_attention_heads", 32},
                                    {"num_key_value_heads", 4},
                                    {"head_dim", 128},
                                    {"num_experts", 64},
                                    {"num_experts_per_tok", 8},
                                    {"moe_intermediate_size", 768},
                                    {"vocab_size", 32768},
                                    {"max_position_embeddings", 65536}});
}

}  // namespace

std::vector<std::string_view> tinyFamilies() {
    std::vector<std::string_view> names;
    for (const TinyFamily& family : kTinyFamilies)
        names.push_back(family.name);
    return names;
}

std::optional<json> tinyConfig(std::string_view family, std::string_view size) {
    for (const TinyFamily& candidate : kTinyFamilies) {
        if (candidate.name != family) continue;
        json config = candidate.config();
        config["architectures"] = {candidate.architecture};
        if (size == "tiny") return config;
        if (size == "small") return widened(std::move(config));
        if (size == "medium") return withManyExperts(std::move(config));
        if (size == "large" && family == "qwen3_moe") return ofComparedShape(std::move(config));
    }
    return std::nullopt;
}

GgufMetadata ggufMetadataOf(const json& config) {
    return MetadataWriter(config, architectureOf(config["model_type"].get<std::string>())).write();
}

}  // namespace moxie::engine
