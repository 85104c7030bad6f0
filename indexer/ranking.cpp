#include "indexer/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace moxie::indexer {
namespace {

constexpr size_t kFilesWithWords = 300, kWordsPerFile = 8;

double topOf(const std::vector<double>& scores) {
    return scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
}

double shareOf(const RankingWeights& weights, Retriever retriever) {
    switch (retriever) {
        case Retriever::words:
            return weights.wordShare;
        case Retriever::functions:
            return weights.functionShare;
        case Retriever::history:
            return weights.historyShare;
        case Retriever::commits:
            return weights.commitShare;
        case Retriever::relatives:
            return weights.relative;
    }
    return 0;
}

double shareOf(const RankingWeights& weights, PinKind kind) {
    switch (kind) {
        case PinKind::path:
            return weights.path;
        case PinKind::frame:
            return weights.frame;
        case PinKind::name:
            return weights.name;
        case PinKind::quote:
            return weights.quote;
    }
    return 0;
}

std::vector<SearchPrior> priorsOf(const FileTraits& traits, const Query& query,
                                  const RankingWeights& weights) {
    std::vector<SearchPrior> priors;
    const auto add = [&](bool holds, PriorKind kind, double factor) {
        if (holds && factor != 1) priors.push_back({kind, factor});
    };
    add(traits.isTest && !query.isAboutTests, PriorKind::test, weights.test);
    add(traits.isVendored && !query.isAboutSamples, PriorKind::vendored, weights.vendored);
    add(traits.isGenerated && !query.isAboutSamples, PriorKind::generated, weights.generated);
    add(traits.isData && !query.isAboutDocs, PriorKind::data, weights.data);
    add(traits.recency > 0, PriorKind::recency, 1 + weights.recency * traits.recency);
    return priors;
}

class Fusion {
public:
    Fusion(const ScoreInput& input, Scores scores, const RankingWeights& weights)
        : input_(input),
          weights_(weights),
          scores_(std::move(scores)),
          files_(input.view.files.size()) {}

    Ranking run();

private:
    void addRetrievers();
    void addPins();
    void applyPriors();
    void addWords(std::vector<FileScore>& best) const;

    const ScoreInput& input_;
    const RankingWeights& weights_;
    Scores scores_;
    std::vector<FileScore> files_;
    std::vector<double> pinned_;
};

void Fusion::addRetrievers() {
    for (size_t i = 0; i < files_.size(); i++) {
        files_[i].file = int32_t(i);
        files_[i].bestChunk = scores_.bestChunk[i];
    }
    for (int at = 0; at < kRetrieverCount; at++) {
        const std::vector<double>& scores = scores_.files[size_t(at)];
        const double top = topOf(scores), share = shareOf(weights_, Retriever(at));
        if (top <= 0 || share <= 0) continue;
        for (size_t i = 0; i < files_.size(); i++)
            files_[i].score += share * scores[i] / top;
    }
    for (size_t i = 0; i < files_.size(); i++)
        files_[i].reason.isFromHistory = scores_.files[size_t(Retriever::words)][i] <= 0;
}

// What stands verbatim in the request comes on top of any statistics.
void Fusion::addPins() {
    pinned_.assign(files_.size(), 0);
    const double topChunk = std::max(1.0, topOf(scores_.chunks));
    for (const PinPlace& pin : input_.evidence.pins) {
        FileScore& file = files_[size_t(pin.file)];
        // Overloads say a name once more, not more of it.
        const bool isSaid = std::any_of(file.pins.begin(), file.pins.end(), [&](const auto& said) {
            return said.kind == pin.kind && said.text == pin.text;
        });
        const double share = isSaid ? 0 : shareOf(weights_, pin.kind) * pin.strength;
        pinned_[size_t(pin.file)] += share;
        file.pins.push_back({pin.kind, pin.text, pin.line, share});
        if (pin.kind == PinKind::path || pin.kind == PinKind::frame) file.reason.isPathNamed = true;
        if (pin.kind == PinKind::quote) file.reason.hasQuote = true;
        if (pin.kind == PinKind::name &&
            std::find(file.reason.names.begin(), file.reason.names.end(), pin.text) ==
                file.reason.names.end())
            file.reason.names.push_back(pin.text);
        if (pin.chunk < 0) continue;
        scores_.chunks[size_t(pin.chunk)] += topChunk * pin.strength;
        const bool isBetter = file.bestChunk < 0 || scores_.chunks[size_t(pin.chunk)] >
                                                        scores_.chunks[size_t(file.bestChunk)];
        if (isBetter) file.bestChunk = pin.chunk;
    }
}

void Fusion::applyPriors() {
    for (size_t i = 0; i < files_.size(); i++) {
        FileScore& file = files_[i];
        file.score += pinned_[i];
        if (file.score <= 0 || file.reason.isPathNamed) continue;
        for (const SearchPrior& prior : priorsOf(input_.table.files[i], input_.query, weights_))
            file.score *= prior.factor;
    }
}

void Fusion::addWords(std::vector<FileScore>& best) const {
    std::vector<int32_t> position(input_.view.files.size(), -1);
    for (size_t i = 0; i < std::min(best.size(), kFilesWithWords); i++)
        position[size_t(best[i].file)] = int32_t(i);
    for (size_t word = 0; word < input_.query.words.size(); word++) {
        const WordEvidence& found = input_.evidence.words[word];
        const auto add = [&](int32_t file) {
            const int32_t at = position[size_t(file)];
            if (at < 0) return;
            auto& words = best[size_t(at)].reason.words;
            const std::string& text = input_.query.words[word].text;
            if (words.size() < kWordsPerFile && (words.empty() || words.back() != text))
                words.push_back(text);
        };
        for (const WordCounts& blob : found.blobs)
            for (const int32_t file : input_.table.filesOfBlob[size_t(blob.at)])
                add(file);
        for (const PathHit& hit : found.paths)
            add(hit.file);
    }
}

Ranking Fusion::run() {
    addRetrievers();
    addPins();
    applyPriors();
    Ranking ranking;
    ranking.chunkScores = std::move(scores_.chunks);
    if (const double top = topOf(ranking.chunkScores); top > 0)
        for (double& score : ranking.chunkScores)
            score /= top;
    for (FileScore& file : files_)
        if (file.score > 0) ranking.files.push_back(std::move(file));
    std::stable_sort(ranking.files.begin(), ranking.files.end(),
                     [](const FileScore& a, const FileScore& b) { return a.score > b.score; });
    addWords(ranking.files);
    return ranking;
}

int32_t countIn(const std::vector<WordCounts>& places, int32_t at, int32_t WordCounts::*counter) {
    const auto found =
        std::lower_bound(places.begin(), places.end(), at,
                         [](const WordCounts& place, int32_t wanted) { return place.at < wanted; });
    return found != places.end() && found->at == at ? *found.*counter : 0;
}

MatchedWord matchOf(const RankedRequest& request, size_t word, int32_t file, int32_t blob) {
    const WordEvidence& found = request.evidence.words[word];
    MatchedWord match = {.word = request.query.words[word].text};
    match.rarity = inverseFrequency(double(request.table->files.size()), double(found.files));
    match.inNames = countIn(found.blobs, blob, &WordCounts::names);
    match.inText = countIn(found.blobs, blob, &WordCounts::body);
    for (const PathHit& hit : found.paths)
        if (hit.file == file) match.inPath += hit.inStem + hit.inFolder;
    for (const auto& [commit, count] : found.past) {
        const auto files = request.table->filesOf(request.table->commits[size_t(commit)]);
        match.inCommits += std::find(files.begin(), files.end(), file) != files.end();
    }
    return match;
}

}  // namespace

Ranking fuse(const ScoreInput& input, Scores scores, const RankingWeights& weights) {
    return Fusion(input, std::move(scores), weights).run();
}

base::Result<RankedRequest> rankRequest(const Reading& reading, const Query& query,
                                        const std::filesystem::path& root) {
    RankedRequest made;
    made.query = query;
    TRY_ASSIGN(made.table, reading.rankingTable());
    TRY_ASSIGN(made.evidence, gatherEvidence(reading, *made.table, query, root));
    const RankingWeights weights;
    const ScoreInput input = {reading.view(), *made.table, made.query, made.evidence};
    made.scores = scoreAll(input, weights);
    made.ranking = fuse(input, made.scores, weights);
    return made;
}

base::Result<Ranking> rank(const Reading& reading, const Query& query,
                           const std::filesystem::path& root) {
    TRY_ASSIGN(RankedRequest made, rankRequest(reading, query, root));
    return std::move(made.ranking);
}

SearchExplanation explain(const RankedRequest& request, const LiveView& view,
                          const FileScore& file) {
    const RankingWeights weights;
    SearchExplanation why;
    for (int at = 0; at < kRetrieverCount; at++) {
        const std::vector<double>& scores = request.scores.files[size_t(at)];
        const double top = topOf(scores), score = scores[size_t(file.file)];
        if (top <= 0 || score <= 0) continue;
        const double share = shareOf(weights, Retriever(at));
        if (share > 0) why.retrievers.push_back({Retriever(at), score / top, share * score / top});
    }
    for (size_t word = 0; word < request.query.words.size(); word++) {
        MatchedWord match = matchOf(request, word, file.file, view.files[size_t(file.file)].blob);
        if (match.inPath + match.inNames + match.inText + match.inCommits > 0)
            why.words.push_back(std::move(match));
    }
    std::stable_sort(why.words.begin(), why.words.end(),
                     [](const auto& a, const auto& b) { return a.rarity > b.rarity; });
    why.pins = file.pins;
    if (!file.reason.isPathNamed)
        why.priors = priorsOf(request.table->files[size_t(file.file)], request.query, weights);
    return why;
}

std::string toText(const HitReason& reason) {
    std::string out;
    const auto add = [&](const std::string& part) { out += (out.empty() ? "" : "; ") + part; };
    if (reason.isPathNamed) add("path named");
    if (!reason.names.empty()) add(fmt::format("name {}", fmt::join(reason.names, ", ")));
    if (reason.hasQuote) add("has the quoted text");
    if (!reason.words.empty()) add(fmt::format("words: {}", fmt::join(reason.words, ", ")));
    if (reason.isFromHistory) add("commit messages");
    return out;
}

}  // namespace moxie::indexer
