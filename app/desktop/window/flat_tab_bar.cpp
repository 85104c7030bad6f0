#include "app/desktop/window/flat_tab_bar.h"

#include <QPainter>

#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kUnderline = 2;

}  // namespace

FlatTabBar::FlatTabBar(const Appearance& appearance, QWidget* parent)
    : QTabBar(parent),
      appearance_(appearance) {
    setDrawBase(false);
    setExpanding(false);
    setMouseTracking(true);
    setAttribute(Qt::WA_Hover);  // a tab under the mouse is painted stronger
    connect(&appearance, &Appearance::changed, this, [this] {
        updateGeometry();
        update();
    });
}

QSize FlatTabBar::tabSizeHint(int index) const {
    const QFontMetrics metrics(appearance_.look().font(TextRole::body));
    return {metrics.horizontalAdvance(tabText(index)) + iconWidth(index) + grid(6),
            metrics.height() + grid(4)};
}

// With the gap behind it; 0: the tab has no icon.
int FlatTabBar::iconWidth(int index) const {
    return tabIcon(index).isNull() ? 0 : iconEdge() + grid(2);
}

int FlatTabBar::iconEdge() const {
    return QFontMetrics(appearance_.look().font(TextRole::body)).ascent();
}

QSize FlatTabBar::minimumTabSizeHint(int index) const {
    return tabSizeHint(index);
}

void FlatTabBar::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    const Look& look = appearance_.look();
    painter.fillRect(rect(), look.color(Role::window));
    painter.fillRect(QRect(0, height() - 1, width(), 1), look.color(Role::border));
    painter.setFont(look.font(TextRole::body));
    for (int index = 0; index < count(); ++index)
        paintTab(painter, index);
}

void FlatTabBar::paintTab(QPainter& painter, int index) const {
    const Look& look = appearance_.look();
    const QRect tab = tabRect(index);
    const bool isChosen = index == currentIndex();
    const bool isUnderMouse = tab.contains(mapFromGlobal(QCursor::pos())) && underMouse();
    painter.setPen(look.color(isChosen || isUnderMouse ? Role::text : Role::textMuted));
    const int textWidth = painter.fontMetrics().horizontalAdvance(tabText(index));
    const int left = tab.center().x() - (textWidth + iconWidth(index)) / 2;
    if (iconWidth(index) > 0)
        tabIcon(index).paint(
            &painter, QRect(left, tab.center().y() - iconEdge() / 2 + 1, iconEdge(), iconEdge()));
    painter.drawText(QRect(left + iconWidth(index), tab.top(), textWidth + 1, tab.height()),
                     Qt::AlignLeft | Qt::AlignVCenter, tabText(index));
    if (!isChosen) return;
    painter.fillRect(QRect(tab.left() + grid(2), tab.bottom() - kUnderline + 1,
                           tab.width() - 2 * grid(2), kUnderline),
                     look.color(Role::accent));
    if (!hasFocus()) return;
    painter.setPen(QPen(look.color(Role::focusRing), kUnderline));
    painter.drawRoundedRect(tab.adjusted(grid(1), grid(1), -grid(1), -grid(1)), 3, 3);
}

}  // namespace moxie::desktop
