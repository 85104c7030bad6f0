// The scalar twins of roundRowFine and matmulFine, which have the same bits on every instruction
// set. 16 lanes. With FineSums::bytes lanes below 8 have the even ones of a super-block's 8 parts,
// the others the odd ones, 4 columns of each: their products are summed in integers, exact, and
// these, times their scales, in float32, with chains of their own for parts below 4, for the others
// and for offsets, which meet at the end of the row. With FineSums::scaledBytes a lane has 8
// columns of one of the parts below 4 and the same of the part 4 behind it: a super-block's
// products, codes times sub-scales times values, are summed in integers; of offsets it has two
// neighbouring parts of one of four super-blocks, in a chain of their own. Else lane l has columns
// c with c % 32 / 2 == l: a super-block's products are summed in integers; other formats' per 32
// columns, and these times their scales in float32 over 256. Then each 256 columns go on, scaled,
// in float32 from the first to the last; what offsets add to a lane is that of 16 columns. At the
// end the lanes are added: l and l + 8, neighbours, pairs, halves. With FineSums::rowLanes a row
// has one lane: the products of 32 columns are summed in integers, and these, times their scales,
// in float32 over 256, as are offsets times sums of activations; then each 256 columns go on,
// scaled.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/result.h"
#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/integer_parts.h"
#include "kernels/cpu/scalar.h"
#include "kernels/cpu/tables.h"

namespace moxie::kernels::scalar {

namespace {

constexpr int kLanes = 16;
using Lanes = std::array<float, kLanes>;

// 256 neighbours of one row, or what is left of it.
struct FineGroup {
    IntegerPart parts[8];
    int nParts = 0;
    int bias = 0;
    int byteBias = 0;
    bool isSuperBlock = false;
    bool hasOffsets = false;
};

// What the lanes of a row with bytes are made of: a super-block's first and last parts, and
// offsets.
struct ByteChains {
    Lanes sums[2] = {};
    Lanes offsets = {};
};

FineGroup readGroup(const WeightsView& w, int64_t r, int64_t group) {
    const IntegerFormat& format = *integerFormat(w.dtype);
    FineGroup result;
    result.nParts = static_cast<int>(std::min<int64_t>(8, w.cols / 32 - group * 8));
    result.bias = format.bias;
    result.byteBias = fineByteBias(w.dtype);
    result.isSuperBlock = blockFormat(w.dtype).blockValues == 256;
    result.hasOffsets = format.hasOffsets;
    for (int i = 0; i < result.nParts; ++i)
        result.parts[i] = readIntegerPart(w, r, group * 8 + i);
    return result;
}

// The products of one lane with 32 columns.
int32_t laneProducts(const FineGroup& group, int part, const FineBlock& x, int lane) {
    const IntegerPart& own = group.parts[part];
    int32_t sum = 0;
    for (int i = 2 * lane; i < 2 * lane + 2; ++i) {
        const int32_t code = own.codes[i] - group.bias;
        const int32_t word = group.isSuperBlock ? code * own.subScales[i / 16] : code;
        sum += word * x.values[part * 32 + i];
    }
    return sum;
}

void addWords(const FineGroup& group, const FineBlock& x, Lanes& acc) {
    for (int l = 0; l < kLanes; ++l) {
        float& sum = acc[static_cast<size_t>(l)];
        int32_t products = 0;
        for (int part = 0; part < 8; ++part)
            products += laneProducts(group, part, x, l);
        sum = std::fma(static_cast<float>(products), group.parts[0].scale * x.scale, sum);
    }
}

// The products of one lane's 4 bytes with one part.
int32_t byteProducts(const FineGroup& group, int part, const FineBlock& x, int lane) {
    const int32_t bias = group.bias - group.byteBias;
    int32_t sum = 0;
    for (int i = lane % 8 * 4; i < lane % 8 * 4 + 4; ++i)
        sum += (group.parts[part].codes[i] - bias) * x.values[part * 32 + i];
    return sum;
}

void addBytes(const FineGroup& group, const FineBlock& x, ByteChains& chains) {
    const float scale = group.parts[0].scale * x.scale;
    for (int l = 0; l < kLanes; ++l) {
        const auto lane = static_cast<size_t>(l);
        for (int part = l / 8; part < 8; part += 2) {
            float& sum = chains.sums[part / 4][lane];
            const IntegerPart& own = group.parts[part];
            sum = std::fma(static_cast<float>(byteProducts(group, part, x, l)),
                           static_cast<float>(own.subScales[l % 8 / 4]) * scale, sum);
        }
        const IntegerPart& own = group.parts[l / 2];
        const float offset =
            group.hasOffsets ? static_cast<float>(own.subOffsets[l % 2]) * (own.offset * x.scale)
                             : -static_cast<float>(own.subScales[l % 2]) * scale;
        chains.offsets[lane] = std::fma(offset, x.sums[l], chains.offsets[lane]);
    }
}

// One lane's columns of a part and of the part 4 behind it.
int32_t scaledProducts(const FineGroup& group, const FineBlock& x, int lane) {
    const int column = lane % 8 / 4 * 16 + lane % 2 * 8;
    int32_t sum = 0;
    for (int part = lane / 8 * 2 + lane % 4 / 2; part < 8; part += 4)
        for (int i = column; i < column + 8; ++i)
            sum += group.parts[part].subScales[0] * group.parts[part].codes[i] *
                   x.values[part * 32 + i];
    return sum;
}

// The super-block `index` of a row.
void addScaledBytes(const FineGroup& group, const FineBlock& x, int64_t index, ByteChains& chains) {
    for (int l = 0; l < kLanes; ++l) {
        float& sum = chains.sums[0][static_cast<size_t>(l)];
        sum = std::fma(static_cast<float>(scaledProducts(group, x, l)),
                       group.parts[0].scale * x.scale, sum);
        if (l / 4 != index % 4) continue;
        int32_t products = 0;
        for (int i = l % 4 * 64; i < l % 4 * 64 + 64; ++i)
            products += group.parts[i / 32].subOffsets[0] * x.values[i];
        float& offsets = chains.offsets[static_cast<size_t>(l)];
        offsets = std::fma(static_cast<float>(products), group.parts[0].offset * x.scale, offsets);
    }
}

// A row that stands in a lane of its own: blocks' products and offsets over 256 columns.
void addRowLane(const FineGroup& group, const FineBlock& x, float& sum) {
    float products = 0;
    float offsets = 0;
    for (int part = 0; part < group.nParts; ++part) {
        const IntegerPart& own = group.parts[part];
        int32_t blockProducts = 0;
        for (int i = 0; i < 32; ++i)
            blockProducts += (own.codes[i] - group.bias) * x.values[part * 32 + i];
        products = std::fma(static_cast<float>(blockProducts), own.scale, products);
        offsets = std::fma(own.offset, x.sums[2 * part] + x.sums[2 * part + 1], offsets);
    }
    sum = std::fma(products, x.scale, sum);
    if (group.hasOffsets) sum = std::fma(offsets, x.scale, sum);
}

void addBlocks(const FineGroup& group, const FineBlock& x, Lanes& acc) {
    for (int l = 0; l < kLanes; ++l) {
        float& sum = acc[static_cast<size_t>(l)];
        float products = 0;
        for (int part = 0; part < group.nParts; ++part)
            products = std::fma(static_cast<float>(laneProducts(group, part, x, l)),
                                group.parts[part].scale, products);
        sum = std::fma(products, x.scale, sum);
    }
}

float sumOf(Lanes lanes) {
    for (size_t i = 0; i < 8; ++i)
        lanes[i] += lanes[i + 8];
    for (size_t i = 0; i < 4; ++i)
        lanes[i] = lanes[2 * i] + lanes[2 * i + 1];
    return (lanes[0] + lanes[1]) + (lanes[2] + lanes[3]);
}

void fillQuad(const uint8_t* at, int64_t i, FineQuad& quad) {
    FineBlock block;
    std::memcpy(&block, at, sizeof block);
    quad.scales[2 * i] = quad.scales[2 * i + 1] = block.scale;
    for (int c = 0; c < 256; ++c) {
        const int part = c / 32;
        const int place = part / 4 * 4 + part % 2 * 2 + part % 4 / 2;  // 0, 2, 1, 3, 4, 6, 5, 7
        quad.high[i][place * 32 + c % 32] = block.high[c];
        quad.low[i][place * 32 + c % 32] = block.low[c];
        quad.highSums[i][part] = static_cast<int16_t>(quad.highSums[i][part] + block.high[c]);
        quad.lowSums[i][part] = static_cast<int16_t>(quad.lowSums[i][part] + block.low[c]);
    }
}

}  // namespace

FineBlock roundFineBlock(const float* x, int64_t n) {
    FineBlock out = {};
    float size = 0;
    float poison = 0;  // NaN if a value is NaN or infinite
    for (int64_t i = 0; i < n; ++i) {
        size = std::max(size, std::abs(x[i]));
        poison += x[i] * 0;
    }
    if (std::isnan(poison)) {
        out.scale = std::numeric_limits<float>::quiet_NaN();
        return out;
    }
    if (size < kRoundedToZero) return out;
    out.scale = size / kFineMax;
    const float inverse = kFineMax / size;
    int32_t sums[16] = {};
    for (int64_t i = 0; i < n; ++i) {
        out.values[i] = static_cast<int16_t>(std::lrintf(x[i] * inverse));
        out.high[i] = static_cast<int8_t>((out.values[i] + 128) >> 8);
        out.low[i] = static_cast<int8_t>(out.values[i] - out.high[i] * 256);
        sums[i / 16] += out.values[i];
    }
    for (int i = 0; i < 16; ++i)
        out.sums[i] = static_cast<float>(sums[i]);
    return out;
}

void roundRowFine(const float* x, int64_t cols, uint8_t* out) {
    for (int64_t c = 0; c < cols; c += 256, out += sizeof(FineBlock)) {
        const FineBlock block = roundFineBlock(x + c, std::min<int64_t>(256, cols - c));
        std::memcpy(out, &block, sizeof block);
    }
    const uint8_t* blocks = out - (cols + 255) / 256 * int64_t{sizeof(FineBlock)};
    for (int64_t c = 0; c < cols; c += 1024, out += sizeof(FineQuad)) {
        FineQuad quad = {};
        for (int64_t i = 0; i < 4 && c + i * 256 < cols; ++i)
            fillQuad(blocks + (c / 256 + i) * int64_t{sizeof(FineBlock)}, i, quad);
        std::memcpy(out, &quad, sizeof quad);
    }
}

namespace {

FineBlock blockOf(const RoundedRows& x, int64_t token, int64_t group) {
    return fineBlocksOf(x, token)[group];
}

// The lanes of row r times one token.
Lanes multiplyRow(const WeightsView& w, int64_t r, const RoundedRows& x, int64_t token) {
    Lanes acc = {};
    ByteChains chains;
    const FineSums sums = fineSums(w.dtype);
    for (int64_t g = 0; g * 256 < w.cols; ++g) {
        const FineGroup group = readGroup(w, r, g);
        const FineBlock block = blockOf(x, token, g);
        if (sums == FineSums::scaledBytes)
            addScaledBytes(group, block, g, chains);
        else if (sums == FineSums::bytes)
            addBytes(group, block, chains);
        else if (group.isSuperBlock)
            addWords(group, block, acc);
        else
            addBlocks(group, block, acc);
    }
    if (sums != FineSums::bytes && sums != FineSums::scaledBytes) return acc;
    const float offsetUnit =
        integerFormat(w.dtype)->hasOffsets ? 1 : static_cast<float>(fineByteBias(w.dtype));
    for (size_t l = 0; l < acc.size(); ++l)
        acc[l] = std::fma(chains.offsets[l], offsetUnit, chains.sums[0][l] + chains.sums[1][l]);
    return acc;
}

float multiplyRowLane(const WeightsView& w, int64_t r, const RoundedRows& x, int64_t token) {
    float sum = 0;
    for (int64_t g = 0; g * 256 < w.cols; ++g)
        addRowLane(readGroup(w, r, g), blockOf(x, token, g), sum);
    return sum;
}

}  // namespace

void matmulFine(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                int64_t nTokens, float* y, int64_t yStride) {
    checkWeights(w);
    BASE_CHECK(hasTiles(w));
    const bool areRowLanes = fineSums(w.dtype) == FineSums::rowLanes;
    for (int64_t r = rowBegin; r < rowEnd; ++r)
        for (int64_t t = 0; t < nTokens; ++t)
            y[t * yStride + r - rowBegin] =
                areRowLanes ? multiplyRowLane(w, r, x, t) : sumOf(multiplyRow(w, r, x, t));
}

}  // namespace moxie::kernels::scalar
