#include "app/serve/request_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace moxie::serve {

namespace {

using base::Errc;
using engine::Effort;

struct EffortWord {
    std::string_view word;
    Effort effort;
};

constexpr std::array<EffortWord, 8> kEffortWords = {{{"none", Effort::none},
                                                     {"minimal", Effort::low},
                                                     {"low", Effort::low},
                                                     {"medium", Effort::high},
                                                     {"high", Effort::high},
                                                     {"xhigh", Effort::high},
                                                     {"max", Effort::max},
                                                     {"ultra", Effort::max}}};

// A parameter that would change the answer, and the value at which it changes nothing.
struct NeutralValue {
    const char* name;
    double value;
};

constexpr std::array<NeutralValue, 5> kNeutralValues = {{{"n", 1},
                                                         {"top_p", 1},
                                                         {"presence_penalty", 0},
                                                         {"frequency_penalty", 0},
                                                         {"top_logprobs", 0}}};

base::Error unsupported(const JsonNode& node, std::string_view sentence) {
    return {Errc::unsupported, fmt::format("{}: {}", node.place(), sentence)};
}

constexpr double kSeedMax = 9007199254740991.0;  // 2^53 - 1

}  // namespace

base::Result<Effort> readEffort(const JsonNode& node) {
    TRY_ASSIGN(const std::string word, node.text());
    for (const EffortWord& known : kEffortWords)
        if (known.word == word) return known.effort;
    return base::fail(node.complaint(
        fmt::format("is '{}', expected none, minimal, low, medium, high, xhigh or max", word)));
}

base::Result<std::string> readTextOrParts(const JsonNode& node,
                                          std::initializer_list<const char*> types) {
    if (node.isText()) return node.text();
    if (!node.isList()) return base::fail(node.expected("a string or a list of parts"));
    TRY_ASSIGN(const std::vector<JsonNode> parts, node.items());
    std::string joined;
    for (const JsonNode& part : parts) {
        TRY_ASSIGN(const std::string type, part["type"].text());
        if (std::find(types.begin(), types.end(), type) == types.end())
            return base::fail(
                unsupported(part, fmt::format("is of type '{}', and only text is read", type)));
        TRY_ASSIGN(const std::string text, part[type == "refusal" ? "refusal" : "text"].text());
        if (!joined.empty()) joined += '\n';
        joined += text;
    }
    return joined;
}

base::Result<int64_t> readOutputLimit(std::initializer_list<JsonNode> nodes,
                                      const engine::ModelLimits& limits) {
    constexpr int64_t kDefault = 8192;
    constexpr double kLimitMax = 1e9;
    const int64_t most = limits.outputTokensMax > 0 ? limits.outputTokensMax : kDefault;
    for (const JsonNode& node : nodes) {
        if (!node.isGiven()) continue;
        TRY_ASSIGN(const int64_t asked, node.integer({.min = 1, .max = kLimitMax}));
        return limits.outputTokensMax > 0 ? std::min(asked, most) : asked;
    }
    return most;
}

base::Status readSampling(const JsonNode& body, double temperatureMax,
                          engine::ChatOptions& options) {
    if (const JsonNode node = body["temperature"]; node.isGiven()) {
        TRY_ASSIGN(options.temperature, node.number({.min = 0, .max = temperatureMax}));
    }
    if (const JsonNode node = body["seed"]; node.isGiven()) {
        TRY_ASSIGN(const int64_t seed, node.integer({.min = -kSeedMax, .max = kSeedMax}));
        options.seed = uint64_t(seed);
    }
    for (const NeutralValue& neutral : kNeutralValues) {
        const JsonNode node = body[neutral.name];
        if (!node.isGiven()) continue;
        TRY_ASSIGN(const double value, node.number({.min = -1e9, .max = 1e9}));
        if (value != neutral.value)
            return base::fail(
                unsupported(node, fmt::format("only {} is supported", neutral.value)));
    }
    for (const char* name : {"top_k", "logit_bias"})
        if (const JsonNode node = body[name]; node.isGiven() && !node.value().empty())
            return base::fail(unsupported(node, "is not supported"));
    TRY_ASSIGN(const bool wantsLogprobs, body["logprobs"].flagOr(false));
    if (wantsLogprobs) return base::fail(unsupported(body["logprobs"], "is not supported"));
    return {};
}

base::Result<std::string> readToolName(const JsonNode& node) {
    constexpr size_t kNameMax = 128;
    TRY_ASSIGN(std::string name, node.text());
    const bool isName = std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-.:").find(c) != std::string_view::npos;
    });
    if (!isName || name.empty() || name.size() > kNameMax)
        return base::fail(node.complaint("expected 1 to 128 of a-z, A-Z, 0-9, _, -, . and :"));
    return name;
}

base::Result<std::string> readSchema(const JsonNode& node) {
    if (!node.isGiven()) return std::string(R"({"type":"object","properties":{}})");
    TRY(node.requireObject());
    return dumped(node.value());
}

base::Status requireCall(const JsonNode& node, std::string tool, const engine::ModelLimits& limits,
                         engine::ChatRequest& request) {
    if (limits.isLocal) {
        const bool isOffered =
            tool.empty() ? !request.tools.empty()
                         : std::ranges::count(request.tools, tool, &engine::ToolSchema::name) > 0;
        if (!isOffered) return base::fail(node.complaint("asks for a tool that is not in tools"));
        request.options.toolUse = engine::ToolUse::required;
        request.options.requiredTool = std::move(tool);
        return {};
    }
    return base::fail(
        unsupported(node, fmt::format("{} cannot be enforced with this model; use auto or none",
                                      dumped(node.value()))));
}

}  // namespace moxie::serve
