// The steps of the plan as rows that can be edited, moved, struck and ticked. It says when the user
// changed something; what the log says comes in through setRows().
// Threads: GUI thread only.
#pragma once
#include <QAbstractListModel>
#include <vector>

#include "app/desktop/model/plan_model.h"

namespace moxie::desktop {

enum class PlanSign : uint8_t { pending, active, done, dropped };

struct PlanRow {
    PlanEntry entry = {};
    bool isDropped = false;  // struck by the user
    bool isTicked = true;    // to be approved
    bool operator==(const PlanRow&) const = default;
};

PlanSign signOf(const PlanRow& row);

class PlanRows final : public QAbstractListModel {
    Q_OBJECT

public:
    static constexpr int kSignRole = Qt::UserRole, kDetailRole = Qt::UserRole + 1,
                         kTickingRole = Qt::UserRole + 2;

    enum class Editing : uint8_t { no, yes };
    enum class Ticking : uint8_t { no, yes };

    using QAbstractListModel::QAbstractListModel;

    void setRows(std::vector<PlanRow> rows);
    void setEditing(Editing editing);
    void setTicking(Ticking ticking);

    const std::vector<PlanRow>& rows() const { return rows_; }

    // ---- by the user; each emits edited(). Requires: the row exists.
    void strike(int row);
    void restore(int row);
    // Not yet a step: it becomes one with its first text. Returns its row.
    int addEmpty();
    void removeEmpty();

    int rowCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;
    Qt::DropActions supportedDropActions() const override;
    // Single rows within the list.
    bool moveRows(const QModelIndex& from, int row, int count, const QModelIndex& to,
                  int before) override;

signals:
    void edited();
    void tickChanged();

private:
    QString callsText(int count) const;
    QString priorityText(PlanPriority priority) const;
    QString touchesText(const PlanEntry& entry) const;
    QString tipOf(const PlanEntry& entry) const;
    QString detailOf(const PlanEntry& entry) const;  // at the end of its row
    QString spokenState(const PlanRow& row) const;
    QString spokenName(const PlanRow& row) const;

    std::vector<PlanRow> rows_;
    Editing editing_ = Editing::yes;
    Ticking ticking_ = Ticking::no;
};

}  // namespace moxie::desktop
