// Small floating point formats to and from float32, without special instructions: IEEE half,
// bfloat16, and E4M3, E2M1 and E8M0 of the OCP Microscaling Formats 1.0. Every decoding is exact;
// every encoding rounds to the nearest value, ties to the even code. Not here: blocks and scales
// (kernels/dispatch.h, kernels/microscaling.h). Threads: any thread.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/format_tables.h"

namespace moxie::kernels {

constexpr float halfToFloat(uint16_t half) {
    const uint32_t sign = uint32_t{half} >> 15 << 31;
    const uint32_t exponent = (uint32_t{half} >> 10) & 0x1f;
    const uint32_t mantissa = half & 0x3ffU;
    if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000U | mantissa << 13);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
    const float value = static_cast<float>(mantissa) * 0x1p-24F;  // zero or subnormal, exact
    return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
}

// Beyond 65519: infinity.
inline uint16_t floatToHalf(float x) {
    const uint32_t bits = std::bit_cast<uint32_t>(x);
    const auto sign = static_cast<uint16_t>(bits >> 16 & 0x8000);
    const uint32_t size = bits & 0x7fffffff;
    if (size > 0x7f800000) return static_cast<uint16_t>(sign | 0x7e00);   // NaN
    if (size >= 0x477ff000) return static_cast<uint16_t>(sign | 0x7c00);  // 65520 and more
    if (size < 0x38800000) {                                              // below 2^-14: subnormal
        // The addition rounds to a multiple of 2^-24 and leaves that multiple in the low bits.
        const float shifted = std::bit_cast<float>(size) + 0.5F;
        return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x3f000000));
    }
    const uint32_t rounded = size + 0xfff + (size >> 13 & 1);
    return static_cast<uint16_t>(sign | (rounded - 0x38000000) >> 13);
}

constexpr float bf16ToFloat(uint16_t bits) {
    return std::bit_cast<float>(uint32_t{bits} << 16);
}

inline uint16_t floatToBf16(float x) {
    const uint32_t bits = std::bit_cast<uint32_t>(x);
    if ((bits & 0x7fffffff) > 0x7f800000) return static_cast<uint16_t>(bits >> 16 | 0x40);  // NaN
    return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

// E4M3 "fn": bias 7, subnormals down to 2^-9, largest 448, 0x7f and 0xff are NaN, no infinities.
constexpr float e4m3ToFloat(uint8_t code) {
    const uint32_t sign = uint32_t{code} >> 7 << 31;
    const uint32_t size = code & 0x7fU;
    if (size == 0x7f) return std::bit_cast<float>(sign | 0x7fc00000U);
    if (size >= 8) return std::bit_cast<float>(sign | (size + 960) << 20);  // 960 = (127 - 7) << 3
    const float value = static_cast<float>(size) * 0x1p-9F;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
}

// Beyond 448, infinity too: 448.
inline uint8_t floatToE4m3(float x) {
    const uint32_t bits = std::bit_cast<uint32_t>(x);
    const uint32_t sign = bits >> 24 & 0x80;
    uint32_t size = bits & 0x7fffffff;
    if (size > 0x7f800000) return static_cast<uint8_t>(sign | 0x7f);
    if (size > 0x43e00000) size = 0x43e00000;  // 448
    if (size < 0x3c800000) {                   // below 2^-6: multiples of 2^-9, the ulp of 2^14
        const float shifted = std::bit_cast<float>(size) + 0x1p14F;
        return static_cast<uint8_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x46800000));
    }
    return static_cast<uint8_t>(sign | (((size + 0x7ffff + (size >> 20 & 1)) >> 20) - 960));
}

// E2M1: bit 3 is the sign, the rest indexes {0, 0.5, 1, 1.5, 2, 3, 4, 6}. Code 8 gives +0, as in
// ggml.
constexpr float e2m1ToFloat(uint8_t code) {
    return 0.5F * static_cast<float>(kE2m1Doubled[code & 15]);
}

// Beyond 6: 6. Requires: x is no NaN.
inline uint8_t floatToE2m1(float x) {
    const uint32_t bits = std::bit_cast<uint32_t>(x);
    const uint32_t sign = bits >> 28 & 8;
    uint32_t size = bits & 0x7fffffff;
    if (size > 0x40c00000) size = 0x40c00000;  // 6
    if (size < 0x3f800000) {                   // below 1: multiples of 0.5, the ulp of 2^22
        const float shifted = std::bit_cast<float>(size) + 0x1p22F;
        return static_cast<uint8_t>(sign | (std::bit_cast<uint32_t>(shifted) - 0x4a800000));
    }
    return static_cast<uint8_t>(sign | (((size + 0x1fffff + (size >> 22 & 1)) >> 22) - 252));
}

// 2^(code - 127), which is a subnormal for 0; 255 is NaN.
constexpr float e8m0ToFloat(uint8_t code) {
    const uint32_t odd = code == 0 || code == 255 ? 0x400000 : 0;
    return std::bit_cast<float>(uint32_t{code} << 23 | odd);
}

// The smallest power of two that is not below x, at least 2^-126. Requires: 0 <= x <= 2^127
// or infinity, whose code is 255.
inline uint8_t e8m0Above(float x) {
    const uint32_t bits = std::bit_cast<uint32_t>(x);
    const uint32_t exponent = (bits >> 23) + ((bits & 0x7fffff) != 0 ? 1 : 0);
    return static_cast<uint8_t>(exponent < 1 ? 1 : exponent);
}

// Little-endian values at any alignment.
inline uint16_t loadU16(const uint8_t* at) {
    uint16_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

inline uint32_t loadU32(const uint8_t* at) {
    uint32_t value = 0;
    std::memcpy(&value, at, sizeof value);
    return value;
}

inline float loadHalf(const uint8_t* at) {
    return halfToFloat(loadU16(at));
}

}  // namespace moxie::kernels
