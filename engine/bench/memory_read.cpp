#include "engine/bench/memory_read.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <numeric>
#include <thread>
#include <vector>

#include "engine/bench/elapsed.h"
#include "engine/experts/memory_limit.h"

namespace moxie::engine {

namespace {

constexpr int kRounds = 3;
constexpr double kSeconds = 0.1;  // of one way in one round
constexpr int64_t kWordsAtOnce = (1 << 20) / int64_t{sizeof(uint64_t)};

// Each of nStreams parts of `words` from its first to its last line, asked for aheadBytes before.
// Two sums for each: one alone would wait for its additions, not for memory.
// Requires: a line of words for each stream.
template <int64_t nStreams, int64_t aheadBytes>
uint64_t sumOf(const uint64_t* words, int64_t count) {
    uint64_t sums[nStreams][2] = {};
    const int64_t part = count / nStreams;
    for (int64_t i = 0; i + 8 <= part; i += 8)
        for (int64_t s = 0; s < nStreams; ++s) {
            const uint64_t* line = words + s * part + i;
            __builtin_prefetch(reinterpret_cast<const char*>(line) + aheadBytes);
            sums[s][0] += line[0] + line[1] + line[2] + line[3];
            sums[s][1] += line[4] + line[5] + line[6] + line[7];
        }
    uint64_t sum = 0;
    for (const auto& pair : sums)
        sum += pair[0] + pair[1];
    return sum;
}

// The first is how decoding reads.
constexpr uint64_t (*kWays[])(const uint64_t*, int64_t) = {sumOf<1, 10240>, sumOf<4, 2048>,
                                                           sumOf<8, 1024>};
constexpr size_t kTries = kRounds * std::size(kWays);

int64_t blockBytes(int32_t threads) {
    const int64_t room = machineMemory().availableBytes / 4;
    const int64_t wanted = 2 * int64_t{::sysconf(_SC_LEVEL3_CACHE_SIZE)};
    return std::max(kMemoryReadBlockBytes, std::min(room, wanted) / threads);
}

}  // namespace

double measureMemoryRead(int32_t threads, const std::stop_token& stop) {
    if (threads < 1) return 0;
    std::vector<std::atomic<double>> bytesPerSecond(kTries);
    std::atomic<uint64_t> sink = 0;  // what is read has to be used
    std::barrier together(threads);
    {
        std::vector<std::jthread> readers;
        for (int32_t thread = 0; thread < threads; ++thread)
            readers.emplace_back([&, bytes = blockBytes(threads)] {
                std::vector<uint64_t> words(size_t(bytes) / sizeof(uint64_t));
                std::iota(words.begin(), words.end(), uint64_t(0));
                int64_t at = 0;
                for (size_t i = 0; i < kTries; ++i) {
                    together.arrive_and_wait();
                    const BenchClock::time_point began = BenchClock::now();
                    double read = 0;
                    while (secondsSince(began) < kSeconds && !stop.stop_requested()) {
                        sink += kWays[i % std::size(kWays)](words.data() + at, kWordsAtOnce);
                        read += double(kWordsAtOnce * int64_t{sizeof(uint64_t)});
                        at += kWordsAtOnce;
                        if (at + kWordsAtOnce > std::ssize(words)) at = 0;
                    }
                    bytesPerSecond[i] += read / secondsSince(began);
                }
            });
    }
    if (stop.stop_requested()) return 0;
    return *std::max_element(bytesPerSecond.begin(), bytesPerSecond.end());
}

}  // namespace moxie::engine
