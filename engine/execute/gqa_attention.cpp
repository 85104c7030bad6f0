#include <algorithm>

#include "engine/execute/online_softmax.h"
#include "engine/execute/pass.h"

namespace moxie::engine {

namespace {

constexpr int64_t kKeyStream = 0;
constexpr int64_t kValueStream = 1;

struct GqaBuffers {
    float *q, *k, *v, *attended;
    float* perWorker;
    int64_t perWorkerFloats;
};

OnlineSoftmax::Shape groupShape(const GqaAttention& step) {
    return {.nQueries = step.nHeads / step.nKvHeads,
            .keyDim = step.headDim,
            .valueDim = step.headDim,
            .valueStride = step.headDim,
            .scale = step.scale};
}

GqaBuffers takeBuffers(Pass& pass, const GqaAttention& step) {
    const int64_t n = pass.nTokens;
    GqaBuffers b = {};
    b.q = pass.arena.take(n * step.nHeads * step.headDim);
    b.k = pass.arena.take(n * step.nKvHeads * step.headDim);
    b.v = pass.arena.take(n * step.nKvHeads * step.headDim);
    b.attended = pass.arena.take(n * step.nHeads * step.headDim);
    b.perWorkerFloats =
        OnlineSoftmax::scratchFloats(groupShape(step)) + 2 * kPageTokens * step.headDim;
    b.perWorker = pass.arena.take(pass.pool.threads() * b.perWorkerFloats);
    return b;
}

// Norm and rope of one token's heads.
void finishHeads(const Pass& pass, const GqaAttention& step, const RmsNorm& norm, int64_t nHeads,
                 int64_t token, float* heads) {
    if (step.qkNorm == QkNorm::wholeRow)
        pass.dispatch.rmsNorm(heads, norm.weight.data(), norm.epsilon, heads,
                              nHeads * step.headDim);
    const auto rope = static_cast<size_t>(step.rope);
    for (int64_t h = 0; h < nHeads; ++h) {
        float* head = heads + h * step.headDim;
        if (step.qkNorm == QkNorm::perHead)
            pass.dispatch.rmsNorm(head, norm.weight.data(), norm.epsilon, head, step.headDim);
        turn(pass.plan.ropes[rope], pass.ropes[rope], token, Turn::forward, head);
    }
}

void projectHeads(Pass& pass, const GqaAttention& step, int64_t layer, const float* x,
                  const GqaBuffers& b) {
    const int64_t n = pass.nTokens;
    multiply(pass, step.q, x, n, b.q);
    multiply(pass, step.k, x, n, b.k);
    multiply(pass, step.v, x, n, b.v);
    const int64_t kvDim = step.nKvHeads * step.headDim;
    forRanges(pass.pool, n, 1, [&](int64_t t, int64_t, int32_t) {
        finishHeads(pass, step, step.qNorm, step.nHeads, t, b.q + t * step.nHeads * step.headDim);
        finishHeads(pass, step, step.kNorm, step.nKvHeads, t, b.k + t * kvDim);
        for (int64_t h = 0; h < step.nKvHeads; ++h) {
            const int64_t at = t * kvDim + h * step.headDim;
            pass.kv->write(layer, kKeyStream, h, pass.begin + t, b.k + at);
            pass.kv->write(layer, kValueStream, h, pass.begin + t, b.v + at);
        }
    });
}

// All queries of a token that share a key-value head; task: token by token, head by head.
void attendGroup(Pass& pass, const GqaAttention& step, int64_t layer, int64_t task,
                 const GqaBuffers& b, float* scratch) {
    const int64_t token = task / step.nKvHeads;
    const int64_t kvHead = task % step.nKvHeads;
    const OnlineSoftmax::Shape shape = groupShape(step);
    float* keys = scratch + OnlineSoftmax::scratchFloats(shape);
    float* values = keys + kPageTokens * step.headDim;
    const int64_t firstHead = kvHead * shape.nQueries;
    const int64_t at = (token * step.nHeads + firstHead) * step.headDim;
    const int64_t end = pass.begin + token + 1;
    const int64_t first = step.window > 0 ? std::max<int64_t>(0, end - step.window) : 0;
    OnlineSoftmax softmax(pass.dispatch, shape, scratch);
    for (int64_t row = first; row < end;) {
        const int64_t count = std::min(end, (row / kPageTokens + 1) * kPageTokens) - row;
        softmax.add(b.q + at,
                    {.keys = pass.kv->read(layer, kKeyStream, kvHead, row, count, keys),
                     .values = pass.kv->read(layer, kValueStream, kvHead, row, count, values),
                     .count = count});
        row += count;
    }
    softmax.finish(step.sinks.empty() ? nullptr : step.sinks.data() + firstHead, b.attended + at,
                   step.headDim);
}

}  // namespace

void attend(Pass& pass, const GqaAttention& step, int64_t layer, const float* x, float* y) {
    const Arena::Mark mark(pass.arena);
    const GqaBuffers b = takeBuffers(pass, step);
    if (pass.isCounting()) return;
    projectHeads(pass, step, layer, x, b);
    forRanges(pass.pool, pass.nTokens * step.nKvHeads, 1,
              [&](int64_t task, int64_t, int32_t worker) {
                  if (pass.stop.stop_requested()) return;
                  attendGroup(pass, step, layer, task, b, b.perWorker + worker * b.perWorkerFloats);
              });
    multiply(pass, step.out, b.attended, pass.nTokens, y);
}

}  // namespace moxie::engine
