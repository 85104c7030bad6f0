#include "app/desktop/canvas/line_canvas.h"

#include <QFontMetrics>
#include <QPaintEvent>
#include <QPainter>
#include <QScrollBar>
#include <QTextBoundaryFinder>
#include <QTextLayout>
#include <QTimer>
#include <algorithm>
#include <limits>
#include <utility>

namespace moxie::desktop {

namespace {

constexpr size_t kLayoutsMax = 512;
constexpr int kCaretWidth = 2;
constexpr int kRowMatchesMax = 200;  // marked in one row
constexpr int kTabColumns = 4;

Role roleOf(RowTone tone) {
    switch (tone) {
        case RowTone::plain:
            return Role::surface;
        case RowTone::added:
            return Role::addedRow;
        case RowTone::removed:
            return Role::removedRow;
        case RowTone::changed:
            return Role::changedRow;
        case RowTone::header:
            return Role::headerRow;
        case RowTone::current:
            return Role::currentRow;
        case RowTone::error:
            return Role::errorSoft;
        case RowTone::absent:
            return Role::sunken;
    }
    return Role::surface;
}

QTextLayout::FormatRange formatOf(const LineRun& run, const Look& look) {
    QTextLayout::FormatRange range;
    range.start = run.begin;
    range.length = run.length;
    range.format.setForeground(run.foreground != 0 ? QColor::fromRgb(run.foreground)
                                                   : look.color(run.role));
    if (run.background != 0) range.format.setBackground(QColor::fromRgb(run.background));
    if (run.isBold) range.format.setFontWeight(QFont::Bold);
    if (run.isItalic) range.format.setFontItalic(true);
    if (run.isUnderlined) range.format.setFontUnderline(true);
    return range;
}

}  // namespace

LineCanvas::LineCanvas(LineSource& source, Appearance& appearance, QWidget* parent)
    : Canvas(appearance, parent),
      source_(source) {
    connect(&source_, &LineSource::appended, this, [this](qint64 count) {
        const bool wasAtEnd = isAtEnd();
        updateScrollBars();
        if (follow() == Follow::end && wasAtEnd)
            verticalScrollBar()->setValue(verticalScrollBar()->maximum());
        const ItemRange visible = visibleItems();
        if (visible.end > itemCount() - count) viewport()->update();
        itemsAppended(count);
    });
    connect(&source_, &LineSource::changed, this, [this](qint64 first, qint64 count) {
        forgetLayouts(first, count);
        const ItemRange visible = visibleItems();
        for (int64_t row = std::max<int64_t>(first, visible.begin);
             row < std::min<int64_t>(first + count, visible.end); ++row)
            updateItem(row);
    });
    connect(&source_, &LineSource::reset, this, [this] {
        widestSeen_ = 0;
        layOutAgain();
        itemsReset();
    });
    layOutAgain();
}

LineCanvas::~LineCanvas() = default;

int64_t LineCanvas::itemCount() const {
    return std::min<int64_t>(source_.rowCount(),
                             std::numeric_limits<int>::max() / (rowHeight_ + 1));
}

QString LineCanvas::itemText(int64_t item) const {
    return source_.text(item);
}

QString LineCanvas::spokenName(int64_t item) const {
    if (QString name = source_.spokenName(item); !name.isEmpty()) return name;
    const LineRow row = source_.row(item);
    if (row.sign == QLatin1Char('+')) return tr("added, line %1: %2").arg(row.gutter, row.text);
    if (row.sign == QLatin1Char('-')) return tr("removed, line %1: %2").arg(row.gutter, row.text);
    return row.text;
}

QRect LineCanvas::itemRect(int64_t item) const {
    const int64_t top = item * rowHeight_ - verticalScrollBar()->value();
    return {0, int(std::clamp<int64_t>(top, -1'000'000, 1'000'000)), viewport()->width(),
            rowHeight_};
}

ItemRange LineCanvas::visibleItems() const {
    const int top = verticalScrollBar()->value();
    const int64_t first = top / rowHeight_;
    const int64_t last = (int64_t(top) + viewport()->height() + rowHeight_ - 1) / rowHeight_;
    return {std::min(first, itemCount()), std::min(last, itemCount())};
}

std::vector<CanvasControl> LineCanvas::controls(int64_t item) const {
    const RowLayout& known = layoutOf(item);
    const QRect row = itemRect(item);
    const int left = textLeft() - horizontalScrollBar()->value();
    std::vector<CanvasControl> made;
    for (const LineLink& link : known.row.links) {
        if (link.begin + link.length > known.layout->text().size()) continue;
        const QTextLine line = known.layout->lineAt(0);
        const int begin = int(line.cursorToX(link.begin));
        const int end = int(line.cursorToX(link.begin + link.length));
        made.push_back({CanvasControl::Kind::link, known.row.text.mid(link.begin, link.length),
                        link.href, QRect(left + begin, row.top(), end - begin, row.height())});
    }
    return made;
}

void LineCanvas::scrollToItem(int64_t item) {
    verticalScrollBar()->setValue(int(std::clamp<int64_t>(item, 0, itemCount()) * rowHeight_));
}

QString LineCanvas::textOf(TextRange range, CopyFormat) const {
    if (range.isEmpty() || itemCount() == 0) return {};
    QString text = source_.text(range.begin.item);
    if (range.begin.item == range.end.item)
        return text.mid(range.begin.offset, range.end.offset - range.begin.offset);
    text = text.mid(range.begin.offset) + source_.textBehind(range.begin.item);
    for (int64_t item = range.begin.item + 1; item < range.end.item; ++item)
        text += QLatin1Char('\n') + source_.text(item) + source_.textBehind(item);
    return text + QLatin1Char('\n') + source_.text(range.end.item).left(range.end.offset);
}

int LineCanvas::itemLength(int64_t item) const {
    return int(source_.text(item).size());
}

// ---- layout

void LineCanvas::layOutAgain() {
    const double keptTop = double(verticalScrollBar()->value()) / rowHeight_;
    const QFontMetrics metrics(look().font(TextRole::code, zoomPercent()));
    rowHeight_ = std::max(1, metrics.height() + grid(1));
    advance_ = std::max(1, metrics.horizontalAdvance(QLatin1Char('0')));
    baseline_ = metrics.ascent() + grid(1) / 2;
    layouts_.clear();
    widestSeen_ = 0;
    updateScrollBars();
    verticalScrollBar()->setValue(int(keptTop * rowHeight_));
    viewport()->update();
}

int LineCanvas::textLeft() const {
    const int columns = source_.gutterColumns();
    return columns == 0 ? grid(2) : (columns + 3) * advance_ + grid(1);
}

void LineCanvas::updateScrollBars() {
    const int width = int(std::clamp<int64_t>(source_.columnsMax() * advance_, widestSeen_,
                                              int64_t(kRowCharsMax) * advance_ * 2));
    verticalScrollBar()->setRange(
        0, int(std::max<int64_t>(0, itemCount() * rowHeight_ - viewport()->height())));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(rowHeight_);
    horizontalScrollBar()->setRange(
        0, std::max(0, textLeft() + width + grid(2) - viewport()->width()));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setSingleStep(advance_ * kTabColumns);
}

void LineCanvas::forgetLayouts(int64_t first, int64_t count) {
    std::erase_if(layouts_, [&](const auto& entry) {
        return entry.first >= first && entry.first < first + count;
    });
}

const LineCanvas::RowLayout& LineCanvas::layoutOf(int64_t row) const {
    if (const auto known = layouts_.find(row); known != layouts_.end()) return known->second;
    if (layouts_.size() >= kLayoutsMax) {
        const ItemRange visible = visibleItems();
        std::erase_if(layouts_, [&](const auto& entry) { return !visible.contains(entry.first); });
    }
    RowLayout made;
    made.row = source_.row(row);
    QString shown = made.row.text;
    if (shown.size() > kRowCharsMax) shown = shown.left(kRowCharsMax) + QChar(0x2026);
    made.layout = std::make_unique<QTextLayout>(shown, look().font(TextRole::code, zoomPercent()));
    QTextOption option;
    option.setWrapMode(QTextOption::NoWrap);
    option.setTabStopDistance(kTabColumns * advance_);
    option.setUseDesignMetrics(false);
    made.layout->setTextOption(option);
    QList<QTextLayout::FormatRange> formats;
    for (const LineRun& run : made.row.runs)
        formats.append(formatOf(run, look()));
    for (const LineRun& mark : made.row.marks) {
        QTextLayout::FormatRange range;
        range.start = mark.begin;
        range.length = mark.length;
        range.format.setBackground(
            look().color(made.row.tone == RowTone::removed ? Role::removedWord : Role::addedWord));
        formats.append(range);
    }
    made.layout->setFormats(formats);
    made.layout->beginLayout();
    QTextLine line = made.layout->createLine();
    line.setLineWidth(1e7);
    made.layout->endLayout();
    line.setPosition({0, baseline_ - line.ascent()});
    const int width = int(line.naturalTextWidth());
    if (width > widestSeen_) {
        widestSeen_ = width;  // the bar follows after this paint
        auto* self = const_cast<LineCanvas*>(this);
        QTimer::singleShot(0, self, [self] { self->updateScrollBars(); });
    }
    return layouts_.emplace(row, std::move(made)).first->second;
}

// ---- places

TextPlace LineCanvas::placeAt(QPoint point) const {
    if (itemCount() == 0) return {};
    const int64_t y = int64_t(point.y()) + verticalScrollBar()->value();
    const int64_t row = std::clamp<int64_t>(y < 0 ? -1 : y / rowHeight_, 0, itemCount() - 1);
    const RowLayout& known = layoutOf(row);
    const int x = point.x() - textLeft() + horizontalScrollBar()->value();
    const int offset = known.layout->lineAt(0).xToCursor(x);
    return {row, std::min(offset, int(known.row.text.size()))};
}

QRect LineCanvas::caretRect(TextPlace place) const {
    const RowLayout& known = layoutOf(place.item);
    const int offset = std::min(place.offset, int(known.layout->text().size()));
    const double x = known.layout->lineAt(0).cursorToX(offset);
    return {textLeft() - horizontalScrollBar()->value() + int(x), itemRect(place.item).top(),
            kCaretWidth, rowHeight_};
}

TextPlace LineCanvas::moved(TextPlace place, CaretMove move) const {
    const QString text = source_.text(place.item);
    const bool isLeft = move == CaretMove::left || move == CaretMove::wordLeft;
    if (move == CaretMove::lineStart) return {place.item, 0};
    if (move == CaretMove::lineEnd) return {place.item, int(text.size())};
    if (isLeft && place.offset == 0)
        return place.item == 0 ? place : TextPlace{place.item - 1, itemLength(place.item - 1)};
    if (!isLeft && place.offset >= text.size())
        return place.item + 1 >= itemCount() ? place : TextPlace{place.item + 1, 0};
    const bool isWord = move == CaretMove::wordLeft || move == CaretMove::wordRight;
    QTextBoundaryFinder finder(isWord ? QTextBoundaryFinder::Word : QTextBoundaryFinder::Grapheme,
                               text);
    finder.setPosition(place.offset);
    qsizetype next = isLeft ? finder.toPreviousBoundary() : finder.toNextBoundary();
    while (isWord && next > 0 && next < text.size() && text.at(next).isSpace())
        next = isLeft ? finder.toPreviousBoundary() : finder.toNextBoundary();
    return {place.item, next < 0 ? (isLeft ? 0 : int(text.size())) : int(next)};
}

TextRange LineCanvas::unitAround(TextPlace place, SelectionUnit unit) const {
    const QString text = source_.text(place.item);
    const auto isWordChar = [](QChar c) { return c.isLetterOrNumber() || c == QLatin1Char('_'); };
    if (unit == SelectionUnit::line) return {{place.item, 0}, {place.item, int(text.size())}};
    int begin = std::min(place.offset, int(text.size())), end = begin;
    while (begin > 0 && isWordChar(text.at(begin - 1)))
        --begin;
    while (end < text.size() && isWordChar(text.at(end)))
        ++end;
    if (begin == end && end < text.size()) ++end;
    return {{place.item, begin}, {place.item, end}};
}

void LineCanvas::ensureVisible(TextPlace place) {
    if (itemCount() == 0) return;
    const int top = int(place.item * rowHeight_);
    QScrollBar* bar = verticalScrollBar();
    if (top < bar->value())
        bar->setValue(top);
    else if (top + rowHeight_ > bar->value() + viewport()->height())
        bar->setValue(top + rowHeight_ - viewport()->height());
    const QRect caret = caretRect(place);
    if (caret.left() < textLeft())
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() + caret.left() - textLeft());
    else if (caret.right() > viewport()->width() - grid(2)) {
        updateScrollBars();
        horizontalScrollBar()->setValue(horizontalScrollBar()->value() + caret.right() + grid(8) -
                                        viewport()->width());
    }
}

TextRange LineCanvas::hitRange(TextPlace hit) {
    return {hit, {hit.item, hit.offset + int(findText().size())}};
}

// ---- painting

QRgb LineCanvas::groundOf(RowTone tone) const {
    return colorOf(roleOf(tone), look().theme());
}

void LineCanvas::paintFocus(QPainter& painter, int64_t row) const {
    const std::vector<CanvasControl> all = controls(row);
    for (size_t i = 0; i < all.size(); ++i) {
        const CanvasControl& control = all[i];
        if (!hasFocusedControl(row, i, control)) continue;
        painter.setPen(QPen(look().color(Role::focusRing), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRoundedRect(QRectF(control.rect).adjusted(-2, 1, 2, -1), 3, 3);
    }
}

void LineCanvas::paintGutter(QPainter& painter, const LineRow& row, const QRect& rect,
                             QRgb ground) {
    const int width = textLeft() - grid(1);
    painter.fillRect(QRect(0, rect.top(), width, rect.height()), row.tone == RowTone::plain
                                                                     ? look().color(Role::gutter)
                                                                     : QColor::fromRgb(ground));
    painter.setPen(look().color(Role::gutterText));
    const int y = rect.top() + baseline_;
    const QFontMetrics metrics(painter.font());
    painter.drawText(
        (source_.gutterColumns() + 1) * advance_ - grid(1) - metrics.horizontalAdvance(row.gutter),
        y, row.gutter);
    if (row.sign.isNull()) return;
    const Role sign = row.tone == RowTone::added     ? Role::success
                      : row.tone == RowTone::removed ? Role::error
                      : row.tone == RowTone::changed ? Role::warning
                                                     : Role::gutterText;
    painter.setPen(look().color(sign));
    painter.drawText((source_.gutterColumns() + 1) * advance_ + grid(1), y, QString(row.sign));
}

void LineCanvas::paintRow(QPainter& painter, int64_t row) {
    ++rowsPainted_;
    const RowLayout& known = layoutOf(row);
    const QRect rect = itemRect(row);
    const QRgb ground = groundOf(known.row.tone);
    painter.fillRect(rect, QColor::fromRgb(ground));
    const QPointF origin(textLeft() - horizontalScrollBar()->value(), rect.top());

    QList<QTextLayout::FormatRange> over;
    for (const int at : findAll(known.layout->text(), findText(), kRowMatchesMax)) {
        QTextLayout::FormatRange match;
        match.start = at;
        match.length = int(findText().size());
        match.format.setBackground(look().color(Role::findMatch));
        match.format.setForeground(look().color(Role::text));
        over.append(match);
    }
    const TextRange chosen = selection();
    if (!chosen.isEmpty() && row >= chosen.begin.item && row <= chosen.end.item) {
        QTextLayout::FormatRange marked;
        marked.start = row == chosen.begin.item ? chosen.begin.offset : 0;
        const int end = row == chosen.end.item ? chosen.end.offset : int(known.row.text.size());
        marked.length = std::max(0, end - marked.start);
        marked.format.setBackground(
            look().color(hasFocus() ? Role::selection : Role::selectionInactive));
        marked.format.setForeground(look().color(hasFocus() ? Role::selectionText : Role::text));
        over.append(marked);
        if (row != chosen.end.item) {  // the line break is selected too
            const double x = known.layout->lineAt(0).cursorToX(int(known.layout->text().size()));
            painter.fillRect(QRectF(origin.x() + x, rect.top(), advance_, rowHeight_),
                             marked.format.background());
        }
    }
    painter.setPen(look().color(CodeRole::text));
    known.layout->draw(&painter, origin, over);
    if (!known.row.links.empty()) paintFocus(painter, row);
    if (source_.gutterColumns() > 0) paintGutter(painter, known.row, rect, ground);
    if (hasFocus() && row == caret().item && chosen.isEmpty())
        painter.fillRect(caretRect(caret()), look().color(Role::caret));
}

void LineCanvas::paintEvent(QPaintEvent* event) {
    QPainter painter(viewport());
    painter.setFont(look().font(TextRole::code, zoomPercent()));
    const QRect area = event->rect();
    const ItemRange visible = visibleItems();
    int bottom = 0;
    for (int64_t row = visible.begin; row < visible.end; ++row) {
        const QRect rect = itemRect(row);
        bottom = rect.bottom() + 1;
        if (event->region().intersects(rect)) paintRow(painter, row);
    }
    if (bottom <= area.bottom())
        painter.fillRect(area.left(), bottom, area.width(), area.bottom() - bottom + 1,
                         look().color(Role::surface));
}

void LineCanvas::resizeEvent(QResizeEvent* event) {
    const bool wasAtEnd = isAtEnd();
    Canvas::resizeEvent(event);
    updateScrollBars();
    if (follow() == Follow::end && wasAtEnd)
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
    placePill();
}

void LineCanvas::scrollContentsBy(int dx, int dy) {
    if (dx != 0)
        viewport()->update();
    else
        viewport()->scroll(0, dy);
}

}  // namespace moxie::desktop
