// What a chat format writes out: one conversation and what is asked of the model. Views: the caller
// keeps what they look at. Threads: values.
#pragma once
#include <span>
#include <string>
#include <string_view>

#include "engine/chat/prompt_part.h"
#include "engine/chat_model.h"

namespace moxie::engine {

struct ChatInput {
    std::span<const Message> messages = {};
    std::span<const ToolSchema> tools = {};
    Effort effort = Effort::high;              // none: answer without reasoning, where a family can
    std::string_view responseSchemaJson = {};  // only for formats that have words for it
    std::string_view today = {};  // 2026-11-27; for formats that tell the model the date
    // What ChatML says if nobody gives a system message; empty: nothing.
    std::string_view defaultSystem = {};
};

// A tool as OpenAI's API has it: {"name": ..., "description": ..., "parameters": {...}}, and the
// same inside {"type": "function", "function": ...}. Bytes: see python_json.h.
std::string functionJson(const ToolSchema& tool);
std::string toolJson(const ToolSchema& tool);
// The schema as a model is shown it; `{}` for a tool without one.
std::string parametersJson(const ToolSchema& tool);

}  // namespace moxie::engine
