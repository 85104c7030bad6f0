#include "engine/worker_pool.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/catch.h"

using moxie::engine::WorkerPool;

TEST_CASE("every task of every round runs once, whatever the number of threads", "[engine]") {
    for (const int32_t threads : {1, 2, 3, 8}) {
        WorkerPool pool(threads);
        REQUIRE(pool.threads() == threads);
        std::vector<std::atomic<int32_t>> runs(100);
        for (int32_t round = 1; round <= 300; ++round) {
            const int64_t nTasks = 1 + (round * 37) % 100;
            for (auto& count : runs)
                count = 0;
            std::atomic<bool> isWorkerKnown = true;
            pool.run(nTasks, [&](int64_t task, int32_t worker) {
                if (worker < 0 || worker >= threads) isWorkerKnown = false;
                ++runs[static_cast<size_t>(task)];
            });
            REQUIRE(isWorkerKnown);
            for (int64_t task = 0; task < 100; ++task)
                REQUIRE(runs[static_cast<size_t>(task)] == (task < nTasks ? 1 : 0));
        }
    }
}

// A round must not wait for workers that never got a core: a token takes about 200 rounds.
TEST_CASE("more threads than cores do not make short rounds slow", "[engine]") {
    using Clock = std::chrono::steady_clock;
    constexpr int32_t kRounds = 1000;
    WorkerPool pool(static_cast<int32_t>(2 * std::thread::hardware_concurrency() + 1));
    std::atomic<int64_t> sum = 0;
    const auto begin = Clock::now();
    for (int32_t round = 0; round < kRounds; ++round)
        pool.run(8, [&](int64_t task, int32_t) { sum += task; });
    const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    REQUIRE(sum == kRounds * 28);
    INFO(took.count() << " ms for " << kRounds << " rounds");
    REQUIRE(took < std::chrono::seconds(20));  // far above what a crowded machine needs
}

TEST_CASE("a pool that never ran ends at once", "[engine]") {
    const WorkerPool pool(4);
    REQUIRE(pool.threads() == 4);
}
