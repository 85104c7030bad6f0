#include "engine/tokenizer/unicode_class.h"

#include <algorithm>

namespace moxie::engine {

namespace {

struct ClassRange {
    uint32_t first, last;
    uint8_t key;
};

constexpr ClassRange kClassRanges[] = {
#define MOXIE_CLASS_RANGES
#include "engine/tokenizer/unicode_tables.def"
#undef MOXIE_CLASS_RANGES
};

std::vector<uint8_t> makeCharKeys() {
    std::vector<uint8_t> keys(kCodePoints, uint8_t(CharClass::other));
    for (const auto& range : kClassRanges)
        std::fill(keys.begin() + range.first, keys.begin() + range.last + 1, range.key);
    return keys;
}

}  // namespace

const std::vector<uint8_t>& charKeys() {
    static const std::vector<uint8_t> kKeys = makeCharKeys();
    return kKeys;
}

}  // namespace moxie::engine
