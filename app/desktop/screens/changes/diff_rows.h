// Which row of the one long diff is what: heads of files and hunks, lines around, removed and added
// lines, comments. Only numbers; the texts stay in the snapshot. Threads: GUI thread only.
#pragma once
#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "app/desktop/screens/changes/review_model.h"

namespace moxie::desktop {

enum class ContextLines : uint8_t { few, all };
enum class WhitespaceChanges : uint8_t { shown, folded };
enum class DiffLayout : uint8_t { unified, sideBySide };

struct DiffOptions {
    ContextLines context = ContextLines::few;
    WhitespaceChanges whitespace = WhitespaceChanges::shown;
    DiffLayout layout = DiffLayout::unified;
    bool operator==(const DiffOptions&) const = default;
};

struct DiffRow {
    enum class Kind : uint8_t {
        gap,  // before a file
        file,
        note,  // `line` is its number
        hunk,
        stale,
        context,  // `line` of the file as it is now
        removed,  // `line` of the hunk's removed ones
        added,
        pair,     // side by side: removed and added line `line`, or one of them alone
        comment,  // `line` is its number in the hunk
    };
    Kind kind = Kind::gap;
    int64_t file = 0;   // index in the snapshot
    int64_t hunk = -1;  // index in the file
    int64_t line = 0;
    bool operator==(const DiffRow&) const = default;
};

// Only its change of white space; false for one that adds or removes lines of text.
bool isWhitespaceOnly(const Hunk& hunk);

class DiffRows {
public:
    struct HunkRows {
        int64_t first = 0;  // its head, counted from the file's first row
        int64_t nContextBefore = 0, nContextAfter = 0, nRemoved = 0, nAdded = 0, nComments = 0;
        int64_t nPairs = 0;  // side by side; else 0
        bool isStale = false;
    };

    // How many comments each hunk of a file has; empty: none has.
    using CommentCounts = std::vector<int64_t>;

    void clear() { files_.clear(); }

    // Files come in order. `isFolded`: only the head. Cost: O(hunks).
    void append(const ReviewedFile& file, const DiffOptions& options, bool isFolded,
                const CommentCounts& comments);

    int64_t rowCount() const;
    // Requires: 0 <= row < rowCount(). Cost: O(log n).
    DiffRow at(int64_t row) const;

    int64_t fileRow(int64_t file) const { return files_[size_t(file)].headRow; }

    // The hunk's head; the file's if it is folded.
    int64_t hunkRow(int64_t file, int64_t hunk) const;
    // Behind the hunk's last row.
    int64_t hunkEnd(int64_t file, int64_t hunk) const;

    // Behind the file's last row.
    int64_t fileEnd(int64_t file) const { return files_[size_t(file)].end; }

    int64_t hunkCount(int64_t file) const { return int64_t(files_[size_t(file)].hunks.size()); }

    int64_t fileCount() const { return int64_t(files_.size()); }

private:
    struct FileRows {
        int64_t headRow = 0, nNotes = 0;
        int64_t end = 0;  // behind its last row
        std::vector<HunkRows> hunks;
        std::vector<int64_t> contextBegins;  // of each hunk, in the file as it is now
    };

    static DiffRow inHunk(const FileRows& rows, int64_t hunk, int64_t offset, DiffRow row);
    static int64_t lengthOf(const HunkRows& hunk);

    std::vector<FileRows> files_;
};

}  // namespace moxie::desktop
