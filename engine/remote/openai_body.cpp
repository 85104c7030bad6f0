// POST {base}/chat/completions.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/remote/json_text.h"
#include "engine/remote/request_body.h"

namespace moxie::engine {

namespace {

// Members of the request's head, in order of writing.
class Head {
public:
    explicit Head(const std::set<std::string>& refused) : refused_(refused) {}

    void add(const std::string& name, const std::string& json) {
        if (refused_.contains(name)) return;
        text_ += fmt::format("{}\"{}\":{}", text_.empty() ? "{" : ",", name, json);
    }

    const std::string& text() const { return text_; }

private:
    const std::set<std::string>& refused_;
    std::string text_;
};

void addThinking(Head& head, const ChatOptions& options, const RequestShape& shape) {
    const Effort effort = options.effort;
    const char* word = effort == Effort::low ? "\"low\"" : "\"high\"";
    switch (shape.known.thinking) {
        case ThinkingControl::deepseek:
            if (effort == Effort::none) {
                head.add("thinking", R"({"type":"disabled"})");
                return;
            }
            head.add("thinking", R"({"type":"enabled"})");
            head.add("reasoning_effort", effort == Effort::max ? "\"max\"" : word);
            return;
        case ThinkingControl::thinkingSwitch:
            head.add("thinking",
                     effort == Effort::none ? R"({"type":"disabled"})" : R"({"type":"enabled"})");
            return;
        case ThinkingControl::reasoningEffort:
            head.add("reasoning_effort", effort == Effort::none ? "\"low\"" : word);
            return;
        default:
            return;  // Claude models behind this API think by their own default
    }
}

void addOutputLimit(Head& head, const ChatOptions& options, const RequestShape& shape) {
    // OpenAI's own reasoning models take only the new name, most compatible servers only the old.
    bool takesNewName = shape.isVendorHost;
    if (shape.refused.contains("max_tokens")) takesNewName = true;
    if (shape.refused.contains("max_completion_tokens")) takesNewName = false;
    const int64_t limit = std::min(options.outputTokensMax, shape.outputTokensMax);
    head.add(takesNewName ? "max_completion_tokens" : "max_tokens", std::to_string(limit));
}

void addTools(Head& head, const std::vector<ToolSchema>& tools) {
    if (tools.empty()) return;
    std::string list;
    for (const ToolSchema& tool : tools) {
        const bool hasSchema = isJsonObject(tool.parametersJson);
        list += fmt::format(
            R"({}{{"type":"function","function":{{"name":{},"description":{},"parameters":{}}}}})",
            list.empty() ? "" : ",", quoteJson(tool.name), quoteJson(tool.description),
            hasSchema ? tool.parametersJson : R"({"type":"object","properties":{}})");
    }
    head.add("tools", "[" + list + "]");
}

std::string messageJson(const std::string& role, const std::string& text) {
    return fmt::format(R"({{"role":"{}","content":{}}})", role, quoteJson(text));
}

// Pictures first: then the text may speak of them.
std::string picturesJson(const Message& message) {
    std::string parts;
    for (const Image& image : message.images)
        parts += fmt::format(
            R"({}{{"type":"image_url","image_url":{{"url":{}}}}})", parts.empty() ? "" : ",",
            quoteJson(fmt::format("data:{};base64,{}", image.mediaType, image.base64)));
    if (!isBlank(message.text))
        parts += fmt::format(R"(,{{"type":"text","text":{}}})", quoteJson(message.text));
    return fmt::format(R"({{"role":"user","content":[{}]}})", parts);
}

class OpenaiMessages {
public:
    OpenaiMessages(const ChatRequest& request, const RequestShape& shape)
        : replaysReasoning_(shape.known.replaysReasoning && !request.tools.empty()),
          needsReasoning_(replaysReasoning_ && request.options.effort != Effort::none &&
                          shape.known.thinking == ThinkingControl::deepseek) {
        for (const Message& message : request.messages)
            add(message);
    }

    std::string text() const { return "[" + text_ + "]"; }

private:
    void append(const std::string& json) {
        if (!text_.empty()) text_.push_back(',');
        text_ += json;
    }

    void add(const Message& message) {
        switch (message.role) {
            case Role::system:
                return append(messageJson("system", message.text));
            case Role::user:
                return append(
                    message.images.empty()
                        ? messageJson("user", message.text.empty() ? kNoText : message.text)
                        : picturesJson(message));
            case Role::assistant:
                return addAssistant(message);
            case Role::tool:
                return addToolResult(message);
        }
    }

    void addAssistant(const Message& message) {
        // A thinking model refuses calls that come back without their reasoning (lost by a switch
        // of models, say). Inventing one is not honest, so such calls and results become text.
        if (needsReasoning_ && !message.toolCalls.empty() && message.reasoning.empty()) {
            std::string text = message.text;
            for (const ToolCall& call : message.toolCalls) {
                toldAsText_.insert(call.id);
                text += fmt::format("{}[earlier call of {} with {}]", text.empty() ? "" : "\n",
                                    call.name, call.arguments);
            }
            return append(messageJson("assistant", text));
        }
        std::string json =
            fmt::format(R"({{"role":"assistant","content":{})", quoteJson(message.text));
        if (replaysReasoning_ && !message.reasoning.empty())
            json += ",\"reasoning_content\":" + quoteJson(message.reasoning);
        std::string calls;
        for (const ToolCall& call : message.toolCalls)
            calls += fmt::format(
                R"({}{{"id":{},"type":"function","function":{{"name":"{}","arguments":{}}}}})",
                calls.empty() ? "" : ",", quoteJson(call.id), safeIdentifier(call.name),
                quoteJson(argumentsAsObject(call.arguments)));
        if (!calls.empty()) json += ",\"tool_calls\":[" + calls + "]";
        append(json + "}");
    }

    void addToolResult(const Message& message) {
        const std::string text = message.text.empty() ? kNoOutput : message.text;
        if (toldAsText_.contains(message.toolCallId))
            return append(messageJson("user", "[its result]\n" + text));
        append(fmt::format(R"({{"role":"tool","tool_call_id":{},"content":{}}})",
                           quoteJson(message.toolCallId), quoteJson(text)));
    }

    const bool replaysReasoning_;
    const bool needsReasoning_;
    std::set<std::string> toldAsText_;  // ids of calls that were written as text
    std::string text_;
};

}  // namespace

std::string openAiBody(const ChatRequest& request, const RequestShape& shape) {
    const ChatOptions& options = request.options;
    Head head(shape.refused);
    head.add("model", quoteJson(shape.model));
    head.add("stream", "true");
    head.add("stream_options", R"({"include_usage":true})");
    addOutputLimit(head, options, shape);
    addThinking(head, options, shape);
    if (options.temperature) head.add("temperature", dumpJson(Json(*options.temperature)));
    if (options.seed) head.add("seed", std::to_string(*options.seed));
    if (!options.stop.empty()) head.add("stop", dumpJson(Json(options.stop)));
    if (isJsonObject(options.responseSchemaJson))
        head.add(
            "response_format",
            fmt::format(R"({{"type":"json_schema","json_schema":{{"name":"answer","schema":{}}}}})",
                        options.responseSchemaJson));
    addTools(head, request.tools);
    return head.text() + ",\"messages\":" + OpenaiMessages(request, shape).text() + "}";
}

}  // namespace moxie::engine
