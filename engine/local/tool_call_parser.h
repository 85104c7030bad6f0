// Finds tool calls in an answer as it streams in:
//   <tool_call>{"name": "NAME", "arguments": {...}}</tool_call>
// Strict: exactly these two members, in either order, the arguments an object. Anything else
// between the markers is text, and a call that must not run.
// Threads: one thread at a time.
#pragma once
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/chat_model.h"
#include "engine/local/marker_scanner.h"

namespace moxie::engine {

class ToolCallParser {
public:
    // Call ids are made so that none repeats one of `messages`.
    explicit ToolCallParser(std::span<const Message> messages);

    // Text that is surely no call, and complete calls, in order.
    using Part = std::variant<std::string, ToolCall>;
    std::vector<Part> push(std::string_view text);
    // The end of the answer: what was held back as text, then the calls that must not run
    // (isComplete false): malformed ones, and one whose end never came.
    std::vector<Part> finish();

    bool isInsideCall() const { return isInside_; }

private:
    std::string nextId();
    void closeCall(std::vector<Part>& parts);

    std::set<std::string> usedIds_;
    int64_t calls_ = 0;
    MarkerScanner open_;
    MarkerScanner close_;
    bool isInside_ = false;
    std::string inside_;             // what stands behind the opening marker so far
    std::vector<ToolCall> refused_;  // malformed calls, given out at the end
};

}  // namespace moxie::engine
