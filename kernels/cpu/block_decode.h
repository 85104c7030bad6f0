// Every weight format, decoded block by block: the specification of the formats' values. Scales
// that lie apart are not applied. Threads: any thread.
#pragma once
#include <cstdint>

#include "kernels/dispatch.h"

namespace moxie::kernels::scalar {

// out[0 .. nBlocks * blockValues) = the values of the blocks. Each is rounded at most once to
// float32 (only the sum with a minimum rounds at all). Any alignment. Requires: a weights format.
void decodeBlocks(DType dtype, const uint8_t* blocks, int64_t nBlocks, float* out);

struct SubScale {
    int scale = 0, minimum = 0;  // 0 to 63
};

// Of sub-block `index`, 0 to 7, of a block of Q4_K or Q5_K: 6 bits each, 8 of them in 12 bytes.
SubScale subScaleOf(const uint8_t* block, int index);

}  // namespace moxie::kernels::scalar
