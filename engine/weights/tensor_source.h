// The tensors of a model as its maker published it, by name: a GGUF file, a safetensors file, or a
// folder with config.json and safetensors shards. Everything is mapped read-only and never copied;
// a tensor's pages are read when they are first used. Safe on hostile input: every name, shape,
// type and offset is checked when the source is opened. Not here: what the names mean
// (engine/families). Threads: immutable; any thread. Views live as long as the source.
#pragma once
#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/file.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

struct StoredTensor {
    std::string_view name = {};
    int32_t nDims = 0;
    // dims[0] is the contiguous one (columns), so [out, in] of PyTorch is {in, out}. Logical sizes:
    // packed types count values, not bytes.
    std::array<int64_t, 4> dims = {1, 1, 1, 1};
    int64_t offset = 0;                 // of the data, from the start of its file
    int64_t bytes = 0;                  // of the data and of the scales that lie apart
    kernels::WeightsView weights = {};  // rows = dims[1] * dims[2] * dims[3], cols = dims[0]
};

enum class SourceKind { gguf, safetensors };

class TensorSource {
public:
    virtual ~TensorSource() = default;
    virtual SourceKind kind() const = 0;
    // Sorted by name. Scales that lie apart are part of their weights and not listed.
    virtual std::span<const StoredTensor> tensors() const = 0;
    virtual const StoredTensor* findTensor(std::string_view name) const = 0;  // nullptr if absent

    // The files that its tensors lie in; none for a source in memory.
    virtual std::vector<const base::MappedFile*> files() const { return {}; }
};

}  // namespace moxie::engine
