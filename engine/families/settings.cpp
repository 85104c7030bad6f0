#include "engine/families/settings.h"

#include <fmt/format.h>

#include "engine/make/blueprint.h"

namespace moxie::engine {

using base::Errc;
using base::fail;
using base::Result;

Result<Settings> Settings::of(const TensorSource& source) {
    Settings settings;
    const Blueprint* blueprint = asBlueprint(source);
    settings.gguf_ = blueprint ? blueprint->metadata() : asGguf(source);
    if (settings.gguf_ != nullptr) {
        TRY_ASSIGN(settings.architecture_, settings.gguf_->requireString("general.architecture"));
        return settings;
    }
    settings.json_ = blueprint ? blueprint->config() : &asSafetensors(source)->config();
    TRY_ASSIGN(settings.architecture_, settings.json_->requireString("model_type"));
    return settings;
}

std::string Settings::nameOf(const Key& key) const {
    return isGguf() ? fmt::format("{}.{}", architecture_, key.gguf) : std::string(key.json);
}

bool Settings::contains(const Key& key) const {
    if (isGguf()) return !key.gguf.empty() && gguf_->find(nameOf(key)) != nullptr;
    return !key.json.empty() && json_->contains(key.json);
}

std::optional<int64_t> Settings::integer(const Key& key) const {
    if (!contains(key)) return std::nullopt;
    return isGguf() ? gguf_->integer(nameOf(key)) : json_->integer(key.json);
}

std::optional<double> Settings::number(const Key& key) const {
    if (!contains(key)) return std::nullopt;
    return isGguf() ? gguf_->number(nameOf(key)) : json_->number(key.json);
}

std::optional<bool> Settings::boolean(const Key& key) const {
    if (!contains(key)) return std::nullopt;
    return isGguf() ? gguf_->boolean(nameOf(key)) : json_->boolean(key.json);
}

std::optional<std::string_view> Settings::string(const Key& key) const {
    if (!contains(key)) return std::nullopt;
    return isGguf() ? gguf_->string(nameOf(key)) : json_->string(key.json);
}

std::vector<int64_t> Settings::integers(const Key& key) const {
    if (!contains(key)) return {};
    return isGguf() ? gguf_->integers(nameOf(key)) : json_->integers(key.json);
}

std::vector<double> Settings::numbers(const Key& key) const {
    if (!contains(key)) return {};
    if (!isGguf()) return json_->numbers(key.json);
    const std::vector<float> values = gguf_->numbers(nameOf(key));
    return {values.begin(), values.end()};
}

std::vector<std::string_view> Settings::strings(const Key& key) const {
    if (!contains(key)) return {};
    if (!isGguf()) return json_->strings(key.json);
    const auto values = gguf_->strings(nameOf(key));
    return {values.begin(), values.end()};
}

std::optional<int64_t> Settings::outside(std::string_view key) const {
    return isGguf() ? gguf_->integer(key) : std::nullopt;
}

Result<int64_t> Settings::requireInteger(const Key& key, int64_t min, int64_t max) const {
    const std::optional<int64_t> value = integer(key);
    if (value && *value >= min && *value <= max) return *value;
    return fail(Errc::corrupt,
                value ? fmt::format("{} is {}, expected {} to {}", nameOf(key), *value, min, max)
                      : fmt::format("{} is missing or no integer", nameOf(key)));
}

Result<double> Settings::requireNumber(const Key& key, double min, double max) const {
    const std::optional<double> value = number(key);
    if (value && *value >= min && *value <= max) return *value;
    return fail(Errc::corrupt,
                value ? fmt::format("{} is {}, expected {} to {}", nameOf(key), *value, min, max)
                      : fmt::format("{} is missing or no number", nameOf(key)));
}

Result<int64_t> Settings::integerOr(const Key& key, int64_t fallback, int64_t min,
                                    int64_t max) const {
    if (!contains(key)) return fallback;
    return requireInteger(key, min, max);
}

}  // namespace moxie::engine
