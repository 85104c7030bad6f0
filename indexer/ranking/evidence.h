// What the index holds of a request: where each of its words stands, and what it names verbatim.
// Gathered once; the scores are arithmetic over it. Threads: any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "indexer/query.h"
#include "indexer/ranking/ranking_table.h"
#include "indexer/reader.h"
#include "indexer/search_explanation.h"

namespace moxie::indexer {

struct WordCounts {
    int32_t at = 0;  // a blob, a chunk
    int32_t names = 0, body = 0;
};

struct WordEvidence {
    std::vector<WordCounts> blobs, chunks;          // ascending
    std::vector<PathHit> paths;                     // by file
    std::vector<std::pair<int32_t, int32_t>> past;  // commit, occurrences in its message
    int32_t files = 0;                              // that have it in text, names or path
};

struct PinPlace {
    PinKind kind = PinKind::name;
    std::string text;
    int32_t file = 0;
    int32_t line = 0;     // 0: the file as a whole
    int32_t chunk = -1;   // that holds the line
    double strength = 1;  // less if it may mean several places
};

struct Evidence {
    std::vector<WordEvidence> words;  // as Query::words
    std::vector<PinPlace> pins;
};

// Fails: corrupt, io. Cost: under 1 µs per chunk that has a word of the request, and reading the
// files that may hold a quoted string.
base::Result<Evidence> gatherEvidence(const Reading& reading, const RankingTable& table,
                                      const Query& query, const std::filesystem::path& root);

// The chunk that holds the line; -1: none.
int32_t chunkAt(const LiveView& view, int32_t file, int32_t line);

}  // namespace moxie::indexer
