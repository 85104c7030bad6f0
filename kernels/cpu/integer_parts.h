// Weights that are small integers read as such, one group of 32 columns of one row at a time: what
// the scalar twins of integer products are made of. Threads: any thread.
#pragma once
#include <cstdint>

#include "kernels/dispatch.h"

namespace moxie::kernels::scalar {

// 32 neighbours of one row. The value i is scale * subScales[i / 16] * (codes[i] - bias) + offset *
// subOffsets[i / 16], bias as IntegerFormat says.
struct IntegerPart {
    uint8_t codes[32] = {};
    int32_t subScales[2] = {1, 1};
    int32_t subOffsets[2] = {1, 1};
    float scale = 1;
    float offset = 0;

    float scaleOf(int half) const { return scale * static_cast<float>(subScales[half]); }

    float offsetOf(int half) const { return offset * static_cast<float>(subOffsets[half]); }
};

// Columns [32 * group, 32 * group + 32) of row r. Requires: hasTiles(w).
IntegerPart readIntegerPart(const WeightsView& w, int64_t r, int64_t group);

}  // namespace moxie::kernels::scalar
