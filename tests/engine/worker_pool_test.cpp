#include "engine/worker_pool.h"

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include "tests/catch.h"

using moxie::engine::Countdown;
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

TEST_CASE("a task of a later phase finds that all earlier ones have begun and may wait for them",
          "[engine]") {
    constexpr int64_t kFirst = 24;
    constexpr int64_t kParts = 3;  // neighbours that one countdown counts
    constexpr int64_t kSecond = 50;
    for (const int32_t threads : {1, 2, 3, 8}) {
        WorkerPool pool(threads);
        for (int32_t round = 0; round < 200; ++round) {
            std::vector<Countdown> parts(kFirst / kParts);
            for (Countdown& part : parts)
                part.start(kParts);
            std::vector<std::atomic<int32_t>> done(parts.size());
            std::vector<int32_t> finished(parts.size());
            std::atomic<int64_t> begun = 0, ran = 0, early = 0, wrong = 0;
            const WorkerPool::Work first = [&](int64_t task, int32_t) {
                ++begun;
                if (task % 5 == round % 5) std::this_thread::yield();
                const auto part = static_cast<size_t>(task / kParts);
                ++done[part];
                if (!parts[part].countDown()) return;
                finished[part] = done[part];
                parts[part].open();
            };
            const WorkerPool::Work second = [&](int64_t task, int32_t) {
                ++ran;
                // A task is taken a moment before it begins: threads - 1 of them may be there.
                if (begun < kFirst - (threads - 1)) ++early;
                const auto part = static_cast<size_t>(task) % parts.size();
                parts[part].wait();
                if (finished[part] != kParts) ++wrong;
            };
            const std::vector<WorkerPool::Phase> phases = {{kFirst, &first}, {kSecond, &second}};
            pool.run(phases);
            REQUIRE(begun == kFirst);
            REQUIRE(ran == kSecond);
            REQUIRE(early == 0);
            REQUIRE(wrong == 0);
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
