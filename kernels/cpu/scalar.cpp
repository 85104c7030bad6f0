// The scalar twins: the specification of every kernel. Weights are dequantised to float32 (one
// rounding per value), all sums run in float64 in index order, results are rounded once to float32.
#include "kernels/cpu/scalar.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/cpu/half.h"

namespace moxie::kernels::scalar {

namespace {

constexpr int kBlockValues = 32;

void dequantiseQ4(const uint8_t* quants, float scale, float offset, float* out) {
    for (int i = 0; i < kBlockValues / 2; ++i) {
        out[i] = scale * static_cast<float>(quants[i] & 15) + offset;
        out[i + kBlockValues / 2] = scale * static_cast<float>(quants[i] >> 4) + offset;
    }
}

// Values [begin, begin + n) of a row; begin is a multiple of the block's values.
void dequantisePart(DType dtype, const uint8_t* row, int64_t begin, int64_t n, float* out) {
    const BlockFormat* format = blockFormat(static_cast<uint32_t>(dtype));
    const uint8_t* block = row + begin / format->blockValues * format->blockBytes;
    if (dtype == DType::f32) {
        std::memcpy(out, block, static_cast<size_t>(n) * sizeof(float));
        return;
    }
    for (int64_t i = 0; i < n; i += format->blockValues, block += format->blockBytes) {
        if (dtype == DType::f16) {
            out[i] = loadHalf(block);
        } else if (dtype == DType::q4_0) {
            const float scale = loadHalf(block);
            dequantiseQ4(block + 2, scale, -8 * scale, out + i);
        } else if (dtype == DType::q4_1) {
            dequantiseQ4(block + 4, loadHalf(block), loadHalf(block + 2), out + i);
        } else {
            const float scale = loadHalf(block);
            for (int k = 0; k < kBlockValues; ++k)
                out[i + k] = scale * static_cast<float>(static_cast<int8_t>(block[2 + k]));
        }
    }
}

}  // namespace

void dequantiseRow(const WeightsView& w, int64_t r, std::span<float> out) {
    dequantisePart(w.dtype, w.data + r * w.rowBytes, 0, std::ssize(out), out.data());
}

void matmul(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x, int64_t xStride,
            int64_t nTokens, const uint8_t* /*scratch*/, float* y, int64_t yStride) {
    constexpr int64_t kPart = 256;   // columns dequantised at once
    constexpr int64_t kTokens = 32;  // tokens summed beside each other
    float part[kPart];
    double sums[kTokens];
    for (int64_t tokenBegin = 0; tokenBegin < nTokens; tokenBegin += kTokens) {
        const int64_t tokenEnd = std::min(tokenBegin + kTokens, nTokens);
        for (int64_t r = rowBegin; r < rowEnd; ++r) {
            std::fill(std::begin(sums), std::end(sums), 0.0);
            for (int64_t begin = 0; begin < w.cols; begin += kPart) {
                const int64_t n = std::min(kPart, w.cols - begin);
                dequantisePart(w.dtype, w.data + r * w.rowBytes, begin, n, part);
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

int64_t matmulScratchBytes(DType /*dtype*/, int64_t /*cols*/, int64_t /*nTokens*/) {
    return 0;
}

void prepareActivations(DType /*dtype*/, const float* /*x*/, int64_t /*xStride*/, int64_t /*cols*/,
                        int64_t /*nTokens*/, uint8_t* /*scratch*/) {}

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

void weightedSum(const float* weights, const float* rows, int64_t nRows, int64_t n, float* y) {
    for (int64_t i = 0; i < n; ++i) {
        double sum = 0;
        for (int64_t r = 0; r < nRows; ++r)
            sum += double{weights[r]} * double{rows[r * n + i]};
        y[i] = static_cast<float>(sum);
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

void siluMul(const float* gate, const float* up, float* y, int64_t n) {
    for (int64_t i = 0; i < n; ++i)
        y[i] = static_cast<float>(gate[i] / (1 + std::exp(-double{gate[i]})) * double{up[i]});
}

}  // namespace moxie::kernels::scalar
