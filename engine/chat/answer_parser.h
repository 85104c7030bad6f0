// Takes the text of an answer apart as it streams in: reasoning, text for the user, tool calls.
// Never guesses: a call that is not exactly what its format says is text, and is also given out as
// a call that must not run, with what was wrong and where.
// The parts do not depend on how the text was cut, up to joining neighbours of one kind.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/chat/call_ids.h"
#include "engine/chat_model.h"

namespace moxie::engine {

using AnswerPart = std::variant<ReasoningDelta, TextDelta, ToolCall>;

// Why a call was refused, or a reasoning never ended.
struct AnswerFault {
    std::string callId = {};  // of the call given out; empty: no call
    int64_t offset = 0;       // bytes of the answer ahead of the place
    std::string problem = {};
    bool operator==(const AnswerFault&) const = default;
};

// How an answer ended: by a token of the model that ends it, or anywhere else.
enum class AnswerEnd { byModel, cut };

class AnswerParser {
public:
    virtual ~AnswerParser() = default;
    // `text` is marked (marked_text.h) and whole characters.
    std::vector<AnswerPart> push(std::string_view text);
    // The end of the answer: what was held back, then the calls that must not run (isComplete
    // false): malformed ones, and one whose end never came.
    std::vector<AnswerPart> finish(AnswerEnd end);

    const std::vector<AnswerFault>& faults() const { return faults_; }

protected:
    explicit AnswerParser(CallIds ids) : ids_(std::move(ids)) {}

    virtual void read(std::string_view text) = 0;
    virtual void readEnd(AnswerEnd end) = 0;

    void addReasoning(std::string_view marked);
    void addText(std::string_view marked);
    void addCall(ToolCall call);
    // `call` is what is known of it; its raw bytes are its arguments. Given out at the end.
    void refuseCall(ToolCall call, int64_t offset, std::string problem);
    void addFault(int64_t offset, std::string problem);

private:
    CallIds ids_;
    std::vector<AnswerPart> parts_;
    std::vector<ToolCall> refused_;
    std::vector<AnswerFault> faults_;
};

}  // namespace moxie::engine
