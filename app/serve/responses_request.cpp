#include "app/serve/responses_request.h"

#include <fmt/format.h>

#include <set>

#include "app/serve/request_options.h"

namespace moxie::serve {

namespace {

using base::Errc;
using engine::Message;
using engine::Role;

// What a free-text tool takes, as the model sees it: a function of one text.
constexpr const char* kFreeTextSchema =
    R"({"type":"object","properties":{"input":{"type":"string"}},"required":["input"]})";

// Items of a conversation become messages: reasoning, text and calls of one answer are one message.
class ItemReader {
public:
    explicit ItemReader(std::vector<Message>& messages) : messages_(messages) {}

    base::Status read(const JsonNode& item) {
        TRY(item.requireObject());
        TRY_ASSIGN(const std::string type, item["type"].textOr("message"));
        if (type == "message") return readMessage(item);
        if (type == "reasoning") return readReasoning(item);
        if (type == "function_call") return readCall(item, item["arguments"]);
        if (type == "custom_tool_call") return readFreeTextCall(item);
        if (type == "function_call_output" || type == "custom_tool_call_output")
            return readOutput(item);
        return base::fail(
            Errc::unsupported,
            fmt::format("{}.type: items of type '{}' are not supported", item.place(), type));
    }

private:
    // The answer that is still being put together; a new one if `isOver` says so of the last.
    template <class IsOver>
    Message& answer(IsOver isOver) {
        if (messages_.empty() || messages_.back().role != Role::assistant ||
            isOver(messages_.back()))
            messages_.push_back({.role = Role::assistant});
        return messages_.back();
    }

    base::Status readMessage(const JsonNode& item) {
        TRY_ASSIGN(const std::string role, item["role"].text());
        TRY_ASSIGN(std::string text, readTextOrParts(item["content"], {"input_text", "output_text",
                                                                       "text", "refusal"}));
        if (role == "assistant") {
            const auto hasMore = [](const Message& last) {
                return !last.text.empty() || !last.toolCalls.empty();
            };
            answer(hasMore).text = std::move(text);
            return {};
        }
        const bool isSystem = role == "system" || role == "developer";
        if (!isSystem && role != "user")
            return base::fail(item["role"].complaint(
                fmt::format("is '{}', expected system, developer, user or assistant", role)));
        messages_.push_back({.role = isSystem ? Role::system : Role::user, .text = text});
        return {};
    }

    base::Status readReasoning(const JsonNode& item) {
        TRY_ASSIGN(const std::string sealed, item["encrypted_content"].textOr(""));
        if (const std::string blocks = unsealedBlocks(sealed); !blocks.empty()) {
            answer([](const Message&) { return false; }).reasoningBlocks = blocks;
            return {};
        }
        const char* member =
            item["content"].isList() && !item["content"].value().empty() ? "content" : "summary";
        if (!item[member].isGiven()) return {};
        TRY_ASSIGN(const std::string text,
                   readTextOrParts(item[member], {"summary_text", "reasoning_text", "text"}));
        const auto hasMore = [](const Message& last) {
            return !last.text.empty() || !last.toolCalls.empty();
        };
        answer(hasMore).reasoning += text;
        return {};
    }

    base::Status addCall(const JsonNode& item, std::string arguments) {
        engine::ToolCall call;
        TRY_ASSIGN(call.id, item["call_id"].text());
        TRY_ASSIGN(call.name, item["name"].text());
        call.arguments = std::move(arguments);
        callIds_.insert(call.id);
        answer([](const Message&) { return false; }).toolCalls.push_back(std::move(call));
        return {};
    }

    base::Status readCall(const JsonNode& item, const JsonNode& arguments) {
        TRY_ASSIGN(std::string text, arguments.text());
        return addCall(item, std::move(text));
    }

    base::Status readFreeTextCall(const JsonNode& item) {
        TRY_ASSIGN(const std::string input, item["input"].text());
        return addCall(item, dumped(Json::object({{"input", input}})));
    }

    base::Status readOutput(const JsonNode& item) {
        Message message{.role = Role::tool};
        TRY_ASSIGN(message.toolCallId, item["call_id"].text());
        if (!callIds_.contains(message.toolCallId))
            return base::fail(item["call_id"].complaint("no earlier item made this call"));
        TRY_ASSIGN(message.text,
                   readTextOrParts(item["output"], {"input_text", "output_text", "text"}));
        messages_.push_back(std::move(message));
        return {};
    }

    std::vector<Message>& messages_;
    std::set<std::string> callIds_;
};

base::Status readInput(const JsonNode& body, std::vector<Message>& messages) {
    if (body["instructions"].isGiven()) {
        TRY_ASSIGN(std::string text, body["instructions"].text());
        messages.push_back({.role = Role::system, .text = std::move(text)});
    }
    const JsonNode input = body["input"];
    if (input.isText()) {
        TRY_ASSIGN(std::string text, input.text());
        messages.push_back({.role = Role::user, .text = std::move(text)});
        return {};
    }
    if (!input.isList()) return base::fail(input.expected("a string or a list of items"));
    TRY_ASSIGN(const std::vector<JsonNode> items, input.items());
    if (items.empty()) return base::fail(input.complaint("is empty"));
    ItemReader reader(messages);
    for (const JsonNode& item : items)
        TRY(reader.read(item));
    return {};
}

base::Status readTool(const JsonNode& node, const std::string& nameSpace, Question& question) {
    TRY_ASSIGN(const std::string type, node["type"].text());
    if (type == "namespace") {
        if (!nameSpace.empty())
            return base::fail(node["type"].complaint("a namespace inside a namespace"));
        TRY_ASSIGN(const std::string inner, readToolName(node["name"]));
        TRY_ASSIGN(const std::vector<JsonNode> tools, node["tools"].items());
        for (const JsonNode& tool : tools)
            TRY(readTool(tool, inner, question));
        return {};
    }
    const bool isFreeText = type == "custom";
    if (type != "function" && !isFreeText) return {};  // hosted
    engine::ToolSchema tool;
    TRY_ASSIGN(tool.name, readToolName(node["name"]));
    TRY_ASSIGN(tool.description, node["description"].textOr(""));
    tool.parametersJson = kFreeTextSchema;
    if (!isFreeText) {
        TRY_ASSIGN(tool.parametersJson, readSchema(node["parameters"]));
    }
    if (isFreeText || !nameSpace.empty())
        question.toolForms[tool.name] = {.isFreeText = isFreeText, .nameSpace = nameSpace};
    question.request.tools.push_back(std::move(tool));
    return {};
}

base::Status readResponsesTools(const JsonNode& body, const engine::ModelLimits& limits,
                                Question& question) {
    TRY_ASSIGN(const std::vector<JsonNode> tools, body["tools"].itemsOrNone());
    for (const JsonNode& node : tools)
        TRY(readTool(node, {}, question));
    TRY_ASSIGN(const bool isParallel, body["parallel_tool_calls"].flagOr(true));
    question.takesOneCallOnly = !isParallel;
    const JsonNode choice = body["tool_choice"];
    if (!choice.isGiven()) return {};
    if (choice.value() == "none")
        question.request.tools.clear();
    else if (choice.value() == "required")
        return requireCall(choice, {}, limits, question.request);
    else if (choice.value() != "auto") {
        TRY_ASSIGN(std::string name, choice["name"].textOr(""));
        if (name.empty())
            return base::fail(choice.complaint("expected none, auto, required or a function"));
        return requireCall(choice, std::move(name), limits, question.request);
    }
    return {};
}

// What needs answers that we do not keep.
base::Status refuseStored(const JsonNode& body) {
    for (const char* name : {"previous_response_id", "conversation", "prompt"})
        if (body[name].isGiven())
            return base::fail(Errc::unsupported,
                              fmt::format("{}: this server stores nothing; send the whole "
                                          "conversation as input",
                                          name));
    TRY_ASSIGN(const bool isBackground, body["background"].flagOr(false));
    if (isBackground)
        return base::fail(Errc::unsupported, "background: only foreground answers are supported");
    return {};
}

base::Status readTextFormat(const JsonNode& format, engine::ChatOptions& options) {
    if (!format.isGiven()) return {};
    TRY_ASSIGN(const std::string type, format["type"].text());
    if (type == "text") return {};
    if (type == "json_object") {
        options.responseSchemaJson = R"({"type":"object"})";
        return {};
    }
    if (type != "json_schema")
        return base::fail(format["type"].complaint("expected text, json_object or json_schema"));
    TRY(format["schema"].requireObject());
    options.responseSchemaJson = dumped(format["schema"].value());
    return {};
}

}  // namespace

base::Result<Question> readResponsesRequest(const Json& json, const engine::ModelLimits& limits) {
    const JsonNode body(json);
    TRY(body.requireObject());
    Question question;
    engine::ChatOptions& options = question.request.options;
    TRY(body["model"].text());
    TRY(refuseStored(body));
    TRY(readInput(body, question.request.messages));
    TRY(readResponsesTools(body, limits, question));
    TRY(readTextFormat(body["text"]["format"], options));
    if (body["reasoning"]["effort"].isGiven()) {
        TRY_ASSIGN(options.effort, readEffort(body["reasoning"]["effort"]));
    }
    TRY(readSampling(body, 2.0, options));
    TRY_ASSIGN(options.outputTokensMax, readOutputLimit({body["max_output_tokens"]}, limits));
    TRY_ASSIGN(question.isStreaming, body["stream"].flagOr(false));
    return question;
}

}  // namespace moxie::serve
