// The current view of the repository, held in memory for ranking and packing: which paths there
// are, on which blobs, and the chunks of those blobs. An immutable snapshot, shared by readers.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"

namespace moxie::indexer {

struct LiveFile {
    std::string path;
    int32_t blob = 0;  // position in LiveView::blobs
};

struct LiveBlob {
    int64_t id = 0;
    int32_t language = 0;
    int32_t flags = 0;
    int64_t bytes = 0, lines = 0;
    int32_t file = 0;                        // the first path that has it
    int32_t chunkFirst = 0, chunkCount = 0;  // in LiveView::chunks
    int64_t nBodyWords = 0, nNameWords = 0;
};

struct LiveChunk {
    int64_t id = 0;
    int32_t blob = 0;
    int64_t symbol = 0;  // sym.id or 0
    int32_t lineFirst = 0, lineLast = 0;
    int32_t nBodyWords = 0, nNameWords = 0;
};

struct LiveView {
    int64_t generation = -1;
    std::vector<LiveFile> files;    // by path
    std::vector<LiveBlob> blobs;    // by id
    std::vector<LiveChunk> chunks;  // by blob, then line
    std::unordered_map<int64_t, int32_t> chunkById;
    std::unordered_map<int64_t, int32_t> blobById;
};

using LiveViewSnapshot = std::shared_ptr<const LiveView>;

base::Result<int64_t> currentGeneration(const Database& database);
// Requires: a read transaction. Cost: about 1 µs per chunk.
base::Result<LiveViewSnapshot> loadLiveView(const Database& database);

}  // namespace moxie::indexer
