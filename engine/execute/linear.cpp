// Products, norms and rope: what all steps are made of.
#include <algorithm>
#include <cmath>

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

RopeTable makeRopeTable(Arena& arena, const Rope& rope, int64_t begin, int64_t nTokens) {
    RopeTable table{.nPairs = rope.nPairs()};
    float* cosines = arena.take(nTokens * table.nPairs);
    float* sines = arena.take(nTokens * table.nPairs);
    table.cosines = cosines;
    table.sines = sines;
    if (arena.isCounting()) return table;
    for (int64_t t = 0; t < nTokens; ++t)
        for (int64_t i = 0; i < table.nPairs; ++i) {
            const double angle = ropeAngle(rope, begin + t, i);
            cosines[t * table.nPairs + i] = static_cast<float>(std::cos(angle) * rope.amplitude);
            sines[t * table.nPairs + i] = static_cast<float>(std::sin(angle) * rope.amplitude);
        }
    return table;
}

double ropeAngle(const Rope& rope, int64_t position, int64_t pair) {
    const double frequency = rope.frequencies[static_cast<size_t>(pair)];
    if (rope.hasFloatAngles) return static_cast<float>(position) * static_cast<float>(frequency);
    return static_cast<double>(position) * frequency;
}

namespace {

void turnPair(const Rope& rope, int64_t i, double cosine, double sine, float* slice) {
    const bool isInterleaved = rope.layout == RopeLayout::interleaved;
    float& first = slice[isInterleaved ? 2 * i : i];
    float& second = slice[isInterleaved ? 2 * i + 1 : i + rope.nPairs()];
    const double a = first;
    const double b = second;
    first = static_cast<float>(a * cosine - b * sine);
    second = static_cast<float>(a * sine + b * cosine);
}

}  // namespace

void turn(const Pass& pass, int32_t rope, int64_t token, Turn direction, float* slice) {
    const RopeTable& table = pass.ropes[static_cast<size_t>(rope)];
    const RopeLayout layout = pass.plan.ropes[static_cast<size_t>(rope)].layout;
    pass.dispatch.turnPairs({.cosines = table.cosines + token * table.nPairs,
                             .sines = table.sines + token * table.nPairs,
                             .nPairs = table.nPairs,
                             .isInterleaved = layout == RopeLayout::interleaved,
                             .isBack = direction == Turn::back},
                            slice);
}

void turnAt(const Rope& rope, int64_t position, float* slice) {
    for (int64_t i = 0; i < rope.nPairs(); ++i) {
        const double angle = ropeAngle(rope, position, i);
        // Rounded as the table rounds.
        turnPair(rope, i, static_cast<float>(std::cos(angle) * rope.amplitude),
                 static_cast<float>(std::sin(angle) * rope.amplitude), slice);
    }
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
