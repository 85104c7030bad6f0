// Opens a model wherever its tensors are: decides by content, not by name. Threads: any thread.
#pragma once
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "engine/gguf/gguf_file.h"
#include "engine/safetensors/safetensors_model.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

// A GGUF file (or one part of several), a folder with config.json and safetensors, or one
// safetensors file with config.json beside it. Fails: notFound, denied, io, corrupt, unsupported;
// the message says what was found instead and what to do.
base::Result<std::unique_ptr<TensorSource>> openTensorSource(const std::filesystem::path& path);

// The source as what it is, for its metadata; nullptr if it is the other.
const GgufFile* asGguf(const TensorSource& source);
const SafetensorsModel* asSafetensors(const TensorSource& source);

}  // namespace moxie::engine
