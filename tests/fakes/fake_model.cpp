#include "tests/fakes/fake_model.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace moxie::tests {

using nlohmann::json;

namespace {

class FakeStream final : public engine::ChatStream {
public:
    FakeStream(ScriptedTurn turn, base::Clock& clock, std::stop_token stop)
        : turn_(std::move(turn)),
          clock_(clock),
          stop_(std::move(stop)) {
        const bool ends =
            turn_.failure || turn_.waitsForStop ||
            (!turn_.events.empty() && std::holds_alternative<engine::Finish>(turn_.events.back()));
        if (!ends) turn_.events.emplace_back(engine::Finish{});
    }

    base::Result<std::optional<engine::StreamEvent>> next() override {
        if (stop_.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        if (!isChosen_) {
            isChosen_ = true;
            return engine::StreamEvent(
                engine::ModelChosen{"scripted", "scripted", "it is the only one"});
        }
        if (turn_.delayMs > 0) TRY(clock_.sleepFor(turn_.delayMs, stop_));
        if (at_ < turn_.events.size()) return turn_.events[at_++];
        if (turn_.waitsForStop) {
            TRY(clock_.sleepFor(60'000, stop_));
            return base::fail(base::Errc::internal, "nobody stopped the stream");
        }
        if (turn_.failure) return base::fail(*turn_.failure);
        return std::nullopt;
    }

private:
    ScriptedTurn turn_;
    base::Clock& clock_;
    std::stop_token stop_;
    size_t at_ = 0;
    bool isChosen_ = false;
};

}  // namespace

ScriptedTurn says(std::string text) {
    ScriptedTurn turn;
    turn.events.emplace_back(engine::TextDelta{std::move(text)});
    turn.events.emplace_back(engine::Usage{100, 80, 10, 0});
    turn.events.emplace_back(engine::Finish{engine::FinishReason::stop, {}, "stop"});
    return turn;
}

ScriptedTurn callsMany(std::vector<engine::ToolCall> list) {
    ScriptedTurn turn;
    turn.events.emplace_back(engine::ReasoningDelta{"let me see"});
    for (engine::ToolCall& call : list)
        turn.events.emplace_back(engine::ToolCallReady{std::move(call)});
    turn.events.emplace_back(engine::Usage{100, 80, 10, 0});
    turn.events.emplace_back(engine::Finish{engine::FinishReason::toolCalls, {}, "tool_calls"});
    return turn;
}

ScriptedTurn calls(std::string tool, std::string arguments, std::string id) {
    return callsMany({{std::move(id), std::move(tool), std::move(arguments), true}});
}

ScriptedTurn finishes(engine::FinishReason reason, std::string text) {
    ScriptedTurn turn;
    if (!text.empty()) turn.events.emplace_back(engine::TextDelta{std::move(text)});
    turn.events.emplace_back(engine::Finish{reason, {}, "scripted"});
    return turn;
}

base::Result<std::unique_ptr<engine::ChatStream>> FakeModel::start(engine::ChatRequest request,
                                                                   std::stop_token stop) {
    const std::string bytes = serialise(request);
    size_t number = 0;
    {
        std::lock_guard lock(mutex_);
        number = requests_.size();
        requests_.push_back(bytes);
    }
    if (onRequest) onRequest(bytes);
    ScriptedTurn turn;
    if (answering_)
        turn = answering_(number, request);
    else if (number < script_.size())
        turn = script_[number];
    else
        turn.startFailure = base::Error(base::Errc::internal, "the script has ended");
    if (turn.startFailure) return base::fail(*turn.startFailure);
    return std::make_unique<FakeStream>(std::move(turn), clock_, std::move(stop));
}

std::string FakeModel::serialise(const engine::ChatRequest& request) const {
    json tools = json::array();
    for (const engine::ToolSchema& tool : request.tools)
        tools.push_back({{"name", tool.name},
                         {"description", tool.description},
                         {"parameters", json::parse(tool.parametersJson, nullptr, false)}});
    std::string out = fmt::format(
        "{{\"model\":\"scripted\",\"max_tokens\":{},\"tools\":{},"
        "\"messages\":[",
        request.options.outputTokensMax, tools.dump());
    const char* separator = "";
    for (const engine::Message& message : request.messages) {
        json item = {{"role", int(message.role)}, {"content", message.text}};
        for (const engine::Image& image : message.images)
            item["images"].push_back(image.base64);
        if (!message.reasoning.empty()) item["reasoning_content"] = message.reasoning;
        for (const engine::ToolCall& call : message.toolCalls)
            item["tool_calls"].push_back(
                {{"id", call.id}, {"name", call.name}, {"arguments", call.arguments}});
        if (!message.toolCallId.empty()) item["tool_call_id"] = message.toolCallId;
        out += separator;
        out += item.dump(-1, ' ', false, json::error_handler_t::replace);
        separator = ",";
    }
    return out + "]}";
}

std::string stablePrefix(const std::string& request) {
    return request.substr(0, request.size() - 2);  // without "]}"
}

}  // namespace moxie::tests
