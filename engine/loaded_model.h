// A model ready to be run: its mapped files and its plan.
// Threads: immutable; any thread.
#pragma once
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "engine/plan/model_plan.h"
#include "engine/weights/map_guard.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

struct LoadedModel {
    std::unique_ptr<TensorSource> source;  // what the plan's views point into
    ModelPlan plan;
    std::unique_ptr<MapGuard> guard;  // of the source's files
};

// A GGUF file, or a folder as models are published. Reads the head of the files and small tensors
// only. Fails: what opening and planning fail with.
base::Result<LoadedModel> loadModel(const std::filesystem::path& path);

}  // namespace moxie::engine
