// Seconds on a clock that only goes forward, for the benchmarks of this folder.
#pragma once
#include <chrono>

namespace moxie::engine {

using BenchClock = std::chrono::steady_clock;

inline double secondsSince(BenchClock::time_point began) {
    return std::chrono::duration<double>(BenchClock::now() - began).count();
}

}  // namespace moxie::engine
