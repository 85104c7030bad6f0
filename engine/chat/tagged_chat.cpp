// GLM-4.5 (and 4.6) and MiniMax-M2: calls as tags around keys and values.
#include <fmt/format.h>

#include "engine/chat/chat_writers.h"
#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

constexpr std::string_view kGlmToolsBefore =
    "<|system|>\n# Tools\n\nYou may call one or more functions to assist with the user query.\n\n"
    "You are provided with function signatures within <tools></tools> XML tags:\n<tools>\n";
constexpr std::string_view kGlmToolsAfter =
    "</tools>\n\nFor each function call, output the function name and arguments within the "
    "following XML format:\n<tool_call>{function-name}\n<arg_key>{arg-key-1}</arg_key>\n"
    "<arg_value>{arg-value-1}</arg_value>\n<arg_key>{arg-key-2}</arg_key>\n"
    "<arg_value>{arg-value-2}</arg_value>\n...\n</tool_call>";

constexpr std::string_view kMinimaxToolsBefore =
    "\n\n# Tools\nYou may call one or more tools to assist with the user query.\nHere are the "
    "tools available in JSONSchema format:\n\n<tools>\n";
constexpr std::string_view kMinimaxToolsAfter =
    "</tools>\n\nWhen making tool calls, use XML format to invoke tools and pass parameters:\n\n"
    "<minimax:tool_call>\n<invoke name=\"tool-name-1\">\n"
    "<parameter name=\"param-key-1\">param-value-1</parameter>\n"
    "<parameter name=\"param-key-2\">param-value-2</parameter>\n...\n</invoke>\n"
    "</minimax:tool_call>";

struct TaggedArgument {
    std::string key;
    std::string value;  // text as it is, everything else as JSON
};

std::vector<TaggedArgument> taggedArguments(const ToolCall& call) {
    std::vector<TaggedArgument> arguments;
    const auto json = parsePythonJson(call.arguments);
    if (!json) return {{"arguments", call.arguments}};
    for (size_t i = 0; i < json->keys.size(); ++i) {
        const PythonJson& value = json->values[i];
        arguments.push_back(
            {json->keys[i], value.type == PythonJson::Type::string ? value.text : toText(value)});
    }
    return arguments;
}

bool isToolAt(std::span<const Message> messages, size_t i) {
    return i < messages.size() && messages[i].role == Role::tool;
}

void writeGlmAnswer(const Message& message, bool hasReasoning, PromptWriter& out) {
    constexpr std::string_view kBlanks = " \t\r\n\v\f";
    out.markup("<|assistant|>");
    out.beginAnswer(shownAnswer(message, hasReasoning));
    out.markup("\n<think>");
    if (hasReasoning) out.plain(trimmed(message.reasoning, kBlanks));
    out.markup("</think>");
    const std::string_view text = trimmed(message.text, kBlanks);
    if (!text.empty()) out.plain("\n");
    out.plain(text);
    for (const auto& call : completeCalls(message)) {
        out.markup("\n<tool_call>");
        out.plain(call.name + "\n");
        for (const auto& argument : taggedArguments(call)) {
            out.markup("<arg_key>");
            out.plain(argument.key);
            out.markup("</arg_key>\n<arg_value>");
            out.plain(argument.value);
            out.markup("</arg_value>\n");
        }
        out.markup("</tool_call>");
    }
    out.endAnswer();
}

void writeMinimaxCalls(const std::vector<ToolCall>& calls, PromptWriter& out) {
    if (calls.empty()) return;
    out.markup("\n<minimax:tool_call>\n");
    for (const auto& call : calls) {
        out.plain(fmt::format("<invoke name=\"{}\">\n", call.name));
        for (const auto& argument : taggedArguments(call))
            out.plain(fmt::format("<parameter name=\"{}\">{}</parameter>\n", argument.key,
                                  argument.value));
        out.plain("</invoke>\n");
    }
    out.markup("</minimax:tool_call>");
}

void writeMinimaxAnswer(const Message& message, bool hasReasoning, PromptWriter& out) {
    out.markup("]~b]ai\n");
    if (hasReasoning) out.markup("<think>\n");  // as the prompt for it did
    out.beginAnswer(shownAnswer(message, hasReasoning));
    if (hasReasoning) {
        out.plain(message.reasoning);
        out.markup("\n</think>\n\n");
    }
    out.plain(message.text);
    writeMinimaxCalls(completeCalls(message), out);
    out.endAnswer();
    out.markup("[e~[\n");
}

void writeMinimaxResult(std::span<const Message> messages, size_t i, PromptWriter& out) {
    if (i == 0 || !isToolAt(messages, i - 1)) out.markup("]~b]tool");
    out.markup("\n<response>");
    out.plain(messages[i].text);
    out.markup("</response>");
    if (!isToolAt(messages, i + 1)) out.markup("[e~[\n");
}

void writeMinimaxPlain(std::string_view role, const Message& message, PromptWriter& out) {
    out.markup(fmt::format("]~b]{}\n", role));
    out.plain(message.text);
    out.markup("[e~[\n");
}

}  // namespace

void writeGlm45(const ChatInput& input, PromptWriter& out) {
    out.markup("[gMASK]<sop>");
    if (!input.tools.empty()) {
        out.markup(kGlmToolsBefore);
        for (const auto& tool : input.tools)
            out.plain(toolJson(tool) + "\n");
        out.markup(kGlmToolsAfter);
    }
    const int64_t last = lastUserMessage(input.messages);
    const bool thinks = input.effort != Effort::none;
    for (size_t i = 0; i < input.messages.size(); ++i) {
        const Message& message = input.messages[i];
        switch (message.role) {
            case Role::system:
                out.markup("<|system|>\n");
                out.plain(message.text);
                break;
            case Role::user:
                out.markup("<|user|>\n");
                out.plain(message.text);
                if (!thinks && !message.text.ends_with("/nothink")) out.markup("/nothink");
                break;
            case Role::assistant:
                writeGlmAnswer(message, int64_t(i) > last && !message.reasoning.empty(), out);
                break;
            case Role::tool:
                if (i == 0 || !isToolAt(input.messages, i - 1)) out.markup("<|observation|>");
                out.markup("\n<tool_response>\n");
                out.plain(message.text);
                out.markup("\n</tool_response>");
                break;
        }
    }
    out.markup(thinks ? "<|assistant|>" : "<|assistant|>\n<think></think>");
}

void writeMinimaxM2(const ChatInput& input, PromptWriter& out) {
    const auto messages = input.messages;
    const bool hasSystem = !messages.empty() && messages.front().role == Role::system;
    out.markup("]~!b[]~b]system\n");
    out.plain(hasSystem && !messages.front().text.empty() ? messages.front().text
                                                          : "You are a helpful assistant.");
    if (!input.tools.empty()) {
        out.markup(kMinimaxToolsBefore);
        for (const auto& tool : input.tools)
            out.plain(fmt::format("<tool>{}</tool>\n", functionJson(tool)));
        out.markup(kMinimaxToolsAfter);
    }
    out.markup("[e~[\n");
    const int64_t last = lastUserMessage(messages);
    for (size_t i = hasSystem ? 1 : 0; i < messages.size(); ++i) {
        const Message& message = messages[i];
        if (message.role == Role::assistant)
            writeMinimaxAnswer(message, int64_t(i) > last && !message.reasoning.empty(), out);
        else if (message.role == Role::tool)
            writeMinimaxResult(messages, i, out);
        else
            writeMinimaxPlain(message.role == Role::user ? "user" : "system", message, out);
    }
    out.markup("]~b]ai\n<think>\n");
}

}  // namespace moxie::engine
