#include "app/desktop/screens/sessions/session_tree_view.h"

#include <QPainter>
#include <QPolygonF>

#include "app/desktop/screens/sessions/session_tree.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kShownBar = 3;

}  // namespace

SessionTreeView::SessionTreeView(Appearance& appearance, QWidget* parent)
    : QTreeView(parent),
      appearance_(appearance) {
    setHeaderHidden(true);
    setUniformRowHeights(true);
    setFrameShape(QFrame::NoFrame);
    setIndentation(grid(3));
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    setEditTriggers(QAbstractItemView::EditKeyPressed);
    setExpandsOnDoubleClick(false);
    setContextMenuPolicy(Qt::CustomContextMenu);
    connect(&appearance, &Appearance::changed, this, &SessionTreeView::applyLook);
    applyLook();
}

void SessionTreeView::setShown(const QString& id) {
    shown_ = id;
    viewport()->update();
}

void SessionTreeView::applyLook() {
    const Look& look = appearance_.look();
    QPalette palette = look.palette();
    palette.setColor(QPalette::Base, look.color(Role::window));
    for (const auto group : {QPalette::Active, QPalette::Inactive})
        palette.setColor(group, QPalette::Highlight, look.color(Role::currentRow));
    setPalette(palette);
    scheduleDelayedItemsLayout();
}

void SessionTreeView::drawRow(QPainter* painter, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const {
    const Look& look = appearance_.look();
    const bool isShown = !shown_.isEmpty() && index.data(SessionTree::kIdRole).toString() == shown_;
    const bool isChosen = selectionModel()->isSelected(index);
    if (isShown || isChosen)
        painter->fillRect(option.rect, look.color(isShown ? Role::accentSoft : Role::currentRow));
    QTreeView::drawRow(painter, option, index);
    if (isShown)
        painter->fillRect(
            QRect(option.rect.left(), option.rect.top(), kShownBar, option.rect.height()),
            look.color(Role::accent));
    if (hasFocus() && index == currentIndex()) {
        painter->setBrush(Qt::NoBrush);
        painter->setPen(look.color(Role::focusRing));
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
}

void SessionTreeView::drawBranches(QPainter* painter, const QRect& rect,
                                   const QModelIndex& index) const {
    if (!model()->hasChildren(index)) return;
    const QPointF middle = QRectF(rect).center();
    const double reach = grid(1);
    QPolygonF arrow;
    if (isExpanded(index))
        arrow << QPointF(-reach, -reach / 2) << QPointF(0, reach / 2) << QPointF(reach, -reach / 2);
    else
        arrow << QPointF(-reach / 2, -reach) << QPointF(reach / 2, 0) << QPointF(-reach / 2, reach);
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(
        QPen(appearance_.look().color(Role::textMuted), 1.5, Qt::SolidLine, Qt::RoundCap));
    painter->drawPolyline(arrow.translated(middle));
    painter->restore();
}

}  // namespace moxie::desktop
