// A prompt before it is tokens: control tokens by name, apart from plain text. Text of users,
// files, tools and models is plain, so that nothing in it can become a control token.
// Threads: one thread at a time.
#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chat_model.h"

namespace moxie::engine {

struct PromptPart {
    enum class Kind {
        special,      // the name of one control token
        plain,        // ordinary text, whoever wrote it
        answerBegin,  // the parts up to answerEnd are an answer of the model; text: answerKey()
        answerEnd,
    };
    Kind kind = Kind::plain;
    std::string text = {};
    bool operator==(const PromptPart&) const = default;
};

// The parts as one text, for people and logs.
std::string toText(std::span<const PromptPart> parts);

// What an assistant message says, as one string: equal for equal messages only. Calls that were cut
// off stand in the text already and are left out.
std::string answerKey(const Message& message);

class PromptWriter {
public:
    // `specials`: the control tokens that a format's own text may spell.
    explicit PromptWriter(std::vector<std::string> specials) : specials_(std::move(specials)) {}

    void plain(std::string_view text);
    // Text of the format itself: the names of control tokens in it are control tokens.
    void markup(std::string_view text);
    void beginAnswer(const Message& message);
    void endAnswer();

    std::vector<PromptPart> take() { return std::move(parts_); }

private:
    std::vector<std::string> specials_;
    std::vector<PromptPart> parts_;
};

}  // namespace moxie::engine
