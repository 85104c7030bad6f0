// Ids of tool calls, unique within a conversation. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <set>
#include <span>
#include <string>

#include "engine/chat_model.h"

namespace moxie::engine {

class CallIds {
public:
    CallIds() = default;
    // Ids of `messages` are taken.
    explicit CallIds(std::span<const Message> messages);
    // `wanted` if it is free, else, and if it is empty, a new one: call_1, call_2, ...
    std::string take(const std::string& wanted);

private:
    std::set<std::string> used_;
    int64_t calls_ = 0;
};

}  // namespace moxie::engine
