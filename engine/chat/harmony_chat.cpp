// gpt-oss: the harmony format.
#include <fmt/format.h>

#include <map>

#include "engine/chat/chat_writers.h"
#include "engine/chat/python_json.h"
#include "engine/chat/typescript_type.h"

namespace moxie::engine {

namespace {

class HarmonyWriter {
public:
    HarmonyWriter(const ChatInput& input, PromptWriter& out) : input_(input), out_(out) {
        for (size_t i = 0; i < input.messages.size(); ++i)
            if (input.messages[i].role == Role::assistant &&
                completeCalls(input.messages[i]).empty())
                lastFinal_ = int64_t(i);
    }

    void write() {
        writeSystem();
        const auto messages = input_.messages;
        const bool hasSystem = !messages.empty() && messages.front().role == Role::system;
        writeDeveloper(hasSystem ? std::string_view(messages.front().text) : "");
        for (size_t i = hasSystem ? 1 : 0; i < messages.size(); ++i)
            writeMessage(i);
        out_.markup("<|start|>assistant");
    }

private:
    void writeSystem() {
        const bool isLow = input_.effort == Effort::none || input_.effort == Effort::low;
        out_.markup("<|start|>system<|message|>");
        out_.plain(fmt::format(
            "You are ChatGPT, a large language model trained by OpenAI.\nKnowledge cutoff: "
            "2024-06\nCurrent date: {}\n\nReasoning: {}\n\n# Valid channels: analysis, commentary, "
            "final. Channel must be included for every message.",
            input_.today, isLow ? "low" : "high"));
        if (!input_.tools.empty())
            out_.plain("\nCalls to these tools must go to the commentary channel: 'functions'.");
        out_.markup("<|end|>");
    }

    void writeDeveloper(std::string_view instructions) {
        if (instructions.empty() && input_.tools.empty()) return;
        out_.markup("<|start|>developer<|message|>");
        if (!instructions.empty()) {
            out_.plain("# Instructions\n\n");
            out_.plain(instructions);
            out_.plain("\n\n");
        }
        if (!input_.tools.empty()) {
            out_.plain("# Tools\n\n");
            out_.plain(typescriptNamespace(input_.tools));
        }
        out_.markup("<|end|>");
    }

    void writeMessage(size_t i) {
        const Message& message = input_.messages[i];
        switch (message.role) {
            case Role::system:
            case Role::user:
                out_.markup(message.role == Role::user ? "<|start|>user<|message|>"
                                                       : "<|start|>developer<|message|>");
                out_.plain(message.text);
                out_.markup("<|end|>");
                return;
            case Role::tool:
                out_.markup("<|start|>");
                out_.plain("functions." + callNames_[message.toolCallId]);
                out_.markup(" to=assistant<|channel|>commentary<|message|>");
                out_.plain(pythonString(message.text));
                out_.markup("<|end|>");
                return;
            case Role::assistant:
                writeAnswer(i);
                return;
        }
    }

    void writeAnswer(size_t i) {
        const Message& message = input_.messages[i];
        const auto calls = completeCalls(message);
        for (const auto& call : calls)
            callNames_[call.id] = call.name;
        // The reasoning behind a call is kept until the turn's last words.
        const bool hasReasoning =
            !calls.empty() && int64_t(i) > lastFinal_ && !message.reasoning.empty();
        out_.markup("<|start|>assistant");
        out_.beginAnswer(shownAnswer(message, hasReasoning));
        if (hasReasoning) {
            out_.markup("<|channel|>analysis<|message|>");
            out_.plain(message.reasoning);
            out_.markup("<|end|><|start|>assistant");
        }
        if (calls.empty() || !message.text.empty()) {
            out_.markup(calls.empty() ? "<|channel|>final<|message|>"
                                      : "<|channel|>commentary<|message|>");
            out_.plain(message.text);
            if (!calls.empty()) out_.markup("<|end|><|start|>assistant");
        }
        for (size_t c = 0; c < calls.size(); ++c) {
            if (c > 0) out_.markup("<|call|><|start|>assistant");
            out_.plain(" to=functions." + calls[c].name);
            out_.markup("<|channel|>commentary json<|message|>");
            out_.plain(pythonJsonOr(calls[c].arguments));
        }
        out_.endAnswer();
        out_.markup(calls.empty() ? "<|end|>" : "<|call|>");
    }

    const ChatInput& input_;
    PromptWriter& out_;
    int64_t lastFinal_ = -1;  // the last answer without a call
    std::map<std::string, std::string> callNames_;
};

}  // namespace

void writeGptOss(const ChatInput& input, PromptWriter& out) {
    HarmonyWriter(input, out).write();
}

}  // namespace moxie::engine
