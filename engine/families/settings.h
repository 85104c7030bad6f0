// The numbers that describe a model, wherever its file keeps them: GGUF metadata under the
// architecture's prefix, or config.json. Not here: what they mean (the files of the families).
// Threads: immutable; any thread. The source must outlive it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/weights/model_config.h"
#include "engine/weights/open_source.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

// One setting's two names; an empty one: this kind of file does not have it.
struct Key {
    std::string_view gguf;  // without the architecture: "attention.head_count"
    std::string_view json;  // "num_attention_heads"
};

class Settings {
public:
    // Fails: corrupt (no architecture or model_type).
    static base::Result<Settings> of(const TensorSource& source);

    bool isGguf() const { return gguf_ != nullptr; }

    // "qwen3moe" in GGUF, "qwen3_moe" in config.json.
    const std::string& architecture() const { return architecture_; }

    // Absent or of another kind: nullopt, empty.
    bool contains(const Key& key) const;
    std::optional<int64_t> integer(const Key& key) const;
    std::optional<double> number(const Key& key) const;
    std::optional<bool> boolean(const Key& key) const;
    std::optional<std::string_view> string(const Key& key) const;
    std::vector<int64_t> integers(const Key& key) const;
    std::vector<double> numbers(const Key& key) const;
    std::vector<std::string_view> strings(const Key& key) const;

    // A number of GGUF's metadata outside of the architecture's; nullopt elsewhere.
    std::optional<int64_t> outside(std::string_view key) const;

    // Fails: corrupt (absent, another kind, out of range), naming the key as this file spells it.
    base::Result<int64_t> requireInteger(const Key& key, int64_t min, int64_t max) const;
    base::Result<double> requireNumber(const Key& key, double min, double max) const;
    // `fallback` where it is absent; out of range fails.
    base::Result<int64_t> integerOr(const Key& key, int64_t fallback, int64_t min,
                                    int64_t max) const;

    // The key's name in this file.
    std::string nameOf(const Key& key) const;

private:
    std::string architecture_;
    const GgufFile* gguf_ = nullptr;
    const ModelConfig* json_ = nullptr;
};

}  // namespace moxie::engine
