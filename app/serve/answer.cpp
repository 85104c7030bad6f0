#include "app/serve/answer.h"

#include <algorithm>

namespace moxie::serve {

namespace {

constexpr std::string_view kSeal = "moxie:";

void append(std::vector<AnswerPart>& parts, PartKind kind, std::string_view text) {
    if (text.empty()) return;
    if (parts.empty() || parts.back().kind != kind) parts.push_back({kind, {}, {}});
    parts.back().text += text;
}

}  // namespace

void Answer::addReasoning(std::string_view text) {
    append(parts, PartKind::reasoning, text);
}

void Answer::addText(std::string_view text) {
    append(parts, PartKind::text, text);
}

bool Answer::hasCalls() const {
    return std::any_of(parts.begin(), parts.end(),
                       [](const AnswerPart& part) { return part.kind == PartKind::call; });
}

std::string Answer::joined(PartKind kind) const {
    std::string text;
    for (const AnswerPart& part : parts)
        if (part.kind == kind) text += part.text;
    return text;
}

std::string sealedBlocks(const std::string& reasoningBlocks) {
    return reasoningBlocks.empty() ? std::string() : std::string(kSeal) + reasoningBlocks;
}

std::string unsealedBlocks(const std::string& sealed) {
    return sealed.starts_with(kSeal) ? sealed.substr(kSeal.size()) : std::string();
}

}  // namespace moxie::serve
