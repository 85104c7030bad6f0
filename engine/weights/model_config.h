// The configuration of a model published as safetensors: config.json with typed values, and the
// texts of generation_config.json and tokenizer_config.json. Safe on hostile input: sizes and depth
// are bounded. Not here: what the keys mean (engine/families).
// Threads: immutable; any thread. Views live as long as the object; it may be moved.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace moxie::engine {

class ModelConfig {
public:
    // Reads the folder's files; only config.json must be there. Fails: notFound, denied, io,
    // invalidInput (too large), corrupt (no JSON object, not UTF-8, nested deeper than 100).
    static base::Result<ModelConfig> read(const std::filesystem::path& folder);
    // Of config.json alone. Fails: corrupt.
    static base::Result<ModelConfig> parse(std::string_view configText);

    ~ModelConfig();
    ModelConfig(ModelConfig&&) noexcept;
    ModelConfig& operator=(ModelConfig&&) noexcept;
    ModelConfig(const ModelConfig&) = delete;
    ModelConfig& operator=(const ModelConfig&) = delete;

    // Keys name members of members: "rope_scaling.factor". Optional values: nullopt (or empty) if
    // the member is absent, null, or of another kind, for arrays also if one element is. 3.0 is a
    // number and no integer; any integer is a number.
    bool contains(std::string_view key) const;  // there, and not null
    std::optional<int64_t> integer(std::string_view key) const;
    std::optional<double> number(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    std::optional<std::string_view> string(std::string_view key) const;
    std::vector<int64_t> integers(std::string_view key) const;
    std::vector<double> numbers(std::string_view key) const;
    std::vector<std::string_view> strings(std::string_view key) const;
    // The names of an object's members; empty if it is none.
    std::vector<std::string_view> members(std::string_view key) const;

    // A value the model cannot do without. Fails: corrupt (absent, another kind, out of range),
    // with the key's name in the message.
    base::Result<int64_t> requireInteger(std::string_view key, int64_t min, int64_t max) const;
    base::Result<double> requireNumber(std::string_view key, double min, double max) const;
    base::Result<std::string_view> requireString(std::string_view key) const;

    const std::string& text() const { return text_; }  // config.json as it is

    // "" if the folder has no such file. Not parsed.
    const std::string& generationConfigText() const { return generationConfigText_; }

    const std::string& tokenizerConfigText() const { return tokenizerConfigText_; }

private:
    ModelConfig();
    const nlohmann::json* find(std::string_view key) const;

    std::string text_;
    std::string generationConfigText_;
    std::string tokenizerConfigText_;
    std::unique_ptr<const nlohmann::json> root_;  // an object
};

}  // namespace moxie::engine
