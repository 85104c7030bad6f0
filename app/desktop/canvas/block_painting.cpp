// How a BlockCanvas paints: frame, head row, text with selection and matches, caret.
#include <QAbstractTextDocumentLayout>
#include <QPaintEvent>
#include <QPainter>
#include <QPainterPath>
#include <QScrollBar>
#include <QTextCursor>
#include <QTextDocument>
#include <algorithm>

#include "app/desktop/canvas/block_canvas.h"

namespace moxie::desktop {

namespace {

constexpr int kRadius = 6;
constexpr int kQuietBarWidth = 3;
constexpr int kBlockMatchesMax = 200;  // marked in one block

struct FrameInk {
    Role ground = Role::surface, line = Role::border;
};

FrameInk inkOf(BlockFrame frame) {
    switch (frame) {
        case BlockFrame::user:
            return {Role::userMessage, Role::userMessage};
        case BlockFrame::card:
            return {Role::card, Role::border};
        case BlockFrame::attention:
            return {Role::warningSoft, Role::warning};
        case BlockFrame::failure:
            return {Role::errorSoft, Role::error};
        case BlockFrame::plain:
        case BlockFrame::quiet:
            break;
    }
    return {};
}

// Open: points down; folded: points right.
void paintFoldSign(QPainter& painter, QRect box, Fold fold, const QColor& color) {
    const QPointF c = QRectF(box).center();
    const double r = box.width() / 4.0;
    QPainterPath path;
    if (fold == Fold::open) {
        path.moveTo(c.x() - r, c.y() - r / 2);
        path.lineTo(c.x(), c.y() + r / 2);
        path.lineTo(c.x() + r, c.y() - r / 2);
    } else {
        path.moveTo(c.x() - r / 2, c.y() - r);
        path.lineTo(c.x() + r / 2, c.y());
        path.lineTo(c.x() - r / 2, c.y() + r);
    }
    painter.setPen(QPen(color, 1.6, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    painter.setBrush(Qt::NoBrush);
    painter.drawPath(path);
}

QAbstractTextDocumentLayout::Selection marked(QTextDocument& document, int begin, int end,
                                              const QColor& ground, const QColor& ink) {
    QAbstractTextDocumentLayout::Selection selection;
    selection.cursor = QTextCursor(&document);
    selection.cursor.setPosition(begin);
    selection.cursor.setPosition(end, QTextCursor::KeepAnchor);
    selection.format.setBackground(ground);
    selection.format.setForeground(ink);
    return selection;
}

}  // namespace

void BlockCanvas::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    painter.fillRect(event->rect(), look().color(Role::surface));
    const ItemRange visible = visibleItems();
    for (int64_t block = visible.begin; block < visible.end; ++block) {
        QRect rect = itemRect(block);
        rect.setLeft(0);
        rect.setRight(viewport()->width());
        if (event->region().intersects(rect)) paintBlock(painter, block);
    }
}

void BlockCanvas::paintBlock(QPainter& painter, int64_t block) {
    ++blocksPainted_;
    const BlockLayout& layout = layouts_.of(block);
    const QPoint at = itemRect(block).topLeft();
    paintFrame(painter, layout, at);
    if (!layout.headRect.isEmpty()) paintHead(painter, layout, at);
    if (layout.document) paintText(painter, layout, at, block);
    if (focusedItem() == block) paintFocus(painter, block);
    if (hasFocus() && caret().item == block && selection().isEmpty() && layout.document)
        painter.fillRect(caretRect(caret()), look().color(Role::caret));
}

void BlockCanvas::paintFocus(QPainter& painter, int64_t block) const {
    const std::vector<CanvasControl> all = controls(block);
    for (size_t i = 0; i < all.size(); ++i) {
        const CanvasControl& control = all[i];
        if (!hasFocusedControl(block, i, control)) continue;
        painter.setPen(QPen(look().color(Role::focusRing), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(control.rect).adjusted(-2, -1, 2, 1), 3, 3);
    }
}

void BlockCanvas::paintFrame(QPainter& painter, const BlockLayout& layout, QPoint at) const {
    const QRectF frame = QRectF(layout.frame.translated(at)).adjusted(0.5, 0.5, -0.5, -0.5);
    if (layout.head.frame == BlockFrame::plain) return;
    if (layout.head.frame == BlockFrame::quiet) {
        painter.fillRect(QRectF(frame.left(), frame.top(), kQuietBarWidth, frame.height()),
                         look().color(Role::border));
        return;
    }
    const FrameInk ink = inkOf(layout.head.frame);
    painter.setPen(QPen(look().color(ink.line), 1));
    painter.setBrush(look().color(ink.ground));
    painter.drawRoundedRect(frame, kRadius, kRadius);
}

void BlockCanvas::paintHead(QPainter& painter, const BlockLayout& layout, QPoint at) const {
    QRect rect = layout.headRect.translated(at);
    if (layout.head.fold != Fold::none) {
        const int side = rect.height();
        paintFoldSign(painter, QRect(rect.topLeft(), QSize(side, side)), layout.head.fold,
                      look().color(Role::textMuted));
        rect.setLeft(rect.left() + side);
    }
    const QFont small = look().font(TextRole::small, zoomPercent());
    const int detailWidth =
        layout.head.detail.isEmpty()
            ? 0
            : std::min(QFontMetrics(small).horizontalAdvance(layout.head.detail), rect.width() / 2);
    painter.setFont(small);
    painter.setPen(look().color(Role::textMuted));
    painter.drawText(
        rect, int(Qt::AlignRight | Qt::AlignVCenter | Qt::TextSingleLine),
        QFontMetrics(small).elidedText(layout.head.detail, Qt::ElideRight, rect.width() / 2 + 1));
    const bool isQuiet = layout.head.frame == BlockFrame::quiet;
    const QFont title = look().font(isQuiet ? TextRole::body : TextRole::title, zoomPercent());
    painter.setFont(title);
    painter.setPen(look().color(isQuiet ? Role::textMuted : Role::text));
    rect.setRight(rect.right() - detailWidth - grid(2));
    painter.drawText(
        rect, int(Qt::AlignLeft | Qt::AlignVCenter | Qt::TextSingleLine),
        QFontMetrics(title).elidedText(layout.head.title, Qt::ElideRight, rect.width()));
}

void BlockCanvas::paintText(QPainter& painter, const BlockLayout& layout, QPoint at,
                            int64_t block) const {
    QTextDocument& document = *layout.document;
    QAbstractTextDocumentLayout::PaintContext context;
    context.palette = look().palette();
    if (layout.head.frame == BlockFrame::quiet)
        context.palette.setColor(QPalette::Text, look().color(Role::textMuted));
    if (!findText().isEmpty())
        for (const int begin : findAll(document.toPlainText(), findText(), kBlockMatchesMax))
            context.selections.append(marked(document, begin, begin + int(findText().size()),
                                             look().color(Role::findMatch),
                                             look().color(Role::text)));
    const TextRange chosen = selection();
    if (!chosen.isEmpty() && block >= chosen.begin.item && block <= chosen.end.item) {
        const int last = document.characterCount() - 1;
        const int begin = block == chosen.begin.item ? std::min(chosen.begin.offset, last) : 0;
        const int end = block == chosen.end.item ? std::min(chosen.end.offset, last) : last;
        context.selections.append(
            marked(document, begin, end,
                   look().color(hasFocus() ? Role::selection : Role::selectionInactive),
                   look().color(hasFocus() ? Role::selectionText : Role::text)));
    }
    const QPoint origin = at + layout.textAt;
    context.clip = QRectF(viewport()->rect()).translated(-origin);
    painter.save();
    painter.translate(origin);
    document.documentLayout()->draw(&painter, context);
    painter.restore();
}

}  // namespace moxie::desktop
