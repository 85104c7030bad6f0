#include "app/desktop/screens/cost/cost_table.h"

#include <QFont>
#include <numeric>
#include <utility>

namespace moxie::desktop {

void CostTable::setRows(std::vector<CostRow> rows) {
    CostRow total;
    std::vector<int64_t> nanoDollars;
    for (const CostRow& row : rows) {
        total.cost += row.cost;
        nanoDollars.push_back(row.cost.nanoDollars);
        if (row.settled == Settled::no) total.settled = Settled::no;
    }
    std::vector<int64_t> units = shownUnits(nanoDollars);
    units.push_back(std::accumulate(units.begin(), units.end(), int64_t(0)));
    if (!rows.empty()) rows.push_back(std::move(total));
    if (rows == rows_) return;
    beginResetModel();
    rows_ = std::move(rows);
    units_ = std::move(units);
    endResetModel();
}

int CostTable::rowCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : int(rows_.size());
}

int CostTable::columnCount(const QModelIndex& parent) const {
    return parent.isValid() ? 0 : nColumns;
}

QString CostTable::cell(const CostRow& row, size_t number, int column) const {
    switch (column) {
        case title:
            return number + 1 == rows_.size() ? tr("Total") : row.title;
        case fresh:
            return tokensText(row.cost.freshTokens);
        case cached:
            return tokensText(row.cost.cachedTokens);
        case output:
            return tokensText(row.cost.outputTokens);
        case reasoning:
            return tokensText(row.cost.reasoningTokens);
        case money:
            return moneyText(row.cost, units_[number], row.settled);
        default:
            return {};
    }
}

QVariant CostTable::data(const QModelIndex& index, int role) const {
    if (!index.isValid()) return {};
    const auto number = size_t(index.row());
    if (role == Qt::DisplayRole) return cell(rows_[number], number, index.column());
    if (role == Qt::TextAlignmentRole)
        return int((index.column() == title ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::FontRole && number + 1 == rows_.size()) {
        QFont font;
        font.setBold(true);
        return font;
    }
    return {};
}

QVariant CostTable::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) return {};
    if (role == Qt::TextAlignmentRole)
        return int((section == title ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    if (role == Qt::ToolTipRole) {
        if (section == fresh) return tr("Input tokens that were in no cache");
        if (section == cached) return tr("Input tokens that were read from a cache");
        if (section == output) return tr("Output tokens, reasoning included");
        if (section == reasoning) return tr("Of the output, tokens of reasoning");
        return {};
    }
    if (role != Qt::DisplayRole) return {};
    switch (section) {
        case fresh:
            return tr("New in");
        case cached:
            return tr("Cached in");
        case output:
            return tr("Out");
        case reasoning:
            return tr("Reasoning");
        case money:
            return tr("Money");
        default:
            return QString();
    }
}

}  // namespace moxie::desktop
