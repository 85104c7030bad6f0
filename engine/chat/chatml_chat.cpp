// ChatML, for models whose own way with tools we do not know.
// Source: the template inside SmolLM2-135M-Instruct; held against it by
// tests/bench/peers/chat_template_compare.py.
#include <fmt/format.h>

#include "engine/chat/chat_writers.h"
#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

std::string_view roleName(Role role) {
    switch (role) {
        case Role::system:
            return "system";
        case Role::user:
            return "user";
        case Role::assistant:
            return "assistant";
        case Role::tool:
            return "tool";
    }
    return "user";
}

// The paragraph that tells a model of its tools; empty without tools.
std::string toolsParagraph(std::span<const ToolSchema> tools) {
    if (tools.empty()) return {};
    std::string text =
        "You can call tools. To call one, write nothing but\n"
        "<tool_call>{\"name\": \"NAME\", \"arguments\": {...}}</tool_call>\n"
        "and wait for its result. These tools exist:\n<tools>\n";
    for (const auto& tool : tools)
        text += fmt::format("{{\"name\": {}, \"description\": {}, \"parameters\": {}}}\n",
                            pythonString(tool.name), pythonString(tool.description),
                            tool.parametersJson.empty() ? "{}" : tool.parametersJson);
    return text + "</tools>";
}

void writeChatMlAnswer(const Message& message, PromptWriter& out) {
    out.beginAnswer(shownAnswer(message, false));
    out.plain(message.text);
    bool isLineOpen = !message.text.empty() && message.text.back() != '\n';
    for (const auto& call : completeCalls(message)) {
        if (isLineOpen) out.plain("\n");
        isLineOpen = true;
        out.plain(fmt::format("<tool_call>{{\"name\": {}, \"arguments\": {}}}</tool_call>",
                              pythonString(call.name), call.arguments));
    }
    out.endAnswer();
}

}  // namespace

void writeChatMl(const ChatInput& input, PromptWriter& out) {
    const auto open = [&out](Role role) {
        out.markup("<|im_start|>");
        out.plain(fmt::format("{}\n", roleName(role)));
    };
    const auto messages = input.messages;
    const bool hasSystem = !messages.empty() && messages.front().role == Role::system;
    const std::string_view system = hasSystem ? messages.front().text : input.defaultSystem;
    const std::string tools = toolsParagraph(input.tools);
    if (hasSystem || !system.empty() || !tools.empty()) {
        open(Role::system);
        out.plain(system);
        if (!system.empty() && !tools.empty()) out.plain("\n\n");
        out.plain(tools);
        out.markup("<|im_end|>\n");
    }
    for (const auto& message : messages.subspan(hasSystem ? 1 : 0)) {
        open(message.role);
        if (message.role == Role::assistant)
            writeChatMlAnswer(message, out);
        else
            out.plain(message.text);
        out.markup("<|im_end|>\n");
    }
    open(Role::assistant);
}

}  // namespace moxie::engine
