#include <algorithm>
#include <cmath>

#include "engine/execute/pass.h"

namespace moxie::engine {

namespace {

constexpr int64_t kStreamsMax = 8;
constexpr int64_t kMixesMax = (2 + kStreamsMax) * kStreamsMax;
constexpr int64_t kMixedTokensPerTask = 8;
constexpr int64_t kColumnsAtOnce = 256;

double logistic(double x) {
    return 1 / (1 + std::exp(-x));
}

// m = (mix · v) * rsqrt(mean(v²) + epsilon), before scale and base.
void mixes(const Pass& pass, const HyperConnection& step, const float* residual, float* m) {
    const int64_t n = step.nStreams * pass.plan.hiddenDim;
    pass.dispatch.matmul(step.mix, 0, step.mix.rows, residual, n, 1, m, step.mix.rows);
    const double mean = double{pass.dispatch.dot(residual, residual, n)} / static_cast<double>(n);
    const double scale = 1 / std::sqrt(mean + double{step.normEpsilon});
    for (int64_t i = 0; i < step.mix.rows; ++i)
        m[i] = static_cast<float>(double{m[i]} * scale);
}

double scaled(const HyperConnection& step, const float* m, int64_t i, size_t part) {
    return double{m[i]} * double{step.scale[part]} + double{step.base[static_cast<size_t>(i)]};
}

// Rows, then columns, divided by their sums; ends on columns.
template <int n>
class Sinkhorn {
public:
    Sinkhorn(const HyperConnection& step, const float* m) {
        for (int j = 0; j < n; ++j) {
            double max = -HUGE_VAL;
            for (int k = 0; k < n; ++k) {
                a_[j][k] = scaled(step, m, 2 * n + j * n + k, 2);
                max = std::max(max, a_[j][k]);
            }
            double sum = 0;
            for (int k = 0; k < n; ++k)
                sum += a_[j][k] = std::exp(a_[j][k] - max);
            for (int k = 0; k < n; ++k)
                a_[j][k] = a_[j][k] / sum + double{step.epsilon};
        }
        divideColumns(step.epsilon);
        for (int64_t i = 1; i < step.iterations; ++i) {
            divideRows(step.epsilon);
            divideColumns(step.epsilon);
        }
    }

    double at(int j, int k) const { return a_[j][k]; }

private:
    void divideRows(double epsilon) {
        for (int j = 0; j < n; ++j) {
            double sum = epsilon;
            for (int k = 0; k < n; ++k)
                sum += a_[j][k];
            const double inverse = 1 / sum;
            for (int k = 0; k < n; ++k)
                a_[j][k] *= inverse;
        }
    }

    void divideColumns(double epsilon) {
        double sums[n];
        for (int k = 0; k < n; ++k)
            sums[k] = epsilon;
        for (int j = 0; j < n; ++j)
            for (int k = 0; k < n; ++k)
                sums[k] += a_[j][k];
        for (int k = 0; k < n; ++k)
            sums[k] = 1 / sums[k];
        for (int j = 0; j < n; ++j)
            for (int k = 0; k < n; ++k)
                a_[j][k] *= sums[k];
    }

    double a_[n][n];
};

// The matrix that combines streams: [from][to].
template <int n>
void combineStreams(const HyperConnection& step, const float* m, float* combine) {
    const Sinkhorn<n> doublyStochastic(step, m);
    for (int j = 0; j < n; ++j)
        for (int k = 0; k < n; ++k)
            combine[j * n + k] = static_cast<float>(doublyStochastic.at(j, k));
}

void combineStreams(const HyperConnection& step, const float* m, float* combine) {
    constexpr decltype(&combineStreams<1>) kByStreams[kStreamsMax] = {
        combineStreams<1>, combineStreams<2>, combineStreams<3>, combineStreams<4>,
        combineStreams<5>, combineStreams<6>, combineStreams<7>, combineStreams<8>};
    kByStreams[step.nStreams - 1](step, m, combine);
}

// x = sum over j of weights[j] * streams[j]
void sumStreams(const Pass& pass, const float* streams, const float* weights, int64_t nStreams,
                float* x) {
    const int64_t hidden = pass.plan.hiddenDim;
    std::fill_n(x, hidden, 0.0F);
    pass.dispatch.addWeighted(
        {.weights = weights, .rows = streams, .rowStride = hidden, .nRows = nStreams}, 1, hidden, x,
        hidden);
}

}  // namespace

void mixOut(const Pass& pass, const HyperConnection& step, const float* residual,
            const StreamMix& mix, float* x) {
    const int64_t n = step.nStreams;
    const int64_t hidden = pass.plan.hiddenDim;
    BASE_CHECK(n >= 1 && n <= kStreamsMax);
    forRanges(
        pass.pool, pass.nTokens, kMixedTokensPerTask, [&](int64_t begin, int64_t end, int32_t) {
            for (int64_t t = begin; t < end; ++t) {
                const float* streams = residual + t * n * hidden;
                float m[kMixesMax];
                float pre[kStreamsMax];
                mixes(pass, step, streams, m);
                for (int64_t j = 0; j < n; ++j) {
                    pre[j] =
                        static_cast<float>(logistic(scaled(step, m, j, 0)) + double{step.epsilon});
                    mix.post[t * n + j] =
                        static_cast<float>(2 * logistic(scaled(step, m, n + j, 1)));
                }
                combineStreams(step, m, mix.combine + t * n * n);
                sumStreams(pass, streams, pre, n, x + t * hidden);
            }
        });
}

namespace {

// Columns [begin, begin + count) of one token: the streams and y stand below each other, each new
// stream is a weighted sum of them.
void mixColumns(const Pass& pass, const float* weights, const float* y, int64_t nStreams,
                int64_t begin, int64_t count, float* streams) {
    const int64_t hidden = pass.plan.hiddenDim;
    float before[(kStreamsMax + 1) * kColumnsAtOnce];
    for (int64_t j = 0; j < nStreams; ++j) {
        std::copy_n(streams + j * hidden + begin, count, before + j * kColumnsAtOnce);
        std::fill_n(streams + j * hidden + begin, count, 0.0F);
    }
    std::copy_n(y + begin, count, before + nStreams * kColumnsAtOnce);
    pass.dispatch.addWeighted({.weights = weights,
                               .weightStride = nStreams + 1,
                               .rows = before,
                               .rowStride = kColumnsAtOnce,
                               .nRows = nStreams + 1},
                              nStreams, count, streams + begin, hidden);
}

}  // namespace

void mixIn(const Pass& pass, const HyperConnection& step, const StreamMix& mix, const float* y,
           float* residual) {
    const int64_t n = step.nStreams;
    const int64_t hidden = pass.plan.hiddenDim;
    forRanges(
        pass.pool, pass.nTokens, kMixedTokensPerTask, [&](int64_t begin, int64_t end, int32_t) {
            for (int64_t t = begin; t < end; ++t) {
                float weights[kStreamsMax * (kStreamsMax + 1)];  // [to][from], y last
                for (int64_t k = 0; k < n; ++k) {
                    for (int64_t j = 0; j < n; ++j)
                        weights[k * (n + 1) + j] = mix.combine[(t * n + j) * n + k];
                    weights[k * (n + 1) + n] = mix.post[t * n + k];
                }
                for (int64_t i = 0; i < hidden; i += kColumnsAtOnce)
                    mixColumns(pass, weights, y + t * hidden, n, i,
                               std::min(kColumnsAtOnce, hidden - i), residual + t * n * hidden);
            }
        });
}

void collapse(const Pass& pass, const HyperConnection& step, const float* residual, int64_t nTokens,
              float* x) {
    const int64_t n = step.nStreams;
    const int64_t hidden = pass.plan.hiddenDim;
    forRanges(pass.pool, nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        float m[kStreamsMax];
        float weights[kStreamsMax];
        mixes(pass, step, residual + t * n * hidden, m);
        for (int64_t j = 0; j < n; ++j)
            weights[j] = static_cast<float>(logistic(scaled(step, m, j, 0)) + double{step.epsilon});
        sumStreams(pass, residual + t * n * hidden, weights, n, x + t * hidden);
    });
}

}  // namespace moxie::engine
