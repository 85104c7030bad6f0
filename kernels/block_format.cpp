#include <algorithm>
#include <array>
#include <bit>

#include "base/result.h"
#include "kernels/cpu/integer_formats.h"
#include "kernels/cpu/tables.h"
#include "kernels/dispatch.h"
#include "kernels/float_formats.h"

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

bool hasTiles(const WeightsView& w) {
    return integerFormat(w.dtype) != nullptr && w.cols > 0 && w.cols % 32 == 0;
}

WeightsView rowsOf(const WeightsView& w, int64_t begin, int64_t count) {
    WeightsView part = w;
    part.data += begin * w.rowBytes;
    part.rows = count;
    part.scaleRowOffset += begin;
    return part;
}

namespace {

// One row of scales, each repeated for the groups it covers.
template <class Load>
void spread(const WeightsView& w, const ScaleTile& tile, float* out, Load load) {
    int64_t index = tile.colBegin / w.scaleCols;
    if (w.scaleCols == 32) {  // a loop the compiler makes vectors of
        for (int64_t g = 0; g < tile.nGroups; ++g)
            out[g] = load(index + g);
        return;
    }
    int64_t left = (w.scaleCols - tile.colBegin % w.scaleCols + 31) / 32;
    for (int64_t g = 0; g < tile.nGroups; ++index, left = (w.scaleCols + 31) / 32) {
        const float scale = load(index);
        for (; left > 0 && g < tile.nGroups; --left)
            out[g++] = scale;
    }
}

void spreadRow(const WeightsView& w, const ScaleTile& tile, const uint8_t* scales, float* out) {
    switch (w.scaleType) {
        case ScaleType::none:
            return std::fill(out, out + tile.nGroups, 1.0F);
        case ScaleType::f32:
            return spread(w, tile, out, [scales](int64_t i) {
                return std::bit_cast<float>(loadU32(scales + i * 4));
            });
        case ScaleType::f16:
            return spread(w, tile, out, [scales](int64_t i) { return loadHalf(scales + i * 2); });
        case ScaleType::bf16:
            return spread(w, tile, out,
                          [scales](int64_t i) { return bf16ToFloat(loadU16(scales + i * 2)); });
        case ScaleType::e8m0:
            return spread(w, tile, out, [scales](int64_t i) { return e8m0ToFloat(scales[i]); });
    }
}

}  // namespace

void expandScales(const WeightsView& w, const ScaleTile& tile, float* out, int64_t outStride) {
    const int64_t first = w.scaleRowOffset + tile.rowBegin;
    const uint8_t* scales = w.scales + first / w.scaleRows * w.scaleRowBytes;
    int64_t inTile = first % w.scaleRows;
    for (int64_t r = 0; r < tile.nRows; ++r, ++inTile, out += outStride) {
        if (inTile == w.scaleRows) {
            scales += w.scaleRowBytes;
            inTile = 0;
        }
        if (r > 0 && inTile > 0)
            std::copy(out - outStride, out - outStride + tile.nGroups, out);
        else
            spreadRow(w, tile, scales, out);
    }
}

}  // namespace moxie::kernels
