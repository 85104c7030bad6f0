// The writing side of the index file: creates it, and puts parsed files, paths and commits into it.
// Threads: one thread at a time. Other processes may write too: every transaction starts by looking
// whether one did.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"
#include "indexer/parsed_file.h"
#include "indexer/postings.h"
#include "indexer/text_table.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {

// What the index holds for one path.
struct PathRow {
    int64_t blob = 0;
    BlobHash hash = {};
    int32_t guess = 0;
    int64_t bytes = 0;
    int64_t modifiedNs = 0;  // 0: look at the bytes again
    bool isPending = false;  // a better tier is to come
};

// What the index holds for one text.
struct BlobRow {
    int64_t id = 0;
    bool isPending = false;
};

class Store {
public:
    // Creates the file or its tables if needed; a file that is broken or of another version is
    // deleted first. Fails: io, denied, busy.
    static base::Result<Store> open(const std::filesystem::path& file);
    // Fails: corrupt, if the file was removed or another process made it again.
    base::Status checkFile() const;

    // Of its file: another file at the same path has another one.
    uint64_t inode() const { return inode_; }

    // Another one when all rows were thrown away, by whomever. Fails: corrupt, io.
    base::Result<int64_t> epoch() const;
    // An empty index in place of a damaged one, or the one that another process made again. What
    // was not committed is lost. Fails: io, denied, busy; the store is of no use then.
    base::Status remake(const base::Error& why);

    base::Status begin();   // waits for another writer at most 10 s
    base::Status commit();  // also tells readers that there is something new
    // For what no reader sees: times of files.
    base::Status commitQuietly();
    void rollback();
    // Moves the write-ahead log of a large load into the file, unless a reader needs it.
    base::Status shrinkLog();
    // Throws every row away, inside the current transaction.
    base::Status clear();

    base::Result<std::map<std::string, PathRow, std::less<>>> paths();
    base::Result<std::optional<PathRow>> findPath(std::string_view path);
    // Paths of the files in a folder.
    base::Result<std::vector<std::string>> pathsIn(const std::string& folder);
    base::Result<std::optional<BlobRow>> findBlob(const BlobHash& hash, int32_t guess);
    // Of all blobs, also those no path names any more.
    base::Result<int64_t> storedBytes() const;

    // Adds it, brings a pending one to its last tier, or returns the one there is. Words that were
    // left out and are not there are counted.
    base::Result<int64_t> addBlob(ParsedFile& file);

    base::Status setPath(std::string_view path, int64_t blob, int64_t bytes, int64_t modifiedNs);
    base::Status removePath(std::string_view path);

    // Sorted, without merges.
    base::Result<std::vector<BlobHash>> knownCommits();
    // `commits` become the history; those known before need no message or paths.
    base::Status setHistory(const BlobHash& head, const std::vector<Commit>& commits);
    base::Result<bool> hasHistoryOf(const BlobHash& head);
    // When a commit last touched a path; those that no known commit touched are left out.
    base::Result<std::unordered_map<std::string, int64_t>> lastTouches();

private:
    struct KnownChunk {
        int64_t id = 0, lineLast = 0, namesHash = 0, symbol = 0;
    };

    struct SymbolNames {
        int64_t name = 0, parent = 0;
        bool operator==(const SymbolNames&) const = default;
    };

    struct KnownSymbol {
        int64_t id = 0;
        SymbolNames names;
        int64_t kind = 0, isDeclaration = 0;
        int64_t lineFirst = 0, lineLast = 0, byteFirst = 0, byteLast = 0;
        std::string signature;
    };

    using KnownChunks = std::unordered_map<int64_t, KnownChunk>;  // by first line

    struct Statements {
        Statement findBlob, addBlob, upgradeBlob, findPath, setPath, removePath, findName, addName,
            addSymbol, findSymbols, changeSymbol, removeSymbols, setUses, addImport, findChunks,
            addChunk, setChunkSymbol, removeChunk, findCommit, addCommit, addTouch;
    };

    static base::Result<Store> openOnce(const std::filesystem::path& file);
    base::Status readCounters();
    base::Status prepareAll();
    base::Result<int64_t> nameId(std::string_view name);
    void forgetNames();
    // Whether names_ has every name of the file.
    base::Status noteWhetherNamesAreAll();
    // Their names become known too. Of parents: 0 if there is none.
    base::Result<std::vector<SymbolNames>> namesOfSymbols(const ParsedFile& file);
    // The symbols of the blob become those of `file`; returns their ids, which ascend. Rows stay if
    // names and first lines are as before.
    base::Result<std::vector<int64_t>> setSymbols(const ParsedFile& file, int64_t blob);
    base::Result<std::vector<KnownSymbol>> knownSymbols(int64_t blob);
    base::Status changeSymbol(const KnownSymbol& known, const OutlineSymbol& symbol,
                              const SymbolNames& names);
    base::Result<int64_t> addSymbol(const OutlineSymbol& symbol, const SymbolNames& names,
                                    int64_t blob);
    base::Result<int64_t> addChunk(const Chunk& chunk, int64_t blob, int64_t symbol);
    base::Result<KnownChunks> knownChunks(int64_t blob);
    // The chunks become those of `file`; what is as before keeps its row.
    base::Status setChunks(ParsedFile& file, int64_t blob, const std::vector<int64_t>& symbolIds);
    base::Result<int64_t> addBlobRow(const ParsedFile& file);
    base::Status upgradeBlobRow(const ParsedFile& file, int64_t blob);
    base::Status addContents(ParsedFile& file, int64_t blob);
    base::Status addUses(const ParsedFile& file, int64_t blob,
                         const std::vector<int64_t>& symbolIds);
    base::Result<bool> isKnownCommit(const BlobHash& hash);
    base::Status addCommit(const Commit& commit);
    base::Status writePostings();

    std::filesystem::path file_;
    uint64_t inode_ = 0;
    Database database_;
    Statements statements_;
    TextTable names_;  // whose ids are known
    std::vector<int64_t> nameIds_;
    bool hasAllNames_ = false;
    // Of this transaction, not yet written.
    PostingWriter chunkWords_{PostingList::chunks}, commitWords_{PostingList::commits},
        usedNames_{PostingList::uses};
    int64_t dataVersion_ = -1;
    int64_t generation_ = 0;  // that commit() will make
    int64_t lastChunk_ = 0;   // the highest number a chunk ever had
};

}  // namespace moxie::indexer
