// All names of a repository in memory, for "go to" while one types: files and symbols packed into
// one buffer, so that 200,000 are looked through in some ten milliseconds. Filled once, then an
// immutable snapshot. Threads: const functions from any thread.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/screens/code/code_model.h"

namespace moxie::desktop {

class CodeTable {
public:
    void addFile(const indexer::FileEntry& file);
    // Requires: the file was added, and symbols come in the order of their files.
    void addSymbol(const indexer::SymbolEntry& symbol);

    int64_t fileCount() const { return int64_t(files_.size()); }

    int64_t symbolCount() const { return int64_t(symbols_.size()); }

    // Best first. Names that have the typed letters in their order; whole words and beginnings come
    // first. Empty as soon as `isOutdated` says so. Cost: about 0.1 µs per name.
    std::vector<CodeHit> find(const CodeQuery& query, int64_t limit,
                              const std::function<bool()>& isOutdated) const;
    // The files of `paths` that there are, then others, by path.
    std::vector<CodeHit> filesFirst(const QStringList& paths, const CodeQuery& query,
                                    int64_t limit) const;
    std::vector<CodeHit> symbolsOf(const QString& path) const;  // by line
    std::vector<CodeHit> symbolsNamed(const QString& name, int64_t limit) const;
    // What lies in a folder ("": the repository), at most `limit` of it. Cost: O(entries · log n).
    FolderListing listing(const QString& folder, int64_t limit) const;
    // Nullptr: there is none.
    const indexer::FileEntry* file(std::string_view path) const;

private:
    // Of names_ and folded_, which are equal but for case.
    struct Name {
        uint32_t begin = 0;
        uint16_t length = 0;
    };

    struct SymbolRow {
        uint64_t letters = 0;  // which occur in the name
        Name name, parent;
        uint32_t file = 0;
        int32_t lineFirst = 0, lineLast = 0;
        uint32_t bytes = 0;
        indexer::SymbolKind kind = indexer::SymbolKind::function;
        bool isDeclaration = false;
    };

    struct FileRow {
        uint64_t letters = 0;  // of the whole path
        Name path;
        uint16_t ownName = 0;  // where the file's own name begins in the path
        indexer::FileEntry entry;
    };

    struct Candidate {
        int score = 0;
        uint32_t row = 0;
        CodeHitKind kind = CodeHitKind::file;
    };

    struct Pattern;

    Name addName(std::string_view text);
    std::string_view text(Name name) const;
    std::string_view folded(Name name) const;
    int scoreOf(const FileRow& row, const Pattern& pattern) const;
    int scoreOf(const SymbolRow& row, const Pattern& pattern) const;
    std::vector<Candidate> candidates(const CodeQuery& query, const Pattern& pattern,
                                      const std::function<bool()>& isOutdated) const;
    CodeHit hitOf(const Candidate& candidate) const;
    CodeHit hitOf(const FileRow& row) const;
    CodeHit hitOf(const SymbolRow& row) const;

    std::string names_, folded_;
    std::vector<FileRow> files_;      // by path
    std::vector<SymbolRow> symbols_;  // by file
};

using CodeTableSnapshot = std::shared_ptr<const CodeTable>;

// Fails: what the index fails with.
base::Result<CodeTableSnapshot> loadCodeTable(const indexer::Index& index,
                                              const std::stop_token& stop);

}  // namespace moxie::desktop
