// Projects and their sessions as a tree of two levels for a view; in the archive the bin is the
// last project. It shows what it is given and says what the user typed as a title.
// Threads: GUI thread only.
#pragma once
#include <QAbstractItemModel>
#include <vector>

#include "app/desktop/session/session_store_model.h"

namespace moxie::base {
class Clock;
}

namespace moxie::desktop {

class SessionTree final : public QAbstractItemModel {
    Q_OBJECT

public:
    enum class Kind : uint8_t { project, bin, session, binned };

    // Of sessions: id, state (SessionState), last change (qint64, ms), unseen; the branch of a
    // project's checkout or of a worktree, the folder of a worktree.
    static constexpr int kIdRole = Qt::UserRole, kKindRole = Qt::UserRole + 1,
                         kStateRole = Qt::UserRole + 2, kChangedRole = Qt::UserRole + 3,
                         kUnseenRole = Qt::UserRole + 4, kBranchRole = Qt::UserRole + 5,
                         kWorktreeRole = Qt::UserRole + 6;

    // `clock` must outlive it.
    explicit SessionTree(const base::Clock& clock, QObject* parent = nullptr);

    // Where all sessions stay in their places, the changed ones are told; else the model is reset.
    // Cost: O(rows).
    void setRows(std::vector<ProjectRows> projects, std::vector<BinnedSession> bin);
    // Invalid: not shown.
    QModelIndex indexOf(const QString& id) const;
    Kind kindOf(const QModelIndex& index) const;
    // What its project's name stands for: the folder, "" for the bin. Requires: a top row.
    QString repositoryOf(const QModelIndex& index) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    bool setData(const QModelIndex& index, const QVariant& value, int role) override;
    Qt::ItemFlags flags(const QModelIndex& index) const override;

signals:
    void renamed(const QString& id, const QString& title);

private:
    bool isBin(int project) const;
    bool hasSameShape(const std::vector<ProjectRows>& projects) const;
    void tellChangedRows(const std::vector<ProjectRows>& before);
    QVariant projectData(int project, int role) const;
    QString spoken(const SessionRow& row, const QString& title) const;
    QVariant sessionData(const SessionRow& row, int role) const;
    QVariant binnedData(const BinnedSession& row, int role) const;

    const base::Clock& clock_;
    std::vector<ProjectRows> projects_;
    std::vector<BinnedSession> bin_;
};

}  // namespace moxie::desktop
