#include "engine/execute/expert_products.h"

#include <algorithm>

#include "engine/execute/activation.h"
#include "engine/execute/lora.h"
#include "engine/execute/rounded_products.h"

namespace moxie::engine {

using kernels::WeightsView;

namespace {

constexpr int64_t kExpertRowsPerTask = 64;
constexpr int64_t kFineExpertRowsPerTask = 256;
constexpr int64_t kBf16ExpertRowsPerTask = 1024;  // tokens are put into tiles for each task
constexpr int64_t kTokensAtOnce = 512;            // of a prompt, which stay in a core's own cache
constexpr int64_t kRowsAddedUpMax = 512;          // with kTokensAddedUp tokens they stay there, too
constexpr int64_t kTokensAddedUp = 256;

// Whether many tokens come together.
bool isOfPrompts(Products products) {
    return products == Products::rounded || products == Products::bf16;
}

// Rows that the rounded rows of used experts take at most, each beginning with a tile of its own.
int64_t roundedSlotsMax(const Pass& pass, const MoeFfn& step, int64_t slots) {
    const int64_t experts = std::min<int64_t>(slots, std::ssize(step.experts));
    return slots + experts * (rowsTogether(pass.products) - 1);
}

bool hasAdaptedExperts(const Pass& pass, const MoeFfn& step) {
    return pass.adapters != nullptr && pass.adapters->adaptsExperts(step.name);
}

// Whether all products of the experts take rounded activations.
bool roundsExperts(const Pass& pass, const MoeFfn& step) {
    if (step.isTransposed) return false;
    return std::ranges::all_of(step.experts, [&](const Expert& expert) {
        return takesRounded(pass, expert.gate) && takesRounded(pass, expert.up) &&
               takesRounded(pass, expert.down);
    });
}

// Whether activated values are rounded where they are made, while they are in the caches: for that
// a task's rows are whole scales or tiles.
bool roundsEarly(const Pass& pass, const MoeFfn& step, const MoeBuffers& b) {
    return b.isRounded && isOfPrompts(pass.products) && !step.isWeightedBeforeDown &&
           rowsOfTask(pass, step, step.ffnDim) % valuesTogether(pass.products) == 0;
}

// Whether all experts are there, so that any rows of them can be added up in the order of their
// numbers: then results never leave the caches.
bool addsUp(const Pass& pass, const MoeFfn& step, const MoeBuffers& b) {
    return isOfPrompts(pass.products) && b.isRounded && !pass.streamsExperts &&
           !hasAdaptedExperts(pass, step);
}

}  // namespace

int64_t rowsOfTask(const Pass& pass, const MoeFfn& step, int64_t rows) {
    if (step.isTransposed) return rows;
    if (hasAdaptedExperts(pass, step)) return kExpertRowsPerTask;
    if (pass.products == Products::bf16) return kBf16ExpertRowsPerTask;
    return pass.products == Products::fine ? kFineExpertRowsPerTask : kExpertRowsPerTask;
}

int64_t rowsAddedUp(const Pass& pass) {
    constexpr int64_t kTogether = 32;
    const int64_t rows = pass.plan.hiddenDim;
    const int64_t threads = pass.pool.threads();
    const int64_t rounds = (rows + threads * kRowsAddedUpMax - 1) / (threads * kRowsAddedUpMax);
    return kernels::wholeTiles((rows + rounds * threads - 1) / (rounds * threads), kTogether);
}

MoeBuffers takeMoeBuffers(Pass& pass, const MoeFfn& step, const float* x, float* y) {
    const int64_t slots = pass.nTokens * step.topK;
    MoeBuffers b = {};
    b.x = x;
    b.y = y;
    b.logits = pass.arena.take(pass.nTokens * std::ssize(step.experts));
    b.isRounded = roundsExperts(pass, step);
    if (b.isRounded) {
        const bool isBf16 = pass.products == Products::bf16;
        b.roundedInFloats =
            roundedFloats(pass.products, pass.plan.hiddenDim,
                          isBf16 ? std::min(pass.nTokens, kTokensAtOnce) : pass.nTokens);
        b.roundedIn = pass.arena.take((isBf16 ? pass.pool.threads() : 1) * b.roundedInFloats);
        b.roundedActivated = pass.arena.take(
            roundedFloats(pass.products, step.ffnDim, roundedSlotsMax(pass, step, slots)));
    }
    if (!b.isRounded || hasAdaptedExperts(pass, step))
        b.gathered = pass.arena.take(slots * pass.plan.hiddenDim);
    b.tokens = reinterpret_cast<int32_t*>(pass.arena.take(slots));
    b.keepsActivated = !roundsEarly(pass, step, b) || hasAdaptedExperts(pass, step);
    b.transientFloats = std::min(pass.nTokens, kTokensAtOnce) *
                        std::min(step.ffnDim, rowsOfTask(pass, step, step.ffnDim));
    const int64_t made =
        b.keepsActivated ? slots * step.ffnDim : pass.pool.threads() * b.transientFloats;
    b.activated = pass.arena.take(made);
    b.up = pass.arena.take(made * (step.isTransposed ? 2 : 1));
    b.addsUp = addsUp(pass, step, b);
    b.resultsFloats = std::min(pass.nTokens, kTokensAddedUp) * rowsAddedUp(pass);
    b.results = pass.arena.take(b.addsUp ? pass.pool.threads() * b.resultsFloats
                                         : slots * pass.plan.hiddenDim);
    b.rowFloats = step.isTransposed ? std::max(2 * step.ffnDim, pass.plan.hiddenDim) : 0;
    b.perWorkerFloats = b.rowFloats;
    if (hasAdaptedExperts(pass, step))
        b.perWorkerFloats +=
            loraRowsFloats(pass.adapters->rankMax(), pass.nTokens, kExpertRowsPerTask);
    b.perWorker = pass.arena.take(pass.pool.threads() * b.perWorkerFloats);
    return b;
}

namespace {

void addBias(const std::vector<float>& bias, int64_t begin, int64_t end, float* y) {
    if (bias.empty()) return;
    for (int64_t r = begin; r < end; ++r)
        y[r - begin] += bias[static_cast<size_t>(r)];
}

void adaptExpert(const Pass& pass, const MoeFfn& step, int64_t expert, ExpertPart part,
                 const LoraRows& rows, float* scratch) {
    if (!hasAdaptedExperts(pass, step)) return;
    addRows(pass.dispatch, pass.adapters->ofExpert(step.name, expert, part), rows, scratch);
}

// The rows of a task times n of its slots' inputs: a neighbour in memory for each slot.
void multiplySlots(const Pass& pass, const WeightsView& weights, const ExpertTask& task,
                   const float* x, int64_t n, float* y, int64_t yStride) {
    pass.dispatch.matmul(weights, task.rowBegin, task.rowEnd, x, weights.cols, n, y, yStride);
}

// The same with rounded rows.
void multiplySlots(const Pass& pass, const WeightsView& weights, const ExpertTask& task,
                   const kernels::RoundedRows& x, int64_t n, float* y, int64_t yStride) {
    multiplyRoundedRows(pass, weights, task.rowBegin, task.rowEnd, x, n, y, yStride);
}

// Some slots of a task, and where gate and up of them are made: of the first slot and row.
struct SomeSlots {
    int64_t first = 0, count = 0;  // from the task's first slot on
    float* gate = nullptr;         // becomes what is activated
    float* up = nullptr;
    int64_t stride = 0;
};

SomeSlots someSlots(const MoeFfn& step, const ExpertTask& task, const MoeBuffers& b, int64_t first,
                    int64_t count, int32_t worker) {
    const int64_t at = b.keepsActivated ? (task.slotBegin() + first) * step.ffnDim + task.rowBegin
                                        : worker * b.transientFloats;
    return {.first = first,
            .count = count,
            .gate = b.activated + at,
            .up = b.up + at,
            .stride = b.keepsActivated ? step.ffnDim : task.rowEnd - task.rowBegin};
}

// The tokens of some slots, put into tiles by this worker.
kernels::RoundedRows tilesOf(const Pass& pass, const ExpertTask& task, const SomeSlots& some,
                             const MoeBuffers& b, int32_t worker) {
    const int64_t hidden = pass.plan.hiddenDim;
    auto* tiles = reinterpret_cast<uint8_t*>(b.roundedIn + worker * b.roundedInFloats);
    roundColumns(pass,
                 {.values = b.x,
                  .stride = hidden,
                  .count = some.count,
                  .length = hidden,
                  .chosen = b.tokens + task.slotBegin() + some.first},
                 0, hidden, tiles);
    return {.data = tiles, .rowBytes = rowBytesOf(pass.products, hidden)};
}

// Gate and up of a range of rows.
void multiplyGateAndUp(const Pass& pass, const ExpertTask& task, const SomeSlots& some,
                       const MoeBuffers& b, int32_t worker) {
    const ExpertWeights& weights = task.used->weights;
    const auto both = [&](const auto& x) {
        multiplySlots(pass, weights.gate, task, x, some.count, some.gate, some.stride);
        multiplySlots(pass, weights.up, task, x, some.count, some.up, some.stride);
    };
    const int64_t slot = task.slotBegin() + some.first;
    if (b.isRounded && pass.products == Products::bf16)
        both(tilesOf(pass, task, some, b, worker));
    else if (b.isRounded)
        both(kernels::RoundedRows{.data = reinterpret_cast<const uint8_t*>(b.roundedIn),
                                  .rowBytes = rowBytesOf(pass.products, pass.plan.hiddenDim),
                                  .chosen = b.tokens + slot});
    else
        both(b.gathered + slot * pass.plan.hiddenDim);
}

// Where the rounded rows of an expert's slots begin.
uint8_t* roundedSlots(const Pass& pass, const MoeFfn& step, const MoeBuffers& b,
                      const UsedExpert& used) {
    return reinterpret_cast<uint8_t*>(b.roundedActivated) +
           used.roundedBegin * rowBytesOf(pass.products, step.ffnDim);
}

// Gate, up and activation of a range of rows for some slots.
void gateAndUp(const Pass& pass, const MoeFfn& step, const ExpertTask& task, const SomeSlots& some,
               const MoeBuffers& b, int32_t worker) {
    float* scratch = b.adapterScratch(worker);
    const UsedExpert& used = *task.used;
    const Expert& expert = step.experts[static_cast<size_t>(used.number)];
    const int64_t hidden = pass.plan.hiddenDim;
    multiplyGateAndUp(pass, task, some, b, worker);
    LoraRows adapted = {.rowBegin = task.rowBegin,
                        .rowEnd = task.rowEnd,
                        .x = b.gathered == nullptr
                                 ? nullptr
                                 : b.gathered + (task.slotBegin() + some.first) * hidden,
                        .xStride = hidden,
                        .n = some.count,
                        .y = some.gate,
                        .yStride = some.stride};
    adaptExpert(pass, step, used.number, ExpertPart::gate, adapted, scratch);
    adapted.y = some.up;
    adaptExpert(pass, step, used.number, ExpertPart::up, adapted, scratch);
    const int64_t nRows = task.rowEnd - task.rowBegin;
    const kernels::FloatRows activated = {
        .values = some.gate, .stride = some.stride, .count = some.count, .length = nRows};
    const int64_t together = rowsTogether(pass.products);
    for (int64_t i = 0; i < some.count; ++i) {
        float* gate = some.gate + i * some.stride;
        float* up = some.up + i * some.stride;
        addBias(expert.gateBias, task.rowBegin, task.rowEnd, gate);
        addBias(expert.upBias, task.rowBegin, task.rowEnd, up);
        activate(pass.dispatch, {step.activation, step.limit}, gate, up, nRows, gate);
        const bool isLast = i + 1 == some.count || (i + 1) % together == 0;
        if (!roundsEarly(pass, step, b) || !isLast) continue;
        const int64_t first = i / together * together;
        roundColumns(pass, activated.from(first, together), task.rowBegin, step.ffnDim,
                     roundedSlots(pass, step, b, used) +
                         (some.first + first) * rowBytesOf(pass.products, step.ffnDim));
    }
}

}  // namespace

void gateAndUp(const Pass& pass, const MoeFfn& step, const ExpertTask& task, const MoeBuffers& b,
               int32_t worker) {
    const int64_t n = task.nSlots();
    const int64_t atOnce = isOfPrompts(pass.products) ? kTokensAtOnce : n;
    for (int64_t first = 0; first < n; first += atOnce)
        gateAndUp(pass, step, task,
                  someSlots(step, task, b, first, std::min(atOnce, n - first), worker), b, worker);
}

void gateAndUpTransposed(const Pass& pass, const MoeFfn& step, const ExpertTask& task,
                         const MoeBuffers& b, float* row) {
    const Expert& expert = step.experts[static_cast<size_t>(task.used->number)];
    const int64_t n = task.nSlots();
    float* both = b.up + task.slotBegin() * 2 * step.ffnDim;
    multiplyTransposed(pass, task.used->weights.gate,
                       b.gathered + task.slotBegin() * pass.plan.hiddenDim, n, both, row);
    for (int64_t i = 0; i < n; ++i)
        for (int64_t r = 0; r < step.ffnDim; ++r) {
            const float* pair = both + i * 2 * step.ffnDim + 2 * r;
            const auto at = static_cast<size_t>(r);
            const float gate = pair[0] + (expert.gateBias.empty() ? 0 : expert.gateBias[at]);
            const float up = pair[1] + (expert.upBias.empty() ? 0 : expert.upBias[at]);
            activate(pass.dispatch, {step.activation, step.limit}, &gate, &up, 1,
                     b.activated + (task.slotBegin() + i) * step.ffnDim + r);
        }
}

namespace {

// Rows of a task times n of its slots from the first-th on.
void multiplyDown(const Pass& pass, const MoeFfn& step, const ExpertTask& task, int64_t first,
                  int64_t n, const MoeBuffers& b, float* y, int64_t yStride, int32_t worker) {
    const UsedExpert& used = *task.used;
    const float* x = b.activated + (task.slotBegin() + first) * step.ffnDim;
    if (step.isTransposed)
        multiplyTransposed(pass, used.weights.down, x, n, y, b.ofWorker(worker));
    else if (b.isRounded)
        multiplySlots(pass, used.weights.down, task,
                      {.data = roundedSlots(pass, step, b, used) +
                               first * rowBytesOf(pass.products, step.ffnDim),
                       .rowBytes = rowBytesOf(pass.products, step.ffnDim)},
                      n, y, yStride);
    else
        multiplySlots(pass, used.weights.down, task, x, n, y, yStride);
    adaptExpert(pass, step, used.number, ExpertPart::down,
                {.rowBegin = task.rowBegin,
                 .rowEnd = task.rowEnd,
                 .x = x,
                 .xStride = step.ffnDim,
                 .n = n,
                 .y = y,
                 .yStride = yStride},
                b.adapterScratch(worker));
    const std::vector<float>& bias = step.experts[static_cast<size_t>(used.number)].downBias;
    for (int64_t i = 0; i < n; ++i)
        addBias(bias, task.rowBegin, task.rowEnd, y + i * yStride);
}

}  // namespace

void down(const Pass& pass, const MoeFfn& step, const ExpertTask& task, const MoeBuffers& b,
          int32_t worker) {
    const int64_t hidden = pass.plan.hiddenDim;
    multiplyDown(pass, step, task, 0, task.nSlots(), b,
                 b.results + task.slotBegin() * hidden + task.rowBegin, hidden, worker);
}

float weightAfterDown(const MoeFfn& step, const ExpertSlot& slot) {
    return step.isWeightedBeforeDown ? 1 : slot.weight;
}

void clearRows(const Pass& pass, const MoeBuffers& b, int64_t rowBegin, int64_t rowEnd) {
    for (int64_t t = 0; t < pass.nTokens; ++t)
        std::fill_n(b.y + t * pass.plan.hiddenDim + rowBegin, rowEnd - rowBegin, 0.0F);
}

void addDown(const Pass& pass, const MoeFfn& step, const ExpertTask& task,
             const std::vector<ExpertSlot>& slots, const MoeBuffers& b, int32_t worker) {
    const int64_t nRows = task.rowEnd - task.rowBegin;
    float* results = b.results + worker * b.resultsFloats;
    for (int64_t first = 0; first < task.nSlots(); first += kTokensAddedUp) {
        const int64_t n = std::min(kTokensAddedUp, task.nSlots() - first);
        multiplyDown(pass, step, task, first, n, b, results, nRows, worker);
        for (int64_t i = 0; i < n; ++i) {
            const ExpertSlot& slot = slots[static_cast<size_t>(task.slotBegin() + first + i)];
            pass.dispatch.axpy(weightAfterDown(step, slot), results + i * nRows,
                               b.y + slot.token * pass.plan.hiddenDim + task.rowBegin, nRows);
        }
    }
}

void finishActivated(const Pass& pass, const MoeFfn& step, const UsedExpert& used,
                     const std::vector<ExpertSlot>& slots, const MoeBuffers& b) {
    for (int64_t s = used.slotBegin; s < used.slotEnd; ++s) {
        float* activated = b.activated + s * step.ffnDim;
        if (step.isWeightedBeforeDown)
            for (int64_t i = 0; i < step.ffnDim; ++i)
                activated[i] *= slots[static_cast<size_t>(s)].weight;
    }
    if (b.isRounded && !roundsEarly(pass, step, b))
        roundColumns(pass,
                     {.values = b.activated + used.slotBegin * step.ffnDim,
                      .stride = step.ffnDim,
                      .count = used.slotEnd - used.slotBegin,
                      .length = step.ffnDim},
                     0, step.ffnDim, roundedSlots(pass, step, b, used));
}

}  // namespace moxie::engine
