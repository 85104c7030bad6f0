#include "base/clock.h"

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace moxie::base {

namespace {

template <class ClockType>
int64_t nowMs() {
    return std::chrono::duration_cast<std::chrono::milliseconds>(
               ClockType::now().time_since_epoch())
        .count();
}

}  // namespace

int64_t SystemClock::wallMs() const {
    return nowMs<std::chrono::system_clock>();
}

int64_t SystemClock::steadyMs() const {
    return nowMs<std::chrono::steady_clock>();
}

Status SystemClock::sleepFor(int64_t durationMs, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, std::chrono::milliseconds(durationMs), [] { return false; });
    if (stop.stop_requested()) return fail(Errc::cancelled, "cancelled while waiting");
    return {};
}

}  // namespace moxie::base
