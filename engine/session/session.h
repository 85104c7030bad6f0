// One token timeline over a model plan: it owns the KV state and grows by evaluate(). Results
// depend on the tokens only, never on chunk size or thread count: same bits. Threads: one thread at
// a time; the pool's workers are used inside evaluate(). Sessions may share plan and pool, but must
// not evaluate at the same moment on one pool.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <vector>

#include "base/result.h"
#include "engine/execute/pass.h"
#include "engine/kv/frontier_log.h"
#include "engine/kv/kv_timeline.h"
#include "engine/kv/timeline_snapshot.h"
#include "engine/plan/model_plan.h"
#include "engine/session/memory_plan.h"
#include "engine/worker_pool.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

// What a token is decides how it is multiplied (Products): a prompt's tokens one way, an answer's,
// and guesses at it, another. So neither chunks nor guesses change a bit.
enum class TokenRole : uint8_t { prompt, answer };

using DraftLogits = std::function<void(int64_t position, std::span<const float> logits)>;

struct EvaluateOptions {
    // Tokens per pass through the layers; 0: chosen (memory_plan.h). What stays after a wish to
    // stop is whole chunks.
    int64_t chunkTokens = 0;
    // Looked at before each attention and feed-forward, and by their long tasks.
    std::stop_token stop = {};
    // Tokens of this call done and due: after each chunk, and after each step of its layers, as
    // the share of the chunk that they are.
    std::function<void(int64_t done, int64_t total)> progress = {};
    // If set, called with every token's logits, in order (else only the last token's are computed).
    std::function<void(int64_t index, std::span<const float> logits)> eachLogits = {};
    // If set, called with the drafter's logits of each position whose next token is known; a block
    // drafter's are those of its first guess.
    DraftLogits eachDraftLogits = {};
    // Whether a call of several tokens ends with a resume point. Not for drafts, which are likely
    // to be taken back.
    bool endsWithPoint = true;
    TokenRole role = TokenRole::prompt;
};

class Session {
public:
    // `plan`, `pool` must outlive the session. Fails: invalidInput (contextTokens not in 1 to the
    // model's limit; keepsDraft without a draft block), outOfMemory.
    static base::Result<Session> make(const ModelPlan& plan, WorkerPool& pool,
                                      const kernels::Dispatch& dispatch,
                                      const SessionOptions& options = {});

    // Appends tokens and returns the logits after the last one, valid until the next call.
    // Fails: invalidInput (no token, unknown id, context full), outOfMemory, cancelled, io and
    // corrupt (the files cannot be read any more); then the
    // session holds the tokens it held before the call plus whole chunks that were done (tokens()
    // tells).
    base::Result<std::span<const float>> evaluate(std::span<const int32_t> tokens,
                                                  const EvaluateOptions& options = {});

    std::span<const int32_t> tokens() const { return tokens_; }

    int64_t contextTokens() const { return contextTokens_; }

    const ModelPlan& plan() const { return *plan_; }

    const SessionOptions& options() const { return options_; }

    // The logits after the last token; empty if they are not known (after going back).
    std::span<const float> logits() const;

    // Goes back to the first nTokens tokens (no more than there are). Free where any prefix can be
    // continued, and within the last call of evaluate() if it had at most tentativeTokensMax()
    // tokens; else, where windows were written over, it goes back to the nearest kept resume point
    // and evaluates the tokens between again, in the roles they had, to the same bits; what
    // restore() brought counts as a prompt's. Fails: cancelled, outOfMemory; then it holds fewer
    // tokens (tokens() tells).
    base::Status rewind(int64_t nTokens, const std::stop_token& stop = {});
    // The most of the first nTokens tokens that rewind() reaches without evaluating.
    int64_t freeRewind(int64_t nTokens) const;

    // The most tokens of a next call of evaluate() that a rewind() can take back for free.
    int64_t tentativeTokensMax() const;

    // Guesses what follows `next`, the token chosen after the last one here: at most `most` tokens,
    // each the draft block's likeliest, the second and later ones from its own state. The session
    // stays as it was. A block drafter guesses all at once, no more than its block, and stops where
    // it thinks itself wrong. Requires: keepsDraft, a token held. Fails: invalidInput (an unknown
    // token), outOfMemory.
    base::Result<std::vector<int32_t>> draft(int32_t next, int64_t most);

    // Lets the drafter read what it has left out since it was asked last; draft() does, too.
    void catchUp();

    // A branch that shares all pages. Fails: outOfMemory.
    base::Result<Session> fork();

    const KvTimeline& timeline() const { return *kv_; }

    // The state of all tokens, for sharing and storing, with the points that can be gone on from:
    // the end, the ends of earlier calls of evaluate() and every kResumePointTokens tokens, thinned
    // with their distance. Valid until the session changes.
    TimelineView view();
    TimelineSnapshot snapshot();
    // Takes up a state, as if its tokens had been evaluated here. Requires: made by a session of
    // the same plan, options and kernels, with room for its tokens.
    void restore(TimelineSnapshot snapshot);

    // Bytes of KV state and activations held now.
    int64_t allocatedBytes() const;
    // Bytes of the resume points kept now, and of the copy that a chunk takes.
    int64_t resumeBytes() const;

private:
    Session(const ModelPlan& plan, WorkerPool& pool, const kernels::Dispatch& dispatch,
            const SessionOptions& options);

    bool hasDraft() const { return options_.keepsDraft && plan_->draft; }

    // Whether the draft block takes a chunk of so many tokens up later.
    static bool waits(int64_t nTokens, const EvaluateOptions& options) {
        return nTokens <= kLoggedTokensMax && !options.eachDraftLogits;
    }

    Products productsOf(TokenRole role) const {
        return role == TokenRole::prompt ? options_.promptProducts : options_.answerProducts;
    }

    // Of a chunk among the tokens of a call.
    struct ChunkPlace {
        int64_t firstIndex = 0;
        int64_t total = 0;
    };

    base::Status checkTokens(std::span<const int32_t> tokens) const;
    base::Status ensureArena(int64_t chunkTokens);
    int64_t chunkOf(int64_t total, const EvaluateOptions& options);
    Pass makePass(Arena& arena, int64_t begin, int64_t nTokens);
    base::Status evaluateAgain(std::span<const int32_t> tokens, std::span<const TokenRole> roles,
                               const std::stop_token& stop);
    base::Status evaluateChunk(std::span<const int32_t> tokens, const EvaluateOptions& options,
                               const ChunkPlace& place);
    void runChunk(Pass& pass, const EvaluateOptions& options, const ChunkPlace& place,
                  bool& isDone);
    void giveLogits(Pass& pass, const float* residual, const EvaluateOptions& options,
                    int64_t firstIndex);
    void head(Pass& pass, const kernels::WeightsView& weights, const float* normed, int64_t nTokens,
              float* logits) const;
    void startLog(int64_t nTokens);
    void undoChunk(int64_t begin);
    void takeBack(int64_t nTokens);

    struct Guess {
        std::span<const float> logits = {};
        int32_t token = 0;     // the likeliest
        float confidence = 0;  // logit of being right; 0 where the drafter does not say
    };

    // Calls `each` with the block drafter's guesses behind `next`, which stands at `position`,
    // until it says false.
    std::optional<base::Error> guessBlock(int64_t position, int32_t next,
                                          const std::function<bool(const Guess&)>& each);
    base::Result<std::vector<int32_t>> draftBlock(int32_t next, int64_t most);
    void follow(Pass& pass, const EvaluateOptions& options);

    // Of the draft block (draft_following.cpp).
    void takeStates(Pass& pass, const float* residual, const EvaluateOptions& options);
    void commitStates(int64_t begin, const EvaluateOptions& options);
    base::Status guess(int64_t count);

    // Tokens of which the draft block is to learn, and the states from the one before them on.
    struct Arrivals {
        int64_t begin = 1, end = 1;
        const float* states = nullptr;
        Products products = Products::exact;
    };

    std::optional<base::Error> followArrivals(const Arrivals& arrivals, const DraftLogits& each);
    void forgetStates(int64_t before);
    std::span<const float> lastState() const;
    void keepResumePoint();
    void thinResumePoints();
    void resumeAt(int64_t nTokens, const ResumePoint& point);

    const ModelPlan* plan_;
    WorkerPool* pool_;
    const kernels::Dispatch* dispatch_;
    SessionOptions options_;
    int64_t contextTokens_ = 0;
    std::unique_ptr<const KvLayout> layout_;  // has a fixed place: the timeline points to it
    std::unique_ptr<KvTimeline> kv_;
    std::vector<int32_t> tokens_;
    std::vector<TokenRole> roles_;  // of each token
    // The draft block follows behind: `followed_` tokens have arrived there. It goes on from the
    // states of the tokens from statesBegin_ on, which also taking tokens back needs.
    std::vector<float> states_;
    int64_t statesBegin_ = 0;
    int64_t followed_ = 0;
    std::vector<float> chunkStates_;  // of the chunk under way: all, or the last one
    Arena arena_;
    int64_t arenaChunk_ = 0;
    int64_t chosenChunk_ = 0;  // 0: not yet
    std::vector<float> logits_;
    std::vector<float> frontierBefore_;  // of the chunk under way, if it has no log
    FrontierLog log_;                    // of the last chunk, if it was short
    std::vector<float> draftLogits_;
    bool hasLogits_ = false;  // of the last token, at the front of logits_
    ResumePoints points_;     // none where the layout needs none; else the empty timeline is one
};

}  // namespace moxie::engine
