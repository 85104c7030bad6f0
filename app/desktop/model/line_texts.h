// The lines of a file's text, and three texts merged line by line. A text may be absent: no file.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tools/git.h"

namespace moxie::desktop {

struct LineRange {  // from 0
    int64_t begin = 0, end = 0;
    bool operator==(const LineRange&) const = default;
};

// Shared by the actions that remember it; null: there is no such file.
using FileText = std::shared_ptr<const std::string>;

FileText makeText(std::string text);
bool isSame(const FileText& a, const FileText& b);
// "" for an absent one.
std::string_view bytesOf(const FileText& text);

// Lines with their ends; only the last one may have none. "" has no lines.
std::vector<std::string_view> linesWithEnds(std::string_view text);

// Reads lines of a text forward. `text` must outlive it. Cost: one pass over all calls.
class LineReader {
public:
    explicit LineReader(std::string_view text) : text_(text) {}

    // Lines [begin, end) with their ends. Requires: begin is not before the last call's end.
    std::vector<std::string> read(int64_t begin, int64_t end);
    // Where line `line` begins, in bytes. Requires: as read().
    size_t offsetOf(int64_t line);

private:
    std::string_view text_;
    int64_t line_ = 0;
    size_t offset_ = 0;
};

// Where two texts differ, line by line, kept up to date: after a change of one or both texts only
// the lines around it are compared again. An absent text counts as "".
class LineComparison {
public:
    LineComparison() = default;

    // Of a text with itself: no changes.
    explicit LineComparison(const FileText& text) : before_(text), after_(text) {}

    // Fails: internal; nothing is known then.
    base::Status update(const FileText& before, const FileText& after);

    // In order, not touching.
    const std::vector<tools::LineChange>& changes() const { return changes_; }

    // How many at the front and at the back the last update left as they were (the ones at the back
    // at other line numbers).
    int64_t keptFront() const { return keptFront_; }

    int64_t keptBack() const { return keptBack_; }

    // Whether lines [begin, end) of the second text touch a change. Cost: O(log n).
    bool touches(int64_t begin, int64_t end) const;

private:
    struct Window;
    base::Status compareWindow(const Window& window, std::string_view before,
                               std::string_view after);

    FileText before_, after_;
    std::vector<tools::LineChange> changes_;
    int64_t keptFront_ = 0, keptBack_ = 0;
};

// Lines [begin, end) of a text become `lines`.
struct LineEdit {
    int64_t begin = 0, end = 0;
    std::vector<std::string_view> lines = {};
};

// All edits at once; their lines count in `text` as it is. Requires: in order, not overlapping.
// Cost: one pass.
std::string editLines(std::string_view text, const std::vector<LineEdit>& edits);

// What `theirs` did to `ancestor`, done to `ours`. nullopt: both changed the same lines or lines
// that touch, or one of them removed the file that the other changed. Fails: internal.
base::Result<std::optional<FileText>> mergeTexts(const FileText& ancestor, const FileText& ours,
                                                 const FileText& theirs);

}  // namespace moxie::desktop
