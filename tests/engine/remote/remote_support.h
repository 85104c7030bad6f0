// What the tests of remote models share: a clock that does not wait, and an answer read to its end.
#pragma once
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "engine/chat_model.h"
#include "engine/open_model.h"
#include "tests/fakes/scripted_server/scripted_server.h"

namespace moxie::tests {

// Real time, but sleeping only writes down how long.
class HurriedClock final : public base::Clock {
public:
    int64_t wallMs() const override { return system_.wallMs(); }

    int64_t steadyMs() const override { return system_.steadyMs(); }

    base::Status sleepFor(int64_t durationMs, const std::stop_token& stop) override {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        std::lock_guard lock(mutex_);
        sleeps_.push_back(durationMs);
        return {};
    }

    std::vector<int64_t> sleeps() const {
        std::lock_guard lock(mutex_);
        return sleeps_;
    }

private:
    base::SystemClock system_;
    mutable std::mutex mutex_;  // guards sleeps_
    std::vector<int64_t> sleeps_;
};

struct ReadAnswer {
    std::vector<engine::ModelChosen> chosen;
    std::string text;
    std::string reasoning;
    std::vector<engine::ToolCall> calls;
    std::optional<engine::Usage> usage;
    std::optional<engine::Finish> finish;
    std::optional<base::Error> error;
    int64_t nDiscarded = 0;
    int64_t nWaiting = 0;
    bool isOrdered = true;  // ModelChosen before everything, nothing after Finish
};

inline void takeEvent(ReadAnswer& answer, engine::StreamEvent& event) {
    if (answer.finish) answer.isOrdered = false;
    if (auto* chosen = std::get_if<engine::ModelChosen>(&event)) {
        answer.chosen.push_back(*chosen);
        return;
    }
    if (answer.chosen.empty()) answer.isOrdered = false;
    if (auto* text = std::get_if<engine::TextDelta>(&event)) answer.text += text->text;
    if (auto* text = std::get_if<engine::ReasoningDelta>(&event)) answer.reasoning += text->text;
    if (auto* call = std::get_if<engine::ToolCallReady>(&event)) answer.calls.push_back(call->call);
    if (auto* usage = std::get_if<engine::Usage>(&event)) answer.usage = *usage;
    if (std::holds_alternative<engine::Waiting>(event)) ++answer.nWaiting;
    if (auto* finish = std::get_if<engine::Finish>(&event)) answer.finish = *finish;
    if (std::holds_alternative<engine::AttemptDiscarded>(event)) {
        ++answer.nDiscarded;
        answer.text.clear();
        answer.reasoning.clear();
        answer.calls.clear();
        answer.usage.reset();
    }
}

inline ReadAnswer readAnswer(engine::ChatModel& model, engine::ChatRequest request,
                             std::stop_token stop = {}) {
    ReadAnswer answer;
    auto stream = model.start(std::move(request), std::move(stop));
    if (!stream) {
        answer.error = stream.error();
        return answer;
    }
    for (;;) {
        auto event = (*stream)->next();
        if (!event) {
            answer.error = event.error();
            return answer;
        }
        if (!*event) return answer;
        takeEvent(answer, **event);
    }
}

inline engine::ChatRequest smallRequest() {
    engine::ChatRequest request;
    request.messages = {{.role = engine::Role::system, .text = "You are a test."},
                        {.role = engine::Role::user, .text = "Go."}};
    request.tools = {
        {.name = "bash",
         .description = "Runs a command.",
         .parametersJson =
             R"({"type":"object","properties":{"command":{"type":"string"}},"required":["command"]})"}};
    return request;
}

inline std::unique_ptr<ScriptedServer> startScripts() {
    auto server = ScriptedServer::start({.scriptsFolder = MOXIE_SOURCE_DIR "/tests/data/scripts"});
    return server ? std::move(*server) : nullptr;
}

inline std::unique_ptr<engine::ChatModel> openScript(const ScriptedServer& server,
                                                     const std::string& name, engine::RemoteApi api,
                                                     base::Clock& clock,
                                                     int64_t idleTimeoutMs = 60'000) {
    auto model = engine::openRemoteModel({.api = api,
                                          .baseUrl = server.baseUrl(),
                                          .model = name,
                                          .apiKey = "sk-test-0123456789",
                                          .idleTimeoutMs = idleTimeoutMs},
                                         clock);
    return model ? std::move(*model) : nullptr;
}

}  // namespace moxie::tests
