#include "indexer/name_filter.h"

#include <algorithm>
#include <bit>

namespace moxie::indexer {
namespace {

size_t hashOfThree(const char* bytes) {
    const uint32_t three = uint32_t(uint8_t(bytes[0])) | uint32_t(uint8_t(bytes[1])) << 8 |
                           uint32_t(uint8_t(bytes[2])) << 16;
    return three * 2654435761U >> 20;
}

}  // namespace

void NameFilter::add(std::string_view name) {
    const size_t run = nNames_++ / kNames;
    if (run / kRuns >= groups_.size()) groups_.push_back({});
    Group& group = groups_.back();
    for (size_t i = 0; i + 3 <= name.size(); i++)
        group[hashOfThree(name.data() + i)] |= uint64_t(1) << run % kRuns;
}

std::vector<uint32_t> NameFilter::runsWith(std::string_view part) const {
    const size_t nRuns = (nNames_ + kNames - 1) / kNames;
    std::vector<uint32_t> runs;
    for (size_t at = 0; at < groups_.size(); at++) {
        const size_t here = std::min(nRuns - at * kRuns, kRuns);
        uint64_t mask = here == kRuns ? ~uint64_t(0) : (uint64_t(1) << here) - 1;
        for (size_t i = 0; i + 3 <= part.size() && mask != 0; i++)
            mask &= groups_[at][hashOfThree(part.data() + i)];
        for (; mask != 0; mask &= mask - 1)
            runs.push_back(uint32_t(at * kRuns + size_t(std::countr_zero(mask))));
    }
    return runs;
}

}  // namespace moxie::indexer
