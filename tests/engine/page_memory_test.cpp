#include "engine/kv/page_memory.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <random>
#include <set>
#include <vector>

#include "tests/catch.h"

using namespace moxie::engine;

namespace {

bool isZero(const uint8_t* page, size_t bytes) {
    return std::all_of(page, page + bytes, [](uint8_t byte) { return byte == 0; });
}

// How much of a stretch of whole system pages is in memory.
size_t residentBytes(uint8_t* begin, size_t bytes) {
    std::vector<unsigned char> isResident(bytes / 4096);
    REQUIRE(::mincore(begin, bytes, isResident.data()) == 0);
    return static_cast<size_t>(std::count_if(isResident.begin(), isResident.end(),
                                             [](unsigned char c) { return (c & 1) != 0; })) *
           4096;
}

}  // namespace

TEST_CASE("pages of rows are zeros at a border of a line, however often they were used", "[kv]") {
    PageMemory memory;
    for (const size_t bytes : {size_t{64}, size_t{100'000}, size_t{300'000}, size_t{3} << 20}) {
        CAPTURE(bytes);
        std::set<uint8_t*> pages;
        std::mt19937 random(1);
        for (int i = 0; i < 60; ++i) {
            if (random() % 3 == 0 && !pages.empty()) {
                const auto some = std::next(pages.begin(), random() % std::ssize(pages));
                memory.give(*some, bytes);
                pages.erase(some);
                continue;
            }
            uint8_t* page = memory.take(bytes);
            REQUIRE(page != nullptr);
            REQUIRE(reinterpret_cast<uintptr_t>(page) % 64 == 0);
            REQUIRE(isZero(page, bytes));
            std::memset(page, 0xa5, bytes);
            // None of the others begins inside of it, or holds its beginning.
            const auto next = pages.upper_bound(page);
            REQUIRE((next == pages.end() || page + bytes <= *next));
            REQUIRE((next == pages.begin() || *std::prev(next) + bytes <= page));
            REQUIRE(pages.insert(page).second);
        }
        for (uint8_t* page : pages)
            memory.give(page, bytes);
        REQUIRE(memory.mappedBytes() == 0);
    }
}

TEST_CASE("pages that are given back are no longer resident, though others of their slab stay",
          "[kv]") {
    constexpr size_t kBytes = 98 * 4096;
    constexpr size_t kPages = 60;
    PageMemory memory;
    std::vector<uint8_t*> pages;
    for (size_t i = 0; i < kPages; ++i) {
        pages.push_back(memory.take(kBytes));
        std::memset(pages.back(), 1, kBytes);
    }
    constexpr size_t kStretch = kPages * kBytes + 4 * PageMemory::kLargePageBytes;
    static_assert(kStretch < PageMemory::kSlabBytes);
    const size_t full = residentBytes(pages[0], kStretch);
    REQUIRE(full >= kPages * kBytes);
    REQUIRE(full <= kPages * kBytes + PageMemory::kLargePageBytes);
    for (size_t i = 1; i < kPages; ++i)
        memory.give(pages[i], kBytes);
    REQUIRE(residentBytes(pages[0], kStretch) <= kBytes + PageMemory::kLargePageBytes);
    REQUIRE(pages[0][kBytes - 1] == 1);
    memory.give(pages[0], kBytes);
    REQUIRE(memory.mappedBytes() == 0);
}

TEST_CASE("neighbouring pages share the system's large pages", "[kv]") {
    constexpr size_t kBytes = 256 << 10;
    PageMemory memory;
    uint8_t* first = memory.take(kBytes);
    REQUIRE(reinterpret_cast<uintptr_t>(first) % PageMemory::kLargePageBytes == 0);
    std::vector<uint8_t*> pages = {first};
    for (size_t i = 1; i < PageMemory::kLargePageBytes / kBytes; ++i) {
        pages.push_back(memory.take(kBytes));
        REQUIRE(pages.back() == first + i * kBytes);
    }
    for (uint8_t* page : pages)
        memory.give(page, kBytes);
}
