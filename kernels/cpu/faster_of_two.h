// Two ways to the same result, of which the one that was faster lately is taken. Which that is can
// change while a program runs: processors slow some instructions down when others heat the package,
// virtual machines share a core with strangers. Inside of this module only. Threads: any thread.
#pragma once
#include <atomic>
#include <cstdint>

namespace moxie::kernels {

// Clock: static uint64_t now(), in any unit that rises evenly.
template <class Clock>
class FasterOfTwo {
public:
    // first() or second(); `work` says how much there is to do, in a unit that time grows with.
    // Every kCallsPerTry-th call takes the way that was slower, so that it is known again.
    template <class First, class Second>
    void run(float work, const First& first, const Second& second) {
        const bool isSecond = takesSecond();
        const uint64_t begin = Clock::now();
        if (isSecond)
            second();
        else
            first();
        note(isSecond ? 1 : 0, static_cast<float>(Clock::now() - begin) / work);
    }

    static constexpr uint32_t kCallsPerTry = 128;

private:
    bool takesSecond() {
        const uint32_t call = calls_.fetch_add(1, std::memory_order_relaxed);
        if (call < 2) return call == 1;
        const bool isSecond =
            cost_[1].load(std::memory_order_relaxed) < cost_[0].load(std::memory_order_relaxed);
        return call % kCallsPerTry == 0 ? !isSecond : isSecond;
    }

    // Threads may lose each other's notes. A call that waited for a processor counts as twice as
    // slow as usual at most.
    void note(int way, float cost) {
        const float known = cost_[way].load(std::memory_order_relaxed);
        const float capped = known > 0 && cost > 2 * known ? 2 * known : cost;
        cost_[way].store(known == 0 ? capped : known + (capped - known) / kMemory,
                         std::memory_order_relaxed);
    }

    static constexpr float kMemory = 4;  // calls

    std::atomic<uint32_t> calls_ = 0;
    std::atomic<float> cost_[2] = {0, 0};  // time per work, 0: not known
};

}  // namespace moxie::kernels
