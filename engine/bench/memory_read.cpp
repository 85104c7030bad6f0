#include "engine/bench/memory_read.h"

#include <atomic>
#include <latch>
#include <numeric>
#include <thread>
#include <vector>

#include "engine/bench/elapsed.h"

namespace moxie::engine {

namespace {

constexpr double kSeconds = 0.25;

// Several sums at once: one alone would wait for its additions, not for memory.
uint64_t sumOf(const std::vector<uint64_t>& words) {
    uint64_t a = 0, b = 0, c = 0, d = 0;
    for (size_t i = 0; i + 4 <= words.size(); i += 4) {
        a += words[i];
        b += words[i + 1];
        c += words[i + 2];
        d += words[i + 3];
    }
    return a + b + c + d;
}

}  // namespace

double measureMemoryRead(int32_t threads, const std::stop_token& stop) {
    if (threads < 1) return 0;
    std::atomic<double> bytesPerSecond = 0;
    std::atomic<uint64_t> sink = 0;  // what is read has to be used
    std::latch ready(threads);
    {
        std::vector<std::jthread> readers;
        for (int32_t thread = 0; thread < threads; ++thread)
            readers.emplace_back([&] {
                std::vector<uint64_t> words(size_t(kMemoryReadBlockBytes) / sizeof(uint64_t));
                std::iota(words.begin(), words.end(), uint64_t(0));
                ready.arrive_and_wait();
                const BenchClock::time_point began = BenchClock::now();
                double bytes = 0;
                while (secondsSince(began) < kSeconds && !stop.stop_requested()) {
                    sink += sumOf(words);
                    bytes += double(kMemoryReadBlockBytes);
                }
                bytesPerSecond += bytes / secondsSince(began);
            });
    }
    return stop.stop_requested() ? 0 : bytesPerSecond.load();
}

}  // namespace moxie::engine
