// The kernel worker pool: a fixed number of threads that share out small numbered tasks. Each
// begins with a range of its own, neighbours one after the other, since tasks that are neighbours
// mostly read neighbouring memory: one stream each, which prefetching follows from task to task.
// Who is done takes from the others' ranges. Waits spin for a moment and then sleep, so that an
// idle or crowded machine is left to others. Not here: priorities, queues, background work.
// Threads: run() from one thread at a time; that thread works too.
#pragma once
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace moxie::engine {

class WorkerPool {
public:
    // `threads` counts the caller of run(); 1 starts no thread; 0 means one per physical core.
    explicit WorkerPool(int32_t threads = 0);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    int32_t threads() const { return static_cast<int32_t>(workers_.size()) + 1; }

    // Calls work(task, worker) once for each task in [0, nTasks), in any order, on any worker in
    // [0, threads()); returns when all are done. `work` must not throw.
    void run(int64_t nTasks, const std::function<void(int64_t task, int32_t worker)>& work);

private:
    void loop(int32_t worker);
    void takeTasks(int32_t worker);

    const std::function<void(int64_t, int32_t)>* work_ = nullptr;  // written before round_

    struct alignas(64) Range {
        std::atomic<int64_t> next = 0;
        int64_t end = 0;
    };

    std::unique_ptr<Range[]> ranges_;  // one for each thread
    std::atomic<uint32_t> round_ = 0;  // grows by one with each run(); workers wait for it
    // Workers between coming in and leaving; kClosed is added while no round is open.
    static constexpr int32_t kClosed = -(1 << 20);
    std::atomic<int32_t> inside_ = kClosed;
    std::atomic<bool> isStopping_ = false;
    std::vector<std::jthread> workers_;  // last member: joins before the rest goes
};

}  // namespace moxie::engine
