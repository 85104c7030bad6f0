// The scalar twins of roundRowSplit and matmulRequantised, which have the same bits on every
// instruction set: integer sums of 128 products are exact, and the float32 chain over them has one
// order.
#include <algorithm>
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

constexpr int kParts = static_cast<int>(kRequantisedCols / 32);

// 128 neighbours of one row, or what is left of it: value i is about scale * codes[i].
struct RequantisedGroup {
    int8_t codes[kRequantisedCols] = {};
    float scale = 0;
};

// The largest size that codes of this part can have; NaN if a scale is.
float sizeOf(const IntegerPart& part, const IntegerFormat& format, CodeRange range) {
    float size = 0;
    for (int half = 0; half < 32 / format.valuesPerScale; ++half) {
        const float scale = part.scaleOf(half);
        const float offset = format.hasOffsets ? part.offsetOf(half) : 0;
        for (const float code : {range.lowest, range.highest}) {
            const float value = std::abs(std::fma(scale, code, offset));
            if (std::isnan(value)) return value;
            size = std::max(size, value);
        }
    }
    return size;
}

void requantisePart(const IntegerPart& part, const IntegerFormat& format, float inverse,
                    int8_t* codes) {
    for (int i = 0; i < 32; ++i) {
        const int half = i / format.valuesPerScale;
        const auto code = static_cast<float>(part.codes[i] - format.bias);
        const float scale = part.scaleOf(half) * inverse;
        const float offset = format.hasOffsets ? part.offsetOf(half) * inverse : 0;
        codes[i] = static_cast<int8_t>(std::lrintf(std::fma(code, scale, offset)));
    }
}

// Groups of 32 columns [first, first + nParts) of row r.
RequantisedGroup requantise(const WeightsView& w, int64_t r, int64_t first, int nParts) {
    const IntegerFormat& format = *integerFormat(w.dtype);
    const CodeRange range = codeRange(w.dtype);
    IntegerPart parts[kParts];
    float size = 0;
    for (int i = 0; i < nParts; ++i) {
        parts[i] = readIntegerPart(w, r, first + i);
        const float own = sizeOf(parts[i], format, range);
        size = std::isnan(own) || std::isnan(size) ? std::numeric_limits<float>::quiet_NaN()
                                                   : std::max(size, own);
    }
    RequantisedGroup group;
    if (size < kRoundedToZero) return group;
    group.scale =
        std::isfinite(size) ? size * (1 / range.top) : std::numeric_limits<float>::quiet_NaN();
    if (!std::isfinite(size)) return group;
    for (int i = 0; i < nParts; ++i)
        requantisePart(parts[i], format, range.top / size, group.codes + i * 32);
    return group;
}

int nPartsAt(const WeightsView& w, int64_t column) {
    return static_cast<int>(std::min<int64_t>(kParts, (w.cols - column) / 32));
}

// The products of 128 columns, from `column` of their block on.
int32_t sumOf(const RequantisedGroup& group, const SplitBlock& x, int64_t column) {
    int32_t sum = 0;
    for (int64_t i = 0; i < kRequantisedCols; ++i)
        sum += group.codes[i] * (256 * x.high[column + i] + x.low[column + i]);
    return sum;
}

}  // namespace

void roundRowSplit(const float* x, int64_t cols, uint8_t* out) {
    for (int64_t c = 0; c < cols; c += 256, out += sizeof(SplitBlock)) {
        const FineBlock fine = roundFineBlock(x + c, std::min<int64_t>(256, cols - c));
        SplitBlock block = {};
        std::memcpy(block.high, fine.high, sizeof block.high);
        std::memcpy(block.low, fine.low, sizeof block.low);
        block.scale = fine.scale;
        std::memcpy(out, &block, sizeof block);
    }
}

void matmulRequantised(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                       int64_t nTokens, float* y, int64_t yStride) {
    checkWeights(w);
    BASE_CHECK(hasTiles(w));
    for (int64_t r = rowBegin; r < rowEnd; ++r) {
        float* out = y + r - rowBegin;
        for (int64_t t = 0; t < nTokens; ++t)
            out[t * yStride] = 0;
        for (int64_t c = 0; c < w.cols; c += kRequantisedCols) {
            const RequantisedGroup group = requantise(w, r, c / 32, nPartsAt(w, c));
            for (int64_t t = 0; t < nTokens; ++t) {
                const SplitBlock& block = splitBlocksOf(x, t)[c / 256];
                out[t * yStride] = std::fma(static_cast<float>(sumOf(group, block, c % 256)),
                                            group.scale * block.scale, out[t * yStride]);
            }
        }
    }
}

void requantisePanel(const WeightsView& w, int64_t r, int64_t nRows, int64_t begin, int64_t cols,
                     RequantisedPanel& panel) {
    BASE_CHECK(hasTiles(w) && nRows <= RequantisedPanel::kRows && cols <= RequantisedPanel::kCols &&
               begin % kRequantisedCols == 0);
    panel = {};
    for (int64_t row = 0; row < nRows; ++row)
        for (int64_t c = 0; c < cols; c += kRequantisedCols) {
            const RequantisedGroup group =
                requantise(w, r + row, (begin + c) / 32, nPartsAt(w, begin + c));
            RequantisedPanel::Stripe& stripe = panel.stripes[row / kTileRows];
            const int64_t half = row / 16 % 2;
            stripe.scales[half][c / kRequantisedCols][row % 16] = group.scale;
            for (int64_t i = 0; i < kRequantisedCols; ++i)
                stripe.codes[half][(c + i) / 4][row % 16 * 4 + i % 4] =
                    static_cast<uint8_t>(group.codes[i]);
        }
}

}  // namespace moxie::kernels::scalar
