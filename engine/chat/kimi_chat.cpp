// Kimi K2, without and with thinking.
#include <fmt/format.h>

#include <map>

#include "engine/chat/chat_writers.h"

namespace moxie::engine {

namespace {

class KimiWriter {
public:
    enum class Thinking { never, shown };

    KimiWriter(const ChatInput& input, PromptWriter& out, Thinking thinking)
        : input_(input),
          out_(out),
          thinks_(thinking == Thinking::shown) {
        for (size_t i = 0; i < input.messages.size(); ++i)
            if (input.messages[i].role == Role::assistant &&
                completeCalls(input.messages[i]).empty())
                lastPlainAnswer_ = int64_t(i);
    }

    void write() {
        writeTools();
        const auto messages = input_.messages;
        if (messages.empty() || messages.front().role != Role::system) {
            open("system");
            out_.plain("You are Kimi, an AI assistant created by Moonshot AI.");
            out_.markup(thinks_ ? "<|im_end|>" : "<|im_end|>\n");
        }
        for (size_t i = 0; i < messages.size(); ++i)
            writeMessage(i);
        open("assistant");
    }

private:
    void open(std::string_view role) {
        const bool hasToken = role == "user" || role == "assistant";
        out_.markup(fmt::format("<|im_{}|>{}<|im_middle|>", hasToken ? role : "system", role));
    }

    void writeTools() {
        if (input_.tools.empty()) return;
        open("tool_declare");
        std::string list = "[";
        for (const auto& tool : input_.tools)
            list += (list.size() > 1 ? ", " : "") + toolJson(tool);
        out_.plain(list + "]");
        out_.markup("<|im_end|>");
    }

    void writeMessage(size_t i) {
        const Message& message = input_.messages[i];
        switch (message.role) {
            case Role::system:
            case Role::user:
                open(message.role == Role::user ? "user" : "system");
                out_.plain(message.text);
                break;
            case Role::tool: {
                open("tool");
                const auto id = ids_.find(message.toolCallId);
                out_.plain(fmt::format("## Return of {}\n",
                                       id == ids_.end() ? message.toolCallId : id->second));
                out_.plain(message.text);
                break;
            }
            case Role::assistant:
                open("assistant");
                writeAnswer(message, int64_t(i) > lastPlainAnswer_);
                break;
        }
        out_.markup("<|im_end|>");
    }

    // The id as Kimi knows it: its own, or one made as it makes them.
    std::string idOf(const ToolCall& call) {
        const int64_t number = nCalls_++;
        std::string id = call.id.starts_with("functions.")
                             ? call.id
                             : fmt::format("functions.{}:{}", call.name, number);
        ids_[call.id] = id;
        return id;
    }

    void writeAnswer(const Message& message, bool isRecent) {
        const bool hasReasoning = thinks_ && isRecent;
        out_.beginAnswer(shownAnswer(message, hasReasoning));
        if (thinks_) {
            out_.markup("<think>");
            if (hasReasoning) out_.plain(message.reasoning);
            out_.markup("</think>");
        }
        out_.plain(message.text);
        const auto calls = completeCalls(message);
        if (!calls.empty()) out_.markup("<|tool_calls_section_begin|>");
        for (const auto& call : calls) {
            out_.markup("<|tool_call_begin|>");
            out_.plain(idOf(call));
            out_.markup("<|tool_call_argument_begin|>");
            out_.plain(call.arguments);
            out_.markup("<|tool_call_end|>");
        }
        if (!calls.empty()) out_.markup("<|tool_calls_section_end|>");
        out_.endAnswer();
    }

    const ChatInput& input_;
    PromptWriter& out_;
    bool thinks_;
    int64_t lastPlainAnswer_ = -1;
    int64_t nCalls_ = 0;
    std::map<std::string, std::string> ids_;  // ours, as written
};

}  // namespace

void writeKimiK2(const ChatInput& input, PromptWriter& out) {
    KimiWriter(input, out, KimiWriter::Thinking::never).write();
}

void writeKimiK2Thinking(const ChatInput& input, PromptWriter& out) {
    KimiWriter(input, out, KimiWriter::Thinking::shown).write();
}

}  // namespace moxie::engine
