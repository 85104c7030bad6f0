// The scalar twins of roundRow and matmulTiles. Unlike other products these have the same bits on
// every instruction set: integer sums of 16 or 32 products are exact, and the float32 chain over
// them has one order.
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
        acc = std::fma(static_cast<float>(sum), part.scaleOf(half) * x.scale, acc);
        if (format.hasOffsets)
            acc = std::fma(part.offsetOf(half), isWhole ? x.sum : x.halfSums[half], acc);
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
            const IntegerPart part = readIntegerPart(w, r, group);
            for (int64_t t = 0; t < nTokens; ++t) {
                RoundedBlock block;
                std::memcpy(&block, rowOf(x, t) + group * int64_t{sizeof block}, sizeof block);
                out[t * yStride] = addPart(format, part, block, out[t * yStride]);
            }
        }
    }
}

}  // namespace moxie::kernels::scalar
