// How a kernel that reads weights once from memory asks for those further on. Included by files of
// one instruction set. Threads: any thread.
#pragma once
#include <immintrin.h>

#include <cstdint>

namespace moxie::kernels {

// How lines are asked for ahead: one after the other, or of four neighbouring pages first the first
// line of each, then the second. Which is faster depends on the memory.
enum class ReadAhead { oneStream, fourPages };

template <class Vector, ReadAhead way>
struct LineRequests {
    static uintptr_t inTurns(uintptr_t at) {
        constexpr uintptr_t kFourPages = 4 * 4096;
        const uintptr_t line = at % kFourPages / 64;
        return at - at % kFourPages + line % 4 * 4096 + line / 4 * 64;
    }

    // Asks for as many lines further on. Memory answers after 300 ns; turns move a line by up to
    // 12 KB. `outpacesMemory`: the weights are multiplied faster than memory gives them, so that it
    // pays to compute what to ask for. `ahead`: by how many bytes one stream is ahead.
    template <bool outpacesMemory, int ahead = 10 * 1024>
    [[gnu::always_inline]] static void askFor(const uint8_t* at, int bytes) {
        constexpr bool isInTurns = way == ReadAhead::fourPages && outpacesMemory;
        constexpr int kAhead = isInTurns ? 22 * 1024 : ahead;
        for (int i = 0; i < bytes; i += 64) {
            const uintptr_t next = reinterpret_cast<uintptr_t>(at) + kAhead + i;
            const uintptr_t line = isInTurns ? inTurns(next) : next;
            _mm_prefetch(reinterpret_cast<const char*>(line), _MM_HINT_T0);
        }
    }
};

}  // namespace moxie::kernels
