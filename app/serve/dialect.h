// One API over HTTP: how it asks, how it answers, how it says no. Three exist: chat completions,
// responses, Anthropic messages. Threads: a dialect from any thread, a writer one thread at a time.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "app/serve/answer.h"
#include "app/serve/api_error.h"
#include "app/serve/json_node.h"
#include "base/result.h"

namespace moxie::serve {

// Writes one answer as server-sent events. The pieces come in the order of the stream; each call
// returns the bytes to send. `answer` is filled as far as the stream has come.
class EventWriter {
public:
    virtual ~EventWriter() = default;
    virtual std::string begin(const Answer& answer) = 0;
    virtual std::string reasoning(std::string_view text) = 0;
    virtual std::string text(std::string_view text) = 0;
    virtual std::string call(const engine::ToolCall& call) = 0;
    // Keeps the connection open while the model reads.
    virtual std::string stillWorking() = 0;
    virtual std::string finish(const Answer& answer) = 0;
    // Instead of finish().
    virtual std::string fail(const ApiError& error) = 0;
};

class Dialect {
public:
    virtual ~Dialect() = default;
    // Fails: invalidInput, unsupported; the message begins with the place.
    virtual base::Result<Question> read(const Json& body,
                                        const engine::ModelLimits& limits) const = 0;
    // `question` and `body` are only used before the writer ends.
    virtual std::unique_ptr<EventWriter> makeWriter(const Question& question,
                                                    const Json& body) const = 0;
    virtual Json whole(const Question& question, const Json& body, const Answer& answer) const = 0;
    virtual std::string errorJson(const ApiError& error) const = 0;
};

std::unique_ptr<Dialect> makeChatCompletions();
std::unique_ptr<Dialect> makeResponses();
std::unique_ptr<Dialect> makeAnthropicMessages();

// "event: NAME\ndata: JSON\n\n"; without a name only the data.
std::string serverSentEvent(std::string_view name, const Json& data);

}  // namespace moxie::serve
