#include "engine/chat/prompt_part.h"

#include <fmt/format.h>

namespace moxie::engine {

namespace {

// The longest of `names` that `text` begins with; empty if there is none.
std::string_view specialAt(std::string_view text, std::span<const std::string> names) {
    std::string_view best;
    for (const std::string_view name : names)
        if (name.size() > best.size() && text.starts_with(name)) best = name;
    return best;
}

}  // namespace

std::string toText(std::span<const PromptPart> parts) {
    std::string text;
    for (const auto& part : parts)
        if (part.kind == PromptPart::Kind::special || part.kind == PromptPart::Kind::plain)
            text += part.text;
    return text;
}

std::string answerKey(const Message& message) {
    std::string key;
    const auto add = [&key](std::string_view field) {
        key += fmt::format("{}:{}", field.size(), field);
    };
    add(message.text);
    add(message.reasoning);
    for (const auto& call : message.toolCalls) {
        if (!call.isComplete) continue;
        add(call.name);
        add(call.arguments);
    }
    return key;
}

void PromptWriter::plain(std::string_view text) {
    if (text.empty()) return;
    if (!parts_.empty() && parts_.back().kind == PromptPart::Kind::plain)
        parts_.back().text += text;
    else
        parts_.push_back({PromptPart::Kind::plain, std::string(text)});
}

void PromptWriter::markup(std::string_view text) {
    size_t begin = 0;
    for (size_t pos = 0; pos < text.size();) {
        const std::string_view name = specialAt(text.substr(pos), specials_);
        if (name.empty()) {
            ++pos;
            continue;
        }
        plain(text.substr(begin, pos - begin));
        parts_.push_back({PromptPart::Kind::special, std::string(name)});
        pos += name.size();
        begin = pos;
    }
    plain(text.substr(begin));
}

void PromptWriter::beginAnswer(const Message& message) {
    parts_.push_back({PromptPart::Kind::answerBegin, answerKey(message)});
}

void PromptWriter::endAnswer() {
    parts_.push_back({PromptPart::Kind::answerEnd, {}});
}

}  // namespace moxie::engine
