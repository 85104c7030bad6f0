#include <algorithm>
#include <array>
#include <span>

#include "engine/execute/activation.h"
#include "engine/execute/expert_choice.h"
#include "engine/execute/expert_products.h"
#include "engine/execute/pass.h"
#include "engine/execute/rounded_products.h"
#include "engine/experts/expert_cache.h"

namespace moxie::engine {

namespace {

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

std::vector<ExpertTask> cutIntoTasks(std::span<const UsedExpert> used, int64_t rows,
                                     int64_t rowsPerTask) {
    std::vector<ExpertTask> tasks;
    for (const UsedExpert& expert : used)
        for (int64_t row = 0; row < rows; row += rowsPerTask)
            tasks.push_back({&expert, row, std::min(row + rowsPerTask, rows)});
    return tasks;
}

// From gathered inputs to results, or what they add up to, for these experts: one round, in which
// the second half of an expert waits for its first.
void runExperts(Pass& pass, const MoeFfn& step, std::span<const UsedExpert> used,
                const std::vector<ExpertSlot>& slots, const MoeBuffers& b) {
    const int64_t hidden = pass.plan.hiddenDim;
    const std::vector<ExpertTask> firsts =
        cutIntoTasks(used, step.ffnDim, rowsOfTask(pass, step, step.ffnDim));
    const std::vector<ExpertTask> seconds =
        b.addsUp ? std::vector<ExpertTask>()
                 : cutIntoTasks(used, hidden, rowsOfTask(pass, step, hidden));
    std::vector<Countdown> halves(used.size());
    for (Countdown& half : halves)
        half.start(std::ssize(firsts) / std::ssize(used));
    const auto halfOf = [&](const UsedExpert& expert) -> Countdown& {
        return halves[static_cast<size_t>(&expert - used.data())];
    };
    const WorkerPool::Work first = [&](int64_t i, int32_t worker) {
        const ExpertTask& task = firsts[static_cast<size_t>(i)];
        if (pass.stop.stop_requested()) {
        } else if (step.isTransposed) {
            gateAndUpTransposed(pass, step, task, b, b.ofWorker(worker));
        } else {
            gateAndUp(pass, step, task, b, worker);
        }
        if (!halfOf(*task.used).countDown()) return;
        if (!pass.stop.stop_requested()) finishActivated(pass, step, *task.used, slots, b);
        halfOf(*task.used).open();
    };
    const WorkerPool::Work second = [&](int64_t i, int32_t worker) {
        const ExpertTask& task = seconds[static_cast<size_t>(i)];
        halfOf(*task.used).wait();
        if (pass.stop.stop_requested()) return;
        down(pass, step, task, b, worker);
    };
    const int64_t rows = rowsAddedUp(pass);
    const WorkerPool::Work addUp = [&](int64_t i, int32_t worker) {
        const int64_t end = std::min((i + 1) * rows, hidden);
        clearRows(pass, b, i * rows, end);
        for (const UsedExpert& expert : used) {
            halfOf(expert).wait();
            if (pass.stop.stop_requested()) return;
            addDown(pass, step, {&expert, i * rows, end}, slots, b, worker);
        }
    };
    const WorkerPool::Phase last = b.addsUp ? WorkerPool::Phase{(hidden + rows - 1) / rows, &addUp}
                                            : WorkerPool::Phase{std::ssize(seconds), &second};
    pass.pool.run(std::array<WorkerPool::Phase, 2>{{{std::ssize(firsts), &first}, last}});
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
             const MoeBuffers& b) {
    constexpr int64_t kTokensPerSum = 8;
    const int64_t hidden = pass.plan.hiddenDim;
    std::vector<std::vector<int64_t>> slotsOf(static_cast<size_t>(pass.nTokens));
    for (int64_t s = 0; s < std::ssize(slots); ++s)
        slotsOf[static_cast<size_t>(slots[static_cast<size_t>(s)].token)].push_back(s);
    forRanges(pass.pool, pass.nTokens, kTokensPerSum, [&](int64_t begin, int64_t end, int32_t) {
        std::fill_n(b.y + begin * hidden, (end - begin) * hidden, 0.0F);
        for (int64_t t = begin; t < end; ++t)
            for (const int64_t s : slotsOf[static_cast<size_t>(t)])
                pass.dispatch.axpy(weightAfterDown(step, slots[static_cast<size_t>(s)]),
                                   b.results + s * hidden, b.y + t * hidden, hidden);
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
    const MoeBuffers b = takeMoeBuffers(pass, step, x, y);
    float* shared = step.shared ? pass.arena.take(pass.nTokens * pass.plan.hiddenDim) : nullptr;
    if (step.shared) feedForward(pass, *step.shared, x, shared);
    if (pass.isCounting()) return;
    multiplyExactly(pass, step.router, x, pass.nTokens, b.logits);
    const std::vector<ExpertSlot> slots = chooseExperts(pass, step, b.logits);
    runChosen(pass, step, slots, b);
    if (!b.addsUp) combine(pass, step, slots, b);
    if (shared != nullptr) add(pass, shared, pass.nTokens * pass.plan.hiddenDim, y);
}

}  // namespace moxie::engine
