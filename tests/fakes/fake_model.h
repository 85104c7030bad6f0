// A model that follows a script: each request takes the next turn of the script. It records every
// request's bytes. Waiting is done on a Clock. Threads: as engine/chat_model.h.
#pragma once
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/chat_model.h"

namespace moxie::tests {

struct ScriptedTurn {
    std::vector<engine::StreamEvent> events;       // a Finish is added if the last one is none
    std::optional<base::Error> failure = {};       // after the events, instead of a Finish
    std::optional<base::Error> startFailure = {};  // start() fails with it
    int64_t delayMs = 0;                           // before each event, on the clock
    bool waitsForStop = false;  // after the events: blocks until stopped, then fails cancelled
};

// Short ways to write a script.
ScriptedTurn says(std::string text);
ScriptedTurn calls(std::string tool, std::string arguments, std::string id = {});
ScriptedTurn callsMany(std::vector<engine::ToolCall> list);
ScriptedTurn finishes(engine::FinishReason reason, std::string text = {});

class FakeModel final : public engine::ChatModel {
public:
    explicit FakeModel(base::Clock& clock, std::vector<ScriptedTurn> script)
        : clock_(clock),
          script_(std::move(script)) {}

    // Instead of a script: what to answer to the request of this number, from 0.
    using Answering = std::function<ScriptedTurn(size_t, const engine::ChatRequest&)>;

    FakeModel(base::Clock& clock, Answering answering)
        : clock_(clock),
          answering_(std::move(answering)) {}

    base::Result<std::unique_ptr<engine::ChatStream>> start(engine::ChatRequest request,
                                                            std::stop_token stop) override;

    engine::ModelLimits limits() const override { return modelLimits; }

    int64_t countTokens(std::string_view text) const override {
        return int64_t(text.size() + 3) / 4;
    }

    // One JSON object: tools and options first, messages last.
    std::string serialise(const engine::ChatRequest& request) const override;

    std::vector<std::string> requests() const {
        std::lock_guard lock(mutex_);
        return requests_;
    }

    engine::ModelLimits modelLimits = {.model = "scripted",
                                       .contextTokens = 1'000'000,
                                       .outputTokensMax = 64'000,
                                       .hasTools = true,
                                       .hasReasoning = true,
                                       .isLocal = false,
                                       .price = {}};
    std::function<void(const std::string&)> onRequest = {};  // with the bytes, before the answer

private:
    base::Clock& clock_;
    std::vector<ScriptedTurn> script_;
    Answering answering_;
    mutable std::mutex mutex_;  // guards requests_
    std::vector<std::string> requests_;
};

// The bytes of a serialised request that every later one must begin with: all up to the end of the
// messages.
std::string stablePrefix(const std::string& request);

}  // namespace moxie::tests
