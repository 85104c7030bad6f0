// Shows the rows of a LineSource: code, a diff, a log. All rows have one height, so a million of
// them cost as much as a screenful. Rows longer than kRowCharsMax are shown cut, with an ellipsis;
// find and copy take the whole text. Threads: GUI thread only.
#pragma once
#include <memory>
#include <unordered_map>

#include "app/desktop/canvas/canvas.h"
#include "app/desktop/canvas/line_source.h"

class QTextLayout;

namespace moxie::desktop {

class LineCanvas final : public Canvas {
    Q_OBJECT

public:
    static constexpr int kRowCharsMax = 10'000;

    // `source` must outlive the canvas.
    LineCanvas(LineSource& source, Appearance& appearance, QWidget* parent = nullptr);
    ~LineCanvas() override;

    int64_t itemCount() const override;
    QString itemText(int64_t item) const override;
    QString spokenName(int64_t item) const override;
    QRect itemRect(int64_t item) const override;
    ItemRange visibleItems() const override;
    std::vector<CanvasControl> controls(int64_t item) const override;
    void scrollToItem(int64_t item) override;
    QString textOf(TextRange range, CopyFormat format) const override;

    // Of the line numbers and signs at the left.
    int gutterWidth() const { return source_.gutterColumns() == 0 ? 0 : textLeft(); }

    // Row paints since construction, for the tests of "only what changed is painted".
    int64_t rowsPainted() const { return rowsPainted_; }

protected:
    int itemLength(int64_t item) const override;
    TextPlace placeAt(QPoint point) const override;
    QRect caretRect(TextPlace place) const override;
    TextPlace moved(TextPlace place, CaretMove move) const override;
    TextRange unitAround(TextPlace place, SelectionUnit unit) const override;
    void ensureVisible(TextPlace place) override;
    TextRange hitRange(TextPlace hit) override;
    void layOutAgain() override;

    int lineHeight() const override { return rowHeight_; }

    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    struct RowLayout {
        LineRow row;
        std::unique_ptr<QTextLayout> layout;
    };

    const RowLayout& layoutOf(int64_t row) const;
    void paintRow(QPainter& painter, int64_t row);
    void paintFocus(QPainter& painter, int64_t row) const;
    void paintGutter(QPainter& painter, const LineRow& row, const QRect& rect, QRgb ground);
    void forgetLayouts(int64_t first, int64_t count);
    void updateScrollBars();
    int textLeft() const;
    QRgb groundOf(RowTone tone) const;

    LineSource& source_;
    mutable std::unordered_map<int64_t, RowLayout> layouts_;  // bounded: visible rows and a few
    mutable int widestSeen_ = 0;
    int rowHeight_ = 16;
    int advance_ = 8;
    int baseline_ = 12;
    int64_t rowsPainted_ = 0;
};

}  // namespace moxie::desktop
