// The one way an event comes into being: on disk first, then into the conversation, then to whoever
// watches. Threads: one thread at a time.
#pragma once
#include <functional>
#include <vector>

#include "agent/conversation.h"
#include "agent/event_log.h"

namespace moxie::agent {

class Recorder {
public:
    Recorder(EventLog& log, Conversation& conversation, std::function<void(const Event&)> onEvent)
        : log_(log),
          conversation_(conversation),
          onEvent_(std::move(onEvent)) {}

    void setTurn(int32_t turn) { turn_ = turn; }

    int32_t turn() const { return turn_; }

    // Fails: io; nothing was recorded then.
    base::Status add(std::vector<EventBody> bodies) {
        TRY_ASSIGN(const std::vector<Event> events, log_.appendAll(turn_, std::move(bodies)));
        for (const Event& event : events) {
            conversation_.replay(event);
            lastSeq_ = event.seq;
            if (onEvent_) onEvent_(event);
        }
        return {};
    }

    base::Status add(EventBody body) {
        std::vector<EventBody> bodies;
        bodies.push_back(std::move(body));
        return add(std::move(bodies));
    }

    base::Status notice(std::string level, std::string code, std::string text) {
        return add(Notice{std::move(level), std::move(code), std::move(text)});
    }

    int64_t lastSeq() const { return lastSeq_; }

private:
    EventLog& log_;
    Conversation& conversation_;
    std::function<void(const Event&)> onEvent_;
    int32_t turn_ = 0;
    int64_t lastSeq_ = 0;
};

}  // namespace moxie::agent
