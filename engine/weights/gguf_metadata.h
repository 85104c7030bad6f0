// The metadata of a GGUF file to be written. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace moxie::engine {

// Each call adds one entry; a key that is there twice is refused by GgufWriter.
class GgufMetadata {
public:
    void setU32(std::string_view key, uint32_t value);
    void setU64(std::string_view key, uint64_t value);
    void setF32(std::string_view key, float value);
    void setBool(std::string_view key, bool value);
    void setString(std::string_view key, std::string_view value);
    void setI32s(std::string_view key, std::span<const int32_t> values);
    void setF32s(std::string_view key, std::span<const float> values);
    void setStrings(std::string_view key, std::span<const std::string> values);

    std::span<const std::string> keys() const { return keys_; }

    const std::string& packed() const { return packed_; }  // the entries as in the file

private:
    void beginEntry(std::string_view key, uint32_t type);
    void beginArray(std::string_view key, uint32_t type, size_t count);

    std::vector<std::string> keys_;
    std::string packed_;
};

}  // namespace moxie::engine
