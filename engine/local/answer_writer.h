// Turns sampled tokens into what a stream yields: reasoning, whole characters of text, tool calls;
// ends at a stop string. Threads: one thread at a time.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "engine/chat_model.h"
#include "engine/local/chat_format.h"
#include "engine/local/marker_scanner.h"
#include "engine/tokenizer/stream_decoder.h"

namespace moxie::engine {

class AnswerWriter {
public:
    // `send` takes each event; false from it ends the answer.
    AnswerWriter(const ChatRequest& request, const ChatFormat& format,
                 std::function<bool(StreamEvent)> send);

    // One token. False: stop generating (a stop string, or send() declined).
    bool push(int32_t token, std::string_view bytes);
    // Gives out what was held back, then the calls that must not run.
    void finish(AnswerEnd end);

    // The answer as the caller has received it.
    const Message& message() const { return message_; }

    bool hasCalls() const { return !message_.toolCalls.empty(); }

    bool metStopString() const { return metStopString_; }

    // Tokens that went into reasoning; the one that ends it counts.
    int64_t reasoningTokens() const { return reasoningTokens_; }

    // Why calls were refused; empty if none was.
    std::string faults() const;

private:
    bool scan(std::string_view text);
    bool sendParts(std::vector<AnswerPart> parts);

    std::function<bool(StreamEvent)> send_;
    const ChatFormat& format_;
    StreamDecoder decoder_;
    MarkerScanner stops_;
    std::unique_ptr<AnswerParser> parser_;
    bool metStopString_ = false;
    int64_t reasoningTokens_ = 0;
    Message message_ = {.role = Role::assistant};
};

}  // namespace moxie::engine
