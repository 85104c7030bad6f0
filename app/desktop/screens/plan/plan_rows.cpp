#include "app/desktop/screens/plan/plan_rows.h"

#include <algorithm>
#include <utility>

namespace moxie::desktop {

PlanSign signOf(const PlanRow& row) {
    if (row.isDropped) return PlanSign::dropped;
    switch (row.entry.state) {
        case PlanState::pending:
            return PlanSign::pending;
        case PlanState::active:
            return PlanSign::active;
        case PlanState::done:
            return PlanSign::done;
    }
    return PlanSign::pending;
}

void PlanRows::setRows(std::vector<PlanRow> rows) {
    if (rows == rows_) return;
    if (rows.size() == rows_.size()) {  // keeps selection and scroll place
        rows_ = std::move(rows);
        emit dataChanged(index(0, 0), index(int(rows_.size()) - 1, 0));
        return;
    }
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
}

void PlanRows::setEditing(Editing editing) {
    editing_ = editing;
}

void PlanRows::setTicking(Ticking ticking) {
    if (ticking_ == ticking) return;
    ticking_ = ticking;
    if (!rows_.empty()) emit dataChanged(index(0, 0), index(int(rows_.size()) - 1, 0));
}

void PlanRows::strike(int row) {
    rows_[size_t(row)].isDropped = true;
    emit dataChanged(index(row, 0), index(row, 0));
    emit edited();
}

void PlanRows::restore(int row) {
    rows_[size_t(row)].isDropped = false;
    emit dataChanged(index(row, 0), index(row, 0));
    emit edited();
}

int PlanRows::addEmpty() {
    const int row = int(rows_.size());
    beginInsertRows({}, row, row);
    rows_.emplace_back();
    endInsertRows();
    return row;
}

void PlanRows::removeEmpty() {
    for (int row = int(rows_.size()) - 1; row >= 0; --row) {
        if (!rows_[size_t(row)].entry.text.empty()) continue;
        beginRemoveRows({}, row, row);
        rows_.erase(rows_.begin() + row);
        endRemoveRows();
    }
}

int PlanRows::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(rows_.size());
}

QVariant PlanRows::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const PlanRow& row = rows_[size_t(index.row())];
    switch (role) {
        case Qt::DisplayRole:
        case Qt::EditRole:
            return QString::fromStdString(row.entry.text);
        case Qt::ToolTipRole:
            return tipOf(row.entry);
        case Qt::AccessibleTextRole:
            return spokenName(row);
        case Qt::CheckStateRole:
            if (ticking_ == Ticking::no || row.isDropped) return {};
            return row.isTicked ? Qt::Checked : Qt::Unchecked;
        case kTickingRole:
            return ticking_ == Ticking::yes;
        case kSignRole:
            return int(signOf(row));
        case kDetailRole:
            return detailOf(row.entry);
        default:
            return {};
    }
}

QString PlanRows::callsText(int count) const {
    if (count == 0) return {};
    return count == 1 ? tr("1 call") : tr("%n calls", "", count);
}

QString PlanRows::priorityText(PlanPriority priority) const {
    switch (priority) {
        case PlanPriority::high:
            return tr("high priority");
        case PlanPriority::low:
            return tr("low priority");
        case PlanPriority::medium:
            break;
    }
    return {};
}

// "parser.cpp +2": the names of files are enough to know them again, the menu has the paths.
QString PlanRows::touchesText(const PlanEntry& entry) const {
    if (entry.touches.empty()) return {};
    const QString first =
        QString::fromStdString(entry.touches.front()).section(QLatin1Char('/'), -1);
    const auto nMore = int(entry.touches.size()) - 1;
    return nMore == 0 ? first : tr("%1 +%2", "a file, and how many more").arg(first).arg(nMore);
}

QString PlanRows::tipOf(const PlanEntry& entry) const {
    QString tip = QString::fromStdString(entry.text);
    for (const std::string& path : entry.touches)
        tip += QLatin1Char('\n') + QString::fromStdString(path);
    return tip;
}

QString PlanRows::detailOf(const PlanEntry& entry) const {
    QStringList parts = {priorityText(entry.priority), touchesText(entry),
                         callsText(int(entry.callIds.size()))};
    parts.removeAll(QString());
    return parts.join(QStringLiteral(" · "));
}

QString PlanRows::spokenState(const PlanRow& row) const {
    const QString text = QString::fromStdString(row.entry.text);
    switch (signOf(row)) {
        case PlanSign::pending:
            return tr("%1, pending").arg(text);
        case PlanSign::active:
            return tr("%1, in progress").arg(text);
        case PlanSign::done:
            return tr("%1, done").arg(text);
        case PlanSign::dropped:
            return tr("%1, struck").arg(text);
    }
    return text;
}

QString PlanRows::spokenName(const PlanRow& row) const {
    QString spoken = spokenState(row);
    const QString priority = priorityText(row.entry.priority);
    if (!priority.isEmpty()) spoken = tr("%1, %2").arg(spoken, priority);
    const QString touches = touchesText(row.entry);
    return touches.isEmpty() ? spoken : tr("%1, touches %2", "a step, files").arg(spoken, touches);
}

bool PlanRows::setData(const QModelIndex& index, const QVariant& value, int role) {
    if (!index.isValid()) return false;
    PlanRow& row = rows_[size_t(index.row())];
    if (role == Qt::CheckStateRole && ticking_ == Ticking::yes) {
        row.isTicked = value.toInt() == Qt::Checked;
        emit dataChanged(index, index);
        emit tickChanged();
        return true;
    }
    const std::string text = value.toString().simplified().toStdString();
    if (role != Qt::EditRole || text.empty() || text == row.entry.text) return false;
    row.entry.text = text;
    emit dataChanged(index, index);
    emit edited();
    return true;
}

Qt::ItemFlags PlanRows::flags(const QModelIndex& index) const {
    if (!index.isValid()) return editing_ == Editing::yes ? Qt::ItemIsDropEnabled : Qt::NoItemFlags;
    Qt::ItemFlags flags = Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemNeverHasChildren;
    if (ticking_ == Ticking::yes) flags |= Qt::ItemIsUserCheckable;
    if (editing_ == Editing::yes) flags |= Qt::ItemIsEditable | Qt::ItemIsDragEnabled;
    return flags;
}

Qt::DropActions PlanRows::supportedDropActions() const {
    return Qt::MoveAction;
}

bool PlanRows::moveRows(const QModelIndex& from, int row, int count, const QModelIndex& to,
                        int before) {
    if (count != 1 || before < 0 || before > rowCount() || editing_ == Editing::no) return false;
    if (!beginMoveRows(from, row, row, to, before)) return false;
    const auto begin = rows_.begin();
    if (before > row)
        std::rotate(begin + row, begin + row + 1, begin + before);
    else
        std::rotate(begin + before, begin + row, begin + row + 1);
    endMoveRows();
    emit edited();
    return true;
}

}  // namespace moxie::desktop
