// The rows of one source text: lines with numbers and, once they are known, colours, blocks that
// can be folded away, and who changed each line last. A line counts in the text, a row in what is
// shown. The lines one was sent to stand out. Threads: GUI thread only.
#pragma once
#include <set>

#include "app/desktop/canvas/line_source.h"
#include "app/desktop/canvas/text_place.h"
#include "app/desktop/screens/code/code_model.h"

namespace moxie::desktop {

class CodeSource final : public LineSource {
    Q_OBJECT

public:
    using LineSource::LineSource;

    // The same file keeps its folded blocks.
    void setSource(SourceTextSnapshot source);
    void setColours(HighlightSnapshot colours);
    // Null: nobody is shown.
    void setBlame(BlameSnapshot blame);
    // From 1, inclusive; 0, 0: none.
    void setMarked(int lineFirst, int lineLast);

    const SourceTextSnapshot& source() const { return source_; }

    bool hasColours() const { return colours_ != nullptr; }

    bool hasBlame() const { return blame_ != nullptr; }

    // ---- lines, from 1
    int64_t lineCount() const;
    int lineOf(int64_t row) const;
    // Behind the lines that the row stands for: one, or a folded block.
    int lineBehind(int64_t row) const;
    // Of a hidden line: that of the block's head.
    int64_t rowOf(int line) const;
    // Bytes of the lines, ends included. From 1, inclusive.
    std::string_view lines(int64_t lineFirst, int64_t lineLast) const;
    // Nullptr: not known, or nobody is shown.
    const tools::BlamedLines* blameOf(int line) const;

    // ---- blocks; each says reset() if anything is different
    // The block that begins there, or else the innermost around it.
    const indexer::FoldableBlock* blockAround(int line) const;
    void toggleFold(const indexer::FoldableBlock& block);
    // All functions; all blocks if there are none.
    void foldAll();
    void unfoldAll();
    // So that the line is seen.
    void reveal(int line);

    bool hasFolded() const { return !hidden_.empty(); }

    bool isFolded(const indexer::FoldableBlock& block) const {
        return folded_.contains(block.head);
    }

    // ---- LineSource
    int64_t rowCount() const override;
    LineRow row(int64_t row) const override;
    QString text(int64_t row) const override;
    QString textBehind(int64_t row) const override;
    QString spokenName(int64_t row) const override;
    int gutterColumns() const override;
    int64_t columnsMax() const override;

    // The identifier around a place, or one that ends there; empty: there is none.
    QString nameAt(TextPlace place) const;

private:
    struct HiddenLines {  // [first, last] from 0, and how many are hidden before
        int64_t first = 0, last = 0, nBefore = 0;
    };

    const std::vector<indexer::FoldableBlock>& blocks() const;
    const indexer::FoldableBlock* blockAt(int64_t line) const;
    void setFolded(std::set<int32_t> folded);
    void hide();
    std::string_view bytes(int64_t line) const;
    QString gutterOf(int64_t line) const;

    SourceTextSnapshot source_;
    HighlightSnapshot colours_;
    BlameSnapshot blame_;
    std::set<int32_t> folded_;  // heads, from 0
    std::vector<HiddenLines> hidden_;
    int markedFirst_ = 0, markedLast_ = 0;
};

}  // namespace moxie::desktop
