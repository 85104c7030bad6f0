// What the agent has seen of each file. An edit is refused when the file changed since it was read.
// Threads: any thread (one mutex inside).
#pragma once
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "base/hash.h"

namespace moxie::tools {

class Observations {
public:
    enum class State { unseen, current, stale };

    // Records that `content` (the whole file as bytes) was shown or written by us.
    void record(const std::string& relativePath, std::string_view content);
    State check(const std::string& relativePath, std::string_view contentNow) const;
    void forget(const std::string& relativePath);
    // Canonical JSON object path -> hash, and back: resume restores the table from the event log's
    // files.
    std::string toJson() const;

private:
    mutable std::mutex mutex_;  // guards seen_
    std::map<std::string, base::Hash128> seen_;
};

}  // namespace moxie::tools
