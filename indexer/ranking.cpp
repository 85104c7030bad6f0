#include "indexer/ranking.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/file.h"
#include "base/text.h"
#include "indexer/language.h"
#include "indexer/words.h"

namespace moxie::indexer {
namespace {

// Weights from a measurement on 1,110 held-out commits of eight repositories.
constexpr double kPathWeight = 10, kNameWeight = 3, kBodyWeight = 1;
constexpr double kFileShare = 1.0, kChunkShare = 0.5, kHistoryShare = 0.8;
constexpr double kK1 = 1.2, kB = 0.75;
constexpr size_t kWordsPerFile = 8;  // kept for `why`
constexpr int64_t kRankedBytesMax = 2'000'000;

double idf(double count, double having) {
    return std::log(1.0 + (count - having + 0.5) / (having + 0.5));
}

struct Frequencies {
    int32_t path = 0, names = 0, body = 0;
};

struct Averages {
    double path = 1, names = 1, body = 1, chunk = 1, history = 1;
};

class Ranker {
public:
    Ranker(const Reading& reading, const Query& query, const std::filesystem::path& root)
        : database_(reading.database()),
          view_(reading.view()),
          query_(query),
          root_(root) {}

    base::Result<Ranking> run();

private:
    void preparePaths();
    base::Status scoreWord(const std::string& word, Statement& occurrences);
    void addFieldScores(const std::string& word,
                        const std::unordered_map<int32_t, Frequencies>& byFile);
    void addChunkScores(const std::unordered_map<int32_t, Frequencies>& byChunk);
    base::Status loadHistory();
    base::Status scoreHistory(const std::string& word, Statement& occurrences);
    void sumChunks();
    void fuse();
    base::Status addNamed();
    void addPaths();
    void addQuotes();
    void applyPriors();
    double prior(const LiveFile& file) const;

    const Database& database_;
    const LiveView& view_;
    const Query& query_;
    const std::filesystem::path& root_;

    Averages averages_;
    std::vector<int32_t> pathLengths_;  // words per path
    std::unordered_map<std::string, std::vector<std::pair<int32_t, int32_t>>> pathWords_;
    std::vector<double> fields_, chunkSums_, history_, chunks_;
    std::unordered_map<int64_t, std::vector<int32_t>> filesOfCommit_;
    std::vector<double> historyLengths_;
    int64_t filesWithHistory_ = 0;
    std::vector<FileScore> files_;
};

void Ranker::preparePaths() {
    const std::vector<std::string>& wanted = query_.words;
    pathLengths_.resize(view_.files.size());
    int64_t total = 0;
    std::string words;
    for (size_t i = 0; i < view_.files.size(); i++) {
        words.clear();
        pathLengths_[i] = int32_t(appendWords(view_.files[i].path, words));
        total += pathLengths_[i];
        std::map<std::string_view, int32_t> counts;
        for (std::string_view rest = words; !rest.empty();) {
            const size_t end = std::min(rest.find(' '), rest.size());
            counts[rest.substr(0, end)]++;
            rest.remove_prefix(std::min(end + 1, rest.size()));
        }
        for (const std::string& word : wanted)
            if (const auto found = counts.find(word); found != counts.end())
                pathWords_[word].emplace_back(int32_t(i), found->second);
    }
    int64_t body = 0, names = 0;
    for (const LiveBlob& blob : view_.blobs) {
        body += blob.nBodyWords;
        names += blob.nNameWords;
    }
    const double nFiles = double(std::max<size_t>(1, view_.files.size()));
    averages_.path = std::max(1.0, double(total) / nFiles);
    averages_.body = std::max(1.0, double(body) / nFiles);
    averages_.names = std::max(1.0, double(names) / nFiles);
    averages_.chunk =
        std::max(1.0, double(body) / double(std::max<size_t>(1, view_.chunks.size())));
}

void Ranker::addFieldScores(const std::string& word,
                            const std::unordered_map<int32_t, Frequencies>& byFile) {
    const double weight = idf(double(view_.files.size()), double(byFile.size()));
    const auto damp = [](double count, double length, double average) {
        return count / (1 - kB + kB * length / average);
    };
    for (const auto& [file, counts] : byFile) {
        const LiveBlob& blob = view_.blobs[size_t(view_.files[size_t(file)].blob)];
        const double sum =
            kPathWeight * damp(counts.path, pathLengths_[size_t(file)], averages_.path) +
            kNameWeight * damp(counts.names, double(blob.nNameWords), averages_.names) +
            kBodyWeight * damp(counts.body, double(blob.nBodyWords), averages_.body);
        fields_[size_t(file)] += weight * sum / (kK1 + sum);
        auto& words = files_[size_t(file)].words;
        if (words.size() < kWordsPerFile) words.push_back(word);
    }
}

void Ranker::addChunkScores(const std::unordered_map<int32_t, Frequencies>& byChunk) {
    const double weight = idf(double(view_.chunks.size()), double(byChunk.size()));
    for (const auto& [chunk, counts] : byChunk) {
        const double length = view_.chunks[size_t(chunk)].nBodyWords;
        const double sum = (kNameWeight * counts.names + kBodyWeight * counts.body) /
                           (1 - kB + kB * length / averages_.chunk);
        chunks_[size_t(chunk)] += weight * sum / (kK1 + sum);
    }
}

base::Status Ranker::scoreWord(const std::string& word, Statement& occurrences) {
    std::unordered_map<int32_t, Frequencies> byChunk, byFile;
    std::unordered_map<int32_t, Frequencies> byBlob;
    occurrences.bind(1, word);
    while (true) {
        TRY_ASSIGN(const bool hasRow, occurrences.step());
        if (!hasRow) break;
        const auto chunk = view_.chunkById.find(occurrences.integer(0));
        if (chunk == view_.chunkById.end()) continue;  // of a blob that no path names any more
        const bool isName = occurrences.text(1) == "names";
        for (Frequencies* counts :
             {&byChunk[chunk->second], &byBlob[view_.chunks[size_t(chunk->second)].blob]})
            (isName ? counts->names : counts->body)++;
    }
    occurrences.reset();
    if (!byBlob.empty())
        for (size_t i = 0; i < view_.files.size(); i++)
            if (const auto found = byBlob.find(view_.files[i].blob); found != byBlob.end())
                byFile[int32_t(i)] = found->second;
    if (const auto paths = pathWords_.find(word); paths != pathWords_.end())
        for (const auto& [file, count] : paths->second)
            byFile[file].path = count;
    addFieldScores(word, byFile);
    addChunkScores(byChunk);
    return {};
}

base::Status Ranker::loadHistory() {
    std::unordered_map<std::string_view, int32_t> fileByPath;
    for (size_t i = 0; i < view_.files.size(); i++)
        fileByPath.emplace(view_.files[i].path, int32_t(i));
    historyLengths_.assign(view_.files.size(), 0);
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT commit_id, path, words FROM commits JOIN touch ON "
                                 "commit_id = commits.id WHERE is_live > 0"));
    double total = 0;
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        const auto file = fileByPath.find(query.text(1));
        if (file == fileByPath.end()) continue;
        filesOfCommit_[query.integer(0)].push_back(file->second);
        double& length = historyLengths_[size_t(file->second)];
        if (length == 0) filesWithHistory_++;
        length += double(query.integer(2));
        total += double(query.integer(2));
    }
    averages_.history = std::max(1.0, total / double(std::max<int64_t>(1, filesWithHistory_)));
    return {};
}

base::Status Ranker::scoreHistory(const std::string& word, Statement& occurrences) {
    std::unordered_map<int32_t, int32_t> byFile;
    occurrences.bind(1, word);
    while (true) {
        TRY_ASSIGN(const bool hasRow, occurrences.step());
        if (!hasRow) break;
        const auto files = filesOfCommit_.find(occurrences.integer(0));
        if (files == filesOfCommit_.end()) continue;
        for (const int32_t file : files->second)
            byFile[file]++;
    }
    occurrences.reset();
    const double weight = idf(double(filesWithHistory_), double(byFile.size()));
    for (const auto& [file, count] : byFile) {
        const double length = historyLengths_[size_t(file)] / averages_.history;
        const double sum = count / (1 - kB + kB * length);
        history_[size_t(file)] += weight * sum / (kK1 + sum);
    }
    return {};
}

// A file's four best chunks, so that a long file does not win by length.
void Ranker::sumChunks() {
    std::vector<double> byBlob(view_.blobs.size(), 0);
    std::vector<int32_t> best(view_.blobs.size(), -1);
    for (size_t i = 0; i < view_.blobs.size(); i++) {
        const LiveBlob& blob = view_.blobs[i];
        std::vector<double> scores;
        double top = 0;
        for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++) {
            const double score = chunks_[size_t(c)];
            if (score <= 0) continue;
            scores.push_back(score);
            if (score > top) {
                top = score;
                best[i] = c;
            }
        }
        std::sort(scores.rbegin(), scores.rend());
        for (size_t k = 0; k < std::min<size_t>(4, scores.size()); k++)
            byBlob[i] += scores[k];
    }
    for (size_t i = 0; i < view_.files.size(); i++) {
        chunkSums_[i] = byBlob[size_t(view_.files[i].blob)];
        files_[i].bestChunk = best[size_t(view_.files[i].blob)];
    }
}

void Ranker::fuse() {
    const auto add = [&](const std::vector<double>& scores, double share) {
        const double top = scores.empty() ? 0 : *std::max_element(scores.begin(), scores.end());
        if (top <= 0) return;
        for (size_t i = 0; i < scores.size(); i++)
            files_[i].score += share * scores[i] / top;
    };
    add(fields_, kFileShare);
    add(chunkSums_, kChunkShare);
    add(history_, kHistoryShare);
    for (size_t i = 0; i < files_.size(); i++)
        files_[i].isFromHistory = history_[i] > 0 && files_[i].words.empty();
}

// Identifiers of the request that are defined here. A name that is defined in many places says
// little about each.
base::Status Ranker::addNamed() {
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT blob, line_first FROM sym JOIN name ON name.id = sym.name "
                                 "WHERE name.text = ? AND is_declaration = 0"));
    const double topChunk = chunks_.empty() ? 0 : *std::max_element(chunks_.begin(), chunks_.end());
    for (const std::string& name : query_.identifiers) {
        std::vector<std::pair<int32_t, int32_t>> places;  // blob, line
        query.bind(1, name);
        while (true) {
            TRY_ASSIGN(const bool hasRow, query.step());
            if (!hasRow) break;
            const auto blob = view_.blobById.find(query.integer(0));
            if (blob != view_.blobById.end())
                places.emplace_back(blob->second, int32_t(query.integer(1)));
        }
        query.reset();
        if (places.empty() || places.size() > 30) continue;
        const double bonus = 1.0 / std::sqrt(double(places.size()));
        for (const auto& [blobAt, line] : places) {
            const LiveBlob& blob = view_.blobs[size_t(blobAt)];
            for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++) {
                const LiveChunk& chunk = view_.chunks[size_t(c)];
                if (line < chunk.lineFirst || line > chunk.lineLast) continue;
                chunks_[size_t(c)] += std::max(topChunk, 1.0) * bonus;
            }
            FileScore& file = files_[size_t(blob.file)];
            file.score += bonus;
            if (std::find(file.names.begin(), file.names.end(), name) == file.names.end())
                file.names.push_back(name);
        }
    }
    return {};
}

void Ranker::addPaths() {
    for (const std::string& path : query_.paths) {
        std::vector<size_t> places;
        for (size_t i = 0; i < view_.files.size(); i++) {
            const std::string& candidate = view_.files[i].path;
            if (candidate == path || candidate.ends_with("/" + path)) places.push_back(i);
        }
        if (places.empty() || places.size() > 20) continue;
        for (const size_t i : places) {
            files_[i].score += 2.0 / std::sqrt(double(places.size()));
            files_[i].isPathNamed = true;
        }
    }
}

// Quoted strings, found verbatim in the best hundred files.
void Ranker::addQuotes() {
    if (query_.quoted.empty()) return;
    std::vector<size_t> order;
    for (size_t i = 0; i < files_.size(); i++)
        if (files_[i].score > 0) order.push_back(i);
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return files_[a].score > files_[b].score; });
    order.resize(std::min<size_t>(order.size(), 100));
    for (const size_t i : order) {
        const LiveBlob& blob = view_.blobs[size_t(view_.files[i].blob)];
        const auto text = base::readFile(root_ / view_.files[i].path, kRankedBytesMax);
        if (!text || blob.chunkCount == 0) continue;
        for (const std::string& quote : query_.quoted) {
            const size_t at = text->find(quote);
            if (at == text->npos) continue;
            files_[i].score += 1.0;
            files_[i].hasQuote = true;
            const auto line =
                1 + int32_t(std::count(text->begin(), text->begin() + int64_t(at), '\n'));
            for (int32_t c = blob.chunkFirst; c < blob.chunkFirst + blob.chunkCount; c++)
                if (line >= view_.chunks[size_t(c)].lineFirst &&
                    line <= view_.chunks[size_t(c)].lineLast)
                    files_[i].bestChunk = c;
        }
    }
}

double Ranker::prior(const LiveFile& file) const {
    double factor = 1;
    if (!query_.isAboutTests && isTestPath(file.path)) factor *= 0.6;
    if (isVendoredPath(file.path)) factor *= 0.6;
    if (isGeneratedPath(file.path)) factor *= 0.3;
    const LiveBlob& blob = view_.blobs[size_t(file.blob)];
    if (!query_.isAboutDocs && language(blob.language).isData) factor *= 0.6;
    return factor;
}

void Ranker::applyPriors() {
    for (size_t i = 0; i < files_.size(); i++) {
        if (files_[i].score <= 0 || files_[i].isPathNamed) continue;
        files_[i].score *= prior(view_.files[i]);
    }
}

base::Result<Ranking> Ranker::run() {
    const size_t nFiles = view_.files.size();
    fields_.assign(nFiles, 0);
    chunkSums_.assign(nFiles, 0);
    history_.assign(nFiles, 0);
    chunks_.assign(view_.chunks.size(), 0);
    files_.resize(nFiles);
    for (size_t i = 0; i < nFiles; i++)
        files_[i].file = int32_t(i);
    preparePaths();
    TRY(loadHistory());
    TRY_ASSIGN(Statement words, database_.prepare("SELECT doc, col FROM word_at WHERE term=?"));
    TRY_ASSIGN(Statement messages, database_.prepare("SELECT doc FROM hist_at WHERE term=?"));
    for (const std::string& word : query_.words) {
        TRY(scoreWord(word, words));
        TRY(scoreHistory(word, messages));
    }
    TRY(addNamed());
    sumChunks();
    fuse();
    addPaths();
    addQuotes();
    applyPriors();

    Ranking ranking;
    ranking.chunkScores = std::move(chunks_);
    const double top = ranking.chunkScores.empty() ? 0
                                                   : *std::max_element(ranking.chunkScores.begin(),
                                                                       ranking.chunkScores.end());
    if (top > 0)
        for (double& score : ranking.chunkScores)
            score /= top;
    for (FileScore& file : files_)
        if (file.score > 0) ranking.files.push_back(std::move(file));
    std::stable_sort(ranking.files.begin(), ranking.files.end(),
                     [](const FileScore& a, const FileScore& b) { return a.score > b.score; });
    return ranking;
}

}  // namespace

base::Result<Ranking> rank(const Reading& reading, const Query& query,
                           const std::filesystem::path& root) {
    return Ranker(reading, query, root).run();
}

}  // namespace moxie::indexer
