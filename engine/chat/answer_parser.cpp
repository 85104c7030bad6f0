#include "engine/chat/answer_parser.h"

#include <fmt/format.h>

#include <utility>

#include "engine/chat/marked_text.h"

namespace moxie::engine {

namespace {

template <class Delta>
void append(std::vector<AnswerPart>& parts, std::string text) {
    if (text.empty()) return;
    Delta* last = parts.empty() ? nullptr : std::get_if<Delta>(&parts.back());
    if (last != nullptr)
        last->text += text;
    else
        parts.emplace_back(Delta{std::move(text)});
}

}  // namespace

std::vector<AnswerPart> AnswerParser::push(std::string_view text) {
    read(text);
    return std::exchange(parts_, {});
}

std::vector<AnswerPart> AnswerParser::finish(AnswerEnd end) {
    readEnd(end);
    for (auto& call : std::exchange(refused_, {}))
        parts_.emplace_back(std::move(call));
    return std::exchange(parts_, {});
}

void AnswerParser::addReasoning(std::string_view marked) {
    append<ReasoningDelta>(parts_, unmarked(marked));
}

void AnswerParser::addText(std::string_view marked) {
    append<TextDelta>(parts_, unmarked(marked));
}

void AnswerParser::addCall(ToolCall call) {
    call.id = ids_.take(call.id);
    parts_.emplace_back(std::move(call));
}

void AnswerParser::refuseCall(ToolCall call, int64_t offset, std::string problem) {
    call.id = ids_.take(call.id);
    call.isComplete = false;
    call.problem = fmt::format("{} at byte {}", problem, offset);
    faults_.push_back({.callId = call.id, .offset = offset, .problem = std::move(problem)});
    refused_.push_back(std::move(call));
}

void AnswerParser::addFault(int64_t offset, std::string problem) {
    faults_.push_back({.offset = offset, .problem = std::move(problem)});
}

}  // namespace moxie::engine
