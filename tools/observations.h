// What the agent has seen of each file. An edit is refused when the file changed since it was read.
// Keys are Workspace::relative() of the resolved path. Threads: any thread (one mutex inside).
#pragma once
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"

namespace moxie::tools {

struct LineRange {
    int64_t first = 0;  // 1-based, inclusive
    int64_t last = 0;
};

class Observations {
public:
    enum class State { unseen, current, stale };

    // Records that `content` (the whole file as bytes) was shown or written by us.
    void record(const std::string& relativePath, std::string_view content);
    State check(const std::string& relativePath, std::string_view contentNow) const;
    // The lines of `contentNow` that differ from what was seen: from the first to the last one that
    // does. nullopt: unseen, unchanged, or seen in an earlier process (only the hash is kept).
    std::optional<LineRange> changedLines(const std::string& relativePath,
                                          std::string_view contentNow) const;
    void forget(const std::string& relativePath);
    // What changed since the last call, as lines "HASH path", or "- path" for a forgotten one: for
    // the log. apply() takes such a line back; false if it is none.
    std::vector<std::string> takeChanges();
    bool apply(std::string_view line);
    // Canonical JSON object path -> hash, and back. restore() replaces the table; false and an
    // unchanged table if `json` is not such an object.
    std::string toJson() const;
    bool restore(std::string_view json);

private:
    struct Seen {
        base::Hash128 content;
        std::vector<uint64_t> lines;  // hash of each line
    };

    mutable std::mutex mutex_;  // guards both
    std::map<std::string, Seen> seen_;
    std::set<std::string> changed_;  // paths
};

}  // namespace moxie::tools
