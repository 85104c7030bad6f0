// One question put to the model and its answer sent to the client, as events or whole. The reply's
// status waits for the first word of the model: an upstream that refuses is an HTTP error and not a
// broken stream. Threads: the connection's.
#pragma once
#include <stop_token>

#include "app/serve/dialect.h"
#include "app/serve/http_server.h"
#include "app/serve/turn_queue.h"
#include "base/clock.h"

namespace moxie::serve {

struct ExchangeParts {
    const Dialect& dialect;
    engine::ChatModel& model;
    TurnQueue& queue;
    base::Clock& clock;
};

class Exchange {
public:
    // `id`: for the answer. `body`: the request's, kept alive by the caller.
    Exchange(const ExchangeParts& parts, Question question, const Json& body, std::string id);

    // Sends exactly one reply, whatever happens.
    void run(HttpReply& reply, const std::stop_token& stop);

private:
    base::Status ask(HttpReply& reply, const std::stop_token& stop);
    base::Status take(engine::StreamEvent& event, HttpReply& reply);
    base::Status takeCall(engine::ToolCall& call, HttpReply& reply);
    base::Status takeDiscard(const engine::AttemptDiscarded& discarded);
    base::Status takeWaiting(HttpReply& reply);
    base::Status finish(HttpReply& reply);
    base::Status send(HttpReply& reply, const std::string& bytes);
    base::Status ensureBegun(HttpReply& reply);
    void fail(HttpReply& reply, const ApiError& error);

    const ExchangeParts parts_;
    const Question question_;
    const Json& body_;
    Answer answer_;
    std::unique_ptr<EventWriter> writer_;  // null: a whole answer
    bool hasBegun_ = false;                // the event stream
    int64_t lastSentMs_ = 0;
};

}  // namespace moxie::serve
