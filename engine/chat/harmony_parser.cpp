#include "engine/chat/harmony_parser.h"

#include <fmt/format.h>

#include <utility>

#include "engine/chat/call_cursor.h"

namespace moxie::engine {

namespace {

// The word behind `lead`, up to a blank or a marker.
std::string wordBehind(std::string_view header, std::string_view lead) {
    const size_t at = header.find(lead);
    if (at == std::string_view::npos) return {};
    const std::string_view rest = header.substr(at + lead.size());
    return std::string(rest.substr(0, rest.find_first_of(" \n\xFF")));
}

}  // namespace

HarmonyParser::HarmonyParser(const MarkerNames& names, CallIds ids)
    : AnswerParser(std::move(ids)),
      channelMark_(names.mark("<|channel|>")),
      messageMark_(names.mark("<|message|>")),
      startMark_(names.mark("<|start|>")),
      headerScanner_({messageMark_, startMark_}),
      bodyScanner_(
          {names.mark("<|end|>"), names.mark("<|call|>"), names.mark("<|return|>"), startMark_}) {}

void HarmonyParser::read(std::string_view text) {
    std::string pending(text);
    while (true) {
        MarkerScanner& scanner = body_ == Body::none ? headerScanner_ : bodyScanner_;
        auto found = scanner.scan(std::exchange(pending, {}));
        take(found.before);
        if (!found.marker) return;
        pending = scanner.takeRest();
        meet(*found.marker);
        offset_ += int64_t(unmarked(*found.marker).size());
    }
}

void HarmonyParser::take(std::string_view text) {
    offset_ += int64_t(unmarked(text).size());
    switch (body_) {
        case Body::none:
            header_ += text;
            return;
        case Body::reasoning:
            addReasoning(text);
            return;
        case Body::text:
            addText(text);
            return;
        case Body::call:
            arguments_ += text;
            return;
    }
}

void HarmonyParser::meet(const std::string& marker) {
    if (body_ != Body::none) {
        closeBody();
    } else if (marker == messageMark_) {
        openBody();
    } else {
        header_.clear();  // a header begins anew
    }
}

void HarmonyParser::openBody() {
    const std::string header = std::exchange(header_, {});
    const std::string channel = wordBehind(header, channelMark_);
    std::string recipient = wordBehind(header, "to=");
    constexpr std::string_view kPrefix = "functions.";
    bodyAt_ = offset_ + int64_t(unmarked(messageMark_).size());
    if (!recipient.empty()) {
        if (recipient.starts_with(kPrefix)) recipient.erase(0, kPrefix.size());
        callName_ = std::move(recipient);
        body_ = Body::call;
    } else {
        body_ = channel == "analysis" ? Body::reasoning : Body::text;
    }
}

void HarmonyParser::closeBody() {
    const Body body = std::exchange(body_, Body::none);
    if (body != Body::call) return;
    const std::string arguments = unmarked(std::exchange(arguments_, {}));
    const CallCursor cursor(arguments);
    CallReading reading = withArguments({.name = callName_}, arguments, cursor);
    if (reading.problem.empty()) {
        addCall(std::move(reading.call));
        return;
    }
    addText(arguments);
    refuseCall({.name = callName_, .arguments = arguments}, bodyAt_, std::move(reading.problem));
}

void HarmonyParser::readEnd(AnswerEnd end) {
    take((body_ == Body::none ? headerScanner_ : bodyScanner_).takeRest());
    if (body_ == Body::call && end == AnswerEnd::cut) {
        const std::string arguments = unmarked(arguments_);
        addText(arguments);
        refuseCall({.name = callName_, .arguments = arguments}, offset_,
                   "the answer ended inside a call");
        return;
    }
    if (body_ == Body::reasoning) addFault(offset_, "the answer ended inside its reasoning");
    if (body_ == Body::none && !unmarked(header_).empty())
        addFault(offset_, "the answer ended inside a header");
    closeBody();
}

}  // namespace moxie::engine
