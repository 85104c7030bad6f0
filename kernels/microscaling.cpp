#include "kernels/microscaling.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/result.h"
#include "kernels/float_formats.h"
#include "kernels/format_tables.h"

namespace moxie::kernels {

namespace {

constexpr int64_t kFp4Block = 32;

// A row of the KV cache is decoded for every query: one load is cheaper than the conversion.
constexpr TableOf256<float> kE4m3Values = [] {
    TableOf256<float> values = {};
    for (int code = 0; code < 256; ++code)
        values.at[code] = e4m3ToFloat(static_cast<uint8_t>(code));
    return values;
}();

float largestSize(const float* x, int64_t n) {
    uint32_t largest = 0;  // sizes compare as their bits do
    for (int64_t i = 0; i < n; ++i)
        largest = std::max(largest, std::bit_cast<uint32_t>(x[i]) & 0x7fffffff);
    return std::bit_cast<float>(largest);
}

struct Rule {
    float floor;      // of the largest size
    float inverse;    // 1 / the largest value of the format
    uint8_t codeMax;  // the scale of the largest float, so that infinity has one too
};

constexpr Rule kFp8Rule = {1e-4F, 1 / 448.0F, 127 + 120};
constexpr Rule kFp4Rule = {6 * 0x1p-126F, 1 / 6.0F, 127 + 126};

uint8_t scaleOf(const Rule& rule, const float* x, int64_t n) {
    const float largest = largestSize(x, n);
    if (std::isnan(largest)) return 255;
    return std::min(e8m0Above(std::max(largest, rule.floor) * rule.inverse), rule.codeMax);
}

// 1 / e8m0ToFloat(code), NaN for NaN. Requires: 1 <= code <= 253 or 255.
float inverseOf(uint8_t code) {
    return e8m0ToFloat(static_cast<uint8_t>(254 - code));
}

// The nearest value of a format with kMantissaBits after the leading one; below smallestNormal the
// multiples of the distance of floats at `grid`; nothing above `largest`. No branches, so that the
// compiler makes vectors of it.
template <int kMantissaBits>
float roundTo(float y, float smallestNormal, float grid, float largest) {
    constexpr int kDropped = 23 - kMantissaBits;
    const uint32_t bits = std::bit_cast<uint32_t>(y);
    const uint32_t sign = bits & 0x80000000;
    const uint32_t size = std::min(bits ^ sign, std::bit_cast<uint32_t>(largest));
    const float low = (std::bit_cast<float>(size) + grid) - grid;
    const uint32_t high =
        (size + ((1U << (kDropped - 1)) - 1) + (size >> kDropped & 1)) & ~((1U << kDropped) - 1);
    // A mask: with a condition the compiler skips the sum above, and then finds no vectors.
    const uint32_t isLow = size < std::bit_cast<uint32_t>(smallestNormal) ? ~0U : 0U;
    return std::bit_cast<float>((std::bit_cast<uint32_t>(low) & isLow) | (high & ~isLow) | sign);
}

}  // namespace

void fp8Sim(float* x, int64_t n, int64_t block) {
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t end = std::min(begin + block, n);
        const uint8_t code = scaleOf(kFp8Rule, x + begin, end - begin);
        const float scale = e8m0ToFloat(code);
        const float inverse = inverseOf(code);
        for (int64_t i = begin; i < end; ++i)
            x[i] = roundTo<3>(x[i] * inverse, 0x1p-6F, 0x1p14F, 448) * scale;
    }
}

void fp4Sim(float* x, int64_t n) {
    for (int64_t begin = 0; begin < n; begin += kFp4Block) {
        const int64_t end = std::min(begin + kFp4Block, n);
        const uint8_t code = scaleOf(kFp4Rule, x + begin, end - begin);
        const float scale = e8m0ToFloat(code);
        const float inverse = inverseOf(code);
        for (int64_t i = begin; i < end; ++i)
            x[i] = roundTo<1>(x[i] * inverse, 1, 0x1p22F, 6) * scale;
    }
}

void fp8Quantise(const float* x, int64_t n, int64_t block, uint8_t* codes, uint8_t* scales) {
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t end = std::min(begin + block, n);
        const uint8_t code = scaleOf(kFp8Rule, x + begin, end - begin);
        const float inverse = inverseOf(code);
        *scales++ = code;
        for (int64_t i = begin; i < end; ++i)
            codes[i] = floatToE4m3(x[i] * inverse);
    }
}

void fp8Dequantise(const uint8_t* codes, const uint8_t* scales, int64_t n, int64_t block,
                   float* x) {
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t end = std::min(begin + block, n);
        const float scale = e8m0ToFloat(*scales++);
        for (int64_t i = begin; i < end; ++i)
            x[i] = kE4m3Values.at[codes[i]] * scale;
    }
}

void fp4Quantise(const float* x, int64_t n, uint8_t* codes, uint8_t* scales) {
    for (int64_t begin = 0; begin < n; begin += kFp4Block) {
        const int64_t end = std::min(begin + kFp4Block, n);
        const uint8_t code = scaleOf(kFp4Rule, x + begin, end - begin);
        const float inverse = inverseOf(code);
        *scales++ = code;
        for (int64_t i = begin; i < end; i += 2)
            codes[i / 2] = static_cast<uint8_t>(floatToE2m1(x[i] * inverse) |
                                                floatToE2m1(x[i + 1] * inverse) << 4);
    }
}

void fp4Dequantise(const uint8_t* codes, const uint8_t* scales, int64_t n, float* x) {
    for (int64_t begin = 0; begin < n; begin += kFp4Block) {
        const int64_t end = std::min(begin + kFp4Block, n);
        const float scale = e8m0ToFloat(*scales++);
        for (int64_t i = begin; i < end; i += 2) {
            x[i] = e2m1ToFloat(codes[i / 2] & 15) * scale;
            x[i + 1] = e2m1ToFloat(codes[i / 2] >> 4) * scale;
        }
    }
}

void hadamard(float* x, int64_t n) {
    BASE_CHECK(n > 0 && (n & (n - 1)) == 0);
    for (int64_t stride = 1; stride < n; stride *= 2)
        for (int64_t begin = 0; begin < n; begin += 2 * stride)
            for (int64_t i = begin; i < begin + stride; ++i) {
                const float a = x[i];
                const float b = x[i + stride];
                x[i] = a + b;
                x[i + stride] = a - b;
            }
    const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(n)));
    for (int64_t i = 0; i < n; ++i)
        x[i] *= scale;
}

}  // namespace moxie::kernels
