// A model that is yet to be written: its configuration, and a list of the tensors that its family
// asks for, which grows while a plan is made from it. So a small random model of any family is made
// from the same code that reads it.
// Threads: one thread.
#pragma once
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/gguf/gguf_file.h"
#include "engine/weights/model_config.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

enum class TensorRole { matrix, vector, table };

struct PlannedTensor {
    std::string name;
    TensorRole role = TensorRole::matrix;
    std::vector<int64_t> dims;  // dims[0] is the contiguous one
};

class Blueprint final : public TensorSource {
public:
    // Of a model as published, or of a GGUF file's metadata (a file without tensors).
    explicit Blueprint(ModelConfig config);
    explicit Blueprint(GgufFile metadata);

    SourceKind kind() const override;

    std::span<const StoredTensor> tensors() const override { return {}; }

    const StoredTensor* findTensor(std::string_view) const override { return nullptr; }

    const ModelConfig* config() const { return config_ ? &*config_ : nullptr; }

    const GgufFile* metadata() const { return metadata_ ? &*metadata_ : nullptr; }

    // Notes a tensor and gives it, vectors and tables filled with zeros.
    const StoredTensor* declare(std::string_view name, std::span<const int64_t> dims,
                                TensorRole role) const;
    // Whether the model is to have a tensor that some models lack.
    bool wants(std::string_view name) const;
    int64_t vocabularySize() const;

    std::span<const PlannedTensor> planned() const { return planned_; }

private:
    int64_t draftLayers() const;
    std::string ggufKey(std::string_view name) const;

    std::optional<ModelConfig> config_;
    std::optional<GgufFile> metadata_;
    mutable std::vector<PlannedTensor> planned_;
    mutable std::deque<StoredTensor> given_;
    mutable std::deque<std::vector<uint8_t>> zeros_;
};

// nullptr if the source is no blueprint.
const Blueprint* asBlueprint(const TensorSource& source);

}  // namespace moxie::engine
