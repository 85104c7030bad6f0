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
#include "engine/local/chat_source.h"
#include "engine/tokenizer/vocabulary.h"

namespace moxie::engine {

class ChatFormat {
public:
    // `vocabulary` outlives the format.
    // DeepSeek publishes V3.2 and V4 without a template; they are known by their tokens. Fails:
    // unsupported (a template we do not know, a vocabulary without the control tokens it needs),
    // saying so.
    static base::Result<ChatFormat> make(const ChatSource& source, const Vocabulary& vocabulary);

    const ChatFamily& family() const { return *family_; }

    // The whole prompt, ending where the model's next answer begins.
    // A response schema is told to the model where the family has words for it.
    base::Result<std::vector<PromptPart>> tryRender(const ChatRequest& request) const;
    // The same with default options, which every family can write.
    std::vector<PromptPart> render(std::span<const Message> messages,
                                   std::span<const ToolSchema> tools) const;
    // The family's control tokens that this vocabulary has.
    MarkerNames markerNames() const;
    std::unique_ptr<AnswerParser> parser(const ChatRequest& request) const;
    // The name of a control token that means something in an answer; empty for every other token,
    // also for one that spells such a name.
    std::string_view marker(int32_t token) const;
    // Whether an answer ends with this token: as the family says, and as the model's files say of
    // tokens that mean nothing else to the family.
    bool endsAnswer(int32_t token) const;

private:
    ChatInput inputOf(const ChatRequest& request) const;

    const ChatFamily* family_ = nullptr;
    const Vocabulary* vocabulary_ = nullptr;
    std::map<int32_t, std::string> markers_;
    std::set<int32_t> ends_;
    std::string defaultSystem_;  // said if the first message is no system message; may be empty
    std::string today_;
};

}  // namespace moxie::engine
