// Shows the blocks of a BlockSource. Heights are estimated until a block is first seen, then
// measured; what one is looking at stays in place while blocks above it change. At most 64 blocks
// are laid out. Selection runs across blocks and copies as Markdown; a block selected in part is
// copied as its plain text; what is folded away is not copied. Threads: GUI thread only.
#pragma once
#include <vector>

#include "app/desktop/canvas/block_layouts.h"
#include "app/desktop/canvas/canvas.h"
#include "app/desktop/core/fenwick_tree.h"

namespace moxie::desktop {

class BlockCanvas final : public Canvas {
    Q_OBJECT

public:
    // `source` must outlive the canvas.
    BlockCanvas(BlockSource& source, Appearance& appearance, QWidget* parent = nullptr);
    ~BlockCanvas() override;

    int64_t itemCount() const override { return heights_.size(); }

    QString itemText(int64_t item) const override;
    QString spokenName(int64_t item) const override;
    QRect itemRect(int64_t item) const override;
    ItemRange visibleItems() const override;
    std::vector<CanvasControl> controls(int64_t item) const override;
    void scrollToItem(int64_t item) override;
    QString textOf(TextRange range, CopyFormat format) const override;

    // Block paints since construction, for the tests of "only what changed is painted".
    int64_t blocksPainted() const { return blocksPainted_; }

protected:
    int itemLength(int64_t item) const override;
    TextPlace placeAt(QPoint point) const override;
    QRect caretRect(TextPlace place) const override;
    TextPlace moved(TextPlace place, CaretMove move) const override;
    TextRange unitAround(TextPlace place, SelectionUnit unit) const override;
    void ensureVisible(TextPlace place) override;
    TextRange hitRange(TextPlace hit) override;
    void toggleFold(int64_t item) override;
    void layOutAgain() override;
    int lineHeight() const override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void scrollContentsBy(int dx, int dy) override;

private:
    // The block at the upper edge and how many of its pixels are above it. This, not the scroll
    // bar, is the truth: heights above may be corrected at any time.
    struct Anchor {
        int64_t block = 0;
        int64_t inside = 0;
    };

    void takeSplice(qint64 first, qint64 removed, qint64 inserted);
    void takeChange(qint64 first, qint64 count);
    void estimateAll();
    void measure(int64_t block);
    Anchor anchorAt(int64_t y) const;
    int64_t topOf(Anchor anchor) const;
    int64_t settle();
    int64_t measureFrom(Anchor anchor);
    void stickToEnd(int64_t firstChanged);
    void shiftAnchor(int64_t pixels);
    void updateScrollBar();
    void updateFrom(int64_t y);
    int columnLeft() const;
    int columnWidth() const;
    void paintBlock(QPainter& painter, int64_t block);
    void paintFrame(QPainter& painter, const BlockLayout& layout, QPoint at) const;
    void paintFocus(QPainter& painter, int64_t block) const;
    void paintHead(QPainter& painter, const BlockLayout& layout, QPoint at) const;
    void paintText(QPainter& painter, const BlockLayout& layout, QPoint at, int64_t block) const;

    BlockSource& source_;
    mutable BlockLayouts layouts_;
    FenwickTree heights_;
    Anchor anchor_;
    bool isPlacing_ = false;  // we move the scroll bar ourselves
    int64_t blocksPainted_ = 0;
};

}  // namespace moxie::desktop
