#include "engine/kv/frontier_log.h"

#include <algorithm>

#include "base/result.h"

namespace moxie::engine {

void FrontierLog::start(int64_t begin) {
    stop();
    isOpen_ = true;
    begin_ = begin;
}

void FrontierLog::stop() {
    isOpen_ = false;
    entries_.clear();
    floats_.clear();
}

void FrontierLog::keep(int64_t position, float* place, const float* old, int64_t count) {
    entries_.push_back(
        {.position = position, .place = place, .at = std::ssize(floats_), .count = count});
    floats_.insert(floats_.end(), old, old + count);
}

// Newest first, so that a place written several times ends with the oldest of what is undone.
void FrontierLog::undo(int64_t count) {
    BASE_CHECK(reaches(count));
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry)
        if (entry->position >= count)
            std::copy_n(floats_.begin() + entry->at, entry->count, entry->place);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.position >= count; });
}

int64_t FrontierLog::bytes() const {
    return static_cast<int64_t>(floats_.capacity() * sizeof(float) +
                                entries_.capacity() * sizeof(Entry));
}

}  // namespace moxie::engine
