// Files that are likely to matter with a hit: changed together by past commits, called by its
// function, header and source, test and tested. Threads: any thread.
#pragma once
#include <string_view>
#include <vector>

#include "base/result.h"
#include "indexer/ranking.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct CompanionQuery {
    int32_t file = 0;                // in LiveView::files
    std::string_view function = {};  // its best function, where the hit points at one
    int32_t lineFirst = 0;           // of its definition
    std::string_view text = {};      // of the file, for what the function calls
};

// At most eight, the surest of each kind first. Fails: corrupt, io. Cost: a parse of `text`.
base::Result<std::vector<Companion>> companionsOf(const Reading& reading, const RankingTable& table,
                                                  const CompanionQuery& wanted);

}  // namespace moxie::indexer
