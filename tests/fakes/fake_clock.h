// A clock that a test owns: time moves only by advance() and by sleepFor(), which returns at once.
// Threads: any thread.
#pragma once
#include <mutex>
#include <vector>

#include "base/clock.h"

namespace moxie::tests {

class FakeClock final : public base::Clock {
public:
    explicit FakeClock(int64_t wallMs = 1'700'000'000'000) : wallMs_(wallMs) {}

    int64_t wallMs() const override {
        std::lock_guard lock(mutex_);
        return wallMs_;
    }

    int64_t steadyMs() const override {
        std::lock_guard lock(mutex_);
        return steadyMs_;
    }

    base::Status sleepFor(int64_t durationMs, const std::stop_token& stop) override {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        {
            std::lock_guard lock(mutex_);
            sleeps_.push_back(durationMs);
        }
        advance(durationMs);
        return {};
    }

    void advance(int64_t durationMs) {
        std::lock_guard lock(mutex_);
        wallMs_ += durationMs;
        steadyMs_ += durationMs;
    }

    // Every duration that was slept, in order.
    std::vector<int64_t> sleeps() const {
        std::lock_guard lock(mutex_);
        return sleeps_;
    }

private:
    mutable std::mutex mutex_;  // guards everything below
    int64_t wallMs_;
    int64_t steadyMs_ = 0;
    std::vector<int64_t> sleeps_;
};

}  // namespace moxie::tests
