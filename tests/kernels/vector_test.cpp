#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "kernels/dispatch.h"
#include "tests/catch.h"
#include "tests/kernels/random_values.h"

using namespace moxie::kernels;
using namespace moxie::tests;

namespace {

const std::vector<int64_t> kLengths = {1, 2, 7, 8, 15, 16, 17, 31, 64, 67, 576};

}  // namespace

TEST_CASE("dot, axpy and weighted sums agree with float64", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const int64_t n : kLengths) {
            CAPTURE(toString(isa), n);
            const Dispatch& k = dispatchFor(isa);
            constexpr int64_t kRows = 9;
            const auto a = uniform(n, 1);
            const auto rows = uniform(n * kRows, 2);
            const auto weights = uniform(kRows, 3);
            double sum = 0;
            for (size_t i = 0; i < a.size(); ++i)
                sum += double{a[i]} * double{rows[i]};
            const double margin = 1e-7 * static_cast<double>(n + kRows);  // n roundings of sums < n
            REQUIRE(k.dot(a.data(), rows.data(), n) == Approx(sum).margin(margin));

            std::vector<float> y = a;
            k.axpy(0.7F, rows.data(), y.data(), n);
            std::vector<float> mixed(a.size(), 0.25F);
            k.addWeighted({.weights = weights.data(),
                           .rows = rows.data(),
                           .rowStride = n,
                           .nRows = std::ssize(weights)},
                          1, n, mixed.data(), n);
            for (size_t i = 0; i < a.size(); ++i) {
                REQUIRE(y[i] == Approx(double{a[i]} + double{0.7F} * double{rows[i]}).margin(2e-7));
                double expected = 0.25;
                for (size_t r = 0; r < kRows; ++r)
                    expected += double{weights[r]} * double{rows[r * a.size() + i]};
                REQUIRE(mixed[i] == Approx(expected).margin(2e-6));
            }
        }
}

TEST_CASE("weighted rows are added to the same bits for any number of queries and any cut of rows",
          "[kernels]") {
    constexpr int64_t kQueries = 15;
    constexpr int64_t kRows = 150;
    const auto weights = uniform(kQueries * kRows, 21);
    for (const Isa isa : runnableIsas())
        for (const int64_t n : {1, 31, 64, 130}) {
            CAPTURE(toString(isa), n);
            if (isa == Isa::scalar) continue;  // rounds once for each call
            const auto rows = uniform(kRows * n, 22);
            const auto sumOf = [&](int64_t queryStep, int64_t rowStep) {
                std::vector<float> y(static_cast<size_t>(kQueries * n));
                for (int64_t q = 0; q < kQueries; q += queryStep)
                    for (int64_t r = 0; r < kRows; r += rowStep)
                        dispatchFor(isa).addWeighted({.weights = weights.data() + q * kRows + r,
                                                      .weightStride = kRows,
                                                      .rows = rows.data() + r * n,
                                                      .rowStride = n,
                                                      .nRows = std::min(rowStep, kRows - r)},
                                                     std::min(queryStep, kQueries - q), n,
                                                     y.data() + q * n, n);
                return y;
            };
            const auto all = sumOf(kQueries, kRows);
            REQUIRE(sumOf(1, kRows) == all);
            REQUIRE(sumOf(4, 7) == all);
        }
}

TEST_CASE("scaling finds the largest value wherever it stands, and passes over NaN", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const int64_t n : kLengths)
            for (const int64_t largest : {int64_t{0}, n / 2, n - 1}) {
                CAPTURE(toString(isa), n, largest);
                auto x = uniform(n, 9);
                x[static_cast<size_t>(largest)] = 3;
                if (n > 2) x[static_cast<size_t>((largest + 1) % n)] = std::nanf("");
                std::vector<float> scaled = x;
                REQUIRE(dispatchFor(isa).scaleMax(scaled.data(), n, 0.3F, -9) == 3 * 0.3F);
                for (size_t i = 0; i < x.size(); ++i)
                    REQUIRE((scaled[i] == x[i] * 0.3F || std::isnan(x[i])));
                REQUIRE((n <= 2 || std::isnan(scaled[static_cast<size_t>((largest + 1) % n)])));
                REQUIRE(dispatchFor(isa).scaleMax(x.data(), n, 0.3F, 7) == 7);
            }
}

TEST_CASE("softmax agrees with float64, far below the maximum too", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const int64_t n : kLengths) {
            CAPTURE(toString(isa), n);
            auto x = uniform(n, 4, 20);
            if (n > 2) x[1] = -200;
            double sum = 0;
            const double max = *std::max_element(x.begin(), x.end());
            std::vector<double> expected;
            for (const float value : x)
                sum += std::exp(double{value} - max);
            for (const float value : x)
                expected.push_back(std::exp(double{value} - max) / sum);
            dispatchFor(isa).softmax(x.data(), n);
            // The difference to the maximum, up to 40, is rounded to float32: 2e-6 of the result.
            for (size_t i = 0; i < x.size(); ++i)
                REQUIRE(x[i] == Approx(expected[i]).epsilon(4e-6).margin(1e-37));
        }
}

TEST_CASE("rmsNorm and siluMul agree with float64", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const int64_t n : kLengths) {
            CAPTURE(toString(isa), n);
            const auto x = uniform(n, 5, 30);
            const auto weight = uniform(n, 6);
            std::vector<float> normed(x.size());
            dispatchFor(isa).rmsNorm(x.data(), weight.data(), 1e-5F, normed.data(), n);
            std::vector<float> gated(x.size());
            dispatchFor(isa).siluMul(x.data(), weight.data(), gated.data(), n);
            double squares = 0;
            for (const float value : x)
                squares += double{value} * double{value};
            const double scale = 1 / std::sqrt(squares / static_cast<double>(n) + 1e-5);
            for (size_t i = 0; i < x.size(); ++i) {
                REQUIRE(normed[i] == Approx(x[i] * scale * double{weight[i]}).epsilon(2e-6));
                REQUIRE(gated[i] == Approx(x[i] / (1 + std::exp(-double{x[i]})) * double{weight[i]})
                                        .epsilon(2e-6)
                                        .margin(1e-30));
            }
        }
}

TEST_CASE("clamped activations agree with float64 on both sides of the limit", "[kernels]") {
    constexpr float kLimit = 7;
    for (const Isa isa : runnableIsas())
        for (const int64_t n : kLengths) {
            CAPTURE(toString(isa), n);
            const auto gate = uniform(n, 7, 20);
            const auto up = uniform(n, 8, 20);
            std::vector<float> clamped(gate.size());
            std::vector<float> gptOss = gate;  // in place
            dispatchFor(isa).swigluClamped(gate.data(), up.data(), kLimit, clamped.data(), n);
            dispatchFor(isa).swigluGptOss(gptOss.data(), up.data(), kLimit, gptOss.data(), n);
            for (size_t i = 0; i < gate.size(); ++i) {
                const double g = std::min(double{gate[i]}, double{kLimit});
                const double u = std::clamp(double{up[i]}, -double{kLimit}, double{kLimit});
                REQUIRE(clamped[i] ==
                        Approx(g / (1 + std::exp(-g)) * u).epsilon(2e-6).margin(1e-30));
                // u + 1 near 0 has lost the bits of u: an absolute error.
                REQUIRE(
                    gptOss[i] ==
                    Approx(g / (1 + std::exp(-1.702 * g)) * (u + 1)).epsilon(4e-6).margin(1e-6));
            }
        }
}

TEST_CASE("layerNorm agrees with float64, with a mean far from zero too", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const int64_t n : kLengths)
            for (const float shift : {0.0F, 50.0F}) {
                CAPTURE(toString(isa), n, shift);
                auto x = uniform(n, 9, 3);
                for (float& value : x)
                    value += shift;
                const auto weight = uniform(n, 10);
                const auto bias = uniform(n, 11);
                std::vector<float> normed = x;  // in place
                dispatchFor(isa).layerNorm(
                    normed.data(), {.weight = weight.data(), .bias = bias.data(), .epsilon = 1e-6F},
                    normed.data(), n);
                double mean = 0;
                double variance = 0;
                for (const float value : x)
                    mean += value / static_cast<double>(n);
                for (const float value : x)
                    variance += (value - mean) * (value - mean) / static_cast<double>(n);
                const double scale = 1 / std::sqrt(variance + 1e-6);
                // The mean is rounded to float32: up to 4e-6 for 53, times the scale.
                const double margin = 2e-6 + 8e-6 * scale * (shift > 0 ? 1 : 0.1);
                for (size_t i = 0; i < x.size(); ++i)
                    REQUIRE(normed[i] ==
                            Approx((x[i] - mean) * scale * double{weight[i]} + double{bias[i]})
                                .margin(margin));
            }
}

TEST_CASE("exponentials and their sum agree with float64", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const int64_t n : kLengths) {
            CAPTURE(toString(isa), n);
            const auto x = uniform(n, 12, 30);
            auto e = x;
            const float sum = dispatchFor(isa).expSubtract(e.data(), n, 30);
            double expected = 0;
            for (size_t i = 0; i < x.size(); ++i) {
                const double value = std::exp(double{x[i]} - 30);
                REQUIRE(e[i] == Approx(value).epsilon(4e-6).margin(1e-37));
                expected += value;
            }
            REQUIRE(sum == Approx(expected).epsilon(4e-6));
        }
}

TEST_CASE("a NaN among the inputs is a NaN among the results", "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const int64_t n : {5, 40}) {
            CAPTURE(toString(isa), n);
            const Dispatch& k = dispatchFor(isa);
            const auto plain = uniform(n, 13);
            auto x = plain;
            x[2] = NAN;
            std::vector<float> y(x.size());
            k.siluMul(x.data(), plain.data(), y.data(), n);
            REQUIRE(std::isnan(y[2]));
            for (const auto swiglu : {k.swigluClamped, k.swigluGptOss}) {
                swiglu(x.data(), plain.data(), 7, y.data(), n);
                REQUIRE(std::isnan(y[2]));
                REQUIRE_FALSE(std::isnan(y[3]));
                swiglu(plain.data(), x.data(), 7, y.data(), n);
                REQUIRE(std::isnan(y[2]));
            }
            y = x;
            REQUIRE(std::isnan(k.expSubtract(y.data(), n, 1)));
        }
}

TEST_CASE("pairs are turned to the same bits by every instruction set, and back again",
          "[kernels]") {
    for (const Isa isa : runnableIsas())
        for (const int64_t n : {1, 3, 4, 8, 29, 32, 64, 100})
            for (const bool isInterleaved : {false, true}) {
                CAPTURE(toString(isa), n, isInterleaved);
                const auto x = uniform(2 * n, 41, 3);
                std::vector<float> cosines, sines;
                for (int64_t i = 0; i < n; ++i) {
                    cosines.push_back(std::cos(0.7F * static_cast<float>(i)));
                    sines.push_back(std::sin(0.7F * static_cast<float>(i)));
                }
                Rotation rotation = {.cosines = cosines.data(),
                                     .sines = sines.data(),
                                     .nPairs = n,
                                     .isInterleaved = isInterleaved};
                const auto turned = [&](Isa by, std::vector<float> values) {
                    values.push_back(7);
                    dispatchFor(by).turnPairs(rotation, values.data());
                    REQUIRE(values.back() == 7);
                    values.pop_back();
                    return values;
                };
                const auto y = turned(isa, x);
                REQUIRE(y == turned(Isa::scalar, x));
                for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
                    const size_t first = isInterleaved ? 2 * i : i;
                    const size_t second = isInterleaved ? 2 * i + 1 : i + static_cast<size_t>(n);
                    const std::complex<double> value(x[first], x[second]);
                    const auto expected = value * std::complex<double>(cosines[i], sines[i]);
                    REQUIRE(y[first] == Approx(expected.real()).margin(1e-6));
                    REQUIRE(y[second] == Approx(expected.imag()).margin(1e-6));
                }
                rotation.isBack = true;
                const auto back = turned(isa, y);
                REQUIRE(back == turned(Isa::scalar, y));
                for (size_t i = 0; i < x.size(); ++i)
                    REQUIRE(back[i] == Approx(x[i]).margin(2e-6));
            }
}
