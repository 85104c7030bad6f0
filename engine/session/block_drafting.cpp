// Drafts by a block drafter: Session's part of plan/model_plan.h, BlockDrafter.
#include <algorithm>

#include "engine/sampler.h"
#include "engine/session/session.h"

namespace moxie::engine {

using base::Result;

namespace {

// A guess is given if the drafter thinks it no likelier wrong than right.
constexpr float kConfidenceMin = 0;

// logits += what the token before makes of them; returns the guess's confidence.
float addPair(const Pass& pass, int32_t before, const float* collapsed, std::span<float> logits) {
    const BlockDrafter& drafter = *pass.plan.blockDrafter;
    const auto hidden = static_cast<size_t>(pass.plan.hiddenDim);
    const auto rank = static_cast<size_t>(drafter.pairEmbedding.cols);
    std::vector<float> seen(hidden + rank);
    std::copy_n(collapsed, hidden, seen.begin());
    const std::span<float> pair = std::span(seen).subspan(hidden);
    pass.dispatch.dequantiseRow(drafter.pairEmbedding, before, pair);
    std::vector<float> added(logits.size());
    multiplyHead(pass, drafter.pairHead, pair.data(), 1, added.data());
    for (size_t i = 0; i < logits.size(); ++i)
        logits[i] += added[i];
    float confidence = 0;
    if (drafter.confidence.rows() > 0)
        multiplyExactly(pass, drafter.confidence, seen.data(), 1, &confidence);
    return confidence;
}

}  // namespace

std::optional<base::Error> Session::guessBlock(int64_t position, int32_t next,
                                               const std::function<bool(const Guess&)>& each) {
    const int64_t count = plan_->blockDrafter->blockTokens;
    const int64_t hidden = plan_->hiddenDim;
    const auto vocabulary = static_cast<size_t>(plan_->vocabularySize);
    std::vector<int32_t> tokens(static_cast<size_t>(count), plan_->blockDrafter->noiseToken);
    tokens.front() = next;
    const Arena::Mark mark(arena_);
    Pass pass = makePass(arena_, position, count);
    pass.products = options_.answerProducts;
    float* collapsed = arena_.take(count * hidden);
    float* normed = arena_.take(count * hidden);
    runBlockDrafter(pass, tokens, {.collapsed = collapsed, .normed = normed});
    if (pass.failure) return pass.failure;
    draftLogits_.resize(tokens.size() * vocabulary);
    head(pass, plan_->head, normed, count, draftLogits_.data());
    int32_t before = next;
    for (int64_t i = 0; i < count; ++i) {
        const std::span<float> logits =
            std::span(draftLogits_).subspan(static_cast<size_t>(i) * vocabulary, vocabulary);
        const float confidence = addPair(pass, before, collapsed + i * hidden, logits);
        before = argmax(logits);
        if (!each({.logits = logits, .token = before, .confidence = confidence})) break;
    }
    return std::nullopt;
}

Result<std::vector<int32_t>> Session::draftBlock(int32_t next, int64_t most) {
    std::vector<int32_t> guessed;
    const auto failure = guessBlock(std::ssize(tokens_), next, [&](const Guess& guess) {
        if (guess.confidence < kConfidenceMin) return false;
        guessed.push_back(guess.token);
        return std::ssize(guessed) < most;
    });
    if (failure) return base::fail(*failure);
    return guessed;
}

// The drafter's windows take the chunk up. Where its logits are wanted, token by token: those of a
// position are made when the next token has arrived and not been taken up.
void Session::follow(Pass& pass, const EvaluateOptions& options) {
    if (!options.eachDraftLogits) return followTargets(pass, pass.targets);
    for (int64_t t = 0; t < pass.nTokens; ++t) {
        const Arena::Mark mark(pass.arena);
        const int64_t position = pass.begin + t;
        if (position > 0)
            pass.failure = guessBlock(position, tokens_[static_cast<size_t>(position)],
                                      [&](const Guess& guess) {
                                          options.eachDraftLogits(position - 1, guess.logits);
                                          return false;
                                      });
        if (pass.failure) return;
        Pass one = makePass(pass.arena, position, 1);
        one.products = pass.products;
        followTargets(one, pass.targets + t * targetsDim(*plan_));
    }
}

}  // namespace moxie::engine
