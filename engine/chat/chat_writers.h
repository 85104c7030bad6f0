// Conversations as prompts, one function for each family. All are pure: the same input gives the
// same parts, and every prompt ends where the model's next answer begins.
// Threads: any thread.
// Sources: the makers' published templates and encoders; what each is held against, and where it
// says more than they do, is told in engine/chat/README.md.
#pragma once
#include "engine/chat/chat_input.h"
#include "engine/chat/deepseek_v4.h"

namespace moxie::engine {

// ChatML with a description of the tools in our own words: for any model that has its two markers.
void writeChatMl(const ChatInput& input, PromptWriter& out);
void writeDeepseekV3(const ChatInput& input, PromptWriter& out);  // V3, R1
void writeDeepseekV31(const ChatInput& input, PromptWriter& out);
void writeDeepseekV32(const ChatInput& input, PromptWriter& out);
void writeQwen25(const ChatInput& input, PromptWriter& out);
void writeQwen3(const ChatInput& input, PromptWriter& out);
// The 2507 thinking models: the prompt opens the reasoning.
void writeQwen3Thinking(const ChatInput& input, PromptWriter& out);
void writeKimiK2(const ChatInput& input, PromptWriter& out);
void writeKimiK2Thinking(const ChatInput& input, PromptWriter& out);
void writeGlm45(const ChatInput& input, PromptWriter& out);
void writeMinimaxM2(const ChatInput& input, PromptWriter& out);
void writeGptOss(const ChatInput& input, PromptWriter& out);
void writeLlama3(const ChatInput& input, PromptWriter& out);   // 3.1 to 3.3
void writeLlama30(const ChatInput& input, PromptWriter& out);  // 3.0, which says nothing by itself

// The last message of a user; -1 without one.
int64_t lastUserMessage(std::span<const Message> messages);
// The calls of an answer that came whole.
std::vector<ToolCall> completeCalls(const Message& message);
// An answer as it is written: its reasoning only where the format shows it.
Message shownAnswer(const Message& message, bool hasReasoning);
// Without `characters` at its beginning, at its end, at both.
std::string_view trimmedLeft(std::string_view text, std::string_view characters);
std::string_view trimmedRight(std::string_view text, std::string_view characters);
std::string_view trimmed(std::string_view text, std::string_view characters);

}  // namespace moxie::engine
