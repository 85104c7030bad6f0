#include "engine/make/blueprint.h"

#include <algorithm>
#include <array>
#include <utility>

namespace moxie::engine {

Blueprint::Blueprint(ModelConfig config) : config_(std::move(config)) {}

Blueprint::Blueprint(GgufFile metadata) : metadata_(std::move(metadata)) {}

SourceKind Blueprint::kind() const {
    return metadata_ ? SourceKind::gguf : SourceKind::safetensors;
}

const StoredTensor* Blueprint::declare(std::string_view name, std::span<const int64_t> dims,
                                       TensorRole role) const {
    const auto known = std::find_if(planned_.begin(), planned_.end(),
                                    [&](const PlannedTensor& t) { return t.name == name; });
    if (known != planned_.end()) return &given_[static_cast<size_t>(known - planned_.begin())];
    planned_.push_back(
        {.name = std::string(name), .role = role, .dims = {dims.begin(), dims.end()}});
    StoredTensor& tensor = given_.emplace_back();
    tensor.name = planned_.back().name;
    tensor.nDims = static_cast<int32_t>(dims.size());
    std::copy(dims.begin(), dims.end(), tensor.dims.begin());
    kernels::WeightsView& view = tensor.weights;
    view.dtype = role == TensorRole::table ? kernels::DType::i32 : kernels::DType::f32;
    view.cols = tensor.dims[0];
    view.rows = tensor.dims[1] * tensor.dims[2] * tensor.dims[3];
    view.rowBytes = view.cols * 4;
    if (role != TensorRole::matrix) {
        zeros_.emplace_back(static_cast<size_t>(view.rows * view.rowBytes), uint8_t{0});
        view.data = zeros_.back().data();
    }
    return &tensor;
}

bool Blueprint::wants(std::string_view name) const {
    const bool hasBlocks = config_ && config_->contains("dspark_block_size");
    if (name == "mtp.0.main_proj.weight" || name.ends_with("confidence_head.proj.weight"))
        return hasBlocks;
    if (name.starts_with("mtp.") && name.ends_with(".attn_norm.weight"))
        return hasBlocks && name < "mtp.3";  // as many stages as published models have
    const bool hasDraft = draftLayers() > 0 && !hasBlocks;
    if (name.ends_with(".eh_proj.weight") || name == "mtp.0.e_proj.weight") return hasDraft;
    if (name.ends_with(".nextn.shared_head_norm.weight")) return hasDraft;
    if (name.ends_with(".attn_q_norm.weight") || name.ends_with("self_attn.q_norm.weight") ||
        name.ends_with("kv_b_proj.weight"))
        return true;
    if (name.ends_with("e_score_correction_bias"))
        return config_->string("scoring_func").value_or("sigmoid") != "softmax";
    if (name.ends_with("exp_probs_b.bias"))
        return metadata_->integer(ggufKey("expert_gating_func")) != 1;
    const bool isTied = config_ && config_->boolean("tie_word_embeddings").value_or(false);
    constexpr std::array kHeads = {"lm_head.weight", "output.weight", "head.weight"};
    return std::find(kHeads.begin(), kHeads.end(), name) != kHeads.end() && !isTied;
}

int64_t Blueprint::draftLayers() const {
    if (config_) return config_->integer("num_nextn_predict_layers").value_or(0);
    return metadata_->integer(ggufKey("nextn_predict_layers")).value_or(0);
}

std::string Blueprint::ggufKey(std::string_view name) const {
    std::string key(metadata_->string("general.architecture").value_or(""));
    return key.append(".").append(name);
}

int64_t Blueprint::vocabularySize() const {
    if (config_) return config_->integer("vocab_size").value_or(0);
    return metadata_->integer(ggufKey("vocab_size")).value_or(0);
}

const Blueprint* asBlueprint(const TensorSource& source) {
    return dynamic_cast<const Blueprint*>(&source);
}

}  // namespace moxie::engine
