// The scalar twins: the specification of every kernel. Weights are dequantised to float32 (one
// rounding per value), all sums run in float64 in index order, results are rounded once to float32.
#include "kernels/cpu/scalar.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/result.h"
#include "kernels/cpu/block_decode.h"
#include "kernels/cpu/tables.h"
#include "kernels/float_formats.h"

namespace moxie::kernels::scalar {

namespace {

float scaleAt(ScaleType type, const uint8_t* row, int64_t index) {
    switch (type) {
        case ScaleType::none:
            break;
        case ScaleType::f32:
            return std::bit_cast<float>(loadU32(row + index * 4));
        case ScaleType::f16:
            return loadHalf(row + index * 2);
        case ScaleType::bf16:
            return bf16ToFloat(loadU16(row + index * 2));
        case ScaleType::e8m0:
            return e8m0ToFloat(row[index]);
    }
    return 1;
}

// Columns [begin, begin + n) of row r; begin is a multiple of the block's values.
void dequantisePart(const WeightsView& w, int64_t r, int64_t begin, int64_t n, float* out) {
    const BlockFormat& format = blockFormat(w.dtype);
    const uint8_t* blocks =
        w.data + r * w.rowBytes + begin / format.blockValues * format.blockBytes;
    decodeBlocks(w.dtype, blocks, n / format.blockValues, out);
    if (w.scaleType == ScaleType::none) return;
    const uint8_t* scales = w.scales + (w.scaleRowOffset + r) / w.scaleRows * w.scaleRowBytes;
    for (int64_t i = 0; i < n;) {
        const int64_t index = (begin + i) / w.scaleCols;
        const int64_t end = std::min(n, (index + 1) * w.scaleCols - begin);
        const float scale = scaleAt(w.scaleType, scales, index);
        for (; i < end; ++i)
            out[i] *= scale;
    }
}

}  // namespace

void dequantiseRow(const WeightsView& w, int64_t r, std::span<float> out) {
    checkWeights(w);
    BASE_CHECK(std::ssize(out) == w.cols);
    dequantisePart(w, r, 0, w.cols, out.data());
}

void matmul(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x, int64_t xStride,
            int64_t nTokens, float* y, int64_t yStride) {
    constexpr int64_t kPart = 256;   // columns dequantised at once
    constexpr int64_t kTokens = 32;  // tokens summed beside each other
    checkWeights(w);
    float part[kPart];
    double sums[kTokens];
    for (int64_t tokenBegin = 0; tokenBegin < nTokens; tokenBegin += kTokens) {
        const int64_t tokenEnd = std::min(tokenBegin + kTokens, nTokens);
        for (int64_t r = rowBegin; r < rowEnd; ++r) {
            std::fill(std::begin(sums), std::end(sums), 0.0);
            for (int64_t begin = 0; begin < w.cols; begin += kPart) {
                const int64_t n = std::min(kPart, w.cols - begin);
                dequantisePart(w, r, begin, n, part);
                for (int64_t t = tokenBegin; t < tokenEnd; ++t) {
                    const float* xs = x + t * xStride + begin;
                    double sum = sums[t - tokenBegin];
                    for (int64_t i = 0; i < n; ++i)
                        sum += double{part[i]} * double{xs[i]};
                    sums[t - tokenBegin] = sum;
                }
            }
            for (int64_t t = tokenBegin; t < tokenEnd; ++t)
                y[t * yStride + r - rowBegin] = static_cast<float>(sums[t - tokenBegin]);
        }
    }
}

float dot(const float* a, const float* b, int64_t n) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i)
        sum += double{a[i]} * double{b[i]};
    return static_cast<float>(sum);
}

void axpy(float scale, const float* x, float* y, int64_t n) {
    for (int64_t i = 0; i < n; ++i)
        y[i] = static_cast<float>(double{y[i]} + double{scale} * double{x[i]});
}

void addWeighted(const WeightedRows& sum, int64_t nQueries, int64_t n, float* y, int64_t yStride) {
    for (int64_t q = 0; q < nQueries; ++q)
        for (int64_t i = 0; i < n; ++i) {
            double total = y[q * yStride + i];
            for (int64_t r = 0; r < sum.nRows; ++r)
                total += double{sum.weights[q * sum.weightStride + r]} *
                         double{sum.rows[r * sum.rowStride + i]};
            y[q * yStride + i] = static_cast<float>(total);
        }
}

void rmsNorm(const float* x, const float* weight, float epsilon, float* y, int64_t n) {
    double squares = 0;
    for (int64_t i = 0; i < n; ++i)
        squares += double{x[i]} * double{x[i]};
    const double scale = 1 / std::sqrt(squares / static_cast<double>(n) + double{epsilon});
    for (int64_t i = 0; i < n; ++i)
        y[i] = static_cast<float>(double{x[i]} * scale * double{weight[i]});
}

void softmax(float* x, int64_t n) {
    if (n <= 0) return;
    const double max = *std::max_element(x, x + n);
    double sum = 0;
    for (int64_t i = 0; i < n; ++i)
        sum += std::exp(x[i] - max);
    for (int64_t i = 0; i < n; ++i)
        x[i] = static_cast<float>(std::exp(x[i] - max) / sum);
}

float scaleMax(float* x, int64_t n, float scale, float max) {
    for (int64_t i = 0; i < n; ++i) {
        x[i] *= scale;
        max = std::max(max, x[i]);
    }
    return max;
}

float expSubtract(float* x, int64_t n, float max) {
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) {
        const double e = std::exp(double{x[i]} - double{max});
        x[i] = static_cast<float>(e);
        sum += e;
    }
    return static_cast<float>(sum);
}

namespace {

double sigmoid(double x) {
    return 1 / (1 + std::exp(-x));
}

}  // namespace

void siluMul(const float* gate, const float* up, float* y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        const double g = gate[i];
        y[i] = static_cast<float>(g * sigmoid(g) * double{up[i]});
    }
}

void swigluClamped(const float* gate, const float* up, float limit, float* y, int64_t n) {
    for (int64_t i = 0; i < n; ++i) {
        const double g = std::min(gate[i], limit);
        y[i] = static_cast<float>(g * sigmoid(g) * double{std::clamp(up[i], -limit, limit)});
    }
}

void swigluGptOss(const float* gate, const float* up, float limit, float* y, int64_t n) {
    constexpr float kAlpha = 1.702F;
    for (int64_t i = 0; i < n; ++i) {
        const double g = std::min(gate[i], limit);
        const double u = double{std::clamp(up[i], -limit, limit)} + 1;
        y[i] = static_cast<float>(g * sigmoid(double{kAlpha} * g) * u);
    }
}

void layerNorm(const float* x, const NormWeights& norm, float* y, int64_t n) {
    double mean = 0;
    for (int64_t i = 0; i < n; ++i)
        mean += double{x[i]};
    mean /= static_cast<double>(n);
    double variance = 0;
    for (int64_t i = 0; i < n; ++i)
        variance += (x[i] - mean) * (x[i] - mean);
    const double scale = 1 / std::sqrt(variance / static_cast<double>(n) + double{norm.epsilon});
    for (int64_t i = 0; i < n; ++i)
        y[i] = static_cast<float>((x[i] - mean) * scale * double{norm.weight[i]} +
                                  double{norm.bias[i]});
}

void turnPairs(const Rotation& by, float* x) {
    for (int64_t i = 0; i < by.nPairs; ++i) {
        float& first = x[by.isInterleaved ? 2 * i : i];
        float& second = x[by.isInterleaved ? 2 * i + 1 : i + by.nPairs];
        const double a = first;
        const double b = second;
        const double cosine = by.cosines[i];
        const double sine = by.isBack ? -by.sines[i] : by.sines[i];
        first = static_cast<float>(a * cosine - b * sine);
        second = static_cast<float>(a * sine + b * cosine);
    }
}

}  // namespace moxie::kernels::scalar
