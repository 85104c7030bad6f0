#include "app/serve/chat_request.h"

#include <fmt/format.h>

#include <set>

#include "app/serve/request_options.h"

namespace moxie::serve {

namespace {

using engine::Message;
using engine::Role;

base::Result<engine::ToolCall> readCall(const JsonNode& node) {
    TRY_ASSIGN(const std::string type, node["type"].textOr("function"));
    if (type != "function") return base::fail(node["type"].complaint("expected function"));
    engine::ToolCall call;
    TRY_ASSIGN(call.id, node["id"].text());
    TRY_ASSIGN(call.name, node["function"]["name"].text());
    TRY_ASSIGN(call.arguments, node["function"]["arguments"].textOr(""));
    return call;
}

base::Result<Message> readAssistant(const JsonNode& node) {
    Message message{.role = Role::assistant};
    if (node["content"].isGiven()) {
        TRY_ASSIGN(message.text, readTextOrParts(node["content"], {"text", "refusal"}));
    }
    const char* reasoning = node["reasoning_content"].isGiven() ? "reasoning_content" : "reasoning";
    if (node[reasoning].isText()) {
        TRY_ASSIGN(message.reasoning, node[reasoning].text());
    }
    TRY_ASSIGN(const std::vector<JsonNode> calls, node["tool_calls"].itemsOrNone());
    for (const JsonNode& item : calls) {
        TRY_ASSIGN(engine::ToolCall call, readCall(item));
        message.toolCalls.push_back(std::move(call));
    }
    if (!node["content"].isGiven() && message.toolCalls.empty() && message.reasoning.empty())
        return base::fail(node["content"].expected("a string or a list of parts"));
    return message;
}

base::Result<Message> readToolResult(const JsonNode& node, const std::set<std::string>& callIds) {
    Message message{.role = Role::tool};
    TRY_ASSIGN(message.text, readTextOrParts(node["content"], {"text"}));
    TRY_ASSIGN(message.toolCallId, node["tool_call_id"].text());
    if (!callIds.contains(message.toolCallId))
        return base::fail(node["tool_call_id"].complaint("no earlier message made this call"));
    return message;
}

base::Result<Message> readMessage(const JsonNode& node, std::set<std::string>& callIds) {
    TRY(node.requireObject());
    TRY_ASSIGN(const std::string role, node["role"].text());
    if (role == "tool") return readToolResult(node, callIds);
    if (role == "assistant") {
        TRY_ASSIGN(Message message, readAssistant(node));
        for (const engine::ToolCall& call : message.toolCalls)
            callIds.insert(call.id);
        return message;
    }
    const bool isSystem = role == "system" || role == "developer";
    if (!isSystem && role != "user")
        return base::fail(node["role"].complaint(
            fmt::format("is '{}', expected system, developer, user, assistant or tool", role)));
    Message message{.role = isSystem ? Role::system : Role::user};
    TRY_ASSIGN(message.text, readTextOrParts(node["content"], {"text"}));
    return message;
}

base::Status readChatTools(const JsonNode& body, const engine::ModelLimits& limits,
                           Question& question) {
    TRY_ASSIGN(const std::vector<JsonNode> tools, body["tools"].itemsOrNone());
    for (const JsonNode& node : tools) {
        TRY_ASSIGN(const std::string type, node["type"].text());
        if (type != "function")
            return base::fail(
                base::Errc::unsupported,
                fmt::format("{}.type: is '{}', expected function", node.place(), type));
        engine::ToolSchema tool;
        TRY_ASSIGN(tool.name, readToolName(node["function"]["name"]));
        TRY_ASSIGN(tool.description, node["function"]["description"].textOr(""));
        TRY_ASSIGN(tool.parametersJson, readSchema(node["function"]["parameters"]));
        question.request.tools.push_back(std::move(tool));
    }
    TRY_ASSIGN(const bool isParallel, body["parallel_tool_calls"].flagOr(true));
    question.takesOneCallOnly = !isParallel;
    const JsonNode choice = body["tool_choice"];
    if (!choice.isGiven()) return {};
    if (choice.value() == "none")
        question.request.tools.clear();
    else if (choice.value() == "required")
        return requireCall(choice, {}, limits, question.request);
    else if (choice.value() != "auto") {
        TRY_ASSIGN(std::string name, choice["function"]["name"].textOr(""));
        if (name.empty())
            return base::fail(choice.complaint("expected none, auto, required or a function"));
        return requireCall(choice, std::move(name), limits, question.request);
    }
    return {};
}

base::Status readStop(const JsonNode& node, std::vector<std::string>& stop) {
    constexpr size_t kStopMax = 4;
    if (!node.isGiven()) return {};
    if (node.isText()) {
        TRY_ASSIGN(std::string text, node.text());
        stop.push_back(std::move(text));
        return {};
    }
    TRY_ASSIGN(const std::vector<JsonNode> items, node.items());
    if (items.size() > kStopMax) return base::fail(node.complaint("expected at most 4 texts"));
    for (const JsonNode& item : items) {
        TRY_ASSIGN(std::string text, item.text());
        stop.push_back(std::move(text));
    }
    return {};
}

base::Status readResponseFormat(const JsonNode& node, engine::ChatOptions& options) {
    if (!node.isGiven()) return {};
    TRY_ASSIGN(const std::string type, node["type"].text());
    if (type == "text") return {};
    if (type == "json_object") {
        options.responseSchemaJson = R"({"type":"object"})";
        return {};
    }
    if (type != "json_schema")
        return base::fail(node["type"].complaint("expected text, json_object or json_schema"));
    TRY(node["json_schema"]["schema"].requireObject());
    options.responseSchemaJson = dumped(node["json_schema"]["schema"].value());
    return {};
}

base::Status readChatThinking(const JsonNode& body, engine::ChatOptions& options) {
    if (body["reasoning_effort"].isGiven()) {
        TRY_ASSIGN(options.effort, readEffort(body["reasoning_effort"]));
    }
    if (body["thinking"]["type"].isGiven() && body["thinking"]["type"].value() == "disabled")
        options.effort = engine::Effort::none;
    return {};
}

}  // namespace

base::Result<Question> readChatRequest(const Json& json, const engine::ModelLimits& limits) {
    const JsonNode body(json);
    TRY(body.requireObject());
    Question question;
    engine::ChatOptions& options = question.request.options;
    TRY(body["model"].text());  // any name: the server has one model, and the answer names it
    TRY_ASSIGN(const std::vector<JsonNode> messages, body["messages"].items());
    if (messages.empty()) return base::fail(body["messages"].complaint("is empty"));
    std::set<std::string> callIds;
    for (const JsonNode& node : messages) {
        TRY_ASSIGN(Message message, readMessage(node, callIds));
        question.request.messages.push_back(std::move(message));
    }
    TRY(readChatTools(body, limits, question));
    TRY(readStop(body["stop"], options.stop));
    TRY(readResponseFormat(body["response_format"], options));
    TRY(readChatThinking(body, options));
    TRY(readSampling(body, 2.0, options));
    TRY_ASSIGN(options.outputTokensMax,
               readOutputLimit({body["max_completion_tokens"], body["max_tokens"]}, limits));
    TRY_ASSIGN(question.isStreaming, body["stream"].flagOr(false));
    TRY_ASSIGN(question.wantsUsageChunk, body["stream_options"]["include_usage"].flagOr(false));
    return question;
}

}  // namespace moxie::serve
