#include "app/desktop/screens/sessions/session_actions.h"

#include <QAction>
#include <QFileDialog>
#include <QItemSelectionModel>
#include <QMenu>

#include "app/desktop/screens/sessions/session_tree.h"
#include "app/desktop/screens/sessions/session_tree_view.h"

namespace moxie::desktop {

namespace {

// A title as a file's name: what a file system may refuse becomes a space.
QString fileNameOf(QString title) {
    for (QChar& c : title)
        if (c < QLatin1Char(' ') || QStringLiteral("/\\:*?\"<>|").contains(c)) c = QLatin1Char(' ');
    return title.simplified().left(60) + QLatin1String(".md");
}

}  // namespace

SessionActions::SessionActions(SessionStoreModel& store, const SessionTree& tree,
                               SessionTreeView& view)
    : QObject(&view),
      store_(store),
      tree_(tree),
      view_(view),
      rename_(add("sessions.rename", QStringLiteral("F2"), &SessionActions::rename)),
      archive_(add("sessions.archive", QStringLiteral("Ctrl+Shift+A"), &SessionActions::archive)),
      fork_(add("sessions.fork", QStringLiteral("Ctrl+Shift+K"), &SessionActions::fork)),
      export_(
          add("sessions.export", QStringLiteral("Ctrl+Shift+S"), &SessionActions::exportMarkdown)),
      remove_(add("sessions.delete", QStringLiteral("Del"), &SessionActions::remove)),
      restore_(add("sessions.restore", QStringLiteral("Ins"), &SessionActions::restore)),
      removeWorktree_(add("sessions.removeWorktree", QStringLiteral("Shift+Del"),
                          &SessionActions::removeWorktree)) {
    connect(&view, &QWidget::customContextMenuRequested, this, &SessionActions::openMenu);
    connect(view.selectionModel(), &QItemSelectionModel::currentChanged, this,
            &SessionActions::update);
    retranslate();
}

QAction* SessionActions::add(const char* name, const QString& keys, void (SessionActions::*run)()) {
    auto* action = new QAction(this);
    action->setObjectName(QLatin1String(name));
    action->setShortcut(QKeySequence::fromString(keys));
    action->setShortcutContext(Qt::WidgetShortcut);
    view_.addAction(action);
    connect(action, &QAction::triggered, this, run);
    return action;
}

void SessionActions::setPlace(Place place) {
    place_ = place;
    update();
}

void SessionActions::update() {
    const QModelIndex index = view_.currentIndex();
    const bool isSession = index.isValid() && tree_.kindOf(index) == SessionTree::Kind::session;
    const bool isBinned = index.isValid() && tree_.kindOf(index) == SessionTree::Kind::binned;
    for (QAction* action : {rename_, archive_, fork_, export_, remove_})
        action->setEnabled(isSession);
    restore_->setEnabled(isBinned);
    removeWorktree_->setEnabled(isSession &&
                                !index.data(SessionTree::kWorktreeRole).toString().isEmpty());
    archive_->setText(place_ == Place::archive ? tr("Take out of the archive") : tr("Archive"));
}

void SessionActions::retranslate() {
    rename_->setText(tr("Rename"));
    fork_->setText(tr("Fork into a new session"));
    export_->setText(tr("Export as Markdown…"));
    remove_->setText(tr("Delete"));
    restore_->setText(tr("Restore"));
    removeWorktree_->setText(tr("Remove its worktree"));
    update();
}

QString SessionActions::chosenId() const {
    return view_.currentIndex().data(SessionTree::kIdRole).toString();
}

void SessionActions::rename() {
    view_.edit(view_.currentIndex());
}

void SessionActions::archive() {
    if (place_ == Place::archive) return store_.unarchive(chosenId());
    const WorktreeOwner owner = chosenWorktree();
    store_.archive(chosenId());
    if (!owner.folder.isEmpty()) emit archived(owner);
}

void SessionActions::remove() {
    if (const WorktreeOwner owner = chosenWorktree(); !owner.folder.isEmpty()) emit removing(owner);
    store_.remove(chosenId());
}

void SessionActions::restore() {
    store_.restore(chosenId());
}

WorktreeOwner SessionActions::chosenWorktree() const {
    const QModelIndex index = view_.currentIndex();
    return {.folder = index.data(SessionTree::kWorktreeRole).toString(),
            .sessionId = chosenId(),
            .title = index.data().toString()};
}

void SessionActions::removeWorktree() {
    emit removeWorktreeWanted(chosenWorktree());
}

void SessionActions::fork() {
    emit forkWanted(chosenId());
}

void SessionActions::exportMarkdown() {
    auto* dialog = new QFileDialog(&view_, tr("Export the session as Markdown"));
    dialog->setObjectName(QStringLiteral("sessions.exportDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("md"));
    dialog->setNameFilter(tr("Markdown (*.md)"));
    dialog->selectFile(fileNameOf(view_.currentIndex().data().toString()));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, id = chosenId()](const QString& file) { store_.exportMarkdown(id, file); });
    dialog->open();
}

void SessionActions::openMenu(const QPoint& at) {
    const QModelIndex index = view_.indexAt(at);
    if (!index.isValid()) return;
    view_.setCurrentIndex(index);
    auto* menu = new QMenu(&view_);
    menu->setObjectName(QStringLiteral("sessions.menu"));
    menu->setAccessibleName(tr("What to do with the session"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (QAction* action : {rename_, archive_, fork_, export_, removeWorktree_, remove_, restore_})
        if (action->isEnabled()) menu->addAction(action);
    if (menu->isEmpty())
        delete menu;
    else
        menu->popup(view_.viewport()->mapToGlobal(at));
}

}  // namespace moxie::desktop
