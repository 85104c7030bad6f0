#include "kernels/index_scores.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace moxie::kernels {

namespace {

constexpr float kSmallest = 0x1p-100F;
constexpr float kCodeMax = 127;

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

namespace {

// Where the words of one key stand in a panel: every kPanelKeys words its next four codes, then
// the offset and the scale.
constexpr int64_t kWordBytes = 4;

int64_t wordAt(int64_t word, int64_t key) {
    return (word * kPanelKeys + key) * kWordBytes;
}

}  // namespace

void putRoundedIndexKey(const int8_t* codes, float scale, int64_t dim, int64_t key,
                        uint8_t* panel) {
    const int64_t nFours = dim / kWordBytes;
    for (int64_t four = 0; four < nFours; ++four)
        std::memcpy(panel + wordAt(four, key), codes + four * kWordBytes, kWordBytes);
    const int32_t offset = -128 * std::accumulate(codes, codes + dim, int32_t{0});
    std::memcpy(panel + wordAt(nFours, key), &offset, kWordBytes);
    std::memcpy(panel + wordAt(nFours + 1, key), &scale, kWordBytes);
}

void takeRoundedIndexKey(const uint8_t* panel, int64_t dim, int64_t key, int8_t* codes,
                         float& scale) {
    const int64_t nFours = dim / kWordBytes;
    for (int64_t four = 0; four < nFours; ++four)
        std::memcpy(codes + four * kWordBytes, panel + wordAt(four, key), kWordBytes);
    std::memcpy(&scale, panel + wordAt(nFours + 1, key), kWordBytes);
}

void packIndexKeys(const float* keys, int64_t count, int64_t dim, float* panel) {
    if (count < kPanelKeys) std::fill_n(panel, dim * kPanelKeys, 0.0F);
    for (int64_t key = 0; key < count; ++key)
        for (int64_t i = 0; i < dim; ++i)
            panel[i * kPanelKeys + key] = keys[key * dim + i];
}

}  // namespace moxie::kernels
