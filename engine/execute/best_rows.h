// The rows with the largest scores of a stretch that is gone through from its first to its last
// row. Keeps up to twice as many as asked for, and then drops the worse half, so that a row costs
// constant time. Equal scores: the lower row. NaN is never among them.
// Threads: one thread. A view: memory, threshold and count belong to the caller.
#pragma once
#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <span>

#include "kernels/index_scores.h"

namespace moxie::engine {

class BestRows {
public:
    // Places that finding the best k takes.
    static constexpr int64_t capacity(int64_t k) { return 2 * k + kernels::kPanelKeys; }

    // memory: capacity(k) places. `threshold` is what a later row must exceed.
    BestRows(int64_t k, uint64_t* memory, float& threshold, int64_t& count)
        : k_(k),
          memory_(memory),
          threshold_(threshold),
          count_(count) {}

    void clear() {
        count_ = 0;
        threshold_ = -std::numeric_limits<float>::infinity();
    }

    // Rows firstRow + i for every bit i of `above`, which says that scores[i] exceeds the
    // threshold.
    void add(const float* scores, uint64_t above, int64_t firstRow) {
        for (; above != 0; above &= above - 1) {
            const int i = std::countr_zero(above);
            memory_[count_++] = keyOf(scores[i]) << 32 | static_cast<uint64_t>(firstRow + i);
        }
        if (count_ + kernels::kPanelKeys > capacity(k_)) prune();
    }

    // Best first is smallest first; the lower half is the row.
    std::span<const uint64_t> candidates() const { return {memory_, static_cast<size_t>(count_)}; }

private:
    // Larger scores have smaller keys; -0 and 0 the same.
    static uint64_t keyOf(float score) {
        const auto bits = std::bit_cast<uint32_t>(score + 0.0F);
        return ~(bits >> 31 != 0 ? ~bits : bits | kSign);
    }

    static float scoreOf(uint64_t key) {
        const auto bits = ~static_cast<uint32_t>(key >> 32);
        return std::bit_cast<float>((bits & kSign) != 0 ? bits & ~kSign : ~bits);
    }

    void prune() {
        std::nth_element(memory_, memory_ + k_ - 1, memory_ + count_);
        count_ = k_;
        threshold_ = scoreOf(memory_[k_ - 1]);
    }

    static constexpr uint32_t kSign = 0x80000000;

    int64_t k_;
    uint64_t* memory_;
    float& threshold_;
    int64_t& count_;
};

}  // namespace moxie::engine
