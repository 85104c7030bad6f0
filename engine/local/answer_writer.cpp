#include "engine/local/answer_writer.h"

#include <utility>
#include <variant>

namespace moxie::engine {

AnswerWriter::AnswerWriter(const ChatRequest& request, std::function<bool(StreamEvent)> send)
    : send_(std::move(send)),
      stops_(request.options.stop),
      calls_(request.messages),
      hasTools_(!request.tools.empty()) {}

bool AnswerWriter::push(std::string_view bytes) {
    auto found = stops_.scan(decoder_.push(bytes));
    metStopString_ = found.marker.has_value();
    return write(found.before) && !metStopString_;
}

bool AnswerWriter::write(std::string_view text) {
    // Without tools on offer, what looks like a call is text.
    if (hasTools_) return sendParts(calls_.push(text));
    return sendParts({std::string(text)});
}

bool AnswerWriter::sendParts(std::vector<ToolCallParser::Part> parts) {
    for (auto& part : parts) {
        if (auto* call = std::get_if<ToolCall>(&part)) {
            message_.toolCalls.push_back(*call);
            if (!send_(ToolCallReady{std::move(*call)})) return false;
            continue;
        }
        auto& text = std::get<std::string>(part);
        if (text.empty()) continue;
        message_.text += text;
        if (!send_(TextDelta{std::move(text)})) return false;
    }
    return true;
}

void AnswerWriter::finish() {
    if (!metStopString_) {
        auto found = stops_.scan(decoder_.finish());
        metStopString_ = found.marker.has_value();
        if (!metStopString_) found.before += stops_.takeRest();
        if (!write(found.before)) return;
    }
    if (hasTools_) (void)sendParts(calls_.finish());  // the end: nobody is left to be told
}

}  // namespace moxie::engine
