// Time as a seam: product code takes a Clock&, tests own a FakeClock.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <stop_token>

#include "base/result.h"

namespace moxie::base {

class Clock {
public:
    virtual ~Clock() = default;
    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;

    // Milliseconds since 1970-01-01 UTC; may jump.
    virtual int64_t wallMs() const = 0;
    // Milliseconds of a clock that only goes forward; origin unspecified.
    virtual int64_t steadyMs() const = 0;
    // Waits. Fails: cancelled, as soon as `stop` is requested.
    virtual Status sleepFor(int64_t durationMs, const std::stop_token& stop) = 0;
};

class SystemClock final : public Clock {
public:
    int64_t wallMs() const override;
    int64_t steadyMs() const override;
    Status sleepFor(int64_t durationMs, const std::stop_token& stop) override;
};

}  // namespace moxie::base
