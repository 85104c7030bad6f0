#include "kernels/index_scores.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/result.h"
#include "kernels/float_formats.h"

namespace moxie::kernels {

namespace {

constexpr float kSmallest = 0x1p-100F;
constexpr float kCodeMax = 127;
constexpr int64_t kE2m1Block = 32;
constexpr int kBitsKept = 3;  // 6 in E2M1 is 12 halves: 96 with three bits more

// The largest size; NaN and infinities become NaN.
float sizeOrNan(const float* x, int64_t n) {
    uint32_t largest = 0;
    for (int64_t i = 0; i < n; ++i)
        largest = std::max(largest, std::bit_cast<uint32_t>(x[i]) & 0x7fffffffU);
    constexpr uint32_t kInfinity = 0x7f800000;
    return largest >= kInfinity ? std::numeric_limits<float>::quiet_NaN()
                                : std::bit_cast<float>(largest);
}

// 2^ceil(log2(size / 127)), exact.
float powerOfTwoScale(float size) {
    int exponent = 0;
    const float fraction = std::frexp(size, &exponent);  // size = fraction * 2^exponent
    return std::ldexp(1.0F, fraction * 128 > kCodeMax ? exponent - 6 : exponent - 7);
}

// The codes of all nibbles, in halves of the block's scale times 2^bits.
constexpr int8_t shifted(int nibble, int bits) {
    constexpr int kHalves[8] = {0, 1, 2, 3, 4, 6, 8, 12};
    const int size = kHalves[nibble & 7];
    int code = 0;
    if (bits >= 0) {
        code = size << bits;
    } else {
        const int below = -bits;
        const int half = below > 30 ? 0 : (1 << below) / 2;
        code = size >> std::min(below, 30);
        const int rest = size - (code << std::min(below, 30));
        if (rest > half || (rest == half && code % 2 != 0)) ++code;
    }
    return static_cast<int8_t>(nibble >= 8 ? -code : code);
}

constexpr int kGapMax = 8;  // from here on everything is zero

constexpr auto kShiftedCodes = [] {
    std::array<std::array<int8_t, 16>, kGapMax + 1> tables = {};
    for (int gap = 0; gap <= kGapMax; ++gap)
        for (int nibble = 0; nibble < 16; ++nibble)
            tables[static_cast<size_t>(gap)][static_cast<size_t>(nibble)] =
                shifted(nibble, kBitsKept - gap);
    return tables;
}();

}  // namespace

void roundIndexRow(const float* x, int64_t n, int8_t* codes, float& scale) {
    const float size = sizeOrNan(x, n);
    if (!(size >= kSmallest)) {
        std::fill_n(codes, n, int8_t{0});
        scale = std::isnan(size) ? size : 0;
        return;
    }
    scale = powerOfTwoScale(size);
    const float inverse = 1 / scale;
    // Added to a number of this size, the last bit is a whole one: the sum rounds.
    constexpr float kRound = 0x1.8p23F;
    for (int64_t i = 0; i < n; ++i)
        codes[i] = static_cast<int8_t>(std::bit_cast<int32_t>(x[i] * inverse + kRound));
}

void roundFp4IndexRow(const uint8_t* nibbles, const uint8_t* scales, int64_t n, int8_t* codes,
                      float& scale) {
    constexpr int kNan = 255;
    const int top = *std::max_element(scales, scales + n / kE2m1Block);
    for (int64_t block = 0; block < n / kE2m1Block; ++block) {
        const int gap = std::min(top - scales[block], kGapMax);
        const int8_t* table = kShiftedCodes[static_cast<size_t>(gap)].data();
        for (int64_t i = block * kE2m1Block; i < (block + 1) * kE2m1Block; i += 2) {
            codes[i] = table[nibbles[i / 2] & 15];
            codes[i + 1] = table[nibbles[i / 2] >> 4];
        }
    }
    scale = top == kNan ? std::numeric_limits<float>::quiet_NaN()
                        : e8m0ToFloat(static_cast<uint8_t>(top)) * 0x1p-4F;
}

void packIndexKeys(const float* keys, int64_t count, int64_t dim, float* panel) {
    if (count < kPanelKeys) std::fill_n(panel, dim * kPanelKeys, 0.0F);
    for (int64_t key = 0; key < count; ++key)
        for (int64_t i = 0; i < dim; ++i)
            panel[i * kPanelKeys + key] = keys[key * dim + i];
}

void packRoundedIndexKeys(const RoundedKeys& keys, int64_t dim, uint8_t* panel) {
    BASE_CHECK(canRoundIndex(dim));
    auto* fours = reinterpret_cast<uint32_t*>(panel);
    auto* offsets = reinterpret_cast<int32_t*>(panel + dim * kPanelKeys);
    auto* scales = reinterpret_cast<float*>(offsets + kPanelKeys);
    if (keys.count < kPanelKeys) std::memset(panel, 0, static_cast<size_t>(roundedPanelBytes(dim)));
    for (int64_t key = 0; key < keys.count; ++key) {
        const int8_t* codes = keys.codes + key * keys.rowBytes;
        int32_t sum = 0;
        for (int64_t i = 0; i < dim; ++i)
            sum += codes[i];
        for (int64_t four = 0; four < dim / 4; ++four)
            std::memcpy(fours + four * kPanelKeys + key, codes + 4 * four, 4);
        offsets[key] = -128 * sum;
        scales[key] = keys.scales[key];
    }
}

}  // namespace moxie::kernels
