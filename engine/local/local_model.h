// ChatModel over a LocalEngine: messages in, streamed events out. Each answer is written by a
// thread of its own through a bounded queue; a full queue makes the model wait for its reader, and
// answers of one model are written one after the other.
// Opened by openLocalModel() of engine/open_model.h. Threads: any thread.
#pragma once
#include <memory>
#include <vector>

#include "engine/chat_model.h"
#include "engine/local/answer_constraints.h"
#include "engine/local/local_engine.h"

namespace moxie::engine {

class LocalModel final : public ChatModel {
public:
    explicit LocalModel(std::shared_ptr<LocalEngine> engine) : engine_(std::move(engine)) {}

    // Calls are what their tools' schemas say; under a response schema the answer is one JSON value
    // of it, or a call. Fails: unsupported (a template we do not know), invalidInput (no message,
    // no room for output, a call required of a tool that is not there).
    base::Result<std::unique_ptr<ChatStream>> start(ChatRequest request,
                                                    std::stop_token stop) override;
    ModelLimits limits() const override;
    int64_t countTokens(std::string_view text) const override;
    std::string serialise(const ChatRequest& request) const override;

private:
    bool hasTools() const;
    bool hasReasoning() const;

    AnswerConstraints constraints_;
    std::shared_ptr<LocalEngine> engine_;  // shared with running streams, which may outlive us
};

// The tokens of a rendered conversation; the model's own answers as they were sampled.
std::vector<int32_t> promptTokens(const Tokenizer& tokenizer, const AnswerMemory& answers,
                                  std::span<const PromptPart> parts);

}  // namespace moxie::engine
