#include "engine/families/numpy_random.h"

#include <array>
#include <bit>

#include "base/result.h"

namespace moxie::engine {

namespace {

constexpr uint32_t kInitA = 0x43b0d7e5, kMultA = 0x931e8875;
constexpr uint32_t kInitB = 0x8b51f9dd, kMultB = 0x58f38ded;
constexpr uint32_t kMixL = 0xca01f9dd, kMixR = 0x4973f715;
constexpr size_t kPool = 4;

uint32_t hashMix(uint32_t value, uint32_t& constant, uint32_t multiplier) {
    value ^= constant;
    constant *= multiplier;
    value *= constant;
    return value ^ value >> 16;
}

uint32_t mix(uint32_t x, uint32_t y) {
    const uint32_t result = kMixL * x - kMixR * y;
    return result ^ result >> 16;
}

// SeedSequence(seed).generate_state(4, uint64).
std::array<uint64_t, 4> seedState(uint64_t seed) {
    const std::array<uint32_t, kPool> entropy = {static_cast<uint32_t>(seed),
                                                 static_cast<uint32_t>(seed >> 32), 0, 0};
    std::array<uint32_t, kPool> pool = {};
    uint32_t constant = kInitA;
    for (size_t i = 0; i < kPool; ++i)
        pool[i] = hashMix(entropy[i], constant, kMultA);
    for (size_t from = 0; from < kPool; ++from)
        for (size_t to = 0; to < kPool; ++to)
            if (from != to) pool[to] = mix(pool[to], hashMix(pool[from], constant, kMultA));
    constant = kInitB;
    std::array<uint64_t, 4> state = {};
    for (size_t i = 0; i < 8; ++i) {
        const uint64_t word = hashMix(pool[i % kPool], constant, kMultB);
        state[i / 2] |= word << (i % 2 * 32);
    }
    return state;
}

}  // namespace

NumpyRandom::NumpyRandom(uint64_t seed) {
    const std::array<uint64_t, 4> s = seedState(seed);
    increment_ = (Wide{s[2]} << 64 | s[3]) << 1 | 1;
    next();
    state_ += Wide{s[0]} << 64 | s[1];
    next();
}

uint64_t NumpyRandom::next() {
    constexpr Wide kMultiplier = Wide{0x2360ED051FC65DA4U} << 64 | 0x4385DF649FCCF645U;
    state_ = state_ * kMultiplier + increment_;
    const uint64_t folded = static_cast<uint64_t>(state_ >> 64) ^ static_cast<uint64_t>(state_);
    return std::rotr(folded, static_cast<int>(state_ >> 122));
}

int64_t NumpyRandom::integer(int64_t bound) {
    BASE_CHECK(bound > int64_t{1} << 32);
    const auto range = static_cast<uint64_t>(bound);
    Wide product = Wide{next()} * range;
    if (static_cast<uint64_t>(product) < range) {
        const uint64_t threshold = (0 - range) % range;
        while (static_cast<uint64_t>(product) < threshold)
            product = Wide{next()} * range;
    }
    return static_cast<int64_t>(product >> 64);
}

}  // namespace moxie::engine
