// The arithmetic of the ranking: what each retriever gives every file and chunk. Sums run in an
// order that depends on the tree alone, so equal trees give equal scores. Threads: any thread.
// Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
#pragma once
#include <array>
#include <vector>

#include "indexer/live_view.h"
#include "indexer/query.h"
#include "indexer/ranking/evidence.h"
#include "indexer/ranking/ranking_table.h"
#include "indexer/ranking/weights.h"

namespace moxie::indexer {

struct Scores {
    std::array<std::vector<double>, kRetrieverCount> files;  // by Retriever, then file
    std::vector<double> chunks;
    std::vector<int32_t> bestChunk;  // by file; -1: none
};

struct ScoreInput {
    const LiveView& view;
    const RankingTable& table;
    const Query& query;
    const Evidence& evidence;
};

Scores scoreAll(const ScoreInput& input, const RankingWeights& weights);

double inverseFrequency(double count, double having);

}  // namespace moxie::indexer
