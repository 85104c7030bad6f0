#include "indexer/ranking/scores.h"

#include <algorithm>
#include <cmath>

namespace moxie::indexer {
namespace {

constexpr int kBestChunks = 4;  // of a file: a long one must not win by its length
constexpr int kBestCommits = 60;

class Scorer {
public:
    Scorer(const ScoreInput& input, const RankingWeights& weights)
        : view_(input.view),
          table_(input.table),
          query_(input.query),
          evidence_(input.evidence),
          weights_(weights),
          counts_(view_.files.size()) {}

    Scores run();

private:
    struct Counts {
        double stem = 0, folder = 0, names = 0, body = 0;
        bool isWholeStem = false;
    };

    double weightOf(size_t word, double count, double having) const;
    void scoreFiles(size_t word);
    void scoreChunks(size_t word);
    void scoreHistory(size_t word);
    void scoreCommits();
    void sumChunks();
    void scoreRelatives();

    std::vector<double>& of(Retriever retriever) { return scores_.files[size_t(retriever)]; }

    const LiveView& view_;
    const RankingTable& table_;
    const Query& query_;
    const Evidence& evidence_;
    const RankingWeights& weights_;
    Scores scores_;
    std::vector<Counts> counts_;  // of one word
    std::vector<int32_t> touched_;
    std::vector<double> commits_;
};

double Scorer::weightOf(size_t word, double count, double having) const {
    const QueryWord& asked = query_.words[word];
    double weight = inverseFrequency(count, having);
    if (weights_.rarity != 1) weight = std::pow(weight, weights_.rarity);
    if (!asked.isInTitle) weight *= weights_.rest;
    if (asked.isPair) weight *= weights_.pair;
    return weight * (1 + weights_.repeat * std::log(double(asked.count)));
}

void Scorer::scoreFiles(size_t word) {
    const WordEvidence& found = evidence_.words[word];
    touched_.clear();
    const auto counts = [&](int32_t file) -> Counts& {
        Counts& own = counts_[size_t(file)];
        if (own.stem == 0 && own.folder == 0 && own.names == 0 && own.body == 0)
            touched_.push_back(file);
        return own;
    };
    for (const PathHit& hit : found.paths) {
        Counts& own = counts(hit.file);
        own.stem = hit.inStem;
        own.folder = hit.inFolder;
        own.isWholeStem = hit.isWholeStem;
    }
    for (const WordCounts& blob : found.blobs)
        for (const int32_t file : table_.filesOfBlob[size_t(blob.at)]) {
            Counts& own = counts(file);
            own.names = blob.names;
            own.body = blob.body;
        }
    const double weight = weightOf(word, double(view_.files.size()), double(found.files));
    const auto damp = [](double b, double length, double mean) {
        return 1 - b + b * length / mean;
    };
    for (const int32_t file : touched_) {
        Counts& own = counts_[size_t(file)];
        const LiveBlob& blob = view_.blobs[size_t(view_.files[size_t(file)].blob)];
        double path = weights_.stem * own.stem + weights_.folder * own.folder;
        if (own.isWholeStem) path += weights_.wholeStem;
        const double sum =
            path /
                damp(weights_.bPath, table_.files[size_t(file)].pathWords, table_.meanPathWords) +
            weights_.names * own.names /
                damp(weights_.bNames, double(blob.nNameWords), table_.meanNameWords) +
            weights_.body * own.body /
                damp(weights_.bBody, double(blob.nBodyWords), table_.meanBodyWords);
        of(Retriever::words)[size_t(file)] += weight * sum / (weights_.k1 + sum);
        own = Counts();
    }
}

void Scorer::scoreChunks(size_t word) {
    const WordEvidence& found = evidence_.words[word];
    const double weight = weightOf(word, double(view_.chunks.size()), double(found.chunks.size()));
    for (const WordCounts& counts : found.chunks) {
        const double length = view_.chunks[size_t(counts.at)].nBodyWords / table_.meanChunkWords;
        const double sum = (weights_.chunkNames * counts.names + counts.body) /
                           (1 - weights_.bChunk + weights_.bChunk * length);
        scores_.chunks[size_t(counts.at)] += weight * sum / (weights_.chunkK1 + sum);
    }
}

void Scorer::scoreHistory(size_t word) {
    const WordEvidence& found = evidence_.words[word];
    touched_.clear();
    for (const auto& [commit, count] : found.past)
        for (const int32_t file : table_.filesOf(table_.commits[size_t(commit)])) {
            double& own = counts_[size_t(file)].body;
            if (own == 0) touched_.push_back(file);
            own += count;
        }
    const double weight = weightOf(word, table_.filesWithHistory, double(touched_.size()));
    for (const int32_t file : touched_) {
        const double length = table_.files[size_t(file)].historyWords / table_.meanHistoryWords;
        const double sum =
            counts_[size_t(file)].body / (1 - weights_.bHistory + weights_.bHistory * length);
        of(Retriever::history)[size_t(file)] += weight * sum / (weights_.historyK1 + sum);
        counts_[size_t(file)] = Counts();
    }
    const double rarity = weightOf(word, double(table_.commits.size()), double(found.past.size()));
    for (const auto& [commit, count] : found.past) {
        const double length = table_.commits[size_t(commit)].words / table_.meanCommitWords;
        const double sum = count / (1 - weights_.bCommit + weights_.bCommit * length);
        commits_[size_t(commit)] += rarity * sum / (weights_.historyK1 + sum);
    }
}

// The past commits that say most nearly the same, and what they touched.
void Scorer::scoreCommits() {
    std::vector<int32_t> order;
    for (size_t i = 0; i < commits_.size(); i++)
        if (commits_[i] > 0 && table_.commits[i].fileCount > 0) order.push_back(int32_t(i));
    const auto isBetter = [&](int32_t a, int32_t b) {
        const double left = commits_[size_t(a)], right = commits_[size_t(b)];
        return left != right ? left > right : a < b;
    };
    const size_t count = std::min<size_t>(order.size(), kBestCommits);
    std::partial_sort(order.begin(), order.begin() + int64_t(count), order.end(), isBetter);
    for (size_t i = 0; i < count; i++) {
        const PastCommit& commit = table_.commits[size_t(order[i])];
        const double score = commits_[size_t(order[i])];
        const double each =
            score * score / std::pow(double(commit.fileCount), weights_.commitSpread);
        for (const int32_t file : table_.filesOf(commit))
            of(Retriever::commits)[size_t(file)] += each;
    }
}

void Scorer::sumChunks() {
    std::vector<double> best(view_.blobs.size(), 0);
    std::vector<int32_t> bestAt(view_.blobs.size(), -1);
    for (size_t i = 0; i < view_.blobs.size(); i++) {
        const LiveBlob& blob = view_.blobs[i];
        std::array<double, kBestChunks + 1> top = {};
        for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++) {
            const double score = scores_.chunks[size_t(c)];
            if (score <= top[kBestChunks - 1]) continue;
            if (score > top[0]) bestAt[i] = c;
            size_t at = kBestChunks;
            for (; at > 0 && top[at - 1] < score; at--)
                top[at] = top[at - 1];
            top[at] = score;
        }
        double factor = 1;
        for (size_t k = 0; k < kBestChunks; k++, factor *= weights_.chunkDecay)
            best[i] += factor * top[k];
    }
    for (size_t i = 0; i < view_.files.size(); i++) {
        of(Retriever::functions)[i] = best[size_t(view_.files[i].blob)];
        scores_.bestChunk[i] = bestAt[size_t(view_.files[i].blob)];
    }
}

// A file is lifted by the best of those that share its name.
void Scorer::scoreRelatives() {
    const std::vector<double>& words = of(Retriever::words);
    for (const std::vector<int32_t>& group : table_.relatives)
        for (const int32_t file : group)
            for (const int32_t other : group)
                if (other != file)
                    of(Retriever::relatives)[size_t(file)] =
                        std::max(of(Retriever::relatives)[size_t(file)], words[size_t(other)]);
}

Scores Scorer::run() {
    for (std::vector<double>& scores : scores_.files)
        scores.assign(view_.files.size(), 0);
    scores_.chunks.assign(view_.chunks.size(), 0);
    scores_.bestChunk.assign(view_.files.size(), -1);
    commits_.assign(table_.commits.size(), 0);
    for (size_t word = 0; word < query_.words.size(); word++) {
        if (query_.words[word].isPair && weights_.pair <= 0) continue;
        scoreFiles(word);
        scoreChunks(word);
        scoreHistory(word);
    }
    if (weights_.commitShare > 0) scoreCommits();
    sumChunks();
    if (weights_.relative > 0) scoreRelatives();
    return std::move(scores_);
}

}  // namespace

double inverseFrequency(double count, double having) {
    return std::log(1.0 + (count - having + 0.5) / (having + 0.5));
}

Scores scoreAll(const ScoreInput& input, const RankingWeights& weights) {
    return Scorer(input, weights).run();
}

}  // namespace moxie::indexer
