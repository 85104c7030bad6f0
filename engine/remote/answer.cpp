#include "engine/remote/answer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/text.h"

namespace moxie::engine {

namespace {
constexpr int64_t kContentBytesMax = 64 << 20;  // of one answer: 1M tokens are about 4 MB
constexpr size_t kCallsMax = 4096;
}  // namespace

void AnswerDecoder::takeEvent(std::string_view data, std::vector<StreamEvent>& out) {
    data = base::trim(data);
    if (failure_ || isOver_ || data.empty()) return;
    if (data == "[DONE]") {
        isOver_ = true;
        return;
    }
    if (data.front() != '{') return;  // pings of some proxies
    const std::optional<Json> event = parseJson(data);
    if (!event) return failAgain("a malformed event in the answer");
    decode(*event, out);
}

void AnswerDecoder::takeWhole(std::string_view body, std::vector<StreamEvent>& out) {
    const std::optional<Json> answer = parseJson(base::trim(body));
    if (!answer || !answer->is_object()) return failAgain("an answer that is no JSON object");
    if (member(*answer, "error").is_null()) return decodeWhole(*answer, out);
    fail(failureOfErrorObject(*answer, context_.model, context_.where));
}

void AnswerDecoder::end(std::vector<StreamEvent>& out) {
    if (failure_) return;
    if (!finish_) return failAgain("the answer broke off before its finish");
    giveOutCalls(out);
    finish_->reasoningBlocks = takeReasoningBlocks();
    out.emplace_back(*finish_);
}

void AnswerDecoder::giveOutCalls(std::vector<StreamEvent>& out) {
    const FinishReason reason = finish_->reason;
    const bool isWhole = reason == FinishReason::stop || reason == FinishReason::toolCalls;
    for (size_t i = 0; i < calls_.size(); ++i) {
        ToolCall& call = calls_[i].call;
        // A call that another one follows was written to its end, even if the answer was cut later.
        const bool isLast = i + 1 == calls_.size();
        call.isComplete = isWhole || (!isLast && isJsonObject(call.arguments));
        if (isWhole && call.arguments.empty()) call.arguments = "{}";
        if (call.id.empty() || context_.usedCallIds.contains(call.id))
            call.id = fmt::format("{}{}", context_.idPrefix, i);
        context_.usedCallIds.insert(call.id);
        out.emplace_back(ToolCallReady{std::move(call)});
    }
    if (!calls_.empty() && reason == FinishReason::stop) finish_->reason = FinishReason::toolCalls;
    if (calls_.empty() && reason == FinishReason::toolCalls) finish_->reason = FinishReason::stop;
    calls_.clear();
}

void AnswerDecoder::addText(std::string text, std::vector<StreamEvent>& out) {
    if (text.empty() || !grow(text.size())) return;
    textBytes_ += int64_t(text.size());
    out.emplace_back(TextDelta{std::move(text)});
}

void AnswerDecoder::addReasoning(std::string text, std::vector<StreamEvent>& out) {
    if (text.empty() || !grow(text.size())) return;
    out.emplace_back(ReasoningDelta{std::move(text)});
}

AnswerDecoder::OpenCall* AnswerDecoder::addCall() {
    if (calls_.size() >= kCallsMax) {
        fail({.action = Failure::Action::giveUp,
              .error = base::Error(base::Errc::corrupt,
                                   fmt::format("an answer with more than {} calls", kCallsMax))});
        return nullptr;
    }
    return &calls_.emplace_back();
}

void AnswerDecoder::fail(Failure failure) {
    if (!failure_) failure_ = std::move(failure);
}

void AnswerDecoder::failAgain(std::string message) {
    fail({.action = Failure::Action::retry,
          .error = base::Error(base::Errc::io, std::move(message))});
}

void AnswerDecoder::finish(FinishReason reason, std::string detail) {
    if (!finish_) finish_ = Finish{reason, {}, std::move(detail)};
}

bool AnswerDecoder::grow(size_t bytes) {
    contentBytes_ += int64_t(bytes);
    if (contentBytes_ <= kContentBytesMax) return true;
    fail({.action = Failure::Action::giveUp,
          .error = base::Error(
              base::Errc::corrupt,
              fmt::format("an answer larger than {}", base::humanBytes(kContentBytesMax)))});
    return false;
}

}  // namespace moxie::engine
