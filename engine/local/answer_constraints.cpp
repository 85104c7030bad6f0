#include "engine/local/answer_constraints.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/log.h"

namespace moxie::engine {

namespace {

constexpr size_t kKnownMax = 4;
constexpr int64_t kStatesMax = 20000;  // about 1 kB each, 17 kB with a mask of 130,000 tokens

// Everything that a grammar depends on. Facts are told apart by where their words are: the grammar
// holds them, so that no other words can be there.
std::string constraintKey(const ChatRequest& request) {
    const ChatOptions& options = request.options;
    const bool isBehindResults =
        !request.messages.empty() && request.messages.back().role == Role::tool;
    std::string key = fmt::format("{} {} {} {}:{}{}:{}", int(options.effort == Effort::none),
                                  int(options.toolUse), int(isBehindResults),
                                  options.requiredTool.size(), options.requiredTool,
                                  options.responseSchemaJson.size(), options.responseSchemaJson);
    for (const auto& tool : request.tools) {
        key += fmt::format("\n{}:{}{}:{}", tool.name.size(), tool.name, tool.parametersJson.size(),
                           tool.parametersJson);
        for (const auto& facts : tool.facts)
            key += fmt::format("{}:{}{}", facts.argument.size(), facts.argument,
                               static_cast<const void*>(facts.allowed.get()));
    }
    return key;
}

}  // namespace

base::Result<std::shared_ptr<TokenMasks>> AnswerConstraints::masksFor(const ChatRequest& request,
                                                                      const ChatFormat& format,
                                                                      const Tokenizer& tokenizer) {
    std::lock_guard lock(mutex_);
    std::string key = constraintKey(request);
    const auto known = std::ranges::find(known_, key, [](const auto& one) { return one.first; });
    if (known != known_.end() && known->second->states() > kStatesMax) {
        known_.erase(known);
    } else if (known != known_.end()) {
        std::rotate(known, known + 1, known_.end());
        return known_.back().second;
    }
    const MarkerNames names = format.markerNames();
    TRY_ASSIGN(auto grammar, compileAnswerGrammar(format.family(), names, request));
    if (!grammar) return nullptr;
    for (const auto& note : grammar->notes)
        base::log(base::LogLevel::warn, "engine", fmt::format("schema: {}", note));
    if (!table_)
        table_ = std::make_shared<TokenTable>(
            tokenizer, names, [&](int32_t token) { return format.endsAnswer(token); });
    if (known_.size() == kKnownMax) known_.erase(known_.begin());
    known_.emplace_back(std::move(key), std::make_shared<TokenMasks>(table_, std::move(grammar)));
    return known_.back().second;
}

}  // namespace moxie::engine
