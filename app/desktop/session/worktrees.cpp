#include "app/desktop/session/worktrees.h"

#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "agent/changes.h"
#include "base/result.h"
#include "tools/checkpoint.h"
#include "tools/git.h"
#include "tools/worktree.h"

namespace moxie::desktop {

namespace {

namespace fs = std::filesystem;

constexpr int kNamesTried = 1'000;

QString qtText(const std::string& utf8) {
    return QString::fromStdString(utf8);
}

struct Made {
    fs::path folder = {};
    std::string branch = {};
};

// The lowest number that is free, both as a folder and as a branch.
base::Result<Made> makeNext(const fs::path& repository, const fs::path& parent) {
    const tools::Checkout checkout = tools::checkoutOf(repository);
    if (checkout.project.empty())
        return base::fail(base::Errc::notFound, "the folder is in no git repository");
    base::Error last(base::Errc::io, "no name is free");
    for (int number = 1; number <= kNamesTried; ++number) {
        Made made = {parent / fmt::format("{}-{}", checkout.project.filename().string(), number),
                     fmt::format("moxie/session-{}", number)};
        const base::Status added = tools::addWorktree(
            {.repository = repository, .folder = made.folder, .branch = made.branch});
        if (added) return made;
        if (added.error().kind() != base::Errc::invalidInput) return base::fail(added.error());
        last = added.error();
    }
    return base::fail(last);
}

base::Status commitAll(tools::Git& git, const std::string& title) {
    TRY_ASSIGN(const auto changes, git.status());
    if (changes.empty()) return {};
    tools::CommitRequest request;
    request.message = agent::makeCommitMessage(title, "", "");
    for (const tools::FileChange& change : changes) {
        request.paths.push_back(change.path);
        if (!change.oldPath.empty()) request.paths.push_back(change.oldPath);
    }
    TRY(git.commit(request));
    return {};
}

base::Status settle(tools::Git& git, const WorktreeOwner& owner, Worktrees::Leftover leftover) {
    switch (leftover) {
        case Worktrees::Leftover::refuse:
            return {};
        case Worktrees::Leftover::commit:
            return commitAll(git, owner.title.toStdString());
        case Worktrees::Leftover::discard:
            break;
    }
    TRY(tools::Checkpoints(git, owner.sessionId.toStdString())
            .take("before the worktree was removed"));
    return {};
}

struct Removed {
    base::Status status = {};
    std::string branch = {};
    int nFiles = 0;  // that hold it
};

Removed removeNow(const WorktreeOwner& owner, Worktrees::Leftover leftover) {
    const fs::path folder = owner.folder.toStdString();
    Removed removed;
    removed.branch = tools::checkoutOf(folder).branch;
    auto git = tools::Git::open(folder);
    if (!git) {
        removed.status = base::fail(git.error());
        return removed;
    }
    removed.status = settle(*git, owner, leftover);
    if (!removed.status) return removed;
    removed.status = tools::removeWorktree(folder, leftover == Worktrees::Leftover::discard
                                                       ? tools::Uncommitted::discard
                                                       : tools::Uncommitted::refuse);
    if (!removed.status && removed.status.error().kind() == base::Errc::busy)
        if (const auto changes = git->status()) removed.nFiles = int(changes->size());
    return removed;
}

}  // namespace

Worktrees::Worktrees(fs::path folder, QObject* parent)
    : QObject(parent),
      folder_(std::move(folder)) {}

void Worktrees::add(const QString& repository) {
    worker_.run(
        *this,
        [repository = fs::path(repository.toStdString()),
         folder = folder_](const std::stop_token&) { return makeNext(repository, folder); },
        [this, repository](const base::Result<Made>& made) {
            if (made)
                emit added(repository, qtText(made->folder.string()), qtText(made->branch));
            else
                emit failed(repository,
                            tr("No worktree was made: %1").arg(qtText(made.error().message())));
        });
}

void Worktrees::remove(const WorktreeOwner& owner, Leftover leftover) {
    worker_.run(
        *this, [owner, leftover](const std::stop_token&) { return removeNow(owner, leftover); },
        [this, owner](const Removed& done) {
            if (done.status)
                emit removed(owner, qtText(done.branch));
            else if (done.nFiles > 0)
                emit held(owner, done.nFiles);
            else
                emit failed(owner.folder, tr("The worktree was not removed: %1")
                                              .arg(qtText(done.status.error().message())));
        });
}

}  // namespace moxie::desktop
