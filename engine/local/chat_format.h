// How a conversation is written for a model in our own process: ChatML, which the sample model and
// many others speak. Not here: tokens, parsing of answers (ToolCallParser).
// Appending messages leaves everything before the last generation prompt as it was.
// Threads: immutable; any thread.
// Source: the Jinja template inside the GGUF file of SmolLM2-135M-Instruct, written out by hand and
// held against it by tests/bench/peers/chat_template_compare.py.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/chat_model.h"
#include "engine/tokenizer/vocabulary.h"

namespace moxie::engine {

struct PromptPart {
    enum class Kind {
        special,     // the name of one control token
        plain,       // ordinary text, whoever wrote it
        answerBody,  // ordinary text that a model wrote: what answerBody() gave for that message
    };
    Kind kind = Kind::plain;
    std::string text;
    bool operator==(const PromptPart&) const = default;
};

class ChatFormat {
public:
    // `jinja`: tokenizer.chat_template of the file. Only a template that speaks ChatML is taken,
    // and only if the vocabulary has its two markers as control tokens. Fails: unsupported, saying
    // so.
    static base::Result<ChatFormat> make(std::string_view jinja, const Vocabulary& vocabulary);

    // The whole prompt, ending where the model's next answer begins. Tools are described at the end
    // of the system text (format: toolsText()).
    std::vector<PromptPart> render(std::span<const Message> messages,
                                   std::span<const ToolSchema> tools) const;

    // What an assistant message was as text: what it said, then its complete calls. Calls that were
    // cut off stand in the text already.
    static std::string answerBody(const Message& message);
    // The paragraph that tells a model of its tools; empty without tools.
    static std::string toolsText(std::span<const ToolSchema> tools);

private:
    std::string defaultSystem_;  // said if the first message is no system message; may be empty
};

// The parts as one text, for people and logs.
std::string toText(std::span<const PromptPart> parts);

}  // namespace moxie::engine
