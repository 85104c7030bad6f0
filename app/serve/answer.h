// What a request asks for and what the model said, free of any API's form.
// Threads: values.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/chat_model.h"

namespace moxie::serve {

// How a tool was declared, where that matters for the form of its calls (Responses only).
struct ToolForm {
    bool isFreeText = false;     // a "custom" tool: its input is text, not JSON
    std::string nameSpace = {};  // of a tool inside a "namespace"
};

struct Question {
    engine::ChatRequest request = {};
    bool isStreaming = false;
    bool wantsUsageChunk = false;  // chat completions: stream_options.include_usage
    bool takesOneCallOnly = false;
    std::map<std::string, ToolForm> toolForms = {};
};

enum class PartKind { reasoning, text, call };

struct AnswerPart {
    PartKind kind = PartKind::text;
    std::string text = {};
    engine::ToolCall call = {};
};

struct Answer {
    std::string id = {};  // hexadecimal, unique in this process
    int64_t createdS = 0;
    std::string model = {};
    std::vector<AnswerPart> parts = {};  // as they came; no two reasonings or texts in a row
    std::optional<engine::Usage> usage = {};
    engine::Finish finish = {};

    void addReasoning(std::string_view text);
    void addText(std::string_view text);
    bool hasCalls() const;
    // All parts of one kind together.
    std::string joined(PartKind kind) const;
};

// An upstream's own reasoning blocks travel through a client as opaque text.
std::string sealedBlocks(const std::string& reasoningBlocks);
// Empty if it is not ours.
std::string unsealedBlocks(const std::string& sealed);

}  // namespace moxie::serve
