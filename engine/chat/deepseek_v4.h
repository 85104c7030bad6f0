// The chat encoding of DeepSeek V4: messages as the prompt that its makers' encoding_dsv4.py
// writes, byte for byte, and apart from it what is a control token. A pure function. Threads: any
// thread. Source: the reference text on DeepSeek V4, f.3 and f.4. One point is later than that
// text: a system message at the end, or before an answer, opens the answer too, as the makers'
// deepseek-recipe 0.2.0 and vLLM 0.33 do; without it nothing would ask the model to speak. Held
// against tests/bench/peers/chat/deepseek_v4.py, vLLM's copy and deepseek-recipe.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/chat/chat_input.h"

namespace moxie::engine {

struct DeepseekV4Message {
    enum class Role { system, user, developer, latestReminder, assistant, tool };
    Role role = Role::user;
    std::string text = {};
    std::string reasoning = {};                 // assistant
    std::vector<ToolCall> toolCalls = {};       // assistant; arguments: see below
    bool endsOpen = false;                      // assistant: no end of text behind it (wo_eos)
    std::string toolCallId = {};                // tool
    std::vector<std::string> toolSchemas = {};  // system, developer: functionJson() of each tool
    std::string responseSchema = {};            // system, developer: JSON
    std::string task = {};                      // a quick task: action, query, authority, domain,
                                                // title, read_url; empty: none
};

// What an effort puts before the first message. The preview of April 2026 knew none, high and max;
// the checkpoints 0731 and 0813 know low, high and max, and say more.
enum class DeepseekV4Ladder { preview, from0731 };

struct DeepseekV4Options {
    enum class Thinking { off, on };
    Thinking thinking = Thinking::on;
    enum class History { dropThinking, keepThinking };  // kept anyway if any message has tools
    History history = History::dropThinking;
    Effort effort = Effort::low;
    DeepseekV4Ladder ladder = DeepseekV4Ladder::from0731;
};

// The names of V4's control tokens that its encoding writes.
std::span<const std::string_view> deepseekV4Specials();

// Arguments of calls that are no JSON object become one string parameter named `arguments`.
// Fails: invalidInput (a task that does not exist, a developer message without text).
base::Status writeDeepseekV4(std::span<const DeepseekV4Message> messages,
                             const DeepseekV4Options& options, PromptWriter& out);

// A conversation of ours in those terms: tools and response schema go to the first system message,
// an empty one is made for them where there is none.
std::vector<DeepseekV4Message> deepseekV4Messages(const ChatInput& input);

// One call in V4's and V3.2's mark-up, from `<｜DSML｜invoke` to `</｜DSML｜invoke>`.
void writeDsmlCall(const ToolCall& call, PromptWriter& out);

}  // namespace moxie::engine
