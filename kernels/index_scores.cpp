#include "kernels/index_scores.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

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

void packIndexKeys(const float* keys, int64_t count, int64_t dim, float* panel) {
    if (count < kPanelKeys) std::fill_n(panel, dim * kPanelKeys, 0.0F);
    for (int64_t key = 0; key < count; ++key)
        for (int64_t i = 0; i < dim; ++i)
            panel[i * kPanelKeys + key] = keys[key * dim + i];
}

}  // namespace moxie::kernels
