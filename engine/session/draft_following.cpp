// Drafts by a block for multi-token prediction: Session's part of plan/model_plan.h, DraftBlock.
// The block's row of a position is made when the next token has arrived, of the position's state
// and that token. Tokens of short chunks wait: a block with a window never needs most of them if
// nothing is drafted, and others take a few at once for the price of one. Whatever looks at the
// block's rows or goes on from them, lets it catch up first.
#include <algorithm>

#include "engine/sampler.h"
#include "engine/session/session.h"

namespace moxie::engine {

using base::fail;
using base::Status;

// What the block goes on from: of all tokens, so that some can be taken back, or of the last one.
// It follows at once where nothing can be, and where its logits are asked for.
void Session::takeStates(Pass& pass, const float* residual, const EvaluateOptions& options) {
    const Arena::Mark mark(pass.arena);
    const int64_t dim = draftStateDim(*plan_);
    const int64_t before = pass.begin > 0 ? 1 : 0;
    float* states = pass.arena.take((pass.nTokens + 1) * dim);
    float* own = states + before * dim;
    std::ranges::copy(lastState(), states);
    if (plan_->draft->takesFinalNorm)
        runFinalNorm(pass, residual, pass.nTokens, own);
    else
        std::copy_n(residual, pass.nTokens * dim, own);
    const int64_t first = pass.log != nullptr ? 0 : pass.nTokens - 1;
    chunkStates_.assign(own + first * dim, own + pass.nTokens * dim);
    if (waits(pass.nTokens, options)) return;
    const int64_t firstArrival = std::max<int64_t>(1, pass.begin);
    const int64_t end = pass.begin + pass.nTokens;
    int64_t begin = firstArrival;
    if (const auto window = draftWindow(*plan_); window && !options.eachDraftLogits)
        begin = std::max(begin, end - *window);
    pass.failure = followArrivals({.begin = begin,
                                   .end = end,
                                   .states = states + (begin - firstArrival) * dim,
                                   .products = pass.products},
                                  options.eachDraftLogits);
}

// Of the chunk that began at `begin`.
void Session::commitStates(int64_t begin, const EvaluateOptions& options) {
    const auto held = std::ssize(tokens_);
    if (!log_.reaches(begin)) {
        states_.clear();
        statesBegin_ = held - 1;
    }
    states_.insert(states_.end(), chunkStates_.begin(), chunkStates_.end());
    if (!waits(held - begin, options)) {
        followed_ = held;
        return;
    }
    const auto window = draftWindow(*plan_);
    if (!window && held - followed_ >= kWaitingTokensMax) catchUp();
    if (!window || held - statesBegin_ < *window + 2 * kLoggedTokensMax) return;
    // Of the tokens before the last chunk, which may be taken back, a window is enough.
    forgetStates(begin - 1 - *window);
    followed_ = std::max(followed_, statesBegin_ + 1);
}

// Those of tokens before this one.
void Session::forgetStates(int64_t before) {
    const int64_t count = before - statesBegin_;
    if (count <= 0) return;
    states_.erase(states_.begin(), states_.begin() + count * draftStateDim(*plan_));
    statesBegin_ = before;
}

void Session::catchUp() {
    if (!hasDraft()) return;
    const auto held = std::ssize(tokens_);
    const int64_t dim = draftStateDim(*plan_);
    const int64_t most = std::min(arenaChunk_, kLoggedTokensMax);
    for (followed_ = std::max<int64_t>(followed_, 1); followed_ < held;) {
        const TokenRole role = roles_[static_cast<size_t>(followed_)];
        int64_t end = followed_ + 1;
        while (end < held && end - followed_ < most && roles_[static_cast<size_t>(end)] == role)
            ++end;
        followArrivals({.begin = followed_,
                        .end = end,
                        .states = states_.data() + (followed_ - 1 - statesBegin_) * dim,
                        .products = productsOf(role)},
                       {});
        followed_ = end;
    }
    followed_ = held;
    // Taking back may go to where the log begins.
    forgetStates((log_.reaches(held) ? std::min(held, log_.begin()) : held) - 1);
}

std::span<const float> Session::lastState() const {
    if (states_.empty()) return {};
    return std::span(states_).last(static_cast<size_t>(draftStateDim(*plan_)));
}

std::optional<base::Error> Session::followArrivals(const Arrivals& arrivals,
                                                   const DraftLogits& each) {
    const int64_t n = arrivals.end - arrivals.begin;
    if (n <= 0) return std::nullopt;
    const Arena::Mark mark(arena_);
    Pass pass = makePass(arena_, arrivals.begin - 1, n);
    pass.log = log_.reaches(arrivals.end - 1) ? &log_ : nullptr;
    pass.products = arrivals.products;
    pass.arrival = arrivals.begin;
    const DraftInput input = {.next = std::span<const int32_t>(tokens_).subspan(
                                  static_cast<size_t>(arrivals.begin), static_cast<size_t>(n)),
                              .state = arrivals.states};
    if (!each) {
        followDraft(pass, input);
        return pass.failure;
    }
    float* normed = arena_.take(n * plan_->hiddenDim);
    runDraft(pass, input, normed);
    draftLogits_.resize(static_cast<size_t>(plan_->vocabularySize));
    for (int64_t t = 0; t < n && !pass.failure; ++t) {
        head(pass, plan_->draft->head.value_or(plan_->head), normed + t * plan_->hiddenDim, 1,
             draftLogits_.data());
        each(pass.begin + t, draftLogits_);
    }
    return pass.failure;
}

// Appends `count` tokens that are the draft block's choice to the one that is there already.
Status Session::guess(int64_t count) {
    const DraftBlock& block = *plan_->draft;
    const int64_t dim = draftStateDim(*plan_);
    const auto held = std::ssize(tokens_) - 1;
    FrontierLog own;  // of rows that the next chunk makes again
    own.start(held);
    draftLogits_.resize(static_cast<size_t>(plan_->vocabularySize));
    Status done;
    std::vector<float> state(lastState().begin(), lastState().end());
    for (; count > 0 && done; --count) {
        const Arena::Mark mark(arena_);
        Pass pass = makePass(arena_, std::ssize(tokens_) - 2, 1);
        pass.log = &own;
        pass.arrival = pass.begin + 1;
        pass.products = options_.answerProducts;
        float* deeper = arena_.take(dim);
        float* normed = arena_.take(plan_->hiddenDim);
        runDraft(pass,
                 {.next = std::span(tokens_).last(1), .state = state.data(), .deeper = deeper},
                 normed);
        if (pass.failure) done = fail(*pass.failure);
        head(pass, block.head.value_or(plan_->head), normed, 1, draftLogits_.data());
        tokens_.push_back(argmax(draftLogits_));
        state.assign(deeper, deeper + dim);
    }
    own.undo(held);
    return done;
}

}  // namespace moxie::engine
