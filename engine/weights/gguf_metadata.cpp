#include "engine/weights/gguf_metadata.h"

#include "engine/gguf/gguf_header.h"
#include "engine/weights/packed_text.h"

namespace moxie::engine {

void GgufMetadata::beginEntry(std::string_view key, uint32_t type) {
    keys_.emplace_back(key);
    appendPackedText(packed_, key);
    appendPacked(packed_, type);
}

void GgufMetadata::beginArray(std::string_view key, uint32_t type, size_t count) {
    beginEntry(key, static_cast<uint32_t>(GgufType::array));
    appendPacked(packed_, type);
    appendPacked(packed_, static_cast<uint64_t>(count));
}

void GgufMetadata::setU32(std::string_view key, uint32_t value) {
    beginEntry(key, static_cast<uint32_t>(GgufType::u32));
    appendPacked(packed_, value);
}

void GgufMetadata::setU64(std::string_view key, uint64_t value) {
    beginEntry(key, static_cast<uint32_t>(GgufType::u64));
    appendPacked(packed_, value);
}

void GgufMetadata::setF32(std::string_view key, float value) {
    beginEntry(key, static_cast<uint32_t>(GgufType::f32));
    appendPacked(packed_, value);
}

void GgufMetadata::setBool(std::string_view key, bool value) {
    beginEntry(key, static_cast<uint32_t>(GgufType::boolean));
    appendPacked(packed_, static_cast<uint8_t>(value ? 1 : 0));
}

void GgufMetadata::setString(std::string_view key, std::string_view value) {
    beginEntry(key, static_cast<uint32_t>(GgufType::string));
    appendPackedText(packed_, value);
}

void GgufMetadata::setI32s(std::string_view key, std::span<const int32_t> values) {
    beginArray(key, static_cast<uint32_t>(GgufType::i32), values.size());
    for (const int32_t value : values)
        appendPacked(packed_, value);
}

void GgufMetadata::setF32s(std::string_view key, std::span<const float> values) {
    beginArray(key, static_cast<uint32_t>(GgufType::f32), values.size());
    for (const float value : values)
        appendPacked(packed_, value);
}

void GgufMetadata::setStrings(std::string_view key, std::span<const std::string> values) {
    beginArray(key, static_cast<uint32_t>(GgufType::string), values.size());
    for (const std::string& value : values)
        appendPackedText(packed_, value);
}

}  // namespace moxie::engine
