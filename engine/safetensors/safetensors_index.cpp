#include "engine/safetensors/safetensors_index.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "engine/remote/json_text.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kNameBytesShown = 200;

// A plain name in the same folder.
bool isShardName(std::string_view name) {
    return name.ends_with(".safetensors") && name.find('/') == std::string_view::npos &&
           name.find('\\') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

const SafetensorsIndex::Place* findPlace(const SafetensorsIndex& index, std::string_view tensor) {
    const auto at =
        std::ranges::lower_bound(index.places, tensor, {}, &SafetensorsIndex::Place::tensor);
    return at != index.places.end() && at->tensor == tensor ? &*at : nullptr;
}

}  // namespace

Result<SafetensorsIndex> parseSafetensorsIndex(std::string_view text) {
    if (const int64_t valid = base::validUtf8Prefix(text); valid < std::ssize(text))
        return fail(Errc::corrupt, fmt::format("no UTF-8 at offset {}", valid));
    const std::optional<Json> root = parseJson(text);
    if (!root || !root->is_object())
        return fail(Errc::corrupt, "expected a JSON object, nested at most 100 levels deep");
    const Json& map = member(*root, "weight_map");
    if (!map.is_object() || map.empty())
        return fail(Errc::corrupt, "weight_map: expected an object of tensors and their files");
    SafetensorsIndex index;
    for (auto entry = map.begin(); entry != map.end(); ++entry) {
        const auto* file = entry->get_ptr<const std::string*>();
        if (file == nullptr || !isShardName(*file))
            return fail(
                Errc::corrupt,
                fmt::format("weight_map: {} is in {}, expected the name of a .safetensors "
                            "file of the same folder",
                            base::cutUtf8(entry.key(), kNameBytesShown),
                            file == nullptr ? "no file" : base::cutUtf8(*file, kNameBytesShown)));
        index.places.push_back({entry.key(), *file});
        index.files.push_back(*file);
    }
    std::ranges::sort(index.places, {}, &SafetensorsIndex::Place::tensor);
    std::ranges::sort(index.files);
    index.files.erase(std::unique(index.files.begin(), index.files.end()), index.files.end());
    return index;
}

std::string formatSafetensorsIndex(const SafetensorsIndex& index, int64_t totalBytes) {
    Json map = Json::object();
    for (const SafetensorsIndex::Place& place : index.places)
        map[place.tensor] = place.file;
    return dumpJson({{"metadata", {{"total_size", totalBytes}}}, {"weight_map", std::move(map)}});
}

Status checkShards(const SafetensorsIndex& index, std::span<const SafetensorsFile> shards) {
    for (size_t i = 0; i < shards.size(); ++i)
        for (const SafetensorsTensor& tensor : shards[i].tensors()) {
            const SafetensorsIndex::Place* place = findPlace(index, tensor.name);
            if (place == nullptr || place->file != index.files[i])
                return fail(Errc::corrupt, fmt::format("tensor {} is in {}, but by the index in {}",
                                                       tensor.name, index.files[i],
                                                       place == nullptr ? "no file" : place->file));
        }
    for (const SafetensorsIndex::Place& place : index.places) {
        const auto file = std::ranges::lower_bound(index.files, place.file) - index.files.begin();
        if (shards[static_cast<size_t>(file)].findTensor(place.tensor) == nullptr)
            return fail(Errc::corrupt, fmt::format("tensor {} is not in {}, where the index has it",
                                                   place.tensor, place.file));
    }
    return {};
}

}  // namespace moxie::engine
