#include "kernels/microscaling.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <vector>

#include "kernels/float_formats.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

// The code whose value is nearest; of two equally near, the even one.
template <class Decode>
uint8_t nearestCode(float x, const std::vector<uint8_t>& codes, Decode decode) {
    uint8_t best = codes[0];
    for (const uint8_t code : codes) {
        const double error = std::abs(double{decode(code)} - double{x});
        const double least = std::abs(double{decode(best)} - double{x});
        if (error < least || (error == least && code % 2 == 0)) best = code;
    }
    return best;
}

std::vector<uint8_t> codesUpTo(int last) {
    std::vector<uint8_t> codes;
    for (int code = 0; code <= last; ++code)
        codes.push_back(static_cast<uint8_t>(code));
    return codes;
}

// Values over many powers of two, ties between neighbours among them.
std::vector<float> hardValues(float largest) {
    std::vector<float> values = {0, largest, largest * 0.999F, largest * 1.001F, 1e30F, INFINITY};
    for (float step = 0x1p-12F; step < largest; step *= 2)
        for (int i = 1; i < 64; ++i) {
            values.push_back(step * static_cast<float>(i));
            values.push_back(std::nextafter(step * static_cast<float>(i), 0.0F));
        }
    return values;
}

std::vector<float> padded(std::vector<float> values, size_t n) {
    values.resize(n);
    return values;
}

bool isSame(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace

TEST_CASE("encoding E4M3 and E2M1 finds the nearest value, ties to the even code", "[kernels]") {
    const auto e4m3Codes = codesUpTo(0x7e);
    const auto e2m1Codes = codesUpTo(7);
    for (const float x : hardValues(448)) {
        CAPTURE(x);
        const uint8_t expected = x > 448 ? 0x7e : nearestCode(x, e4m3Codes, e4m3ToFloat);
        REQUIRE(floatToE4m3(x) == expected);
        REQUIRE(floatToE4m3(-x) == (expected | 0x80));
    }
    for (const float x : hardValues(6)) {
        CAPTURE(x);
        const uint8_t expected = x > 6 ? 7 : nearestCode(x, e2m1Codes, e2m1ToFloat);
        REQUIRE(floatToE2m1(x) == expected);
        REQUIRE(floatToE2m1(-x) == (expected | 8));
    }
}

TEST_CASE("E8M0 above is the smallest power of two that is not below", "[kernels]") {
    REQUIRE(e8m0Above(1) == 127);
    REQUIRE(e8m0Above(std::nextafter(1.0F, 2.0F)) == 128);
    REQUIRE(e8m0Above(std::nextafter(1.0F, 0.0F)) == 127);
    REQUIRE(e8m0Above(0) == 1);
    REQUIRE(e8m0Above(0x1p-130F) == 1);
}

TEST_CASE("8-bit simulation gives the published check values", "[kernels]") {
    auto x = padded({0.1F, -3.3F, 100, 447, 0.007F}, 64);
    fp8Sim(x.data(), 64, 64);
    REQUIRE(isSame(x, padded({0.1015625F, -3.25F, 96, 448, 0.0078125F}, 64)));
    x = padded({500, 449, 1.06F, 0.3F}, 64);
    fp8Sim(x.data(), 64, 64);
    REQUIRE(isSame(x, padded({512, 448, 1, 0.3125F}, 64)));
}

TEST_CASE("4-bit simulation gives the published check values", "[kernels]") {
    auto x = padded({0.26F, 1.3F, -2.5F, 5.1F, 0.74F, 0.25F, 0.75F, 3.5F}, 32);
    fp4Sim(x.data(), 32);
    REQUIRE(isSame(x, padded({0.5F, 1.5F, -2, 6, 0.5F, 0, 1, 4}, 32)));
    x = padded({6.1F, 3, 0.5F, -1.49F}, 32);
    fp4Sim(x.data(), 32);
    REQUIRE(x[0] == 6);
    REQUIRE(x[1] == 3);
    REQUIRE(x[2] == 0);
    REQUIRE(x[3] == -1);
}

TEST_CASE("each block of a simulation has its own scale, a short last one too", "[kernels]") {
    std::vector<float> x(160, 1e-6F);
    x[0] = 448 * 1024;
    x[64] = 3;
    x[159] = 0.5F;
    fp8Sim(x.data(), 160, 64);
    REQUIRE(x[1] == 0);
    REQUIRE(x[65] == 0);   // scale 2^-7: the smallest step is 2^-16
    REQUIRE(x[158] == 0);  // scale 2^-9
    REQUIRE(x[64] == 3);
    std::vector<float> tiny(32, 1e-6F);
    fp8Sim(tiny.data(), 32, 64);  // scale 2^-22 of the floor 1e-4
    REQUIRE(tiny[0] == Approx(1e-6).epsilon(1.0 / 16));
}

TEST_CASE("simulation, and storing and reading, give the same values", "[kernels]") {
    for (const float size : {1e-30F, 1e-5F, 0.3F, 1.0F, 77.0F, 1e6F, 1e37F}) {
        CAPTURE(size);
        const auto x = uniform(448, 3, size);
        std::vector<uint8_t> codes(448);
        std::vector<uint8_t> scales(14);
        auto simulated = x;
        auto stored = x;
        fp8Sim(simulated.data(), 448, 64);
        fp8Quantise(x.data(), 448, 64, codes.data(), scales.data());
        fp8Dequantise(codes.data(), scales.data(), 448, 64, stored.data());
        REQUIRE(isSame(simulated, stored));
        auto again = simulated;
        fp8Sim(again.data(), 448, 64);
        REQUIRE(isSame(simulated, again));
        for (const float value : simulated)
            REQUIRE(bf16ToFloat(floatToBf16(value)) == value);

        simulated = x;
        fp4Sim(simulated.data(), 448);
        fp4Quantise(x.data(), 448, codes.data(), scales.data());
        fp4Dequantise(codes.data(), scales.data(), 448, stored.data());
        REQUIRE(simulated == stored);  // as numbers: a stored -0 reads as 0
    }
}

TEST_CASE("simulated values are within half a step of the block's format", "[kernels]") {
    const auto x = uniform(4096, 4, 5);
    auto eight = x;
    auto four = x;
    fp8Sim(eight.data(), 4096, 128);
    fp4Sim(four.data(), 4096);
    for (size_t i = 0; i < x.size(); ++i) {
        // E4M3: 2^-4 of the value, or half of 2^-9 times the scale, at most 2^-6 here.
        REQUIRE(std::abs(eight[i] - x[i]) <= std::max(std::abs(x[i]) * 0x1p-4F, 0x1p-16F));
        // E2M1: a quarter of the value, or a quarter of the scale, at most 1 here.
        REQUIRE(std::abs(four[i] - x[i]) <= std::max(std::abs(x[i]) * 0.25F, 0.25F));
    }
}

TEST_CASE("the Hadamard transform is Sylvester's matrix and its own inverse", "[kernels]") {
    for (const int64_t n : {1, 2, 32, 128, 512}) {
        CAPTURE(n);
        const auto x = uniform(n, 5);
        auto y = x;
        hadamard(y.data(), n);
        for (uint64_t row = 0; row < x.size(); ++row) {
            double sum = 0;
            for (uint64_t col = 0; col < x.size(); ++col)
                sum += std::popcount(row & col) % 2 == 0 ? double{x[col]} : -double{x[col]};
            // log2(n) + 1 roundings of sums below sqrt(n) after the scale.
            REQUIRE(double{y[row]} == Approx(sum / std::sqrt(double(n))).margin(1e-6 * double(n)));
        }
        hadamard(y.data(), n);
        for (size_t i = 0; i < x.size(); ++i)
            REQUIRE(y[i] == Approx(x[i]).margin(2e-6));
    }
}

TEST_CASE("a NaN makes its block NaN, infinity becomes the largest value", "[kernels]") {
    auto x = uniform(128, 6);
    x[70] = NAN;
    auto eight = x;
    fp8Sim(eight.data(), 128, 64);
    std::vector<uint8_t> codes(128);
    std::vector<uint8_t> scales(4);
    fp4Quantise(x.data(), 128, codes.data(), scales.data());
    auto four = x;
    fp4Dequantise(codes.data(), scales.data(), 128, four.data());
    for (size_t i = 0; i < 128; ++i) {
        REQUIRE(std::isnan(eight[i]) == (i >= 64));
        REQUIRE(std::isnan(four[i]) == (i / 32 == 2));
    }
    x[70] = -INFINITY;
    fp8Sim(x.data(), 128, 64);
    REQUIRE(x[70] == -448 * 0x1p120F);
    REQUIRE(x[71] == 0);
}
