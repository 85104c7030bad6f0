// The writing side of the index file: creates it, and puts parsed files, paths and commits into it.
// Threads: one thread at a time. Other processes may write too: every transaction starts by looking
// whether one did.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"
#include "indexer/parsed_file.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {

// What the index holds for one path.
struct PathRow {
    int64_t blob = 0;
    BlobHash hash = {};
    int32_t guess = 0;
    int64_t bytes = 0;
    int64_t modifiedNs = 0;  // 0: look at the bytes again
};

class Store {
public:
    // Creates the file or its tables if needed; a file that is broken or of another version is
    // deleted first. Fails: io, denied, busy.
    static base::Result<Store> open(const std::filesystem::path& file);

    base::Status begin();   // waits for another writer at most 10 s
    base::Status commit();  // also tells readers that there is something new
    void rollback();
    // Throws every row away, inside the current transaction.
    base::Status clear();

    base::Result<std::map<std::string, PathRow, std::less<>>> paths();
    base::Result<std::optional<int64_t>> findBlob(const BlobHash& hash, int32_t guess);
    // Of all blobs, also those no path names any more.
    base::Result<int64_t> storedBytes() const;

    base::Result<int64_t> addBlob(const ParsedFile& file);
    base::Status setPath(std::string_view path, int64_t blob, int64_t bytes, int64_t modifiedNs);
    base::Status removePath(std::string_view path);

    base::Result<bool> isKnownCommit(const BlobHash& hash);
    // `commits` become the history; those known before need no message or paths.
    base::Status setHistory(const BlobHash& head, const std::vector<Commit>& commits);
    base::Result<bool> hasHistoryOf(const BlobHash& head);

private:
    struct Statements {
        Statement findBlob, addBlob, setPath, removePath, findName, addName, addSymbol,
            addReference, addImport, addChunk, addWords, findCommit, addCommit, addTouch,
            addMessage;
    };

    struct ReferenceRow {
        int64_t name = 0, blob = 0, symbol = 0;
        int32_t role = 0, line = 0, count = 0;
    };

    base::Status prepareAll();
    base::Result<int64_t> nameId(std::string_view name);
    base::Result<std::vector<int64_t>> addSymbols(const ParsedFile& file, int64_t blob);
    base::Status addChunks(const ParsedFile& file, int64_t blob,
                           const std::vector<int64_t>& symbolIds);
    base::Status flushReferences();

    Database database_;
    Statements statements_;
    std::unordered_map<std::string, int64_t> nameIds_;
    std::vector<ReferenceRow> references_;  // of this transaction, sorted before they are written
    int64_t dataVersion_ = -1;
};

}  // namespace moxie::indexer
