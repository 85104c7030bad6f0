// The chat formats we know, and which of them a model speaks.
// Threads: immutable; any thread.
#pragma once
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"
#include "engine/chat/answer_parser.h"
#include "engine/chat/chat_input.h"
#include "engine/chat/deepseek_v4.h"
#include "engine/chat/marked_text.h"

namespace moxie::engine {

struct ParserInput {
    MarkerNames names = {};
    std::span<const Message> messages = {};
    std::span<const ToolSchema> tools = {};  // none: what looks like a call is text
    Effort effort = Effort::high;
};

struct ChatFamily {
    std::string_view name;
    // Names that may be control tokens: in prompts, and as markers in answers.
    std::span<const std::string_view> specials;
    // Those that must be, or the format cannot be spoken.
    std::span<const std::string_view> needed;
    // Control tokens that end an answer; every other one is part of it.
    std::span<const std::string_view> ends;
    base::Status (*write)(const ChatInput& input, PromptWriter& out);
    std::unique_ptr<AnswerParser> (*parser)(const ParserInput& input);
    enum class Reasoning { none, shown };
    Reasoning reasoning = Reasoning::none;
    enum class Schema { unsupported, asked };
    Schema responseSchema = Schema::unsupported;  // asked: the prompt says it, too
};

// By the template the file carries and the names its vocabulary has as control tokens. DeepSeek
// publishes V3.2 and V4 without a template: these are known by their tokens, and V4's ladder of
// efforts is `ladder`; a template of V4 says its ladder itself.
// ChatML is what remains for a template with its two markers.
// Fails: unsupported, saying what we know.
base::Result<const ChatFamily*> findChatFamily(
    std::string_view jinja, const MarkerNames& controls,
    DeepseekV4Ladder ladder = DeepseekV4Ladder::from0731);
// By name; null if there is none. For tests and tools.
const ChatFamily* chatFamilyNamed(std::string_view name);
std::span<const ChatFamily> chatFamilies();
// Every name that any family calls special.
std::span<const std::string_view> chatSpecials();

}  // namespace moxie::engine
