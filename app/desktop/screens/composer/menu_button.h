// A button whose text says by "▾" that it opens a menu; the style's own arrow would lie on the
// text. Threads: GUI thread only.
#pragma once
#include <QStyleOptionToolButton>
#include <QStylePainter>
#include <QToolButton>

namespace moxie::desktop {

class MenuButton : public QToolButton {
public:
    explicit MenuButton(QWidget* parent = nullptr) : QToolButton(parent) {
        setAutoRaise(true);
        setFocusPolicy(Qt::StrongFocus);
    }

protected:
    void paintEvent(QPaintEvent*) override {
        QStylePainter painter(this);
        QStyleOptionToolButton option;
        initStyleOption(&option);
        option.features &= ~QStyleOptionToolButton::HasMenu;
        painter.drawComplexControl(QStyle::CC_ToolButton, option);
    }
};

}  // namespace moxie::desktop
