#include "app/desktop/screens/output/command_view.h"

#include <QFontMetrics>
#include <QPainter>
#include <QStyledItemDelegate>

#include "app/desktop/screens/output/command_texts.h"
#include "app/desktop/theme/appearance.h"

namespace moxie::desktop {

namespace {

constexpr int kSignColumn = grid(6);

QString detailText(const CommandRow& row) {
    QStringList parts = {ownerText(row), stateText(row)};
    if (!row.isRunning() && row.durationMs > 0) parts << commandDuration(row.durationMs);
    if (!row.directory.empty()) parts << QString::fromStdString(row.directory);
    return parts.join(QStringLiteral(" \u00B7 "));
}

class CommandDelegate final : public QStyledItemDelegate {
public:
    CommandDelegate(const CommandModel& model, const Appearance& appearance, QObject* parent)
        : QStyledItemDelegate(parent),
          model_(model),
          appearance_(appearance) {}

    QSize sizeHint(const QStyleOptionViewItem&, const QModelIndex&) const override {
        const QFontMetrics first(look().font(TextRole::code)), second(look().font(TextRole::small));
        return {grid(40), first.height() + second.height() + grid(3)};
    }

    void paint(QPainter* painter, const QStyleOptionViewItem& option,
               const QModelIndex& index) const override {
        const CommandRow& row = model_.command(index.row());
        const bool isChosen = (option.state & QStyle::State_Selected) != 0;
        const bool hasFocus = (option.state & QStyle::State_HasFocus) != 0;
        painter->save();
        painter->fillRect(option.rect, look().color(isChosen ? Role::accentSoft : Role::surface));
        const QRect inside = option.rect.adjusted(grid(2), grid(1), -grid(2), -grid(2));
        const CommandSign sign = signOf(row);
        painter->setFont(look().font(TextRole::body));
        painter->setPen(look().color(sign.role));
        const QFont code = look().font(TextRole::code), small = look().font(TextRole::small);
        const QFontMetrics first(code), second(small);
        const QRect top(inside.left() + kSignColumn, inside.top(), inside.width() - kSignColumn,
                        first.height());
        painter->drawText(QRect(inside.left(), top.top(), kSignColumn, top.height()),
                          Qt::AlignLeft | Qt::AlignVCenter, QString(sign.sign));
        painter->setFont(code);
        painter->setPen(look().color(Role::text));
        painter->drawText(top, Qt::AlignLeft | Qt::AlignVCenter,
                          first.elidedText(commandText(row), Qt::ElideRight, top.width()));
        const QRect bottom(top.left(), top.bottom() + 1 + grid(1) / 2, top.width(),
                           second.height());
        painter->setFont(small);
        painter->setPen(look().color(Role::textMuted));
        painter->drawText(bottom, Qt::AlignLeft | Qt::AlignVCenter,
                          second.elidedText(detailText(row), Qt::ElideRight, bottom.width()));
        if (hasFocus) {
            painter->setPen(QPen(look().color(Role::focusRing), 2));
            painter->drawRect(option.rect.adjusted(1, 1, -1, -1));
        }
        painter->restore();
    }

private:
    const Look& look() const { return appearance_.look(); }

    const CommandModel& model_;
    const Appearance& appearance_;
};

}  // namespace

void CommandModel::rebuild(const Conversation& now) {
    beginResetModel();
    list_.rebuild(now);
    endResetModel();
}

void CommandModel::apply(const Conversation& now, const std::vector<ConversationChange>& changes) {
    const CommandList::Effect effect = list_.apply(now, changes);
    if (effect == CommandList::Effect::all) {
        beginResetModel();
        endResetModel();
    }
    for (const int64_t changed : list_.changedRows()) {
        const CommandRow& row = list_.rows()[size_t(changed)];
        const QModelIndex at = index(rowOf(row.callId, row.turnNumber));
        emit dataChanged(at, at);
    }
}

const CommandRow& CommandModel::command(int row) const {
    return list_.rows()[size_t(list_.order()[size_t(row)])];
}

int CommandModel::rowOf(const std::string& callId, int32_t turn) const {
    const int64_t found = list_.find(callId, turn);
    const auto at = std::find(list_.order().begin(), list_.order().end(), found);
    return at == list_.order().end() ? -1 : int(at - list_.order().begin());
}

int CommandModel::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(list_.order().size());
}

QVariant CommandModel::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const CommandRow& row = command(index.row());
    if (role == Qt::DisplayRole || role == Qt::ToolTipRole) return commandText(row);
    if (role == Qt::AccessibleTextRole)
        return tr("%1, %2", "a command and what became of it")
            .arg(commandText(row), detailText(row));
    return {};
}

CommandView::CommandView(CommandModel& model, const Appearance& appearance, QWidget* parent)
    : QListView(parent),
      appearance_(appearance) {
    setObjectName(QStringLiteral("output.commands"));
    setModel(&model);
    setItemDelegate(new CommandDelegate(model, appearance, this));
    setUniformItemSizes(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setVerticalScrollMode(QAbstractItemView::ScrollPerPixel);
    connect(&appearance, &Appearance::changed, this, &CommandView::layOutAgain);
    retranslate();
}

void CommandView::retranslate() {
    setAccessibleName(tr("Commands of the session"));
    layOutAgain();
}

void CommandView::layOutAgain() {
    scheduleDelayedItemsLayout();
    viewport()->update();
}

}  // namespace moxie::desktop
