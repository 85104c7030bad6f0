// The newest commits of a repository: their messages and which paths they touched, read from the
// object store without making libgit2's objects of them. Threads: one at a time per repository.
#pragma once
#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "indexer/work_tree.h"

struct git_odb;

namespace moxie::indexer {

struct HistoryRequest {
    BlobHash head = {};
    std::string prefix;               // of the paths that count, cut off: "" or "sub/folder/"
    int64_t limit = 0;                // of commits
    std::span<const BlobHash> known;  // sorted, without merges: of these only the hash is given
    std::stop_token stop;
};

// By time, a commit never before the first of its children; merges are left out. A history that
// was cut off (a shallow clone) ends where it was cut. Fails: cancelled.
base::Result<std::vector<Commit>> readHistory(git_odb& objects, const HistoryRequest& request);

}  // namespace moxie::indexer
