// Chat completions, streamed or whole.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/remote/answer.h"

namespace moxie::engine {

namespace {

Usage usageOf(const Json& usage) {
    Usage result;
    const Json& promptDetails = member(usage, "prompt_tokens_details");
    const Json& outputDetails = member(usage, "completion_tokens_details");
    result.inputTokens = countMember(usage, "prompt_tokens").value_or(0);
    const auto cached = countMember(promptDetails, "cached_tokens");
    const auto hit = countMember(usage, "prompt_cache_hit_tokens");  // DeepSeek
    result.cachedInputTokens = std::min(cached.value_or(hit.value_or(0)), result.inputTokens);
    result.outputTokens = countMember(usage, "completion_tokens").value_or(0);
    result.reasoningTokens =
        std::min(countMember(outputDetails, "reasoning_tokens").value_or(0), result.outputTokens);
    return result;
}

// Cheap for the usual piece, which ends somewhere inside.
bool isWhole(const std::string& arguments) {
    return arguments.ends_with('}') && isJsonObject(arguments);
}

class OpenAiDecoder final : public AnswerDecoder {
public:
    using AnswerDecoder::AnswerDecoder;

private:
    void decode(const Json& event, std::vector<StreamEvent>& out) override {
        const bool isErrorObject = stringMember(event, "object") == "error";  // vLLM
        if (!member(event, "error").is_null() || isErrorObject)
            return fail(failureOfErrorObject(event, context_.model, context_.where));
        if (answeredModel_.empty()) answeredModel_ = stringMember(event, "model");
        const Json& choices = member(event, "choices");
        if (choices.is_array() && !choices.empty()) decodeChoice(choices.front(), out);
        const Json& usage = member(event, "usage");
        if (usage.is_object()) out.emplace_back(usageOf(usage));
    }

    void decodeWhole(const Json& answer, std::vector<StreamEvent>& out) override {
        decode(answer, out);
    }

    void decodeChoice(const Json& choice, std::vector<StreamEvent>& out) {
        const Json& delta = member(choice, "delta");
        if (!isFinished())
            decodeMessage(delta.is_object() ? delta : member(choice, "message"), out);
        const std::string reason = stringMember(choice, "finish_reason");
        if (!reason.empty()) takeFinish(reason);
    }

    void decodeMessage(const Json& message, std::vector<StreamEvent>& out) {
        for (const char* key : {"reasoning_content", "reasoning"}) {
            std::string text = stringMember(message, key);
            if (text.empty()) continue;
            addReasoning(std::move(text), out);
            break;  // some servers send both with the same text
        }
        addContent(member(message, "content"), out);
        std::string refusal = stringMember(message, "refusal");
        if (!refusal.empty()) {
            hasRefused_ = true;
            addText(std::move(refusal), out);
        }
        const Json& calls = member(message, "tool_calls");
        if (calls.is_array())
            for (const Json& piece : calls)
                addCallPiece(piece);
        const Json& oldCall = member(message, "function_call");
        if (oldCall.is_object()) addCallPiece(Json{{"index", 0}, {"function", oldCall}});
    }

    void addContent(const Json& content, std::vector<StreamEvent>& out) {
        if (content.is_string()) return addText(content.get<std::string>(), out);
        if (!content.is_array()) return;
        for (const Json& part : content) {
            addText(stringMember(part, "text"), out);
            const Json& thinking = member(part, "thinking");  // Mistral
            if (thinking.is_array())
                for (const Json& inner : thinking)
                    addReasoning(stringMember(inner, "text"), out);
        }
    }

    void addCallPiece(const Json& piece) {
        const Json& function = member(piece, "function");
        const std::string id = stringMember(piece, "id");
        const std::string name = stringMember(function, "name");
        const Json& given = member(function, "arguments");
        std::string arguments;
        if (given.is_string()) arguments = given.get<std::string>();
        if (given.is_object()) arguments = dumpJson(given);  // not by the book, but seen
        if (!grow(id.size() + name.size() + arguments.size())) return;

        OpenCall* open = findOpenCall(countMember(piece, "index"), id, name);
        if (open == nullptr) {
            open = addCall();
            if (open == nullptr) return;
            open->index = countMember(piece, "index").value_or(-1);
        }
        ToolCall& call = open->call;
        if (call.id.empty()) call.id = id;
        if (name != call.name) call.name += name;  // in pieces, or the same one again and again
        call.arguments += arguments;
    }

    // The call that a piece continues, or null. By index; where a server leaves it out, by id, then
    // by order of arrival. Some number every call 0: a new id together with a name begins a new one
    // once the call before is whole.
    OpenCall* findOpenCall(std::optional<int64_t> index, const std::string& id,
                           const std::string& name) {
        if (index) {
            const auto found =
                std::find_if(calls_.rbegin(), calls_.rend(),
                             [&](const OpenCall& call) { return call.index == *index; });
            if (found == calls_.rend()) return nullptr;
            const bool isOther = !id.empty() && !name.empty() && id != found->call.id &&
                                 isWhole(found->call.arguments);
            return isOther ? nullptr : &*found;
        }
        if (!id.empty()) {
            const auto found =
                std::find_if(calls_.rbegin(), calls_.rend(),
                             [&](const OpenCall& call) { return call.call.id == id; });
            // An id that every call of the answer carries says nothing.
            const bool isOther =
                found != calls_.rend() && !name.empty() && isWhole(found->call.arguments);
            return found == calls_.rend() || isOther ? nullptr : &*found;
        }
        if (calls_.empty()) return nullptr;
        const bool begins = !name.empty() && !calls_.back().call.arguments.empty();
        return begins ? nullptr : &calls_.back();
    }

    void takeFinish(const std::string& reason) {
        if (reason == "insufficient_system_resource")
            return failAgain("the provider ran out of resources in the middle of the answer");
        if (reason == "error") return failAgain("the provider ended the answer with an error");
        FinishReason result = FinishReason::stop;
        if (reason == "length" || reason == "max_tokens") result = FinishReason::length;
        if (reason == "tool_calls" || reason == "function_call") result = FinishReason::toolCalls;
        if (reason == "content_filter" || reason == "sensitive" || hasRefused_)
            result = FinishReason::refusal;
        finish(result, reason);
    }

    bool hasRefused_ = false;
};

}  // namespace

std::unique_ptr<AnswerDecoder> makeOpenAiDecoder(AnswerContext context) {
    return std::make_unique<OpenAiDecoder>(std::move(context));
}

}  // namespace moxie::engine
