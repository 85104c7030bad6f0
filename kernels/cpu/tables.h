// Puts the kernels of one instruction set into a dispatch table that already holds the scalar ones.
// Threads: any thread.
#pragma once
#include "kernels/dispatch.h"

namespace moxie::kernels {

void fillAvx2(Dispatch& table);
void fillAvx512(Dispatch& table);

}  // namespace moxie::kernels
