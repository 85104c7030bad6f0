// POST /v1/messages: how answers are written. Source: the Anthropic API reference.
#include <fmt/format.h>

#include "app/serve/anthropic_request.h"
#include "app/serve/dialect.h"

namespace moxie::serve {

namespace {

using engine::FinishReason;

// Clients send a thinking block's signature back with it; nobody here checks one.
constexpr const char* kSignature = "moxie";

const char* stopReason(const Answer& answer) {
    switch (answer.finish.reason) {
        case FinishReason::stop:
        case FinishReason::toolCalls:
            if (answer.hasCalls()) return "tool_use";
            return answer.finish.detail == "stop_sequence" ? "stop_sequence" : "end_turn";
        case FinishReason::length:
            return "max_tokens";
        case FinishReason::contextFull:
            return "model_context_window_exceeded";
        case FinishReason::refusal:
            return "refusal";
    }
    return "end_turn";
}

// This API counts cached tokens beside the others, not among them.
Json messageUsage(const engine::Usage& usage) {
    return {{"input_tokens", usage.inputTokens - usage.cachedInputTokens},
            {"cache_creation_input_tokens", 0},
            {"cache_read_input_tokens", usage.cachedInputTokens},
            {"output_tokens", usage.outputTokens}};
}

// A call's arguments have to be an object here. Others are handed on in a form that no tool's
// schema takes, so that they are refused and not run.
Json inputJson(const engine::ToolCall& call) {
    auto json = parseJson(call.arguments.empty() ? "{}" : call.arguments);
    if (json && json->is_object()) return *std::move(json);
    return Json::object({{"malformed_arguments", call.arguments}});
}

Json messageJson(const Answer& answer, const Json& content) {
    return {{"id", "msg_" + answer.id},
            {"type", "message"},
            {"role", "assistant"},
            {"model", answer.model},
            {"content", content},
            {"stop_reason", nullptr},
            {"stop_sequence", nullptr},
            {"usage", messageUsage(answer.usage.value_or(engine::Usage{}))}};
}

Json sealedBlock(const Answer& answer) {
    return {{"type", "redacted_thinking"}, {"data", sealedBlocks(answer.finish.reasoningBlocks)}};
}

class MessageEvents final : public EventWriter {
public:
    std::string begin(const Answer& answer) override {
        return event("message_start", {{"message", messageJson(answer, Json::array())}});
    }

    std::string reasoning(std::string_view text) override {
        const Json block = {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}};
        std::string bytes = open(Open::thinking, block);
        bytes += delta({{"type", "thinking_delta"}, {"thinking", text}});
        return bytes;
    }

    std::string text(std::string_view text) override {
        std::string bytes = open(Open::text, {{"type", "text"}, {"text", ""}});
        bytes += delta({{"type", "text_delta"}, {"text", text}});
        return bytes;
    }

    std::string call(const engine::ToolCall& call) override {
        const Json input = inputJson(call);
        const bool isAsSpoken = !input.contains("malformed_arguments") && !call.arguments.empty();
        std::string bytes = open(Open::call, {{"type", "tool_use"},
                                              {"id", call.id},
                                              {"name", call.name},
                                              {"input", Json::object()}});
        bytes += delta({{"type", "input_json_delta"},
                        {"partial_json", isAsSpoken ? call.arguments : dumped(input)}});
        bytes += close();
        return bytes;
    }

    std::string stillWorking() override { return event("ping", Json::object()); }

    std::string finish(const Answer& answer) override {
        std::string bytes;
        if (!answer.finish.reasoningBlocks.empty()) bytes += open(Open::call, sealedBlock(answer));
        bytes += close();
        const Json ending = {{"stop_reason", stopReason(answer)}, {"stop_sequence", nullptr}};
        bytes += event(
            "message_delta",
            {{"delta", ending}, {"usage", messageUsage(answer.usage.value_or(engine::Usage{}))}});
        return bytes + event("message_stop", Json::object());
    }

    std::string fail(const ApiError& error) override {
        return fmt::format("event: error\ndata: {}\n\n", anthropicErrorJson(error));
    }

private:
    enum class Open { none, thinking, text, call };

    static std::string event(const char* type, const Json& members) {
        Json json = {{"type", type}};
        json.update(members);
        return serverSentEvent(type, json);
    }

    std::string delta(const Json& piece) const {
        return event("content_block_delta", {{"index", index_}, {"delta", piece}});
    }

    // Nothing if a block of this kind is open already; a call is always a block of its own.
    std::string open(Open kind, const Json& block) {
        if (open_ == kind && kind != Open::call) return {};
        const std::string bytes = close();
        open_ = kind;
        return bytes + event("content_block_start", {{"index", index_}, {"content_block", block}});
    }

    std::string close() {
        if (open_ == Open::none) return {};
        std::string bytes;
        if (open_ == Open::thinking)
            bytes = delta({{"type", "signature_delta"}, {"signature", kSignature}});
        bytes += event("content_block_stop", {{"index", index_}});
        open_ = Open::none;
        ++index_;
        return bytes;
    }

    Open open_ = Open::none;
    int index_ = 0;
};

class AnthropicMessages final : public Dialect {
public:
    base::Result<Question> read(const Json& body,
                                const engine::ModelLimits& limits) const override {
        return readAnthropicRequest(body, limits, AnthropicUse::answer);
    }

    std::unique_ptr<EventWriter> makeWriter(const Question& /*question*/,
                                            const Json& /*body*/) const override {
        return std::make_unique<MessageEvents>();
    }

    Json whole(const Question& /*question*/, const Json& /*body*/,
               const Answer& answer) const override {
        Json content = Json::array();
        for (const AnswerPart& part : answer.parts) {
            if (part.kind == PartKind::reasoning)
                content.push_back(
                    {{"type", "thinking"}, {"thinking", part.text}, {"signature", kSignature}});
            else if (part.kind == PartKind::text)
                content.push_back({{"type", "text"}, {"text", part.text}});
            else
                content.push_back({{"type", "tool_use"},
                                   {"id", part.call.id},
                                   {"name", part.call.name},
                                   {"input", inputJson(part.call)}});
        }
        if (!answer.finish.reasoningBlocks.empty()) content.push_back(sealedBlock(answer));
        Json message = messageJson(answer, content);
        message["stop_reason"] = stopReason(answer);
        return message;
    }

    std::string errorJson(const ApiError& error) const override {
        return anthropicErrorJson(error);
    }
};

}  // namespace

std::unique_ptr<Dialect> makeAnthropicMessages() {
    return std::make_unique<AnthropicMessages>();
}

}  // namespace moxie::serve
