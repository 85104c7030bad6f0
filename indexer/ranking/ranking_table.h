// What ranking wants to know of the files of one state of the index besides their texts, read once:
// words of their paths, past commits, what kind of file each is. Immutable. Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"
#include "indexer/live_view.h"

namespace moxie::indexer {

// A word in the path of a file.
struct PathHit {
    int32_t file = 0;
    int16_t inStem = 0, inFolder = 0;
    bool isWholeStem = false;  // the file is called so
};

struct PastCommit {
    int64_t time = 0;
    int32_t words = 0;
    int32_t fileFirst = 0, fileCount = 0;  // in RankingTable::commitFiles
};

struct FileTraits {
    bool isTest = false, isVendored = false, isGenerated = false, isData = false;
    int32_t pathWords = 0;
    int32_t relatives = -1;  // number of the files that share this one's name
    int32_t touches = 0;     // by past commits
    double recency = 0;      // 1 is the file that changed most and latest
    double historyWords = 0;
};

struct RankingTable {
    int64_t generation = -1;
    std::vector<FileTraits> files;  // as LiveView::files
    std::unordered_map<std::string, std::vector<PathHit>> pathWords;
    std::vector<PastCommit> commits;  // newest first; equal times by hash
    std::vector<int32_t> commitFiles;
    std::unordered_map<int64_t, int32_t> commitByRow;
    std::vector<std::vector<int32_t>> relatives;    // files, by number
    std::vector<std::vector<int32_t>> filesOfBlob;  // as LiveView::blobs
    int32_t filesWithHistory = 0;
    double meanPathWords = 1, meanNameWords = 1, meanBodyWords = 1, meanChunkWords = 1;
    double meanHistoryWords = 1, meanCommitWords = 1;

    std::span<const int32_t> filesOf(const PastCommit& commit) const {
        return std::span(commitFiles).subspan(size_t(commit.fileFirst), size_t(commit.fileCount));
    }
};

using RankingTableSnapshot = std::shared_ptr<const RankingTable>;

// Requires: the transaction that `view` belongs to. Fails: corrupt, io.
base::Result<RankingTableSnapshot> loadRankingTable(const Database& database, const LiveView& view);

// "parse_list" of "src/parse_list_test.cpp", "tests/test_parse_list.py" and "src/parse_list.h".
std::string relativeName(std::string_view path);

}  // namespace moxie::indexer
