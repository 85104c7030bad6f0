// A model ready to be run: its mapped files and its plan.
// Threads: immutable; any thread.
#pragma once
#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.h"
#include "engine/plan/model_plan.h"
#include "engine/weights/map_guard.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

struct LoadedModel {
    std::unique_ptr<TensorSource> source;       // what the plan's views point into
    std::unique_ptr<TensorSource> draftSource;  // as well, if its drafter has a file of its own
    ModelPlan plan;
    std::unique_ptr<MapGuard> guard;  // of all files

    std::vector<const base::MappedFile*> files() const;
};

// A GGUF file, or a folder as models are published; a GGUF file of its drafter, if it has one.
// Reads the head of the files and small tensors only. Fails: what opening and planning fail with.
base::Result<LoadedModel> loadModel(const std::filesystem::path& path,
                                    const std::filesystem::path& draftFile = {});

}  // namespace moxie::engine
