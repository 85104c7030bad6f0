// Rows rounded to 8 and 4 bits with a power of two as scale per block, as DeepSeek's models do to
// activations, KV rows and indexer keys: in place ("simulation"), or stored as codes with E8M0
// scales. Both give the same values. And the Walsh-Hadamard transform that goes before the 4 bits.
// Not here: weights (kernels/quantise.h). Infinities become the largest value; a NaN makes its
// block NaN. The last block of a row may be shorter. Threads: any thread. Allocates nothing.
// Source: DeepSeek-V4's published kernels (act_quant, fp4_act_quant); OCP Microscaling 1.0.
#pragma once
#include <cstdint>

namespace moxie::kernels {

// E4M3 with the scale 2^ceil(log2(max(largest size, 1e-4) / 448)). The results fit bfloat16.
void fp8Sim(float* x, int64_t n, int64_t block);

// E2M1 in blocks of 32 with the scale 2^ceil(log2(max(largest size, 6 * 2^-126) / 6)).
void fp4Sim(float* x, int64_t n);

// Shapes: codes n bytes; scales ceil(n / block) bytes.
void fp8Quantise(const float* x, int64_t n, int64_t block, uint8_t* codes, uint8_t* scales);
void fp8Dequantise(const uint8_t* codes, const uint8_t* scales, int64_t n, int64_t block, float* x);

// Shapes: codes n / 2 bytes, value 2j in the low nibble of byte j; scales ceil(n / 32) bytes.
// Requires: n is even.
void fp4Quantise(const float* x, int64_t n, uint8_t* codes, uint8_t* scales);
void fp4Dequantise(const uint8_t* codes, const uint8_t* scales, int64_t n, float* x);

// x = H x / sqrt(n), H in natural (Sylvester) order: its own inverse. Requires: n is a power of
// two.
void hadamard(float* x, int64_t n);

}  // namespace moxie::kernels
