// One block each of the super-block formats (256 values); inside of quantise.h's quantiseRow.
// Threads: any thread.
#pragma once
#include <cstdint>

namespace moxie::kernels {

void quantiseQ2_K(const float* x, uint8_t* block);
void quantiseQ4_K(const float* x, uint8_t* block);
void quantiseQ5_K(const float* x, uint8_t* block);
void quantiseQ6_K(const float* x, uint8_t* block);
void quantiseIq2Xxs(const float* x, uint8_t* block);
void quantiseIq4Xs(const float* x, uint8_t* block);

// Nearest of the 16 levels of IQ4_NL to x.
uint8_t nearestIq4(float x);
// The scale s with the least squared error of s * level over 32 values.
float bestIq4Scale(const float* x);
// 16 bytes: code j in the low nibble of byte j, code j + 16 in the high one.
void packHalves(const uint8_t* codes, uint8_t* out);

}  // namespace moxie::kernels
