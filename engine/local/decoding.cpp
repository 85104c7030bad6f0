// An answer, step by step: LocalEngine's part that drafts, checks and samples.
#include <algorithm>
#include <chrono>

#include "engine/local/local_engine.h"

namespace moxie::engine {

namespace {

double systemSeconds() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

base::Result<std::vector<int32_t>> LocalEngine::propose(DraftSource source, int32_t token,
                                                        int64_t most) {
    if (source == DraftSource::block) return session_->draft(token, most);
    std::vector<int32_t> history(session_->tokens().begin(), session_->tokens().end());
    history.push_back(token);
    return lookup_.propose(history, most);
}

// What the model may well choose after `token`, at most `most` tokens.
base::Result<LocalEngine::Draft> LocalEngine::draftAfter(int32_t token, int64_t most,
                                                         const std::function<double()>& seconds) {
    const int64_t room = contextTokens() - std::ssize(session_->tokens()) - 1;
    most = std::min({most, room, session_->tentativeTokensMax() - 1});
    Draft draft;
    for (const DraftSource source : gate_.order(draftSources_)) {
        if (source == DraftSource::block) {
            draft.source = source;  // a drafter that guesses nothing has cost its time
            const double began = seconds();
            session_->catchUp();
            draft.catchUpSeconds = seconds() - began;
        }
        const int64_t wanted = std::min(most, gate_.draftTokens(source));
        TRY_ASSIGN(draft.tokens, propose(source, token, wanted));
        if (draft.tokens.empty()) continue;
        draft.source = source;
        break;
    }
    return draft;
}

// What a grammar leaves no choice about; it cannot be wrong.
LocalEngine::Draft LocalEngine::forcedDraft(std::span<const int32_t> forced, int64_t most) const {
    const int64_t room = contextTokens() - std::ssize(session_->tokens()) - 1;
    most = std::max<int64_t>(
        0, std::min({most, room, session_->tentativeTokensMax() - 1, std::ssize(forced)}));
    return {.tokens = {forced.begin(), forced.begin() + most}, .isForced = true};
}

// Evaluates `token` and the tokens drafted after it; what the sampler chooses at each position up
// to the first that was drafted wrong. All but the last of them are evaluated.
base::Result<std::vector<int32_t>> LocalEngine::check(int32_t token, const Draft& draft,
                                                      ConstrainedSampler& sampler,
                                                      const std::stop_token& stop) {
    const auto known = size_t(tokenizer_->vocabulary().size());
    const auto base = int64_t(session_->tokens().size());
    std::vector<int32_t> next = {token};
    next.insert(next.end(), draft.tokens.begin(), draft.tokens.end());
    std::vector<int32_t> chosen;
    const auto choose = [&](int64_t i, std::span<const float> logits) {
        if (i > 0 && chosen.back() != draft.tokens[size_t(i - 1)]) return;
        if (int64_t(chosen.size()) < i) return;
        chosen.push_back(
            sampler.sample(logits.first(known), session_->tokens().first(size_t(base + 1 + i))));
    };
    TRY(session_->evaluate(
        next,
        {.stop = stop, .eachLogits = choose, .endsWithPoint = false, .role = TokenRole::answer}));
    TRY(session_->rewind(base + int64_t(chosen.size()), stop));
    return chosen;
}

// `most`: tokens that may be drafted.
base::Result<std::vector<int32_t>> LocalEngine::takeStep(int32_t token, int64_t most,
                                                         const GenerationCalls& calls,
                                                         ConstrainedSampler& sampler,
                                                         const std::stop_token& stop) {
    const auto seconds = [&] { return calls.seconds ? calls.seconds() : systemSeconds(); };
    const double began = seconds();
    const auto forced = sampler.forced();
    TRY_ASSIGN(const Draft draft,
               forced.empty() ? draftAfter(token, most, seconds) : forcedDraft(forced, most));
    TRY_ASSIGN(auto chosen, check(token, draft, sampler, stop));
    if (!draft.isForced)
        gate_.record({.source = draft.source,
                      .drafted = int64_t(draft.tokens.size()),
                      .given = int64_t(chosen.size()),
                      .seconds = seconds() - began,
                      .catchUpSeconds = draft.catchUpSeconds});
    countDraft(draft, int64_t(chosen.size()));
    return chosen;
}

void LocalEngine::countDraft(const Draft& draft, int64_t given) {
    if (draft.source == DraftSource::none) return;
    std::lock_guard lock(statsMutex_);
    DraftStats& stats =
        draft.source == DraftSource::lookup ? stats_.lookupDrafts : stats_.mtpDrafts;
    ++stats.steps;
    stats.drafted += int64_t(draft.tokens.size());
    stats.accepted += given - 1;
}

base::Status LocalEngine::decode(std::span<const float> logits, const GenerationOptions& options,
                                 const GenerationCalls& calls, const std::stop_token& stop,
                                 Generation& generation) {
    const int64_t began = clock_.steadyMs();
    ConstrainedSampler sampler(options.sampler, options.constraint);
    const auto known = size_t(tokenizer_->vocabulary().size());
    std::vector<int32_t> chosen = {sampler.sample(logits.first(known), session_->tokens())};
    std::optional<GenerationEnd> end;
    while (true) {
        for (size_t i = 0; i < chosen.size() && !end; ++i)
            end = give(chosen[i], options, calls, generation);
        if (end) break;
        if (int64_t(session_->tokens().size()) >= contextTokens()) {
            end = GenerationEnd::windowFull;
            break;
        }
        const int64_t wanted = options.tokensMax - std::ssize(generation.tokens);
        TRY_ASSIGN(chosen, takeStep(chosen.back(), wanted - 1, calls, sampler, stop));
    }
    // What was drafted right, but behind the end.
    const int64_t held = generation.promptTokens + std::ssize(generation.tokens);
    if (held < std::ssize(session_->tokens())) TRY(session_->rewind(held, stop));
    generation.end = *end;
    generation.decodeMs = clock_.steadyMs() - began;
    return {};
}

}  // namespace moxie::engine
