// Which files and functions a request is about: what it names verbatim, and several retrievers
// (words of a file, its functions, past commit messages) fused. Computed over live rows only, so
// that equal trees give equal scores whatever the index went through. Threads: any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "indexer/query.h"
#include "indexer/ranking/scores.h"
#include "indexer/reader.h"
#include "indexer/search_explanation.h"

namespace moxie::indexer {

struct FileScore {
    int32_t file = 0;  // in LiveView::files
    double score = 0;
    int32_t bestChunk = -1;  // in LiveView::chunks
    std::vector<SearchPin> pins;
    HitReason reason;
};

struct Ranking {
    std::vector<FileScore> files;     // score above zero, best first, ties by path
    std::vector<double> chunkScores;  // by position in LiveView::chunks, the best is 1
};

// A ranking and what it was made from, for explanations.
struct RankedRequest {
    Query query;
    RankingTableSnapshot table;
    Evidence evidence;
    Scores scores;
    Ranking ranking;
};

// Fails: corrupt, io. Cost: under 1 µs per chunk that has a word of the request; the first call
// after a change reads paths and history again, some milliseconds.
base::Result<Ranking> rank(const Reading& reading, const Query& query,
                           const std::filesystem::path& root);
base::Result<RankedRequest> rankRequest(const Reading& reading, const Query& query,
                                        const std::filesystem::path& root);

// The last step alone.
Ranking fuse(const ScoreInput& input, Scores scores, const RankingWeights& weights);

SearchExplanation explain(const RankedRequest& request, const LiveView& view,
                          const FileScore& file);

}  // namespace moxie::indexer
