// What one does to the session that is chosen in the tree, with keys and as a menu: rename in
// place, archive, fork, export, delete, restore, remove its worktree. Threads: GUI thread only.
#pragma once
#include <QObject>

#include "app/desktop/session/session_store_model.h"
#include "app/desktop/session/worktrees.h"

class QAction;
class QPoint;

namespace moxie::desktop {

class SessionTree;
class SessionTreeView;

class SessionActions final : public QObject {
    Q_OBJECT

public:
    enum class Place : uint8_t { list, archive };

    // `view` shows `tree`; all must outlive it.
    SessionActions(SessionStoreModel& store, const SessionTree& tree, SessionTreeView& view);

    // Which sessions are shown: archiving one, or taking it out again.
    void setPlace(Place place);
    // The chosen row is another one.
    void update();
    void retranslate();

signals:
    void forkWanted(const QString& id);
    void removeWorktreeWanted(const moxie::desktop::WorktreeOwner& owner);
    // A session with a worktree of its own was archived, is about to be deleted.
    void archived(const moxie::desktop::WorktreeOwner& owner);
    void removing(const moxie::desktop::WorktreeOwner& owner);

private:
    QAction* add(const char* name, const QString& keys, void (SessionActions::*run)());
    QString chosenId() const;
    WorktreeOwner chosenWorktree() const;
    void rename();
    void archive();
    void remove();
    void restore();
    void exportMarkdown();
    void fork();
    void removeWorktree();
    void openMenu(const QPoint& at);

    SessionStoreModel& store_;
    const SessionTree& tree_;
    SessionTreeView& view_;
    Place place_ = Place::list;
    QAction* rename_;
    QAction* archive_;
    QAction* fork_;
    QAction* export_;
    QAction* remove_;
    QAction* restore_;
    QAction* removeWorktree_;
};

}  // namespace moxie::desktop
