#include "engine/session/prompt_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"

namespace moxie::engine {

namespace {

constexpr int64_t kSessionPin = 0;
// A prompt that leaves a known way this far behind the last point is worth a point of its own.
constexpr int64_t kBranchTokensMin = 64;

int64_t agreeingTokens(std::span<const int32_t> a, std::span<const int32_t> b) {
    return std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin();
}

}  // namespace

PromptCache::PromptCache(Session& session, int64_t memoryBytes)
    : session_(session),
      tree_(session.timeline().layout(), memoryBytes) {}

// A point at the very end serves only if it has logits.
PrefixTree::Match PromptCache::findInMemory(std::span<const int32_t> prompt) {
    PrefixTree::Match match = tree_.find(prompt);
    const TimelineSnapshot& found = match.snapshot;
    const bool isWhole = found.tokens.size() == prompt.size();
    if (!isWhole || !found.resume || !found.resume->logits.empty()) return match;
    match.snapshot = tree_.find(prompt.first(prompt.size() - 1)).snapshot;
    return match;
}

base::Result<PromptCache::Prefix> PromptCache::take(std::span<const int32_t> prompt,
                                                    const std::stop_token& stop) {
    const int64_t total = std::ssize(prompt);
    const int64_t shared = agreeingTokens(session_.tokens(), prompt);
    const int64_t own = session_.freeRewind(shared);
    PrefixTree::Match match = findInMemory(prompt);
    TimelineSnapshot& best = match.snapshot;
    bool isFromDisk = false;
    const int64_t inMemory = std::max(own, std::ssize(best.tokens));
    if (store_ && store_->find(prompt) > inMemory) {
        if (TimelineSnapshot stored = store_->load(prompt, best);
            std::ssize(stored.tokens) > inMemory) {
            best = std::move(stored);
            isFromDisk = true;
        }
    }
    if (std::ssize(best.tokens) > own)
        session_.restore(std::move(best));
    else
        TRY(session_.rewind(own, stop));
    if (std::ssize(session_.tokens()) == total && session_.logits().empty())
        TRY(session_.rewind(total - 1, stop));
    Prefix prefix = {.tokens = std::ssize(session_.tokens())};
    if (isFromDisk) prefix.diskTokens = std::max<int64_t>(0, prefix.tokens - inMemory);
    const int64_t known = std::max(shared, match.knownTokens);
    const bool isWorthIt = known - prefix.tokens >= kBranchTokensMin && known < total;
    if (session_.timeline().layout().needsResumePoint() && isWorthIt) prefix.branchTokens = known;
    return prefix;
}

void PromptCache::keep() {
    if (session_.tokens().empty()) return;
    const TimelineView timeline = session_.view();
    tree_.insert(timeline);
    tree_.pin(kSessionPin, timeline.tokens);
    if (store_) report(store_->append(timeline));
}

void PromptCache::keepAnswers(std::span<const StoredAnswer> answers) {
    for (const StoredAnswer& answer : answers)
        if (store_) report(store_->appendAnswer(answer));
}

// Once: a store that failed writes no more, and says no more.
void PromptCache::report(const base::Status& status) const {
    if (status) return;
    base::log(base::LogLevel::warn, "engine",
              fmt::format("the KV cache is no longer kept on disk: {}", status.error().message()));
}

}  // namespace moxie::engine
