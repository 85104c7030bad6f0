#include "engine/local/answer_writer.h"

#include <fmt/format.h>

#include <utility>
#include <variant>

#include "engine/chat/marked_text.h"

namespace moxie::engine {

AnswerWriter::AnswerWriter(const ChatRequest& request, const ChatFormat& format,
                           std::function<bool(StreamEvent)> send)
    : send_(std::move(send)),
      format_(format),
      stops_(request.options.stop),
      parser_(format.parser(request)) {}

bool AnswerWriter::push(int32_t token, std::string_view bytes) {
    const size_t reasoned = message_.reasoning.size();
    const std::string_view marker = format_.marker(token);
    // A control token ends a character that never came whole.
    const bool goesOn =
        scan(marker.empty() ? decoder_.push(bytes) : decoder_.finish() + markedToken(marker));
    if (message_.reasoning.size() > reasoned) ++reasoningTokens_;
    return goesOn;
}

bool AnswerWriter::scan(std::string_view text) {
    auto found = stops_.scan(text);
    metStopString_ = found.marker.has_value();
    return sendParts(parser_->push(found.before)) && !metStopString_;
}

bool AnswerWriter::sendParts(std::vector<AnswerPart> parts) {
    for (auto& part : parts) {
        if (auto* call = std::get_if<ToolCall>(&part)) {
            message_.toolCalls.push_back(*call);
            if (!send_(ToolCallReady{std::move(*call)})) return false;
        } else if (auto* text = std::get_if<TextDelta>(&part)) {
            message_.text += text->text;
            if (!send_(std::move(*text))) return false;
        } else {
            auto& reasoning = std::get<ReasoningDelta>(part);
            message_.reasoning += reasoning.text;
            if (!send_(std::move(reasoning))) return false;
        }
    }
    return true;
}

void AnswerWriter::finish(AnswerEnd end) {
    if (!metStopString_) {
        auto found = stops_.scan(decoder_.finish());
        metStopString_ = found.marker.has_value();
        if (!metStopString_) found.before += stops_.takeRest();
        if (!sendParts(parser_->push(found.before))) return;
    }
    // The end: nobody is left to be told.
    (void)sendParts(parser_->finish(metStopString_ ? AnswerEnd::cut : end));
}

std::string AnswerWriter::faults() const {
    std::string text;
    for (const auto& fault : parser_->faults())
        text += fmt::format("{}{}{}{} at byte {}", text.empty() ? "" : "; ", fault.callId,
                            fault.callId.empty() ? "" : ": ", fault.problem, fault.offset);
    return text;
}

}  // namespace moxie::engine
