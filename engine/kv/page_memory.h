// Memory for pages of rows. Large ones are cut from slabs that begin where the system's large pages
// do (2 MB), and ask for these: a step of a long timeline reads some rows of each of its pages,
// and by pages of 4 KB each of them is a walk through the page table. What is given back returns to
// the system at once, so that memory follows what is kept; a slab whose pages are all given back
// goes as a whole. Beside the pages themselves at most one large page per size is resident.
// Source: Linux Transparent Hugepage Support, madvise(2) MADV_HUGEPAGE and MADV_DONTNEED.
// Threads: any.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <vector>

namespace moxie::engine {

class PageMemory {
public:
    static constexpr size_t kLargePageBytes = 2 << 20;
    static constexpr size_t kSlabBytes = 32 << 20;     // of address space
    static constexpr size_t kCutBytesMin = 128 << 10;  // smaller pages come from the heap

    PageMemory() = default;
    ~PageMemory();
    PageMemory(const PageMemory&) = delete;
    PageMemory& operator=(const PageMemory&) = delete;

    // The one of this process, which outlives every page.
    static PageMemory& shared();

    // `bytes` zeros at a 64-byte border; nullptr when the system has no memory.
    uint8_t* take(size_t bytes);
    // Requires: by take(bytes).
    void give(uint8_t* page, size_t bytes);

    // Address space of the slabs that stand now.
    size_t mappedBytes() const;

private:
    struct Slab {
        uint8_t* mapped = nullptr;
        size_t mappedBytes = 0;
        size_t slotBytes = 0;
        size_t nSlots = 0;
        size_t nFresh = 0;  // slots at the end that nobody has had
        std::vector<uint8_t*> returned = {};

        size_t nFree() const { return nFresh + returned.size(); }
    };

    // By their first slot.
    using Slabs = std::map<uint8_t*, Slab>;

    Slabs::iterator makeSlab(size_t slotBytes);
    static uint8_t* takeFrom(Slabs::iterator slab);

    mutable std::mutex mutex_;
    Slabs slabs_;  // under mutex_
};

}  // namespace moxie::engine
