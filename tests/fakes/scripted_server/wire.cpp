#include "tests/fakes/scripted_server/wire.h"

#include <algorithm>
#include <utility>

namespace moxie::tests {

namespace {

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// `text` in about `count` pieces.
std::vector<std::string> pieces(const std::string& text, int64_t count) {
    std::vector<std::string> result;
    const size_t size = std::max<size_t>(1, text.size() / size_t(std::max<int64_t>(1, count)));
    for (size_t pos = 0; pos < text.size(); pos += size)
        result.push_back(text.substr(pos, size));
    return result;
}

class OpenAiWire final : public Wire {
public:
    explicit OpenAiWire(std::string model) : model_(std::move(model)) {}

    std::string begin(const ScriptedUsage&) override {
        return chunk({{"role", "assistant"}, {"content", nullptr}});
    }

    std::string text(const std::string& text) override {
        text_ += text;
        return chunk({{"content", text}});
    }

    std::string reasoning(const std::string& text) override {
        reasoning_ += text;
        return chunk({{"reasoning_content", text}});
    }

    std::string call(const Json& call, Ends) override {
        const std::string oddity = call.value("oddity", "");
        const int64_t index = int64_t(calls_.size());
        const std::string id = call.value("id", "call_" + std::to_string(index + 1));
        const std::string name = call.value("name", "");
        const std::string arguments = argumentsText(call);
        calls_.push_back({{"id", id},
                          {"type", "function"},
                          {"function", {{"name", name}, {"arguments", arguments}}}});

        Json head = {
            {"index", oddity == "sameIndex" ? 0 : index}, {"id", id}, {"type", "function"}};
        if (oddity == "noIndex" || oddity == "noIndexNoId") head.erase("index");
        if (oddity == "noId" || oddity == "noIndexNoId") head.erase("id");
        const auto piece = [&](Json start, Json function) {
            start["function"] = std::move(function);
            return chunk({{"tool_calls", Json::array({start})}});
        };
        if (oddity == "argumentsObject")
            return piece(head, {{"name", name}, {"arguments", Json::parse(arguments)}});
        if (oddity == "wholeAtOnce" || oddity == "noIndexNoId")
            return piece(head, {{"name", name}, {"arguments", arguments}});

        std::string out;
        Json rest = head;
        if (oddity != "idAgain" && oddity != "noIndex") rest.erase("id");
        rest.erase("type");
        if (oddity == "nameInPieces") {
            out += piece(head, {{"name", name.substr(0, name.size() / 2)}, {"arguments", ""}});
            out += piece(rest, {{"name", name.substr(name.size() / 2)}});
        } else {
            out += piece(head, {{"name", name}, {"arguments", ""}});
        }
        for (const std::string& text : pieces(arguments, call.value("pieces", 2))) {
            Json function = {{"arguments", text}};
            if (oddity == "nameAgain") function["name"] = name;
            out += piece(rest, std::move(function));
        }
        return out;
    }

    std::string signature(const std::string&) override { return {}; }

    std::string redacted(const std::string&) override { return {}; }

    std::string error(const Json& error) override { return event({{"error", error}}); }

    std::string finish(const std::string& reason, const ScriptedUsage* usage) override {
        const Json choice = {
            {"index", 0}, {"delta", Json::object()}, {"finish_reason", word(reason)}};
        std::string out = event(body(Json::array({choice})));
        if (usage != nullptr) {
            Json last = body(Json::array());
            last["usage"] = usageJson(*usage);
            out += event(last);
        }
        return out + "data: [DONE]\n\n";
    }

    std::string whole(const std::string& reason, const ScriptedUsage* usage) override {
        Json message = {{"role", "assistant"}, {"content", text_}};
        if (!reasoning_.empty()) message["reasoning_content"] = reasoning_;
        if (hasCalls()) message["tool_calls"] = calls_;
        const Json choice = {{"index", 0}, {"message", message}, {"finish_reason", word(reason)}};
        Json answer = {{"id", "c1"},
                       {"object", "chat.completion"},
                       {"model", model_},
                       {"choices", Json::array({choice})}};
        if (usage != nullptr) answer["usage"] = usageJson(*usage);
        return dump(answer);
    }

    bool hasCalls() const override { return !calls_.empty(); }

private:
    static std::string event(const Json& json) { return "data: " + dump(json) + "\n\n"; }

    Json body(Json choices) const {
        return {{"id", "c1"},
                {"object", "chat.completion.chunk"},
                {"created", 1},
                {"model", model_},
                {"choices", std::move(choices)}};
    }

    std::string chunk(Json delta) const {
        const Json choice = {{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", nullptr}};
        return event(body(Json::array({choice})));
    }

    static std::string word(const std::string& reason) {
        if (reason == "toolCalls") return "tool_calls";
        return reason == "contentFilter" ? "content_filter" : reason;
    }

    static Json usageJson(const ScriptedUsage& usage) {
        return {{"prompt_tokens", usage.input},
                {"completion_tokens", usage.output},
                {"total_tokens", usage.input + usage.output},
                {"prompt_tokens_details", {{"cached_tokens", usage.cached}}},
                {"completion_tokens_details", {{"reasoning_tokens", usage.reasoning}}}};
    }

    const std::string model_;
    std::string text_;
    std::string reasoning_;
    Json calls_ = Json::array();
};

class AnthropicWire final : public Wire {
public:
    explicit AnthropicWire(std::string model) : model_(std::move(model)) {}

    std::string begin(const ScriptedUsage& usage) override {
        return event("message_start", {{"message",
                                        {{"id", "msg_1"},
                                         {"type", "message"},
                                         {"role", "assistant"},
                                         {"model", model_},
                                         {"content", Json::array()},
                                         {"stop_reason", nullptr},
                                         {"usage", startUsage(usage)}}}});
    }

    std::string text(const std::string& text) override {
        std::string out = open("text", {{"type", "text"}, {"text", ""}});
        content_.back()["text"].get_ref<std::string&>() += text;
        return out + delta({{"type", "text_delta"}, {"text", text}});
    }

    std::string reasoning(const std::string& text) override {
        std::string out =
            open("thinking", {{"type", "thinking"}, {"thinking", ""}, {"signature", ""}});
        content_.back()["thinking"].get_ref<std::string&>() += text;
        return out + delta({{"type", "thinking_delta"}, {"thinking", text}});
    }

    std::string call(const Json& call, Ends ends) override {
        std::string out = closeBlock();
        const std::string id = call.value("id", "toolu_" + std::to_string(++nCalls_));
        const std::string name = call.value("name", "");
        const std::string arguments = argumentsText(call);
        out += open("tool_use",
                    {{"type", "tool_use"}, {"id", id}, {"name", name}, {"input", Json::object()}});
        Json input = Json::parse(arguments, nullptr, false);
        if (input.is_object()) content_.back()["input"] = std::move(input);
        out += delta({{"type", "input_json_delta"}, {"partial_json", ""}});
        for (const std::string& text : pieces(arguments, call.value("pieces", 2)))
            out += delta({{"type", "input_json_delta"}, {"partial_json", text}});
        return ends == Ends::yes ? out + closeBlock() : out;
    }

    std::string signature(const std::string& signature) override {
        if (openType_ != "thinking") return {};
        content_.back()["signature"] = signature;
        return delta({{"type", "signature_delta"}, {"signature", signature}}) + closeBlock();
    }

    std::string redacted(const std::string& data) override {
        std::string out = closeBlock();
        out += open("redacted_thinking", {{"type", "redacted_thinking"}, {"data", data}});
        out += closeBlock();
        return out;
    }

    std::string error(const Json& error) override { return event("error", {{"error", error}}); }

    std::string finish(const std::string& reason, const ScriptedUsage* usage) override {
        Json end = {{"delta", {{"stop_reason", word(reason)}, {"stop_sequence", nullptr}}}};
        if (usage != nullptr) end["usage"] = {{"output_tokens", usage->output}};
        return closeBlock() + event("message_delta", end) + event("message_stop", Json::object());
    }

    std::string whole(const std::string& reason, const ScriptedUsage* usage) override {
        Json answer = {{"id", "msg_1"},   {"type", "message"},   {"role", "assistant"},
                       {"model", model_}, {"content", content_}, {"stop_reason", word(reason)}};
        if (usage != nullptr) answer["usage"] = startUsage(*usage);
        return dump(answer);
    }

    bool hasCalls() const override { return nCalls_ > 0; }

private:
    static std::string event(const std::string& type, Json json) {
        json["type"] = type;
        return "event: " + type + "\ndata: " + dump(json) + "\n\n";
    }

    std::string open(const std::string& type, Json block) {
        if (openType_ == type) return {};
        std::string out = closeBlock();
        openType_ = type;
        content_.push_back(block);
        return out + event("content_block_start",
                           {{"index", content_.size() - 1}, {"content_block", std::move(block)}});
    }

    std::string delta(Json delta) {
        return event("content_block_delta",
                     {{"index", content_.size() - 1}, {"delta", std::move(delta)}});
    }

    std::string closeBlock() {
        if (openType_.empty()) return {};
        openType_.clear();
        return event("content_block_stop", {{"index", content_.size() - 1}});
    }

    static std::string word(const std::string& reason) {
        if (reason == "toolCalls") return "tool_use";
        if (reason == "stop") return "end_turn";
        if (reason == "length") return "max_tokens";
        if (reason == "contextFull") return "model_context_window_exceeded";
        return reason == "contentFilter" ? "refusal" : reason;
    }

    static Json startUsage(const ScriptedUsage& usage) {
        return {{"input_tokens", usage.input - usage.cached},
                {"cache_creation_input_tokens", 0},
                {"cache_read_input_tokens", usage.cached},
                {"output_tokens", usage.output}};
    }

    const std::string model_;
    Json content_ = Json::array();
    std::string openType_;
    int64_t nCalls_ = 0;
};

}  // namespace

std::unique_ptr<Wire> makeOpenAiWire(std::string model) {
    return std::make_unique<OpenAiWire>(std::move(model));
}

std::unique_ptr<Wire> makeAnthropicWire(std::string model) {
    return std::make_unique<AnthropicWire>(std::move(model));
}

std::string argumentsText(const Json& call) {
    const auto found = call.find("arguments");
    if (found == call.end()) return {};
    return found->is_string() ? found->get<std::string>() : dump(*found);
}

}  // namespace moxie::tests
