// All files of a review as one text of rows for the LineCanvas. Knows what is folded, what is
// ticked as reviewed, the collected comments, and which hunk is the current one.
// Threads: GUI thread only.
#pragma once
#include <QString>
#include <QStringList>
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
    auto operator<=>(const HunkPlace&) const = default;
};

struct HunkComment {
    std::string path;
    LineRange lines;                // of the file as it was commented on, from 0
    std::string anchor;             // first line of the hunk: it moves with it
    std::vector<std::string> diff;  // "-old" and "+new", without line ends
    QString text;
};

class ColouredTexts;
struct MovedHunk;

class DiffSource final : public LineSource {
    Q_OBJECT

public:
    using LineSource::LineSource;

    // Its texts are shown in colours as soon as they have any. `colours` outlives this.
    void setColours(const ColouredTexts& colours);
    void setSnapshot(const ReviewSnapshot& snapshot);

    const ReviewSnapshot& snapshot() const { return snapshot_; }

    // Of the files of the snapshot.
    void setMoved(const std::vector<MovedHunk>& moved);
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

    // Side by side: the right side, the lines as they are now.
    LineRow row(int64_t row) const override;
    // Side by side: the left side, the lines as they were.
    LineRow rowBefore(int64_t row) const;
    QString spokenName(int64_t row) const override;

    int gutterColumns() const override { return gutterColumns_; }

private:
    // What a row of two sides shows on one of them.
    enum class Part : uint8_t { whole, left, right };

    void rebuild();
    std::vector<size_t> commentsOf(const ReviewedFile& file, const Hunk& hunk) const;
    LineRow headRow(const DiffRow& at, Part part) const;
    LineRow fileRow(int64_t file, Part part) const;
    LineRow noteRow(const ReviewedFile& file, int64_t note) const;
    LineRow hunkRow(HunkPlace place, Part part) const;
    LineRow commentRow(const DiffRow& at) const;
    LineRow contextLine(const DiffRow& at, Part part) const;
    LineRow changedLine(const DiffRow& at) const;
    LineRow sideLine(const DiffRow& at, Part part) const;
    static QString authorText(HunkAuthor author);
    QString binaryText(const ReviewedFile& file) const;
    QStringList factsOf(HunkPlace place, Part part) const;
    QString stateOf(HunkPlace place) const;
    QString movedText(HunkPlace place) const;
    void colour(LineRow& row, const FileText& text, int64_t line) const;

    ReviewSnapshot snapshot_;
    DiffOptions options_;
    DiffRows rows_;
    const ColouredTexts* colours_ = nullptr;
    std::set<std::string> unfolded_, folded_, reviewed_;
    std::vector<HunkComment> comments_;
    HunkPlace current_;
    std::map<HunkPlace, HunkPlace> movedFrom_, movedTo_;
    int gutterColumns_ = 4;
};

// The left side of a DiffSource whose layout is sideBySide. Threads: GUI thread only.
class BeforeSource final : public LineSource {
    Q_OBJECT

public:
    // `source` outlives this.
    BeforeSource(const DiffSource& source, QObject* parent);

    int64_t rowCount() const override { return source_.rowCount(); }

    LineRow row(int64_t row) const override { return source_.rowBefore(row); }

    QString spokenName(int64_t row) const override;

    int gutterColumns() const override { return source_.gutterColumns(); }

private:
    const DiffSource& source_;
};

}  // namespace moxie::desktop
