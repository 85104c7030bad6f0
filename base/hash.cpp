#include "base/hash.h"

#include <fmt/format.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

namespace moxie::base {

std::string Hash128::hex() const {
    return fmt::format("{:016x}{:016x}", high, low);
}

Hash128 hash128(std::string_view bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    return {hash.high64, hash.low64};
}

Hash128 hash128(const Hash128& parent, std::string_view bytes) {
    const Hash128 own = hash128(bytes);
    const uint64_t both[4] = {parent.high, parent.low, own.high, own.low};
    const XXH128_hash_t hash = XXH3_128bits(both, sizeof both);
    return {hash.high64, hash.low64};
}

}  // namespace moxie::base
