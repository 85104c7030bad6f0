// How fast this machine reads memory: the bound of decoding, where every token reads its weights.
// Threads: any thread; blocks for about a second, longer while pages are made.
#pragma once
#include <cstdint>
#include <stop_token>

namespace moxie::engine {

// Memory that each thread takes at least. All together take twice the last cache, if that is
// no more than a quarter of the available memory.
inline constexpr int64_t kMemoryReadBlockBytes = 64 << 20;

// Bytes per second that `threads` threads read at the same time, each from a block of its own: the
// best of several rounds of three ways, one stream and several ones, with memory asked for ahead.
// What a processor reads with one stream may be two thirds of what it reads with four.
// 0: stopped, or no threads.
double measureMemoryRead(int32_t threads, const std::stop_token& stop = {});

}  // namespace moxie::engine
