// One block of DeepSeek V4 from its tensors, wherever a file keeps them: the model's own, and those
// of its drafters. Threads: one thread, as WeightReader.
#pragma once
#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "engine/families/deepseek_v4_config.h"
#include "engine/families/weight_reader.h"
#include "engine/plan/model_plan.h"

namespace moxie::engine {

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

struct V4Ropes {
    int32_t window = 0, compressed = 0;
};

// The plan's ropes for these numbers.
V4Ropes addV4Ropes(const V4Config& c, ModelPlan& plan);

struct V4Layer {
    int64_t ratio = 0;
    bool isHashed = false;
    int64_t vocabularySize = 0;
};

// Fails: corrupt (a tensor is absent or has another shape), unsupported, by name.
base::Result<Block> readV4Block(WeightReader& reader, const V4Config& c, const V4Names& names,
                                const V4Layer& layer, const V4Ropes& ropes);

// How the streams become one before the head. In a re-saved checkpoint it has other names.
base::Result<HyperConnection> readHeadConnection(WeightReader& reader, const V4Config& c,
                                                 bool isResaved = false);

// Hyper-connections: `rows` mixing rows; as many as streams where they only collapse.
base::Result<HyperConnection> readConnection(WeightReader& reader, const V4Config& c,
                                             const TensorName& fn, const TensorName& base,
                                             const TensorName& scale, int64_t rows);

}  // namespace moxie::engine
