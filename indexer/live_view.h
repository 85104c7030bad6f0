// The current view of the repository, held in memory for ranking and packing: which paths there
// are, on which blobs, and the chunks of those blobs. An immutable snapshot, shared by readers.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"
#include "indexer/index.h"

namespace moxie::indexer {

struct LiveFile {
    std::string path;
    int32_t blob = 0;  // position in LiveView::blobs
};

struct LiveBlob {
    int64_t id = 0;
    int32_t language = 0;
    int32_t flags = 0;
    Tier tier = Tier::lexical;
    int64_t bytes = 0, lines = 0;
    int64_t nSymbols = 0, nUses = 0;
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

// From the id of a chunk to its position in LiveView::chunks. Ids are dense, so that is a look into
// an array; find() and end() as in a map.
class ChunkIds {
public:
    struct Entry {
        int64_t first = 0;    // id
        int32_t second = -1;  // position; -1: not alive
    };

    const Entry* find(int64_t id) const {
        if (id < 0 || id >= int64_t(entries_.size()) || entries_[size_t(id)].second < 0)
            return end();
        return &entries_[size_t(id)];
    }

    const Entry* end() const { return entries_.data() + entries_.size(); }

    void assign(const std::vector<LiveChunk>& chunks);

private:
    std::vector<Entry> entries_;
};

struct LiveView {
    int64_t generation = -1;
    std::vector<LiveFile> files;    // by path
    std::vector<LiveBlob> blobs;    // by their first path
    std::vector<LiveChunk> chunks;  // by blob, then line
    ChunkIds chunkById;
    std::unordered_map<int64_t, int32_t> blobById;
    std::vector<int32_t> nextFile;  // of each file: the next one with the same blob, or -1
};

using LiveViewSnapshot = std::shared_ptr<const LiveView>;

base::Result<int64_t> currentGeneration(const Database& database);
// Requires: a read transaction. `before`: an older view of the same file, or null. Cost: about 1 µs
// per chunk; after an older view that of what changed, and 0.3 µs per file.
base::Result<LiveViewSnapshot> loadLiveView(const Database& database, const LiveView* before);

// Null if there is none.
const LiveFile* findFile(const LiveView& view, std::string_view path);

}  // namespace moxie::indexer
