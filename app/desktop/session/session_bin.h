// Removed sessions: their folders, whole, beside the others, until 30 days are over. Each has a
// small file that says when it was removed. Threads: one thread at a time, not the GUI's.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "app/desktop/session/session_store_model.h"
#include "base/result.h"

namespace moxie::desktop {

class SessionBin {
public:
    static constexpr int64_t kKeptMs = 30LL * 24 * 3600 * 1000;

    // Both folders on one file system; the bin is made when it is needed.
    SessionBin(std::filesystem::path sessionsFolder, std::filesystem::path binFolder);

    // Newest first. What is over its time is deleted for good.
    std::vector<BinnedSession> list(int64_t nowMs) const;
    // Fails: notFound, busy (somebody drives it), io; it stays where it is then.
    base::Status put(const BinnedSession& session) const;
    // Fails: notFound, io.
    base::Status takeBack(const std::string& id) const;

private:
    std::filesystem::path sessionsFolder_, binFolder_;
};

}  // namespace moxie::desktop
