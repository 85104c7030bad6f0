#include "engine/remote/remote_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "engine/remote/sse_parser.h"

namespace moxie::engine {

namespace {

constexpr int64_t kRemoteQueueEvents = 256;
constexpr int64_t kEventBytesMax = 16 << 20;
constexpr int64_t kWholeBytesMax = 64 << 20;  // an answer as one JSON body
constexpr int64_t kStreamBytesMax = int64_t(2) << 30;
constexpr size_t kErrorBytesMax = 64 << 10;  // of the body of a reply that is no answer
constexpr int64_t kAfterFinishMs = 5'000;    // for usage to follow the finish mark
constexpr int64_t kAfterEndMs = 20;          // for a clean end, so that the connection is kept
constexpr int64_t kWaitingEveryMs = 300;     // between two Waiting events

// Sorts the bytes of one reply: an error, a stream of events, or one JSON body. Decides by the
// bytes and not by Content-Type, which many servers get wrong.
class ReplyReader final : public HttpReceiver {
public:
    using Emit = std::function<void(StreamEvent)>;

    ReplyReader(AnswerDecoder& decoder, base::Clock& clock, int64_t idleTimeoutMs, Emit emit)
        : decoder_(decoder),
          clock_(clock),
          idleTimeoutMs_(idleTimeoutMs),
          emit_(std::move(emit)),
          parser_(kEventBytesMax) {}

    Wants take(const HttpHead& head, std::string_view bytes) override {
        bytesSum_ += int64_t(bytes.size());
        if (head.status != 200) return keep(bytes, kErrorBytesMax);
        if (form_ == Form::unknown) {
            start_.append(bytes);
            form_ = formOf(start_);
            if (form_ == Form::unknown) {
                if (start_.size() > kErrorBytesMax) start_.clear();  // blank lines while queued
                noteWaiting();
                return Wants::more;
            }
            return takeKnown(std::exchange(start_, {}));
        }
        return takeKnown(bytes);
    }

    int64_t silenceMsMax() const override {
        if (decoder_.isOver()) return kAfterEndMs;
        return decoder_.isFinished() ? std::min(kAfterFinishMs, idleTimeoutMs_) : idleTimeoutMs_;
    }

    // The reply is over.
    void end() {
        if (form_ == Form::events && !isBroken_) {
            isBroken_ = !parser_.finish(items_);
            takeItems();
        }
        if (form_ == Form::whole) {
            std::vector<StreamEvent> events;
            decoder_.takeWhole(kept_, events);
            emitAll(std::move(events));
        }
    }

    bool isPage() const { return form_ == Form::page; }

    bool isTooLarge() const { return isBroken_; }

    std::string takeKept() { return std::exchange(kept_, {}); }

private:
    enum class Form { unknown, events, whole, page };

    static Form formOf(std::string_view start) {
        if (start.starts_with("\xEF\xBB\xBF")) start.remove_prefix(3);
        start = base::trim(start);
        if (start.empty() || std::string_view("\xEF\xBB\xBF").starts_with(start))
            return Form::unknown;
        if (start.front() == '{' || start.front() == '[') return Form::whole;
        return start.front() == '<' ? Form::page : Form::events;
    }

    Wants takeKnown(std::string_view bytes) {
        if (form_ == Form::page) return keep(bytes, kErrorBytesMax);
        if (form_ == Form::whole) {
            isBroken_ = int64_t(kept_.size() + bytes.size()) > kWholeBytesMax;
            return isBroken_ ? Wants::nothing : keep(bytes, size_t(kWholeBytesMax));
        }
        isBroken_ = bytesSum_ > kStreamBytesMax || !parser_.feed(bytes, items_);
        takeItems();
        return isBroken_ || decoder_.failure() ? Wants::nothing : Wants::more;
    }

    Wants keep(std::string_view bytes, size_t bytesMax) {
        kept_.append(bytes.substr(0, bytesMax - std::min(bytesMax, kept_.size())));
        return kept_.size() < bytesMax ? Wants::more : Wants::nothing;
    }

    void takeItems() {
        std::vector<StreamEvent> events;
        for (const SseItem& item : std::exchange(items_, {})) {
            if (item.kind == SseItem::Kind::event)
                decoder_.takeEvent(item.data, events);
            else if (!hasContent_ && events.empty())
                noteWaiting();
        }
        emitAll(std::move(events));
    }

    void noteWaiting() {
        const int64_t nowMs = clock_.steadyMs();
        if (waitingMs_ && nowMs - *waitingMs_ < kWaitingEveryMs) return;
        waitingMs_ = nowMs;
        emit_(Waiting{.what = "queued at the provider"});
    }

    void emitAll(std::vector<StreamEvent> events) {
        hasContent_ = hasContent_ || !events.empty();
        for (StreamEvent& event : events)
            emit_(std::move(event));
    }

    AnswerDecoder& decoder_;
    base::Clock& clock_;
    const int64_t idleTimeoutMs_;
    const Emit emit_;
    SseParser parser_;
    std::vector<SseItem> items_;
    Form form_ = Form::unknown;
    std::string start_;
    std::string kept_;  // of an error, a page or a whole answer
    int64_t bytesSum_ = 0;
    bool isBroken_ = false;
    bool hasContent_ = false;
    std::optional<int64_t> waitingMs_;
};

Failure again(std::string message) {
    return {.action = Failure::Action::retry,
            .error = base::Error(base::Errc::io, std::move(message))};
}

}  // namespace

RemoteStream::RemoteStream(RemoteModel& model, ChatRequest request, std::stop_token stop)
    : model_(model),
      request_(std::move(request)),
      callersStop_(std::move(stop)),
      queue_(kRemoteQueueEvents),
      stopWithCaller_(callersStop_, StopOurs{stop_}),
      worker_([this] {
          run(stop_.get_token());
          queue_.close();
      }) {}

RemoteStream::~RemoteStream() {
    stop_.request_stop();
    queue_.close();
}

base::Result<std::optional<StreamEvent>> RemoteStream::next() {
    if (error_) return base::fail(*error_);
    if (isEnded_) return std::optional<StreamEvent>();
    auto item = callersStop_.stop_requested() ? std::nullopt : queue_.pop(callersStop_);
    if (!item || callersStop_.stop_requested()) {
        error_ = base::Error(base::Errc::cancelled, "the answer was stopped");
        return base::fail(*error_);
    }
    if (auto* error = std::get_if<base::Error>(&*item)) {
        error_ = std::move(*error);
        return base::fail(*error_);
    }
    auto event = std::get<StreamEvent>(std::move(*item));
    isEnded_ = std::holds_alternative<Finish>(event);
    return std::optional<StreamEvent>(std::move(event));
}

void RemoteStream::run(const std::stop_token& stop) {
    constexpr int32_t kAdaptationsMax = 8;
    int32_t nAdaptations = 0;
    for (int32_t nAttempts = 1; !stop.stop_requested(); ++nAttempts) {
        const std::optional<Failure> failure = attempt(stop);
        if (!failure || stop.stop_requested()) return;
        const base::Error error(failure->error.kind(), model_.withoutKey(failure->error.message()));
        switch (failure->action) {
            case Failure::Action::giveUp:
                return endWith(error, stop);
            case Failure::Action::contextFull:
                return emit(Finish{FinishReason::contextFull, {}, error.message()}, stop);
            case Failure::Action::adapt:
                if (model_.adapt(failure->parameter) == RemoteModel::Adapted::before ||
                    ++nAdaptations > kAdaptationsMax)
                    return endWith(error, stop);
                emit(AttemptDiscarded{nAttempts, 0,
                                      fmt::format("the server does not take '{}': without it",
                                                  failure->parameter)},
                     stop);
                break;
            case Failure::Action::retry:
                if (!mayTryAgain({failure->action, error, failure->retryAfterMs, {}},
                                 nAttempts - nAdaptations, stop))
                    return;
                break;
        }
    }
}

bool RemoteStream::mayTryAgain(const Failure& failure, int32_t nAttempts,
                               const std::stop_token& stop) {
    const RemoteConfig& config = model_.config();
    const std::string& message = failure.error.message();
    if (nAttempts >= config.attemptsMax) {
        endWith(
            base::Error(base::Errc::io, fmt::format("{} (gave up after {} {})", message, nAttempts,
                                                    nAttempts == 1 ? "attempt" : "attempts")),
            stop);
        return false;
    }
    const int64_t waitMs =
        failure.retryAfterMs ? *failure.retryAfterMs : backoffMs(nAttempts, model_.random01());
    if (waitedMs_ + waitMs > config.retryBudgetMs) {
        endWith(
            base::Error(base::Errc::io,
                        fmt::format("{} (the next attempt would be in {} s, more than the {} s "
                                    "allowed for waiting)",
                                    message, (waitMs + 999) / 1000, config.retryBudgetMs / 1000)),
            stop);
        return false;
    }
    std::string reason = message;
    if (failure.retryAfterMs)
        reason += fmt::format(", Retry-After {} s", double(*failure.retryAfterMs) / 1000.0);
    base::log(base::LogLevel::warn, "engine",
              fmt::format("attempt failed model={} attempt={} wait_ms={}", config.model, nAttempts,
                          waitMs));
    emit(AttemptDiscarded{nAttempts, waitMs, std::move(reason)}, stop);
    waitedMs_ += waitMs;
    return model_.clock().sleepFor(waitMs, stop).has_value();
}

std::optional<Failure> RemoteStream::attempt(const std::stop_token& stop) {
    const RemoteConfig& config = model_.config();
    const std::string body = model_.serialise(request_);
    auto decoder = config.api == RemoteApi::openai ? makeOpenAiDecoder(makeContext())
                                                   : makeAnthropicDecoder(makeContext());
    ReplyReader reader(*decoder, model_.clock(), config.idleTimeoutMs, [&](StreamEvent event) {
        answeredModel_ = decoder->answeredModel();
        emit(std::move(event), stop);
    });
    const HttpOutcome outcome = model_.http().post({.url = config.endpoint,
                                                    .headers = makeHeaders(),
                                                    .body = body,
                                                    .isLoopback = config.isLoopback},
                                                   reader, stop);
    if (outcome.end == HttpEnd::cancelled) return std::nullopt;
    if (outcome.end == HttpEnd::connectFailed)
        return again(fmt::format("no connection to {}: {}", config.where, outcome.detail));
    if (outcome.end == HttpEnd::untrusted)
        return giveUp(base::Errc::io, fmt::format("{} could not prove who it is: {}", config.where,
                                                  outcome.detail));
    const HttpHead& head = outcome.head;
    if (head.status != 0 && head.status != 200)
        return failureOfReply({.status = head.status,
                               .contentType = head.contentType,
                               .location = head.location,
                               .retryAfter = head.retryAfter,
                               .retryAfterMs = head.retryAfterMs,
                               .body = reader.takeKept()},
                              config.model, config.where, model_.clock().wallMs());
    reader.end();
    if (reader.isTooLarge())
        return giveUp(base::Errc::corrupt, "an answer larger than we take from " + config.where);
    if (reader.isPage())
        return giveUp(base::Errc::notFound,
                      fmt::format("{} answered with a web page and not as an API; check the base "
                                  "URL",
                                  config.where));
    if (decoder->failure()) return decoder->failure();
    if (!decoder->isFinished() && outcome.end == HttpEnd::silent)
        return again(
            fmt::format("{} sent nothing for {} s", config.where, config.idleTimeoutMs / 1000));
    if (!decoder->isFinished() && outcome.end == HttpEnd::broken)
        return again(
            fmt::format("the connection to {} broke off: {}", config.where, outcome.detail));
    std::vector<StreamEvent> events;
    decoder->end(events);
    if (decoder->failure()) return decoder->failure();
    if (!decoder->answeredModel().empty()) model_.noteAnsweredModel(decoder->answeredModel());
    for (StreamEvent& event : events)
        emit(std::move(event), stop);
    return std::nullopt;
}

AnswerContext RemoteStream::makeContext() const {
    const RemoteConfig& config = model_.config();
    AnswerContext context;
    context.model = config.model;
    context.where = config.where;
    context.idPrefix = fmt::format("call_{}_", request_.messages.size());
    for (const Message& message : request_.messages)
        for (const ToolCall& call : message.toolCalls)
            context.usedCallIds.insert(call.id);
    return context;
}

std::vector<std::string> RemoteStream::makeHeaders() const {
    const RemoteConfig& config = model_.config();
    std::vector<std::string> headers = {"Content-Type: application/json",
                                        "Accept: text/event-stream, application/json",
                                        "User-Agent: moxie", "Expect:"};
    if (config.api == RemoteApi::anthropic) headers.emplace_back("anthropic-version: 2023-06-01");
    if (config.apiKey.empty()) return headers;
    headers.push_back((config.api == RemoteApi::openai ? "Authorization: Bearer " : "x-api-key: ") +
                      config.apiKey);
    return headers;
}

void RemoteStream::endWith(base::Error error, const std::stop_token& stop) {
    // Whoever asked has stopped listening if this fails.
    (void)queue_.push(std::move(error), stop);
}

void RemoteStream::emit(StreamEvent event, const std::stop_token& stop) {
    const RemoteConfig& config = model_.config();
    if (!std::exchange(hasChosen_, true)) {
        const bool isOther = !answeredModel_.empty() && answeredModel_ != config.model;
        ModelChosen chosen{
            .model = answeredModel_.empty() ? config.model : answeredModel_,
            .backend = config.api == RemoteApi::openai ? "openai" : "anthropic",
            .reason = isOther ? fmt::format("asked for {}", config.model) : "the one you chose"};
        (void)queue_.push(std::move(chosen), stop);  // as in endWith
    }
    (void)queue_.push(std::move(event), stop);
}

}  // namespace moxie::engine
