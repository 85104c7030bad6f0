#include "tests/bench/index/retrieval_rankers.h"

#include <algorithm>

#include "indexer/pack/need.h"

namespace moxie::bench {
namespace {

constexpr double kBytesPerToken = 3.5;
constexpr double kGlueWorth = 0.4, kOverheadTokens = 12;  // as indexer/pack/choice.cpp

using indexer::ScoreInput;

ScoreInput inputOf(const Trial& trial, const Question& question) {
    return {*trial.view, *trial.table, question.query, question.evidence};
}

std::vector<int32_t> sorted(const std::vector<double>& scores) {
    std::vector<int32_t> order;
    for (size_t i = 0; i < scores.size(); i++)
        if (scores[i] > 0) order.push_back(int32_t(i));
    std::stable_sort(order.begin(), order.end(),
                     [&](int32_t a, int32_t b) { return scores[size_t(a)] > scores[size_t(b)]; });
    return order;
}

double bytesOfChunk(const indexer::LiveView& view, int32_t chunk) {
    const indexer::LiveChunk& own = view.chunks[size_t(chunk)];
    const indexer::LiveBlob& blob = view.blobs[size_t(own.blob)];
    return double(blob.bytes) * double(own.lineLast - own.lineFirst + 1) /
           double(std::max<int64_t>(1, blob.lines));
}

// Counts functions as they come in, until each budget is spent.
class FunctionCounter {
public:
    explicit FunctionCounter(const Trial& trial) : trial_(trial) {}

    void add(int32_t file, int32_t first, int32_t last, double bytes) {
        tokens_ += bytes / kBytesPerToken;
        double hits = 0;
        for (const ChangedFunction& wanted : trial_.functions)
            hits += wanted.file == file && wanted.line >= first && wanted.line <= last;
        if (tokens_ <= 8'000) found_.at8k += hits;
        if (tokens_ <= 32'000) found_.at32k += hits;
        if (tokens_ <= 128'000) found_.at128k += hits;
    }

    bool isDone() const { return tokens_ > 128'000; }

    Budgets share() const {
        const auto n = double(std::max<size_t>(1, trial_.functions.size()));
        return {found_.at8k / n, found_.at32k / n, found_.at128k / n};
    }

private:
    const Trial& trial_;
    double tokens_ = 0;
    Budgets found_;
};

}  // namespace

std::vector<int32_t> placesOf(const Trial& trial, const std::vector<int32_t>& order) {
    std::vector<int32_t> places(trial.truth.size(), -1);
    int32_t at = 0;
    for (const int32_t file : order) {
        if (!trial.isCandidate[size_t(file)]) continue;
        for (size_t i = 0; i < trial.truth.size(); i++)
            if (trial.truth[i] == file) places[i] = at;
        at++;
    }
    return places;
}

std::vector<int32_t> ourOrder(const Trial& trial, const Question& question,
                              const indexer::RankingWeights& weights) {
    const ScoreInput input = inputOf(trial, question);
    const indexer::Ranking ranking =
        indexer::fuse(input, indexer::scoreAll(input, weights), weights);
    std::vector<int32_t> order;
    for (const indexer::FileScore& file : ranking.files)
        order.push_back(file.file);
    return order;
}

std::vector<int32_t> grepOrder(const Trial& trial, const Question& question) {
    std::vector<double> scores(trial.view->files.size(), 0);
    for (size_t word = 0; word < question.query.words.size(); word++) {
        if (question.query.words[word].isPair) continue;
        for (const indexer::WordCounts& blob : question.evidence.words[word].blobs)
            for (const int32_t file : trial.table->filesOfBlob[size_t(blob.at)])
                if (blob.body > 0)
                    scores[size_t(file)] += 1 + 1e-6 * double(std::min(blob.body, 10'000));
    }
    return sorted(scores);
}

std::vector<int32_t> bm25Order(const Trial& trial, const Question& question) {
    constexpr double kK1 = 1.2, kB = 0.75;
    std::vector<double> scores(trial.view->files.size(), 0);
    for (size_t word = 0; word < question.query.words.size(); word++) {
        if (question.query.words[word].isPair) continue;
        const auto& blobs = question.evidence.words[word].blobs;
        double having = 0;
        for (const indexer::WordCounts& blob : blobs)
            having += double(trial.table->filesOfBlob[size_t(blob.at)].size());
        const double weight = indexer::inverseFrequency(double(trial.view->files.size()), having);
        for (const indexer::WordCounts& blob : blobs) {
            const double length =
                double(trial.view->blobs[size_t(blob.at)].nBodyWords) / trial.table->meanBodyWords;
            const double gain =
                weight * blob.body * (kK1 + 1) / (blob.body + kK1 * (1 - kB + kB * length));
            for (const int32_t file : trial.table->filesOfBlob[size_t(blob.at)])
                scores[size_t(file)] += gain;
        }
    }
    return sorted(scores);
}

Budgets functionsFound(const Trial& trial, const Question& question,
                       const indexer::RankingWeights& weights) {
    const ScoreInput input = inputOf(trial, question);
    const indexer::Ranking ranking =
        indexer::fuse(input, indexer::scoreAll(input, weights), weights);
    const indexer::Need need = indexer::NeedModel(*trial.view, trial.facts, ranking).estimate();
    std::vector<double> gains(trial.view->chunks.size());
    for (size_t i = 0; i < gains.size(); i++) {
        const double worth = trial.view->chunks[i].symbol != 0 ? 1 : kGlueWorth;
        gains[i] = worth * need.chunks[i] /
                   (bytesOfChunk(*trial.view, int32_t(i)) / kBytesPerToken + kOverheadTokens);
    }
    FunctionCounter counter(trial);
    for (const int32_t at : sorted(gains)) {
        const indexer::LiveChunk& chunk = trial.view->chunks[size_t(at)];
        counter.add(trial.view->blobs[size_t(chunk.blob)].file, chunk.lineFirst, chunk.lineLast,
                    bytesOfChunk(*trial.view, at));
        if (counter.isDone()) break;
    }
    return counter.share();
}

Budgets functionsInFiles(const Trial& trial, const std::vector<int32_t>& order) {
    FunctionCounter counter(trial);
    for (const int32_t file : order) {
        const auto& blob = trial.view->blobs[size_t(trial.view->files[size_t(file)].blob)];
        counter.add(file, 1, int32_t(blob.lines), double(blob.bytes));
        if (counter.isDone()) break;
    }
    return counter.share();
}

}  // namespace moxie::bench
