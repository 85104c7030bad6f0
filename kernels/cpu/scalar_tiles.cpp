// The scalar twins of roundRow and matmulTiles. Unlike other products these have the same bits on
// every instruction set: integer sums of 16 or 32 products are exact, and the float32 chain over
// them has one order.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/result.h"
#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/scalar.h"
#include "kernels/cpu/tables.h"
#include "kernels/float_formats.h"
#include "kernels/format_tables.h"

namespace moxie::kernels::scalar {

namespace {

// 32 neighbours of one row; where one scale serves all 32, only the first of the pairs counts.
struct IntegerPart {
    uint8_t codes[32];
    float scales[2];
    float offsets[2];
};

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

// The 6-bit scales and minima of 8 sub-blocks in 12 bytes (Q4_K, Q5_K).
void readSubScale(const uint8_t* block, int index, IntegerPart& part) {
    const uint8_t* packed = block + 4;
    int scale = packed[index & 3] & 63;
    int minimum = packed[4 + (index & 3)] & 63;
    if (index >= 4) {
        const uint8_t low = packed[4 + index];
        scale = (low & 15) | packed[index - 4] >> 6 << 4;
        minimum = low >> 4 | packed[index] >> 6 << 4;
    }
    part.scales[0] = loadHalf(block) * static_cast<float>(scale);
    part.offsets[0] = -loadHalf(block + 2) * static_cast<float>(minimum);
}

void readQ2_K(const uint8_t* block, int index, IntegerPart& part) {
    const uint8_t* quants = block + 16 + index / 4 * 32;
    for (int i = 0; i < 32; ++i)
        part.codes[i] = quants[i] >> index % 4 * 2 & 3;
    for (int half = 0; half < 2; ++half) {
        const uint8_t both = block[index * 2 + half];
        part.scales[half] = loadHalf(block + 80) * static_cast<float>(both & 15);
        part.offsets[half] = -loadHalf(block + 82) * static_cast<float>(both >> 4);
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
    for (int i = 0; i < 2; ++i)
        part.scales[i] = loadHalf(block + 208) *
                         static_cast<float>(static_cast<int8_t>(block[192 + index * 2 + i]));
}

void readIq2Xxs(const uint8_t* block, int index, IntegerPart& part) {
    const uint8_t* points = block + 2 + index * 8;
    const uint32_t rest = loadU32(points + 4);
    part.scales[0] = loadHalf(block) * (0.5F + static_cast<float>(rest >> 28)) * 0.25F;
    for (int i = 0; i < 32; ++i) {
        const auto size = static_cast<int>(kIq2Points.at[points[i / 8]].sizes[i % 8]);
        const bool isMinus = (iq2Signs(rest >> i / 8 * 7) >> i % 8 & 1) != 0;
        part.codes[i] = biased(isMinus ? -size : size);
    }
}

void readIq4Xs(const uint8_t* block, int index, IntegerPart& part) {
    const int low = block[4 + index / 2] >> index % 2 * 4 & 15;
    const int high = loadU16(block + 2) >> index * 2 & 3;
    part.scales[0] = loadHalf(block) * static_cast<float>((low | high << 4) - 32);
    codesOfHalves(
        block + 8 + index * 16, [](int i) { return biased(kIq4Values[i]); }, part);
}

// A block of 32 values, or values whose scales lie apart.
void readBlock(DType dtype, const uint8_t* block, IntegerPart& part) {
    part.scales[0] = 1;
    switch (dtype) {
        case DType::q8_0:
            part.scales[0] = loadHalf(block);
            for (int i = 0; i < 32; ++i)
                part.codes[i] = biased(static_cast<int8_t>(block[2 + i]));
            return;
        case DType::q4_0:
            part.scales[0] = loadHalf(block);
            return codesOfHalves(
                block + 2, [](int i) { return biased(i - 8); }, part);
        case DType::q4_1:
            part.scales[0] = loadHalf(block);
            part.offsets[0] = loadHalf(block + 2);
            return codesOfHalves(
                block + 4, [](int i) { return static_cast<uint8_t>(i); }, part);
        case DType::iq4_nl:
            part.scales[0] = loadHalf(block);
            return codesOfHalves(
                block + 2, [](int i) { return biased(kIq4Values[i]); }, part);
        case DType::mxfp4:
            part.scales[0] = kE8m0Halves.at[block[0]];
            return codesOfHalves(
                block + 1, [](int i) { return biased(kE2m1Doubled[i]); }, part);
        case DType::fp4E2m1:
            part.scales[0] = 0.5F;
            return codesOfPairs(
                block, [](int i) { return biased(kE2m1Doubled[i]); }, part);
        case DType::int4:
            return codesOfPairs(
                block, [](int i) { return biased(kInt4Values[i]); }, part);
        default:
            BASE_CHECK(false);
    }
}

// Columns [32 * group, 32 * group + 32) of row r.
void readPart(const WeightsView& w, int64_t r, int64_t group, IntegerPart& part) {
    const BlockFormat& format = blockFormat(w.dtype);
    const uint8_t* block =
        w.data + r * w.rowBytes + group * 32 / format.blockValues * format.blockBytes;
    const auto index = static_cast<int>(group % 8);
    switch (w.dtype) {
        case DType::q2_K:
            return readQ2_K(block, index, part);
        case DType::q4_K:
            return readQ4_K(block, index, part);
        case DType::q5_K:
            return readQ5_K(block, index, part);
        case DType::q6_K:
            return readQ6_K(block, index, part);
        case DType::iq2_xxs:
            return readIq2Xxs(block, index, part);
        case DType::iq4_xs:
            return readIq4Xs(block, index, part);
        default:
            readBlock(w.dtype, block, part);
    }
    if (w.scaleType == ScaleType::none) return;
    float scale = 1;
    expandScales(w, {r, 1, group * 32, 1}, &scale, 1);
    part.scales[0] *= scale;
}

// acc = the chain gone on by 32 columns.
float addPart(const IntegerFormat& format, const IntegerPart& part, const RoundedBlock& x,
              float acc) {
    const int nParts = 32 / format.valuesPerScale;
    for (int half = 0; half < nParts; ++half) {
        const bool isWhole = nParts == 1;
        const int first = half * format.valuesPerScale;
        int32_t sum = format.bias == 0 ? 0 : isWhole ? x.bias : x.halfBias[half];
        for (int i = first; i < first + format.valuesPerScale; ++i)
            sum += part.codes[i] * x.values[i];
        acc = std::fma(static_cast<float>(sum), part.scales[half] * x.scale, acc);
        if (format.hasOffsets)
            acc = std::fma(part.offsets[half], isWhole ? x.sum : x.halfSums[half], acc);
    }
    return acc;
}

const uint8_t* rowOf(const RoundedRows& x, int64_t token) {
    return x.data + (x.chosen == nullptr ? token : x.chosen[token]) * x.rowBytes;
}

void roundBlock(const float* x, int64_t n, RoundedBlock& out) {
    out = {};
    float size = 0;
    float poison = 0;  // NaN if a value is NaN or infinite
    for (int64_t i = 0; i < n; ++i) {
        size = std::max(size, std::abs(x[i]));
        poison += x[i] * 0;
    }
    if (std::isnan(poison)) {
        out.scale = out.sum = out.halfSums[0] = out.halfSums[1] =
            std::numeric_limits<float>::quiet_NaN();
        return;
    }
    if (size < kRoundedToZero) return;
    out.scale = size / 127.0F;
    const float inverse = 127.0F / size;
    int32_t sums[2] = {};
    for (int64_t i = 0; i < n; ++i) {
        out.values[i] = static_cast<int8_t>(std::lrintf(x[i] * inverse));
        sums[i / 16] += out.values[i];
    }
    for (int half = 0; half < 2; ++half) {
        out.halfSums[half] = out.scale * static_cast<float>(sums[half]);
        out.halfBias[half] = -128 * sums[half];
    }
    out.sum = out.scale * static_cast<float>(sums[0] + sums[1]);
    out.bias = -128 * (sums[0] + sums[1]);
}

}  // namespace

void roundRow(const float* x, int64_t cols, uint8_t* out) {
    for (int64_t c = 0; c < cols; c += 32, out += sizeof(RoundedBlock)) {
        RoundedBlock block;
        roundBlock(x + c, std::min<int64_t>(32, cols - c), block);
        std::memcpy(out, &block, sizeof block);
    }
}

void matmulTiles(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                 int64_t nTokens, float* y, int64_t yStride) {
    checkWeights(w);
    BASE_CHECK(hasTiles(w));
    const IntegerFormat& format = *integerFormat(w.dtype);
    for (int64_t r = rowBegin; r < rowEnd; ++r) {
        float* out = y + r - rowBegin;
        for (int64_t t = 0; t < nTokens; ++t)
            out[t * yStride] = 0;
        for (int64_t group = 0; group < w.cols / 32; ++group) {
            IntegerPart part = {};
            readPart(w, r, group, part);
            for (int64_t t = 0; t < nTokens; ++t) {
                RoundedBlock block;
                std::memcpy(&block, rowOf(x, t) + group * int64_t{sizeof block}, sizeof block);
                out[t * yStride] = addPart(format, part, block, out[t * yStride]);
            }
        }
    }
}

void unpackPanel(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int64_t cols,
                 IntegerPanel& panel) {
    BASE_CHECK(hasTiles(w) && nRows <= kTileRows && cols <= kTileCols && begin % 32 == 0);
    panel = {};
    const int nScales = 32 / integerFormat(w.dtype)->valuesPerScale;
    for (int64_t row = 0; row < nRows; ++row)
        for (int64_t group = 0; group < cols / 32; ++group) {
            IntegerPart part = {};
            readPart(w, r + row, begin / 32 + group, part);
            for (int64_t i = 0; i < 32; ++i)
                panel.codes[row / 16][group * 8 + i / 4][row % 16 * 4 + i % 4] = part.codes[i];
            for (int i = 0; i < nScales; ++i) {
                panel.scales[row / 16][group * nScales + i][row % 16] = part.scales[i];
                panel.offsets[row / 16][group * nScales + i][row % 16] = part.offsets[i];
            }
        }
}

}  // namespace moxie::kernels::scalar
