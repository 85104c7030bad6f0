#include "agent/answer.h"

#include <fmt/format.h>

#include "base/text.h"

namespace moxie::agent {

namespace {

// An answer beyond these is taken for a runaway; it is ended as if the output limit was reached.
constexpr size_t kTextBytesMax = 4 << 20;
constexpr size_t kCallsMax = 4096;
constexpr size_t kCallBytesMax = 16 << 20;  // of all calls together

class AnswerReader {
public:
    AnswerReader(Recorder& recorder, base::Clock& clock, engine::ModelChosen& lastModel)
        : recorder_(recorder),
          lastModel_(lastModel),
          text_(clock),
          reasoning_(clock) {}

    base::Status take(engine::StreamEvent& event) {
        if (!std::holds_alternative<engine::Waiting>(event) &&
            !std::holds_alternative<engine::ModelChosen>(event))
            answer.isUnreachable = std::holds_alternative<engine::AttemptDiscarded>(event);
        return std::visit([this](auto& e) { return on(e); }, event);
    }

    bool isRunaway() const {
        return answer.message.text.size() > kTextBytesMax ||
               answer.message.reasoning.size() > kTextBytesMax ||
               answer.message.toolCalls.size() > kCallsMax || callBytes_ > kCallBytesMax;
    }

    base::Status flush(bool isLast) {
        std::vector<EventBody> due;
        if (reasoning_.isDue() || (isLast && !reasoning_.isEmpty()))
            due.emplace_back(Delta{"reasoning", reasoning_.take(isLast)});
        if (text_.isDue() || (isLast && !text_.isEmpty()))
            due.emplace_back(Delta{"text", text_.take(isLast)});
        return due.empty() ? base::Status() : recorder_.add(std::move(due));
    }

    Answer answer;

private:
    base::Status on(engine::ModelChosen& chosen) {
        answer.model = chosen.model;
        const bool isSame = chosen.model == lastModel_.model &&
                            chosen.backend == lastModel_.backend &&
                            chosen.reason == lastModel_.reason;
        lastModel_ = chosen;
        return isSame ? base::Status() : recorder_.add(ModelAnswering{chosen});
    }

    base::Status on(engine::ReasoningDelta& delta) {
        answer.message.reasoning += delta.text;
        reasoning_.add(delta.text);
        return flush(false);
    }

    base::Status on(engine::TextDelta& delta) {
        if (!reasoning_.isEmpty())  // keeps the order in which they came
            TRY(recorder_.add(Delta{"reasoning", reasoning_.take(true)}));
        answer.message.text += delta.text;
        text_.add(delta.text);
        return flush(false);
    }

    base::Status on(engine::ToolCallReady& ready) {
        callBytes_ += ready.call.arguments.size() + ready.call.name.size();
        answer.message.toolCalls.push_back(std::move(ready.call));
        return {};
    }

    base::Status on(engine::Usage& usage) {
        answer.usage = usage;
        return {};
    }

    // Everything since ModelChosen is void: also what was collected but not shown yet.
    base::Status on(engine::AttemptDiscarded& discarded) {
        answer.message = {};
        callBytes_ = 0;
        text_.clear();
        reasoning_.clear();
        return recorder_.add(AttemptFailed{discarded});
    }

    base::Status on(engine::Waiting&) { return {}; }

    base::Status on(engine::Finish& finish) {
        answer.message.reasoningBlocks = finish.reasoningBlocks;
        answer.finish = finish;
        return {};
    }

    Recorder& recorder_;
    engine::ModelChosen& lastModel_;
    Batch text_, reasoning_;
    size_t callBytes_ = 0;
};

}  // namespace

std::string Batch::take(bool isLast) {
    lastMs_ = clock_.steadyMs();
    std::string rest;
    if (!isLast) {
        // At most three bytes of a character can be missing.
        const auto whole = size_t(base::validUtf8Prefix(text_));
        if (text_.size() - whole < 4) {
            rest = text_.substr(whole);
            text_.resize(whole);
        }
    }
    std::string out = base::toValidUtf8(text_);
    text_ = std::move(rest);
    return out;
}

base::Result<Answer> readAnswer(engine::ChatStream& stream, Recorder& recorder, base::Clock& clock,
                                engine::ModelChosen& lastModel) {
    AnswerReader reader(recorder, clock, lastModel);
    for (;;) {
        auto event = stream.next();
        if (!event) {
            reader.answer.failure = event.error();
            break;
        }
        if (!*event) break;
        TRY(reader.take(**event));
        if (reader.isRunaway()) {
            reader.answer.finish = {engine::FinishReason::length, {}, "answer too large"};
            break;
        }
    }
    TRY(reader.flush(true));
    engine::Message& message = reader.answer.message;
    message.role = engine::Role::assistant;
    message.text = base::toValidUtf8(message.text);
    message.reasoning = base::toValidUtf8(message.reasoning);
    message.reasoningBlocks = base::toValidUtf8(message.reasoningBlocks);
    for (engine::ToolCall& call : message.toolCalls) {
        call.id = base::toValidUtf8(call.id);
        call.name = base::toValidUtf8(call.name);
        // Not valid UTF-8 is not valid JSON: such a call must not become runnable by our repair.
        if (!base::isValidUtf8(call.arguments)) call.isComplete = false;
        call.arguments = base::toValidUtf8(call.arguments);
    }
    return std::move(reader.answer);
}

}  // namespace moxie::agent
