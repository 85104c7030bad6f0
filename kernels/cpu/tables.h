// Puts the kernels of one instruction set into a dispatch table that already holds the scalar ones.
// Threads: any thread.
#pragma once
#include "kernels/dispatch.h"

namespace moxie::kernels {

void fillAvx2(Dispatch& table);
void fillAvx512(Dispatch& table);
// Only what these do better.
void fillAvx512Vnni(Dispatch& table);
// Every processor with AMX has VBMI and GFNI.
void fillFineAvx512Gfni(Dispatch& table);

// Ends the program unless `w` can stand in a product: every kernel's first step.
void checkWeights(const WeightsView& w);

// Rows [rowBegin, rowBegin + nRows) and groups of 32 columns from colBegin on, a multiple of 32.
struct ScaleTile {
    int64_t rowBegin;
    int64_t nRows;
    int64_t colBegin;
    int64_t nGroups;
};

// out[r * outStride + g] = the scale that lies apart, of row r and group g of the tile; 1 if the
// weights have none. Here and not beside the fast kernels, so that it is compiled once.
void expandScales(const WeightsView& w, const ScaleTile& tile, float* out, int64_t outStride);

}  // namespace moxie::kernels
