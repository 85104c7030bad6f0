#include "app/desktop/screens/sessions/session_row_painter.h"

#include <QLineEdit>
#include <QPainter>
#include <QPolygonF>

#include "app/desktop/screens/sessions/session_age.h"
#include "app/desktop/screens/sessions/session_sign.h"
#include "app/desktop/screens/sessions/session_tree.h"
#include "app/desktop/theme/appearance.h"
#include "base/clock.h"

namespace moxie::desktop {

namespace {

constexpr int kDot = 6, kTitleMax = 200;
constexpr int kBranchPercentMax = 40;  // of a row's room
const QLatin1String kOurBranches("moxie/");

// Two lines that part: a small picture of a branch.
void paintFork(QPainter& painter, const QRectF& box) {
    const double left = box.left() + box.width() * 0.25, right = box.right() - box.width() * 0.2;
    const double top = box.top() + box.height() * 0.1, bottom = box.bottom() - box.height() * 0.1;
    const double middle = box.center().y();
    painter.setBrush(Qt::NoBrush);
    painter.drawLine(QPointF(left, top), QPointF(left, bottom));
    painter.drawPolyline(QPolygonF({{right, top}, {right, middle - 1}, {left, middle + 2}}));
}

bool isSessionRow(const QModelIndex& index) {
    const auto kind = SessionTree::Kind(index.data(SessionTree::kKindRole).toInt());
    return kind == SessionTree::Kind::session || kind == SessionTree::Kind::binned;
}

}  // namespace

SessionRowPainter::SessionRowPainter(const base::Clock& clock, Appearance& appearance,
                                     QObject* parent)
    : QStyledItemDelegate(parent),
      clock_(clock),
      appearance_(appearance) {}

QSize SessionRowPainter::sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const {
    return {grid(30), QFontMetrics(appearance_.look().font(TextRole::body)).height() + grid(3)};
}

QRect SessionRowPainter::signRect(const QRect& row) const {
    const int side = QFontMetrics(appearance_.look().font(TextRole::body)).ascent();
    return {row.left(), row.top() + (row.height() - side) / 2, side, side};
}

QRect SessionRowPainter::textRect(const QRect& row) const {
    return {signRect(row).right() + 1 + grid(2), row.top(),
            row.right() - signRect(row).right() - 2 * grid(2), row.height()};
}

void SessionRowPainter::paint(QPainter* painter, const QStyleOptionViewItem& option,
                              const QModelIndex& index) const {
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    if (isSessionRow(index))
        paintSession(*painter, option, index);
    else
        paintProject(*painter, option.rect, index);
    painter->restore();
}

// At the right end of `room`, in the painter's font and pen; what is left of the room.
QRect SessionRowPainter::paintBranch(QPainter& painter, QRect room, const QString& branch) const {
    if (branch.isEmpty()) return room;
    const QFontMetrics metrics = painter.fontMetrics();
    const int sign = metrics.ascent() * 3 / 4;
    const QString shown =
        branch.startsWith(kOurBranches) ? branch.mid(kOurBranches.size()) : branch;
    const int widthMax = room.width() * kBranchPercentMax / 100 - sign - grid(1);
    const QString text = metrics.elidedText(shown, Qt::ElideMiddle, widthMax);
    painter.drawText(room, int(Qt::AlignRight | Qt::AlignVCenter), text);
    room.setRight(room.right() - metrics.horizontalAdvance(text) - grid(1));
    paintFork(painter,
              QRectF(room.right() + 1 - sign, room.center().y() + 1 - sign / 2.0, sign, sign));
    room.setRight(room.right() - sign - grid(2));
    return room;
}

void SessionRowPainter::paintProject(QPainter& painter, const QRect& row,
                                     const QModelIndex& index) const {
    const Look& look = appearance_.look();
    QFont font = look.font(TextRole::small);
    font.setWeight(QFont::DemiBold);
    painter.setFont(look.font(TextRole::small));
    painter.setPen(look.color(Role::textMuted));
    const QRect inner = paintBranch(painter, row.adjusted(grid(1), 0, -grid(2), 0),
                                    index.data(SessionTree::kBranchRole).toString());
    painter.setFont(font);
    painter.drawText(
        inner, int(Qt::AlignLeft | Qt::AlignVCenter),
        painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideMiddle, inner.width()));
}

void SessionRowPainter::paintSession(QPainter& painter, const QStyleOptionViewItem& option,
                                     const QModelIndex& index) const {
    const Look& look = appearance_.look();
    const bool isChosen = (option.state & QStyle::State_Selected) != 0;
    const QRect row = option.rect;
    const auto state = SessionState(index.data(SessionTree::kStateRole).toInt());
    const QRect sign = signRect(row);
    SessionSign(state).paint(painter, QRectF(sign).adjusted(1, 1, -1, -1), look);

    QRect text = textRect(row);
    painter.setFont(look.font(TextRole::small));
    painter.setPen(look.color(isChosen ? Role::text : Role::textMuted));
    const int64_t changedMs = index.data(SessionTree::kChangedRole).toLongLong();
    const QString age = SessionAge(changedMs, clock_.wallMs()).brief();
    painter.drawText(text, int(Qt::AlignRight | Qt::AlignVCenter), age);
    text.setRight(text.right() - painter.fontMetrics().horizontalAdvance(age) - grid(2));
    text = paintBranch(painter, text, index.data(SessionTree::kBranchRole).toString());
    const bool isUnseen = index.data(SessionTree::kUnseenRole).toBool();
    if (isUnseen) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(look.color(Role::accent));
        painter.drawEllipse(
            QRectF(text.right() - kDot, row.center().y() - kDot / 2.0 + 0.5, kDot, kDot));
        text.setRight(text.right() - kDot - grid(2));
    }
    painter.setFont(look.font(isUnseen ? TextRole::title : TextRole::body));
    painter.setPen(look.color(Role::text));
    painter.drawText(
        text, int(Qt::AlignLeft | Qt::AlignVCenter),
        painter.fontMetrics().elidedText(index.data().toString(), Qt::ElideRight, text.width()));
}

QWidget* SessionRowPainter::createEditor(QWidget* parent, const QStyleOptionViewItem&,
                                         const QModelIndex&) const {
    auto* editor = new QLineEdit(parent);
    editor->setObjectName(QStringLiteral("sessions.title"));
    editor->setAccessibleName(tr("Title of the session"));
    editor->setMaxLength(kTitleMax);
    return editor;
}

void SessionRowPainter::updateEditorGeometry(QWidget* editor, const QStyleOptionViewItem& option,
                                             const QModelIndex&) const {
    editor->setGeometry(textRect(option.rect).adjusted(-grid(1), 0, grid(1), 0));
}

}  // namespace moxie::desktop
