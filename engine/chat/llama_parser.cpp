#include "engine/chat/llama_parser.h"

#include <utility>

#include "engine/chat/call_cursor.h"
#include "engine/chat/python_json.h"

namespace moxie::engine {

namespace {

constexpr std::string_view kLineBlanks = " \t\r\n";

}  // namespace

LlamaParser::LlamaParser(const MarkerNames& names, CallIds ids)
    : AnswerParser(std::move(ids)),
      tag_(names.mark("<|python_tag|>")) {}

void LlamaParser::read(std::string_view text) {
    if (kind_ == Kind::text) return addText(text);
    held_ += text;
    const size_t begin = held_.find_first_not_of(kLineBlanks);
    if (begin == std::string::npos || kind_ == Kind::maybeCall) return;
    const std::string_view rest = std::string_view(held_).substr(begin);
    if (rest.front() == '{' || rest.starts_with(tag_)) {
        kind_ = Kind::maybeCall;
    } else if (!tag_.starts_with(rest)) {
        kind_ = Kind::text;
        addText(std::exchange(held_, {}));
    }
}

void LlamaParser::readEnd(AnswerEnd end) {
    const std::string raw = unmarked(held_);
    const bool isTagged = held_.find(tag_) != std::string::npos;
    std::string json = held_;
    if (isTagged) json.erase(0, held_.find(tag_) + tag_.size());
    json = unmarked(json);
    const auto parsed = parsePythonJson(json);
    const PythonJson* parameters = parsed ? parsed->find("parameters") : nullptr;
    const bool isCall = parameters != nullptr && !parsed->stringAt("name").empty() &&
                        parsed->keys.size() == 2 && !parsed->hasKeyTwice;
    if (isCall && end == AnswerEnd::byModel) {
        const CallCursor cursor(json);
        auto reading = withArguments(
            {.name = std::string(parsed->stringAt("name"))},
            std::string_view(json).substr(size_t(parameters->begin),
                                          size_t(parameters->end - parameters->begin)),
            cursor);
        if (reading.problem.empty()) return addCall(std::move(reading.call));
    }
    addText(held_);
    const size_t first = json.find_first_not_of(kLineBlanks);
    const bool looksLikeCall =
        kind_ == Kind::maybeCall &&
        (isTagged || (first != std::string::npos && json.substr(first).starts_with("{\"name\"")));
    if (looksLikeCall)
        refuseCall({.arguments = raw}, 0,
                   end == AnswerEnd::cut ? "the answer ended inside a call"
                                         : "the call is not {\"name\": NAME, \"parameters\": {}}");
}

}  // namespace moxie::engine
