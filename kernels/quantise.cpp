#include "kernels/quantise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/result.h"
#include "kernels/float_formats.h"
#include "kernels/microscaling.h"
#include "kernels/quantise_blocks.h"

namespace moxie::kernels {

namespace {

void storeU16(uint16_t value, uint8_t* at) {
    std::memcpy(at, &value, sizeof value);
}

// Stores the half nearest to x and gives back its value, so that quants are rounded to what will
// be decoded.
float storeHalf(float x, uint8_t* at) {
    const uint16_t half = floatToHalf(x);
    storeU16(half, at);
    return halfToFloat(half);
}

float inverse(float scale) {
    return scale == 0 ? 0 : 1 / scale;
}

uint8_t roundToCode(float x, float offset, float largest) {
    return static_cast<uint8_t>(std::clamp(std::nearbyint(x + offset), 0.0F, largest));
}

// The value of the largest size, with its sign.
float extreme(const float* x, int n) {
    return *std::max_element(x, x + n, [](float a, float b) { return std::abs(a) < std::abs(b); });
}

void quantiseF32(const float* x, uint8_t* block) {
    std::memcpy(block, x, sizeof *x);
}

void quantiseF16(const float* x, uint8_t* block) {
    storeU16(floatToHalf(*x), block);
}

void quantiseBf16(const float* x, uint8_t* block) {
    storeU16(floatToBf16(*x), block);
}

// The extreme value becomes -8, which has no positive twin.
void quantiseQ4_0(const float* x, uint8_t* block) {
    const float scale = inverse(storeHalf(extreme(x, 32) / -8, block));
    uint8_t codes[32];
    for (int i = 0; i < 32; ++i)
        codes[i] = roundToCode(x[i] * scale, 8, 15);
    packHalves(codes, block + 2);
}

void quantiseQ4_1(const float* x, uint8_t* block) {
    const auto [least, largest] = std::minmax_element(x, x + 32);
    const float scale = inverse(storeHalf((*largest - *least) / 15, block));
    const float minimum = storeHalf(*least, block + 2);
    uint8_t codes[32];
    for (int i = 0; i < 32; ++i)
        codes[i] = roundToCode((x[i] - minimum) * scale, 0, 15);
    packHalves(codes, block + 4);
}

void quantiseQ8_0(const float* x, uint8_t* block) {
    const float scale = inverse(storeHalf(std::abs(extreme(x, 32)) / 127, block));
    for (int i = 0; i < 32; ++i) {
        const float quant = std::clamp(std::nearbyint(x[i] * scale), -127.0F, 127.0F);
        block[2 + i] = static_cast<uint8_t>(static_cast<int8_t>(quant));
    }
}

void quantiseIq4Nl(const float* x, uint8_t* block) {
    const float scale = inverse(storeHalf(bestIq4Scale(x), block));
    uint8_t codes[32];
    for (int i = 0; i < 32; ++i)
        codes[i] = nearestIq4(x[i] * scale);
    packHalves(codes, block + 2);
}

void quantiseMxfp4(const float* x, uint8_t* block) {
    uint8_t pairs[16];
    fp4Quantise(x, 32, pairs, block);
    uint8_t codes[32];
    for (int i = 0; i < 32; ++i)
        codes[i] = pairs[i / 2] >> i % 2 * 4 & 15;
    packHalves(codes, block + 1);
}

using Quantise = void (*)(const float* x, uint8_t* block);

Quantise quantiseOf(DType dtype) {
    switch (dtype) {
        case DType::f32:
            return quantiseF32;
        case DType::f16:
            return quantiseF16;
        case DType::bf16:
            return quantiseBf16;
        case DType::q4_0:
            return quantiseQ4_0;
        case DType::q4_1:
            return quantiseQ4_1;
        case DType::q8_0:
            return quantiseQ8_0;
        case DType::q2_K:
            return quantiseQ2_K;
        case DType::q4_K:
            return quantiseQ4_K;
        case DType::q5_K:
            return quantiseQ5_K;
        case DType::q6_K:
            return quantiseQ6_K;
        case DType::iq2_xxs:
            return quantiseIq2Xxs;
        case DType::iq4_nl:
            return quantiseIq4Nl;
        case DType::iq4_xs:
            return quantiseIq4Xs;
        case DType::mxfp4:
            return quantiseMxfp4;
        default:
            return nullptr;
    }
}

// Stores the scale nearest to `wanted` (E8M0: the next power of two) and gives back its value.
float storeScale(ScaleType type, float wanted, uint8_t* at) {
    switch (type) {
        case ScaleType::f32:
            std::memcpy(at, &wanted, sizeof wanted);
            return wanted;
        case ScaleType::f16:
            return storeHalf(wanted, at);
        case ScaleType::bf16:
            storeU16(floatToBf16(wanted), at);
            return bf16ToFloat(floatToBf16(wanted));
        case ScaleType::e8m0:
            *at = e8m0Above(wanted);
            return e8m0ToFloat(*at);
        case ScaleType::none:
            break;
    }
    BASE_CHECK(false);
    return 1;
}

float largestValue(DType dtype) {
    if (dtype == DType::fp8E4m3) return 448;
    return dtype == DType::fp4E2m1 ? 6 : 7;
}

uint8_t codeOf(DType dtype, float x) {
    if (dtype == DType::fp8E4m3) return floatToE4m3(x);
    return dtype == DType::fp4E2m1 ? floatToE2m1(x) : roundToCode(x, 8, 15);
}

}  // namespace

void quantiseRow(DType dtype, std::span<const float> values, uint8_t* out) {
    const Quantise quantise = quantiseOf(dtype);
    const BlockFormat& format = blockFormat(dtype);
    BASE_CHECK(quantise != nullptr && std::ssize(values) % format.blockValues == 0);
    for (int64_t i = 0; i < std::ssize(values); i += format.blockValues)
        quantise(values.data() + i, out + i / format.blockValues * format.blockBytes);
}

int64_t scalesBytes(const ApartFormat& format, int64_t rows, int64_t cols) {
    return (rows + format.scaleRows - 1) / format.scaleRows *
           ((cols + format.scaleCols - 1) / format.scaleCols) * scaleBytes(format.scaleType);
}

void quantiseMatrix(const ApartFormat& format, std::span<const float> values, int64_t cols,
                    uint8_t* codes, uint8_t* scales) {
    const int32_t perByte = blockFormat(format.dtype).blockValues;
    BASE_CHECK(hasScalesApart(format.dtype) && cols > 0 && cols % perByte == 0);
    const int64_t rows = std::ssize(values) / cols;
    const int64_t nCodes = rows * cols / perByte;
    std::fill(codes, codes + nCodes, uint8_t{0});
    for (int64_t rowBegin = 0; rowBegin < rows; rowBegin += format.scaleRows)
        for (int64_t colBegin = 0; colBegin < cols; colBegin += format.scaleCols) {
            const int64_t rowEnd = std::min(rowBegin + format.scaleRows, rows);
            const int64_t n = std::min(colBegin + format.scaleCols, cols) - colBegin;
            float largest = 0;
            for (int64_t r = rowBegin; r < rowEnd; ++r)
                largest = std::max(largest, std::abs(extreme(values.data() + r * cols + colBegin,
                                                             static_cast<int>(n))));
            const float scale =
                inverse(storeScale(format.scaleType, largest / largestValue(format.dtype), scales));
            scales += scaleBytes(format.scaleType);
            for (int64_t r = rowBegin; r < rowEnd; ++r)
                for (int64_t i = r * cols + colBegin; i < r * cols + colBegin + n; ++i) {
                    const int code = codeOf(format.dtype, values[static_cast<size_t>(i)] * scale);
                    codes[i / perByte] =
                        static_cast<uint8_t>(codes[i / perByte] | code << (i % perByte) * 4);
                }
        }
}

}  // namespace moxie::kernels
