#include "kernels/quantise_blocks.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "kernels/float_formats.h"
#include "kernels/format_tables.h"

namespace moxie::kernels {

namespace {

float inverseScale(float scale) {
    return scale == 0 ? 0 : 1 / scale;
}

int roundWithin(float x, int least, int largest) {
    return std::clamp(static_cast<int>(std::nearbyint(x)), least, largest);
}

float putHalf(float x, uint8_t* at) {
    const uint16_t half = floatToHalf(x);
    std::memcpy(at, &half, sizeof half);
    return halfToFloat(half);
}

// How a format splits 256 values: sub-blocks with an integer scale and minimum each.
struct MinimumFormat {
    int size;         // values of a sub-block
    int quantMax;     // 3, 15, 31
    int subScaleMax;  // 15, 63
};

struct MinimumBlock {
    uint8_t scales[16];
    uint8_t minima[16];
    uint8_t quants[256];
};

float squaredError(const float* x, int n, float scale, float minimum, int quantMax) {
    float sum = 0;
    for (int i = 0; i < n; ++i) {
        const int quant = roundWithin((x[i] + minimum) * inverseScale(scale), 0, quantMax);
        const float error = scale * static_cast<float>(quant) - minimum - x[i];
        sum += error * error;
    }
    return sum;
}

// The integer scale near `guess` with the least error.
int bestSubScale(const float* x, const MinimumFormat& format, float scale, float minimum,
                 int guess) {
    int best = guess;
    float least = INFINITY;
    for (int sub = std::max(0, guess - 3); sub <= std::min(format.subScaleMax, guess + 2); ++sub) {
        const float error =
            squaredError(x, format.size, scale * static_cast<float>(sub), minimum, format.quantMax);
        if (error < least) best = sub;
        least = std::min(least, error);
    }
    return best;
}

// x ~ scale * scales[b] * quants - minimum * minima[b]; the two halves go to `at`.
MinimumBlock quantiseWithMinimum(const float* x, const MinimumFormat& format, uint8_t* at) {
    const int n = 256 / format.size;
    float ranges[16];
    float lows[16];
    for (int b = 0; b < n; ++b) {
        const auto [least, largest] =
            std::minmax_element(x + b * format.size, x + (b + 1) * format.size);
        lows[b] = std::max(0.0F, -*least);
        ranges[b] = (std::max(*largest, 0.0F) + lows[b]) / static_cast<float>(format.quantMax);
    }
    const auto subMax = static_cast<float>(format.subScaleMax);
    const float scale = putHalf(*std::max_element(ranges, ranges + n) / subMax, at);
    const float minimum = putHalf(*std::max_element(lows, lows + n) / subMax, at + 2);
    MinimumBlock block = {};
    for (int b = 0; b < n; ++b) {
        const float* part = x + b * format.size;
        const int low = roundWithin(lows[b] * inverseScale(minimum), 0, format.subScaleMax);
        const float offset = minimum * static_cast<float>(low);
        const int guess = roundWithin(ranges[b] * inverseScale(scale), 0, format.subScaleMax);
        const int sub = bestSubScale(part, format, scale, offset, guess);
        const float inverse = inverseScale(scale * static_cast<float>(sub));
        block.scales[b] = static_cast<uint8_t>(sub);
        block.minima[b] = static_cast<uint8_t>(low);
        for (int i = 0; i < format.size; ++i)
            block.quants[b * format.size + i] =
                static_cast<uint8_t>(roundWithin((part[i] + offset) * inverse, 0, format.quantMax));
    }
    return block;
}

// The 12 bytes of Q4_K and Q5_K.
void packSubScales(const MinimumBlock& block, uint8_t* out) {
    for (int b = 0; b < 4; ++b) {
        out[b] = static_cast<uint8_t>(block.scales[b] | block.scales[b + 4] >> 4 << 6);
        out[b + 4] = static_cast<uint8_t>(block.minima[b] | block.minima[b + 4] >> 4 << 6);
        out[b + 8] = static_cast<uint8_t>((block.scales[b + 4] & 15) | block.minima[b + 4] << 4);
    }
}

// 32 values in low nibbles, the next 32 in high ones.
void packNibbleRows(const uint8_t* quants, int n, uint8_t* out) {
    for (int i = 0; i < n; i += 64)
        for (int k = 0; k < 32; ++k)
            *out++ = static_cast<uint8_t>((quants[i + k] & 15) | quants[i + 32 + k] << 4);
}

float iq4Value(uint8_t code) {
    return static_cast<float>(kIq4Values[code]);
}

constexpr float kLevels[3] = {8, 25, 43};

// One sub-block of IQ2_XXS: sizes with the signs taken off, so that the signs' number is even in
// each group of 8.
struct SignedSizes {
    float sizes[32];
    uint32_t signs[4];
};

SignedSizes takeSigns(const float* x) {
    SignedSizes result = {};
    for (int g = 0; g < 4; ++g) {
        int least = 0;
        for (int i = 0; i < 8; ++i) {
            const float value = x[g * 8 + i];
            if (value < 0) result.signs[g] |= 1U << i;
            result.sizes[g * 8 + i] = std::abs(value);
            if (std::abs(value) < std::abs(x[g * 8 + least])) least = i;
        }
        if (std::popcount(result.signs[g]) % 2 != 0) {  // the smallest pays for parity
            result.signs[g] ^= 1U << least;
            result.sizes[g * 8 + least] *= -1;
        }
    }
    return result;
}

// For each group and grid point the product with the sizes, so that errors of many scales are
// cheap: |x - s g|^2 = |x|^2 - 2 s x.g + s^2 g.g.
struct GridProducts {
    std::array<std::array<float, 256>, 4> withSizes;
    std::array<float, 256> withItself;
};

GridProducts productsOf(const SignedSizes& sub) {
    GridProducts products = {};
    for (size_t p = 0; p < 256; ++p)
        for (size_t i = 0; i < 8; ++i) {
            const float level = kLevels[kIq2Codes[p] >> 2 * i & 3];
            products.withItself[p] += level * level;
            for (size_t g = 0; g < 4; ++g)
                products.withSizes[g][p] += level * sub.sizes[g * 8 + i];
        }
    return products;
}

struct GridChoice {
    uint8_t points[4];
    float error;  // without |x|^2
};

GridChoice choosePoints(const GridProducts& products, float scale) {
    GridChoice choice = {};
    for (size_t g = 0; g < 4; ++g) {
        float least = INFINITY;
        for (size_t p = 0; p < 256; ++p) {
            const float error =
                scale * (scale * products.withItself[p] - 2 * products.withSizes[g][p]);
            if (error < least) choice.points[g] = static_cast<uint8_t>(p);
            least = std::min(least, error);
        }
        choice.error += least;
    }
    return choice;
}

float bestGridScale(const SignedSizes& sub, const GridProducts& products) {
    const float largest = *std::max_element(sub.sizes, sub.sizes + 32);
    float best = 0;
    float least = INFINITY;
    for (int level = 24; level <= 60; level += 3) {
        const float scale = largest / static_cast<float>(level);
        const float error = choosePoints(products, scale).error;
        if (error < least) best = scale;
        least = std::min(least, error);
    }
    return best;
}

}  // namespace

void packHalves(const uint8_t* codes, uint8_t* out) {
    for (int i = 0; i < 16; ++i)
        out[i] = static_cast<uint8_t>(codes[i] | codes[i + 16] << 4);
}

uint8_t nearestIq4(float x) {
    uint8_t best = 0;
    for (uint8_t code = 1; code < 16; ++code)
        if (std::abs(x - iq4Value(code)) < std::abs(x - iq4Value(best))) best = code;
    return best;
}

// The levels reach from -127 to 113, so that the sign of the scale matters.
float bestIq4Scale(const float* x) {
    const float largest = std::abs(
        *std::max_element(x, x + 32, [](float a, float b) { return std::abs(a) < std::abs(b); }));
    float best = 0;
    float least = INFINITY;
    if (largest == 0) return 0;
    for (int level = -133; level <= 133; level += 7) {
        if (std::abs(level) < 84) continue;
        const float scale = largest / static_cast<float>(level);
        float error = 0;
        for (int i = 0; i < 32; ++i) {
            const float difference = scale * iq4Value(nearestIq4(x[i] / scale)) - x[i];
            error += difference * difference;
        }
        if (error < least) best = scale;
        least = std::min(least, error);
    }
    return best;
}

void quantiseQ2_K(const float* x, uint8_t* block) {
    const MinimumBlock result =
        quantiseWithMinimum(x, {.size = 16, .quantMax = 3, .subScaleMax = 15}, block + 80);
    for (int b = 0; b < 16; ++b)
        block[b] = static_cast<uint8_t>(result.scales[b] | result.minima[b] << 4);
    for (int i = 0; i < 64; ++i) {
        const uint8_t* quants = result.quants + i / 32 * 128 + i % 32;
        block[16 + i] =
            static_cast<uint8_t>(quants[0] | quants[32] << 2 | quants[64] << 4 | quants[96] << 6);
    }
}

void quantiseQ4_K(const float* x, uint8_t* block) {
    const MinimumBlock result =
        quantiseWithMinimum(x, {.size = 32, .quantMax = 15, .subScaleMax = 63}, block);
    packSubScales(result, block + 4);
    packNibbleRows(result.quants, 256, block + 16);
}

void quantiseQ5_K(const float* x, uint8_t* block) {
    const MinimumBlock result =
        quantiseWithMinimum(x, {.size = 32, .quantMax = 31, .subScaleMax = 63}, block);
    packSubScales(result, block + 4);
    packNibbleRows(result.quants, 256, block + 48);
    for (int i = 0; i < 32; ++i) {
        int high = 0;
        for (int part = 0; part < 8; ++part)
            high |= result.quants[part * 32 + i] >> 4 << part;
        block[16 + i] = static_cast<uint8_t>(high);
    }
}

void quantiseQ6_K(const float* x, uint8_t* block) {
    float scales[16];
    for (int b = 0; b < 16; ++b)
        scales[b] = *std::max_element(x + b * 16, x + b * 16 + 16, [](float a, float c) {
            return std::abs(a) < std::abs(c);
        }) / -32;
    const float extreme = *std::max_element(
        scales, scales + 16, [](float a, float c) { return std::abs(a) < std::abs(c); });
    const float scale = putHalf(extreme / -128, block + 208);
    uint8_t quants[256];
    for (int b = 0; b < 16; ++b) {
        const int sub = roundWithin(scales[b] * inverseScale(scale), -128, 127);
        block[192 + b] = static_cast<uint8_t>(static_cast<int8_t>(sub));
        const float inverse = inverseScale(scale * static_cast<float>(sub));
        for (int i = b * 16; i < b * 16 + 16; ++i)
            quants[i] = static_cast<uint8_t>(roundWithin(x[i] * inverse, -32, 31) + 32);
    }
    for (int half = 0; half < 2; ++half)
        for (int i = 0; i < 32; ++i) {
            const uint8_t* q = quants + half * 128 + i;
            block[half * 64 + i] = static_cast<uint8_t>((q[0] & 15) | (q[64] & 15) << 4);
            block[half * 64 + 32 + i] = static_cast<uint8_t>((q[32] & 15) | (q[96] & 15) << 4);
            block[128 + half * 32 + i] = static_cast<uint8_t>(q[0] >> 4 | q[32] >> 4 << 2 |
                                                              q[64] >> 4 << 4 | q[96] >> 4 << 6);
        }
}

void quantiseIq2Xxs(const float* x, uint8_t* block) {
    std::array<SignedSizes, 8> subs;
    std::array<GridProducts, 8> products;
    std::array<float, 8> scales;
    for (size_t b = 0; b < 8; ++b) {
        subs[b] = takeSigns(x + b * 32);
        products[b] = productsOf(subs[b]);
        scales[b] = bestGridScale(subs[b], products[b]);
    }
    // A sub-block's scale is scale * (0.5 + s) / 4 with s in 0..15.
    const float scale = putHalf(*std::max_element(scales.begin(), scales.end()) * 4 / 15.5F, block);
    for (size_t b = 0; b < 8; ++b) {
        const int sub = roundWithin(scales[b] * 4 * inverseScale(scale) - 0.5F, 0, 15);
        const GridChoice choice =
            choosePoints(products[b], scale * (0.5F + static_cast<float>(sub)) * 0.25F);
        uint32_t rest = static_cast<uint32_t>(sub) << 28;
        for (size_t g = 0; g < 4; ++g)
            rest |= (subs[b].signs[g] & 127) << 7 * g;
        uint8_t* out = block + 2 + b * 8;
        std::memcpy(out, choice.points, 4);
        std::memcpy(out + 4, &rest, 4);
    }
}

void quantiseIq4Xs(const float* x, uint8_t* block) {
    float scales[8];
    for (int b = 0; b < 8; ++b)
        scales[b] = bestIq4Scale(x + b * 32);
    const float extreme = *std::max_element(
        scales, scales + 8, [](float a, float c) { return std::abs(a) < std::abs(c); });
    const float scale = putHalf(extreme / -32, block);
    std::memset(block + 2, 0, 6);
    int high = 0;
    for (int b = 0; b < 8; ++b) {
        const int sub = roundWithin(scales[b] * inverseScale(scale), -32, 31) + 32;
        block[4 + b / 2] = static_cast<uint8_t>(block[4 + b / 2] | (sub & 15) << b % 2 * 4);
        high |= sub >> 4 << 2 * b;
        const float inverse = inverseScale(scale * static_cast<float>(sub - 32));
        uint8_t codes[32];
        for (int i = 0; i < 32; ++i)
            codes[i] = nearestIq4(x[b * 32 + i] * inverse);
        packHalves(codes, block + 8 + b * 16);
    }
    block[2] = static_cast<uint8_t>(high);
    block[3] = static_cast<uint8_t>(high >> 8);
}

}  // namespace moxie::kernels
