// POST {base}/v1/messages.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/remote/json_text.h"
#include "engine/remote/request_body.h"

namespace moxie::engine {

namespace {

std::string textBlock(const std::string& text) {
    return fmt::format(R"({{"type":"text","text":{}}})", quoteJson(text));
}

bool isThinkingOn(const ChatOptions& options, const RequestShape& shape) {
    const ThinkingControl control = shape.known.thinking;
    const bool hasControl = control == ThinkingControl::adaptive ||
                            control == ThinkingControl::tokenBudget ||
                            control == ThinkingControl::deepseek;
    return hasControl && options.effort != Effort::none && !shape.refused.contains("thinking");
}

std::string effortWord(Effort effort) {
    if (effort == Effort::low) return "low";
    return effort == Effort::max ? "max" : "high";
}

// `,"thinking":...,"output_config":...` or nothing.
std::string thinkingMembers(const ChatOptions& options, const RequestShape& shape,
                            int64_t outputTokens) {
    std::string config;
    std::string json;
    if (isThinkingOn(options, shape)) {
        constexpr int64_t kBudgetMin = 1024;
        int64_t budget = options.effort == Effort::low ? 2'048 : 16'384;
        if (options.effort == Effort::max) budget = 32'768;
        budget = std::min(budget, outputTokens / 2);
        if (shape.known.thinking == ThinkingControl::adaptive)
            json += R"(,"thinking":{"type":"adaptive"})";
        else if (budget >= kBudgetMin)
            json += fmt::format(R"(,"thinking":{{"type":"enabled","budget_tokens":{}}})", budget);
        if (shape.known.thinking != ThinkingControl::tokenBudget)
            config = fmt::format(R"("effort":"{}")", effortWord(options.effort));
    } else if (shape.known.thinking == ThinkingControl::deepseek &&
               !shape.refused.contains("thinking")) {
        json += R"(,"thinking":{"type":"disabled"})";  // on by default there
    }
    if (isJsonObject(options.responseSchemaJson))
        config += fmt::format(R"({}"format":{{"type":"json_schema","schema":{}}})",
                              config.empty() ? "" : ",", options.responseSchemaJson);
    if (!config.empty() && !shape.refused.contains("output_config"))
        json += ",\"output_config\":{" + config + "}";
    return json;
}

std::string toolMembers(const std::vector<ToolSchema>& tools) {
    std::string list;
    for (const ToolSchema& tool : tools) {
        const bool hasSchema = isJsonObject(tool.parametersJson);
        list +=
            fmt::format(R"({}{{"name":{},"description":{},"input_schema":{}}})",
                        list.empty() ? "" : ",", quoteJson(tool.name), quoteJson(tool.description),
                        hasSchema ? tool.parametersJson : R"({"type":"object","properties":{}})");
    }
    return list.empty() ? list : ",\"tools\":[" + list + "]";
}

// Adjacent messages of one side become one message, as the API wants it: all results of an answer
// first, then what the user says.
class AnthropicMessages {
public:
    void add(const Message& message) {
        switch (message.role) {
            case Role::system:  // in the middle of a conversation
            case Role::user:
                return addUser(message);
            case Role::assistant:
                return addAssistant(message);
            case Role::tool:
                return block("user", resultBlock(message));
        }
    }

    std::string text() const { return "[" + text_ + (role_.empty() ? "]" : "]}]"); }

private:
    void block(std::string_view role, const std::string& json) {
        if (role_ == role) {
            text_ += "," + json;
            return;
        }
        text_ +=
            fmt::format(R"({}{{"role":"{}","content":[{})", role_.empty() ? "" : "]},", role, json);
        role_ = role;
    }

    // Pictures first: then the text may speak of them.
    void addUser(const Message& message) {
        for (const Image& image : message.images)
            block(
                "user",
                fmt::format(
                    R"({{"type":"image","source":{{"type":"base64","media_type":{},"data":{}}}}})",
                    quoteJson(image.mediaType), quoteJson(image.base64)));
        if (!isBlank(message.text))
            block("user", textBlock(message.text));
        else if (message.images.empty())
            block("user", textBlock(kNoText));
    }

    void addAssistant(const Message& message) {
        const size_t sizeBefore = text_.size();
        size_t textPos = 0;
        size_t callPos = 0;
        const auto writeText = [&](size_t end) {
            const std::string piece = message.text.substr(textPos, end - textPos);
            if (!isBlank(piece)) block("assistant", textBlock(piece));
            textPos = end;
        };
        const auto writeCalls = [&](size_t end) {
            for (; callPos < end; ++callPos)
                block("assistant", callBlock(message.toolCalls[callPos]));
        };
        // Thinking blocks go back unchanged and where they were: a "moxie_place" says how much
        // text and how many calls stood before the blocks that follow it.
        const std::optional<Json> blocks = parseJson(message.reasoningBlocks);
        if (blocks && blocks->is_array()) {
            for (const Json& item : *blocks) {
                if (stringMember(item, "type") != "moxie_place") {
                    block("assistant", dumpJson(item));
                    continue;
                }
                const auto bytes = size_t(countMember(item, "textBytes").value_or(0));
                const auto calls = size_t(countMember(item, "calls").value_or(0));
                writeText(std::clamp(bytes, textPos, message.text.size()));
                writeCalls(std::min(calls, message.toolCalls.size()));
            }
        }
        writeText(message.text.size());
        writeCalls(message.toolCalls.size());
        if (text_.size() == sizeBefore) block("assistant", textBlock(kNoText));
    }

    static std::string callBlock(const ToolCall& call) {
        return fmt::format(R"({{"type":"tool_use","id":"{}","name":"{}","input":{}}})",
                           safeIdentifier(call.id), safeIdentifier(call.name),
                           argumentsAsObject(call.arguments));
    }

    static std::string resultBlock(const Message& message) {
        return fmt::format(R"({{"type":"tool_result","tool_use_id":"{}","content":{}{}}})",
                           safeIdentifier(message.toolCallId),
                           quoteJson(isBlank(message.text) ? kNoOutput : message.text),
                           message.isToolError ? R"(,"is_error":true)" : "");
    }

    std::string role_;  // of the message that is still open
    std::string text_;
};

}  // namespace

std::string anthropicBody(const ChatRequest& request, const RequestShape& shape) {
    const ChatOptions& options = request.options;
    const int64_t outputTokens = std::min(options.outputTokensMax, shape.outputTokensMax);
    std::string json = fmt::format(R"({{"model":{},"stream":true,"max_tokens":{})",
                                   quoteJson(shape.model), outputTokens);
    // The vendor's own automatic prefix cache; markers inside messages would move and change bytes.
    if (shape.isVendorHost && !shape.refused.contains("cache_control"))
        json += R"(,"cache_control":{"type":"ephemeral"})";
    json += thinkingMembers(options, shape, outputTokens);
    const bool takesTemperature =
        !isThinkingOn(options, shape) && shape.known.thinking != ThinkingControl::adaptive;
    if (options.temperature && takesTemperature && !shape.refused.contains("temperature"))
        json += ",\"temperature\":" + dumpJson(Json(*options.temperature));
    if (!options.stop.empty() && !shape.refused.contains("stop_sequences"))
        json += ",\"stop_sequences\":" + dumpJson(Json(options.stop));

    size_t first = 0;
    std::string system;
    for (; first < request.messages.size() && request.messages[first].role == Role::system; ++first)
        if (!isBlank(request.messages[first].text))
            system += fmt::format("{}{}", system.empty() ? "" : ",",
                                  textBlock(request.messages[first].text));
    if (!system.empty()) json += ",\"system\":[" + system + "]";
    json += toolMembers(request.tools);

    AnthropicMessages conversation;
    for (; first < request.messages.size(); ++first)
        conversation.add(request.messages[first]);
    return json + ",\"messages\":" + conversation.text() + "}";
}

}  // namespace moxie::engine
