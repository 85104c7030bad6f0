#include "agent/conversation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"

namespace moxie::agent {

namespace {

constexpr int64_t kPrunedHeadBytes = 400;
constexpr int64_t kPrunedTailBytes = 200;
// Below this there is nothing to gain from shortening a result.
constexpr int64_t kPrunedFromBytes = 1200;
constexpr int64_t kTokensPerImage = 1600;  // vendors make larger ones smaller
constexpr int64_t kTokensPerMessage = 6;   // role and separators, a high guess

}  // namespace

std::string prunedText(const std::string& text) {
    return base::headAndTail(text, kPrunedHeadBytes, kPrunedTailBytes) +
           "\n[shortened to make room: make the call again if you need the rest]";
}

void Conversation::replay(const Event& event) {
    if (const auto* added = std::get_if<MessageAdded>(&event.body)) {
        for (const engine::ToolCall& call : added->message.toolCalls)
            callIds_.insert(call.id);
        entries_.push_back({added->message, event.seq, -1, false});
    } else if (const auto* pruned = std::get_if<HistoryPruned>(&event.body)) {
        for (Entry& entry : entries_) {
            if (entry.isPruned || std::find(pruned->messageSeqs.begin(), pruned->messageSeqs.end(),
                                            entry.seq) == pruned->messageSeqs.end())
                continue;
            entry.message.text = prunedText(entry.message.text);
            entry.tokens = -1;
            entry.isPruned = true;
        }
    }
}

std::vector<engine::Message> Conversation::messages() const {
    std::vector<engine::Message> all;
    all.reserve(entries_.size());
    for (const Entry& entry : entries_)
        all.push_back(entry.message);
    return all;
}

bool Conversation::hasUserMessage() const {
    return std::any_of(entries_.begin(), entries_.end(),
                       [](const Entry& entry) { return entry.message.role == engine::Role::user; });
}

std::vector<engine::ToolCall> Conversation::openCalls() const {
    std::unordered_set<std::string> answered;
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
        if (entry->message.role == engine::Role::tool) answered.insert(entry->message.toolCallId);
        if (entry->message.role != engine::Role::assistant) continue;
        std::vector<engine::ToolCall> open;
        for (const engine::ToolCall& call : entry->message.toolCalls)
            if (!answered.contains(call.id)) open.push_back(call);
        return open;
    }
    return {};
}

std::string Conversation::uniqueCallId(const std::string& id) const {
    const std::string stem = id.empty() ? "call" : id;
    if (!id.empty() && !callIds_.contains(id)) return id;
    for (size_t n = callIds_.size() + 1;; ++n) {
        std::string candidate = fmt::format("{}_{}", stem, n);
        if (!callIds_.contains(candidate)) return candidate;
    }
}

int64_t Conversation::tokensOf(const Entry& entry, const CountTokens& count) {
    if (entry.tokens >= 0) return entry.tokens;
    const engine::Message& m = entry.message;
    int64_t tokens =
        kTokensPerMessage + count(m.text) + count(m.reasoning) + count(m.reasoningBlocks);
    tokens += kTokensPerImage * int64_t(m.images.size());
    for (const engine::ToolCall& call : m.toolCalls)
        tokens += kTokensPerMessage + count(call.name) + count(call.arguments);
    entry.tokens = tokens;
    return tokens;
}

int64_t Conversation::countTokens(const CountTokens& count) const {
    int64_t tokens = 0;
    for (const Entry& entry : entries_)
        tokens += tokensOf(entry, count);
    return tokens;
}

HistoryPruned Conversation::planPruning(const CountTokens& count, int64_t protectedTokens,
                                        int64_t savedMin) const {
    size_t end = entries_.size();  // entries from here on stay
    for (int64_t kept = 0; end > 0; --end) {
        kept += tokensOf(entries_[end - 1], count);
        if (kept > protectedTokens) break;
    }
    HistoryPruned plan;
    int64_t savedTokens = 0;
    for (size_t i = 0; i < end && savedTokens < savedMin; ++i) {
        const Entry& entry = entries_[i];
        const auto bytes = int64_t(entry.message.text.size());
        if (entry.message.role != engine::Role::tool || entry.isPruned || bytes < kPrunedFromBytes)
            continue;
        const std::string shorter = prunedText(entry.message.text);
        savedTokens += tokensOf(entry, count) - kTokensPerMessage - count(shorter);
        plan.savedBytes += bytes - int64_t(shorter.size());
        plan.messageSeqs.push_back(entry.seq);
    }
    if (savedTokens < savedMin) return {};
    return plan;
}

}  // namespace moxie::agent
