#include "app/desktop/canvas/canvas.h"

#include <QAccessible>
#include <QApplication>
#include <QClipboard>
#include <QKeyEvent>
#include <QPushButton>
#include <QScrollBar>
#include <algorithm>
#include <limits>
#include <utility>

#include "app/desktop/canvas/canvas_accessible.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kZoomMin = 50, kZoomMax = 300, kZoomStep = 10;

}  // namespace

Canvas::Canvas(Appearance& appearance, QWidget* parent)
    : QAbstractScrollArea(parent),
      appearance_(appearance),
      scan_(new FindScan(this)),
      pill_(new QPushButton(this)) {
    installCanvasAccessibility();
    setFocusPolicy(Qt::StrongFocus);
    setFrameShape(QFrame::NoFrame);
    viewport()->setMouseTracking(true);
    viewport()->setCursor(Qt::IBeamCursor);
    viewport()->setAutoFillBackground(false);
    viewport()->setAttribute(Qt::WA_OpaquePaintEvent);
    setAttribute(Qt::WA_InputMethodEnabled);
    pill_->setObjectName(QStringLiteral("newItems"));
    pill_->setFocusPolicy(Qt::NoFocus);  // End does the same
    pill_->hide();
    connect(pill_, &QPushButton::clicked, this, [this] {
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
        placePill();
    });
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &Canvas::placePill);
    connect(&appearance_, &Appearance::changed, this, [this] { layOutAgain(); });
    connect(scan_, &FindScan::found, this, [this](TextPlace hit) {
        const TextRange range = hitRange(hit);
        select(range.begin, range.end);
        emit findEnded(true);
    });
    connect(scan_, &FindScan::notFound, this, [this] { emit findEnded(false); });
}

std::vector<CanvasControl> Canvas::controls(int64_t) const {
    return {};
}

void Canvas::toggleFold(int64_t) {}

void Canvas::activate(int64_t item, const CanvasControl& control) {
    const bool isFold = control.kind == CanvasControl::Kind::foldOpen ||
                        control.kind == CanvasControl::Kind::foldClosed;
    if (isFold)
        toggleFold(item);
    else
        emit linkActivated(item, control.href);
}

const Look& Canvas::look() const {
    return appearance_.look();
}

// ---- selection

void Canvas::select(TextPlace anchor, TextPlace caret) {
    const TextRange before = selection();
    const int64_t itemBefore = caret_.item;
    anchor_ = anchor;
    caret_ = caret;
    keepPlacesInside();
    ensureVisible(caret_);
    updateSelection(before);
    updateItem(itemBefore);
    updateItem(caret_.item);
    if (caret_.item != itemBefore) tellFocus();
}

void Canvas::selectAll() {
    if (itemCount() == 0) return;
    const TextRange before = selection();
    anchor_ = {0, 0};
    caret_ = {itemCount() - 1, itemLength(itemCount() - 1)};
    updateSelection(before);
}

void Canvas::copy(CopyFormat format) const {
    if (selection().isEmpty()) return;
    QGuiApplication::clipboard()->setText(textOf(selection(), format));
}

void Canvas::keepPlacesInside() {
    const auto inside = [this](TextPlace place) {
        if (itemCount() == 0) return TextPlace{};
        if (place.item >= itemCount())
            return TextPlace{itemCount() - 1, itemLength(itemCount() - 1)};
        if (place.item < 0) return TextPlace{};
        return TextPlace{place.item, std::clamp(place.offset, 0, itemLength(place.item))};
    };
    anchor_ = inside(anchor_);
    caret_ = inside(caret_);
}

void Canvas::updateItem(int64_t item) {
    if (item < 0 || item >= itemCount() || !visibleItems().contains(item)) return;
    QRect rect = itemRect(item);
    rect.setLeft(0);
    rect.setRight(viewport()->width());
    viewport()->update(rect);
}

// Only the items whose look changed: the ends that moved and what lies between.
void Canvas::updateSelection(TextRange before) {
    const TextRange now = selection();
    if (now == before) return;
    const ItemRange visible = visibleItems();
    for (int64_t item = visible.begin; item < visible.end; ++item) {
        const auto touches = [item](const TextRange& range) {
            return !range.isEmpty() && item >= range.begin.item && item <= range.end.item;
        };
        const bool isInside = [&] {
            const auto covers = [item](const TextRange& range) {
                return !range.isEmpty() && item > range.begin.item && item < range.end.item;
            };
            return covers(before) && covers(now);
        }();
        if (!isInside && (touches(before) || touches(now))) updateItem(item);
    }
    emit selectionChanged();
}

// Screen readers follow the control that Tab came to, or the item with the caret.
void Canvas::tellFocus() {
    if (!QAccessible::isActive() || !hasFocus()) return;
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(this);
    QAccessibleInterface* focused = list == nullptr ? nullptr : list->focusChild();
    if (focused == nullptr) return;
    QAccessibleEvent event(focused, QAccessible::Focus);
    QAccessible::updateAccessibility(&event);
}

// ---- find

void Canvas::setFindText(const QString& query) {
    if (query == findText_) return;
    findText_ = query;
    scan_->cancel();
    viewport()->update();
}

void Canvas::findNext(FindDirection direction) {
    const TextRange chosen = selection();
    TextPlace from = direction == FindDirection::forward ? chosen.end : chosen.begin;
    scan_->start(
        findText_, itemCount(), [this](int64_t item) { return itemText(item); }, from, direction);
}

// ---- zoom and following

void Canvas::setZoomPercent(int percent) {
    percent = std::clamp(percent, kZoomMin, kZoomMax);
    if (percent == zoomPercent_) return;
    zoomPercent_ = percent;
    layOutAgain();
    emit zoomChanged(percent);
}

void Canvas::setFollow(Follow follow) {
    follow_ = follow;
    if (follow == Follow::end) verticalScrollBar()->setValue(verticalScrollBar()->maximum());
}

bool Canvas::isAtEnd() const {
    return verticalScrollBar()->value() >= verticalScrollBar()->maximum();
}

void Canvas::itemsAppended(int64_t count) {
    if (!isAtEnd()) newItems_ += count;
    placePill();
}

void Canvas::itemsReset() {
    scan_->cancel();
    newItems_ = 0;
    focused_ = {};
    anchor_ = caret_ = {};
    placePill();
    viewport()->update();
}

void Canvas::placePill() {
    if (isAtEnd()) newItems_ = 0;
    if (newItems_ == 0 || follow_ == Follow::no) return pill_->hide();
    const int shown = int(std::min<int64_t>(newItems_, std::numeric_limits<int>::max()));
    pill_->setText(tr("%n new", "items that came while scrolled up", shown));
    pill_->setAccessibleName(tr("%n new, go to the end", nullptr, shown));
    pill_->adjustSize();
    pill_->move((viewport()->width() - pill_->width()) / 2,
                viewport()->height() - pill_->height() - grid(3));
    pill_->show();
    pill_->raise();
}

// ---- keys

void Canvas::setCaret(TextPlace caret, Qt::KeyboardModifiers modifiers) {
    const bool isExtending = (modifiers & Qt::ShiftModifier) != 0;
    const bool wasOnControl = focused_.item >= 0;
    if (wasOnControl) focusControl({});
    const int64_t itemBefore = caret_.item;
    select(isExtending ? anchor_ : caret, caret);
    if (wasOnControl && caret_.item == itemBefore) tellFocus();
}

TextPlace Canvas::movedVertically(int64_t pixels) {
    ensureVisible(caret_);
    QRect from = caretRect(caret_);
    if (preferredX_ < 0) preferredX_ = from.x();
    const int lineTop = from.top();
    const int64_t target = pixels > 0 ? from.bottom() + pixels : from.top() + pixels;
    QScrollBar* bar = verticalScrollBar();
    const int before = bar->value();
    if (target < 0 || target >= viewport()->height())
        bar->setValue(int(std::clamp<int64_t>(before + pixels, bar->minimum(), bar->maximum())));
    const TextPlace place = placeAt({preferredX_, int(target - (bar->value() - before))});
    // Nothing above the first line or below the last: to its end, as editors do.
    if (place.item == caret_.item && caretRect(place).top() == lineTop - (bar->value() - before))
        return pixels > 0 ? TextPlace{caret_.item, itemLength(caret_.item)}
                          : TextPlace{caret_.item, 0};
    return place;
}

bool Canvas::moveCaretByKey(const QKeyEvent& event) {
    const bool isCtrl = (event.modifiers() & Qt::ControlModifier) != 0;
    const int page = viewport()->height() - lineHeight();
    TextPlace to = caret_;
    bool keepsX = false;
    switch (event.key()) {
        case Qt::Key_Left:
            to = moved(caret_, isCtrl ? CaretMove::wordLeft : CaretMove::left);
            break;
        case Qt::Key_Right:
            to = moved(caret_, isCtrl ? CaretMove::wordRight : CaretMove::right);
            break;
        case Qt::Key_Up:
        case Qt::Key_Down: {
            const int pixels = event.key() == Qt::Key_Down ? lineHeight() / 2 : -lineHeight() / 2;
            if (isCtrl) {
                verticalScrollBar()->setValue(verticalScrollBar()->value() + 2 * pixels);
                return true;
            }
            to = movedVertically(pixels);
            keepsX = true;
            break;
        }
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
            to = movedVertically(event.key() == Qt::Key_PageDown ? page : -page);
            keepsX = true;
            break;
        case Qt::Key_Home:
            to = isCtrl ? TextPlace{} : moved(caret_, CaretMove::lineStart);
            break;
        case Qt::Key_End:
            if (isCtrl)
                to = {itemCount() - 1, itemLength(itemCount() - 1)};
            else
                to = moved(caret_, CaretMove::lineEnd);
            break;
        default:
            return false;
    }
    setCaret(to, event.modifiers());
    QScrollBar* bar = verticalScrollBar();  // to the very end, margins and all
    if (isCtrl && event.key() == Qt::Key_Home) bar->setValue(0);
    if (isCtrl && event.key() == Qt::Key_End) bar->setValue(bar->maximum());
    if (!keepsX) preferredX_ = -1;
    return true;
}

bool Canvas::runShortcut(const QKeyEvent& event) {
    if (event.matches(QKeySequence::Copy)) return copy(CopyFormat::markdown), true;
    if (event.matches(QKeySequence::SelectAll)) return selectAll(), true;
    if (event.matches(QKeySequence::Find)) return emit findWanted(), true;
    if (event.key() == Qt::Key_F3) {
        findNext(event.modifiers() & Qt::ShiftModifier ? FindDirection::backward
                                                       : FindDirection::forward);
        return true;
    }
    if (event.matches(QKeySequence::ZoomIn) ||
        (event.key() == Qt::Key_Equal && event.modifiers() == Qt::ControlModifier))
        return setZoomPercent(zoomPercent_ + kZoomStep), true;
    if (event.matches(QKeySequence::ZoomOut)) return setZoomPercent(zoomPercent_ - kZoomStep), true;
    if (event.key() == Qt::Key_0 && event.modifiers() == Qt::ControlModifier)
        return setZoomPercent(100), true;
    if (event.key() == Qt::Key_Escape && !selection().isEmpty())
        return select(caret_, caret_), true;
    const bool presses = event.key() == Qt::Key_Return || event.key() == Qt::Key_Enter ||
                         event.key() == Qt::Key_Space;
    if (presses && focused_.item >= 0) {
        const FocusedControl pressed = focused_;
        activate(pressed.item, pressed.control);
        return true;
    }
    return false;
}

void Canvas::keyPressEvent(QKeyEvent* event) {
    if (itemCount() > 0 && (runShortcut(*event) || moveCaretByKey(*event))) return event->accept();
    event->ignore();
}

// ---- focus, links by keyboard, input methods

bool Canvas::isInView(const CanvasControl& control) const {
    return viewport()->rect().intersects(control.rect);
}

std::vector<Canvas::FocusedControl> Canvas::visibleControls() const {
    std::vector<FocusedControl> all;
    const ItemRange visible = visibleItems();
    for (int64_t item = visible.begin; item < visible.end; ++item) {
        const std::vector<CanvasControl> own = controls(item);
        for (size_t i = 0; i < own.size(); ++i)
            if (isInView(own[i])) all.push_back({item, i, own[i]});
    }
    return all;
}

void Canvas::focusControl(FocusedControl focused) {
    updateItem(focused_.item);
    focused_ = std::move(focused);
    updateItem(focused_.item);
}

// What is cut by an edge is scrolled in whole, where there is room for it.
void Canvas::walkTo(const FocusedControl& control) {
    const QRect rect = control.control.rect;
    const int above = std::min(0, rect.top());
    const int below = std::max(0, rect.bottom() - viewport()->height() + 1);
    focusControl(control);
    if (rect.height() <= viewport()->height())
        verticalScrollBar()->setValue(verticalScrollBar()->value() + above + below);
    tellFocus();
}

void Canvas::setFocusToControl(ControlPlace place) {
    if (!visibleItems().contains(place.item)) return;
    const std::vector<CanvasControl> all = controls(place.item);
    if (place.index >= all.size()) return;
    setFocus(Qt::OtherFocusReason);
    walkTo({place.item, place.index, all[place.index]});
}

std::optional<ControlPlace> Canvas::focusedControl() const {
    if (!hasFocus() || !visibleItems().contains(focused_.item)) return std::nullopt;
    const std::vector<CanvasControl> all = controls(focused_.item);
    if (focused_.index >= all.size() ||
        !hasFocusedControl(focused_.item, focused_.index, all[focused_.index]))
        return std::nullopt;
    return ControlPlace{focused_.item, focused_.index};
}

// By place in the item, not by pixels: it may have been scrolled since.
bool Canvas::hasFocusedControl(int64_t item, size_t index, const CanvasControl& control) const {
    return hasFocus() && focused_.item == item && focused_.index == index &&
           focused_.control.href == control.href && focused_.control.name == control.name;
}

// Tab walks from the canvas through the links and buttons one can see, then leaves; Shift+Tab walks
// the same way back.
bool Canvas::focusNextPrevChild(bool isNext) {
    const std::vector<FocusedControl> all = visibleControls();
    const auto current = std::find_if(all.begin(), all.end(), [this](const FocusedControl& each) {
        return hasFocusedControl(each.item, each.index, each.control);
    });
    const bool isOnControl = current != all.end();
    if (isNext && hasFocus()) {
        const auto next = isOnControl ? current + 1 : all.begin();
        if (next != all.end()) return walkTo(*next), true;
    }
    if (!isNext && isOnControl) {
        if (current != all.begin()) return walkTo(*(current - 1)), true;
        focusControl({});
        return tellFocus(), true;
    }
    focusControl({});
    return QAbstractScrollArea::focusNextPrevChild(isNext);
}

void Canvas::focusInEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusInEvent(event);
    viewport()->update();
    const std::vector<FocusedControl> all = visibleControls();
    if (event->reason() == Qt::BacktabFocusReason && !all.empty()) return walkTo(all.back());
    tellFocus();
}

void Canvas::focusOutEvent(QFocusEvent* event) {
    QAbstractScrollArea::focusOutEvent(event);
    viewport()->update();
}

QVariant Canvas::inputMethodQuery(Qt::InputMethodQuery query) const {
    if (itemCount() == 0) return QAbstractScrollArea::inputMethodQuery(query);
    switch (query) {
        case Qt::ImCursorRectangle:
        case Qt::ImAnchorRectangle:
            return caretRect(query == Qt::ImCursorRectangle ? caret_ : anchor_)
                .translated(viewport()->pos());
        case Qt::ImCursorPosition:
            return caret_.offset;
        case Qt::ImCurrentSelection:
            return caret_.item == anchor_.item ? textOf(selection(), CopyFormat::plain) : QString();
        case Qt::ImReadOnly:
            return true;
        default:
            return QAbstractScrollArea::inputMethodQuery(query);
    }
}

bool Canvas::event(QEvent* event) {
    if (event->type() == QEvent::LanguageChange) layOutAgain();
    return QAbstractScrollArea::event(event);
}

}  // namespace moxie::desktop
