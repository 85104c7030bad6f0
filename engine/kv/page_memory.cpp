#include "engine/kv/page_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <new>

namespace moxie::engine {

namespace {

constexpr std::align_val_t kHeapAlignment{64};
constexpr size_t kSystemPageBytes = 4 << 10;

size_t slotBytesOf(size_t bytes) {
    return (bytes + kSystemPageBytes - 1) / kSystemPageBytes * kSystemPageBytes;
}

uint8_t* takeFromHeap(size_t bytes) {
    void* page = ::operator new(std::max<size_t>(bytes, 1), kHeapAlignment, std::nothrow);
    if (page != nullptr) std::memset(page, 0, bytes);
    return static_cast<uint8_t*>(page);
}

}  // namespace

PageMemory& PageMemory::shared() {
    static PageMemory& memory = *new PageMemory;
    return memory;
}

PageMemory::~PageMemory() {
    for (const auto& [first, slab] : slabs_)
        ::munmap(slab.mapped, slab.mappedBytes);
}

uint8_t* PageMemory::take(size_t bytes) {
    if (bytes < kCutBytesMin) return takeFromHeap(bytes);
    const size_t slotBytes = slotBytesOf(bytes);
    const std::lock_guard lock(mutex_);
    auto slab = std::find_if(slabs_.begin(), slabs_.end(), [&](const auto& entry) {
        return entry.second.slotBytes == slotBytes && entry.second.nFree() > 0;
    });
    if (slab == slabs_.end()) slab = makeSlab(slotBytes);
    return slab == slabs_.end() ? nullptr : takeFrom(slab);
}

uint8_t* PageMemory::takeFrom(Slabs::iterator at) {
    auto& [first, slab] = *at;
    if (slab.returned.empty()) return first + (slab.nSlots - slab.nFresh--) * slab.slotBytes;
    uint8_t* page = slab.returned.back();
    slab.returned.pop_back();
    return page;
}

PageMemory::Slabs::iterator PageMemory::makeSlab(size_t slotBytes) {
    const size_t nSlots = std::max<size_t>(1, kSlabBytes / slotBytes);
    const size_t size = nSlots * slotBytes + kLargePageBytes;
    void* mapped = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) return slabs_.end();
    const size_t ahead = reinterpret_cast<uintptr_t>(mapped) % kLargePageBytes;
    auto* first = static_cast<uint8_t*>(mapped) + (ahead == 0 ? 0 : kLargePageBytes - ahead);
    // A system without large pages goes on with small ones.
    (void)::madvise(first, nSlots * slotBytes, MADV_HUGEPAGE);
    return slabs_
        .emplace(first, Slab{.mapped = static_cast<uint8_t*>(mapped),
                             .mappedBytes = size,
                             .slotBytes = slotBytes,
                             .nSlots = nSlots,
                             .nFresh = nSlots})
        .first;
}

void PageMemory::give(uint8_t* page, size_t bytes) {
    if (bytes < kCutBytesMin) {
        ::operator delete(page, kHeapAlignment);
        return;
    }
    const std::lock_guard lock(mutex_);
    const auto at = std::prev(slabs_.upper_bound(page));
    Slab& slab = at->second;
    if (slab.nFree() + 1 == slab.nSlots) {
        ::munmap(slab.mapped, slab.mappedBytes);
        slabs_.erase(at);
        return;
    }
    // Memory that is locked stays, and is cleared by hand.
    if (::madvise(page, slab.slotBytes, MADV_DONTNEED) != 0) std::memset(page, 0, slab.slotBytes);
    slab.returned.push_back(page);
}

size_t PageMemory::mappedBytes() const {
    const std::lock_guard lock(mutex_);
    size_t bytes = 0;
    for (const auto& [first, slab] : slabs_)
        bytes += slab.mappedBytes;
    return bytes;
}

}  // namespace moxie::engine
