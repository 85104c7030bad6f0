// Lets so many requests use the model at once and makes the others wait in the order they came.
// Threads: any thread.
#pragma once
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <stop_token>
#include <utility>

#include "base/result.h"

namespace moxie::serve {

class TurnQueue {
public:
    TurnQueue(int32_t turnsMax, int32_t waitingMax)
        : turnsMax_(turnsMax),
          waitingMax_(waitingMax) {}

    // Held while the model works; ends with the value.
    class Turn {
    public:
        explicit Turn(TurnQueue& queue) : queue_(&queue) {}

        ~Turn();

        Turn(Turn&& other) noexcept : queue_(std::exchange(other.queue_, nullptr)) {}

        Turn& operator=(Turn&&) = delete;
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

    private:
        TurnQueue* queue_;
    };

    // Waits. Fails: busy (waitingMax wait already), cancelled.
    base::Result<Turn> enter(const std::stop_token& stop);

    int32_t running() const;
    int32_t waiting() const;

private:
    void leave();

    const int32_t turnsMax_, waitingMax_;
    mutable std::mutex mutex_;  // guards the rest
    std::condition_variable_any changed_;
    std::deque<uint64_t> tickets_;  // of those who wait
    uint64_t lastTicket_ = 0;
    int32_t nRunning_ = 0;
};

}  // namespace moxie::serve
