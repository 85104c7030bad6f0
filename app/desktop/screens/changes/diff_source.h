// All files of a review as one text of rows for the LineCanvas. Knows what is folded, what is
// ticked as reviewed, the collected comments, and which hunk is the current one.
// Threads: GUI thread only.
#pragma once
#include <QString>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "app/desktop/canvas/line_source.h"
#include "app/desktop/screens/changes/diff_rows.h"
#include "app/desktop/screens/changes/review_model.h"

namespace moxie::desktop {

// A hunk in the snapshot that is shown; hunk -1: the file itself.
struct HunkPlace {
    int64_t file = -1, hunk = -1;
    bool operator==(const HunkPlace&) const = default;
};

struct HunkComment {
    std::string path;
    LineRange lines;                // of the file as it was commented on, from 0
    std::string anchor;             // first line of the hunk: it moves with it
    std::vector<std::string> diff;  // "-old" and "+new", without line ends
    QString text;
};

class DiffSource final : public LineSource {
    Q_OBJECT

public:
    using LineSource::LineSource;

    void setSnapshot(const ReviewSnapshot& snapshot);

    const ReviewSnapshot& snapshot() const { return snapshot_; }

    void setOptions(const DiffOptions& options);

    const DiffOptions& options() const { return options_; }

    void toggleFold(int64_t file);
    bool isFolded(int64_t file) const;
    void setReviewed(const std::string& path, bool isReviewed);

    bool isReviewed(const std::string& path) const { return reviewed_.contains(path); }

    void setCurrent(HunkPlace place);

    HunkPlace current() const { return current_; }

    void addComment(HunkComment comment);
    void removeComments();

    const std::vector<HunkComment>& comments() const { return comments_; }

    const DiffRows& rows() const { return rows_; }

    const ReviewedFile& file(int64_t index) const { return *snapshot_.files[size_t(index)]; }

    const Hunk* hunkAt(HunkPlace place) const;
    // Which hunk, whole or in part, the rows [begin, end] stand for; several: the first one.
    HunkRef refOf(HunkPlace place, int64_t firstRow, int64_t lastRow) const;
    HunkRef refOf(HunkPlace place) const;

    // "src/bpe.cpp lines 41 to 47", and for a screen reader with what it is.
    QString titleOf(HunkPlace place) const;
    QString spokenHunk(HunkPlace place) const;
    static QChar statusOf(const ReviewedFile& file);

    // ---- LineSource
    int64_t rowCount() const override { return rows_.rowCount(); }

    LineRow row(int64_t row) const override;
    QString spokenName(int64_t row) const override;

    int gutterColumns() const override { return gutterColumns_; }

private:
    void rebuild();
    std::vector<size_t> commentsOf(const ReviewedFile& file, const Hunk& hunk) const;
    LineRow fileRow(int64_t file) const;
    LineRow noteRow(const ReviewedFile& file, int64_t note) const;
    LineRow hunkRow(HunkPlace place) const;
    LineRow changedLine(const Hunk& hunk, const DiffRow& at) const;
    QString binaryText(const ReviewedFile& file) const;

    ReviewSnapshot snapshot_;
    DiffOptions options_;
    DiffRows rows_;
    std::set<std::string> unfolded_, folded_, reviewed_;
    std::vector<HunkComment> comments_;
    HunkPlace current_;
    int gutterColumns_ = 4;
};

}  // namespace moxie::desktop
