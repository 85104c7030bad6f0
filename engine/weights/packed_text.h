// Little-endian values and texts with their length before them, appended to a text of bytes.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace moxie::engine {

template <class T>
void appendPacked(std::string& out, T value) {
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    out.append(raw, sizeof value);
}

inline void appendPackedText(std::string& out, std::string_view text) {
    appendPacked(out, static_cast<uint64_t>(text.size()));
    out += text;
}

}  // namespace moxie::engine
