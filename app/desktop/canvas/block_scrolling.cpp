// Where the blocks of a BlockCanvas are: heights estimated and measured, the anchor, the scroll
// bar, and what has to be painted again when the source or the width changes.
#include <QFontMetrics>
#include <QScrollBar>
#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "app/desktop/canvas/block_canvas.h"

namespace moxie::desktop {

namespace {

constexpr int kColumnCharsMax = 110;  // longer lines are hard to read
constexpr int kSettleTurnsMax = 4;    // each turn only gets nearer: heights are measured once
constexpr int64_t kNothing = std::numeric_limits<int64_t>::max();

}  // namespace

int BlockCanvas::columnWidth() const {
    const QFontMetrics metrics(look().font(TextRole::body, zoomPercent()));
    return std::clamp(viewport()->width() - 2 * grid(4), grid(20),
                      kColumnCharsMax * metrics.averageCharWidth());
}

int BlockCanvas::columnLeft() const {
    return std::max(grid(4), (viewport()->width() - columnWidth()) / 2);
}

int BlockCanvas::lineHeight() const {
    return QFontMetrics(look().font(TextRole::body, zoomPercent())).lineSpacing();
}

void BlockCanvas::estimateAll() {
    std::vector<int64_t> heights(size_t(std::max<int64_t>(0, source_.blockCount())));
    for (size_t i = 0; i < heights.size(); ++i)
        heights[i] = layouts_.estimate(int64_t(i));
    heights_.assign(std::move(heights));
}

void BlockCanvas::measure(int64_t block) {
    heights_.set(block, layouts_.of(block).height);
}

// What is at `y` pixels of the whole content.
BlockCanvas::Anchor BlockCanvas::anchorAt(int64_t y) const {
    if (itemCount() == 0) return {};
    const int64_t block = std::min(heights_.rowAt(y), itemCount() - 1);
    return {block, y - heights_.top(block)};
}

int64_t BlockCanvas::topOf(Anchor anchor) const {
    return heights_.top(anchor.block) + anchor.inside;
}

// ---- settling: each returns from which y of the viewport on the picture is different

int64_t BlockCanvas::measureFrom(Anchor anchor) {
    int64_t movedFrom = kNothing;
    int64_t y = -anchor.inside;
    for (int64_t block = anchor.block; block < itemCount() && y < viewport()->height(); ++block) {
        const int64_t before = heights_.height(block);
        measure(block);
        if (heights_.height(block) != before)
            movedFrom = std::min(movedFrom, std::max<int64_t>(0, y));
        y += heights_.height(block);
    }
    return movedFrom;
}

// Measures what is visible and puts the scroll bar where the anchor says.
int64_t BlockCanvas::settle() {
    int64_t movedFrom = kNothing;
    for (int turn = 0; turn < kSettleTurnsMax; ++turn) {
        movedFrom = std::min(movedFrom, measureFrom(anchor_));
        updateScrollBar();
        const int64_t wanted = topOf(anchor_);
        const int64_t possible = std::clamp<int64_t>(wanted, 0, verticalScrollBar()->maximum());
        isPlacing_ = true;
        verticalScrollBar()->setValue(int(possible));
        isPlacing_ = false;
        if (possible == wanted) break;
        anchor_ = anchorAt(possible);  // near the end: the content is shorter than thought
        movedFrom = 0;
    }
    placePill();
    return movedFrom;
}

void BlockCanvas::updateScrollBar() {
    const int64_t range = std::clamp<int64_t>(heights_.total() + grid(4) - viewport()->height(), 0,
                                              std::numeric_limits<int>::max() / 2);
    isPlacing_ = true;
    verticalScrollBar()->setRange(0, int(range));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(lineHeight());
    isPlacing_ = false;
}

void BlockCanvas::updateFrom(int64_t y) {
    if (y < viewport()->height())
        viewport()->update(0, int(std::max<int64_t>(0, y)), viewport()->width(),
                           viewport()->height());
}

// Shows the end; blocks before `firstChanged` only moved.
void BlockCanvas::stickToEnd(int64_t firstChanged) {
    const Anchor before = anchor_;
    for (int turn = 0; turn < kSettleTurnsMax; ++turn) {
        anchor_ = anchorAt(std::max<int64_t>(0, heights_.total() + grid(4) - viewport()->height()));
        if (measureFrom(anchor_) == kNothing) break;
    }
    settle();
    if (firstChanged <= before.block || before.block >= itemCount()) return viewport()->update();
    const int64_t shift = topOf(before) - topOf(anchor_);
    if (std::abs(shift) >= viewport()->height()) return viewport()->update();
    if (shift != 0) viewport()->scroll(0, int(shift));
    updateFrom(itemRect(firstChanged).top());
}

// ---- scrolling

// Moves the anchor by exactly `pixels`, measuring what comes in from above, so that what one sees
// moves as far as the wheel said whatever was estimated.
void BlockCanvas::shiftAnchor(int64_t pixels) {
    anchor_.inside += pixels;
    while (anchor_.inside < 0 && anchor_.block > 0) {
        measure(--anchor_.block);
        anchor_.inside += heights_.height(anchor_.block);
    }
    while (anchor_.block + 1 < itemCount() && anchor_.inside >= heights_.height(anchor_.block)) {
        anchor_.inside -= heights_.height(anchor_.block);
        ++anchor_.block;
    }
}

void BlockCanvas::scrollContentsBy(int, int dy) {
    if (isPlacing_ || itemCount() == 0) return;
    const QScrollBar& bar = *verticalScrollBar();
    if (bar.value() == bar.maximum()) return stickToEnd(0);
    const bool isStep = std::abs(dy) <= 2 * viewport()->height() && bar.value() > 0;
    if (isStep)
        shiftAnchor(-dy);
    else
        anchor_ = anchorAt(bar.value());
    const int64_t movedFrom = settle();
    if (!isStep || movedFrom == 0) return viewport()->update();
    viewport()->scroll(0, dy);
    updateFrom(movedFrom);
}

void BlockCanvas::scrollToItem(int64_t item) {
    if (itemCount() == 0) return;
    anchor_ = {std::clamp<int64_t>(item, 0, itemCount() - 1), 0};
    settle();
    viewport()->update();
}

void BlockCanvas::resizeEvent(QResizeEvent* event) {
    Canvas::resizeEvent(event);
    layOutAgain();
}

void BlockCanvas::layOutAgain() {
    const bool wasAtEnd = isAtEnd();
    const int64_t heightBefore =
        anchor_.block < itemCount() ? std::max<int64_t>(1, heights_.height(anchor_.block)) : 1;
    const int64_t inside = anchor_.inside;
    layouts_.configure(look(), zoomPercent(), columnWidth());
    layouts_.clear();  // also after a change of language
    estimateAll();
    anchor_.block = std::clamp<int64_t>(anchor_.block, 0, std::max<int64_t>(0, itemCount() - 1));
    measureFrom(anchor_);
    if (anchor_.block < itemCount())
        anchor_.inside = inside * heights_.height(anchor_.block) / heightBefore;
    if (follow() == Follow::end && wasAtEnd) return stickToEnd(0);
    settle();
    viewport()->update();
}

// ---- changes of the source

void BlockCanvas::takeChange(qint64 first, qint64 count) {
    const bool wasAtEnd = isAtEnd();
    const ItemRange visible = visibleItems();
    layouts_.forget(first, count);
    const int64_t end = std::min<int64_t>(first + count, itemCount());
    for (int64_t block = std::max<int64_t>(0, first); block < end; ++block)
        if (!visible.contains(block)) heights_.set(block, layouts_.estimate(block));
    if (follow() == Follow::end && wasAtEnd) return stickToEnd(first);
    const int64_t movedFrom = settle();
    updateFrom(movedFrom);
    for (int64_t block = std::max<int64_t>(first, visible.begin);
         block < std::min<int64_t>(end, visible.end); ++block)
        updateItem(block);
}

void BlockCanvas::takeSplice(qint64 first, qint64 removed, qint64 inserted) {
    const bool wasAtEnd = isAtEnd();
    const bool isAtTail = first + removed == itemCount();
    const bool isAppend = isAtTail && removed == 0;
    if (isAppend) {
        for (qint64 block = first; block < first + inserted; ++block)
            heights_.append(layouts_.estimate(block));
    } else {
        layouts_.clear();
        if (anchor_.block >= first + removed)
            anchor_.block += inserted - removed;
        else if (anchor_.block >= first)
            anchor_ = {first, 0};
        estimateAll();
        anchor_.block =
            std::clamp<int64_t>(anchor_.block, 0, std::max<int64_t>(0, itemCount() - 1));
        keepPlacesInside();
    }
    if (follow() == Follow::end && wasAtEnd) return stickToEnd(isAppend ? first : 0);
    const int64_t movedFrom = settle();
    if (!isAppend)
        viewport()->update();
    else if (visibleItems().end > first)
        updateFrom(std::min<int64_t>(movedFrom, itemRect(first).top()));
    else
        updateFrom(movedFrom);
    itemsAppended(isAtTail ? std::max<qint64>(0, inserted - removed) : 0);
}

}  // namespace moxie::desktop
