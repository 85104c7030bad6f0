#include "indexer/pack/need.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace moxie::indexer {
namespace {

// Fitted by logistic regression to 73,000 chunks of commits of redis, fmt, sphinx and typeorm (370
// changed; redis and typeorm in part), in-sample: no commits were held out. Set by
// hand: test, vendored, generated and data, which that protocol hardly has among its truths.
constexpr std::array<double, kNeedFeatureCount> kWeights = {-1.66, 0.36,  -0.17, 0.46, -1.12, 0.26,
                                                            1.37,  -0.12, -1.6,  -0.5, -1.0,  -1.4,
                                                            0.16,  0.0,   -0.73, -0.63};

}  // namespace

const std::array<const char*, kNeedFeatureCount> kNeedFeatureNames = {"one",
                                                                      "log chunk score",
                                                                      "log chunk rank",
                                                                      "log file score",
                                                                      "log file rank",
                                                                      "log lines",
                                                                      "recency",
                                                                      "log touches",
                                                                      "test",
                                                                      "vendored",
                                                                      "generated",
                                                                      "data",
                                                                      "is function",
                                                                      "named"};

NeedModel::NeedModel(const LiveView& view, const std::vector<FileFacts>& facts,
                     const Ranking& ranking)
    : view_(view),
      facts_(facts),
      ranking_(ranking),
      relevance_(view.files.size(), 0),
      fileRanks_(view.files.size(), -1),
      chunkRanks_(view.chunks.size(), 0),
      ranksInFile_(view.chunks.size(), 0),
      bestOfFile_(view.blobs.size(), 0) {
    const double top = ranking.files.empty() ? 1 : std::max(1e-9, ranking.files.front().score);
    for (size_t i = 0; i < ranking.files.size(); i++) {
        const auto file = size_t(ranking.files[i].file);
        relevance_[file] = ranking.files[i].score / top;
        fileRanks_[file] = int32_t(i);
    }
    // A copy's relevance is that of the file which stands for it.
    for (size_t i = 0; i < facts.size(); i++) {
        if (facts[i].sameAs < 0 || fileRanks_[i] < 0) continue;
        const auto kept = size_t(facts[i].sameAs);
        relevance_[kept] = std::max(relevance_[kept], relevance_[i]);
        if (fileRanks_[kept] < 0 || fileRanks_[i] < fileRanks_[kept])
            fileRanks_[kept] = fileRanks_[i];
    }
    std::vector<int32_t> order(view.chunks.size());
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(), [&](int32_t a, int32_t b) {
        return ranking.chunkScores[size_t(a)] > ranking.chunkScores[size_t(b)];
    });
    std::vector<int32_t> seen(view.blobs.size(), 0);
    for (size_t i = 0; i < order.size(); i++) {
        const auto blob = size_t(view.chunks[size_t(order[i])].blob);
        ranksInFile_[size_t(order[i])] = seen[blob]++;
        bestOfFile_[blob] = std::max(bestOfFile_[blob], ranking.chunkScores[size_t(order[i])]);
        const bool isScored = ranking.chunkScores[size_t(order[i])] > 0;
        chunkRanks_[size_t(order[i])] = isScored ? int32_t(i) : int32_t(order.size());
    }
}

NeedFeatures NeedModel::features(int32_t file, int32_t chunk) const {
    const FileFacts& facts = facts_[size_t(file)];
    const LiveChunk& own = view_.chunks[size_t(chunk)];
    const int32_t rank = fileRanks_[size_t(file)];
    const double fileRank = rank < 0 ? double(view_.files.size()) : double(rank);
    const bool isNamed = rank >= 0 && (!ranking_.files[size_t(rank)].reason.names.empty() ||
                                       ranking_.files[size_t(rank)].reason.isPathNamed);
    return {1,
            std::log(ranking_.chunkScores[size_t(chunk)] + 0.02),
            std::log(1.0 + double(chunkRanks_[size_t(chunk)])),
            std::log(relevance_[size_t(file)] + 0.02),
            std::log(1.0 + fileRank),
            std::log(double(std::max(1, own.lineLast - own.lineFirst + 1))),
            facts.recency,
            std::log(1.0 + facts.touches),
            double(facts.isTest),
            double(facts.isVendored),
            double(facts.isGenerated),
            double(facts.isData),
            double(own.symbol != 0),
            double(isNamed),
            std::log(1.0 + double(ranksInFile_[size_t(chunk)])),
            ranking_.chunkScores[size_t(chunk)] / std::max(1e-9, bestOfFile_[size_t(own.blob)])};
}

Need NeedModel::estimate() const {
    Need need;
    need.chunks.assign(view_.chunks.size(), 0);
    need.files.assign(view_.files.size(), 0);
    need.relevance = relevance_;
    need.fileRanks = fileRanks_;
    for (size_t i = 0; i < view_.files.size(); i++) {
        const FileFacts& facts = facts_[i];
        if (facts.sameAs >= 0 || !facts.hasText) continue;
        const LiveBlob& blob = view_.blobs[size_t(view_.files[i].blob)];
        double none = 1;
        for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++) {
            const NeedFeatures features = this->features(int32_t(i), c);
            const double sum =
                std::inner_product(features.begin(), features.end(), kWeights.begin(), 0.0);
            const double likely = 1 / (1 + std::exp(-sum));
            need.chunks[size_t(c)] = likely;
            none *= 1 - likely;
        }
        need.files[i] = 1 - none;
    }
    return need;
}

}  // namespace moxie::indexer
