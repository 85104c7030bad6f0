// Bringing the store up to date with the work tree: compares, parses what is new on worker threads,
// writes on the calling thread. Many new files get their outlines first, all of them, and their
// syntax trees then, so that readers have something early. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/index.h"
#include "indexer/parsing.h"
#include "indexer/store.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {

struct UpdateCounts {
    int64_t filesParsed = 0;
    int64_t filesSkipped = 0;
};

struct UpdateRequest {
    ParseOptions parse;
    int64_t outlineFirstMin = 64;  // new files; fewer are parsed whole at once
    int64_t commitsMax = 2000;     // of history
    Tier tierMax = Tier::syntax;   // of new files; less: no history either
    std::function<void(Progress)> onProgress;
};

// Fails: cancelled (files done so far stay), io, busy.
base::Result<UpdateCounts> updateStore(Store& store, const WorkTree& tree,
                                       const UpdateRequest& request);

}  // namespace moxie::indexer
