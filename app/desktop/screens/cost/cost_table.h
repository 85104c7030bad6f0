// Rows of tokens and money that add up to the last one, which is the total.
// Threads: GUI thread only.
#pragma once
#include <QAbstractTableModel>
#include <QString>
#include <vector>

#include "app/desktop/model/cost_model.h"
#include "app/desktop/screens/cost/cost_texts.h"

namespace moxie::desktop {

struct CostRow {
    QString title = {};
    Cost cost = {};
    Settled settled = Settled::yes;
    bool operator==(const CostRow&) const = default;
};

class CostTable final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { title, fresh, cached, output, reasoning, money, nColumns };

    using QAbstractTableModel::QAbstractTableModel;

    // In the order in which they are shown; the total is made of them.
    void setRows(std::vector<CostRow> rows);

    const CostRow& row(int row) const { return rows_[size_t(row)]; }

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QString cell(const CostRow& row, size_t number, int column) const;

    std::vector<CostRow> rows_;   // the total last
    std::vector<int64_t> units_;  // of the money, as shown
};

}  // namespace moxie::desktop
