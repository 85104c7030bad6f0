#include "kernels/quantise.h"

#include <cmath>
#include <map>
#include <random>
#include <vector>

#include "kernels/float_formats.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

std::vector<float> normal(int64_t n, uint32_t seed, float deviation) {
    std::mt19937 random(seed);
    std::vector<float> values(static_cast<size_t>(n));
    for (float& value : values) {  // the sum of twelve uniform values
        double sum = -6;
        for (int i = 0; i < 12; ++i)
            sum += static_cast<double>(random()) * 0x1p-32;
        value = deviation * static_cast<float>(sum);
    }
    return values;
}

std::vector<float> decoded(const WeightsView& w) {
    std::vector<float> values(static_cast<size_t>(w.rows * w.cols));
    for (int64_t r = 0; r < w.rows; ++r)
        dispatchFor(Isa::scalar)
            .dequantiseRow(w, r,
                           std::span(values).subspan(static_cast<size_t>(r * w.cols),
                                                     static_cast<size_t>(w.cols)));
    return values;
}

std::vector<float> throughBlocks(DType dtype, const std::vector<float>& values) {
    const BlockFormat& format = blockFormat(dtype);
    const auto cols = static_cast<int64_t>(values.size());
    std::vector<uint8_t> bytes(values.size() / static_cast<size_t>(format.blockValues) *
                               static_cast<size_t>(format.blockBytes));
    quantiseRow(dtype, values, bytes.data());
    return decoded({.dtype = dtype,
                    .data = bytes.data(),
                    .rows = 1,
                    .cols = cols,
                    .rowBytes = static_cast<int64_t>(bytes.size())});
}

std::vector<float> throughMatrix(const ApartFormat& format, const std::vector<float>& values,
                                 int64_t rows, int64_t cols) {
    const int64_t rowBytes = cols / blockFormat(format.dtype).blockValues;
    std::vector<uint8_t> codes(static_cast<size_t>(rows * rowBytes));
    std::vector<uint8_t> scales(static_cast<size_t>(scalesBytes(format, rows, cols)));
    quantiseMatrix(format, values, cols, codes.data(), scales.data());
    return decoded({.dtype = format.dtype,
                    .data = codes.data(),
                    .rows = rows,
                    .cols = cols,
                    .rowBytes = rowBytes,
                    .scaleType = format.scaleType,
                    .scales = scales.data(),
                    .scaleRowBytes = scalesBytes(format, 1, cols),
                    .scaleRows = format.scaleRows,
                    .scaleCols = format.scaleCols});
}

double relativeError(const std::vector<float>& values, const std::vector<float>& rounded) {
    double error = 0;
    double size = 0;
    for (size_t i = 0; i < values.size(); ++i) {
        error += std::pow(double{values[i]} - double{rounded[i]}, 2);
        size += std::pow(double{values[i]}, 2);
    }
    return std::sqrt(error / size);
}

// The relative error of normal values that each format is allowed, about a tenth above what it has.
const std::map<DType, double> kErrors = {
    {DType::f32, 0},       {DType::f16, 2.3e-4},  {DType::bf16, 1.8e-3},  {DType::q4_0, 0.1},
    {DType::q4_1, 0.09},   {DType::q8_0, 6e-3},   {DType::q2_K, 0.31},    {DType::q4_K, 0.08},
    {DType::q5_K, 0.04},   {DType::q6_K, 0.02},   {DType::iq2_xxs, 0.35}, {DType::iq4_nl, 0.08},
    {DType::iq4_xs, 0.08}, {DType::mxfp4, 0.125},
};

}  // namespace

TEST_CASE("quantised rows stay within the error of their format, at any scale", "[kernels]") {
    for (const auto& [dtype, allowed] : kErrors)
        for (const float deviation : {0.01F, 1.0F, 300.0F}) {
            CAPTURE(blockFormat(dtype).name, deviation);
            const auto values = normal(4096, 1, deviation);
            REQUIRE(relativeError(values, throughBlocks(dtype, values)) <= allowed);
        }
}

TEST_CASE("quantising is exact for zeros and for values of one sign", "[kernels]") {
    for (const auto& [dtype, allowed] : kErrors) {
        CAPTURE(blockFormat(dtype).name);
        REQUIRE(throughBlocks(dtype, std::vector<float>(512)) == std::vector<float>(512));
        for (const float sign : {-1.0F, 1.0F}) {
            auto values = normal(512, 2, 1);
            for (float& value : values)
                value = sign * std::abs(value);
            REQUIRE(relativeError(values, throughBlocks(dtype, values)) <= allowed);
        }
    }
}

TEST_CASE("quantised matrices stay within the error of their format", "[kernels]") {
    struct Case {
        ApartFormat format;
        double allowed;
    };

    const std::vector<Case> cases = {
        {{DType::fp8E4m3, ScaleType::f32, 128, 128}, 0.03},
        {{DType::fp8E4m3, ScaleType::e8m0, 128, 128}, 0.03},
        {{DType::fp4E2m1, ScaleType::e8m0, 1, 32}, 0.125},
        {{DType::int4, ScaleType::bf16, 1, 32}, 0.11},
        {{DType::int4, ScaleType::f16, 1, 32}, 0.11},
    };
    for (const Case& test : cases) {
        CAPTURE(blockFormat(test.format.dtype).name, static_cast<int>(test.format.scaleType));
        const auto values = normal(150 * 200, 3, 0.02F);  // partial tiles on both edges
        const double error = relativeError(values, throughMatrix(test.format, values, 150, 200));
        REQUIRE(error <= test.allowed);
        REQUIRE(error > test.allowed / 3);
        const std::vector<float> zeros(150 * 200);
        REQUIRE(throughMatrix(test.format, zeros, 150, 200) == zeros);
    }
}

TEST_CASE("halves and bfloat16 round to the nearest, ties to even", "[kernels]") {
    REQUIRE(floatToHalf(1 + 0x1p-11F) == 0x3c00);
    REQUIRE(floatToHalf(1 + 3 * 0x1p-11F) == 0x3c02);
    REQUIRE(floatToHalf(65519) == 0x7bff);
    REQUIRE(floatToHalf(65520) == 0x7c00);
    REQUIRE(floatToHalf(0x1p-25F) == 0);
    REQUIRE(floatToHalf(-0x1.8p-25F) == 0x8001);
    REQUIRE(floatToBf16(1 + 0x1p-8F) == 0x3f80);
    REQUIRE(floatToBf16(1 + 3 * 0x1p-8F) == 0x3f82);
    REQUIRE(std::isnan(halfToFloat(floatToHalf(NAN))));
    REQUIRE(std::isnan(bf16ToFloat(floatToBf16(NAN))));
}
