// model.safetensors.index.json: which shard holds which tensor. Threads: any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/safetensors/safetensors_file.h"

namespace moxie::engine {

struct SafetensorsIndex {
    struct Place {
        std::string tensor;
        std::string file;  // a name in the index's own folder
    };

    std::vector<Place> places;       // sorted by tensor, no two alike
    std::vector<std::string> files;  // sorted, each once
};

// Fails: corrupt (no JSON, no weight_map, a file name that leads out of the folder).
base::Result<SafetensorsIndex> parseSafetensorsIndex(std::string_view text);

// The index as other programs read it; totalBytes of all tensors.
std::string formatSafetensorsIndex(const SafetensorsIndex& index, int64_t totalBytes);

// That the shards hold exactly what the index says. Requires: shards[i] is of index.files[i].
// Fails: corrupt, with the tensor and its file.
base::Status checkShards(const SafetensorsIndex& index, std::span<const SafetensorsFile> shards);

}  // namespace moxie::engine
