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

constexpr int kLinksMax = 500;  // of one block; a hostile text may hold any number

int clampToInt(int64_t value) {
    return int(std::clamp<int64_t>(value, -1'000'000, 1'000'000));
}

// What leads to a place is a link, everything else of our own does something.
CanvasControl::Kind kindOf(const QString& href) {
    const bool isButton =
        href.startsWith(QLatin1String("moxie:")) && !href.startsWith(QLatin1String("moxie:file?"));
    return isButton ? CanvasControl::Kind::button : CanvasControl::Kind::link;
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
        if (follow() == Follow::end) stickToEnd(0);
    });
    layouts_.configure(look(), zoomPercent(), columnWidth());
    estimateAll();
}

BlockCanvas::~BlockCanvas() = default;

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
    const QString text = head.fold == Fold::folded ? QString() : source_.plainText(item).trimmed();
    QStringList parts;
    for (const QString& part : {head.spoken, head.title, head.detail, text})
        if (!part.isEmpty()) parts << part;
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
            found.push_back({kindOf(href), fragment.text(), href, rect});
        }
    return found;
}

}  // namespace moxie::desktop
