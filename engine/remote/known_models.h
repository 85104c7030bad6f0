// What we know about remote models by their names: limits, prices and habits. A table, not a
// registry: what is not here works with careful defaults. Threads: any thread.
// Source: the vendors' own pages, DeepSeek's of November 2026.
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/chat_model.h"

namespace moxie::engine {

// How a model is told how much to think.
enum class ThinkingControl {
    none,             // not at all: it does what it does
    reasoningEffort,  // OpenAI: reasoning_effort low, high
    deepseek,         // thinking.type and reasoning_effort low, high, max
    thinkingSwitch,   // thinking.type enabled or disabled
    adaptive,         // Anthropic from 4.6: thinking adaptive and output_config.effort
    tokenBudget,      // Anthropic before: thinking enabled with budget_tokens
};

struct KnownModel {
    int64_t contextTokens = 128'000;
    int64_t outputTokensMax = 32'768;
    bool hasReasoning = false;
    ThinkingControl thinking = ThinkingControl::none;
    // Wants the reasoning of earlier assistant turns back when the request has tools (chat
    // completions). Others may reject the field.
    bool replaysReasoning = false;
    bool takesImages = false;
};

// `name` as configured, with or without a vendor before a slash.
KnownModel knownModel(std::string_view name);

// nullopt: not known. DeepSeek's doubles at peak hours, so it depends on the time.
std::optional<ModelLimits::Price> knownPrice(std::string_view name, int64_t wallMs);

}  // namespace moxie::engine
