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
#include <span>
#include <thread>
#include <vector>

namespace moxie::engine {

// Parts that several workers do and that others wait for. For one use. wait() belongs into tasks of
// a later phase than those that count down; every part must count down, stopped or not, and the
// last one open(), or who waits never ends. Threads: any thread.
class Countdown {
public:
    // Before anyone counts or waits.
    void start(int64_t parts) { left_ = parts; }

    // True for the last part: who did it finishes what follows from all of them, then calls open().
    bool countDown() { return left_.fetch_sub(1) == 1; }

    void open();
    void wait();  // for open()

private:
    std::atomic<int64_t> left_ = 0;
    std::atomic<bool> isOpen_ = false;
};

class WorkerPool {
public:
    using Work = std::function<void(int64_t task, int32_t worker)>;

    // Tasks of one kind.
    struct Phase {
        int64_t nTasks = 0;
        const Work* work = nullptr;
    };

    static constexpr int32_t kPhasesMax = 2;

    // `threads` counts the caller of run(); 1 starts no thread; 0 means one per physical core.
    explicit WorkerPool(int32_t threads = 0);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    int32_t threads() const { return static_cast<int32_t>(workers_.size()) + 1; }

    // Calls work(task, worker) once for each task in [0, nTasks), in any order, on any worker in
    // [0, threads()); returns when all are done. `work` must not throw.
    void run(int64_t nTasks, const Work& work);

    // The same for up to kPhasesMax kinds of tasks in one round. A task is taken only when all
    // tasks of the phases before have been taken, some perhaps not ended: it may wait for those
    // (Countdown).
    void run(std::span<const Phase> phases);

private:
    void loop(int32_t worker);
    void takeTasks(int32_t worker);

    std::span<const Phase> phases_ = {};  // written before round_

    struct alignas(64) Range {
        std::atomic<int64_t> next = 0;
        int64_t end = 0;
    };

    std::unique_ptr<Range[]> ranges_;  // [phase][thread]
    std::atomic<uint32_t> round_ = 0;  // grows by one with each run(); workers wait for it
    // Workers between coming in and leaving; kClosed is added while no round is open.
    static constexpr int32_t kClosed = -(1 << 20);
    std::atomic<int32_t> inside_ = kClosed;
    std::atomic<bool> isStopping_ = false;
    std::vector<std::jthread> workers_;  // last member: joins before the rest goes
};

}  // namespace moxie::engine
