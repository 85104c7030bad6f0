// A worktree for each session that wants one: made for a new session, removed when its session is
// closed. Git's work is done on a Worker; what came of a wish arrives as a signal.
// Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <filesystem>

#include "app/desktop/core/worker.h"

namespace moxie::desktop {

// Whose worktree.
struct WorktreeOwner {
    QString folder = {};     // of the worktree
    QString sessionId = {};  // that worked there
    QString title = {};      // of that session
};

class Worktrees final : public QObject {
    Q_OBJECT

public:
    // What becomes of uncommitted work in a worktree that goes.
    enum class Leftover : uint8_t {
        refuse,   // held()
        commit,   // to the worktree's own branch
        discard,  // a checkpoint keeps it
    };

    // `folder`: worktrees are made below it.
    explicit Worktrees(std::filesystem::path folder, QObject* parent = nullptr);

    // On a branch of its own, with the files of HEAD. added() or failed().
    void add(const QString& repository);
    // removed(), held() or failed(). The branch stays.
    void remove(const WorktreeOwner& owner, Leftover leftover);

signals:
    void added(const QString& repository, const QString& folder, const QString& branch);
    void removed(const moxie::desktop::WorktreeOwner& owner, const QString& branch);
    void held(const moxie::desktop::WorktreeOwner& owner, int nFiles);
    // Nothing was made or removed.
    void failed(const QString& repository, const QString& sentence);

private:
    std::filesystem::path folder_;
    Worker worker_;  // last: ends before the rest goes
};

}  // namespace moxie::desktop
