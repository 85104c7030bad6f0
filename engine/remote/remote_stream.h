// One answer of a remote model: a thread of its own makes attempts until one becomes an answer, and
// hands events to next() through a bounded queue (full: the thread waits, and so does the server).
// Threads: one thread at a time.
#pragma once
#include <functional>
#include <optional>
#include <stop_token>
#include <thread>
#include <variant>

#include "base/bounded_queue.h"
#include "engine/chat_model.h"
#include "engine/remote/answer.h"
#include "engine/remote/failure.h"
#include "engine/remote/remote_model.h"

namespace moxie::engine {

class RemoteStream final : public ChatStream {
public:
    // `stop` is the caller's; destruction stops as well.
    RemoteStream(RemoteModel& model, ChatRequest request, std::stop_token stop);
    ~RemoteStream() override;

    base::Result<std::optional<StreamEvent>> next() override;

private:
    struct StopOurs {
        std::stop_source source;

        void operator()() { source.request_stop(); }
    };

    void run(const std::stop_token& stop);
    // nullopt: the answer was given out, or the stream was stopped.
    std::optional<Failure> attempt(const std::stop_token& stop);
    AnswerContext makeContext() const;
    std::vector<std::string> makeHeaders() const;
    // True: go on with attempt `nAttempts` + 1.
    bool mayTryAgain(const Failure& failure, int32_t nAttempts, const std::stop_token& stop);
    void endWith(base::Error error, const std::stop_token& stop);
    void emit(StreamEvent event, const std::stop_token& stop);

    RemoteModel& model_;
    const ChatRequest request_;
    const std::stop_token callersStop_;
    std::string answeredModel_;
    bool hasChosen_ = false;            // ModelChosen was given out
    bool isEnded_ = false;              // next() gave out Finish
    int64_t waitedMs_ = 0;              // between attempts
    std::optional<base::Error> error_;  // that next() gave out
    base::BoundedQueue<std::variant<StreamEvent, base::Error>> queue_;
    std::stop_source stop_;
    std::stop_callback<StopOurs> stopWithCaller_;
    std::jthread worker_;  // last: joined before the rest goes
};

}  // namespace moxie::engine
