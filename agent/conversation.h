// The messages that the next request carries, rebuilt from the log by replaying its events in
// order. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <unordered_set>
#include <vector>

#include "agent/event.h"
#include "engine/chat_model.h"

namespace moxie::agent {

class Conversation {
public:
    // Takes what concerns the conversation; other kinds of events are passed over.
    void replay(const Event& event);

    std::vector<engine::Message> messages() const;

    bool isEmpty() const { return entries_.empty(); }

    bool hasUserMessage() const;
    // Calls of the last assistant message that have no answer yet, in call order.
    std::vector<engine::ToolCall> openCalls() const;
    // `id` if no call has it yet, else a new one made from it.
    std::string uniqueCallId(const std::string& id) const;

    using CountTokens = std::function<int64_t(std::string_view)>;

    int64_t countTokens(const CountTokens& count) const;  // remembers what it counted

    // Which old tool results to shorten: the oldest first, until `savedMin` tokens are saved; the
    // last `protectedTokens` stay. Empty if less than savedMin can be had.
    HistoryPruned planPruning(const CountTokens& count, int64_t protectedTokens,
                              int64_t savedMin) const;

private:
    struct Entry {
        engine::Message message;
        int64_t seq = 0;
        mutable int64_t tokens = -1;  // -1: not counted yet
        bool isPruned = false;
    };

    static int64_t tokensOf(const Entry& entry, const CountTokens& count);

    std::vector<Entry> entries_;
    std::unordered_set<std::string> callIds_;
};

// The short form of a tool result: its head and its tail and how to get it back.
std::string prunedText(const std::string& text);

}  // namespace moxie::agent
