// Puts the kernels of one instruction set into a dispatch table that already holds the scalar ones.
// Threads: any thread.
#pragma once
#include "kernels/dispatch.h"

namespace moxie::kernels {

void fillAvx2(Dispatch& table);
void fillAvx512(Dispatch& table);

// Ends the program unless `w` can stand in a product: every kernel's first step.
void checkWeights(const WeightsView& w);

}  // namespace moxie::kernels
