#include <algorithm>
#include <array>

#include "engine/execute/online_softmax.h"
#include "engine/execute/pass.h"
#include "engine/execute/rounded_products.h"

namespace moxie::engine {

namespace {

constexpr int64_t kKeyStream = 0;
constexpr int64_t kValueStream = 1;
constexpr int64_t kHeadTasksPerThread = 4;
constexpr int64_t kQueriesPerTaskMin = 128;

struct GqaBuffers {
    float *q, *k, *v, *attended;
    float* perWorker;
    int64_t perWorkerFloats;
};

// Tokens whose queries of one key-value head go over the rows together.
int64_t tokensPerTask(const Pass& pass, const GqaAttention& step) {
    const int64_t group = step.nHeads / step.nKvHeads;
    const int64_t most =
        OnlineSoftmax::queriesAtOnce(attentionProducts(pass, step.q.weights)) / group;
    // Some tasks for every thread, as long as each has queries enough.
    const int64_t share =
        pass.nTokens * step.nKvHeads / (kHeadTasksPerThread * pass.pool.threads());
    return std::clamp<int64_t>(std::max(share, kQueriesPerTaskMin / group), 1,
                               std::min(std::max<int64_t>(1, most), pass.nTokens));
}

OnlineSoftmax::Shape groupShape(const Pass& pass, const GqaAttention& step, int64_t nTokens) {
    return {.nQueries = nTokens * (step.nHeads / step.nKvHeads),
            .keyDim = step.headDim,
            .valueDim = step.headDim,
            .valueStride = step.headDim,
            .scale = step.scale,
            .products = attentionProducts(pass, step.q.weights)};
}

GqaBuffers takeBuffers(Pass& pass, const GqaAttention& step) {
    const int64_t n = pass.nTokens;
    GqaBuffers b = {};
    b.q = pass.arena.take(n * step.nHeads * step.headDim);
    b.k = pass.arena.take(n * step.nKvHeads * step.headDim);
    b.v = pass.arena.take(n * step.nKvHeads * step.headDim);
    b.attended = pass.arena.take(n * step.nHeads * step.headDim);
    const OnlineSoftmax::Shape shape = groupShape(pass, step, tokensPerTask(pass, step));
    b.perWorkerFloats = OnlineSoftmax::scratchFloats(shape) + 2 * kPageTokens * step.headDim +
                        2 * shape.nQueries * step.headDim;
    b.perWorker = pass.arena.take(pass.pool.threads() * b.perWorkerFloats);
    return b;
}

// Norm and rope of one token's heads.
void finishHeads(const Pass& pass, const GqaAttention& step, const RmsNorm& norm, int64_t nHeads,
                 int64_t token, float* heads) {
    if (step.qkNorm == QkNorm::wholeRow)
        pass.dispatch.rmsNorm(heads, norm.weight.data(), norm.epsilon, heads,
                              nHeads * step.headDim);
    for (int64_t h = 0; h < nHeads; ++h) {
        float* head = heads + h * step.headDim;
        if (step.qkNorm == QkNorm::perHead)
            pass.dispatch.rmsNorm(head, norm.weight.data(), norm.epsilon, head, step.headDim);
        turn(pass, step.rope, token, Turn::forward, head);
    }
}

// Of one token: keys and values of all heads, as projected.
void keepHeads(const Pass& pass, const GqaAttention& step, int64_t layer, int64_t token, float* k,
               const float* v) {
    finishHeads(pass, step, step.kNorm, step.nKvHeads, token, k);
    for (int64_t h = 0; h < step.nKvHeads; ++h) {
        pass.kv->write(layer, kKeyStream, h, pass.begin + token, k + h * step.headDim);
        pass.kv->write(layer, kValueStream, h, pass.begin + token, v + h * step.headDim);
    }
}

void projectHeads(Pass& pass, const GqaAttention& step, int64_t layer, const float* x,
                  const GqaBuffers& b) {
    const int64_t n = pass.nTokens;
    multiplyTogether(pass, {{&step.q, b.q}, {&step.k, b.k}, {&step.v, b.v}}, x, n);
    const int64_t kvDim = step.nKvHeads * step.headDim;
    forRanges(pass.pool, n, 1, [&](int64_t t, int64_t, int32_t) {
        finishHeads(pass, step, step.qNorm, step.nHeads, t, b.q + t * step.nHeads * step.headDim);
        keepHeads(pass, step, layer, t, b.k + t * kvDim, b.v + t * kvDim);
    });
}

// Tokens of the chunk with the queries that share a key-value head, and what memory they take.
struct GroupTask {
    int64_t layer = 0;
    int64_t kvHead = 0;
    int64_t first = 0, nTokens = 0;
    float* scratch = nullptr;
};

// Rows [begin, end) that a token attends to.
OnlineSoftmax::Seen rowsOfToken(const Pass& pass, const GqaAttention& step, int64_t token) {
    const int64_t end = pass.begin + token + 1;
    return {step.window > 0 ? std::max<int64_t>(0, end - step.window) : 0, end};
}

// Takes rows [row, row + count), which lie in one page; each token sees those that are its own.
void addPage(Pass& pass, const GqaAttention& step, const GroupTask& task, int64_t row,
             int64_t count, float* decoded, OnlineSoftmax& softmax) {
    std::array<OnlineSoftmax::Seen, OnlineSoftmax::kQueriesMax> seen;
    for (int64_t t = 0; t < task.nTokens; ++t) {
        const OnlineSoftmax::Seen own = rowsOfToken(pass, step, task.first + t);
        seen[static_cast<size_t>(t)] = {std::max(own.begin, row) - row,
                                        std::min(own.end, row + count) - row};
    }
    float* values = decoded + kPageTokens * step.headDim;
    softmax.add({.keys = pass.kv->read(task.layer, kKeyStream, task.kvHead, row, count, decoded),
                 .values = pass.kv->read(task.layer, kValueStream, task.kvHead, row, count, values),
                 .count = count},
                std::span(seen).first(static_cast<size_t>(task.nTokens)));
}

void attendGroup(Pass& pass, const GqaAttention& step, const GqaBuffers& b, const GroupTask& task) {
    const OnlineSoftmax::Shape shape = groupShape(pass, step, task.nTokens);
    const int64_t groupFloats = shape.nQueries / task.nTokens * step.headDim;
    const int64_t tokenFloats = step.nHeads * step.headDim;
    const int64_t at = task.first * tokenFloats + task.kvHead * groupFloats;
    float* queries = task.scratch + OnlineSoftmax::scratchFloats(shape);
    float* attended = queries + shape.nQueries * step.headDim;
    float* decoded = attended + shape.nQueries * step.headDim;
    for (int64_t t = 0; t < task.nTokens; ++t)
        std::copy_n(b.q + at + t * tokenFloats, groupFloats, queries + t * groupFloats);
    OnlineSoftmax softmax(pass.dispatch, shape, queries, task.scratch);
    const int64_t end = rowsOfToken(pass, step, task.first + task.nTokens - 1).end;
    const int64_t border = OnlineSoftmax::blockBorder(shape.products);
    for (int64_t row = rowsOfToken(pass, step, task.first).begin / border * border; row < end;) {
        const int64_t count = std::min(end, (row / kPageTokens + 1) * kPageTokens) - row;
        addPage(pass, step, task, row, count, decoded, softmax);
        row += count;
    }
    const int64_t group = shape.nQueries / task.nTokens;
    std::array<float, OnlineSoftmax::kQueriesMax> sinks;
    for (int64_t q = 0; q < shape.nQueries && !step.sinks.empty(); ++q)
        sinks[static_cast<size_t>(q)] =
            step.sinks[static_cast<size_t>(task.kvHead * group + q % group)];
    softmax.finish(step.sinks.empty() ? nullptr : sinks.data(), attended, step.headDim);
    for (int64_t t = 0; t < task.nTokens; ++t)
        std::copy_n(attended + t * groupFloats, groupFloats, b.attended + at + t * tokenFloats);
}

}  // namespace

void attend(Pass& pass, const GqaAttention& step, int64_t layer, const float* x, float* y) {
    const Arena::Mark mark(pass.arena);
    const GqaBuffers b = takeBuffers(pass, step);
    if (pass.isCounting()) return;
    projectHeads(pass, step, layer, x, b);
    // The last tokens have most rows: they go first.
    const int64_t grain = tokensPerTask(pass, step);
    const int64_t nParts = (pass.nTokens + grain - 1) / grain;
    pass.pool.run(nParts * step.nKvHeads, [&](int64_t task, int32_t worker) {
        if (pass.stop.stop_requested()) return;
        const int64_t first = (nParts - 1 - task / step.nKvHeads) * grain;
        attendGroup(pass, step, b,
                    {.layer = layer,
                     .kvHead = task % step.nKvHeads,
                     .first = first,
                     .nTokens = std::min(grain, pass.nTokens - first),
                     .scratch = b.perWorker + worker * b.perWorkerFloats});
    });
    multiply(pass, step.out, b.attended, pass.nTokens, y);
}

void keepRows(Pass& pass, const GqaAttention& step, int64_t layer, const float* x) {
    const Arena::Mark mark(pass.arena);
    const int64_t kvDim = step.nKvHeads * step.headDim;
    float* k = pass.arena.take(pass.nTokens * kvDim);
    float* v = pass.arena.take(pass.nTokens * kvDim);
    if (pass.isCounting()) return;
    multiplyTogether(pass, {{&step.k, k}, {&step.v, v}}, x, pass.nTokens);
    forRanges(pass.pool, pass.nTokens, 1, [&](int64_t t, int64_t, int32_t) {
        keepHeads(pass, step, layer, t, k + t * kvDim, v + t * kvDim);
    });
}

}  // namespace moxie::engine
