// Turns the bytes of sampled tokens into what a stream yields: whole characters of text and tool
// calls; ends at a stop string. Threads: one thread at a time.
#pragma once
#include <functional>
#include <string>
#include <string_view>

#include "engine/chat_model.h"
#include "engine/local/marker_scanner.h"
#include "engine/local/tool_call_parser.h"
#include "engine/tokenizer/stream_decoder.h"

namespace moxie::engine {

class AnswerWriter {
public:
    // `send` takes each event; false from it ends the answer.
    AnswerWriter(const ChatRequest& request, std::function<bool(StreamEvent)> send);

    // False: stop generating (a stop string, or send() declined).
    bool push(std::string_view bytes);
    // Gives out what was held back, then the calls that were cut off.
    void finish();

    // The answer as the caller has received it.
    const Message& message() const { return message_; }

    bool hasCalls() const { return !message_.toolCalls.empty(); }

    bool metStopString() const { return metStopString_; }

private:
    bool write(std::string_view text);
    bool sendParts(std::vector<ToolCallParser::Part> parts);

    std::function<bool(StreamEvent)> send_;
    StreamDecoder decoder_;
    MarkerScanner stops_;
    ToolCallParser calls_;
    const bool hasTools_;
    bool metStopString_ = false;
    Message message_ = {.role = Role::assistant};
};

}  // namespace moxie::engine
