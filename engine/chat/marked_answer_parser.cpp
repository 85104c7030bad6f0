#include "engine/chat/marked_answer_parser.h"

#include <algorithm>
#include <utility>

namespace moxie::engine {

namespace {

constexpr std::string_view kCallBlanks = " \t\r\n";

std::vector<std::string> joined(std::vector<std::string> markers, const std::string& more) {
    markers.push_back(more);
    return markers;
}

CallSyntax markSyntax(CallSyntax syntax, const MarkerNames& names) {
    const auto mark = [&names](std::string& text) { text = names.mark(text); };
    for (auto* text :
         {&syntax.reasoningOpen, &syntax.reasoningClose, &syntax.callOpen, &syntax.callClose})
        mark(*text);
    for (auto* texts : {&syntax.opens, &syntax.blockCloses})
        std::for_each(texts->begin(), texts->end(), mark);
    return syntax;
}

}  // namespace

MarkedAnswerParser::MarkedAnswerParser(CallSyntax syntax, const MarkerNames& names,
                                       AnswerStart start, CallIds ids)
    : AnswerParser(std::move(ids)),
      syntax_(markSyntax(std::move(syntax), names)),
      reasoningScanner_(joined(syntax_.opens, syntax_.reasoningClose)),
      textScanner_(joined(syntax_.opens, syntax_.reasoningOpen)),
      blockScanner_(joined(syntax_.blockCloses, syntax_.callOpen)),
      callScanner_({syntax_.callClose}),
      place_(start == AnswerStart::reasoning ? Place::reasoning : Place::text) {}

MarkerScanner& MarkedAnswerParser::scanner() {
    switch (place_) {
        case Place::reasoning:
            return reasoningScanner_;
        case Place::block:
            return blockScanner_;
        case Place::call:
            return callScanner_;
        case Place::text:
            break;
    }
    return textScanner_;
}

int64_t MarkedAnswerParser::sizeOf(std::string_view marked) const {
    return int64_t(unmarked(marked).size());
}

void MarkedAnswerParser::read(std::string_view text) {
    std::string pending(text);
    while (true) {
        MarkerScanner& current = scanner();
        auto found = current.scan(std::exchange(pending, {}));
        take(found.before);
        if (!found.marker) return;
        pending = current.takeRest();
        meet(*found.marker);
    }
}

// Text that is surely not part of a marker.
void MarkedAnswerParser::take(std::string_view text) {
    offset_ += sizeOf(text);
    if (place_ == Place::block || place_ == Place::call) {
        inside_ += text;
        return;
    }
    if (place_ == Place::reasoning && !reasonedCall_.empty()) reasonedCall_ += text;
    const bool isText = place_ == Place::text;
    if (syntax_.trimsLines && isFresh_)
        text.remove_prefix(std::min(text.find_first_not_of('\n'), text.size()));
    if (text.empty()) return;
    isFresh_ = false;
    if (isText) {
        hasText_ = hasText_ || text.find_first_not_of('\n') != std::string_view::npos;
        addText(text);
        return;
    }
    const size_t last = text.find_last_not_of('\n');
    const size_t kept = !syntax_.trimsLines              ? text.size()
                        : last == std::string_view::npos ? 0
                                                         : last + 1;
    if (kept > 0) releaseLines();
    addReasoning(text.substr(0, kept));
    lines_ += text.substr(kept);
}

void MarkedAnswerParser::releaseLines() {
    addReasoning(std::exchange(lines_, {}));
}

void MarkedAnswerParser::meet(const std::string& marker) {
    if (place_ == Place::reasoning) return meetInReasoning(marker);
    if (place_ == Place::text) return meetInText(marker);
    if (place_ == Place::block) {
        if (marker != syntax_.callOpen) return closeBlock(marker);
        const std::string between = std::exchange(inside_, {});
        if (between.find_first_not_of(kCallBlanks) != std::string::npos) {
            addText(between);
            refuseCall({.arguments = unmarked(between)}, insideAt_,
                       "text between the calls of a block");
        }
        offset_ += sizeOf(marker);
        open_ = marker;
        insideAt_ = offset_;
        place_ = Place::call;
        return;
    }
    closeCall();
    offset_ += sizeOf(marker);
    insideAt_ = offset_;
    place_ = syntax_.blockCloses.empty() ? Place::text : Place::block;
}

void MarkedAnswerParser::meetInReasoning(const std::string& marker) {
    if (marker == syntax_.reasoningClose) {
        offset_ += sizeOf(marker);
        lines_.clear();
        reasonedCall_.clear();
        isFresh_ = true;
        place_ = Place::text;
        return;
    }
    // The model thinks of a call, or forgot to end its reasoning; the end will tell.
    if (reasonedCall_.empty()) {
        reasonedCallAt_ = offset_;
        reasonedCall_ = marker;
        releaseLines();
        addReasoning(marker);
        isFresh_ = false;
        offset_ += sizeOf(marker);
        return;
    }
    take(marker);
}

void MarkedAnswerParser::meetInText(const std::string& marker) {
    if (marker == syntax_.reasoningOpen) {
        if (hasText_) return take(marker);  // a model that writes about the marker
        offset_ += sizeOf(marker);
        isFresh_ = true;
        place_ = Place::reasoning;
        return;
    }
    offset_ += sizeOf(marker);
    open_ = marker;
    insideAt_ = offset_;
    blockHadCall_ = false;
    hasText_ = true;
    isFresh_ = false;
    place_ = syntax_.blockCloses.empty() ? Place::call : Place::block;
}

void MarkedAnswerParser::closeCall() {
    blockHadCall_ = true;
    CallReading reading = syntax_.readCall(inside_);
    if (!reading.problem.empty()) {
        addText(open_ + inside_ + syntax_.callClose);
        refuseInside(std::move(reading));
    } else {
        addCall(std::move(reading.call));
    }
    inside_.clear();
}

void MarkedAnswerParser::refuseInside(CallReading reading) {
    reading.call.arguments = unmarked(inside_);
    refuseCall(std::move(reading.call), insideAt_ + reading.at, std::move(reading.problem));
}

void MarkedAnswerParser::closeBlock(std::string_view closing) {
    const std::string between = std::exchange(inside_, {});
    const bool isBlank = between.find_first_not_of(kCallBlanks) == std::string::npos;
    if (!blockHadCall_ || !isBlank) {
        addText((blockHadCall_ ? std::string() : open_) + between + std::string(closing));
        refuseCall({.arguments = unmarked(between)}, insideAt_,
                   isBlank ? "a block without a call" : "text between the calls of a block");
    }
    offset_ += sizeOf(closing);
    place_ = Place::text;
}

// Markers say when a call is whole, whoever ended the answer.
void MarkedAnswerParser::readEnd(AnswerEnd) {
    const Place place = place_;
    take(scanner().takeRest());
    if (place == Place::reasoning) {
        releaseLines();
        if (reasonedCall_.empty())
            addFault(offset_, "the answer ended inside its reasoning");
        else
            refuseCall({.arguments = unmarked(reasonedCall_)}, reasonedCallAt_,
                       "a call inside reasoning that never ended");
        return;
    }
    if (place == Place::text) return;
    if (place == Place::call) {
        addText(open_ + inside_);
        CallReading reading = syntax_.readCall(inside_);
        reading.problem = "the answer ended inside a call";
        reading.at = sizeOf(inside_);
        refuseInside(std::move(reading));
        return;
    }
    const bool isBlank = inside_.find_first_not_of(kCallBlanks) == std::string::npos;
    if (blockHadCall_ && isBlank) return;  // only the end of the block is missing
    addText((blockHadCall_ ? std::string() : open_) + inside_);
    refuseCall({.arguments = unmarked(inside_)}, offset_,
               "the answer ended inside a block of calls");
}

}  // namespace moxie::engine
