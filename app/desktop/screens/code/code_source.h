// The rows of one source text: lines with numbers and, once they are known, colours. The lines one
// was sent to stand out. Threads: GUI thread only.
#pragma once
#include "app/desktop/canvas/line_source.h"
#include "app/desktop/canvas/text_place.h"
#include "app/desktop/screens/code/code_model.h"

namespace moxie::desktop {

class CodeSource final : public LineSource {
    Q_OBJECT

public:
    using LineSource::LineSource;

    void setSource(SourceTextSnapshot source);
    void setColours(HighlightSnapshot colours);
    // From 1, inclusive; 0, 0: none.
    void setMarked(int lineFirst, int lineLast);

    const SourceTextSnapshot& source() const { return source_; }

    bool hasColours() const { return colours_ != nullptr; }

    int64_t rowCount() const override;
    LineRow row(int64_t row) const override;
    QString text(int64_t row) const override;
    QString spokenName(int64_t row) const override;
    int gutterColumns() const override;
    int64_t columnsMax() const override;

    // The identifier around a place, or one that ends there; empty: there is none.
    QString nameAt(TextPlace place) const;
    // Bytes of the lines, ends included. From 1, inclusive.
    std::string_view lines(int64_t lineFirst, int64_t lineLast) const;

private:
    std::string_view bytes(int64_t row) const;

    SourceTextSnapshot source_;
    HighlightSnapshot colours_;
    int markedFirst_ = 0, markedLast_ = 0;
};

// The colour of a token.
CodeRole codeRoleOf(indexer::TokenKind kind);

}  // namespace moxie::desktop
