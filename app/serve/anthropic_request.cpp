#include "app/serve/anthropic_request.h"

#include <fmt/format.h>

#include <set>

#include "app/serve/request_options.h"

namespace moxie::serve {

namespace {

using base::Errc;
using engine::Message;
using engine::Role;

base::Error unknownBlock(const JsonNode& block, const std::string& type) {
    return {Errc::unsupported,
            fmt::format("{}.type: blocks of type '{}' are not supported", block.place(), type)};
}

void appendLine(std::string& text, const std::string& more) {
    if (!text.empty()) text += '\n';
    text += more;
}

// One message of the API may be several of ours: results of calls, then what the user says.
class MessageReader {
public:
    explicit MessageReader(std::vector<Message>& messages) : messages_(messages) {}

    base::Status read(const JsonNode& node) {
        TRY(node.requireObject());
        TRY_ASSIGN(const std::string role, node["role"].text());
        if (role == "assistant") return readAssistant(node["content"]);
        if (role == "user") return readUser(node["content"]);
        if (role != "system")
            return base::fail(node["role"].complaint(
                fmt::format("is '{}', expected user, assistant or system", role)));
        TRY_ASSIGN(std::string text, readTextOrParts(node["content"], {"text"}));
        messages_.push_back({.role = Role::system, .text = std::move(text)});
        return {};
    }

private:
    base::Status readUser(const JsonNode& content) {
        Message said{.role = Role::user};
        bool hasText = false;
        if (content.isText()) {
            TRY_ASSIGN(said.text, content.text());
            messages_.push_back(std::move(said));
            return {};
        }
        TRY_ASSIGN(const std::vector<JsonNode> blocks, content.items());
        for (const JsonNode& block : blocks) {
            TRY_ASSIGN(const std::string type, block["type"].text());
            if (type == "tool_result") {
                TRY(readResult(block));
            } else if (type == "text") {
                TRY_ASSIGN(const std::string text, block["text"].text());
                appendLine(said.text, text);
                hasText = true;
            } else {
                return base::fail(unknownBlock(block, type));
            }
        }
        if (hasText) messages_.push_back(std::move(said));
        return {};
    }

    base::Status readResult(const JsonNode& block) {
        Message result{.role = Role::tool};
        TRY_ASSIGN(result.toolCallId, block["tool_use_id"].text());
        if (!callIds_.contains(result.toolCallId))
            return base::fail(
                block["tool_use_id"].complaint("no earlier message has this tool_use"));
        if (block["content"].isGiven()) {
            TRY_ASSIGN(result.text, readTextOrParts(block["content"], {"text"}));
        }
        TRY_ASSIGN(result.isToolError, block["is_error"].flagOr(false));
        messages_.push_back(std::move(result));
        return {};
    }

    base::Status readAssistant(const JsonNode& content) {
        Message message{.role = Role::assistant};
        if (content.isText()) {
            TRY_ASSIGN(message.text, content.text());
        } else {
            TRY_ASSIGN(const std::vector<JsonNode> blocks, content.items());
            for (const JsonNode& block : blocks)
                TRY(readAssistantBlock(block, message));
        }
        messages_.push_back(std::move(message));
        return {};
    }

    base::Status readAssistantBlock(const JsonNode& block, Message& message) {
        TRY_ASSIGN(const std::string type, block["type"].text());
        if (type == "text") {
            TRY_ASSIGN(const std::string text, block["text"].text());
            message.text += text;  // blocks of one answer stand next to each other
        } else if (type == "thinking") {
            TRY_ASSIGN(const std::string text, block["thinking"].text());
            message.reasoning += text;
        } else if (type == "redacted_thinking") {
            TRY_ASSIGN(const std::string data, block["data"].text());
            if (std::string blocks = unsealedBlocks(data); !blocks.empty())
                message.reasoningBlocks = std::move(blocks);
        } else if (type == "tool_use") {
            engine::ToolCall call;
            TRY_ASSIGN(call.id, block["id"].text());
            TRY_ASSIGN(call.name, block["name"].text());
            TRY(block["input"].requireObject());
            call.arguments = dumped(block["input"].value());
            callIds_.insert(call.id);
            message.toolCalls.push_back(std::move(call));
        } else {
            return base::fail(unknownBlock(block, type));
        }
        return {};
    }

    std::vector<Message>& messages_;
    std::set<std::string> callIds_;
};

base::Status readMessages(const JsonNode& body, std::vector<Message>& messages) {
    if (body["system"].isGiven()) {
        TRY_ASSIGN(std::string text, readTextOrParts(body["system"], {"text"}));
        messages.push_back({.role = Role::system, .text = std::move(text)});
    }
    TRY_ASSIGN(const std::vector<JsonNode> nodes, body["messages"].items());
    if (nodes.empty()) return base::fail(body["messages"].complaint("is empty"));
    MessageReader reader(messages);
    for (const JsonNode& node : nodes)
        TRY(reader.read(node));
    if (messages.back().role == Role::assistant)
        return base::fail(Errc::unsupported,
                          "messages: the last one is the assistant's, and an answer that somebody "
                          "else began cannot be continued");
    return {};
}

base::Status readAnthropicTools(const JsonNode& body, const engine::ModelLimits& limits,
                                Question& question) {
    TRY_ASSIGN(const std::vector<JsonNode> tools, body["tools"].itemsOrNone());
    for (const JsonNode& node : tools) {
        TRY_ASSIGN(const std::string type, node["type"].textOr("custom"));
        if (type != "custom")
            return base::fail(
                Errc::unsupported,
                fmt::format("{}.type: the hosted tool '{}' is not supported", node.place(), type));
        engine::ToolSchema tool;
        TRY_ASSIGN(tool.name, readToolName(node["name"]));
        TRY_ASSIGN(tool.description, node["description"].textOr(""));
        TRY_ASSIGN(tool.parametersJson, readSchema(node["input_schema"]));
        question.request.tools.push_back(std::move(tool));
    }
    const JsonNode choice = body["tool_choice"];
    if (!choice.isGiven()) return {};
    TRY_ASSIGN(const std::string type, choice["type"].text());
    TRY_ASSIGN(question.takesOneCallOnly, choice["disable_parallel_tool_use"].flagOr(false));
    if (type == "none")
        question.request.tools.clear();
    else if (type == "any")
        return requireCall(choice, {}, limits, question.request);
    else if (type == "tool") {
        TRY_ASSIGN(std::string name, choice["name"].text());
        return requireCall(choice, std::move(name), limits, question.request);
    } else if (type != "auto") {
        return base::fail(choice["type"].complaint("expected auto, any, tool or none"));
    }
    return {};
}

// Thinking is off unless it is asked for, as this API has it.
base::Status readAnthropicThinking(const JsonNode& body, engine::ChatOptions& options) {
    TRY_ASSIGN(const std::string type, body["thinking"]["type"].textOr("disabled"));
    const JsonNode effort = body["output_config"]["effort"];
    options.effort = engine::Effort::none;
    if (type == "disabled") return {};
    if (type != "enabled" && type != "adaptive")
        return base::fail(
            body["thinking"]["type"].complaint("expected enabled, adaptive or disabled"));
    options.effort = engine::Effort::high;
    if (effort.isGiven()) {
        TRY_ASSIGN(options.effort, readEffort(effort));
    }
    return {};
}

base::Status readOutputFormat(const JsonNode& format, engine::ChatOptions& options) {
    if (!format.isGiven()) return {};
    if (format["type"].value() != "json_schema")
        return base::fail(format["type"].complaint("expected json_schema"));
    TRY(format["schema"].requireObject());
    options.responseSchemaJson = dumped(format["schema"].value());
    return {};
}

}  // namespace

base::Result<Question> readAnthropicRequest(const Json& json, const engine::ModelLimits& limits,
                                            AnthropicUse use) {
    const JsonNode body(json);
    TRY(body.requireObject());
    Question question;
    engine::ChatOptions& options = question.request.options;
    TRY(body["model"].text());
    TRY(readMessages(body, question.request.messages));
    TRY(readAnthropicTools(body, limits, question));
    TRY(readAnthropicThinking(body, options));
    TRY(readOutputFormat(body["output_config"]["format"], options));
    if (use == AnthropicUse::countTokens) return question;
    if (!body["max_tokens"].isGiven()) return base::fail(body["max_tokens"].expected("a number"));
    TRY_ASSIGN(options.outputTokensMax, readOutputLimit({body["max_tokens"]}, limits));
    TRY(readSampling(body, 1.0, options));
    TRY_ASSIGN(const std::vector<JsonNode> stops, body["stop_sequences"].itemsOrNone());
    for (const JsonNode& node : stops) {
        TRY_ASSIGN(std::string text, node.text());
        options.stop.push_back(std::move(text));
    }
    if (body["mcp_servers"].isGiven() && !body["mcp_servers"].value().empty())
        return base::fail(Errc::unsupported, "mcp_servers: hosted tools are not supported");
    TRY_ASSIGN(question.isStreaming, body["stream"].flagOr(false));
    return question;
}

}  // namespace moxie::serve
