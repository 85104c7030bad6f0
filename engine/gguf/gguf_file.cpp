#include "engine/gguf/gguf_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "engine/gguf/packed_values.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;
using base::Status;

namespace {

constexpr int64_t kPartsMax = 99'999;  // five digits

int64_t partCountOf(const GgufHeader& header) {
    const GgufEntry* entry = findEntry(header, "split.count");
    return entry == nullptr ? 1 : integerOf(*entry).value_or(1);
}

// The name of each part: "model-00002-of-00003.gguf" is part 1 of "model". Fails: corrupt.
Result<std::vector<std::filesystem::path>> partPaths(const std::filesystem::path& path,
                                                     int64_t nParts) {
    const std::string name = path.filename().string();
    const std::string end = fmt::format("-of-{:05}.gguf", nParts);
    constexpr size_t kDigits = 5;
    if (nParts > kPartsMax || !name.ends_with(end) || name.size() < end.size() + kDigits + 1 ||
        name[name.size() - end.size() - kDigits - 1] != '-')
        return fail(Errc::corrupt,
                    fmt::format("the model is in {} parts, expected a name that ends with "
                                "-00001-of-{:05}.gguf",
                                nParts, nParts));
    const std::string prefix = name.substr(0, name.size() - end.size() - kDigits);
    std::vector<std::filesystem::path> paths;
    for (int64_t part = 0; part < nParts; ++part)
        paths.push_back(path.parent_path() / fmt::format("{}{:05}{}", prefix, part + 1, end));
    return paths;
}

// Tensors of all parts, as the file says; nullopt if it does not.
Status checkTensorCount(const GgufHeader& header) {
    const GgufEntry* entry = findEntry(header, "split.tensors.count");
    if (entry == nullptr) return {};
    const auto expected = integerOf(*entry);
    if (expected != std::ssize(header.tensors))
        return fail(Errc::corrupt,
                    fmt::format("{} tensors in all parts, expected {} (split.tensors.count)",
                                header.tensors.size(), expected.value_or(-1)));
    return {};
}

}  // namespace

Result<GgufFile> GgufFile::open(const std::filesystem::path& path) {
    GgufFile file;
    TRY(file.addPart(path, 0));
    const int64_t nParts = partCountOf(file.header_);
    if (nParts == 1) return file;
    GgufFile model;
    TRY_ASSIGN(const auto paths, partPaths(path, nParts));
    for (int64_t part = 0; part < nParts; ++part)
        TRY(model.addPart(paths[static_cast<size_t>(part)], part));
    TRY(model.checkParts());
    return model;
}

Result<GgufFile> GgufFile::parse(std::span<const std::byte> bytes) {
    GgufFile file;
    TRY_ASSIGN(file.header_, readGgufHeader(bytes));
    if (const int64_t nParts = partCountOf(file.header_); nParts > 1)
        return fail(Errc::unsupported, fmt::format("one of {} parts without the others", nParts));
    file.fileBytes_ = std::ssize(bytes);
    return file;
}

std::vector<const base::MappedFile*> GgufFile::files() const {
    std::vector<const base::MappedFile*> files;
    for (const base::MappedFile& mapping : mappings_)
        files.push_back(&mapping);
    return files;
}

// Parts behind the first must say that they belong there.
Status GgufFile::addPart(const std::filesystem::path& path, int64_t part) {
    const std::string name = path.filename().string();
    TRY_ASSIGN(base::MappedFile mapping, base::MappedFile::open(path));
    auto header = readGgufHeader(mapping.bytes());
    if (!header) return fail(std::move(header).error().within(name));
    fileBytes_ += std::ssize(mapping.bytes());
    mappings_.push_back(std::move(mapping));
    if (part == 0) {
        header_ = std::move(*header);
        return {};
    }
    const GgufEntry* number = findEntry(*header, "split.no");
    if (number == nullptr || integerOf(*number) != part ||
        partCountOf(*header) != partCountOf(header_))
        return fail(Errc::corrupt, fmt::format("{}: not part {} of {} by split.no and split.count",
                                               name, part, partCountOf(header_)));
    std::ranges::copy(header->tensors, std::back_inserter(header_.tensors));
    return {};
}

Status GgufFile::checkParts() {
    std::ranges::sort(header_.tensors, {}, &StoredTensor::name);
    if (const auto twice = std::ranges::adjacent_find(header_.tensors, {}, &StoredTensor::name);
        twice != header_.tensors.end())
        return fail(Errc::corrupt, fmt::format("tensor {} is in two parts", twice->name));
    return checkTensorCount(header_);
}

const GgufEntry* GgufFile::find(std::string_view key) const {
    return findEntry(header_, key);
}

const StoredTensor* GgufFile::findTensor(std::string_view name) const {
    const auto at = std::ranges::lower_bound(header_.tensors, name, {}, &StoredTensor::name);
    return at != header_.tensors.end() && at->name == name ? &*at : nullptr;
}

std::optional<int64_t> GgufFile::integer(std::string_view key) const {
    const GgufEntry* entry = find(key);
    return entry == nullptr ? std::nullopt : integerOf(*entry);
}

std::optional<double> GgufFile::number(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr) return std::nullopt;
    if (entry->type == GgufType::f32) return double{loadPacked<float>(entry->raw.data())};
    if (entry->type == GgufType::f64) return loadPacked<double>(entry->raw.data());
    if (const auto value = integer(key)) return static_cast<double>(*value);
    return std::nullopt;
}

std::optional<bool> GgufFile::boolean(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr || entry->type != GgufType::boolean) return std::nullopt;
    return loadPacked<uint8_t>(entry->raw.data()) != 0;
}

std::optional<std::string_view> GgufFile::string(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr || entry->type != GgufType::string) return std::nullopt;
    return entry->text;
}

std::span<const std::string_view> GgufFile::strings(std::string_view key) const {
    const GgufEntry* entry = find(key);
    if (entry == nullptr) return {};
    return entry->strings;
}

std::vector<float> GgufFile::numbers(std::string_view key) const {
    const GgufEntry* entry = find(key);
    std::vector<float> values;
    if (entry == nullptr || entry->type != GgufType::array) return values;
    if (entry->elementType == GgufType::f32) {
        values.resize(static_cast<size_t>(entry->count));
        if (!values.empty()) std::memcpy(values.data(), entry->raw.data(), entry->raw.size());
    } else if (entry->elementType == GgufType::f64) {
        for (int64_t i = 0; i < entry->count; ++i)
            values.push_back(static_cast<float>(loadPacked<double>(entry->raw.data() + i * 8)));
    }
    return values;
}

std::vector<int64_t> GgufFile::integers(std::string_view key) const {
    const GgufEntry* entry = find(key);
    std::vector<int64_t> values;
    if (entry == nullptr || entry->type != GgufType::array) return values;
    const int64_t each = ggufValueBytes(entry->elementType);
    for (int64_t i = 0; i < entry->count && each > 0; ++i) {
        const auto value = packedInteger(entry->elementType, entry->raw.data() + i * each);
        if (!value) return {};
        values.push_back(*value);
    }
    return values;
}

Result<int64_t> GgufFile::requireInteger(std::string_view key, int64_t min, int64_t max) const {
    const auto value = integer(key);
    if (!value)
        return fail(Errc::corrupt, fmt::format("{}: {}, expected an integer", key,
                                               find(key) == nullptr ? "missing" : "another type"));
    if (*value < min || *value > max)
        return fail(Errc::corrupt,
                    fmt::format("{} is {}, expected {} to {}", key, *value, min, max));
    return *value;
}

Result<std::string_view> GgufFile::requireString(std::string_view key) const {
    const auto value = string(key);
    if (!value)
        return fail(Errc::corrupt, fmt::format("{}: {}, expected a string", key,
                                               find(key) == nullptr ? "missing" : "another type"));
    return *value;
}

}  // namespace moxie::engine
