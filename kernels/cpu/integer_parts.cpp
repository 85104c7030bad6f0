#include "kernels/cpu/integer_parts.h"

#include "base/result.h"
#include "kernels/cpu/block_decode.h"
#include "kernels/cpu/tables.h"
#include "kernels/float_formats.h"
#include "kernels/format_tables.h"

namespace moxie::kernels::scalar {

namespace {

uint8_t biased(int value) {
    return static_cast<uint8_t>(value + 128);
}

// The low nibble of byte j is value j, the high one value j + 16.
template <class Code>
void codesOfHalves(const uint8_t* bytes, Code code, IntegerPart& part) {
    for (int i = 0; i < 16; ++i) {
        part.codes[i] = code(bytes[i] & 15);
        part.codes[i + 16] = code(bytes[i] >> 4);
    }
}

// The low nibble of byte j is value 2j, the high one value 2j + 1.
template <class Code>
void codesOfPairs(const uint8_t* bytes, Code code, IntegerPart& part) {
    for (int i = 0; i < 16; ++i) {
        part.codes[2 * i] = code(bytes[i] & 15);
        part.codes[2 * i + 1] = code(bytes[i] >> 4);
    }
}

void readSubScale(const uint8_t* block, int index, IntegerPart& part) {
    const auto [scale, minimum] = subScaleOf(block, index);
    part.scale = loadHalf(block);
    part.subScales[0] = part.subScales[1] = scale;
    part.offset = -loadHalf(block + 2);
    part.subOffsets[0] = part.subOffsets[1] = minimum;
}

void readQ2_K(const uint8_t* block, int index, IntegerPart& part) {
    const uint8_t* quants = block + 16 + index / 4 * 32;
    for (int i = 0; i < 32; ++i)
        part.codes[i] = quants[i] >> index % 4 * 2 & 3;
    part.scale = loadHalf(block + 80);
    part.offset = -loadHalf(block + 82);
    for (int half = 0; half < 2; ++half) {
        const uint8_t both = block[index * 2 + half];
        part.subScales[half] = both & 15;
        part.subOffsets[half] = both >> 4;
    }
}

void readQ4_K(const uint8_t* block, int index, IntegerPart& part) {
    readSubScale(block, index, part);
    for (int i = 0; i < 32; ++i)
        part.codes[i] = block[16 + index / 2 * 32 + i] >> index % 2 * 4 & 15;
}

void readQ5_K(const uint8_t* block, int index, IntegerPart& part) {
    readSubScale(block, index, part);
    for (int i = 0; i < 32; ++i) {
        const int low = block[48 + index / 2 * 32 + i] >> index % 2 * 4 & 15;
        part.codes[i] = static_cast<uint8_t>(low | (block[16 + i] >> index & 1) << 4);
    }
}

void readQ6_K(const uint8_t* block, int index, IntegerPart& part) {
    const int half = index / 4;
    const int quarter = index % 4;
    for (int i = 0; i < 32; ++i) {
        const int low = block[half * 64 + quarter % 2 * 32 + i] >> quarter / 2 * 4 & 15;
        const int high = block[128 + half * 32 + i] >> quarter * 2 & 3;
        part.codes[i] = biased((low | high << 4) - 32);
    }
    part.scale = loadHalf(block + 208);
    for (int i = 0; i < 2; ++i)
        part.subScales[i] = static_cast<int8_t>(block[192 + index * 2 + i]);
}

void readIq2Xxs(const uint8_t* block, int index, IntegerPart& part) {
    const uint8_t* points = block + 2 + index * 8;
    const uint32_t rest = loadU32(points + 4);
    part.scale = loadHalf(block) * 0.125F;
    part.subScales[0] = part.subScales[1] = static_cast<int32_t>(rest >> 28) * 2 + 1;
    for (int i = 0; i < 32; ++i) {
        const auto size = static_cast<int>(kIq2Points.at[points[i / 8]].sizes[i % 8]);
        const bool isMinus = (iq2Signs(rest >> i / 8 * 7) >> i % 8 & 1) != 0;
        part.codes[i] = biased(isMinus ? -size : size);
    }
}

void readIq4Xs(const uint8_t* block, int index, IntegerPart& part) {
    const int low = block[4 + index / 2] >> index % 2 * 4 & 15;
    const int high = loadU16(block + 2) >> index * 2 & 3;
    part.scale = loadHalf(block);
    part.subScales[0] = part.subScales[1] = (low | high << 4) - 32;
    codesOfHalves(
        block + 8 + index * 16, [](int i) { return biased(kIq4Values[i]); }, part);
}

// A block of 32 values, or values whose scales lie apart.
void readBlock(DType dtype, const uint8_t* block, IntegerPart& part) {
    switch (dtype) {
        case DType::q8_0:
            part.scale = loadHalf(block);
            for (int i = 0; i < 32; ++i)
                part.codes[i] = biased(static_cast<int8_t>(block[2 + i]));
            return;
        case DType::q4_0:
            part.scale = loadHalf(block);
            return codesOfHalves(
                block + 2, [](int i) { return biased(i - 8); }, part);
        case DType::q4_1:
            part.scale = loadHalf(block);
            part.offset = loadHalf(block + 2);
            return codesOfHalves(
                block + 4, [](int i) { return static_cast<uint8_t>(i); }, part);
        case DType::iq4_nl:
            part.scale = loadHalf(block);
            return codesOfHalves(
                block + 2, [](int i) { return biased(kIq4Values[i]); }, part);
        case DType::mxfp4:
            part.scale = kE8m0Halves.at[block[0]];
            return codesOfHalves(
                block + 1, [](int i) { return biased(kE2m1Doubled[i]); }, part);
        case DType::fp4E2m1:
            part.scale = 0.5F;
            return codesOfPairs(
                block, [](int i) { return biased(kE2m1Doubled[i]); }, part);
        case DType::int4:
            return codesOfPairs(
                block, [](int i) { return biased(kInt4Values[i]); }, part);
        default:
            BASE_CHECK(false);
    }
}

}  // namespace

IntegerPart readIntegerPart(const WeightsView& w, int64_t r, int64_t group) {
    IntegerPart part;
    const BlockFormat& format = blockFormat(w.dtype);
    const uint8_t* block =
        w.data + r * w.rowBytes + group * 32 / format.blockValues * format.blockBytes;
    const auto index = static_cast<int>(group % 8);
    switch (w.dtype) {
        case DType::q2_K:
            readQ2_K(block, index, part);
            break;
        case DType::q4_K:
            readQ4_K(block, index, part);
            break;
        case DType::q5_K:
            readQ5_K(block, index, part);
            break;
        case DType::q6_K:
            readQ6_K(block, index, part);
            break;
        case DType::iq2_xxs:
            readIq2Xxs(block, index, part);
            break;
        case DType::iq4_xs:
            readIq4Xs(block, index, part);
            break;
        default:
            readBlock(w.dtype, block, part);
    }
    if (w.scaleType == ScaleType::none) return part;
    float scale = 1;
    expandScales(w, {r, 1, group * 32, 1}, &scale, 1);
    part.scale *= scale;
    return part;
}

}  // namespace moxie::kernels::scalar
