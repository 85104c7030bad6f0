// Turns what a provider streams into StreamEvents: one decoder per API over the same collecting
// part. A decoder sees one attempt. Deltas come out as they arrive; calls only when the answer is
// finished, so that a broken attempt can be thrown away whole.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/chat_model.h"
#include "engine/remote/failure.h"
#include "engine/remote/json_text.h"

namespace moxie::engine {

// What a decoder must know of the request.
struct AnswerContext {
    std::string model;
    std::string where;                  // for sentences
    std::string idPrefix;               // for calls without an id
    std::set<std::string> usedCallIds;  // of the conversation so far
};

class AnswerDecoder {
public:
    explicit AnswerDecoder(AnswerContext context) : context_(std::move(context)) {}

    virtual ~AnswerDecoder() = default;
    AnswerDecoder(const AnswerDecoder&) = delete;
    AnswerDecoder& operator=(const AnswerDecoder&) = delete;

    // One event of the stream; appends to `out`.
    void takeEvent(std::string_view data, std::vector<StreamEvent>& out);
    // An answer that came as one JSON body.
    void takeWhole(std::string_view body, std::vector<StreamEvent>& out);
    // Call when the reply is over. With a finish mark: gives out calls and Finish. Without: sets a
    // failure.
    void end(std::vector<StreamEvent>& out);

    // Set once the attempt cannot become an answer.
    const std::optional<Failure>& failure() const { return failure_; }

    // A finish mark was seen; only usage may still come.
    bool isFinished() const { return finish_.has_value(); }

    // Nothing at all comes after this.
    bool isOver() const { return isOver_; }

    // The model as the reply names it; empty if it did not.
    const std::string& answeredModel() const { return answeredModel_; }

protected:
    struct OpenCall {
        ToolCall call;
        int64_t index = -1;
        bool isClosed = false;  // the provider said that this call ends here
    };

    virtual void decode(const Json& event, std::vector<StreamEvent>& out) = 0;
    virtual void decodeWhole(const Json& answer, std::vector<StreamEvent>& out) = 0;

    // JSON array for Finish::reasoningBlocks, or "".
    virtual std::string takeReasoningBlocks() { return {}; }

    void addText(std::string text, std::vector<StreamEvent>& out);
    void addReasoning(std::string text, std::vector<StreamEvent>& out);
    OpenCall* addCall();  // null: too many, failure set
    void fail(Failure failure);
    void failAgain(std::string message);
    // The first finish counts.
    void finish(FinishReason reason, std::string detail);
    bool grow(size_t bytes);  // false: too large, failure set

    AnswerContext context_;
    std::vector<OpenCall> calls_;
    std::optional<Finish> finish_;
    std::string answeredModel_;
    bool isOver_ = false;
    int64_t textBytes_ = 0;  // of TextDelta so far

private:
    void giveOutCalls(std::vector<StreamEvent>& out);

    std::optional<Failure> failure_;
    int64_t contentBytes_ = 0;
};

std::unique_ptr<AnswerDecoder> makeOpenAiDecoder(AnswerContext context);
std::unique_ptr<AnswerDecoder> makeAnthropicDecoder(AnswerContext context);

}  // namespace moxie::engine
