// A model as published on model hubs: config.json and one or many safetensors files, mapped and
// never copied; quantised weights are listed with their scales (scale_pairing.h). Not here: what
// names and keys mean (engine/families), tokenizer.json (engine/tokenizer).
// Threads: immutable; any thread. Views live as long as the object; it may be moved.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/safetensors/safetensors_file.h"
#include "engine/safetensors/scale_pairing.h"
#include "engine/weights/model_config.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

class SafetensorsModel final : public TensorSource {
public:
    // `path`: a folder with config.json and either model.safetensors.index.json and its shards or
    // any number of .safetensors files; or one such file with config.json beside it (a shard
    // that the index names opens them all). Fails:
    // notFound, denied, io, corrupt, unsupported; the message names the file and the tensor.
    static base::Result<SafetensorsModel> open(const std::filesystem::path& path);
    // One file and config.json in memory; the file's bytes must outlive the object. Fails:
    // corrupt, unsupported.
    static base::Result<SafetensorsModel> parse(std::span<const std::byte> file,
                                                std::string_view configText);

    SourceKind kind() const override { return SourceKind::safetensors; }

    std::span<const StoredTensor> tensors() const override { return paired_.tensors; }

    const StoredTensor* findTensor(std::string_view name) const override;

    std::vector<const base::MappedFile*> files() const override;

    const ModelConfig& config() const { return config_; }

    // Where config.json and tokenizer.json lie; empty for a model in memory.
    const std::filesystem::path& folder() const { return folder_; }

    int64_t fileBytes() const;  // of all shards

private:
    SafetensorsModel(ModelConfig config, std::filesystem::path folder)
        : config_(std::move(config)),
          folder_(std::move(folder)) {}

    base::Status pair();

    ModelConfig config_;
    std::filesystem::path folder_;
    std::vector<SafetensorsFile> files_;
    PairedTensors paired_;
};

}  // namespace moxie::engine
