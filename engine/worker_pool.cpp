#include "engine/worker_pool.h"

#include <fmt/format.h>
#include <sched.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <string>

#include "base/file.h"
#include "base/result.h"

namespace moxie::engine {

namespace {

constexpr auto kSpin = std::chrono::microseconds(30);  // about what a futex wake-up costs

void pause() {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#endif
}

// Spins until isReady() or the time is over; true if ready.
template <class Condition>
bool spinFor(Condition isReady) {
    const auto end = std::chrono::steady_clock::now() + kSpin;
    do {
        for (int i = 0; i < 32; ++i) {
            if (isReady()) return true;
            pause();
        }
    } while (std::chrono::steady_clock::now() < end);
    return false;
}

// Cores this process may use; the hardware threads of one core count once.
int32_t physicalCores() {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
    std::set<std::string> cores;
    for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
        if (!CPU_ISSET(cpu, &allowed)) continue;
        const auto siblings = base::readFile(
            fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
        cores.insert(siblings ? *siblings : fmt::format("cpu {}", cpu));
    }
    return std::clamp<int32_t>(static_cast<int32_t>(cores.size()), 1, 256);
}

}  // namespace

void Countdown::open() {
    isOpen_ = true;
    isOpen_.notify_all();
}

void Countdown::wait() {
    if (!spinFor([&] { return isOpen_.load(); })) isOpen_.wait(false);
}

WorkerPool::WorkerPool(int32_t threads) {
    const int32_t wanted = threads > 0 ? std::min<int32_t>(threads, 256) : physicalCores();
    ranges_ = std::make_unique<Range[]>(static_cast<size_t>(wanted * kPhasesMax));
    for (int32_t i = 1; i < wanted; ++i)
        workers_.emplace_back([this, i] { loop(i); });
}

WorkerPool::~WorkerPool() {
    isStopping_ = true;
    round_.fetch_add(1);
    round_.notify_all();
}

void WorkerPool::takeTasks(int32_t worker) {
    for (size_t phase = 0; phase < phases_.size(); ++phase)
        for (int32_t i = 0; i < threads(); ++i) {
            Range& range = ranges_[phase * static_cast<size_t>(threads()) +
                                   static_cast<size_t>((worker + i) % threads())];
            while (range.next.load() < range.end) {
                const int64_t task = range.next.fetch_add(1);
                if (task < range.end) (*phases_[phase].work)(task, worker);
            }
        }
}

void WorkerPool::loop(int32_t worker) {
    uint32_t seen = 0;
    while (true) {
        if (!spinFor([&] { return round_.load() != seen; })) round_.wait(seen);
        seen = round_.load();
        if (isStopping_) return;
        // A round that closed before this worker came is none of its business any more.
        if (inside_.fetch_add(1) >= 0) takeTasks(worker);
        if (inside_.fetch_sub(1) - 1 == kClosed) inside_.notify_one();
    }
}

void WorkerPool::run(int64_t nTasks, const Work& work) {
    const Phase only = {nTasks, &work};
    run({&only, 1});
}

void WorkerPool::run(std::span<const Phase> phases) {
    BASE_CHECK(std::ssize(phases) <= kPhasesMax);
    int64_t nTasks = 0;
    for (const Phase& phase : phases)
        nTasks += phase.nTasks;
    if (workers_.empty() || nTasks <= 1) {
        for (const Phase& phase : phases)
            for (int64_t task = 0; task < phase.nTasks; ++task)
                (*phase.work)(task, 0);
        return;
    }
    phases_ = phases;
    Range* range = ranges_.get();
    for (const Phase& phase : phases)
        for (int64_t i = 0; i < threads(); ++i, ++range) {
            range->next = phase.nTasks * i / threads();
            range->end = phase.nTasks * (i + 1) / threads();
        }
    inside_.fetch_sub(kClosed);  // opens
    round_.fetch_add(1);
    round_.notify_all();
    takeTasks(0);
    // All tasks are taken. Workers that have begun are waited for; one that the system has not even
    // woken is not, so that more threads than free cores cost little.
    inside_.fetch_add(kClosed);
    if (spinFor([&] { return inside_.load() == kClosed; })) return;
    for (int32_t now = inside_.load(); now != kClosed; now = inside_.load())
        inside_.wait(now);
}

}  // namespace moxie::engine
