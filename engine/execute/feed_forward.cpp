#include <algorithm>
#include <array>
#include <cmath>

#include "engine/execute/expert_choice.h"
#include "engine/execute/lora.h"
#include "engine/execute/pass.h"
#include "engine/execute/rounded_products.h"
#include "engine/experts/expert_cache.h"

namespace moxie::engine {

using kernels::WeightsView;

namespace {

constexpr float kGptOssAlpha = 1.702F;
constexpr int64_t kExpertRowsPerTask = 64;
constexpr int64_t kFineExpertRowsPerTask = 256;
constexpr int64_t kBf16ExpertRowsPerTask = 1024;  // tokens are put into tiles for each task
constexpr int64_t kBf16TokensAtOnce = 512;        // of them, which stay in a core's own cache

float sigmoid(float x) {
    return 1 / (1 + std::exp(-x));
}

struct Gating {
    Activation activation = Activation::silu;
    float limit = 0;
};

// y = activation(gate, up), n values; y may be gate.
void activate(const kernels::Dispatch& dispatch, const Gating& gating, const float* gate,
              const float* up, int64_t n, float* y) {
    const float limit = gating.limit;
    switch (gating.activation) {
        case Activation::silu:
            dispatch.siluMul(gate, up, y, n);
            return;
        case Activation::siluClamped:
            for (int64_t i = 0; i < n; ++i) {
                const float g = std::min(gate[i], limit);
                y[i] = g * sigmoid(g) * std::clamp(up[i], -limit, limit);
            }
            return;
        case Activation::gptOss:
            for (int64_t i = 0; i < n; ++i) {
                const float g = std::min(gate[i], limit);
                y[i] = g * sigmoid(kGptOssAlpha * g) * (std::clamp(up[i], -limit, limit) + 1);
            }
            return;
    }
}

// An expert with the neighbouring slots that use it.
struct UsedExpert {
    int64_t number = 0;
    int64_t slotBegin = 0, slotEnd = 0;
    int64_t roundedBegin = 0;  // where their rounded rows stand
    ExpertWeights weights = {};
};

// In the order of `slots`; the weights are those of the mapped file.
std::vector<UsedExpert> usedExperts(const Pass& pass, const MoeFfn& step,
                                    const std::vector<ExpertSlot>& slots) {
    const int64_t together = rowsTogether(pass.products);
    std::vector<UsedExpert> used;
    for (int64_t s = 0; s < std::ssize(slots); ++s) {
        const int64_t number = slots[static_cast<size_t>(s)].expert;
        if (used.empty() || used.back().number != number) {
            const Expert& expert = step.experts[static_cast<size_t>(number)];
            const int64_t rounded =
                used.empty() ? 0
                             : used.back().roundedBegin +
                                   kernels::wholeTiles(s - used.back().slotBegin, together);
            used.push_back({number, s, s, rounded, {expert.gate, expert.up, expert.down}});
        }
        used.back().slotEnd = s + 1;
    }
    return used;
}

// A range of rows of one expert, for all its slots.
struct ExpertTask {
    const UsedExpert* used = nullptr;
    int64_t rowBegin = 0, rowEnd = 0;

    int64_t slotBegin() const { return used->slotBegin; }

    int64_t nSlots() const { return used->slotEnd - used->slotBegin; }
};

std::vector<ExpertTask> cutIntoTasks(std::span<const UsedExpert> used, int64_t rows,
                                     int64_t rowsPerTask) {
    std::vector<ExpertTask> tasks;
    for (const UsedExpert& expert : used)
        for (int64_t row = 0; row < rows; row += rowsPerTask)
            tasks.push_back({&expert, row, std::min(row + rowsPerTask, rows)});
    return tasks;
}

// Rows that the rounded rows of used experts take at most, each beginning with a tile of its own.
int64_t roundedSlotsMax(const Pass& pass, const MoeFfn& step, int64_t slots) {
    const int64_t experts = std::min<int64_t>(slots, std::ssize(step.experts));
    return slots + experts * (rowsTogether(pass.products) - 1);
}

struct MoeBuffers {
    const float* x;           // [token][hidden]
    float* logits;            // [token][expert]
    float* gathered;          // [slot][hidden]
    int32_t* tokens;          // [slot]
    float* activated;         // [slot][ffn]
    float* up;                // [slot][ffn]; [slot][2 ffn] with the gate for transposed experts
    float* results;           // [slot][hidden]
    bool isRounded;           // whether products take the rounded rows
    float* roundedIn;         // [token]; of bfloat16 [worker][kBf16TokensAtOnce]
    int64_t roundedInFloats;  // of a worker
    float* roundedActivated;  // [slot], each expert's from roundedBegin on
    float* perWorker;         // a dequantised row of a transposed expert, then what adapters take
    int64_t rowFloats;
    int64_t perWorkerFloats;

    float* ofWorker(int32_t worker) const { return perWorker + worker * perWorkerFloats; }

    float* adapterScratch(int32_t worker) const { return ofWorker(worker) + rowFloats; }
};

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

MoeBuffers takeMoeBuffers(Pass& pass, const MoeFfn& step, const float* x) {
    const int64_t slots = pass.nTokens * step.topK;
    MoeBuffers b = {};
    b.x = x;
    b.logits = pass.arena.take(pass.nTokens * std::ssize(step.experts));
    b.isRounded = roundsExperts(pass, step);
    if (b.isRounded) {
        const bool isBf16 = pass.products == Products::bf16;
        b.roundedInFloats =
            roundedFloats(pass.products, pass.plan.hiddenDim,
                          isBf16 ? std::min(pass.nTokens, kBf16TokensAtOnce) : pass.nTokens);
        b.roundedIn = pass.arena.take((isBf16 ? pass.pool.threads() : 1) * b.roundedInFloats);
        b.roundedActivated = pass.arena.take(
            roundedFloats(pass.products, step.ffnDim, roundedSlotsMax(pass, step, slots)));
    }
    if (!b.isRounded || hasAdaptedExperts(pass, step))
        b.gathered = pass.arena.take(slots * pass.plan.hiddenDim);
    b.tokens = reinterpret_cast<int32_t*>(pass.arena.take(slots));
    b.activated = pass.arena.take(slots * step.ffnDim);
    b.up = pass.arena.take(slots * step.ffnDim * (step.isTransposed ? 2 : 1));
    b.results = pass.arena.take(slots * pass.plan.hiddenDim);
    b.rowFloats = step.isTransposed ? std::max(2 * step.ffnDim, pass.plan.hiddenDim) : 0;
    b.perWorkerFloats = b.rowFloats;
    if (hasAdaptedExperts(pass, step))
        b.perWorkerFloats +=
            loraRowsFloats(pass.adapters->rankMax(), pass.nTokens, kExpertRowsPerTask);
    b.perWorker = pass.arena.take(pass.pool.threads() * b.perWorkerFloats);
    return b;
}

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

// The rows of a task times its slots' inputs: a neighbour in memory for each slot.
void multiplySlots(const Pass& pass, const WeightsView& weights, const ExpertTask& task,
                   const float* x, float* y, int64_t yStride) {
    pass.dispatch.matmul(weights, task.rowBegin, task.rowEnd, x, weights.cols, task.nSlots(), y,
                         yStride);
}

// The same with rounded rows, from the task's first slot on.
void multiplySlots(const Pass& pass, const WeightsView& weights, const ExpertTask& task,
                   const kernels::RoundedRows& x, float* y, int64_t yStride) {
    multiplyRoundedRows(pass, weights, task.rowBegin, task.rowEnd, x, task.nSlots(), y, yStride);
}

// Gate and up of a range of rows by tiles of bfloat16, into which this worker puts the tokens.
void multiplyGateAndUpBf16(const Pass& pass, const MoeFfn& step, const ExpertTask& task,
                           const MoeBuffers& b, int32_t worker) {
    const int64_t hidden = pass.plan.hiddenDim;
    auto* tiles = reinterpret_cast<uint8_t*>(b.roundedIn + worker * b.roundedInFloats);
    const kernels::RoundedRows x = {.data = tiles, .rowBytes = rowBytesOf(pass.products, hidden)};
    const kernels::FloatRows tokens = {.values = b.x,
                                       .stride = hidden,
                                       .count = task.nSlots(),
                                       .length = hidden,
                                       .chosen = b.tokens + task.slotBegin()};
    for (int64_t first = 0; first < task.nSlots(); first += kBf16TokensAtOnce) {
        const kernels::FloatRows some = tokens.from(first, kBf16TokensAtOnce);
        roundColumns(pass, some, 0, hidden, tiles);
        const int64_t at = (task.slotBegin() + first) * step.ffnDim + task.rowBegin;
        for (const auto& [weights, y] :
             {std::pair(&task.used->weights.gate, b.activated), {&task.used->weights.up, b.up}})
            multiplyRoundedRows(pass, *weights, task.rowBegin, task.rowEnd, x, some.count, y + at,
                                step.ffnDim);
    }
}

// Gate and up of a range of rows.
void multiplyGateAndUp(const Pass& pass, const MoeFfn& step, const ExpertTask& task,
                       const MoeBuffers& b, int32_t worker) {
    if (b.isRounded && pass.products == Products::bf16)
        return multiplyGateAndUpBf16(pass, step, task, b, worker);
    const int64_t at = task.slotBegin() * step.ffnDim + task.rowBegin;
    const ExpertWeights& weights = task.used->weights;
    const auto both = [&](const auto& x) {
        multiplySlots(pass, weights.gate, task, x, b.activated + at, step.ffnDim);
        multiplySlots(pass, weights.up, task, x, b.up + at, step.ffnDim);
    };
    if (b.isRounded)
        both(kernels::RoundedRows{.data = reinterpret_cast<const uint8_t*>(b.roundedIn),
                                  .rowBytes = rowBytesOf(pass.products, pass.plan.hiddenDim),
                                  .chosen = b.tokens + task.slotBegin()});
    else
        both(b.gathered + task.slotBegin() * pass.plan.hiddenDim);
}

// Where the rounded rows of an expert's slots begin.
uint8_t* roundedSlots(const Pass& pass, const MoeFfn& step, const MoeBuffers& b,
                      const UsedExpert& used) {
    return reinterpret_cast<uint8_t*>(b.roundedActivated) +
           used.roundedBegin * rowBytesOf(pass.products, step.ffnDim);
}

int64_t rowsOfTask(const Pass& pass, const MoeFfn& step, int64_t rows) {
    if (step.isTransposed) return rows;
    if (hasAdaptedExperts(pass, step)) return kExpertRowsPerTask;
    if (pass.products == Products::bf16) return kBf16ExpertRowsPerTask;
    return pass.products == Products::fine ? kFineExpertRowsPerTask : kExpertRowsPerTask;
}

// Whether activated values are rounded where they are made, while they are in the caches: for that
// a task's rows are whole scales or tiles.
bool roundsEarly(const Pass& pass, const MoeFfn& step, const MoeBuffers& b) {
    return b.isRounded && pass.products != Products::fine && !step.isWeightedBeforeDown &&
           rowsOfTask(pass, step, step.ffnDim) % valuesTogether(pass.products) == 0;
}

// Gate, up and activation of a range of rows.
void gateAndUp(const Pass& pass, const MoeFfn& step, const ExpertTask& task, const MoeBuffers& b,
               int32_t worker) {
    float* scratch = b.adapterScratch(worker);
    const UsedExpert& used = *task.used;
    const Expert& expert = step.experts[static_cast<size_t>(used.number)];
    const int64_t hidden = pass.plan.hiddenDim;
    const int64_t n = task.nSlots();
    const int64_t at = task.slotBegin() * step.ffnDim + task.rowBegin;
    multiplyGateAndUp(pass, step, task, b, worker);
    LoraRows adapted = {
        .rowBegin = task.rowBegin,
        .rowEnd = task.rowEnd,
        .x = b.gathered == nullptr ? nullptr : b.gathered + task.slotBegin() * hidden,
        .xStride = hidden,
        .n = n,
        .y = b.activated + at,
        .yStride = step.ffnDim};
    adaptExpert(pass, step, used.number, ExpertPart::gate, adapted, scratch);
    adapted.y = b.up + at;
    adaptExpert(pass, step, used.number, ExpertPart::up, adapted, scratch);
    const kernels::FloatRows activated = {.values = b.activated + at,
                                          .stride = step.ffnDim,
                                          .count = n,
                                          .length = task.rowEnd - task.rowBegin};
    const int64_t together = rowsTogether(pass.products);
    for (int64_t i = 0; i < n; ++i) {
        float* gate = b.activated + at + i * step.ffnDim;
        float* up = b.up + at + i * step.ffnDim;
        addBias(expert.gateBias, task.rowBegin, task.rowEnd, gate);
        addBias(expert.upBias, task.rowBegin, task.rowEnd, up);
        activate(pass.dispatch, {step.activation, step.limit}, gate, up,
                 task.rowEnd - task.rowBegin, gate);
        if (!roundsEarly(pass, step, b) || ((i + 1) % together != 0 && i + 1 < n)) continue;
        const int64_t first = i / together * together;
        roundColumns(
            pass, activated.from(first, together), task.rowBegin, step.ffnDim,
            roundedSlots(pass, step, b, used) + first * rowBytesOf(pass.products, step.ffnDim));
    }
}

// The same for an expert stored [in, out] with gate and up column by column; all rows at once.
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

void down(const Pass& pass, const MoeFfn& step, const ExpertTask& task, const MoeBuffers& b,
          int32_t worker) {
    float* row = b.ofWorker(worker);
    const UsedExpert& used = *task.used;
    const int64_t hidden = pass.plan.hiddenDim;
    const int64_t n = task.nSlots();
    const float* x = b.activated + task.slotBegin() * step.ffnDim;
    float* y = b.results + task.slotBegin() * hidden + task.rowBegin;
    if (step.isTransposed)
        multiplyTransposed(pass, used.weights.down, x, n, y, row);
    else if (b.isRounded)
        multiplySlots(pass, used.weights.down, task,
                      {.data = roundedSlots(pass, step, b, used),
                       .rowBytes = rowBytesOf(pass.products, step.ffnDim)},
                      y, hidden);
    else
        multiplySlots(pass, used.weights.down, task, x, y, hidden);
    adaptExpert(pass, step, used.number, ExpertPart::down,
                {.rowBegin = task.rowBegin,
                 .rowEnd = task.rowEnd,
                 .x = x,
                 .xStride = step.ffnDim,
                 .n = n,
                 .y = y,
                 .yStride = hidden},
                b.adapterScratch(worker));
    const std::vector<float>& bias = step.experts[static_cast<size_t>(used.number)].downBias;
    for (int64_t i = 0; i < n; ++i)
        addBias(bias, task.rowBegin, task.rowEnd, y + i * hidden);
}

// What lies between an expert's two halves, where it is not done with the first.
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

// From gathered inputs to results, for these experts: one round, in which the second half of an
// expert waits for its first.
void runExperts(Pass& pass, const MoeFfn& step, std::span<const UsedExpert> used,
                const std::vector<ExpertSlot>& slots, const MoeBuffers& b) {
    const std::vector<ExpertTask> firsts =
        cutIntoTasks(used, step.ffnDim, rowsOfTask(pass, step, step.ffnDim));
    const std::vector<ExpertTask> seconds =
        cutIntoTasks(used, pass.plan.hiddenDim, rowsOfTask(pass, step, pass.plan.hiddenDim));
    std::vector<Countdown> halves(used.size());
    for (Countdown& half : halves)
        half.start(std::ssize(firsts) / std::ssize(used));
    const auto halfOf = [&](const ExpertTask& task) -> Countdown& {
        return halves[static_cast<size_t>(task.used - used.data())];
    };
    const WorkerPool::Work first = [&](int64_t i, int32_t worker) {
        const ExpertTask& task = firsts[static_cast<size_t>(i)];
        if (pass.stop.stop_requested()) {
        } else if (step.isTransposed) {
            gateAndUpTransposed(pass, step, task, b, b.ofWorker(worker));
        } else {
            gateAndUp(pass, step, task, b, worker);
        }
        if (!halfOf(task).countDown()) return;
        if (!pass.stop.stop_requested()) finishActivated(pass, step, *task.used, slots, b);
        halfOf(task).open();
    };
    const WorkerPool::Work second = [&](int64_t i, int32_t worker) {
        const ExpertTask& task = seconds[static_cast<size_t>(i)];
        halfOf(task).wait();
        if (pass.stop.stop_requested()) return;
        down(pass, step, task, b, worker);
    };
    pass.pool.run(std::array<WorkerPool::Phase, 2>{
        {{std::ssize(firsts), &first}, {std::ssize(seconds), &second}}});
}

// The same with experts that come from disk as they are needed: those that are there go first.
base::Status runStreamed(Pass& pass, const MoeFfn& step, const std::vector<UsedExpert>& used,
                         const std::vector<ExpertSlot>& slots, const MoeBuffers& b) {
    std::vector<int64_t> numbers;
    for (const UsedExpert& expert : used)
        numbers.push_back(expert.number);
    pass.experts->need(step, numbers);
    for (;;) {
        TRY_ASSIGN(const std::vector<int64_t> here, pass.experts->take(pass.stop));
        if (here.empty()) return {};
        std::vector<UsedExpert> wave;
        for (const int64_t number : here) {
            const auto at = std::ranges::lower_bound(numbers, number) - numbers.begin();
            wave.push_back(used[static_cast<size_t>(at)]);
            wave.back().weights = pass.experts->weights(step, number);
        }
        runExperts(pass, step, wave, slots, b);
    }
}

void runChosen(Pass& pass, const MoeFfn& step, const std::vector<ExpertSlot>& slots,
               const MoeBuffers& b) {
    const int64_t hidden = pass.plan.hiddenDim;
    if (b.isRounded && pass.products != Products::bf16)
        roundRows(pass, b.x, hidden, pass.nTokens, b.roundedIn);
    for (int64_t s = 0; s < std::ssize(slots); ++s) {
        const int64_t token = slots[static_cast<size_t>(s)].token;
        b.tokens[s] = static_cast<int32_t>(token);
        if (b.gathered != nullptr)
            std::copy_n(b.x + token * hidden, hidden, b.gathered + s * hidden);
    }
    const std::vector<UsedExpert> used = usedExperts(pass, step, slots);
    if (pass.experts == nullptr) return runExperts(pass, step, used, slots, b);
    if (auto done = runStreamed(pass, step, used, slots, b); !done)
        pass.failure = std::move(done).error();
}

// y[t] = the weighted sum of a token's experts in rising order of their numbers.
void combine(const Pass& pass, const MoeFfn& step, const std::vector<ExpertSlot>& slots,
             const MoeBuffers& b, float* y) {
    constexpr int64_t kTokensPerSum = 8;
    const int64_t hidden = pass.plan.hiddenDim;
    std::vector<std::vector<int64_t>> slotsOf(static_cast<size_t>(pass.nTokens));
    for (int64_t s = 0; s < std::ssize(slots); ++s)
        slotsOf[static_cast<size_t>(slots[static_cast<size_t>(s)].token)].push_back(s);
    forRanges(pass.pool, pass.nTokens, kTokensPerSum, [&](int64_t begin, int64_t end, int32_t) {
        std::fill_n(y + begin * hidden, (end - begin) * hidden, 0.0F);
        for (int64_t t = begin; t < end; ++t)
            for (const int64_t s : slotsOf[static_cast<size_t>(t)])
                pass.dispatch.axpy(
                    step.isWeightedBeforeDown ? 1 : slots[static_cast<size_t>(s)].weight,
                    b.results + s * hidden, y + t * hidden, hidden);
    });
}

}  // namespace

void feedForward(Pass& pass, const DenseFfn& step, const float* x, float* y) {
    const Arena::Mark mark(pass.arena);
    const int64_t n = pass.nTokens * step.gate.rows();
    float* gate = pass.arena.take(n);
    float* up = pass.arena.take(n);
    if (pass.isCounting()) return;
    multiplyTogether(pass, {{&step.gate, gate}, {&step.up, up}}, x, pass.nTokens);
    constexpr int64_t kFloatsPerTask = 1 << 14;
    forRanges(pass.pool, n, kFloatsPerTask, [&](int64_t begin, int64_t end, int32_t) {
        activate(pass.dispatch, {step.activation, step.limit}, gate + begin, up + begin,
                 end - begin, gate + begin);
    });
    multiply(pass, step.down, gate, pass.nTokens, y);
}

void feedForward(Pass& pass, const MoeFfn& step, const float* x, float* y) {
    const Arena::Mark mark(pass.arena);
    const MoeBuffers b = takeMoeBuffers(pass, step, x);
    float* shared = step.shared ? pass.arena.take(pass.nTokens * pass.plan.hiddenDim) : nullptr;
    if (step.shared) feedForward(pass, *step.shared, x, shared);
    if (pass.isCounting()) return;
    multiplyExactly(pass, step.router, x, pass.nTokens, b.logits);
    const std::vector<ExpertSlot> slots = chooseExperts(pass, step, b.logits);
    runChosen(pass, step, slots, b);
    combine(pass, step, slots, b, y);
    if (shared != nullptr) add(pass, shared, pass.nTokens * pass.plan.hiddenDim, y);
}

}  // namespace moxie::engine
