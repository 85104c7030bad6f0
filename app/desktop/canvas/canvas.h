// What LineCanvas and BlockCanvas share: a scrolled area of very many items of which only the
// visible ones exist as a layout. Scrolling, a caret to walk with, selection across items by mouse
// and keyboard, copy, find, zoom, following the end, links, input methods, accessibility. It is for
// reading: it never changes a text. Nothing is painted while nothing changes (the caret does not
// blink). Subclasses know where items are and how they are painted.
// Threads: GUI thread only.
#pragma once
#include <QAbstractScrollArea>
#include <QBasicTimer>
#include <optional>
#include <vector>

#include "app/desktop/canvas/find_scan.h"
#include "app/desktop/canvas/text_place.h"
#include "app/desktop/theme/look.h"

class QPushButton;

namespace moxie::desktop {

class Appearance;

enum class CopyFormat : uint8_t { plain, markdown };
enum class CaretMove : uint8_t { left, right, wordLeft, wordRight, lineStart, lineEnd };
enum class SelectionUnit : uint8_t { place, word, line };
enum class Follow : uint8_t { no, end };

// A link, button or fold handle inside an item; what a click, Enter or a screen reader presses.
struct CanvasControl {
    enum class Kind : uint8_t { link, button, foldOpen, foldClosed };
    Kind kind = Kind::link;
    QString name;
    QString href;
    QRect rect;  // in the viewport

    bool operator==(const CanvasControl&) const = default;
};

struct ControlPlace {
    int64_t item = 0;
    size_t index = 0;  // in controls(item)

    bool operator==(const ControlPlace&) const = default;
};

class Canvas : public QAbstractScrollArea {
    Q_OBJECT

public:
    // ---- items, for the subclasses' users, accessibility and tests
    virtual int64_t itemCount() const = 0;
    virtual QString itemText(int64_t item) const = 0;
    virtual QString spokenName(int64_t item) const = 0;  // what a screen reader says
    virtual QRect itemRect(int64_t item) const = 0;      // in the viewport
    virtual ItemRange visibleItems() const = 0;
    virtual std::vector<CanvasControl> controls(int64_t item) const;
    virtual void scrollToItem(int64_t item) = 0;
    void activate(int64_t item, const CanvasControl& control);
    bool isInView(const CanvasControl& control) const;
    // The control that Tab came to, while its item is visible and the canvas has the focus.
    std::optional<ControlPlace> focusedControl() const;
    // As Tab does it; nothing where there is no such control.
    void setFocusToControl(ControlPlace place);

    // ---- selection
    TextPlace caret() const { return caret_; }

    TextRange selection() const { return TextRange::between(anchor_, caret_); }

    // Moves the caret, scrolls to it and selects what lies between. Places are clamped.
    void select(TextPlace anchor, TextPlace caret);
    void selectAll();
    virtual QString textOf(TextRange range, CopyFormat format) const = 0;
    void copy(CopyFormat format) const;

    // ---- find: visible matches are marked, the current one is selected
    void setFindText(const QString& query);

    const QString& findText() const { return findText_; }

    void findNext(FindDirection direction);

    // ---- zoom, 50 to 300 % of the window's text size
    int zoomPercent() const { return zoomPercent_; }

    void setZoomPercent(int percent);

    // Stays at the end as long as the user does not scroll up.
    void setFollow(Follow follow);

    bool isAtEnd() const;

    const Look& look() const;
    QVariant inputMethodQuery(Qt::InputMethodQuery query) const override;

signals:
    void linkActivated(qint64 item, const QString& href);
    void findWanted();  // Ctrl+F
    void findEnded(bool isFound);
    void selectionChanged();
    void zoomChanged(int percent);

protected:
    Canvas(Appearance& appearance, QWidget* parent);

    // ---- what a subclass answers
    virtual int itemLength(int64_t item) const = 0;
    virtual TextPlace placeAt(QPoint point) const = 0;
    virtual QRect caretRect(TextPlace place) const = 0;
    virtual TextPlace moved(TextPlace place, CaretMove move) const = 0;
    virtual TextRange unitAround(TextPlace place, SelectionUnit unit) const = 0;
    virtual void ensureVisible(TextPlace place) = 0;
    virtual TextRange hitRange(TextPlace hit) = 0;  // of a find; may unfold
    virtual void toggleFold(int64_t item);
    virtual void layOutAgain() = 0;  // look, zoom or width changed
    virtual int lineHeight() const = 0;

    // ---- what it tells
    void itemsAppended(int64_t count);
    void itemsReset();
    void keepPlacesInside();
    void placePill();
    void updateItem(int64_t item);

    int64_t focusedItem() const { return focused_.item; }

    // `index` is that in controls(item).
    bool hasFocusedControl(int64_t item, size_t index, const CanvasControl& control) const;

    Follow follow() const { return follow_; }

    bool event(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void timerEvent(QTimerEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool focusNextPrevChild(bool isNext) override;

private:
    struct FocusedControl {
        int64_t item = -1;
        size_t index = 0;  // in controls(item): two may be equal
        CanvasControl control;
    };

    bool moveCaretByKey(const QKeyEvent& event);
    TextPlace movedVertically(int64_t pixels);
    void setCaret(TextPlace caret, Qt::KeyboardModifiers modifiers);
    void extendTo(TextPlace place);
    const CanvasControl* controlAt(QPoint point, int64_t& item);
    std::vector<FocusedControl> visibleControls() const;
    void focusControl(FocusedControl focused);
    void walkTo(const FocusedControl& control);
    void updateSelection(TextRange before);
    void tellFocus();
    bool runShortcut(const QKeyEvent& event);

    Appearance& appearance_;
    FindScan* scan_;
    QPushButton* pill_;
    QString findText_;
    TextPlace anchor_, caret_;
    TextRange dragUnit_;
    SelectionUnit dragBy_ = SelectionUnit::place;
    FocusedControl focused_;
    std::vector<CanvasControl> hovered_;
    QBasicTimer autoScroll_;
    QBasicTimer tripleClick_;
    QPoint pressedAt_;
    int preferredX_ = -1;  // keeps the column while walking up and down
    int zoomPercent_ = 100;
    int64_t newItems_ = 0;
    Follow follow_ = Follow::no;
    bool isPressed_ = false;
};

}  // namespace moxie::desktop
