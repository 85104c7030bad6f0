#include "app/desktop/canvas/block_canvas.h"

#include <QAbstractTextDocumentLayout>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextLayout>
#include <algorithm>
#include <limits>
#include <utility>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kColumnCharsMax = 110;  // longer lines are hard to read
constexpr int kSettleTurnsMax = 4;    // each turn only gets nearer: heights are measured once
constexpr int kLinksMax = 500;        // of one block; a hostile text may hold any number

int clampToInt(int64_t value) {
    return int(std::clamp<int64_t>(value, -1'000'000, 1'000'000));
}

}  // namespace

BlockCanvas::BlockCanvas(BlockSource& source, Appearance& appearance, QWidget* parent)
    : Canvas(appearance, parent),
      source_(source),
      layouts_(source) {
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    connect(&source_, &BlockSource::changed, this, &BlockCanvas::takeChange);
    connect(&source_, &BlockSource::spliced, this, &BlockCanvas::takeSplice);
    connect(&source_, &BlockSource::reset, this, [this] {
        layouts_.clear();
        anchor_ = {};
        estimateAll();
        itemsReset();
        settle();
        if (follow() == Follow::end) stickToEnd();
    });
    layouts_.configure(look(), zoomPercent(), columnWidth());
    estimateAll();
}

BlockCanvas::~BlockCanvas() = default;

// ---- heights and scrolling

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
    heights_.assign(heights);
}

// Measures what is visible and puts the scroll bar where the anchor says.
BlockCanvas::Settled BlockCanvas::settle() {
    Settled result = Settled::inPlace;
    for (int turn = 0; turn < kSettleTurnsMax; ++turn) {
        if (measureFrom(anchor_) == Settled::moved) result = Settled::moved;
        updateScrollBar();
        const int64_t wanted = heights_.top(anchor_.block) + anchor_.inside;
        const int64_t possible = std::clamp<int64_t>(wanted, 0, verticalScrollBar()->maximum());
        isPlacing_ = true;
        verticalScrollBar()->setValue(int(possible));
        isPlacing_ = false;
        if (possible == wanted) break;
        // Near the end: the content is shorter than thought.
        anchor_.block = std::min(heights_.rowAt(possible), std::max<int64_t>(0, itemCount() - 1));
        anchor_.inside = itemCount() == 0 ? 0 : possible - heights_.top(anchor_.block);
        result = Settled::moved;
    }
    placePill();
    return result;
}

BlockCanvas::Settled BlockCanvas::measureFrom(Anchor anchor) {
    Settled result = Settled::inPlace;
    int64_t y = -anchor.inside;
    for (int64_t block = anchor.block; block < itemCount() && y < viewport()->height(); ++block) {
        const int64_t measured = layouts_.of(block).height;
        if (measured != heights_.height(block)) {
            heights_.set(block, measured);
            result = Settled::moved;
        }
        y += measured;
    }
    return result;
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

void BlockCanvas::stickToEnd() {
    for (int turn = 0; turn < kSettleTurnsMax; ++turn) {
        const int64_t end = std::max<int64_t>(0, heights_.total() + grid(4) - viewport()->height());
        anchor_.block = std::min(heights_.rowAt(end), std::max<int64_t>(0, itemCount() - 1));
        anchor_.inside = itemCount() == 0 ? 0 : end - heights_.top(anchor_.block);
        if (measureFrom(anchor_) == Settled::inPlace) break;
    }
    settle();
    viewport()->update();
}

void BlockCanvas::scrollContentsBy(int, int dy) {
    if (isPlacing_ || itemCount() == 0) return;
    const int64_t top = verticalScrollBar()->value();
    anchor_.block = std::min(heights_.rowAt(top), itemCount() - 1);
    anchor_.inside = top - heights_.top(anchor_.block);
    if (settle() == Settled::moved)
        viewport()->update();
    else
        viewport()->scroll(0, dy);
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
    if (follow() == Follow::end && wasAtEnd) return stickToEnd();
    settle();
    viewport()->update();
}

// ---- changes of the source

void BlockCanvas::takeChange(qint64 first, qint64 count) {
    const bool wasAtEnd = isAtEnd();
    const ItemRange visible = visibleItems();
    layouts_.forget(first, count);
    const int64_t end = std::min<int64_t>(first + count, itemCount());
    bool isSeen = false;
    for (int64_t block = std::max<int64_t>(0, first); block < end; ++block) {
        if (visible.contains(block))
            isSeen = true;
        else
            heights_.set(block, layouts_.estimate(block));
    }
    if (follow() == Follow::end && wasAtEnd) return stickToEnd();
    const Settled settled = settle();
    if (!isSeen) return;
    if (settled == Settled::moved) return viewport()->update();
    for (int64_t block = first; block < end; ++block)
        updateItem(block);
}

void BlockCanvas::takeSplice(qint64 first, qint64 removed, qint64 inserted) {
    const bool wasAtEnd = isAtEnd();
    const bool isAppend = removed == 0 && first == itemCount();
    const int64_t seenEnd = visibleItems().end;
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
    if (follow() == Follow::end && wasAtEnd) return stickToEnd();
    const Settled settled = settle();
    if (!isAppend || settled == Settled::moved || seenEnd >= first) viewport()->update();
    itemsAppended(std::max<qint64>(0, inserted - removed));
}

void BlockCanvas::toggleFold(int64_t item) {
    const Fold fold = source_.head(item).fold;
    if (fold == Fold::none) return;
    source_.setFold(item, fold == Fold::open ? Fold::folded : Fold::open);
}

// ---- places

QRect BlockCanvas::itemRect(int64_t item) const {
    const int64_t top = heights_.top(item) - verticalScrollBar()->value();
    return {columnLeft(), clampToInt(top), columnWidth(), clampToInt(heights_.height(item))};
}

ItemRange BlockCanvas::visibleItems() const {
    if (itemCount() == 0) return {};
    const int64_t top = verticalScrollBar()->value();
    const int64_t first = std::min(heights_.rowAt(top), itemCount() - 1);
    const int64_t last =
        std::min(heights_.rowAt(top + std::max(1, viewport()->height()) - 1), itemCount() - 1);
    return {first, last + 1};
}

TextPlace BlockCanvas::placeAt(QPoint point) const {
    if (itemCount() == 0) return {};
    const int64_t y = int64_t(point.y()) + verticalScrollBar()->value();
    const int64_t block = std::min(heights_.rowAt(y), itemCount() - 1);
    const BlockLayout& layout = layouts_.of(block);
    if (!layout.document) return {block, 0};
    const QPoint inText = point - itemRect(block).topLeft() - layout.textAt;
    const int offset = layout.document->documentLayout()->hitTest(inText, Qt::FuzzyHit);
    return {block, std::clamp(offset, 0, itemLength(block))};
}

int BlockCanvas::itemLength(int64_t item) const {
    const BlockLayout& layout = layouts_.of(item);
    return layout.document ? layout.document->characterCount() - 1 : 0;
}

QRect BlockCanvas::caretRect(TextPlace place) const {
    const BlockLayout& layout = layouts_.of(place.item);
    const QPoint origin = itemRect(place.item).topLeft();
    if (!layout.document) return layout.headRect.translated(origin).adjusted(0, 0, 0, -1);
    const QTextBlock block = layout.document->findBlock(place.offset);
    const QRectF box = layout.document->documentLayout()->blockBoundingRect(block);
    const int inBlock = place.offset - block.position();
    const QTextLine line = block.layout()->lineForTextPosition(inBlock);
    if (!line.isValid()) return QRect(origin + layout.textAt, QSize(2, lineHeight()));
    const QPointF at = box.topLeft() + QPointF(line.cursorToX(inBlock), line.y());
    return QRect(origin + layout.textAt + at.toPoint(), QSize(2, int(line.height())));
}

TextPlace BlockCanvas::moved(TextPlace place, CaretMove move) const {
    const bool isLeft = move == CaretMove::left || move == CaretMove::wordLeft;
    const BlockLayout& layout = layouts_.of(place.item);
    static constexpr QTextCursor::MoveOperation kMoves[] = {
        QTextCursor::PreviousCharacter, QTextCursor::NextCharacter, QTextCursor::PreviousWord,
        QTextCursor::NextWord,          QTextCursor::StartOfLine,   QTextCursor::EndOfLine};
    if (layout.document) {
        QTextCursor cursor(layout.document.get());
        cursor.setPosition(std::min(place.offset, layout.document->characterCount() - 1));
        if (cursor.movePosition(kMoves[size_t(move)]) || move >= CaretMove::lineStart)
            return {place.item, cursor.position()};
    }
    if (move >= CaretMove::lineStart) return place;
    if (isLeft)
        return place.item == 0 ? place : TextPlace{place.item - 1, itemLength(place.item - 1)};
    return place.item + 1 >= itemCount() ? place : TextPlace{place.item + 1, 0};
}

TextRange BlockCanvas::unitAround(TextPlace place, SelectionUnit unit) const {
    const BlockLayout& layout = layouts_.of(place.item);
    if (!layout.document) return {place, place};
    QTextCursor cursor(layout.document.get());
    cursor.setPosition(place.offset);
    cursor.select(unit == SelectionUnit::word ? QTextCursor::WordUnderCursor
                                              : QTextCursor::BlockUnderCursor);
    int begin = cursor.selectionStart();
    const bool startsWithBreak = unit == SelectionUnit::line && begin > 0 &&
                                 begin < layout.document->characterCount() &&
                                 layout.document->characterAt(begin) == QChar::ParagraphSeparator;
    if (startsWithBreak) ++begin;
    return {{place.item, begin}, {place.item, cursor.selectionEnd()}};
}

void BlockCanvas::ensureVisible(TextPlace place) {
    if (itemCount() == 0) return;
    if (!visibleItems().contains(place.item)) {
        const bool isBelow = place.item > anchor_.block;
        scrollToItem(place.item);
        if (isBelow) {  // near the lower edge, so that walking down moves little
            anchor_.inside = 0;
            while (anchor_.block > 0 && heights_.top(place.item) + heights_.height(place.item) -
                                                heights_.top(anchor_.block - 1) <
                                            viewport()->height())
                --anchor_.block;
            settle();
        }
    }
    const QRect caret = caretRect(place);
    QScrollBar* bar = verticalScrollBar();
    if (caret.top() < 0)
        bar->setValue(bar->value() + caret.top() - grid(1));
    else if (caret.bottom() >= viewport()->height())
        bar->setValue(bar->value() + caret.bottom() + grid(2) - viewport()->height());
}

// The offset is exact if the source keeps its promise about plainText(); else the nearest match.
TextRange BlockCanvas::hitRange(TextPlace hit) {
    if (source_.head(hit.item).fold == Fold::folded) source_.setFold(hit.item, Fold::open);
    const BlockLayout& layout = layouts_.of(hit.item);
    if (!layout.document) return {hit, hit};
    const QString text = layout.document->toPlainText();
    int best = -1;
    for (const int at : findAll(text, findText(), std::numeric_limits<int>::max()))
        if (best < 0 || std::abs(at - hit.offset) < std::abs(best - hit.offset)) best = at;
    if (best < 0) return {{hit.item, 0}, {hit.item, itemLength(hit.item)}};
    return {{hit.item, best}, {hit.item, best + int(findText().size())}};
}

// ---- texts

QString BlockCanvas::itemText(int64_t item) const {
    return source_.plainText(item);
}

QString BlockCanvas::spokenName(int64_t item) const {
    const BlockHead head = source_.head(item);
    QStringList parts;
    for (const QString& part : {head.spoken, head.title, head.detail})
        if (!part.isEmpty()) parts << part;
    if (head.fold != Fold::folded) parts << source_.plainText(item);
    return parts.join(QStringLiteral(", "));
}

QString BlockCanvas::textOf(TextRange range, CopyFormat format) const {
    QStringList pieces;
    for (int64_t item = range.begin.item; item <= range.end.item && item < itemCount(); ++item) {
        if (source_.head(item).fold == Fold::folded) continue;
        const QString text = source_.plainText(item);
        const int begin = item == range.begin.item ? range.begin.offset : 0;
        const int end = item == range.end.item ? range.end.offset : int(text.size());
        if (end <= begin) continue;
        const bool isWhole = begin == 0 && end >= text.size();
        pieces << (isWhole && format == CopyFormat::markdown ? source_.markdown(item)
                                                             : text.mid(begin, end - begin));
    }
    return pieces.join(format == CopyFormat::markdown ? QStringLiteral("\n\n")
                                                      : QStringLiteral("\n"));
}

std::vector<CanvasControl> BlockCanvas::controls(int64_t item) const {
    std::vector<CanvasControl> found;
    const BlockLayout& layout = layouts_.of(item);
    const QPoint origin = itemRect(item).topLeft();
    if (layout.head.fold != Fold::none)
        found.push_back({layout.head.fold == Fold::open ? CanvasControl::Kind::foldOpen
                                                        : CanvasControl::Kind::foldClosed,
                         layout.head.title,
                         {},
                         layout.headRect.translated(origin)});
    if (!layout.document) return found;
    for (QTextBlock block = layout.document->begin(); block.isValid(); block = block.next())
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextFragment fragment = it.fragment();
            if (!fragment.charFormat().isAnchor() || int(found.size()) >= kLinksMax) continue;
            const QRect first = caretRect({item, fragment.position()});
            const QRect last = caretRect({item, fragment.position() + fragment.length()});
            QRect rect = first.united(last);
            if (first.top() != last.top()) rect.setRight(origin.x() + columnWidth());
            const QString href = fragment.charFormat().anchorHref();
            found.push_back({href.startsWith(QLatin1String("moxie:")) ? CanvasControl::Kind::button
                                                                      : CanvasControl::Kind::link,
                             fragment.text(), href, rect});
        }
    return found;
}

}  // namespace moxie::desktop
