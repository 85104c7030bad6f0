// Files that are likely to matter with a hit: changed together by past commits, called by its
// function, header and source, test and tested. Threads: any thread.
#pragma once
#include <cstdint>
#include <vector>

#include "base/result.h"
#include "indexer/ranking.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct CompanionQuery {
    int32_t file = 0;    // in LiveView::files
    int64_t symbol = 0;  // sym.id of its best function, where the hit points at one
};

// At most eight, the surest of each kind first. Fails: corrupt, io. Cost: under a millisecond.
base::Result<std::vector<Companion>> companionsOf(const Reading& reading, const RankingTable& table,
                                                  const CompanionQuery& wanted);

}  // namespace moxie::indexer
