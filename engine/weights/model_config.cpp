#include "engine/weights/model_config.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "base/file.h"
#include "base/text.h"
#include "engine/remote/json_text.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;

namespace {

// A hundred times the largest we know; tokenizer_config.json lists added tokens and templates.
constexpr int64_t kConfigBytesMax = 4 << 20;
constexpr int64_t kTokenizerConfigBytesMax = 64 << 20;

Result<std::string> readOptional(const std::filesystem::path& path, int64_t bytesMax) {
    auto text = base::readFile(path, bytesMax);
    if (!text && text.error().kind() == Errc::notFound) return std::string();
    return text;
}

std::optional<int64_t> integerIn(const Json& value) {
    if (value.is_number_unsigned() && !std::in_range<int64_t>(value.get<uint64_t>()))
        return std::nullopt;
    if (!value.is_number_integer()) return std::nullopt;
    return value.get<int64_t>();
}

std::optional<double> numberIn(const Json& value) {
    if (!value.is_number()) return std::nullopt;
    return value.get<double>();
}

std::optional<std::string_view> stringIn(const Json& value) {
    if (!value.is_string()) return std::nullopt;
    return value.get_ref<const std::string&>();
}

// All elements of an array, or none.
template <class T, class Read>
std::vector<T> elementsOf(const Json* array, Read read) {
    std::vector<T> values;
    if (array == nullptr || !array->is_array()) return values;
    for (const Json& element : *array) {
        const auto value = read(element);
        if (!value) return {};
        values.push_back(*value);
    }
    return values;
}

}  // namespace

ModelConfig::ModelConfig() = default;
ModelConfig::~ModelConfig() = default;
ModelConfig::ModelConfig(ModelConfig&&) noexcept = default;
ModelConfig& ModelConfig::operator=(ModelConfig&&) noexcept = default;

Result<ModelConfig> ModelConfig::read(const std::filesystem::path& folder) {
    TRY_ASSIGN(const std::string text, base::readFile(folder / "config.json", kConfigBytesMax));
    TRY_ASSIGN(ModelConfig config, parse(text));
    TRY_ASSIGN(config.generationConfigText_,
               readOptional(folder / "generation_config.json", kConfigBytesMax));
    TRY_ASSIGN(config.tokenizerConfigText_,
               readOptional(folder / "tokenizer_config.json", kTokenizerConfigBytesMax));
    return config;
}

Result<ModelConfig> ModelConfig::parse(std::string_view configText) {
    if (const int64_t valid = base::validUtf8Prefix(configText); valid < std::ssize(configText))
        return fail(Errc::corrupt, fmt::format("config.json: no UTF-8 at offset {}", valid));
    std::optional<Json> root = parseJson(configText);
    if (!root || !root->is_object())
        return fail(Errc::corrupt,
                    "config.json: expected a JSON object, nested at most 100 levels deep");
    ModelConfig config;
    config.text_ = configText;
    config.root_ = std::make_unique<const Json>(std::move(*root));
    return config;
}

const Json* ModelConfig::find(std::string_view key) const {
    const Json* at = root_.get();
    while (at->is_object()) {
        const size_t dot = key.find('.');
        const auto member = at->find(std::string(key.substr(0, dot)));
        if (member == at->end() || member->is_null()) return nullptr;
        at = &*member;
        if (dot == std::string_view::npos) return at;
        key.remove_prefix(dot + 1);
    }
    return nullptr;
}

bool ModelConfig::contains(std::string_view key) const {
    return find(key) != nullptr;
}

std::optional<int64_t> ModelConfig::integer(std::string_view key) const {
    const Json* value = find(key);
    return value == nullptr ? std::nullopt : integerIn(*value);
}

std::optional<double> ModelConfig::number(std::string_view key) const {
    const Json* value = find(key);
    return value == nullptr ? std::nullopt : numberIn(*value);
}

std::optional<bool> ModelConfig::boolean(std::string_view key) const {
    const Json* value = find(key);
    if (value == nullptr || !value->is_boolean()) return std::nullopt;
    return value->get<bool>();
}

std::optional<std::string_view> ModelConfig::string(std::string_view key) const {
    const Json* value = find(key);
    return value == nullptr ? std::nullopt : stringIn(*value);
}

std::vector<int64_t> ModelConfig::integers(std::string_view key) const {
    return elementsOf<int64_t>(find(key), integerIn);
}

std::vector<double> ModelConfig::numbers(std::string_view key) const {
    return elementsOf<double>(find(key), numberIn);
}

std::vector<std::string_view> ModelConfig::strings(std::string_view key) const {
    return elementsOf<std::string_view>(find(key), stringIn);
}

std::vector<std::string_view> ModelConfig::members(std::string_view key) const {
    std::vector<std::string_view> names;
    const Json* value = find(key);
    if (value == nullptr || !value->is_object()) return names;
    for (auto member = value->begin(); member != value->end(); ++member)
        names.emplace_back(member.key());
    return names;
}

Result<int64_t> ModelConfig::requireInteger(std::string_view key, int64_t min, int64_t max) const {
    const auto value = integer(key);
    if (!value)
        return fail(Errc::corrupt, fmt::format("config.json: {}: {}, expected an integer", key,
                                               contains(key) ? "another kind" : "missing"));
    if (*value < min || *value > max)
        return fail(Errc::corrupt,
                    fmt::format("config.json: {} is {}, expected {} to {}", key, *value, min, max));
    return *value;
}

Result<double> ModelConfig::requireNumber(std::string_view key, double min, double max) const {
    const auto value = number(key);
    if (!value)
        return fail(Errc::corrupt, fmt::format("config.json: {}: {}, expected a number", key,
                                               contains(key) ? "another kind" : "missing"));
    if (!(*value >= min && *value <= max))
        return fail(Errc::corrupt,
                    fmt::format("config.json: {} is {}, expected {} to {}", key, *value, min, max));
    return *value;
}

Result<std::string_view> ModelConfig::requireString(std::string_view key) const {
    const auto value = string(key);
    if (!value)
        return fail(Errc::corrupt, fmt::format("config.json: {}: {}, expected a string", key,
                                               contains(key) ? "another kind" : "missing"));
    return *value;
}

}  // namespace moxie::engine
