// The vector operations of the fast CPU kernels, written once over a vector type V, as
// simd_matmul.h. Every value of a result is computed the same way wherever it stands in the vector;
// sums run in lanes and end in V::sum's fixed tree. NaN in, NaN out. Threads: any thread.
#pragma once
#include <cstdint>

#include "kernels/dispatch.h"

namespace moxie::kernels {

template <class V>
struct SimdVectors {
    using Reg = typename V::Reg;

    static constexpr int kWidth = V::kWidth;

    static float dot(const float* a, const float* b, int64_t n) {
        Reg acc = V::zero();
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            acc = V::fma(V::load(a + i), V::load(b + i), acc);
        if (i < n) acc = V::fma(V::loadPart(a + i, n - i), V::loadPart(b + i, n - i), acc);
        return V::sum(acc);
    }

    static void axpy(float scale, const float* x, float* y, int64_t n) {
        const Reg s = V::set(scale);
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            V::store(y + i, V::fma(s, V::load(x + i), V::load(y + i)));
        if (i < n)
            V::storePart(y + i, n - i,
                         V::fma(s, V::loadPart(x + i, n - i), V::loadPart(y + i, n - i)));
    }

    // ---- sums of weighted rows

    static constexpr int kQueries = V::kRows == 8 ? 6 : 2;  // beside each other in registers
    static constexpr int kColumns = 4;                      // registers of each
    static constexpr int64_t kRowsAtOnce = 64;              // their columns stay in L1

    // nQueries by kColumns registers of y stay in place over all rows.
    template <int nQueries>
    static void addColumns(const WeightedRows& sum, float* y, int64_t yStride) {
        Reg acc[nQueries][kColumns];
        for (int q = 0; q < nQueries; ++q)
            for (int k = 0; k < kColumns; ++k)
                acc[q][k] = V::load(y + q * yStride + k * kWidth);
        const float* row = sum.rows;
        for (int64_t r = 0; r < sum.nRows; ++r, row += sum.rowStride) {
            Reg values[kColumns];
            for (int k = 0; k < kColumns; ++k)
                values[k] = V::load(row + k * kWidth);
#pragma GCC unroll 8
            for (int q = 0; q < nQueries; ++q) {
                const Reg weight = V::set(sum.weights[q * sum.weightStride + r]);
                for (int k = 0; k < kColumns; ++k)
                    acc[q][k] = V::fma(weight, values[k], acc[q][k]);
            }
        }
        for (int q = 0; q < nQueries; ++q)
            for (int k = 0; k < kColumns; ++k)
                V::store(y + q * yStride + k * kWidth, acc[q][k]);
    }

    // Fewer columns than that, for one query.
    static void addLastColumns(const WeightedRows& sum, int64_t n, float* y) {
        for (int64_t i = 0; i < n; i += kWidth) {
            const int64_t part = n - i < kWidth ? n - i : kWidth;
            Reg acc = V::loadPart(y + i, part);
            for (int64_t r = 0; r < sum.nRows; ++r)
                acc = V::fma(V::set(sum.weights[r]),
                             V::loadPart(sum.rows + r * sum.rowStride + i, part), acc);
            V::storePart(y + i, part, acc);
        }
    }

    static WeightedRows from(WeightedRows sum, int64_t query, int64_t column) {
        sum.weights += query * sum.weightStride;
        sum.rows += column;
        return sum;
    }

    static void addRowsAtOnce(const WeightedRows& sum, int64_t nQueries, int64_t n, float* y,
                              int64_t yStride) {
        int64_t i = 0;
        for (; i + kColumns * kWidth <= n; i += kColumns * kWidth) {
            int64_t q = 0;
            for (; q + kQueries <= nQueries; q += kQueries)
                addColumns<kQueries>(from(sum, q, i), y + q * yStride + i, yStride);
            // Those that are left: the heads of one token, often four.
            if constexpr (kQueries > 4)
                for (; q + 4 <= nQueries; q += 4)
                    addColumns<4>(from(sum, q, i), y + q * yStride + i, yStride);
            for (; q + 2 <= nQueries; q += 2)
                addColumns<2>(from(sum, q, i), y + q * yStride + i, yStride);
            for (; q < nQueries; ++q)
                addColumns<1>(from(sum, q, i), y + q * yStride + i, yStride);
        }
        if (i == n) return;
        for (int64_t q = 0; q < nQueries; ++q)
            addLastColumns(from(sum, q, i), n - i, y + q * yStride + i);
    }

    static void addWeighted(const WeightedRows& sum, int64_t nQueries, int64_t n, float* y,
                            int64_t yStride) {
        for (int64_t r = 0; r < sum.nRows; r += kRowsAtOnce) {
            WeightedRows part = sum;
            part.weights += r;
            part.rows += r * sum.rowStride;
            part.nRows = sum.nRows - r < kRowsAtOnce ? sum.nRows - r : kRowsAtOnce;
            addRowsAtOnce(part, nQueries, n, y, yStride);
        }
    }

    static void rmsNorm(const float* x, const float* weight, float epsilon, float* y, int64_t n) {
        const float mean = dot(x, x, n) / static_cast<float>(n);
        const Reg scale = V::set(1.0F / __builtin_sqrtf(mean + epsilon));
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            V::store(y + i, V::mul(V::mul(V::load(x + i), scale), V::load(weight + i)));
        if (i < n)
            V::storePart(
                y + i, n - i,
                V::mul(V::mul(V::loadPart(x + i, n - i), scale), V::loadPart(weight + i, n - i)));
    }

    // e^x for x <= 88; 0 below -87.3. Cody and Waite's reduction, Taylor polynomial of degree 7 on
    // |r| <= ln(2) / 2 (remainder 5e-9). Error bound: 3e-7 relative.
    static Reg exp(Reg x) {
        const Reg low = V::set(-87.3F);
        // Of two operands the second is the result if one is NaN.
        const Reg clamped = V::min(V::set(88.0F), V::max(low, x));
        const Reg n = V::round(V::mul(clamped, V::set(1.44269504F)));
        Reg r = V::fma(n, V::set(-0.693359375F), clamped);
        r = V::fma(n, V::set(2.12194440e-4F), r);
        Reg p = V::set(1.0F / 5040);
        p = V::fma(p, r, V::set(1.0F / 720));
        p = V::fma(p, r, V::set(1.0F / 120));
        p = V::fma(p, r, V::set(1.0F / 24));
        p = V::fma(p, r, V::set(1.0F / 6));
        p = V::fma(p, r, V::set(0.5F));
        p = V::fma(p, r, V::set(1.0F));
        p = V::fma(p, r, V::set(1.0F));
        return V::zeroWhereLess(x, low, V::mul(p, V::powerOfTwo(n)));
    }

    static float scaleMax(float* x, int64_t n, float scale, float max) {
        const Reg scales = V::set(scale);
        Reg largest = V::set(max);
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth) {
            const Reg scaled = V::mul(V::load(x + i), scales);
            largest = V::max(scaled, largest);  // the second if one is NaN
            V::store(x + i, scaled);
        }
        float lanes[kWidth];
        V::store(lanes, largest);
        for (const float lane : lanes)
            max = lane > max ? lane : max;
        for (; i < n; ++i) {
            x[i] *= scale;
            max = x[i] > max ? x[i] : max;
        }
        return max;
    }

    static float expSubtract(float* x, int64_t n, float max) {
        const Reg maxes = V::set(max);
        Reg sums = V::zero();
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth) {
            const Reg e = exp(V::sub(V::load(x + i), maxes));
            sums = V::add(sums, e);
            V::store(x + i, e);
        }
        float sum = V::sum(sums);
        for (; i < n; ++i) {  // the tail goes through the same exp, one lane each
            x[i] = V::first(exp(V::set(x[i] - max)));
            sum += x[i];
        }
        return sum;
    }

    static void softmax(float* x, int64_t n) {
        if (n <= 0) return;
        float max = x[0];
        for (int64_t i = 1; i < n; ++i)
            max = x[i] > max ? x[i] : max;
        const float scale = 1.0F / expSubtract(x, n, max);
        for (int64_t i = 0; i < n; ++i)
            x[i] *= scale;
    }

    // gate * sigmoid(alpha * gate) * up
    static Reg gated(Reg gate, Reg alpha, Reg up) {
        const Reg denominator = V::add(V::set(1.0F), exp(V::sub(V::zero(), V::mul(alpha, gate))));
        return V::mul(V::div(gate, denominator), up);
    }

    // y[i] = operation(gate[i], up[i])
    template <class Operation>
    static void combine(const float* gate, const float* up, float* y, int64_t n,
                        Operation operation) {
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            V::store(y + i, operation(V::load(gate + i), V::load(up + i)));
        if (i < n)
            V::storePart(y + i, n - i,
                         operation(V::loadPart(gate + i, n - i), V::loadPart(up + i, n - i)));
    }

    static void siluMul(const float* gate, const float* up, float* y, int64_t n) {
        combine(gate, up, y, n, [](Reg g, Reg u) { return gated(g, V::set(1.0F), u); });
    }

    static void swigluClamped(const float* gate, const float* up, float limit, float* y,
                              int64_t n) {
        combine(gate, up, y, n, [limit](Reg g, Reg u) {
            return gated(atMost(limit, g), V::set(1.0F), within(limit, u));
        });
    }

    static void swigluGptOss(const float* gate, const float* up, float limit, float* y, int64_t n) {
        combine(gate, up, y, n, [limit](Reg g, Reg u) {
            return gated(atMost(limit, g), V::set(1.702F), V::add(within(limit, u), V::set(1.0F)));
        });
    }

    static Reg atMost(float limit, Reg x) {
        return V::min(V::set(limit), x);
    }

    static Reg within(float limit, Reg x) {
        return V::max(V::set(-limit), atMost(limit, x));
    }

    static void layerNorm(const float* x, const NormWeights& norm, float* y, int64_t n) {
        const Reg mean = V::set(sumOf(x, n) / static_cast<float>(n));
        Reg squares = V::zero();
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth) {
            const Reg distance = V::sub(V::load(x + i), mean);
            squares = V::fma(distance, distance, squares);
        }
        float variance = V::sum(squares);
        for (; i < n; ++i) {
            const float distance = x[i] - V::first(mean);
            variance += distance * distance;
        }
        variance /= static_cast<float>(n);
        const Reg scale = V::set(1.0F / __builtin_sqrtf(variance + norm.epsilon));
        const auto normed = [mean, scale](Reg value, Reg weight, Reg bias) {
            return V::fma(V::mul(V::sub(value, mean), scale), weight, bias);
        };
        for (i = 0; i + kWidth <= n; i += kWidth)
            V::store(y + i,
                     normed(V::load(x + i), V::load(norm.weight + i), V::load(norm.bias + i)));
        if (i < n)
            V::storePart(y + i, n - i,
                         normed(V::loadPart(x + i, n - i), V::loadPart(norm.weight + i, n - i),
                                V::loadPart(norm.bias + i, n - i)));
    }

    static float sumOf(const float* x, int64_t n) {
        Reg acc = V::zero();
        int64_t i = 0;
        for (; i + kWidth <= n; i += kWidth)
            acc = V::add(acc, V::load(x + i));
        if (i < n) acc = V::add(acc, V::loadPart(x + i, n - i));
        return V::sum(acc);
    }
};

}  // namespace moxie::kernels
