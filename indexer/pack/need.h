// How likely the work on a task needs a piece of the repository: the ranking turned into
// probabilities, calibrated on the commits of tests/bench/index/pack_bench.cpp. Threads: any
// thread; pure.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "indexer/live_view.h"
#include "indexer/pack/file_facts.h"
#include "indexer/ranking.h"

namespace moxie::indexer {

struct Need {
    std::vector<double> chunks;      // by position in LiveView::chunks
    std::vector<double> files;       // by file: that at least one of its chunks is needed
    std::vector<double> relevance;   // by file: its score, the best is 1
    std::vector<int32_t> fileRanks;  // by file: 0 is the best, -1 not ranked
};

// What a chunk's probability is computed from; the bench fits the weights to these.
inline constexpr size_t kNeedFeatureCount = 16;
using NeedFeatures = std::array<double, kNeedFeatureCount>;

// What one weight stands for, in the order of the features.
extern const std::array<const char*, kNeedFeatureCount> kNeedFeatureNames;

class NeedModel {
public:
    // All must outlive this.
    NeedModel(const LiveView& view, const std::vector<FileFacts>& facts, const Ranking& ranking);

    NeedFeatures features(int32_t file, int32_t chunk) const;
    Need estimate() const;

private:
    const LiveView& view_;
    const std::vector<FileFacts>& facts_;
    const Ranking& ranking_;
    std::vector<double> relevance_;
    std::vector<int32_t> fileRanks_, chunkRanks_;
    std::vector<int32_t> ranksInFile_;  // by chunk
    std::vector<double> bestOfFile_;    // by blob: the best score of its chunks
};

}  // namespace moxie::indexer
