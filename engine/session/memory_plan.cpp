#include "engine/session/memory_plan.h"

#include <algorithm>

#include "engine/execute/rounded_products.h"
#include "engine/plan/cost.h"
#include "engine/worker_pool.h"

namespace moxie::engine {

// Keys are kept once for both roles: only where neither asks for exact ones they are rounded.
IndexScores indexScoresOf(const SessionOptions& options) {
    const bool isRounded =
        options.promptProducts != Products::exact && options.answerProducts != Products::exact;
    return isRounded ? IndexScores::rounded : IndexScores::exact;
}

KvLayout layoutOf(const ModelPlan& plan, const SessionOptions& options) {
    return makeKvLayout(plan, options.kvFormat,
                        options.keepsDraft ? DraftRows::kept : DraftRows::absent,
                        indexScoresOf(options));
}

void takeRopes(Pass& pass) {
    for (const Rope& rope : pass.plan.ropes)
        pass.ropes.push_back(makeRopeTable(pass.arena, rope, pass.begin, pass.nTokens));
}

namespace {

// What the block drafter takes: a chunk's targets, and a block of guesses.
void countBlockDrafter(Pass& pass) {
    const BlockDrafter& drafter = *pass.plan.blockDrafter;
    followTargets(pass, nullptr);
    pass.nTokens = drafter.blockTokens;
    takeRopes(pass);
    pass.arena.take(2 * drafter.blockTokens * pass.plan.hiddenDim);
    runBlockDrafter(pass, {}, {});
}

// A pass that only counts what a chunk of n tokens at the end of the context takes.
int64_t countPass(const ModelPlan& plan, WorkerPool& pool, const SessionOptions& options,
                  Products products, int64_t contextTokens, int64_t n, bool streams) {
    Arena arena;
    Pass pass = {.plan = plan,
                 .pool = pool,
                 .dispatch = kernels::dispatchFor(kernels::Isa::scalar),
                 .arena = arena,
                 .begin = contextTokens - n,
                 .nTokens = n,
                 .products = products,
                 .indexScores = indexScoresOf(options),
                 .adapters = options.adapters,
                 .streamsExperts = streams};
    takeRopes(pass);
    arena.take(n * residualDim(plan));
    if (options.keepsDraft) arena.take(n * targetsDim(plan));
    runBlocks(
        pass, [] { return false; }, nullptr);
    arena.take(kLogitsTokens * plan.hiddenDim);
    if (options.keepsDraft && plan.blockDrafter) countBlockDrafter(pass);
    if (options.keepsDraft && plan.draft) {
        takeRopes(pass);
        arena.take((n + 1) * draftStateDim(plan) + n * plan.hiddenDim);
        runDraft(pass, {}, nullptr);
    }
    // Adapters and rounded rows take theirs inside of any step.
    const bool hasBlock = options.keepsDraft && plan.blockDrafter;
    const int64_t most = hasBlock ? std::max(n, plan.blockDrafter->blockTokens) : n;
    const int64_t adapted = options.adapters != nullptr ? options.adapters->floatsPerToken() : 0;
    const int64_t rounded = pass.products == Products::exact
                                ? 0
                                : roundedFloats(pass.products, widestInput(plan), most);
    const int64_t logits = options.adapters != nullptr ? options.adapters->headFloats() : 0;
    return arena.peak() + most * adapted + logits + rounded;
}

// Of one resume point: the frontier, the draft block's state and the logits of the last token.
int64_t pointBytes(const ModelPlan& plan, const KvLayout& layout) {
    const int64_t state = layout.hasDraft ? draftStateDim(plan) : 0;
    return (layout.frontierFloats + state + plan.vocabularySize) * int64_t{sizeof(float)};
}

int64_t planResumeBytes(const ModelPlan& plan, const SessionOptions& options,
                        int64_t contextTokens) {
    const KvLayout layout = layoutOf(plan, options);
    if (!layout.needsResumePoint()) return 0;
    // At the start, at each multiple, at the end.
    const int64_t points =
        std::min<int64_t>(kResumePointsMax, 2 + (contextTokens - 1) / kResumePointTokens);
    return points * pointBytes(plan, layout) + layout.frontierFloats * int64_t{sizeof(float)};
}

// With so many floats of scratch.
MemoryPlan residentPlan(const ModelPlan& plan, const SessionOptions& options, int64_t contextTokens,
                        int64_t scratchFloats) {
    const int64_t floats =
        scratchFloats + logitFloats(plan, options) + draftStateFloats(plan, options);
    return {.weightBytes = plan.weightBytes,
            .kvBytes = layoutOf(plan, options).allocatedBytes(contextTokens),
            .activationBytes = floats * int64_t{sizeof(float)},
            .resumeBytes = planResumeBytes(plan, options, contextTokens)};
}

}  // namespace

// Of a prompt's chunk or an answer's, whichever takes more.
int64_t countArena(const ModelPlan& plan, WorkerPool& pool, const SessionOptions& options,
                   int64_t contextTokens, int64_t chunkTokens, bool streams) {
    const int64_t n = std::min(chunkTokens, contextTokens);
    const auto of = [&](Products products, int64_t tokens) {
        return countPass(plan, pool, options, products, contextTokens, tokens, streams);
    };
    return std::max(of(options.promptProducts, n),
                    of(options.answerProducts, std::min(n, kAnswerTokensAtOnce)));
}

int64_t chosenChunkTokens(const ModelPlan& plan, WorkerPool& pool, const SessionOptions& options) {
    const int64_t context =
        options.contextTokens == 0 ? plan.contextTokensMax : options.contextTokens;
    const bool isLimited = options.memoryBytesMax > 0;
    const int64_t floatsMost = plan.weightBytes / 100 * 3 / int64_t{sizeof(float)};
    const auto fits = [&](int64_t tokens) {
        const int64_t floats =
            countArena(plan, pool, options, context, tokens, options.experts != nullptr);
        return floats <= floatsMost &&
               (!isLimited ||
                residentPlan(plan, options, context, floats).total() <= options.memoryBytesMax);
    };
    int64_t tokens = kChosenChunkTokensMax;
    while (tokens > kChosenChunkTokensMin && !fits(tokens))
        tokens /= 2;
    return tokens;
}

int64_t logitFloats(const ModelPlan& plan, const SessionOptions& options) {
    int64_t rows = kLogitsTokens;
    if (options.keepsDraft) rows += plan.blockDrafter ? plan.blockDrafter->blockTokens : 1;
    return rows * plan.vocabularySize;
}

// Those that wait, with a chunk's before some are taken back, and the chunk under way.
int64_t draftStateFloats(const ModelPlan& plan, const SessionOptions& options) {
    if (!options.keepsDraft || !plan.draft) return 0;
    const int64_t waiting = draftWindow(plan).value_or(kWaitingTokensMax);
    return (waiting + 1 + 4 * kLoggedTokensMax) * draftStateDim(plan);
}

MemoryPlan planMemory(const ModelPlan& plan, const SessionOptions& options, int64_t chunkTokens,
                      int32_t threads) {
    WorkerPool pool(threads);
    if (chunkTokens == 0) chunkTokens = chosenChunkTokens(plan, pool, options);
    const int64_t context =
        options.contextTokens == 0 ? plan.contextTokensMax : options.contextTokens;
    const int64_t mapped = countArena(plan, pool, options, context, chunkTokens, false);
    const int64_t streamed = countArena(plan, pool, options, context, chunkTokens, true);
    MemoryPlan memory = residentPlan(plan, options, context, mapped);
    memory.streamingBytes = (streamed - mapped) * int64_t{sizeof(float)};
    return memory;
}

}  // namespace moxie::engine
