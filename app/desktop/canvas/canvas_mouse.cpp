// How a Canvas answers the mouse: selecting by place, word and line, scrolling while dragging
// beyond the edge, links and buttons, zoom by wheel.
#include <QApplication>
#include <QClipboard>
#include <QMouseEvent>
#include <QScrollBar>
#include <QStyleHints>
#include <algorithm>

#include "app/desktop/canvas/canvas.h"

namespace moxie::desktop {

namespace {

constexpr int kWheelZoomStep = 10;
constexpr int kAutoScrollMs = 40;

}  // namespace

const CanvasControl* Canvas::controlAt(QPoint point, int64_t& item) {
    const ItemRange visible = visibleItems();
    for (item = visible.begin; item < visible.end; ++item) {
        const QRect rect = itemRect(item);
        if (point.y() < rect.top() || point.y() > rect.bottom()) continue;
        hovered_ = controls(item);
        const auto hit = std::find_if(hovered_.begin(), hovered_.end(), [&](const auto& control) {
            return control.rect.contains(point);
        });
        return hit == hovered_.end() ? nullptr : &*hit;
    }
    return nullptr;
}

void Canvas::extendTo(TextPlace place) {
    const TextRange unit =
        dragBy_ == SelectionUnit::place ? TextRange{place, place} : unitAround(place, dragBy_);
    const TextPlace begin = std::min(dragUnit_.begin, unit.begin);
    const TextPlace end = std::max(dragUnit_.end, unit.end);
    const bool isBackward = place < dragUnit_.begin;
    select(isBackward ? dragUnit_.end : begin, isBackward ? begin : end);
}

void Canvas::mousePressEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || itemCount() == 0)
        return QAbstractScrollArea::mousePressEvent(event);
    pressedAt_ = event->pos();
    isPressed_ = true;
    preferredX_ = -1;
    const TextPlace place = placeAt(event->pos());
    if (focused_.item >= 0) focusControl({});
    if (tripleClick_.isActive()) {
        tripleClick_.stop();
        dragBy_ = SelectionUnit::line;
        dragUnit_ = unitAround(place, dragBy_);
        return select(dragUnit_.begin, dragUnit_.end);
    }
    dragBy_ = SelectionUnit::place;
    if (event->modifiers() & Qt::ShiftModifier) {
        dragUnit_ = {anchor_, anchor_};
        return select(anchor_, place);
    }
    dragUnit_ = {place, place};
    select(place, place);
}

void Canvas::mouseDoubleClickEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || itemCount() == 0) return;
    isPressed_ = true;
    dragBy_ = SelectionUnit::word;
    dragUnit_ = unitAround(placeAt(event->pos()), dragBy_);
    select(dragUnit_.begin, dragUnit_.end);
    tripleClick_.start(QApplication::doubleClickInterval(), this);
}

void Canvas::mouseMoveEvent(QMouseEvent* event) {
    if (!isPressed_) {
        int64_t item = 0;
        const bool isControl = controlAt(event->pos(), item) != nullptr;
        const Qt::CursorShape shape = isControl ? Qt::PointingHandCursor : Qt::IBeamCursor;
        if (viewport()->cursor().shape() != shape) viewport()->setCursor(shape);
        return;
    }
    extendTo(placeAt(event->pos()));
    const bool isOutside = event->pos().y() < 0 || event->pos().y() >= viewport()->height();
    if (isOutside && !autoScroll_.isActive()) autoScroll_.start(kAutoScrollMs, this);
    if (!isOutside) autoScroll_.stop();
}

void Canvas::mouseReleaseEvent(QMouseEvent* event) {
    if (event->button() != Qt::LeftButton || !isPressed_) return;
    isPressed_ = false;
    autoScroll_.stop();
    QClipboard* clipboard = QGuiApplication::clipboard();
    if (!selection().isEmpty() && clipboard->supportsSelection())
        clipboard->setText(textOf(selection(), CopyFormat::plain), QClipboard::Selection);
    const bool isClick = (event->pos() - pressedAt_).manhattanLength() <
                         QGuiApplication::styleHints()->startDragDistance();
    int64_t item = 0;
    if (!isClick || !selection().isEmpty()) return;
    if (const CanvasControl* control = controlAt(event->pos(), item)) {
        const CanvasControl pressed = *control;
        activate(item, pressed);
    }
}

void Canvas::wheelEvent(QWheelEvent* event) {
    if (event->modifiers() & Qt::ControlModifier) {
        setZoomPercent(zoomPercent_ +
                       (event->angleDelta().y() > 0 ? kWheelZoomStep : -kWheelZoomStep));
        return event->accept();
    }
    QAbstractScrollArea::wheelEvent(event);
}

void Canvas::timerEvent(QTimerEvent* event) {
    if (event->timerId() == tripleClick_.timerId()) return tripleClick_.stop();
    if (event->timerId() != autoScroll_.timerId()) return QAbstractScrollArea::timerEvent(event);
    const QPoint mouse = viewport()->mapFromGlobal(QCursor::pos());
    const int beyond = mouse.y() < 0 ? mouse.y() : mouse.y() - viewport()->height();
    verticalScrollBar()->setValue(verticalScrollBar()->value() + beyond);
    extendTo(placeAt({mouse.x(), std::clamp(mouse.y(), 0, viewport()->height() - 1)}));
}

}  // namespace moxie::desktop
