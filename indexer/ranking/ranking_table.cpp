#include "indexer/ranking/ranking_table.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "indexer/language.h"
#include "indexer/parsed_file.h"
#include "indexer/words.h"

namespace moxie::indexer {
namespace {

constexpr double kRecentCommits = 300;  // after so many a change counts a third
constexpr size_t kRelativesMax = 12;    // index.ts and __init__.py are no name

template <class Visit>
void eachPathWord(std::string_view words, const Visit& visit) {
    while (!words.empty()) {
        const size_t end = std::min(words.find(' '), words.size());
        visit(words.substr(0, end));
        words.remove_prefix(std::min(end + 1, words.size()));
    }
}

std::string_view stemOf(std::string_view path) {
    std::string_view name = path.substr(path.rfind('/') + 1);
    const size_t dot = name.find('.', 1);
    return name.substr(0, dot);
}

void lowerAscii(std::string& text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
}

class TableMaker {
public:
    TableMaker(const Database& database, const LiveView& view)
        : database_(database),
          view_(view),
          table_(std::make_shared<RankingTable>()) {}

    base::Result<RankingTableSnapshot> run();

private:
    void addPath(int32_t file, std::string_view path);
    void addTraits();
    void addMeans();
    base::Status addCommits();
    base::Status addTouches();
    void addRecency();

    const Database& database_;
    const LiveView& view_;
    std::shared_ptr<RankingTable> table_;
    std::vector<std::pair<int32_t, int32_t>> touches_;  // commit, file
    int64_t pathWords_ = 0;
};

void TableMaker::addPath(int32_t file, std::string_view path) {
    const std::string_view stem = stemOf(path);
    const std::string_view folder = path.substr(0, path.rfind('/') + 1);
    const std::string_view end = path.substr(folder.size() + stem.size());
    std::vector<std::pair<std::string, PathHit>> hits;
    const auto add = [&](std::string_view text, int16_t PathHit::*counter) {
        std::string words;
        const int64_t count = appendWords(text, words);
        eachPathWord(words, [&](std::string_view word) {
            auto at = std::find_if(hits.begin(), hits.end(),
                                   [&](const auto& hit) { return hit.first == word; });
            if (at == hits.end()) at = hits.insert(hits.end(), {std::string(word), {.file = file}});
            (at->second.*counter)++;
        });
        return count;
    };
    int64_t count = add(stem, &PathHit::inStem);
    // The name as a whole: its only word, or the one that appendWords puts last.
    if (!hits.empty()) hits.back().second.isWholeStem = true;
    count += add(folder, &PathHit::inFolder) + add(end, &PathHit::inFolder);
    table_->files[size_t(file)].pathWords = int32_t(count);
    pathWords_ += count;
    for (auto& [word, hit] : hits)
        table_->pathWords[word].push_back(hit);
}

void TableMaker::addTraits() {
    std::unordered_map<std::string, std::vector<int32_t>> byName;
    table_->filesOfBlob.resize(view_.blobs.size());
    for (size_t i = 0; i < view_.files.size(); i++) {
        const LiveFile& file = view_.files[i];
        const LiveBlob& blob = view_.blobs[size_t(file.blob)];
        FileTraits& traits = table_->files[i];
        traits.isTest = isTestPath(file.path);
        traits.isVendored = isVendoredPath(file.path);
        traits.isGenerated = isGeneratedPath(file.path) || (blob.flags & kFlagGenerated) != 0;
        traits.isData = language(blob.language).isData;
        table_->filesOfBlob[size_t(file.blob)].push_back(int32_t(i));
        addPath(int32_t(i), file.path);
        if (!traits.isData) byName[relativeName(file.path)].push_back(int32_t(i));
    }
    for (auto& [name, files] : byName) {
        if (files.size() < 2 || files.size() > kRelativesMax || name.size() < 3) continue;
        for (const int32_t file : files)
            table_->files[size_t(file)].relatives = int32_t(table_->relatives.size());
        table_->relatives.push_back(std::move(files));
    }
}

void TableMaker::addMeans() {
    int64_t body = 0, names = 0;
    for (const LiveBlob& blob : view_.blobs) {
        body += blob.nBodyWords;
        names += blob.nNameWords;
    }
    const auto mean = [](int64_t total, size_t count) {
        return std::max(1.0, double(total) / double(std::max<size_t>(1, count)));
    };
    table_->meanPathWords = mean(pathWords_, view_.files.size());
    table_->meanBodyWords = mean(body, view_.files.size());
    table_->meanNameWords = mean(names, view_.files.size());
    table_->meanChunkWords = mean(body, view_.chunks.size());
}

// Row numbers depend on what the index went through, so commits are ordered by what they are.
base::Status TableMaker::addCommits() {
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT id, time, words FROM commits WHERE is_live > 0 "
                                 "ORDER BY time DESC, hash"));
    int64_t words = 0;
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        table_->commitByRow.emplace(query.integer(0), int32_t(table_->commits.size()));
        table_->commits.push_back({.time = query.integer(1), .words = int32_t(query.integer(2))});
        words += query.integer(2);
    }
    table_->meanCommitWords =
        std::max(1.0, double(words) / double(std::max<size_t>(1, table_->commits.size())));
    return {};
}

base::Status TableMaker::addTouches() {
    std::unordered_map<std::string_view, int32_t> fileByPath;
    for (size_t i = 0; i < view_.files.size(); i++)
        fileByPath.emplace(view_.files[i].path, int32_t(i));
    TRY_ASSIGN(Statement query, database_.prepare("SELECT commit_id, path FROM touch"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        const auto commit = table_->commitByRow.find(query.integer(0));
        if (commit == table_->commitByRow.end()) continue;
        const auto file = fileByPath.find(query.text(1));
        if (file != fileByPath.end()) touches_.emplace_back(commit->second, file->second);
    }
    std::sort(touches_.begin(), touches_.end());
    for (const auto& [commit, file] : touches_) {
        PastCommit& past = table_->commits[size_t(commit)];
        if (past.fileCount++ == 0) past.fileFirst = int32_t(table_->commitFiles.size());
        table_->commitFiles.push_back(file);
        FileTraits& traits = table_->files[size_t(file)];
        if (traits.touches++ == 0) table_->filesWithHistory++;
        traits.historyWords += past.words;
        traits.recency += std::exp(-double(commit) / kRecentCommits);
    }
    return {};
}

void TableMaker::addRecency() {
    double most = 0, words = 0;
    for (FileTraits& traits : table_->files) {
        traits.recency = std::log1p(traits.recency);
        most = std::max(most, traits.recency);
        words += traits.historyWords;
    }
    if (most > 0)
        for (FileTraits& traits : table_->files)
            traits.recency /= most;
    table_->meanHistoryWords =
        std::max(1.0, words / double(std::max<int32_t>(1, table_->filesWithHistory)));
}

base::Result<RankingTableSnapshot> TableMaker::run() {
    table_->generation = view_.generation;
    table_->files.resize(view_.files.size());
    addTraits();
    addMeans();
    TRY(addCommits());
    TRY(addTouches());
    addRecency();
    return RankingTableSnapshot(std::move(table_));
}

}  // namespace

std::string relativeName(std::string_view path) {
    std::string name(stemOf(path));
    lowerAscii(name);
    for (const std::string_view start : {"test_", "tst_", "test-"})
        if (name.starts_with(start)) name.erase(0, start.size());
    for (const std::string_view end :
         {"_test", "_tests", "-test", "-inl", "_spec", "test", "tests", "_unittest"})
        if (name.size() > end.size() + 2 && name.ends_with(end)) {
            name.erase(name.size() - end.size());
            break;
        }
    return name;
}

base::Result<RankingTableSnapshot> loadRankingTable(const Database& database,
                                                    const LiveView& view) {
    return TableMaker(database, view).run();
}

}  // namespace moxie::indexer
