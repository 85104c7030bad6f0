// DeepSeek before V4: V3 and R1, V3.1, V3.2.
#include <fmt/format.h>

#include "engine/chat/chat_writers.h"
#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

constexpr std::string_view kV3ToolsBefore =
    "You can call any of the following function tools to satisfy the user's requests: ";
constexpr std::string_view kV3ToolsAfter =
    "\n\nExample function tool call syntax:\n\n"
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>example_function_name\n"
    "```json\n{\n  \"arg1\": \"some_value\"\n  ...\n}\n```\n"
    "<｜tool▁call▁end｜><｜tool▁calls▁end｜>\n\n";

constexpr std::string_view kV31Tools =
    "\n\nIMPORTANT: ALWAYS adhere to this exact format for tool use:\n"
    "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>tool_call_name<｜tool▁sep｜>tool_call_arguments"
    "<｜tool▁call▁end｜>{additional_tool_calls}<｜tool▁calls▁end｜>\n\n"
    "Where:\n\n"
    "- `tool_call_name` must be an exact match to one of the available tools\n"
    "- `tool_call_arguments` must be valid JSON that strictly follows the tool's Parameters "
    "Schema\n"
    "- For multiple tool calls, chain them directly without separators or spaces\n";

constexpr std::string_view kV32ToolsBefore = R"(## Tools

You have access to a set of tools you can use to answer the user's question.
You can invoke functions by writing a "<｜DSML｜function_calls>" block like the following as part of your reply to the user:
<｜DSML｜function_calls>
<｜DSML｜invoke name="$FUNCTION_NAME">
<｜DSML｜parameter name="$PARAMETER_NAME" string="true|false">$PARAMETER_VALUE</｜DSML｜parameter>
...
</｜DSML｜invoke>
<｜DSML｜invoke name="$FUNCTION_NAME2">
...
</｜DSML｜invoke>
</｜DSML｜function_calls>

String and scalar parameters should be specified as is without any escaping or quotes, while lists and objects should use JSON format. The "string" attribute should be set to "true" for string type parameters and "false" for other types (numbers, booleans, arrays, objects).

If the thinking_mode is enabled, then after function results you should strongly consider outputting a thinking block. Here is an example:

<｜DSML｜function_calls>
...
</｜DSML｜function_calls>

<function_results>
...
</function_results>

<think>...thinking about results</think>

Here are the functions available in JSONSchema format:
<functions>
)";

// All system messages, wherever they stand, joined by blank lines.
std::string systemText(std::span<const Message> messages) {
    std::string text;
    bool isFirst = true;
    for (const auto& message : messages) {
        if (message.role != Role::system) continue;
        if (!isFirst) text += "\n\n";
        isFirst = false;
        text += message.text;
    }
    return text;
}

void writeV3Tools(const ChatInput& input, PromptWriter& out) {
    if (input.tools.empty()) return;
    std::string list = "[";
    for (const auto& tool : input.tools)
        list += (list.size() > 1 ? ", " : "") + functionJson(tool);
    const auto tools = parsePythonJson(list + "]");
    out.plain(kV3ToolsBefore);
    out.plain(tools ? toText(*tools, 2) : list + "]");
    out.markup(kV3ToolsAfter);
}

void writeV3Answer(const Message& message, PromptWriter& out) {
    out.beginAnswer(shownAnswer(message, false));
    out.plain(message.text);
    const auto calls = completeCalls(message);
    for (size_t i = 0; i < calls.size(); ++i) {
        out.markup(i == 0 ? "<｜tool▁calls▁begin｜>" : "\n");
        out.markup("<｜tool▁call▁begin｜>function<｜tool▁sep｜>");
        out.plain(
            fmt::format("{}\n```json\n{}\n```", calls[i].name, pythonJsonOr(calls[i].arguments)));
        out.markup("<｜tool▁call▁end｜>");
    }
    if (!calls.empty()) out.markup("<｜tool▁calls▁end｜>");
    out.endAnswer();
    out.markup("<｜end▁of▁sentence｜>");
}

bool isRole(std::span<const Message> messages, size_t i, Role role) {
    return i < messages.size() && messages[i].role == role;
}

void writeV31Answer(const Message& message, PromptWriter& out) {
    out.beginAnswer(shownAnswer(message, false));
    out.plain(message.text);
    const auto calls = completeCalls(message);
    if (!calls.empty()) out.markup("<｜tool▁calls▁begin｜>");
    for (const auto& call : calls) {
        out.markup("<｜tool▁call▁begin｜>");
        out.plain(call.name);
        out.markup("<｜tool▁sep｜>");
        out.plain(pythonJsonOr(call.arguments));
        out.markup("<｜tool▁call▁end｜>");
    }
    if (!calls.empty()) out.markup("<｜tool▁calls▁end｜>");
    out.endAnswer();
    out.markup("<｜end▁of▁sentence｜>");
}

void writeV31Tools(std::span<const ToolSchema> tools, std::string_view system, PromptWriter& out) {
    if (tools.empty()) return;
    if (!system.empty()) out.plain("\n\n");
    out.plain("## Tools\nYou have access to the following tools:\n");
    for (const auto& tool : tools)
        out.plain(fmt::format("\n### {}\nDescription: {}\n\nParameters: {}\n", tool.name,
                              tool.description, parametersJson(tool)));
    out.markup(kV31Tools.substr(1));
}

class V32Writer {
public:
    V32Writer(const ChatInput& input, PromptWriter& out)
        : input_(input),
          out_(out),
          thinks_(input.effort != Effort::none),
          last_(lastUserMessage(input.messages)) {}

    void write() {
        out_.markup("<｜begin▁of▁sentence｜>");
        const auto messages = input_.messages;
        const bool asksMore = !input_.tools.empty() || !input_.responseSchemaJson.empty();
        if (asksMore && !isRole(messages, 0, Role::system)) writeSystem({}, 0);
        for (size_t i = 0; i < messages.size(); ++i)
            writeMessage(i);
    }

private:
    void writeMessage(size_t i) {
        const Message& message = input_.messages[i];
        switch (message.role) {
            case Role::system:
                writeSystem(message.text, i);
                return;
            case Role::user:
                out_.markup("<｜User｜>");
                out_.plain(message.text);
                out_.markup("<｜Assistant｜>");
                out_.markup(thinks_ && int64_t(i) == last_ ? "<think>" : "</think>");
                return;
            case Role::tool:
                writeResult(i);
                return;
            case Role::assistant:
                writeAnswer(i);
                return;
        }
    }

    void writeSystem(std::string_view text, size_t i) {
        out_.plain(text);
        if (i > 0) return;
        if (!input_.tools.empty()) {
            out_.plain("\n\n");
            out_.markup(kV32ToolsBefore);
            for (const auto& tool : input_.tools)
                out_.plain(functionJson(tool) + "\n");
            out_.plain("</functions>\n");
        }
        if (input_.responseSchemaJson.empty()) return;
        out_.plain(
            "\n\n## Response Format:\n\nYou MUST strictly adhere to the following schema to "
            "reply:\n");
        out_.plain(pythonJsonOr(input_.responseSchemaJson));
    }

    void writeResult(size_t i) {
        if (i == 0 || !isRole(input_.messages, i - 1, Role::tool))
            out_.plain("\n\n<function_results>");
        out_.plain("\n<result>");
        out_.plain(input_.messages[i].text);
        out_.plain("</result>");
        if (isRole(input_.messages, i + 1, Role::tool)) return;
        out_.plain("\n</function_results>\n\n");
        out_.markup(thinks_ && int64_t(i) >= last_ ? "<think>" : "</think>");
    }

    void writeAnswer(size_t i) {
        const Message& message = input_.messages[i];
        const bool hasReasoning = thinks_ && int64_t(i) > last_;
        out_.beginAnswer(shownAnswer(message, hasReasoning));
        if (hasReasoning) {
            out_.plain(message.reasoning);
            out_.markup("</think>");
        }
        out_.plain(message.text);
        const auto calls = completeCalls(message);
        if (!calls.empty()) {
            out_.markup("\n\n<｜DSML｜function_calls>\n");
            for (const auto& call : calls) {
                writeDsmlCall(call, out_);
                out_.plain("\n");
            }
            out_.markup("</｜DSML｜function_calls>");
        }
        out_.endAnswer();
        out_.markup("<｜end▁of▁sentence｜>");
    }

    const ChatInput& input_;
    PromptWriter& out_;
    bool thinks_;
    int64_t last_;
};

}  // namespace

void writeDeepseekV3(const ChatInput& input, PromptWriter& out) {
    out.markup("<｜begin▁of▁sentence｜>");
    writeV3Tools(input, out);
    out.plain(systemText(input.messages));
    bool isBehindResults = false;
    for (size_t i = 0; i < input.messages.size(); ++i) {
        const Message& message = input.messages[i];
        if (message.role == Role::user) {
            out.markup("<｜User｜>");
            out.plain(message.text);
            isBehindResults = false;
        } else if (message.role == Role::assistant) {
            if (!isBehindResults) out.markup("<｜Assistant｜>");
            writeV3Answer(message, out);
            isBehindResults = false;
        } else if (message.role == Role::tool) {
            out.markup(isBehindResults ? "\n" : "<｜tool▁outputs▁begin｜>");
            out.markup("<｜tool▁output▁begin｜>");
            out.plain(message.text);
            out.markup("<｜tool▁output▁end｜>");
            isBehindResults = true;
            if (!isRole(input.messages, i + 1, Role::tool)) out.markup("<｜tool▁outputs▁end｜>");
        }
    }
    if (isBehindResults) return;
    out.markup("<｜Assistant｜>");
    if (input.effort != Effort::none) out.markup("<think>\n");
}

void writeDeepseekV31(const ChatInput& input, PromptWriter& out) {
    out.markup("<｜begin▁of▁sentence｜>");
    const std::string system = systemText(input.messages);
    out.plain(system);
    writeV31Tools(input.tools, system, out);
    bool isBehindUser = false;
    bool isBehindResults = false;
    for (const auto& message : input.messages) {
        if (message.role == Role::system) continue;
        if (message.role == Role::user) {
            out.markup("<｜User｜>");
            out.plain(message.text);
        } else if (message.role == Role::assistant) {
            if (isBehindUser) out.markup("<｜Assistant｜><think></think>");
            writeV31Answer(message, out);
        } else {
            out.markup("<｜tool▁output▁begin｜>");
            out.plain(message.text);
            out.markup("<｜tool▁output▁end｜>");
        }
        isBehindUser = message.role == Role::user;
        isBehindResults = message.role == Role::tool;
    }
    if (!isBehindUser || isBehindResults) return;
    // Its makers allow tools only without thinking.
    const bool thinks = input.effort != Effort::none && input.tools.empty();
    out.markup(thinks ? "<｜Assistant｜><think>" : "<｜Assistant｜><think></think>");
}

void writeDeepseekV32(const ChatInput& input, PromptWriter& out) {
    V32Writer(input, out).write();
}

}  // namespace moxie::engine
