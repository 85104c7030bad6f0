#include "kernels/cpu/block_decode.h"

#include <cstring>

#include "base/result.h"
#include "kernels/float_formats.h"
#include "kernels/format_tables.h"

namespace moxie::kernels::scalar {

namespace {

// 16 bytes: value j is the low nibble of byte j, value j + 16 the high one.
void decodeLookUp(const uint8_t* quants, const int8_t* values, float scale, float* out) {
    for (int i = 0; i < 16; ++i) {
        out[i] = scale * static_cast<float>(values[quants[i] & 15]);
        out[i + 16] = scale * static_cast<float>(values[quants[i] >> 4]);
    }
}

void decodeQ4_0(const uint8_t* block, float* out) {
    const float scale = loadHalf(block);
    for (int i = 0; i < 16; ++i) {
        out[i] = scale * static_cast<float>((block[2 + i] & 15) - 8);
        out[i + 16] = scale * static_cast<float>((block[2 + i] >> 4) - 8);
    }
}

void decodeQ4_1(const uint8_t* block, float* out) {
    const float scale = loadHalf(block);
    const float minimum = loadHalf(block + 2);
    for (int i = 0; i < 16; ++i) {
        out[i] = scale * static_cast<float>(block[4 + i] & 15) + minimum;
        out[i + 16] = scale * static_cast<float>(block[4 + i] >> 4) + minimum;
    }
}

void decodeQ8_0(const uint8_t* block, float* out) {
    const float scale = loadHalf(block);
    for (int i = 0; i < 32; ++i)
        out[i] = scale * static_cast<float>(static_cast<int8_t>(block[2 + i]));
}

// 16 bytes of scales (low nibble) and minima (high), 64 bytes of quants, two halves. The quants are
// two groups of 32 bytes; bits 2k and 2k + 1 of a group are its k-th 32 values.
void decodeQ2_K(const uint8_t* block, float* out) {
    const uint8_t* quants = block + 16;
    const float scale = loadHalf(block + 80);
    const float minimum = loadHalf(block + 82);
    for (int i = 0; i < 256; ++i) {
        const uint8_t both = block[i / 16];
        const int quant = quants[i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3;
        out[i] = scale * static_cast<float>(both & 15) * static_cast<float>(quant) -
                 minimum * static_cast<float>(both >> 4);
    }
}

struct ScaleAndMinimum {
    float scale, minimum;
};

ScaleAndMinimum subBlock(const uint8_t* block, int index) {
    const auto [scale, minimum] = subScaleOf(block, index);
    return {.scale = loadHalf(block) * static_cast<float>(scale),
            .minimum = loadHalf(block + 2) * static_cast<float>(minimum)};
}

// Two halves, the 12 bytes above, 128 bytes of quants: each 32 bytes are 32 low nibbles, then 32
// high ones.
void decodeQ4_K(const uint8_t* block, float* out) {
    for (int part = 0; part < 8; ++part) {
        const auto [scale, minimum] = subBlock(block, part);
        const uint8_t* quants = block + 16 + part / 2 * 32;
        for (int i = 0; i < 32; ++i)
            *out++ = scale * static_cast<float>(quants[i] >> part % 2 * 4 & 15) - minimum;
    }
}

// As Q4_K, with 32 bytes of fifth bits before the quants: bit k of byte i belongs to value 32k + i.
void decodeQ5_K(const uint8_t* block, float* out) {
    for (int part = 0; part < 8; ++part) {
        const auto [scale, minimum] = subBlock(block, part);
        const uint8_t* quants = block + 48 + part / 2 * 32;
        for (int i = 0; i < 32; ++i) {
            const int low = quants[i] >> part % 2 * 4 & 15;
            const int high = block[16 + i] >> part & 1;
            *out++ = scale * static_cast<float>(low | high << 4) - minimum;
        }
    }
}

// 128 bytes of low nibbles, 64 of high pairs of bits, 16 signed scales, a half; in two halves of
// 128 values each.
void decodeQ6_K(const uint8_t* block, float* out) {
    const float scale = loadHalf(block + 208);
    for (int i = 0; i < 256; ++i) {
        const int half = i / 128;
        const int part = i % 128 / 32;
        const int low = block[half * 64 + part % 2 * 32 + i % 32] >> part / 2 * 4 & 15;
        const int high = block[128 + half * 32 + i % 32] >> part * 2 & 3;
        const auto subScale = static_cast<int8_t>(block[192 + i / 16]);
        out[i] = scale * static_cast<float>(subScale) * static_cast<float>((low | high << 4) - 32);
    }
}

// A half, then per 32 values four indices of grid points, and in 32 bits four times 7 signs and a
// 4-bit scale.
void decodeIq2Xxs(const uint8_t* block, float* out) {
    for (int part = 0; part < 8; ++part) {
        const uint8_t* points = block + 2 + part * 8;
        const uint32_t rest = loadU32(points + 4);
        const float scale = loadHalf(block) * (0.5F + static_cast<float>(rest >> 28)) * 0.25F;
        for (int group = 0; group < 4; ++group) {
            const uint32_t signs = iq2Signs(rest >> group * 7);
            const Iq2Point& point = kIq2Points.at[points[group]];
            for (int i = 0; i < 8; ++i)
                *out++ = scale * ((signs >> i & 1) != 0 ? -point.sizes[i] : point.sizes[i]);
        }
    }
}

void decodeIq4Nl(const uint8_t* block, float* out) {
    decodeLookUp(block + 2, kIq4Values, loadHalf(block), out);
}

// Two halves' worth of bytes: the scale and 8 times two high bits; 4 bytes of low nibbles of the
// sub-scales; 128 bytes of quants, 16 per 32 values.
void decodeIq4Xs(const uint8_t* block, float* out) {
    for (int part = 0; part < 8; ++part) {
        const int low = block[4 + part / 2] >> part % 2 * 4 & 15;
        const int high = loadU16(block + 2) >> part * 2 & 3;
        const float scale = loadHalf(block) * static_cast<float>((low | high << 4) - 32);
        decodeLookUp(block + 8 + part * 16, kIq4Values, scale, out + part * 32);
    }
}

// An E8M0 scale, then 16 bytes of nibbles.
void decodeMxfp4(const uint8_t* block, float* out) {
    const float scale = e8m0ToFloat(block[0]);
    for (int i = 0; i < 16; ++i) {
        out[i] = scale * e2m1ToFloat(block[1 + i] & 15);
        out[i + 16] = scale * e2m1ToFloat(block[1 + i] >> 4);
    }
}

void decodeF32(const uint8_t* block, float* out) {
    std::memcpy(out, block, sizeof *out);
}

void decodeF16(const uint8_t* block, float* out) {
    *out = loadHalf(block);
}

void decodeBf16(const uint8_t* block, float* out) {
    *out = bf16ToFloat(loadU16(block));
}

void decodeE4m3(const uint8_t* block, float* out) {
    *out = e4m3ToFloat(*block);
}

void decodeE2m1(const uint8_t* block, float* out) {
    out[0] = e2m1ToFloat(*block & 15);
    out[1] = e2m1ToFloat(*block >> 4);
}

void decodeInt4(const uint8_t* block, float* out) {
    out[0] = static_cast<float>((*block & 15) - 8);
    out[1] = static_cast<float>((*block >> 4) - 8);
}

using Decode = void (*)(const uint8_t* block, float* out);

Decode decodeOf(DType dtype) {
    switch (dtype) {
        case DType::f32:
            return decodeF32;
        case DType::f16:
            return decodeF16;
        case DType::q4_0:
            return decodeQ4_0;
        case DType::q4_1:
            return decodeQ4_1;
        case DType::q8_0:
            return decodeQ8_0;
        case DType::q2_K:
            return decodeQ2_K;
        case DType::q4_K:
            return decodeQ4_K;
        case DType::q5_K:
            return decodeQ5_K;
        case DType::q6_K:
            return decodeQ6_K;
        case DType::iq2_xxs:
            return decodeIq2Xxs;
        case DType::iq4_nl:
            return decodeIq4Nl;
        case DType::iq4_xs:
            return decodeIq4Xs;
        case DType::bf16:
            return decodeBf16;
        case DType::mxfp4:
            return decodeMxfp4;
        case DType::fp8E4m3:
            return decodeE4m3;
        case DType::fp4E2m1:
            return decodeE2m1;
        case DType::int4:
            return decodeInt4;
        case DType::i8:
        case DType::i32:
        case DType::i64:
            break;
    }
    return nullptr;
}

}  // namespace

SubScale subScaleOf(const uint8_t* block, int index) {
    const uint8_t* packed = block + 4;
    if (index < 4) return {.scale = packed[index] & 63, .minimum = packed[4 + index] & 63};
    const uint8_t low = packed[4 + index];
    return {.scale = (low & 15) | packed[index - 4] >> 6 << 4,
            .minimum = low >> 4 | packed[index] >> 6 << 4};
}

void decodeBlocks(DType dtype, const uint8_t* blocks, int64_t nBlocks, float* out) {
    const Decode decode = decodeOf(dtype);
    BASE_CHECK(decode != nullptr);
    const BlockFormat& format = blockFormat(dtype);
    for (int64_t i = 0; i < nBlocks; ++i)
        decode(blocks + i * format.blockBytes, out + i * format.blockValues);
}

}  // namespace moxie::kernels::scalar
