#include <cmath>

#include "engine/execute/pass.h"

namespace moxie::engine {

namespace {

constexpr int64_t kStreamsMax = 8;
constexpr int64_t kMixesMax = (2 + kStreamsMax) * kStreamsMax;

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
class Sinkhorn {
public:
    Sinkhorn(const HyperConnection& step, const float* m) : n_(step.nStreams) {
        for (int64_t j = 0; j < n_; ++j) {
            double max = -HUGE_VAL;
            for (int64_t k = 0; k < n_; ++k) {
                at(j, k) = scaled(step, m, 2 * n_ + j * n_ + k, 2);
                max = std::max(max, at(j, k));
            }
            double sum = 0;
            for (int64_t k = 0; k < n_; ++k)
                sum += at(j, k) = std::exp(at(j, k) - max);
            for (int64_t k = 0; k < n_; ++k)
                at(j, k) = at(j, k) / sum + double{step.epsilon};
        }
        divideColumns(step.epsilon);
        for (int64_t i = 1; i < step.iterations; ++i) {
            divideRows(step.epsilon);
            divideColumns(step.epsilon);
        }
    }

    double& at(int64_t j, int64_t k) { return a_[j * n_ + k]; }

private:
    void divideRows(double epsilon) {
        for (int64_t j = 0; j < n_; ++j) {
            double sum = epsilon;
            for (int64_t k = 0; k < n_; ++k)
                sum += at(j, k);
            for (int64_t k = 0; k < n_; ++k)
                at(j, k) /= sum;
        }
    }

    void divideColumns(double epsilon) {
        for (int64_t k = 0; k < n_; ++k) {
            double sum = epsilon;
            for (int64_t j = 0; j < n_; ++j)
                sum += at(j, k);
            for (int64_t j = 0; j < n_; ++j)
                at(j, k) /= sum;
        }
    }

    int64_t n_;
    double a_[kStreamsMax * kStreamsMax] = {};
};

// x = sum over j of weights[j] * streams[j]
void sumStreams(const float* streams, const double* weights, int64_t nStreams, int64_t n,
                float* x) {
    for (int64_t i = 0; i < n; ++i) {
        double sum = 0;
        for (int64_t j = 0; j < nStreams; ++j)
            sum += weights[j] * double{streams[j * n + i]};
        x[i] = static_cast<float>(sum);
    }
}

}  // namespace

void mixOut(const Pass& pass, const HyperConnection& step, const float* residual,
            const StreamMix& mix, float* x) {
    const int64_t n = step.nStreams;
    const int64_t hidden = pass.plan.hiddenDim;
    BASE_CHECK(n <= kStreamsMax);
    forRanges(pass.pool, pass.nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        const float* streams = residual + t * n * hidden;
        float m[kMixesMax];
        double pre[kStreamsMax];
        mixes(pass, step, streams, m);
        for (int64_t j = 0; j < n; ++j) {
            pre[j] = logistic(scaled(step, m, j, 0)) + double{step.epsilon};
            mix.post[t * n + j] = static_cast<float>(2 * logistic(scaled(step, m, n + j, 1)));
        }
        Sinkhorn combine(step, m);
        for (int64_t j = 0; j < n; ++j)
            for (int64_t k = 0; k < n; ++k)
                mix.combine[(t * n + j) * n + k] = static_cast<float>(combine.at(j, k));
        sumStreams(streams, pre, n, hidden, x + t * hidden);
    });
}

void mixIn(const Pass& pass, const HyperConnection& step, const StreamMix& mix, const float* y,
           float* residual) {
    const int64_t n = step.nStreams;
    const int64_t hidden = pass.plan.hiddenDim;
    forRanges(pass.pool, pass.nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        float* streams = residual + t * n * hidden;
        const float* post = mix.post + t * n;
        const float* combine = mix.combine + t * n * n;
        for (int64_t i = 0; i < hidden; ++i) {
            double before[kStreamsMax];
            for (int64_t j = 0; j < n; ++j)
                before[j] = streams[j * hidden + i];
            for (int64_t k = 0; k < n; ++k) {
                double sum = double{post[k]} * double{y[t * hidden + i]};
                for (int64_t j = 0; j < n; ++j)
                    sum += double{combine[j * n + k]} * before[j];
                streams[k * hidden + i] = static_cast<float>(sum);
            }
        }
    });
}

void collapse(const Pass& pass, const HyperConnection& step, const float* residual, int64_t nTokens,
              float* x) {
    const int64_t n = step.nStreams;
    const int64_t hidden = pass.plan.hiddenDim;
    forRanges(pass.pool, nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        float m[kStreamsMax];
        double weights[kStreamsMax];
        mixes(pass, step, residual + t * n * hidden, m);
        for (int64_t j = 0; j < n; ++j)
            weights[j] = logistic(scaled(step, m, j, 0)) + double{step.epsilon};
        sumStreams(residual + t * n * hidden, weights, n, hidden, x + t * hidden);
    });
}

}  // namespace moxie::engine
