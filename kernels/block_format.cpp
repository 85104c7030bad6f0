#include <array>

#include "kernels/dispatch.h"

namespace moxie::kernels {

const BlockFormat* blockFormat(uint32_t ggmlType) {
    static constexpr std::array kFormats = {
        BlockFormat{DType::f32, "F32", 1, 4},     BlockFormat{DType::f16, "F16", 1, 2},
        BlockFormat{DType::q4_0, "Q4_0", 32, 18}, BlockFormat{DType::q4_1, "Q4_1", 32, 20},
        BlockFormat{DType::q8_0, "Q8_0", 32, 34},
    };
    for (const BlockFormat& format : kFormats)
        if (static_cast<uint32_t>(format.dtype) == ggmlType) return &format;
    return nullptr;
}

WeightsView rowsOf(const WeightsView& w, int64_t begin, int64_t count) {
    WeightsView part = w;
    part.data += begin * w.rowBytes;
    part.rows = count;
    part.scaleRowOffset += begin;
    return part;
}

}  // namespace moxie::kernels
