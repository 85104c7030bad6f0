// How fast this machine reads memory: the bound of decoding, where every token reads its weights.
// Threads: any thread; blocks for about a quarter of a second, longer while pages are made.
#pragma once
#include <cstdint>
#include <stop_token>

namespace moxie::engine {

// Memory that each thread takes for the measurement: more than the caches of a core hold.
inline constexpr int64_t kMemoryReadBlockBytes = 64 << 20;

// Bytes per second that `threads` threads read at the same time, each from a block of its own.
// 0: stopped, or no threads.
double measureMemoryRead(int32_t threads, const std::stop_token& stop = {});

}  // namespace moxie::engine
