#include "tests/fakes/scripted_server/answer_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "tests/fakes/scripted_server/wire.h"

namespace moxie::tests {

namespace {

std::string bytesOfHex(const std::string& hex) {
    std::string bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(char(std::strtol(hex.substr(i, 2).c_str(), nullptr, 16)));
    return bytes;
}

std::string headerLines(const Json& answer, const std::string& contentType) {
    std::string lines;
    bool hasType = false;
    const Json headers = answer.value("headers", Json::object());
    for (const auto& [name, value] : headers.items()) {
        hasType = hasType || name == "Content-Type";
        lines +=
            name + ": " + (value.is_string() ? value.get<std::string>() : value.dump()) + "\r\n";
    }
    return hasType ? lines : lines + "Content-Type: " + contentType + "\r\n";
}

class Speaker {
public:
    Speaker(Connection& connection, const Json& answer, const AnswerFacts& facts)
        : connection_(connection),
          answer_(answer),
          facts_(facts),
          split_(answer.value("split", int64_t(0))),
          isChunked_(answer.value("framing", "chunked") == "chunked"),
          wire_(facts.isAnthropic ? makeAnthropicWire(facts.model) : makeOpenAiWire(facts.model)) {
        usage_ = {facts.inputTokens, facts.cachedInputTokens, 0, 0};
        hasUsage_ = !answer.contains("usage") || answer["usage"].is_object();
        if (answer.contains("usage") && hasUsage_) {
            const Json& given = answer["usage"];
            usage_ = {given.value("input", int64_t(0)), given.value("cached", int64_t(0)),
                      given.value("output", int64_t(0)), given.value("reasoning", int64_t(0))};
            countsOutput_ = false;
        }
    }

    bool stream() {
        const std::string head =
            fmt::format("HTTP/1.1 200 OK\r\n{}{}\r\n", headerLines(answer_, "text/event-stream"),
                        isChunked_ ? "Transfer-Encoding: chunked\r\n" : "Connection: close\r\n");
        if (!connection_.write(head)) return false;
        if (answer_.value("begins", true)) send(wire_->begin(usage_));
        const Json steps = answer_.value("steps", Json::array());
        if (!speak(steps, 0)) return false;
        if (const auto reason = finishReason())
            send(wire_->finish(*reason, hasUsage_ ? &usage_ : nullptr));
        if (!isAlive_ || !isChunked_) return false;
        return connection_.write("0\r\n\r\n");
    }

    bool whole() {
        const Json steps = answer_.value("steps", Json::array());
        isSilent_ = true;
        speak(steps, 0);
        const std::string body =
            wire_->whole(finishReason().value_or("stop"), hasUsage_ ? &usage_ : nullptr);
        return connection_.write(fmt::format("HTTP/1.1 200 OK\r\n{}Content-Length: {}\r\n\r\n{}",
                                             headerLines(answer_, "application/json"), body.size(),
                                             body));
    }

private:
    std::optional<std::string> finishReason() const {
        if (answer_.contains("finish")) {
            if (!answer_["finish"].is_string()) return std::nullopt;
            return answer_["finish"].get<std::string>();
        }
        return wire_->hasCalls() ? "toolCalls" : "stop";
    }

    void send(const std::string& bytes) {
        if (isSilent_ || !isAlive_) return;
        const size_t size = split_ > 0 ? size_t(split_) : std::max<size_t>(1, bytes.size());
        for (size_t pos = 0; pos < bytes.size() && isAlive_; pos += size) {
            const std::string piece = bytes.substr(pos, size);
            isAlive_ = isChunked_ ? connection_.writeChunk(piece) : connection_.write(piece);
        }
    }

    void count(const std::string& text) {
        if (countsOutput_) usage_.output += int64_t(text.size() + 3) / 4;
    }

    // False: the connection ends here.
    bool speak(const Json& steps, int64_t repetition) {
        for (const Json& step : steps) {
            if (!step.is_object() || step.empty()) continue;
            if (!speakStep(step, repetition) || !isAlive_) return false;
        }
        return true;
    }

    bool speakStep(const Json& step, int64_t repetition) {
        if (step.contains("repeat")) {
            const Json& repeat = step["repeat"];
            const int64_t times = repeat.value("times", int64_t(1));
            const Json inner = repeat.value("steps", Json::array());
            for (int64_t i = 0; i < times; ++i)
                if (!speak(inner, i)) return false;
            return true;
        }
        const Json filled = fillIn(step, facts_.number, repetition);
        const std::string kind = filled.begin().key();
        const Json& value = filled.begin().value();
        if (kind == "close") return false;
        if (kind == "hang") {
            connection_.wait(-1);
            return false;
        }
        if (kind == "delayMs") return isSilent_ || connection_.wait(value.get<int64_t>());
        if (kind == "call" || kind == "open") {
            count(argumentsText(value));
            send(wire_->call(value, kind == "call" ? Wire::Ends::yes : Wire::Ends::no));
        } else if (kind == "error") {
            send(wire_->error(value));
        } else if (value.is_string()) {
            speakText(kind, value.get<std::string>());
        }
        return true;
    }

    void speakText(const std::string& kind, const std::string& text) {
        if (kind == "text" || kind == "reasoning") count(text);
        if (kind == "text") send(wire_->text(text));
        if (kind == "reasoning") send(wire_->reasoning(text));
        if (kind == "comment") send(": " + text + "\n\n");
        if (kind == "raw") send(text);
        if (kind == "rawHex") send(bytesOfHex(text));
        if (kind == "signature") send(wire_->signature(text));
        if (kind == "redacted") send(wire_->redacted(text));
        if (kind == "finish") send(wire_->finish(text, hasUsage_ ? &usage_ : nullptr));
    }

    Connection& connection_;
    const Json& answer_;
    const AnswerFacts& facts_;
    const int64_t split_;
    const bool isChunked_;
    const std::unique_ptr<Wire> wire_;
    ScriptedUsage usage_;
    bool hasUsage_ = true;
    bool countsOutput_ = true;
    bool isSilent_ = false;  // steps are only collected
    bool isAlive_ = true;
};

}  // namespace

bool speakJson(Connection& connection, int64_t status, const Json& body) {
    const std::string text = body.dump();
    return connection.write(
        fmt::format("HTTP/1.1 {} Scripted\r\nContent-Type: application/json\r\n"
                    "Content-Length: {}\r\n\r\n{}",
                    status, text.size(), text));
}

bool speakAnswer(Connection& connection, const Json& answer, const AnswerFacts& facts) {
    if (answer.contains("body") || answer.value("status", 200) != 200) {
        const Json body = fillIn(answer.value("body", Json("")), facts.number, 0);
        const std::string text = body.is_string() ? body.get<std::string>() : body.dump();
        if (answer.contains("delayMs") && !connection.wait(answer["delayMs"].get<int64_t>()))
            return false;
        return connection.write(fmt::format(
            "HTTP/1.1 {} Scripted\r\n{}Content-Length: {}\r\n\r\n{}", answer.value("status", 200),
            headerLines(answer, body.is_string() ? "text/plain" : "application/json"), text.size(),
            text));
    }
    Speaker speaker(connection, answer, facts);
    return answer.value("whole", false) ? speaker.whole() : speaker.stream();
}

}  // namespace moxie::tests
