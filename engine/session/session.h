// One token timeline over a model plan: it owns the KV state and grows by evaluate(). Results
// depend on the tokens only, never on chunk size or thread count: same bits. Threads: one thread at
// a time; the pool's workers are used inside evaluate(). Sessions may share plan and pool, but must
// not evaluate at the same moment on one pool.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "engine/execute/lora.h"
#include "engine/execute/pass.h"
#include "engine/kv/kv_timeline.h"
#include "engine/plan/model_plan.h"
#include "engine/worker_pool.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

struct EvaluateOptions {
    int64_t chunkTokens = 128;  // tokens per pass through the layers; also the grain of progress
    std::stop_token stop = {};  // looked at before each layer
    // After each chunk: tokens of this call done and due.
    std::function<void(int64_t done, int64_t total)> progress = {};
    // If set, called with every token's logits, in order (else only the last token's are computed).
    std::function<void(int64_t index, std::span<const float> logits)> eachLogits = {};
    // If set, called with the draft block's logits of each position whose next token is known.
    std::function<void(int64_t position, std::span<const float> logits)> eachDraftLogits = {};
};

struct SessionOptions {
    int64_t contextTokens = 0;  // 0: what the model was trained for
    KvFormat kvFormat = KvFormat::f32;
    QuantSimulation simulation = QuantSimulation::off;
    bool keepsDraft = false;  // runs the draft block along, for its logits and for speculation
    const LoraAdapters* adapters = nullptr;
};

// What will be resident, in bytes, for a context of a given length.
struct MemoryPlan {
    int64_t weightBytes = 0;      // mapped from the file, read-only
    int64_t kvBytes = 0;          // for the whole context; grows page by page as it fills
    int64_t activationBytes = 0;  // of one chunk at the end of the context

    int64_t total() const { return weightBytes + kvBytes + activationBytes; }
};

// `threads`: of the pool the session will use.
MemoryPlan planMemory(const ModelPlan& plan, const SessionOptions& options, int64_t chunkTokens,
                      int32_t threads);

class Session {
public:
    // `plan`, `pool` must outlive the session. Fails: invalidInput (contextTokens not in 1 to the
    // model's limit; keepsDraft without a draft block), outOfMemory.
    static base::Result<Session> make(const ModelPlan& plan, WorkerPool& pool,
                                      const kernels::Dispatch& dispatch,
                                      const SessionOptions& options = {});

    // Appends tokens and returns the logits after the last one, valid until the next call.
    // Fails: invalidInput (no token, unknown id, context full), outOfMemory, cancelled; then the
    // session holds the tokens it held before the call plus whole chunks that were done (tokens()
    // tells).
    base::Result<std::span<const float>> evaluate(std::span<const int32_t> tokens,
                                                  const EvaluateOptions& options = {});

    std::span<const int32_t> tokens() const { return tokens_; }

    int64_t contextTokens() const { return contextTokens_; }

    const ModelPlan& plan() const { return *plan_; }

    // Goes back to the first nTokens tokens (no more than there are). Free where any prefix can be
    // continued; where windows were written over, it goes back to the nearest kept frontier and
    // evaluates the tokens between again, to the same bits. Fails: cancelled, outOfMemory; then it
    // holds fewer tokens (tokens() tells).
    base::Status rewind(int64_t nTokens, const std::stop_token& stop = {});

    // A branch that shares all pages. Fails: outOfMemory.
    base::Result<Session> fork() const;

    // The state of all tokens, for storing; and back: takes it as that of `tokens`.
    // Requires (restore): made by a session of the same plan, options and token count.
    const KvTimeline& timeline() const { return *kv_; }

    void restore(std::vector<int32_t> tokens, std::vector<std::shared_ptr<KvPage>> pages,
                 std::span<const float> frontier);

    // Bytes of KV state and activations held now.
    int64_t allocatedBytes() const;

private:
    Session(const ModelPlan& plan, WorkerPool& pool, const kernels::Dispatch& dispatch,
            const SessionOptions& options);

    struct Outputs;
    base::Status checkTokens(std::span<const int32_t> tokens) const;
    base::Status ensureArena(int64_t chunkTokens);
    Pass makePass(Arena& arena, int64_t begin, int64_t nTokens);
    base::Status evaluateChunk(std::span<const int32_t> tokens, const EvaluateOptions& options,
                               int64_t firstIndex);
    void runChunk(Pass& pass, const EvaluateOptions& options, int64_t firstIndex, bool& isDone);
    void giveLogits(Pass& pass, const float* residual, const EvaluateOptions& options,
                    int64_t firstIndex);
    void giveDraftLogits(Pass& pass, const float* residual, const EvaluateOptions& options);
    std::span<const float> head(Pass& pass, const kernels::WeightsView& weights,
                                const float* normed, int64_t nTokens);
    void keepFrontier();

    const ModelPlan* plan_;
    WorkerPool* pool_;
    const kernels::Dispatch* dispatch_;
    SessionOptions options_;
    int64_t contextTokens_ = 0;
    std::unique_ptr<const KvLayout> layout_;  // has a fixed place: the timeline points to it
    std::unique_ptr<KvTimeline> kv_;
    std::vector<int32_t> tokens_;
    std::vector<float> lastState_;  // of the last token, for the draft block
    Arena arena_;
    int64_t arenaChunk_ = 0;
    std::vector<float> logits_;
    std::map<int64_t, std::vector<float>> frontiers_;  // by token count
};

}  // namespace moxie::engine
