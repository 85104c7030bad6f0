// The scalar twins of every kernel; contracts are those of kernels/dispatch.h.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <span>

#include "kernels/dispatch.h"

namespace moxie::kernels {
struct FineBlock;
}  // namespace moxie::kernels

namespace moxie::kernels::scalar {

void dequantiseRow(const WeightsView& w, int64_t r, std::span<float> out);
void matmul(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const float* x, int64_t xStride,
            int64_t nTokens, float* y, int64_t yStride);
void matmulTiles(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                 int64_t nTokens, float* y, int64_t yStride);
void roundRow(const float* x, int64_t cols, uint8_t* out);
void matmulFine(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                int64_t nTokens, float* y, int64_t yStride);
// n of at most 256 values; the others are zero.
FineBlock roundFineBlock(const float* x, int64_t n);
void roundRowFine(const float* x, int64_t cols, uint8_t* out);
float dot(const float* a, const float* b, int64_t n);
void axpy(float scale, const float* x, float* y, int64_t n);
void addWeighted(const WeightedRows& sum, int64_t nQueries, int64_t n, float* y, int64_t yStride);
void rmsNorm(const float* x, const float* weight, float epsilon, float* y, int64_t n);
void softmax(float* x, int64_t n);
float scaleMax(float* x, int64_t n, float scale, float max);
float expSubtract(float* x, int64_t n, float max);
void siluMul(const float* gate, const float* up, float* y, int64_t n);
void swigluClamped(const float* gate, const float* up, float limit, float* y, int64_t n);
void swigluGptOss(const float* gate, const float* up, float limit, float* y, int64_t n);
void layerNorm(const float* x, const NormWeights& norm, float* y, int64_t n);
void turnPairs(const Rotation& by, float* x);

}  // namespace moxie::kernels::scalar
