// POST /v1/chat/completions: how answers are written. Source: the OpenAI API reference;
// reasoning_content as DeepSeek and the servers after it have it.
#include <fmt/format.h>

#include "app/serve/chat_request.h"
#include "app/serve/dialect.h"

namespace moxie::serve {

namespace {

using engine::FinishReason;

const char* finishWord(const Answer& answer) {
    switch (answer.finish.reason) {
        case FinishReason::stop:
        case FinishReason::toolCalls:
            return answer.hasCalls() ? "tool_calls" : "stop";
        case FinishReason::length:
        case FinishReason::contextFull:
            return "length";
        case FinishReason::refusal:
            return "content_filter";
    }
    return "stop";
}

Json chatUsage(const std::optional<engine::Usage>& usage) {
    if (!usage) return nullptr;
    return {{"prompt_tokens", usage->inputTokens},
            {"completion_tokens", usage->outputTokens},
            {"total_tokens", usage->inputTokens + usage->outputTokens},
            {"prompt_tokens_details", {{"cached_tokens", usage->cachedInputTokens}}},
            {"completion_tokens_details", {{"reasoning_tokens", usage->reasoningTokens}}}};
}

class ChatChunks final : public EventWriter {
public:
    explicit ChatChunks(bool wantsUsage) : wantsUsage_(wantsUsage) {}

    std::string begin(const Answer& answer) override {
        head_ = {{"id", "chatcmpl-" + answer.id},
                 {"object", "chat.completion.chunk"},
                 {"created", answer.createdS},
                 {"model", answer.model}};
        return chunk({{"role", "assistant"}, {"content", ""}}, nullptr);
    }

    std::string reasoning(std::string_view text) override {
        return chunk({{"reasoning_content", text}}, nullptr);
    }

    std::string text(std::string_view text) override { return chunk({{"content", text}}, nullptr); }

    std::string call(const engine::ToolCall& call) override {
        const int index = nCalls_++;
        const Json name = {{"index", index},
                           {"id", call.id},
                           {"type", "function"},
                           {"function", {{"name", call.name}, {"arguments", ""}}}};
        const Json arguments = {{"index", index}, {"function", {{"arguments", call.arguments}}}};
        return chunk({{"tool_calls", Json::array({name})}}, nullptr) +
               chunk({{"tool_calls", Json::array({arguments})}}, nullptr);
    }

    std::string stillWorking() override { return ": still working\n\n"; }

    std::string finish(const Answer& answer) override {
        std::string bytes = chunk(Json::object(), finishWord(answer));
        if (wantsUsage_) {
            Json last = head_;
            last["choices"] = Json::array();
            last["usage"] = chatUsage(answer.usage);
            bytes += serverSentEvent({}, last);
        }
        return bytes + "data: [DONE]\n\n";
    }

    std::string fail(const ApiError& error) override {
        return "data: " + openAiErrorJson(error) + "\n\n";
    }

private:
    std::string chunk(const Json& delta, const Json& finishReason) const {
        Json event = head_;
        const Json choice = {{"index", 0}, {"delta", delta}, {"finish_reason", finishReason}};
        event["choices"] = Json::array({choice});
        if (wantsUsage_) event["usage"] = nullptr;
        return serverSentEvent({}, event);
    }

    const bool wantsUsage_;
    Json head_;
    int nCalls_ = 0;
};

class ChatCompletions final : public Dialect {
public:
    base::Result<Question> read(const Json& body,
                                const engine::ModelLimits& limits) const override {
        return readChatRequest(body, limits);
    }

    std::unique_ptr<EventWriter> makeWriter(const Question& question,
                                            const Json& /*body*/) const override {
        return std::make_unique<ChatChunks>(question.wantsUsageChunk);
    }

    Json whole(const Question& /*question*/, const Json& /*body*/,
               const Answer& answer) const override {
        Json message = {{"role", "assistant"}, {"content", answer.joined(PartKind::text)}};
        const std::string reasoning = answer.joined(PartKind::reasoning);
        if (!reasoning.empty()) message["reasoning_content"] = reasoning;
        for (const AnswerPart& part : answer.parts)
            if (part.kind == PartKind::call)
                message["tool_calls"].push_back(
                    {{"id", part.call.id},
                     {"type", "function"},
                     {"function", {{"name", part.call.name}, {"arguments", part.call.arguments}}}});
        const Json choice = {{"index", 0},
                             {"message", message},
                             {"logprobs", nullptr},
                             {"finish_reason", finishWord(answer)}};
        return {{"id", "chatcmpl-" + answer.id},    {"object", "chat.completion"},
                {"created", answer.createdS},       {"model", answer.model},
                {"choices", Json::array({choice})}, {"usage", chatUsage(answer.usage)}};
    }

    std::string errorJson(const ApiError& error) const override { return openAiErrorJson(error); }
};

}  // namespace

std::string serverSentEvent(std::string_view name, const Json& data) {
    if (name.empty()) return fmt::format("data: {}\n\n", dumped(data));
    return fmt::format("event: {}\ndata: {}\n\n", name, dumped(data));
}

std::unique_ptr<Dialect> makeChatCompletions() {
    return std::make_unique<ChatCompletions>();
}

}  // namespace moxie::serve
