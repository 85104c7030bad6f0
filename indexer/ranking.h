// Which files and chunks a request is about: three BM25 retrievers (fields of a file, chunks,
// commit messages) fused, with what the request names verbatim on top. Computed over live rows
// only, so that equal trees give equal scores whatever the index went through. Threads: any thread.
// Source: Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "indexer/query.h"
#include "indexer/reader.h"

namespace moxie::indexer {

struct FileScore {
    int32_t file = 0;  // in LiveView::files
    double score = 0;
    int32_t bestChunk = -1;          // in LiveView::chunks
    std::vector<std::string> names;  // defined here and named in the request
    std::vector<std::string> words;  // of the request, found here
    bool isPathNamed = false;
    bool hasQuote = false;
    bool isFromHistory = false;
};

struct Ranking {
    std::vector<FileScore> files;     // score above zero, best first, ties by path
    std::vector<double> chunkScores;  // by position in LiveView::chunks, the best is 1
};

// Fails: corrupt, io. Cost: about 1 µs per occurrence of a word of the request.
base::Result<Ranking> rank(const Reading& reading, const Query& query,
                           const std::filesystem::path& root);

}  // namespace moxie::indexer
