// How a conversation is written for one model in our own process, and how its answers are read: a
// family of engine/chat bound to a vocabulary.
// Appending messages leaves everything before the last generation prompt as it was, but for the
// reasoning of earlier turns where the family drops it.
// Threads: immutable; any thread.
#pragma once
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/chat/answer_parser.h"
#include "engine/chat/chat_family.h"
#include "engine/chat/prompt_part.h"
#include "engine/chat_model.h"
#include "engine/tokenizer/vocabulary.h"

namespace moxie::engine {

class ChatFormat {
public:
    // `vocabulary` outlives the format.
    // `jinja`: tokenizer.chat_template of the file; empty for DeepSeek V3.2 and V4, which are known
    // by their tokens. Fails: unsupported (a template we do not know, a vocabulary without the
    // control tokens it needs), saying so.
    static base::Result<ChatFormat> make(std::string_view jinja, const Vocabulary& vocabulary);

    const ChatFamily& family() const { return *family_; }

    // The whole prompt, ending where the model's next answer begins.
    // Fails: unsupported (a response schema in a family without words for it).
    base::Result<std::vector<PromptPart>> tryRender(const ChatRequest& request) const;
    // The same with default options, which every family can write.
    std::vector<PromptPart> render(std::span<const Message> messages,
                                   std::span<const ToolSchema> tools) const;
    std::unique_ptr<AnswerParser> parser(const ChatRequest& request) const;
    // `token`: what Vocabulary::bytes() gave for it. The name of a control token that means
    // something in an answer; empty for every other token, also for one that spells such a name.
    std::string_view marker(std::string_view token) const;

    // Whether the family ends its answers with this token.
    bool endsAnswer(int32_t token) const { return ends_.contains(token); }

private:
    ChatInput inputOf(const ChatRequest& request) const;
    MarkerNames markerNames() const;

    const ChatFamily* family_ = nullptr;
    std::map<const char*, std::string> markers_;  // by the place of their names in the vocabulary
    std::set<int32_t> ends_;
    std::string defaultSystem_;  // said if the first message is no system message; may be empty
    std::string today_;
};

}  // namespace moxie::engine
