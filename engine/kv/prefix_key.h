// Names of token prefixes: a chain of 128-bit hashes, one step per page, seeded with what the
// states depend on. Memory and disk use the same names; a name is never taken as proof, the token
// ids are compared.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

#include "base/hash.h"

namespace moxie::engine {

inline base::Hash128 pageKey(const base::Hash128& parent, std::span<const int32_t> ids) {
    return base::hash128(
        parent, std::string_view(reinterpret_cast<const char*>(ids.data()), ids.size_bytes()));
}

// Of a point inside of or at the end of the page behind `parent`.
inline base::Hash128 pointKey(const base::Hash128& parent, std::span<const int32_t> ids) {
    return base::hash128(pageKey(parent, ids), "point");
}

// For unordered containers: the keys are hashes themselves.
struct KeyHasher {
    size_t operator()(const base::Hash128& key) const { return static_cast<size_t>(key.low); }
};

}  // namespace moxie::engine
