// Qwen 2.5 and 3: ChatML with Hermes calls.
#include <fmt/format.h>

#include "engine/chat/chat_writers.h"
#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

constexpr std::string_view kHermesBefore =
    "# Tools\n\nYou may call one or more functions to assist with the user query.\n\nYou are "
    "provided with function signatures within <tools></tools> XML tags:\n<tools>";
constexpr std::string_view kHermesAfter =
    "\n</tools>\n\nFor each function call, return a json object with function name and arguments "
    "within <tool_call></tool_call> XML tags:\n<tool_call>\n{\"name\": <function-name>, "
    "\"arguments\": <args-json-object>}\n</tool_call><|im_end|>\n";

class QwenWriter {
public:
    enum class Version { two, three, threeThinking };

    QwenWriter(const ChatInput& input, PromptWriter& out, Version version)
        : input_(input),
          out_(out),
          version_(version),
          last_(lastQuery()) {}

    void write() {
        writeSystem();
        for (size_t i = 0; i < input_.messages.size(); ++i)
            writeMessage(i);
        out_.markup("<|im_start|>assistant\n");
        if (version_ == Version::threeThinking) out_.markup("<think>\n");
        if (version_ == Version::three && input_.effort == Effort::none)
            out_.markup("<think>\n\n</think>\n\n");
    }

private:
    // The last message of a user that is not a tool's result in disguise.
    int64_t lastQuery() const {
        for (auto i = int64_t(input_.messages.size()) - 1; i >= 0; --i) {
            const Message& message = input_.messages[size_t(i)];
            if (message.role == Role::user && !(message.text.starts_with("<tool_response>") &&
                                                message.text.ends_with("</tool_response>")))
                return i;
        }
        return int64_t(input_.messages.size()) - 1;
    }

    bool hasSystem() const {
        return !input_.messages.empty() && input_.messages.front().role == Role::system;
    }

    void writeSystem() {
        const bool isTwo = version_ == Version::two;
        if (!hasSystem() && !isTwo && input_.tools.empty()) return;
        out_.markup("<|im_start|>system\n");
        if (hasSystem())
            out_.plain(input_.messages.front().text);
        else if (isTwo)
            out_.plain("You are Qwen, created by Alibaba Cloud. You are a helpful assistant.");
        if (input_.tools.empty()) {
            out_.markup("<|im_end|>\n");
            return;
        }
        if (hasSystem() || isTwo) out_.plain("\n\n");
        out_.markup(kHermesBefore);
        for (const auto& tool : input_.tools)
            out_.plain("\n" + toolJson(tool));
        out_.markup(kHermesAfter);
    }

    void writeMessage(size_t i) {
        const Message& message = input_.messages[i];
        switch (message.role) {
            case Role::system:
                if (i > 0) writePlain("system", message);
                return;
            case Role::user:
                writePlain("user", message);
                return;
            case Role::tool:
                writeResult(i);
                return;
            case Role::assistant:
                out_.markup("<|im_start|>assistant\n");
                version_ == Version::two ? writeAnswer2(message) : writeAnswer3(i);
                out_.markup("<|im_end|>\n");
                return;
        }
    }

    void writePlain(std::string_view role, const Message& message) {
        out_.markup(fmt::format("<|im_start|>{}\n", role));
        out_.plain(message.text);
        out_.markup("<|im_end|>\n");
    }

    void writeResult(size_t i) {
        const auto isTool = [this](size_t at) {
            return at < input_.messages.size() && input_.messages[at].role == Role::tool;
        };
        if (i == 0 || !isTool(i - 1)) out_.markup("<|im_start|>user");
        out_.markup("\n<tool_response>\n");
        out_.plain(input_.messages[i].text);
        out_.markup("\n</tool_response>");
        if (!isTool(i + 1)) out_.markup("<|im_end|>\n");
    }

    void writeCalls(const Message& message, bool hasText) {
        for (const auto& call : completeCalls(message)) {
            if (hasText) out_.plain("\n");
            hasText = true;
            out_.markup("<tool_call>\n{\"name\": \"");
            out_.plain(call.name);
            out_.plain("\", \"arguments\": ");
            out_.plain(version_ == Version::two ? pythonJsonOr(call.arguments) : call.arguments);
            out_.markup("}\n</tool_call>");
        }
    }

    void writeAnswer2(const Message& message) {
        out_.beginAnswer(shownAnswer(message, false));
        out_.plain(message.text);
        writeCalls(message, !message.text.empty());
        out_.endAnswer();
    }

    void writeAnswer3(size_t i) {
        const Message& message = input_.messages[i];
        const bool isLast = i + 1 == input_.messages.size();
        const bool hasReasoning = int64_t(i) > last_ && (isLast || !message.reasoning.empty());
        std::string_view text = message.text;
        // Where the prompt opens the reasoning, the answer begins behind that.
        const bool isOpened = version_ == Version::threeThinking && hasReasoning;
        if (isOpened) out_.markup("<think>\n");
        out_.beginAnswer(shownAnswer(message, hasReasoning));
        if (hasReasoning) {
            if (!isOpened) out_.markup("<think>\n");
            out_.plain(trimmed(message.reasoning, "\n"));
            out_.markup("\n</think>\n\n");
            text = trimmedLeft(text, "\n");
        }
        out_.plain(text);
        writeCalls(message, !message.text.empty());
        out_.endAnswer();
    }

    const ChatInput& input_;
    PromptWriter& out_;
    Version version_;
    int64_t last_;
};

}  // namespace

void writeQwen25(const ChatInput& input, PromptWriter& out) {
    QwenWriter(input, out, QwenWriter::Version::two).write();
}

void writeQwen3(const ChatInput& input, PromptWriter& out) {
    QwenWriter(input, out, QwenWriter::Version::three).write();
}

void writeQwen3Thinking(const ChatInput& input, PromptWriter& out) {
    QwenWriter(input, out, QwenWriter::Version::threeThinking).write();
}

}  // namespace moxie::engine
