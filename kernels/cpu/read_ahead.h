// How a kernel that reads weights once from memory asks for those further on. Included by files of
// one instruction set. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace moxie::kernels {

// How lines are asked for ahead: one after the other, or of four neighbouring pages first the first
// line of each, then the second. Which is faster depends on the memory.
enum class ReadAhead { oneStream, fourPages };

// Asks for lines while the weights from `at` on are read. `outpacesMemory`: they are multiplied
// faster than memory gives them; only then are several streams worth what they cost.
template <class Vector, ReadAhead way, bool outpacesMemory, int ahead = 10 * 1024>
class LineRequests {
public:
    [[gnu::always_inline]] explicit LineRequests(const uint8_t* at) {
        if constexpr (kIsInTurns) {
            const uintptr_t first = reinterpret_cast<uintptr_t>(at) + kAheadInTurns;
            const uintptr_t inPages = first % (kPages * kPageBytes);
            next_ = first - inPages + inPages / kPages / kLineBytes * kLineBytes;
            owed_ = static_cast<int>(inPages % (kPages * kLineBytes));
        }
    }

    // As many lines as the next `bytes` take, which are read at `at`. Memory answers after 300 ns.
    // In turns they go to the second cache: the first one asks for few lines at once.
    [[gnu::always_inline]] void askFor([[maybe_unused]] const uint8_t* at, int bytes) {
        if constexpr (kIsInTurns) {
            for (owed_ += bytes; owed_ >= kPages * kLineBytes; owed_ -= kPages * kLineBytes)
                askForFour();
        } else {
            for (int i = 0; i < bytes; i += kLineBytes)
                _mm_prefetch(reinterpret_cast<const char*>(at) + ahead + i, _MM_HINT_T0);
        }
    }

private:
    static constexpr bool kIsInTurns = way == ReadAhead::fourPages && outpacesMemory;
    static constexpr int kLineBytes = 64;
    static constexpr int kPageBytes = 4096;
    static constexpr int kPages = 4;
    static constexpr int kAheadInTurns = 16 * 1024;  // a line's turn is up to 12 KB from its place

    // The same line of four neighbouring pages.
    [[gnu::always_inline]] void askForFour() {
        for (int i = 0; i < kPages; ++i)
            _mm_prefetch(reinterpret_cast<const char*>(next_) + i * kPageBytes, _MM_HINT_T1);
        next_ += kLineBytes;
        if (next_ % kPageBytes == 0) next_ += (kPages - 1) * kPageBytes;
    }

    uintptr_t next_ = 0;
    int owed_ = 0;  // bytes that are read and not asked for yet
};

}  // namespace moxie::kernels
