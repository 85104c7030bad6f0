// What happens when a mapped file was cut, or its disk cannot be read: the system sends SIGBUS to
// whoever touches the page. While a guard stands, such a page becomes one of zeros and the damage
// is remembered, so that who used the weights can say so and drop what was computed.
// Threads: any thread; guards are made and destroyed one at a time per process (a mutex inside).
#pragma once
#include <optional>
#include <span>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace moxie::engine {

class MapGuard {
public:
    // `files` must outlive the guard. The first guard of a process takes over SIGBUS; a fault
    // outside of all guarded files goes on to who had it before. At most 1,024 files are guarded at
    // a time, further ones are not.
    explicit MapGuard(std::span<const base::MappedFile* const> files);
    ~MapGuard();
    MapGuard(const MapGuard&) = delete;
    MapGuard& operator=(const MapGuard&) = delete;

    // corrupt, with the file and the place; it stays once it is there.
    std::optional<base::Error> damage() const;

private:
    std::vector<const base::MappedFile*> files_;
    std::vector<int> slots_;  // of files_, in the table that the handler reads; -1: none
};

}  // namespace moxie::engine
