// POST /v1/responses: how answers are written. Source: the OpenAI API reference, and what Codex
// acts upon (it takes items from response.output_item.done).
#include <fmt/format.h>

#include "app/serve/dialect.h"
#include "app/serve/responses_request.h"

namespace moxie::serve {

namespace {

using engine::FinishReason;

Json given(const Json& body, const char* key, const Json& fallback) {
    const JsonNode node = JsonNode(body)[key];
    return node.isGiven() ? node.value() : fallback;
}

Json responseUsage(const std::optional<engine::Usage>& usage) {
    if (!usage) return nullptr;
    return {{"input_tokens", usage->inputTokens},
            {"input_tokens_details", {{"cached_tokens", usage->cachedInputTokens}}},
            {"output_tokens", usage->outputTokens},
            {"output_tokens_details", {{"reasoning_tokens", usage->reasoningTokens}}},
            {"total_tokens", usage->inputTokens + usage->outputTokens}};
}

// The response object without output, usage and final status.
Json responseHead(const Json& body, const Answer& answer) {
    const Json text = {{"format", {{"type", "text"}}}};
    return {{"id", "resp_" + answer.id},
            {"object", "response"},
            {"created_at", answer.createdS},
            {"status", "in_progress"},
            {"background", false},
            {"error", nullptr},
            {"incomplete_details", nullptr},
            {"instructions", given(body, "instructions", nullptr)},
            {"max_output_tokens", given(body, "max_output_tokens", nullptr)},
            {"metadata", given(body, "metadata", Json::object())},
            {"model", answer.model},
            {"output", Json::array()},
            {"parallel_tool_calls", given(body, "parallel_tool_calls", true)},
            {"previous_response_id", nullptr},
            {"reasoning", given(body, "reasoning", Json::object())},
            {"store", false},
            {"temperature", given(body, "temperature", nullptr)},
            {"text", given(body, "text", text)},
            {"tool_choice", given(body, "tool_choice", "auto")},
            {"tools", given(body, "tools", Json::array())},
            {"top_p", given(body, "top_p", nullptr)},
            {"truncation", "disabled"},
            {"usage", nullptr}};
}

struct Ending {
    const char* status;
    const char* event;
    const char* incompleteReason;  // nullptr: it is complete
};

Ending endingOf(FinishReason reason) {
    switch (reason) {
        case FinishReason::length:
        case FinishReason::contextFull:
            return {"incomplete", "response.incomplete", "max_output_tokens"};
        case FinishReason::refusal:
            return {"incomplete", "response.incomplete", "content_filter"};
        case FinishReason::stop:
        case FinishReason::toolCalls:
            break;
    }
    return {"completed", "response.completed", nullptr};
}

// Items and their ids in the order of the stream.
class Items {
public:
    explicit Items(const Question& question) : question_(question) {}

    // Of the answer; every item's id contains it.
    void setAnswerId(const std::string& id) { id_ = id; }

    std::string nextId(const char* prefix) { return fmt::format("{}_{}_{}", prefix, id_, n_++); }

    static Json reasoning(const std::string& id, const std::string& text) {
        Json summary = Json::array();
        if (!text.empty()) summary.push_back({{"type", "summary_text"}, {"text", text}});
        return {{"type", "reasoning"},
                {"id", id},
                {"summary", summary},
                {"encrypted_content", nullptr}};
    }

    static Json sealed(const std::string& id, const std::string& blocks) {
        Json item = reasoning(id, {});
        item["encrypted_content"] = sealedBlocks(blocks);
        return item;
    }

    static Json textPart(const std::string& text) {
        return {{"type", "output_text"},
                {"text", text},
                {"annotations", Json::array()},
                {"logprobs", Json::array()}};
    }

    static Json message(const std::string& id, const char* status, const Json& content) {
        return {{"type", "message"},
                {"id", id},
                {"status", status},
                {"role", "assistant"},
                {"content", content}};
    }

    bool isFreeText(const engine::ToolCall& call) const {
        const auto form = question_.toolForms.find(call.name);
        return form != question_.toolForms.end() && form->second.isFreeText;
    }

    // What a call says: its arguments, or the text of a free-text tool.
    std::string callText(const engine::ToolCall& call) const {
        if (!isFreeText(call)) return call.arguments;
        const auto json = parseJson(call.arguments);
        if (!json) return call.arguments;
        const JsonNode input = JsonNode(*json)["input"];
        return input.isText() ? input.value().get<std::string>() : call.arguments;
    }

    Json call(const std::string& id, const engine::ToolCall& call, const char* status,
              const std::string& text) const {
        const bool isFree = isFreeText(call);
        Json item = {{"type", isFree ? "custom_tool_call" : "function_call"},
                     {"id", id},
                     {"status", status},
                     {"call_id", call.id},
                     {"name", call.name},
                     {isFree ? "input" : "arguments", text}};
        const auto form = question_.toolForms.find(call.name);
        if (form != question_.toolForms.end() && !form->second.nameSpace.empty())
            item["namespace"] = form->second.nameSpace;
        return item;
    }

private:
    const Question& question_;
    std::string id_;
    int n_ = 0;
};

class ResponseEvents final : public EventWriter {
public:
    ResponseEvents(const Question& question, const Json& body) : body_(body), items_(question) {}

    std::string begin(const Answer& answer) override {
        items_.setAnswerId(answer.id);
        response_ = responseHead(body_, answer);
        std::string bytes = event("response.created", {{"response", response_}});
        bytes += event("response.in_progress", {{"response", response_}});
        return bytes;
    }

    std::string reasoning(std::string_view text) override { return piece(Open::reasoning, text); }

    std::string text(std::string_view text) override { return piece(Open::message, text); }

    std::string call(const engine::ToolCall& call) override {
        std::string bytes = closeOpen();
        const bool isFree = items_.isFreeText(call);
        const std::string id = items_.nextId(isFree ? "ctc" : "fc");
        const std::string text = items_.callText(call);
        const std::string name =
            isFree ? "response.custom_tool_call_input" : "response.function_call_arguments";
        bytes += added(items_.call(id, call, "in_progress", ""));
        bytes +=
            event(name + ".delta", {{"item_id", id}, {"output_index", index()}, {"delta", text}});
        Json done = {{"item_id", id}, {"output_index", index()}};
        if (!isFree) done["name"] = call.name;
        done[isFree ? "input" : "arguments"] = text;
        bytes += event(name + ".done", done);
        bytes += itemDone(items_.call(id, call, "completed", text));
        return bytes;
    }

    std::string stillWorking() override { return ": still working\n\n"; }

    std::string finish(const Answer& answer) override {
        const Ending ending = endingOf(answer.finish.reason);
        std::string bytes = closeOpen(ending.status);
        if (!answer.finish.reasoningBlocks.empty()) {
            const std::string id = items_.nextId("rs");
            bytes += added(Items::reasoning(id, {}));
            bytes += itemDone(Items::sealed(id, answer.finish.reasoningBlocks));
        }
        response_["status"] = ending.status;
        response_["output"] = output_;
        response_["usage"] = responseUsage(answer.usage);
        if (ending.incompleteReason != nullptr)
            response_["incomplete_details"] = {{"reason", ending.incompleteReason}};
        return bytes + event(ending.event, {{"response", response_}});
    }

    std::string fail(const ApiError& error) override {
        response_["status"] = "failed";
        response_["output"] = output_;
        response_["error"] = {{"code", error.code.empty() ? "server_error" : error.code},
                              {"message", error.message}};
        return event("response.failed", {{"response", response_}});
    }

private:
    enum class Open { none, reasoning, message };

    std::string event(const std::string& type, const Json& members) {
        Json json = {{"type", type}, {"sequence_number", sequence_++}};
        json.update(members);
        return serverSentEvent(type, json);
    }

    int64_t index() const { return int64_t(output_.size()); }

    std::string added(const Json& item) {
        return event("response.output_item.added", {{"output_index", index()}, {"item", item}});
    }

    std::string itemDone(const Json& item) {
        std::string bytes =
            event("response.output_item.done", {{"output_index", index()}, {"item", item}});
        output_.push_back(item);
        return bytes;
    }

    // Where the text that is being written stands.
    Json place() const {
        return {{"item_id", openId_},
                {"output_index", index()},
                {open_ == Open::reasoning ? "summary_index" : "content_index", 0}};
    }

    std::string placed(const char* type, const char* key, const Json& value) {
        Json members = place();
        members[key] = value;
        if (open_ == Open::message && std::string_view(key) != "part")
            members["logprobs"] = Json::array();
        return event(type, members);
    }

    Json part() const {
        if (open_ == Open::message) return Items::textPart(openText_);
        return {{"type", "summary_text"}, {"text", openText_}};
    }

    std::string piece(Open kind, std::string_view text) {
        std::string bytes = open_ == kind ? std::string() : closeOpen();
        if (open_ == Open::none) {
            open_ = kind;
            const bool isMessage = kind == Open::message;
            openId_ = items_.nextId(isMessage ? "msg" : "rs");
            bytes += added(isMessage ? Items::message(openId_, "in_progress", Json::array())
                                     : Items::reasoning(openId_, {}));
            bytes += placed(
                isMessage ? "response.content_part.added" : "response.reasoning_summary_part.added",
                "part", part());
        }
        openText_ += text;
        return bytes + placed(open_ == Open::message ? "response.output_text.delta"
                                                     : "response.reasoning_summary_text.delta",
                              "delta", text);
    }

    // `status`: of a message whose text ends here.
    std::string closeOpen(const char* status = "completed") {
        if (open_ == Open::none) return {};
        const bool isMessage = open_ == Open::message;
        std::string bytes =
            placed(isMessage ? "response.output_text.done" : "response.reasoning_summary_text.done",
                   "text", openText_);
        bytes += placed(
            isMessage ? "response.content_part.done" : "response.reasoning_summary_part.done",
            "part", part());
        bytes += itemDone(isMessage ? Items::message(openId_, status, Json::array({part()}))
                                    : Items::reasoning(openId_, openText_));
        open_ = Open::none;
        openText_.clear();
        return bytes;
    }

    const Json& body_;
    Items items_;
    Json response_;
    Json output_ = Json::array();  // items that are done
    int64_t sequence_ = 0;
    Open open_ = Open::none;
    std::string openId_, openText_;
};

class Responses final : public Dialect {
public:
    base::Result<Question> read(const Json& body,
                                const engine::ModelLimits& limits) const override {
        return readResponsesRequest(body, limits);
    }

    std::unique_ptr<EventWriter> makeWriter(const Question& question,
                                            const Json& body) const override {
        return std::make_unique<ResponseEvents>(question, body);
    }

    Json whole(const Question& question, const Json& body, const Answer& answer) const override {
        Items items(question);
        items.setAnswerId(answer.id);
        const Ending ending = endingOf(answer.finish.reason);
        Json output = Json::array();
        for (const AnswerPart& part : answer.parts) {
            const bool isLast = &part == &answer.parts.back();
            if (part.kind == PartKind::reasoning) {
                output.push_back(Items::reasoning(items.nextId("rs"), part.text));
            } else if (part.kind == PartKind::text) {
                const Json content = Json::array({Items::textPart(part.text)});
                output.push_back(Items::message(items.nextId("msg"),
                                                isLast ? ending.status : "completed", content));
            } else {
                const std::string id = items.nextId(items.isFreeText(part.call) ? "ctc" : "fc");
                output.push_back(items.call(id, part.call, "completed", items.callText(part.call)));
            }
        }
        if (!answer.finish.reasoningBlocks.empty())
            output.push_back(Items::sealed(items.nextId("rs"), answer.finish.reasoningBlocks));
        Json response = responseHead(body, answer);
        response["status"] = ending.status;
        response["output"] = output;
        response["usage"] = responseUsage(answer.usage);
        if (ending.incompleteReason != nullptr)
            response["incomplete_details"] = {{"reason", ending.incompleteReason}};
        return response;
    }

    std::string errorJson(const ApiError& error) const override { return openAiErrorJson(error); }
};

}  // namespace

std::unique_ptr<Dialect> makeResponses() {
    return std::make_unique<Responses>();
}

}  // namespace moxie::serve
