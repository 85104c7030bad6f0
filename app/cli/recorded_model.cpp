#include "app/cli/recorded_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <nlohmann/json.hpp>
#include <vector>

namespace moxie::app {

namespace {

using engine::StreamEvent;
using nlohmann::json;

struct RecordedStep {
    std::string reasoning = {}, text = {};
    std::vector<engine::ToolCall> calls = {};
};

// About one token for three bytes: high, as ChatModel asks of estimates.
int64_t estimateTokens(std::string_view text) {
    return (int64_t(text.size()) + 2) / 3;
}

// Words with the spaces behind them, as a model would stream them.
std::vector<std::string> pieces(const std::string& text) {
    std::vector<std::string> words;
    for (size_t begin = 0; begin < text.size();) {
        const size_t space = text.find_first_of(" \n", begin);
        const size_t end = space == std::string::npos ? text.size() : space + 1;
        words.push_back(text.substr(begin, end - begin));
        begin = end;
    }
    return words;
}

class RecordedStream final : public engine::ChatStream {
public:
    RecordedStream(std::deque<StreamEvent> events, int64_t pieceWaitMs, base::Clock& clock,
                   std::stop_token stop)
        : events_(std::move(events)),
          pieceWaitMs_(pieceWaitMs),
          clock_(clock),
          stop_(std::move(stop)) {}

    base::Result<std::optional<StreamEvent>> next() override {
        if (stop_.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        if (events_.empty()) return std::optional<StreamEvent>();
        StreamEvent event = std::move(events_.front());
        events_.pop_front();
        const bool isPiece = std::holds_alternative<engine::TextDelta>(event) ||
                             std::holds_alternative<engine::ReasoningDelta>(event);
        if (isPiece) TRY(clock_.sleepFor(pieceWaitMs_, stop_));
        return std::optional<StreamEvent>(std::move(event));
    }

private:
    std::deque<StreamEvent> events_;
    int64_t pieceWaitMs_;
    base::Clock& clock_;
    std::stop_token stop_;
};

class RecordedModel final : public engine::ChatModel {
public:
    RecordedModel(std::string name, std::vector<RecordedStep> steps, int64_t pieceWaitMs,
                  base::Clock& clock)
        : name_(std::move(name)),
          steps_(std::move(steps)),
          pieceWaitMs_(pieceWaitMs),
          clock_(clock) {}

    base::Result<std::unique_ptr<engine::ChatStream>> start(engine::ChatRequest request,
                                                            std::stop_token stop) override {
        const auto spoken = size_t(std::count_if(request.messages.begin(), request.messages.end(),
                                                 [](const engine::Message& message) {
                                                     return message.role == engine::Role::assistant;
                                                 }));
        const RecordedStep step = spoken < steps_.size()
                                      ? steps_[spoken]
                                      : RecordedStep{.text = "The recording ends here."};
        std::deque<StreamEvent> events;
        events.emplace_back(engine::ModelChosen{name_, "recorded", "recorded beforehand"});
        for (std::string& piece : pieces(step.reasoning))
            events.emplace_back(engine::ReasoningDelta{std::move(piece)});
        for (std::string& piece : pieces(step.text))
            events.emplace_back(engine::TextDelta{std::move(piece)});
        engine::Usage usage;
        for (const engine::Message& message : request.messages)
            usage.inputTokens += estimateTokens(message.text);
        usage.reasoningTokens = estimateTokens(step.reasoning);
        usage.outputTokens = estimateTokens(step.text) + usage.reasoningTokens;
        for (size_t i = 0; i < step.calls.size(); ++i) {
            engine::ToolCall call = step.calls[i];
            call.id = fmt::format("recorded-{}-{}", spoken + 1, i + 1);
            usage.outputTokens += estimateTokens(call.arguments);
            events.emplace_back(engine::ToolCallReady{std::move(call)});
        }
        events.emplace_back(usage);
        events.emplace_back(engine::Finish{.reason = step.calls.empty()
                                                         ? engine::FinishReason::stop
                                                         : engine::FinishReason::toolCalls,
                                           .detail = "recorded"});
        return std::make_unique<RecordedStream>(std::move(events), pieceWaitMs_, clock_,
                                                std::move(stop));
    }

    engine::ModelLimits limits() const override {
        return {.model = name_,
                .contextTokens = 128'000,
                .outputTokensMax = 8192,
                .hasReasoning = true,
                .isLocal = true};
    }

    int64_t countTokens(std::string_view text) const override { return estimateTokens(text); }

    std::string serialise(const engine::ChatRequest& /*request*/) const override { return {}; }

private:
    const std::string name_;
    const std::vector<RecordedStep> steps_;
    const int64_t pieceWaitMs_;
    base::Clock& clock_;
};

base::Result<RecordedStep> readStep(const json& step) {
    const auto text = [](const json& object, const char* name) {
        const auto value = object.find(name);
        return value != object.end() && value->is_string() ? value->get<std::string>()
                                                           : std::string();
    };
    if (!step.is_object()) return base::fail(base::Errc::corrupt, "a recorded step is no object");
    RecordedStep out{.reasoning = text(step, "reasoning"), .text = text(step, "text")};
    if (!step.contains("calls")) return out;
    for (const json& call : step["calls"]) {
        if (!call.is_object() || !call.contains("arguments") || !call["arguments"].is_object())
            return base::fail(base::Errc::corrupt, "a recorded call has no arguments");
        out.calls.push_back({.name = text(call, "name"), .arguments = call["arguments"].dump()});
    }
    return out;
}

}  // namespace

base::Result<std::unique_ptr<engine::ChatModel>> makeRecordedModel(std::string_view recordingJson,
                                                                   int64_t pieceWaitMs,
                                                                   base::Clock& clock) {
    const json recording = json::parse(recordingJson, nullptr, false);
    if (!recording.is_object() || !recording.contains("model") || !recording["model"].is_string() ||
        !recording.contains("steps") || !recording["steps"].is_array())
        return base::fail(base::Errc::corrupt, "the recording has no model and steps");
    std::vector<RecordedStep> steps;
    for (const json& step : recording["steps"]) {
        TRY_ASSIGN(RecordedStep read, readStep(step));
        steps.push_back(std::move(read));
    }
    return std::make_unique<RecordedModel>(recording["model"].get<std::string>(), std::move(steps),
                                           pieceWaitMs, clock);
}

}  // namespace moxie::app
