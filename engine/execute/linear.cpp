// Products, norms and rope: what all steps are made of.
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/execute/lora.h"
#include "engine/execute/pass.h"
#include "engine/execute/rounded_products.h"

namespace moxie::engine {

using kernels::WeightsView;

namespace {

constexpr int64_t kMultiplyAddsPerTask = 400'000;    // some tens of microseconds
constexpr int64_t kMultiplyAddsPerTaskMin = 16'000;  // a small matrix is cut for every thread
constexpr int64_t kTasksPerThread = 3;
constexpr int64_t kRowsPerTaskMin = 8;
constexpr int64_t kRowsPerTaskMax = 256;
constexpr int64_t kTokensPerTask = 8;

int64_t rowsPerTask(const WorkerPool& pool, const WeightsView& weights, int64_t nTokens) {
    const int64_t perRow = std::max<int64_t>(1, weights.cols * nTokens);
    const int64_t share = weights.rows / (kTasksPerThread * pool.threads());
    const int64_t rows =
        std::min(kMultiplyAddsPerTask / perRow, std::max(kMultiplyAddsPerTaskMin / perRow, share));
    return std::clamp(rows / kRowsPerTaskMin * kRowsPerTaskMin, kRowsPerTaskMin, kRowsPerTaskMax);
}

}  // namespace

void forRanges(WorkerPool& pool, int64_t n, int64_t grain,
               const std::function<void(int64_t begin, int64_t end, int32_t worker)>& work) {
    pool.run((n + grain - 1) / grain, [&](int64_t task, int32_t worker) {
        work(task * grain, std::min((task + 1) * grain, n), worker);
    });
}

double ropeAngle(const Rope& rope, int64_t position, int64_t pair) {
    const double frequency = rope.frequencies[static_cast<size_t>(pair)];
    if (rope.hasFloatAngles) return static_cast<float>(position) * static_cast<float>(frequency);
    return static_cast<double>(position) * frequency;
}

namespace {

void fillAngles(const Rope& rope, int64_t position, float* cosines, float* sines) {
    for (int64_t i = 0; i < rope.nPairs(); ++i) {
        const double angle = ropeAngle(rope, position, i);
        cosines[i] = static_cast<float>(std::cos(angle) * rope.amplitude);
        sines[i] = static_cast<float>(std::sin(angle) * rope.amplitude);
    }
}

void turnBy(const Pass& pass, const Rope& rope, const float* cosines, const float* sines,
            Turn direction, float* slice) {
    pass.dispatch.turnPairs({.cosines = cosines,
                             .sines = sines,
                             .nPairs = rope.nPairs(),
                             .isInterleaved = rope.layout == RopeLayout::interleaved,
                             .isBack = direction == Turn::back},
                            slice);
}

}  // namespace

RopeTable makeRopeTable(Arena& arena, const Rope& rope, int64_t begin, int64_t nTokens) {
    RopeTable table{.nPairs = rope.nPairs()};
    float* cosines = arena.take(nTokens * table.nPairs);
    float* sines = arena.take(nTokens * table.nPairs);
    table.cosines = cosines;
    table.sines = sines;
    if (arena.isCounting()) return table;
    for (int64_t t = 0; t < nTokens; ++t)
        fillAngles(rope, begin + t, cosines + t * table.nPairs, sines + t * table.nPairs);
    return table;
}

void turn(const Pass& pass, int32_t rope, int64_t token, Turn direction, float* slice) {
    const RopeTable& table = pass.ropes[static_cast<size_t>(rope)];
    turnBy(pass, pass.plan.ropes[static_cast<size_t>(rope)], table.cosines + token * table.nPairs,
           table.sines + token * table.nPairs, direction, slice);
}

void turnAt(const Pass& pass, int32_t rope, int64_t position, float* slice) {
    const Rope& own = pass.plan.ropes[static_cast<size_t>(rope)];
    std::vector<float> angles(2 * own.frequencies.size());
    float* sines = angles.data() + own.nPairs();
    fillAngles(own, position, angles.data(), sines);
    turnBy(pass, own, angles.data(), sines, Turn::forward, slice);
}

void multiply(const Pass& pass, const WeightsView& weights, const float* x, int64_t nTokens,
              float* y) {
    forRanges(pass.pool, weights.rows, rowsPerTask(pass.pool, weights, nTokens),
              [&](int64_t begin, int64_t end, int32_t) {
                  pass.dispatch.matmul(weights, begin, end, x, weights.cols, nTokens, y + begin,
                                       weights.rows);
              });
}

namespace {

void roundAndMultiply(const Pass& pass, std::span<const RoundedProduct> products, const float* x,
                      int64_t nTokens) {
    const Arena::Mark mark(pass.arena);
    const int64_t cols = products.front().weights->cols;
    float* memory = pass.arena.take(roundedFloats(pass.products, cols, nTokens));
    multiplyRounded(pass, products, roundRows(pass, x, cols, nTokens, memory), nTokens);
}

// What follows the product with the weights.
void finishLinear(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens,
                  float* y) {
    if (!linear.bias.empty())
        for (int64_t t = 0; t < nTokens; ++t)
            for (int64_t r = 0; r < linear.rows(); ++r)
                y[t * linear.rows() + r] += linear.bias[static_cast<size_t>(r)];
    if (pass.adapters != nullptr) pass.adapters->add(pass, linear, x, nTokens, y);
}

}  // namespace

void multiply(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens, float* y) {
    if (!takesRounded(pass, linear.weights)) return multiplyExactly(pass, linear, x, nTokens, y);
    const RoundedProduct product = {&linear.weights, y};
    roundAndMultiply(pass, {&product, 1}, x, nTokens);
    finishLinear(pass, linear, x, nTokens, y);
}

void multiplyTogether(const Pass& pass, std::initializer_list<LinearProduct> products,
                      const float* x, int64_t nTokens) {
    std::vector<RoundedProduct> rounded;
    for (const LinearProduct& product : products)
        if (takesRounded(pass, product.linear->weights))
            rounded.push_back({&product.linear->weights, product.y});
        else
            multiplyExactly(pass, *product.linear, x, nTokens, product.y);
    if (rounded.empty()) return;
    roundAndMultiply(pass, rounded, x, nTokens);
    for (const LinearProduct& product : products)
        if (takesRounded(pass, product.linear->weights))
            finishLinear(pass, *product.linear, x, nTokens, product.y);
}

void multiplyHead(const Pass& pass, const WeightsView& weights, const float* x, int64_t nTokens,
                  float* y) {
    const RoundedProduct product = {&weights, y};
    if (pass.products == Products::fine && takesRounded(pass, weights))
        roundAndMultiply(pass, {&product, 1}, x, nTokens);
    else
        multiply(pass, weights, x, nTokens, y);
}

void multiplyExactly(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens,
                     float* y) {
    multiply(pass, linear.weights, x, nTokens, y);
    finishLinear(pass, linear, x, nTokens, y);
}

void multiplyTransposed(const Pass& pass, const WeightsView& weights, const float* x,
                        int64_t nTokens, float* y, float* row) {
    std::fill_n(y, nTokens * weights.cols, 0.0F);
    const auto cols = static_cast<size_t>(weights.cols);
    for (int64_t r = 0; r < weights.rows; ++r) {
        pass.dispatch.dequantiseRow(weights, r, std::span(row, cols));
        for (int64_t t = 0; t < nTokens; ++t)
            pass.dispatch.axpy(x[t * weights.rows + r], row, y + t * weights.cols, weights.cols);
    }
}

void normalise(const Pass& pass, const RmsNorm& norm, const float* x, int64_t n, int64_t nTokens,
               float* y) {
    forRanges(pass.pool, nTokens, kTokensPerTask, [&](int64_t begin, int64_t end, int32_t) {
        for (int64_t t = begin; t < end; ++t)
            pass.dispatch.rmsNorm(x + t * n, norm.weight.data(), norm.epsilon, y + t * n, n);
    });
}

void normaliseUnweighted(const kernels::Dispatch& dispatch, float epsilon, int64_t n, float* x) {
    const double mean = double{dispatch.dot(x, x, n)} / static_cast<double>(n);
    const auto scale = static_cast<float>(1 / std::sqrt(mean + double{epsilon}));
    for (int64_t i = 0; i < n; ++i)
        x[i] *= scale;
}

void add(const Pass& pass, const float* y, int64_t n, float* x) {
    constexpr int64_t kFloatsPerTask = 1 << 16;
    forRanges(pass.pool, n, kFloatsPerTask, [&](int64_t begin, int64_t end, int32_t) {
        for (int64_t i = begin; i < end; ++i)
            x[i] += y[i];
    });
}

}  // namespace moxie::engine
