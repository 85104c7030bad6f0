// One LoRA adapter as its file has it: pairs of factors, by the name of the weights they change.
// Two conventions: GGUF as llama.cpp reads it (NAME.weight.lora_a and .lora_b, adapter.lora.alpha),
// and the folder that PEFT saves (adapter_config.json beside adapter_model.safetensors,
// base_model.model.NAME.lora_A.weight and .lora_B.weight, of embeddings .lora_embedding_A and _B).
// Mapped, never copied. Safe on hostile
// input. Not here: whether a model has such weights (adapter_set.h).
// Threads: immutable; any thread. Views live as long as the object; it may be moved.
// Sources: llama.cpp's llama-adapter.cpp; PEFT's LoraConfig and save_and_load.py.
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_file.h"
#include "engine/safetensors/safetensors_file.h"

namespace moxie::engine {

constexpr int64_t kLoraRankMax = 65536;  // of stacks of experts: all of them together

// A of [count, rank, in] and B of [count, out, rank]; count is 1 but for stacked experts.
struct LoraPair {
    std::string target;  // "blk.0.attn_q", "model.layers.0.self_attn.q_proj"
    kernels::WeightsView down = {}, up = {};
    int64_t count = 1;
    bool isTurned = false;  // A lies [in, rank], as llama.cpp keeps an embedding's: a row per token

    int64_t rank() const { return up.cols; }
};

// Weights of the model that an adapter brings along unchanged: PEFT saves the base of an adapted
// embedding or head.
struct LoraBaseCopy {
    std::string target;
    kernels::WeightsView weights = {};
};

// A scale that holds for names that end so.
struct AlphaPattern {
    std::string ending;
    double alpha = 0;
};

class LoraFile {
public:
    // Fails: notFound, denied, io, corrupt (half a pair, ranks that do not agree), unsupported
    // (what is no LoRA adapter, options of PEFT that change more than products; by name).
    static base::Result<LoraFile> open(const std::filesystem::path& path);

    SourceKind kind() const { return gguf_ ? SourceKind::gguf : SourceKind::safetensors; }

    // Of the model it was trained on; empty if the file does not say.
    const std::string& architecture() const { return architecture_; }

    std::span<const LoraPair> pairs() const { return pairs_; }  // sorted by target

    std::span<const LoraBaseCopy> baseCopies() const { return baseCopies_; }

    // The adapter's own scale for weights of that name, adapted with that rank.
    double scaleOf(std::string_view name, int64_t rank) const;

private:
    LoraFile() = default;
    base::Status readGguf();
    base::Status readPeft(const std::filesystem::path& configFile);
    base::Status readPeftScales(std::string_view configText);

    std::optional<GgufFile> gguf_;
    std::optional<SafetensorsFile> safetensors_;
    std::string architecture_;
    std::vector<LoraPair> pairs_;
    std::vector<LoraBaseCopy> baseCopies_;
    double alpha_ = 0;  // 0: none, the scale is 1
    bool isRankStabilised_ = false;
    std::vector<AlphaPattern> alphaPatterns_;
};

}  // namespace moxie::engine
