// config.json of small models of each family: as their makers publish it, with sizes that every
// block format fits (multiples of 256) and all kinds of layers. And the same numbers as GGUF
// metadata. Threads: any thread.
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/weights/gguf_metadata.h"

namespace moxie::engine {

std::vector<std::string_view> tinyFamilies();

// nullopt for a family or size we do not have. Sizes: "tiny", "small" (wider, more layers),
// "medium" (small with 64 experts), "large" (qwen3_moe only: 16 layers, 2048 wide, 64 experts of
// 768, 8 per token).
std::optional<nlohmann::json> tinyConfig(std::string_view family, std::string_view size);

// The metadata of a GGUF file with these numbers.
GgufMetadata ggufMetadataOf(const nlohmann::json& config);

}  // namespace moxie::engine
