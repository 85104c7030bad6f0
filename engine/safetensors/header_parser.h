// The JSON header of a safetensors file, read in one pass without a tree, so that its memory is
// bounded by its length and a name that is there twice is seen. Not here: whether offsets and types
// fit the file (safetensors_file.h). Threads: any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/safetensors/safetensors_file.h"

namespace moxie::engine {

struct SafetensorsHeader {
    struct Tensor {
        std::string name = {};
        std::string type = {};
        std::vector<int64_t> shape = {};
        std::vector<int64_t> offsets = {};  // begin and end, from the start of the data
    };

    std::vector<Tensor> tensors;
    std::vector<SafetensorsNote> notes;  // "__metadata__"
};

// Every tensor of the result has a type, a shape of at most 8 dimensions and two offsets. Fails:
// corrupt, with the tensor's name or the offset in the text.
base::Result<SafetensorsHeader> parseSafetensorsHeader(std::string_view text);

}  // namespace moxie::engine
