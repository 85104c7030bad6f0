// Values as GGUF stores them: little-endian, packed, at any address. Threads: any thread.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <utility>

#include "engine/gguf/gguf_header.h"

namespace moxie::engine {

template <class T>
T loadPacked(const std::byte* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

// nullopt if the type is no integer or the value does not fit.
inline std::optional<int64_t> packedInteger(GgufType type, const std::byte* at) {
    switch (type) {
        case GgufType::u8:
            return loadPacked<uint8_t>(at);
        case GgufType::i8:
            return loadPacked<int8_t>(at);
        case GgufType::u16:
            return loadPacked<uint16_t>(at);
        case GgufType::i16:
            return loadPacked<int16_t>(at);
        case GgufType::u32:
            return loadPacked<uint32_t>(at);
        case GgufType::i32:
            return loadPacked<int32_t>(at);
        case GgufType::i64:
            return loadPacked<int64_t>(at);
        case GgufType::u64:
            if (const auto value = loadPacked<uint64_t>(at); std::in_range<int64_t>(value))
                return static_cast<int64_t>(value);
            return std::nullopt;
        default:
            return std::nullopt;
    }
}

}  // namespace moxie::engine
