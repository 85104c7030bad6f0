// Bringing the store up to date with the work tree: compares, parses what is new on worker threads,
// writes on the calling thread. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>

#include "base/result.h"
#include "indexer/index.h"
#include "indexer/store.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {

struct UpdateCounts {
    int64_t filesParsed = 0;
    int64_t filesSkipped = 0;
};

struct UpdateRequest {
    std::filesystem::path root;
    int32_t threads = 2;
    int64_t fileBytesMax = 0;
    int64_t commitsMax = 2000;  // of history
    std::function<void(Progress)> onProgress;
    std::stop_token stop;
};

// Fails: cancelled (files done so far stay), io, busy.
base::Result<UpdateCounts> updateStore(Store& store, const WorkTree& tree,
                                       const UpdateRequest& request);
// One file; removes it from the index if it is gone or ignored.
base::Status updateOneFile(Store& store, const WorkTree& tree, const std::string& path,
                           const UpdateRequest& request);

}  // namespace moxie::indexer
