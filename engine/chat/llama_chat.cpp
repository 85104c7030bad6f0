// Llama 3.
#include <fmt/format.h>

#include "engine/chat/chat_writers.h"
#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

constexpr std::string_view kLlamaBlanks = " \t\r\n\v\f";

void writeHeader(std::string_view role, PromptWriter& out) {
    out.markup(fmt::format("<|start_header_id|>{}<|end_header_id|>\n\n", role));
}

void writeLlamaTools(std::span<const ToolSchema> tools, PromptWriter& out) {
    out.plain(
        "Given the following functions, please respond with a JSON for a function call with "
        "its proper arguments that best answers the given prompt.\n\n"
        "Respond in the format {\"name\": function name, \"parameters\": dictionary of "
        "argument name and its value}.Do not use variables.\n\n");
    for (const auto& tool : tools) {
        const auto json = parsePythonJson(toolJson(tool));
        out.plain((json ? toText(*json, 4) : toolJson(tool)) + "\n\n");
    }
}

void writeLlamaAnswer(const Message& message, PromptWriter& out) {
    writeHeader("assistant", out);
    out.beginAnswer(shownAnswer(message, false));
    const auto calls = completeCalls(message);
    if (calls.empty()) out.plain(trimmed(message.text, kLlamaBlanks));
    for (size_t i = 0; i < calls.size(); ++i)
        out.plain(fmt::format("{}{{\"name\": \"{}\", \"parameters\": {}}}", i > 0 ? "\n" : "",
                              calls[i].name, pythonJsonOr(calls[i].arguments)));
    out.endAnswer();
    out.markup("<|eot_id|>");
}

// The tools, and with them the first question.
std::span<const Message> writeToolsTurn(const ChatInput& input, std::span<const Message> messages,
                                        PromptWriter& out) {
    writeHeader("user", out);
    writeLlamaTools(input.tools, out);
    const bool hasQuestion = !messages.empty() && messages.front().role == Role::user;
    if (hasQuestion) out.plain(trimmed(messages.front().text, kLlamaBlanks));
    out.markup("<|eot_id|>");
    return messages.subspan(hasQuestion ? 1 : 0);
}

void writeLlamaMessages(std::span<const Message> messages, PromptWriter& out) {
    for (const auto& message : messages) {
        if (message.role == Role::assistant) {
            writeLlamaAnswer(message, out);
            continue;
        }
        const bool isTool = message.role == Role::tool;
        writeHeader(isTool ? "ipython" : message.role == Role::user ? "user" : "system", out);
        out.plain(isTool ? pythonString(message.text)
                         : std::string(trimmed(message.text, kLlamaBlanks)));
        out.markup("<|eot_id|>");
    }
    writeHeader("assistant", out);
}

}  // namespace

void writeLlama3(const ChatInput& input, PromptWriter& out) {
    auto messages = input.messages;
    const bool hasSystem = !messages.empty() && messages.front().role == Role::system;
    out.markup("<|begin_of_text|>");
    writeHeader("system", out);
    if (!input.tools.empty()) out.plain("Environment: ipython\n");
    out.plain("Cutting Knowledge Date: December 2023\nToday Date: 26 Jul 2024\n\n");
    if (hasSystem) out.plain(trimmed(messages.front().text, kLlamaBlanks));
    out.markup("<|eot_id|>");
    if (hasSystem) messages = messages.subspan(1);
    if (!input.tools.empty()) messages = writeToolsTurn(input, messages, out);
    writeLlamaMessages(messages, out);
}

void writeLlama30(const ChatInput& input, PromptWriter& out) {
    auto messages = input.messages;
    out.markup("<|begin_of_text|>");
    if (!input.tools.empty()) {
        if (!messages.empty() && messages.front().role == Role::system) {
            writeHeader("system", out);
            out.plain(trimmed(messages.front().text, kLlamaBlanks));
            out.markup("<|eot_id|>");
            messages = messages.subspan(1);
        }
        messages = writeToolsTurn(input, messages, out);
    }
    writeLlamaMessages(messages, out);
}

}  // namespace moxie::engine
