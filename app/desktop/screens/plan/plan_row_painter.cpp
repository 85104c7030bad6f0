#include "app/desktop/screens/plan/plan_row_painter.h"

#include <QLineEdit>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>

#include "app/desktop/screens/plan/plan_rows.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

// `side` pixels around the middle of `rect`.
QRectF squareIn(const QRect& rect, double side) {
    const QPointF middle = QRectF(rect).center();
    return {middle.x() - side / 2, middle.y() - side / 2, side, side};
}

void paintTick(QPainter& painter, const QRectF& box) {
    const QPointF points[] = {{box.left(), box.center().y()},
                              {box.left() + box.width() * 0.38, box.bottom() - box.height() * 0.1},
                              {box.right(), box.top() + box.height() * 0.12}};
    painter.drawPolyline(points, 3);
}

enum class Tick : uint8_t { off, on };

void paintTickBox(QPainter& painter, const QRect& rect, Tick tick, const Look& look) {
    const QRectF box = squareIn(rect, rect.width() * 0.8);
    const bool isOn = tick == Tick::on;
    painter.setPen(QPen(look.color(isOn ? Role::accent : Role::borderStrong), 1));
    painter.setBrush(look.color(isOn ? Role::accent : Role::surface));
    painter.drawRoundedRect(box, 2, 2);
    if (!isOn) return;
    painter.setPen(QPen(look.color(Role::textOnAccent), std::max(1.5, box.width() / 8),
                        Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    paintTick(painter, squareIn(rect, box.width() * 0.55));
}

void paintSign(QPainter& painter, const QRect& rect, PlanSign sign, const Look& look) {
    const QRectF box = squareIn(rect, rect.width() * 0.7);
    const double stroke = std::max(1.5, rect.width() / 9.0);
    const auto pen = [&](Role role) {
        return QPen(look.color(role), stroke, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin);
    };
    painter.setBrush(Qt::NoBrush);
    switch (sign) {
        case PlanSign::pending:
            painter.setPen(pen(Role::textMuted));
            painter.drawEllipse(box);
            break;
        case PlanSign::active:
            painter.setPen(pen(Role::accent));
            painter.drawEllipse(box);
            painter.setPen(Qt::NoPen);
            painter.setBrush(look.color(Role::accent));
            painter.drawEllipse(squareIn(rect, box.width() * 0.45));
            break;
        case PlanSign::done: {
            painter.setPen(pen(Role::success));
            paintTick(painter, box);
            break;
        }
        case PlanSign::dropped: {
            const QRectF cross = squareIn(rect, box.width() * 0.75);
            painter.setPen(pen(Role::textMuted));
            painter.drawLine(cross.topLeft(), cross.bottomRight());
            painter.drawLine(cross.topRight(), cross.bottomLeft());
            break;
        }
    }
}

}  // namespace

PlanRowPainter::PlanRowPainter(Appearance& appearance, QObject* parent)
    : QStyledItemDelegate(parent),
      appearance_(appearance) {}

QSize PlanRowPainter::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
    return {0, QFontMetrics(appearance_.look().font(TextRole::body)).height() + grid(2)};
}

PlanRowPainter::Parts PlanRowPainter::partsOf(const QStyleOptionViewItem& option,
                                              const QModelIndex& index) const {
    QRect left = option.rect.adjusted(grid(2), 0, -grid(2), 0);
    const int side = QFontMetrics(appearance_.look().font(TextRole::body)).height();
    Parts parts;
    if (index.data(PlanRows::kTickingRole).toBool()) {  // struck steps keep in line, too
        if (index.data(Qt::CheckStateRole).isValid())
            parts.tick = QRect(left.left(), left.top() + (left.height() - side) / 2, side, side);
        left.setLeft(left.left() + side + grid(2));
    }
    parts.sign = QRect(left.left(), left.top() + (left.height() - side) / 2, side, side);
    left.setLeft(left.left() + side + grid(2));
    parts.text = left;
    return parts;
}

void PlanRowPainter::paint(QPainter* painter, const QStyleOptionViewItem& option,
                           const QModelIndex& index) const {
    const Look& look = appearance_.look();
    const Parts parts = partsOf(option, index);
    const auto sign = PlanSign(index.data(PlanRows::kSignRole).toInt());
    const bool isChosen = (option.state & QStyle::State_Selected) != 0;
    const bool hasFocus = (option.state & QStyle::State_HasFocus) != 0;
    painter->save();
    if (isChosen && (option.state & QStyle::State_Active) != 0)
        painter->fillRect(option.rect, look.color(hasFocus ? Role::accentSoft : Role::currentRow));
    if (hasFocus) {
        painter->setPen(look.color(Role::focusRing));
        painter->drawRect(option.rect.adjusted(0, 0, -1, -1));
    }
    if (!parts.tick.isNull()) {
        painter->setRenderHint(QPainter::Antialiasing);
        const bool isOn = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
        paintTickBox(*painter, parts.tick, isOn ? Tick::on : Tick::off, look);
    }
    painter->setRenderHint(QPainter::Antialiasing);
    paintSign(*painter, parts.sign, sign, look);
    QRect text = parts.text;
    const QString calls = index.data(PlanRows::kDetailRole).toString();
    painter->setFont(look.font(TextRole::small));
    painter->setPen(look.color(isChosen ? Role::text : Role::textMuted));
    painter->drawText(text, int(Qt::AlignRight | Qt::AlignVCenter), calls);
    if (!calls.isEmpty())
        text.setRight(text.right() - painter->fontMetrics().horizontalAdvance(calls) - grid(3));
    QFont font = look.font(sign == PlanSign::active ? TextRole::title : TextRole::body);
    font.setStrikeOut(sign == PlanSign::dropped);
    painter->setFont(font);
    const bool isQuiet = sign == PlanSign::done || sign == PlanSign::dropped;
    painter->setPen(look.color(isQuiet && !isChosen ? Role::textMuted : Role::text));
    painter->drawText(text, int(Qt::AlignLeft | Qt::AlignVCenter),
                      painter->fontMetrics().elidedText(index.data(Qt::DisplayRole).toString(),
                                                        Qt::ElideRight, text.width()));
    painter->restore();
}

QWidget* PlanRowPainter::createEditor(QWidget* parent, const QStyleOptionViewItem&,
                                      const QModelIndex&) const {
    auto* editor = new QLineEdit(parent);
    editor->setObjectName(QStringLiteral("plan.stepText"));
    editor->setAccessibleName(tr("Text of the step"));
    editor->setPlaceholderText(tr("What is to be done"));
    editor->setMaxLength(500);
    return editor;
}

void PlanRowPainter::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                                          const QModelIndex& index) const {
    QRect place = partsOf(option, index).text;
    place.setTop(option.rect.top());
    place.setBottom(option.rect.bottom());
    editor->setGeometry(place.adjusted(-grid(1), 0, grid(1), 0));
}

bool PlanRowPainter::editorEvent(QEvent* event, QAbstractItemModel* model,
                                 const QStyleOptionViewItem& option, const QModelIndex& index) {
    const QVariant tick = index.data(Qt::CheckStateRole);
    if (!tick.isValid()) return false;
    const bool isClick = event->type() == QEvent::MouseButtonRelease &&
                         partsOf(option, index)
                             .tick.contains(static_cast<QMouseEvent*>(event)->position().toPoint());
    const bool isKey =
        event->type() == QEvent::KeyPress && static_cast<QKeyEvent*>(event)->key() == Qt::Key_Space;
    if (!isClick && !isKey) return false;
    const bool isOn = tick.toInt() == Qt::Checked;
    return model->setData(index, isOn ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
}

}  // namespace moxie::desktop
