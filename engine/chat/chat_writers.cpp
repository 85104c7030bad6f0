#include "engine/chat/chat_writers.h"

#include <algorithm>

namespace moxie::engine {

int64_t lastUserMessage(std::span<const Message> messages) {
    for (auto i = int64_t(messages.size()) - 1; i >= 0; --i)
        if (messages[size_t(i)].role == Role::user) return i;
    return -1;
}

std::vector<ToolCall> completeCalls(const Message& message) {
    std::vector<ToolCall> calls;
    for (const auto& call : message.toolCalls)
        if (call.isComplete) calls.push_back(call);
    return calls;
}

Message shownAnswer(const Message& message, bool hasReasoning) {
    return {.role = Role::assistant,
            .text = message.text,
            .reasoning = hasReasoning ? message.reasoning : std::string(),
            .toolCalls = message.toolCalls};
}

std::string_view trimmedLeft(std::string_view text, std::string_view characters) {
    return text.substr(std::min(text.find_first_not_of(characters), text.size()));
}

std::string_view trimmedRight(std::string_view text, std::string_view characters) {
    const size_t last = text.find_last_not_of(characters);
    return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

std::string_view trimmed(std::string_view text, std::string_view characters) {
    return trimmedLeft(trimmedRight(text, characters), characters);
}

}  // namespace moxie::engine
