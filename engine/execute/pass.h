// One chunk of tokens on its way through a model: what every step needs besides its own numbers.
// A step takes its normed input [token][hidden] and gives its output in the same shape; it writes
// rows and frontier of its own layer. With a counting arena a step takes its buffers and returns.
// Results depend on the tokens and their positions only, never on the chunk or the threads: every
// sum has one order.
// Threads: one thread; steps use the pool.
#pragma once
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "engine/execute/arena.h"
#include "engine/kv/frontier_log.h"
#include "engine/kv/kv_timeline.h"
#include "engine/plan/model_plan.h"
#include "engine/worker_pool.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

class ExpertCache;
class LoraAdapters;

// Whether caches and indexers are rounded as the makers' own code rounds them (FP8, FP4).
enum class QuantSimulation { off, on };

// How weights meet activations: as they are, or, where the weights are small integers, rounded to 8
// bits (rounded) or to 16 (fine), or both to bfloat16, as attention is then (bf16)
// (engine/execute/rounded_products.h).
enum class Products { exact, rounded, fine, bf16 };

// cos and sin of one rope for each token of the chunk: [token][pair].
struct RopeTable {
    const float* cosines = nullptr;
    const float* sines = nullptr;
    int64_t nPairs = 0;
};

struct Pass {
    const ModelPlan& plan;
    WorkerPool& pool;
    const kernels::Dispatch& dispatch;
    Arena& arena;
    KvTimeline* kv = nullptr;               // absent while counting
    std::span<const int32_t> history = {};  // of the timeline, this chunk included
    int64_t begin = 0;                      // position of the chunk's first token
    int64_t nTokens = 0;
    std::vector<RopeTable> ropes = {};  // as ModelPlan::ropes
    QuantSimulation simulation = QuantSimulation::off;
    KvFormat kvFormat = KvFormat::f32;
    Products products = Products::exact;
    IndexScores indexScores = IndexScores::exact;
    const LoraAdapters* adapters = nullptr;
    ExpertCache* experts = nullptr;  // nullptr: all experts are in the mapped files
    bool streamsExperts = false;     // whether there are `experts`; known while counting, too
    // Once it is requested, steps may leave out tasks; the chunk is dropped then.
    std::stop_token stop = {};
    FrontierLog* log = nullptr;  // takes what is written over in the frontier; nullptr: nobody asks
    // Position of the token whose arrival made the chunk's first row: `begin`, or one more in the
    // draft block, which follows behind.
    int64_t arrival = 0;
    // Receives what a block drafter reads of each token, [token][targets][hidden]; nullptr: nobody
    // asks.
    float* targets = nullptr;
    // Why the chunk cannot be finished; steps may leave out tasks then.
    std::optional<base::Error> failure = {};

    bool isCounting() const { return arena.isCounting(); }
};

// Before token `t` of the chunk writes over `count` floats of the frontier that hold `old`.
inline void keepOld(const Pass& pass, int64_t t, float* place, const float* old, int64_t count) {
    if (pass.log != nullptr) pass.log->keep(pass.arrival + t, place, old, count);
}

// Cuts [0, n) into ranges of `grain` and runs them on the pool.
void forRanges(WorkerPool& pool, int64_t n, int64_t grain,
               const std::function<void(int64_t begin, int64_t end, int32_t worker)>& work);

// Fills a table for positions [begin, begin + nTokens) into memory of the arena.
RopeTable makeRopeTable(Arena& arena, const Rope& rope, int64_t begin, int64_t nTokens);

// In radians.
double ropeAngle(const Rope& rope, int64_t position, int64_t pair);

enum class Turn { forward, back };
// Turns the pairs of one slice by the angles of a rope of ModelPlan::ropes at `token`.
void turn(const Pass& pass, int32_t rope, int64_t token, Turn direction, float* slice);
// Forward by the angles at `position`, without a table: for few.
void turnAt(const Pass& pass, int32_t rope, int64_t position, float* slice);

// y[t][0 .. rows) = W x[t] + bias for nTokens tokens, as Pass::products says. Rounded rows take
// memory of the arena, which Session counts for the widest of all products.
void multiply(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens, float* y);

struct LinearProduct {
    const Linear* linear = nullptr;
    float* y = nullptr;
};

// The same for several that have the same activations, which are rounded once.
void multiplyTogether(const Pass& pass, std::initializer_list<LinearProduct> products,
                      const float* x, int64_t nTokens);
// The same with activations as they are, whatever the pass says: where little decides much.
void multiplyExactly(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens,
                     float* y);
void multiply(const Pass& pass, const kernels::WeightsView& weights, const float* x,
              int64_t nTokens, float* y);
// The same for a head: logits take finely rounded activations, never those rounded to 8 bits.
void multiplyHead(const Pass& pass, const kernels::WeightsView& weights, const float* x,
                  int64_t nTokens, float* y);
// y[t] = x[t] Wᵀᵀ: weights stored [in, out]; y[t][c] = sum over r of x[t][r] * W[r][c], r rising.
// `row`: weights.cols floats of scratch. On the calling thread.
void multiplyTransposed(const Pass& pass, const kernels::WeightsView& weights, const float* x,
                        int64_t nTokens, float* y, float* row);

// y[t] = norm(x[t]), n values each; an empty weight is all ones.
void normalise(const Pass& pass, const RmsNorm& norm, const float* x, int64_t n, int64_t nTokens,
               float* y);
// One vector in place, without weight.
void normaliseUnweighted(const kernels::Dispatch& dispatch, float epsilon, int64_t n, float* x);

// x += y, element by element.
void add(const Pass& pass, const float* y, int64_t n, float* x);

// ---- the steps: x, y are [token][hidden]

void attend(Pass& pass, const GqaAttention& step, int64_t layer, const float* x, float* y);
void attend(Pass& pass, const MlaAttention& step, int64_t layer, const float* x, float* y);
void attend(Pass& pass, const CompressedAttention& step, int64_t layer, const float* x, float* y);
// Keeps what attend() would keep of x, to the same bits, and computes nothing else: for a block
// whose output nobody asks for. A block drafter's attention keeps rows by this alone.
void keepRows(Pass& pass, const GqaAttention& step, int64_t layer, const float* x);
void keepRows(Pass& pass, const MlaAttention& step, int64_t layer, const float* x);
void keepRows(Pass& pass, const CompressedAttention& step, int64_t layer, const float* x);
void feedForward(Pass& pass, const DenseFfn& step, const float* x, float* y);
void feedForward(Pass& pass, const MoeFfn& step, const float* x, float* y);
// Adds the memory's rows to the residual [token][streams][hidden].
void remember(Pass& pass, const Engram& step, int64_t layer, float* residual);

// Mixing coefficients of hyper-connections for the chunk.
struct StreamMix {
    float* post = nullptr;     // [token][streams]
    float* combine = nullptr;  // [token][streams][streams]
};

// x[t] = the residual streams collapsed; the coefficients for mixIn() go to `mix`.
void mixOut(const Pass& pass, const HyperConnection& step, const float* residual,
            const StreamMix& mix, float* x);
// residual = post ⊗ y + combineᵀ residual, stream by stream.
void mixIn(const Pass& pass, const HyperConnection& step, const StreamMix& mix, const float* y,
           float* residual);
// The final collapse before the head.
void collapse(const Pass& pass, const HyperConnection& step, const float* residual, int64_t nTokens,
              float* x);

// The whole model: residual [token][streams][hidden] of the chunk after its last block. `isStopped`
// is asked before and after each attention and each feed-forward; false if it said so: then rows
// were written, but nothing is committed.
bool runBlocks(Pass& pass, const std::function<bool()>& isStopped, float* residual);
// x[t] = the final norm's output of nTokens tokens; with streams, collapsed first.
void runFinalNorm(Pass& pass, const float* residual, int64_t nTokens, float* x);

// What the draft block starts from, for each token of the chunk.
struct DraftInput {
    std::span<const int32_t> next = {};  // the token that follows
    // [token][streams][hidden]: the residual, or the final norm's output where the block takes
    // that.
    const float* state = nullptr;
    float* deeper =
        nullptr;  // receives the state for a draft one token further; nullptr: not asked
};

// x[t] = the normed output of the draft block, for its head. Its layer is the last of the layout.
void runDraft(Pass& pass, const DraftInput& input, float* x);
// The draft block's rows alone, as runDraft() keeps them. Takes no more of the arena.
void followDraft(Pass& pass, const DraftInput& input);

// Floats that a block drafter reads of one token.
inline int64_t targetsDim(const ModelPlan& plan) {
    return plan.blockDrafter ? std::ssize(plan.blockDrafter->targets) * plan.hiddenDim : 0;
}

// The block drafter's windows take up the chunk, `targets` as Pass::targets. Its layers are the
// last of the layout.
void followTargets(Pass& pass, const float* targets);

struct BlockDraftOutput {
    float* collapsed = nullptr;  // [token][hidden], for the confidence
    float* normed = nullptr;     // [token][hidden], for the head
};

// The block drafter over the pass's chunk, whose tokens are `tokens`: the one chosen last, then the
// places of the guesses. Changes nothing.
void runBlockDrafter(Pass& pass, std::span<const int32_t> tokens, const BlockDraftOutput& output);

}  // namespace moxie::engine
