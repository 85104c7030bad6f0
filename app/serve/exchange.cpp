#include "app/serve/exchange.h"

#include <fmt/format.h>

#include <variant>

namespace moxie::serve {

namespace {

using engine::StreamEvent;

template <class... Cases>
struct Overloaded : Cases... {
    using Cases::operator()...;
};

template <class... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

// A client that hears nothing for so long may think that nobody is there.
constexpr int64_t kQuietMs = 5'000;

constexpr std::string_view kJson = "application/json";

}  // namespace

Exchange::Exchange(const ExchangeParts& parts, Question question, const Json& body, std::string id)
    : parts_(parts),
      question_(std::move(question)),
      body_(body),
      lastSentMs_(parts.clock.steadyMs()) {
    answer_.id = std::move(id);
    answer_.createdS = parts.clock.wallMs() / 1000;
    answer_.model = parts.model.limits().model;
    if (question_.isStreaming) writer_ = parts.dialect.makeWriter(question_, body_);
}

void Exchange::run(HttpReply& reply, const std::stop_token& stop) {
    const base::Status status = ask(reply, stop);
    if (!status) {
        ApiError error = apiError(status.error());
        if (stop.stop_requested()) error = {503, "the server ends, or the client hung up", {}};
        fail(reply, error);
        return;
    }
    if (answer_.finish.reason == engine::FinishReason::contextFull && answer_.parts.empty()) {
        fail(reply, contextFullError(answer_.finish.detail));
        return;
    }
    if (!finish(reply)) reply.closeAfter();
}

base::Status Exchange::ask(HttpReply& reply, const std::stop_token& stop) {
    TRY_ASSIGN(const TurnQueue::Turn turn, parts_.queue.enter(stop));
    TRY_ASSIGN(const std::unique_ptr<engine::ChatStream> stream,
               parts_.model.start(question_.request, stop));
    for (;;) {
        TRY_ASSIGN(std::optional<StreamEvent> event, stream->next());
        if (!event) return {};
        TRY(take(*event, reply));
    }
}

base::Status Exchange::take(StreamEvent& event, HttpReply& reply) {
    return std::visit(
        Overloaded{[&](engine::ModelChosen& chosen) -> base::Status {
                       answer_.model = chosen.model;
                       return {};
                   },
                   [&](engine::ReasoningDelta& delta) -> base::Status {
                       answer_.addReasoning(delta.text);
                       if (!writer_ || delta.text.empty()) return {};
                       TRY(ensureBegun(reply));
                       return send(reply, writer_->reasoning(delta.text));
                   },
                   [&](engine::TextDelta& delta) -> base::Status {
                       answer_.addText(delta.text);
                       if (!writer_ || delta.text.empty()) return {};
                       TRY(ensureBegun(reply));
                       return send(reply, writer_->text(delta.text));
                   },
                   [&](engine::ToolCallReady& ready) { return takeCall(ready.call, reply); },
                   [&](engine::Usage& usage) -> base::Status {
                       answer_.usage = usage;
                       return {};
                   },
                   [&](engine::AttemptDiscarded& discarded) { return takeDiscard(discarded); },
                   [&](engine::Waiting&) { return takeWaiting(reply); },
                   [&](engine::Finish& finish) -> base::Status {
                       answer_.finish = std::move(finish);
                       return {};
                   }},
        event);
}

// A call that was cut off is not passed on: some clients repair and run it. The finish reason says
// that the answer is cut.
base::Status Exchange::takeCall(engine::ToolCall& call, HttpReply& reply) {
    if (!call.isComplete || (question_.takesOneCallOnly && answer_.hasCalls())) return {};
    if (call.id.empty()) call.id = fmt::format("call_{}_{}", answer_.id, answer_.parts.size());
    std::string bytes;
    if (writer_) {
        TRY(ensureBegun(reply));
        bytes = writer_->call(call);
    }
    answer_.parts.push_back({PartKind::call, {}, std::move(call)});
    return writer_ ? send(reply, bytes) : base::Status{};
}

base::Status Exchange::takeDiscard(const engine::AttemptDiscarded& discarded) {
    if (writer_ && !answer_.parts.empty())
        return base::fail(
            base::Errc::io,
            fmt::format("the model's server broke off in the middle of the answer ({}); ask again",
                        discarded.reason));
    answer_.parts.clear();
    answer_.usage.reset();
    return {};
}

base::Status Exchange::takeWaiting(HttpReply& reply) {
    if (!writer_ || parts_.clock.steadyMs() - lastSentMs_ < kQuietMs) return {};
    TRY(ensureBegun(reply));
    return send(reply, writer_->stillWorking());
}

base::Status Exchange::ensureBegun(HttpReply& reply) {
    if (hasBegun_) return {};
    hasBegun_ = true;
    TRY(reply.beginEvents());
    return send(reply, writer_->begin(answer_));
}

base::Status Exchange::send(HttpReply& reply, const std::string& bytes) {
    lastSentMs_ = parts_.clock.steadyMs();
    return reply.events(bytes);
}

base::Status Exchange::finish(HttpReply& reply) {
    if (!writer_)
        return reply.whole(200, kJson, dumped(parts_.dialect.whole(question_, body_, answer_)));
    TRY(ensureBegun(reply));
    TRY(send(reply, writer_->finish(answer_)));
    return reply.endEvents();
}

void Exchange::fail(HttpReply& reply, const ApiError& error) {
    base::Status sent;
    if (hasBegun_) {
        sent = send(reply, writer_->fail(error));
        if (sent) sent = reply.endEvents();
    } else {
        if (error.status == 429 || error.status == 503) reply.addHeader("Retry-After", "1");
        sent = reply.whole(error.status, kJson, parts_.dialect.errorJson(error));
    }
    if (!sent) reply.closeAfter();  // the client is gone: nobody is left to tell
}

}  // namespace moxie::serve
