// Content hashes: XXH3, 128 bit. Not for security: use it for identity of bytes we hold, not
// against attackers. Threads: any thread. Source: xxhash library (BSD-2).
#pragma once
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace moxie::base {

struct Hash128 {
    uint64_t high = 0;
    uint64_t low = 0;
    auto operator<=>(const Hash128&) const = default;
    std::string hex() const;  // 32 lower-case digits
};

Hash128 hash128(std::string_view bytes);
// Chains: hash of (parent, bytes); equal chains mean equal sequences.
Hash128 hash128(const Hash128& parent, std::string_view bytes);

}  // namespace moxie::base
