// Who drives a session, told from its folder. Threads: any thread but the GUI's.
#pragma once
#include <sys/stat.h>

#include <filesystem>

#include "agent/lease.h"

namespace moxie::desktop {

// A living process holds the lease. A lease that was given back is empty; then the lock is not even
// tried, so that looking never stands in the way of who takes it at this moment.
inline bool isDriven(const std::filesystem::path& sessionFolder) {
    const std::filesystem::path lease = sessionFolder / "lease";
    struct stat status = {};
    return ::stat(lease.c_str(), &status) == 0 && status.st_size > 0 && agent::Lease::isHeld(lease);
}

}  // namespace moxie::desktop
