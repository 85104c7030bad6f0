// The right to drive a session: an flock on a file of the session folder. The kernel gives it back
// when the process ends, however it ends; the pid and start time inside are for people.
// Threads: one thread at a time. Move-only.
#pragma once
#include <filesystem>

#include "base/result.h"

namespace moxie::agent {

class Lease {
public:
    // Fails: busy (another living process holds it, named), io.
    static base::Result<Lease> take(const std::filesystem::path& file);
    // True if a living process holds the lease.
    static bool isHeld(const std::filesystem::path& file);
    // True if the process that took the lease ended without giving it back.
    static bool isAbandoned(const std::filesystem::path& file);

    ~Lease();
    Lease(Lease&& other) noexcept;
    Lease& operator=(Lease&& other) noexcept;
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

private:
    explicit Lease(int fd) : fd_(fd) {}

    int fd_ = -1;
};

}  // namespace moxie::agent
