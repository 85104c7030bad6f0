#include "app/desktop/window/worktree_sessions.h"

#include <utility>

#include "app/desktop/screens/sessions/sessions_screen.h"

namespace moxie::desktop {

WorktreeSessions::WorktreeSessions(std::filesystem::path folder, SessionStoreModel& store,
                                   SessionsScreen& sidebar, QObject* parent)
    : QObject(parent),
      store_(store),
      worktrees_(std::move(folder)) {
    connect(&worktrees_, &Worktrees::added, this,
            [this](const QString&, const QString& made, const QString& branch) {
                hasToBegin_ = false;
                emit folderReady(made);
                emit said(tr("This session has a worktree of its own, on branch %1. What is not "
                             "committed in the other folder is not in it.")
                              .arg(branch));
            });
    connect(&worktrees_, &Worktrees::failed, this, &WorktreeSessions::noteFailure);
    connect(&worktrees_, &Worktrees::held, &sidebar, &SessionsScreen::askAboutWorktree);
    connect(&worktrees_, &Worktrees::removed, &sidebar, &SessionsScreen::noteWorktreeRemoved);
    connect(&sidebar, &SessionsScreen::removeWorktreeWanted, &worktrees_, &Worktrees::remove);
}

bool WorktreeSessions::isAtWorkIn(const QString& repository) const {
    const std::string folder = repository.toStdString();
    for (const ProjectRows& project : store_.rows(SessionFilter::running, {}))
        for (const SessionRow& row : project.sessions)
            if (row.repository == folder) return true;
    return false;
}

void WorktreeSessions::begin(const QString& repository) {
    if (!isAtWorkIn(repository)) {
        emit folderReady(repository);
        return;
    }
    hasToBegin_ = true;
    worktrees_.add(repository);
}

void WorktreeSessions::beginInWorktree(const QString& repository) {
    hasToBegin_ = false;
    worktrees_.add(repository);
}

void WorktreeSessions::noteFailure(const QString& repository, const QString& sentence) {
    if (std::exchange(hasToBegin_, false)) emit folderReady(repository);
    emit said(sentence);
}

}  // namespace moxie::desktop
