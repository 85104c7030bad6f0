// Scratch memory of a pass through a model, handed out as a stack. An arena without memory only
// counts, so that the memory plan asks the same code that later runs.
// Threads: one thread; what it hands out may be used by the pool's workers.
#pragma once
#include <algorithm>
#include <cstdint>
#include <memory>
#include <new>

#include "base/result.h"

namespace moxie::engine {

class Arena {
public:
    // Counts only: take() returns nullptr.
    Arena() = default;
    // Fails: outOfMemory.
    static base::Result<Arena> make(int64_t floats);

    // Uninitialised floats at a 64-byte border. Requires: room (a planning mistake otherwise).
    float* take(int64_t floats) {
        const int64_t begin = used_;
        used_ += (floats + kAlignFloats - 1) / kAlignFloats * kAlignFloats;
        peak_ = std::max(peak_, used_);
        if (memory_ == nullptr) return nullptr;
        BASE_CHECK(used_ <= capacity_);
        return memory_.get() + begin;
    }

    bool isCounting() const { return memory_ == nullptr; }

    int64_t peak() const { return peak_; }

    int64_t bytes() const { return capacity_ * int64_t{sizeof(float)}; }

    // Gives back what was taken since it was made.
    class Mark {
    public:
        explicit Mark(Arena& arena) : arena_(arena), used_(arena.used_) {}

        ~Mark() { arena_.used_ = used_; }

        Mark(const Mark&) = delete;
        Mark& operator=(const Mark&) = delete;

    private:
        Arena& arena_;
        int64_t used_;
    };

private:
    static constexpr int64_t kAlignFloats = 16;

    struct Free {
        void operator()(float* p) const { ::operator delete(p, std::align_val_t(64)); }
    };

    std::unique_ptr<float, Free> memory_;
    int64_t capacity_ = 0;
    int64_t used_ = 0;
    int64_t peak_ = 0;
};

}  // namespace moxie::engine
