// Where a new session may begin, and what becomes of the worktree of one that is closed.
#include <QAction>
#include <QMenu>
#include <QToolButton>
#include <utility>

#include "app/desktop/screens/sessions/session_actions.h"
#include "app/desktop/screens/sessions/sessions_screen.h"
#include "app/desktop/shell/notice.h"

namespace moxie::desktop {

void SessionsScreen::makeNewMenu() {
    auto* menu = new QMenu(newMore_);
    menu->setObjectName(QStringLiteral("sessions.newMenu"));
    const auto add = [&](const char* name, void (SessionsScreen::*wanted)()) {
        QAction* action = menu->addAction(QString(), this, wanted);
        action->setObjectName(QLatin1String(name));
        return action;
    };
    newHere_ = add("sessions.newHere", &SessionsScreen::newSessionHereWanted);
    newWorktree_ = add("sessions.newWorktree", &SessionsScreen::newWorktreeSessionWanted);
    menu->addSeparator();
    openFolder_ = add("sessions.openFolder", &SessionsScreen::folderWanted);
    newMore_->setObjectName(QStringLiteral("sessions.newMore"));
    newMore_->setArrowType(Qt::DownArrow);
    // A menu of the button itself would be marked with a second, small arrow.
    connect(newMore_, &QToolButton::clicked, menu,
            [this, menu] { menu->popup(newMore_->mapToGlobal(newMore_->rect().bottomLeft())); });
    newMore_->setFocusPolicy(Qt::StrongFocus);
    newMore_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Expanding);
}

void SessionsScreen::connectWorktrees() {
    const auto wishRemoval = [this](const WorktreeOwner& owner) {
        emit removeWorktreeWanted(owner, Worktrees::Leftover::refuse);
    };
    connect(actions_, &SessionActions::removeWorktreeWanted, this, wishRemoval);
    connect(actions_, &SessionActions::removing, this,
            [this](const WorktreeOwner& owner) { removing_ = owner; });
    connect(
        actions_, &SessionActions::archived, this, [this, wishRemoval](const WorktreeOwner& owner) {
            postNotice(
                *this,
                {.sentence = tr("“%1” is archived. Its worktree is still there.").arg(owner.title),
                 .choices = {{"keep", tr("Keep the worktree"), {}},
                             {"remove", tr("Remove it; its branch stays"),
                              [wishRemoval, owner] { wishRemoval(owner); }}}});
        });
}

void SessionsScreen::noteRemoved(const QString& id, const QString& title) {
    const QString sentence = tr("“%1” is deleted. It can be restored for 30 days.").arg(title);
    const auto restore = [this, id] { store_.restore(id); };
    const WorktreeOwner owner = std::exchange(removing_, {});
    Notice notice = {.sentence = sentence, .choices = {{"undo", tr("Undo"), restore}}};
    if (owner.sessionId == id)
        notice.choices.push_back(
            {"remove", tr("Remove its worktree, too; its branch stays"),
             [this, owner] { emit removeWorktreeWanted(owner, Worktrees::Leftover::refuse); }});
    postNotice(*this, std::move(notice));
}

void SessionsScreen::askAboutWorktree(const WorktreeOwner& owner, int nFiles) {
    const auto wish = [this, owner](Worktrees::Leftover leftover) {
        return [this, owner, leftover] { emit removeWorktreeWanted(owner, leftover); };
    };
    const QString sentence =
        tr("%n files in the worktree of “%1” are not committed.", nullptr, nFiles).arg(owner.title);
    postNotice(*this, {.sentence = sentence,
                       .choices = {{"keep", tr("Keep the worktree"), {}},
                                   {"commit", tr("Commit to its branch, then remove it"),
                                    wish(Worktrees::Leftover::commit)},
                                   {"discard", tr("Discard; a checkpoint keeps them"),
                                    wish(Worktrees::Leftover::discard)}}});
}

void SessionsScreen::noteWorktreeRemoved(const WorktreeOwner& owner, const QString& branch) {
    postNotice(
        *this,
        {tr("The worktree of “%1” is removed. Its branch %2 stays.").arg(owner.title, branch)});
}

}  // namespace moxie::desktop
