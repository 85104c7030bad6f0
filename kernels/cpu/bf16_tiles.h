// The kernels of products in bfloat16 per instruction set; contracts are those of
// kernels/dispatch.h. Threads: any thread.
#pragma once
#include "kernels/dispatch.h"

namespace moxie::kernels {

constexpr int64_t kBf16TileBytes = 1024;

namespace scalar {
void roundBf16Rows(const FloatRows& rows, uint8_t* tiles);
void roundBf16Columns(const FloatRows& rows, uint8_t* tiles);
void roundBf16Depth(const FloatRows& rows, uint8_t* tiles);
void matmulBf16(const Bf16Product& product, float* y, int64_t yStride);
void matmulWeightsBf16(const WeightsView& w, int64_t rowBegin, int64_t rowEnd, const RoundedRows& x,
                       int64_t nTokens, float* y, int64_t yStride);
void weighBf16(const FloatRows& scores, float scale, SeenScores* seen, uint8_t* tiles);
}  // namespace scalar

// Puts them into a table that holds the scalar ones.
void fillBf16Amx(Dispatch& table);
void fillWeightsBf16Amx(Dispatch& table);

}  // namespace moxie::kernels
