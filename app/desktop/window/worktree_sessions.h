// Which folder a new session gets, and what becomes of the worktrees of old ones: between the
// sidebar and git. Sessions that work at the same time have a folder each, unless the user says
// otherwise. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <filesystem>

#include "app/desktop/session/session_store_model.h"
#include "app/desktop/session/worktrees.h"

namespace moxie::desktop {

class SessionsScreen;

class WorktreeSessions final : public QObject {
    Q_OBJECT

public:
    // Worktrees are made below `folder`. All outlive it.
    WorktreeSessions(std::filesystem::path folder, SessionStoreModel& store,
                     SessionsScreen& sidebar, QObject* parent = nullptr);

    // In `repository`; in a worktree of it if another session works there.
    void begin(const QString& repository);
    void beginInWorktree(const QString& repository);

signals:
    // A new session is to begin there.
    void folderReady(const QString& folder);
    void said(const QString& sentence);

private:
    bool isAtWorkIn(const QString& repository) const;
    void noteFailure(const QString& repository, const QString& sentence);

    SessionStoreModel& store_;
    Worktrees worktrees_;
    bool hasToBegin_ = false;  // also without a worktree
};

}  // namespace moxie::desktop
