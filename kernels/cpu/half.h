// IEEE half precision to float32 without special instructions.
// Threads: any thread.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

namespace moxie::kernels {

// Exact: every half is a float.
inline float halfToFloat(uint16_t half) {
    const uint32_t sign = uint32_t{half} >> 15 << 31;
    const uint32_t exponent = (uint32_t{half} >> 10) & 0x1f;
    const uint32_t mantissa = half & 0x3ffU;
    if (exponent == 0x1f) return std::bit_cast<float>(sign | 0x7f800000U | mantissa << 13);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
    const float value = static_cast<float>(mantissa) * 0x1p-24F;  // zero or subnormal, exact
    return std::bit_cast<float>(std::bit_cast<uint32_t>(value) | sign);
}

// A half stored at any alignment, little-endian.
inline float loadHalf(const uint8_t* at) {
    uint16_t half = 0;
    std::memcpy(&half, at, sizeof half);
    return halfToFloat(half);
}

}  // namespace moxie::kernels
