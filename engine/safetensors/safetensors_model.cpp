#include "engine/safetensors/safetensors_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <system_error>
#include <utility>

#include "engine/safetensors/safetensors_index.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kIndexName = "model.safetensors.index.json";
// V4 Pro has about 140,000 tensors, with 90 bytes each.
constexpr int64_t kIndexBytesMax = 64 << 20;
constexpr size_t kShardsMax = 4096;

Result<std::optional<SafetensorsIndex>> readIndex(const fs::path& folder) {
    const auto text = base::readFile(folder / kIndexName, kIndexBytesMax);
    if (!text && text.error().kind() == Errc::notFound) return std::nullopt;
    if (!text) return fail(text.error());
    auto index = parseSafetensorsIndex(*text);
    if (!index) return fail(std::move(index).error().within(kIndexName));
    return std::move(*index);
}

// Names of the folder's safetensors files, sorted.
Result<std::vector<std::string>> shardNames(const fs::path& folder) {
    std::vector<std::string> names;
    std::error_code ec;
    for (fs::directory_iterator at(folder, ec), end; !ec && at != end; at.increment(ec)) {
        std::string name = at->path().filename().string();
        if (!name.ends_with(".safetensors") || name.starts_with('.')) continue;
        names.push_back(std::move(name));
        if (names.size() > kShardsMax)
            return fail(Errc::unsupported, fmt::format("{} has more than {} .safetensors files",
                                                       folder.string(), kShardsMax));
    }
    if (ec) return fail(Errc::io, fmt::format("list {}: {}", folder.string(), ec.message()));
    if (names.empty())
        return fail(Errc::notFound,
                    fmt::format("{} has a config.json but no .safetensors file", folder.string()));
    std::ranges::sort(names);
    return names;
}

Result<std::vector<SafetensorsFile>> openAll(const fs::path& folder,
                                             const std::vector<std::string>& names) {
    std::vector<SafetensorsFile> files;
    for (const std::string& name : names) {
        TRY_ASSIGN(SafetensorsFile file, SafetensorsFile::open(folder / name));
        files.push_back(std::move(file));
    }
    return files;
}

Result<std::vector<SafetensorsFile>> openIndexed(const fs::path& folder,
                                                 const SafetensorsIndex& index) {
    if (index.files.size() > kShardsMax)
        return fail(Errc::unsupported, fmt::format("{}: {} shards, expected at most {}", kIndexName,
                                                   index.files.size(), kShardsMax));
    TRY_ASSIGN(auto files, openAll(folder, index.files));
    TRY(checkShards(index, files));
    return files;
}

// All files of the model in the folder; with a name only that file, or with all the others that
// the index has beside it.
Result<std::vector<SafetensorsFile>> openShards(const fs::path& folder, const std::string& name) {
    TRY_ASSIGN(const auto index, readIndex(folder));
    if (index && (name.empty() || std::ranges::binary_search(index->files, name)))
        return openIndexed(folder, *index);
    if (!name.empty()) return openAll(folder, {name});
    TRY_ASSIGN(const auto names, shardNames(folder));
    return openAll(folder, names);
}

}  // namespace

Result<SafetensorsModel> SafetensorsModel::open(const fs::path& path) {
    std::error_code ec;
    const bool isFolder = fs::is_directory(path, ec);
    fs::path folder = isFolder ? path : path.parent_path();
    if (folder.empty()) folder = ".";
    auto config = ModelConfig::read(folder);
    if (!config)
        return fail(std::move(config).error().within(
            isFolder ? "model folder" : "config.json beside the safetensors file"));
    SafetensorsModel model(std::move(*config), folder);
    TRY_ASSIGN(model.files_, openShards(folder, isFolder ? "" : path.filename().string()));
    TRY(model.pair());
    return model;
}

Result<SafetensorsModel> SafetensorsModel::parse(std::span<const std::byte> file,
                                                 std::string_view configText) {
    TRY_ASSIGN(ModelConfig config, ModelConfig::parse(configText));
    SafetensorsModel model(std::move(config), {});
    TRY_ASSIGN(SafetensorsFile shard, SafetensorsFile::parse(file));
    model.files_.push_back(std::move(shard));
    TRY(model.pair());
    return model;
}

Status SafetensorsModel::pair() {
    TRY_ASSIGN(paired_, pairScales(files_, config_));
    return {};
}

const StoredTensor* SafetensorsModel::findTensor(std::string_view name) const {
    const auto at = std::ranges::lower_bound(paired_.tensors, name, {}, &StoredTensor::name);
    return at != paired_.tensors.end() && at->name == name ? &*at : nullptr;
}

std::vector<const base::MappedFile*> SafetensorsModel::files() const {
    std::vector<const base::MappedFile*> files;
    for (const SafetensorsFile& file : files_)
        if (file.mapping() != nullptr) files.push_back(file.mapping());
    return files;
}

int64_t SafetensorsModel::fileBytes() const {
    int64_t bytes = 0;
    for (const SafetensorsFile& file : files_)
        bytes += file.fileBytes();
    return bytes;
}

}  // namespace moxie::engine
