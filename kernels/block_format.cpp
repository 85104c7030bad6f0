#include <array>

#include "base/result.h"
#include "kernels/cpu/tables.h"
#include "kernels/dispatch.h"

namespace moxie::kernels {

const BlockFormat* blockFormat(uint32_t number) {
    using enum DType;
    constexpr auto kWeights = FormatUse::weights;
    constexpr auto kTable = FormatUse::table;
    static constexpr std::array kFormats = {
        BlockFormat{f32, "F32", 1, 4, kWeights},
        BlockFormat{f16, "F16", 1, 2, kWeights},
        BlockFormat{q4_0, "Q4_0", 32, 18, kWeights},
        BlockFormat{q4_1, "Q4_1", 32, 20, kWeights},
        BlockFormat{q8_0, "Q8_0", 32, 34, kWeights},
        BlockFormat{q2_K, "Q2_K", 256, 84, kWeights},
        BlockFormat{q4_K, "Q4_K", 256, 144, kWeights},
        BlockFormat{q5_K, "Q5_K", 256, 176, kWeights},
        BlockFormat{q6_K, "Q6_K", 256, 210, kWeights},
        BlockFormat{iq2_xxs, "IQ2_XXS", 256, 66, kWeights},
        BlockFormat{iq4_nl, "IQ4_NL", 32, 18, kWeights},
        BlockFormat{iq4_xs, "IQ4_XS", 256, 136, kWeights},
        BlockFormat{i8, "I8", 1, 1, kTable},
        BlockFormat{i32, "I32", 1, 4, kTable},
        BlockFormat{i64, "I64", 1, 8, kTable},
        BlockFormat{bf16, "BF16", 1, 2, kWeights},
        BlockFormat{mxfp4, "MXFP4", 32, 17, kWeights},
        BlockFormat{fp8E4m3, "F8_E4M3", 1, 1, kWeights},
        BlockFormat{fp4E2m1, "F4_E2M1", 2, 1, kWeights},
        BlockFormat{int4, "INT4", 2, 1, kWeights},
    };
    for (const BlockFormat& format : kFormats)
        if (static_cast<uint32_t>(format.dtype) == number) return &format;
    return nullptr;
}

const BlockFormat& blockFormat(DType dtype) {
    const BlockFormat* format = blockFormat(static_cast<uint32_t>(dtype));
    BASE_CHECK(format != nullptr);
    return *format;
}

int32_t scaleBytes(ScaleType type) {
    switch (type) {
        case ScaleType::none:
            return 0;
        case ScaleType::f32:
            return 4;
        case ScaleType::f16:
        case ScaleType::bf16:
            return 2;
        case ScaleType::e8m0:
            return 1;
    }
    return 0;
}

void checkWeights(const WeightsView& w) {
    const BlockFormat& format = blockFormat(w.dtype);
    BASE_CHECK(format.use == FormatUse::weights);
    BASE_CHECK(w.cols % format.blockValues == 0);
    if (w.scaleType == ScaleType::none) return;
    BASE_CHECK(hasScalesApart(w.dtype) && w.scales != nullptr && w.scaleRows > 0);
    BASE_CHECK(w.scaleCols > 0 && (w.scaleCols % 32 == 0 || w.scaleCols >= w.cols));
}

WeightsView rowsOf(const WeightsView& w, int64_t begin, int64_t count) {
    WeightsView part = w;
    part.data += begin * w.rowBytes;
    part.rows = count;
    part.scaleRowOffset += begin;
    return part;
}

}  // namespace moxie::kernels
