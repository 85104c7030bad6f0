// Remembers the tokens of short pieces, which are nearly all of them: source code and prose repeat
// their words. Direct-mapped, so a flood of new words costs misses and no memory.
// Threads: one thread at a time.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace moxie::engine {

// The first n bytes at `text` as a number, n in 1 to 8, without reading any other byte.
inline uint64_t loadBytes(const char* text, size_t n) {
    const auto load32 = [](const char* at) {
        uint32_t value = 0;
        std::memcpy(&value, at, sizeof value);
        return uint64_t(value);
    };
    uint64_t value = 0;
    if (n == 8) {
        std::memcpy(&value, text, sizeof value);
        return value;
    }
    if (n >= 4) return load32(text) | load32(text + n - 4) << 8 * (n - 4);
    for (size_t i = 0; i < n; ++i)
        value |= uint64_t(uint8_t(text[i])) << 8 * i;
    return value;
}

class WordCache {
public:
    static constexpr size_t kTextBytes = 23;
    static constexpr size_t kTokens = 9;

    // The bytes of a piece, zero-padded, and its length in the last byte: equal keys, equal pieces.
    using Key = std::array<uint64_t, 3>;

    struct Entry {
        Key key = {};  // all zero: empty
        std::array<int32_t, kTokens> tokens = {};
        int32_t nTokens = 0;
    };

    static_assert(sizeof(Entry) == 64);

    // Requires: 1 to kTextBytes bytes.
    static Key keyOf(std::string_view piece) {
        const size_t n = piece.size();
        const char* text = piece.data();
        Key key = {loadBytes(text, std::min<size_t>(n, 8)), 0, uint64_t(n) << 56};
        if (n > 8) key[1] = loadBytes(text + 8, std::min<size_t>(n - 8, 8));
        if (n > 16) key[2] |= loadBytes(text + 16, n - 16);
        return key;
    }

    // Where the piece is or would be.
    Entry& entryFor(const Key& key) {
        uint64_t hash = (key[0] ^ key[2]) * 0x9E3779B97F4A7C15U;
        hash = (hash ^ hash >> 32 ^ key[1]) * 0xC2B2AE3D27D4EB4FU;
        return entries_[size_t(hash >> (64 - kSlotBits))];
    }

    static void store(Entry& entry, const Key& key, std::span<const int32_t> tokens) {
        if (tokens.size() > kTokens) return;
        entry.key = key;
        std::copy(tokens.begin(), tokens.end(), entry.tokens.begin());
        entry.nTokens = int32_t(tokens.size());
    }

private:
    static constexpr int kSlotBits = 15;  // 2 MB
    std::vector<Entry> entries_{size_t(1) << kSlotBits};
};

}  // namespace moxie::engine
