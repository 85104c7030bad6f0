#include "app/desktop/screens/sessions/sessions_screen.h"

#include <QAction>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QMenu>
#include <QPushButton>
#include <QSignalSpy>
#include <QTimer>
#include <QToolButton>

#include "tests/desktop/sessions/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

std::vector<std::string> lastWish(const SessionsRig& rig) {
    return rig.store.wishes.empty() ? std::vector<std::string>()
                                    : std::vector{rig.store.wishes.back()};
}

}  // namespace

TEST_CASE("each state of the store says what to do next", "[desktop][sessions]") {
    SessionsRig rig;
    auto* message = rig.part<QLabel>("sessions.message");
    auto* action = rig.part<QPushButton>("sessions.messageAction");
    CHECK(message->isVisible());
    CHECK(message->text().contains(QStringLiteral("being read")));
    CHECK_FALSE(action->isVisible());

    rig.store.set(SessionStoreModel::State::empty);
    QSignalSpy folder(rig.screen, &SessionsScreen::folderWanted);
    CHECK(action->text() == QString::fromUtf8("Open a folder…"));
    action->click();
    CHECK(folder.size() == 1);

    rig.store.set(SessionStoreModel::State::error, QStringLiteral("disk on fire"));
    CHECK(message->text().contains(QStringLiteral("disk on fire")));
    action->click();
    CHECK(rig.store.wishes == std::vector<std::string>{"refresh"});

    rig.fill();
    CHECK_FALSE(message->isVisible());
    CHECK(rig.tree->isVisible());
    QSignalSpy wanted(rig.screen, &SessionsScreen::newSessionWanted);
    rig.part<QPushButton>("sessions.new")->click();
    CHECK(wanted.size() == 1);
}

TEST_CASE("sessions stand by project, those that need the user first, all open",
          "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    CHECK(rig.shownRows() == "moxie: merge budget index docs lost old; valve-plc: interlock");
    CHECK(rig.tree->isExpanded(rig.tree->model()->index(1, 0)));
    CHECK(rig.rowOf("merge").data(Qt::AccessibleTextRole).toString() ==
          QStringLiteral("Heap merge for the tokenizer, needs permission, 2 minutes ago"));
    CHECK(rig.tree->model()->index(0, 0).data(Qt::AccessibleTextRole).toString() ==
          QStringLiteral("Project moxie, 6 sessions"));
}

TEST_CASE("the filter shows those that need me, run or were put away", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    auto* needs = rig.part<QToolButton>("sessions.filter.needsMe");
    CHECK(needs->text() == QStringLiteral("Needs me 2"));
    needs->click();
    CHECK(rig.shownRows() == "moxie: merge budget");
    rig.part<QToolButton>("sessions.filter.running")->click();
    CHECK(rig.shownRows() == "moxie: merge index");
    rig.part<QToolButton>("sessions.filter.archived")->click();
    CHECK(rig.shownRows().empty());
    CHECK(rig.part<QLabel>("sessions.nothing")->isVisible());
    rig.store.archive(QStringLiteral("docs"));
    CHECK(rig.shownRows() == "moxie: docs");
}

TEST_CASE("a click or Enter chooses a session, arrows only walk", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    QSignalSpy chosen(rig.screen, &SessionsScreen::sessionChosen);
    rig.choose("merge");
    rig.tree->setFocus();
    QTest::keyClick(rig.tree, Qt::Key_Down);
    CHECK(chosen.isEmpty());
    QTest::keyClick(rig.tree, Qt::Key_Return);
    REQUIRE(chosen.size() == 1);
    CHECK(chosen[0][0].toString() == QStringLiteral("budget"));
    QTest::mouseClick(rig.tree->viewport(), Qt::LeftButton, Qt::NoModifier,
                      rig.tree->visualRect(rig.rowOf("docs")).center());
    CHECK(chosen.size() == 2);
    rig.screen->setShown(QStringLiteral("docs"));
    CHECK(lastWish(rig) == std::vector<std::string>{"seen docs"});
}

TEST_CASE("choice, folded projects and scroll place survive a new order", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    rig.tree->collapse(rig.tree->model()->index(1, 0));
    rig.choose("docs");
    moxie::agent::Event event;
    event.seq = 9;
    event.turn = 2;
    event.timeMs = kNowMs;
    event.body = moxie::agent::TurnStarted{"again"};
    rig.store.apply("lost", event);
    CHECK(rig.shownRows().starts_with("moxie: merge budget lost index"));
    CHECK(rig.tree->currentIndex() == rig.rowOf("docs"));
    CHECK_FALSE(rig.tree->isExpanded(rig.tree->model()->index(1, 0)));
    CHECK(rig.tree->isExpanded(rig.tree->model()->index(0, 0)));
}

TEST_CASE("a session is renamed in place, and news does not take the editor away",
          "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    rig.choose("docs");
    rig.tree->setFocus();
    QTest::keyClick(rig.tree, Qt::Key_F2);
    auto* editor = rig.window.findChild<QLineEdit*>(QStringLiteral("sessions.title"));
    REQUIRE(editor != nullptr);
    editor->setText(QStringLiteral("screens"));
    rig.store.archive(QStringLiteral("old"));
    CHECK(editor->isVisible());
    QTest::keyClick(editor, Qt::Key_Return);
    REQUIRE(waitUntil([&] { return rig.store.wishes.back() == "rename docs screens"; }));
    REQUIRE(waitUntil([&] { return !rig.rowOf("old").isValid(); }));
    CHECK(rig.rowOf("docs").data().toString() == QStringLiteral("screens"));
}

TEST_CASE("keys archive, fork and delete; a deleted session comes back by undo",
          "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    rig.tree->setFocus();
    rig.choose("docs");
    QTest::keyClick(rig.tree, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    CHECK(lastWish(rig) == std::vector<std::string>{"archive docs"});
    CHECK(rig.tree->currentIndex() == rig.rowOf("lost"));  // that took its place
    QSignalSpy forks(rig.screen, &SessionsScreen::forkWanted);
    QTest::keyClick(rig.tree, Qt::Key_K, Qt::ControlModifier | Qt::ShiftModifier);
    REQUIRE(forks.size() == 1);
    CHECK(forks[0][0].toString() == QStringLiteral("lost"));
    QTest::keyClick(rig.tree, Qt::Key_Delete);
    CHECK(lastWish(rig) == std::vector<std::string>{"remove lost"});
    auto* undo = rig.part<QToolButton>("notices.undo");
    REQUIRE(undo->isVisible());
    undo->click();
    CHECK(lastWish(rig) == std::vector<std::string>{"restore lost"});
    CHECK_FALSE(undo->isVisible());
}

TEST_CASE("the archive shows the bin, from which a session is restored", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    rig.store.remove(QStringLiteral("docs"));
    rig.part<QToolButton>("sessions.filter.archived")->click();
    CHECK(rig.shownRows() == "Deleted, kept for 30 days: docs");
    const QModelIndex bin = rig.tree->model()->index(0, 0);
    rig.tree->setCurrentIndex(rig.tree->model()->index(0, 0, bin));
    rig.tree->setFocus();
    CHECK_FALSE(rig.part<QAction>("sessions.delete")->isEnabled());
    QTest::keyClick(rig.tree, Qt::Key_Insert);
    CHECK(lastWish(rig) == std::vector<std::string>{"restore docs"});
}

TEST_CASE("the menu offers what can be done and export asks for a file", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    const QPoint at = rig.tree->visualRect(rig.rowOf("docs")).center();
    emit rig.tree->customContextMenuRequested(at);
    auto* menu = rig.part<QMenu>("sessions.menu");
    QStringList texts;
    for (const QAction* action : menu->actions())
        texts << action->text();
    CHECK(texts == QStringList{QStringLiteral("Rename"), QStringLiteral("Archive"),
                               QStringLiteral("Fork into a new session"),
                               QString::fromUtf8("Export as Markdown…"), QStringLiteral("Delete")});
    menu->close();
    rig.part<QAction>("sessions.export")->trigger();
    auto* dialog = rig.part<QFileDialog>("sessions.exportDialog");
    emit dialog->fileSelected(QStringLiteral("/tmp/docs.md"));
    dialog->close();
    CHECK(lastWish(rig) == std::vector<std::string>{"export docs /tmp/docs.md"});
    CHECK(rig.part<QLabel>("notices.text")->text() == QStringLiteral("Exported to /tmp/docs.md"));
    emit rig.store.failed(QStringLiteral("the disk is full"));
    CHECK(rig.part<QLabel>("notices.text")->text() == QStringLiteral("the disk is full"));
}

TEST_CASE("a session in a worktree stands below its project and says its branch",
          "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    rig.addWorktree();
    CHECK(rig.shownRows().starts_with("moxie: merge budget index docs"));
    const QModelIndex row = rig.rowOf("docs");
    CHECK(row.data(SessionTree::kBranchRole).toString() == QStringLiteral("moxie/session-1"));
    CHECK(row.data(Qt::AccessibleTextRole)
              .toString()
              .endsWith(QStringLiteral("in its own worktree on branch moxie/session-1")));
    CHECK(row.parent().data(SessionTree::kBranchRole).toString() == QStringLiteral("main"));
    CHECK(rig.rowOf("lost").data(SessionTree::kBranchRole).toString().isEmpty());
    rig.part<QLineEdit>("sessions.search")->setText(QStringLiteral("session-1"));
    CHECK(rig.shownRows() == "moxie: docs");
}

TEST_CASE("a new session begins here, in a worktree or in another folder", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    QSignalSpy here(rig.screen, &SessionsScreen::newSessionHereWanted);
    QSignalSpy worktree(rig.screen, &SessionsScreen::newWorktreeSessionWanted);
    QSignalSpy folder(rig.screen, &SessionsScreen::folderWanted);
    auto* more = rig.part<QToolButton>("sessions.newMore");
    more->setFocus();
    QTest::keyClick(more, Qt::Key_Space);
    auto* menu = rig.part<QMenu>("sessions.newMenu");
    REQUIRE(menu->isVisible());
    for (QAction* action : menu->actions())
        if (!action->isSeparator()) action->trigger();
    menu->close();
    CHECK(here.size() == 1);
    CHECK(worktree.size() == 1);
    CHECK(folder.size() == 1);
}

TEST_CASE("what becomes of uncommitted work in a worktree is asked in place",
          "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    rig.addWorktree();
    QSignalSpy wanted(rig.screen, &SessionsScreen::removeWorktreeWanted);
    rig.tree->setFocus();
    rig.choose("lost");
    QTest::keyClick(rig.tree, Qt::Key_Delete, Qt::ShiftModifier);
    CHECK(wanted.isEmpty());  // it has none
    rig.choose("docs");
    QTest::keyClick(rig.tree, Qt::Key_Delete, Qt::ShiftModifier);
    REQUIRE(wanted.size() == 1);
    const auto owner = wanted[0][0].value<WorktreeOwner>();
    CHECK(owner.folder == QLatin1String(kWorktree));
    CHECK(owner.sessionId == QStringLiteral("docs"));
    CHECK(wanted[0][1].value<Worktrees::Leftover>() == Worktrees::Leftover::refuse);

    rig.screen->askAboutWorktree(owner, 3);
    rig.part<QToolButton>("notices.commit")->click();
    REQUIRE(wanted.size() == 2);
    CHECK(wanted[1][1].value<Worktrees::Leftover>() == Worktrees::Leftover::commit);
    CHECK_FALSE(rig.part<QLabel>("notices.text")->isVisible());
    rig.screen->noteWorktreeRemoved(owner, QStringLiteral("moxie/session-1"));
    CHECK(rig.part<QLabel>("notices.text")->text().contains("moxie/session-1 stays"));
}

TEST_CASE("closing a session asks what becomes of its worktree", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    rig.addWorktree();
    QSignalSpy wanted(rig.screen, &SessionsScreen::removeWorktreeWanted);
    const auto* text = rig.part<QLabel>("notices.text");
    rig.tree->setFocus();
    rig.choose("docs");
    QTest::keyClick(rig.tree, Qt::Key_A, Qt::ControlModifier | Qt::ShiftModifier);
    CHECK(text->text().contains(QStringLiteral("is archived. Its worktree is still there.")));
    rig.part<QToolButton>("notices.keep")->click();
    CHECK(wanted.isEmpty());
    rig.store.unarchive(QStringLiteral("docs"));
    rig.choose("docs");
    QTest::keyClick(rig.tree, Qt::Key_Delete);
    CHECK(text->text().contains(QStringLiteral("is deleted")));
    QApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    rig.part<QToolButton>("notices.remove")->click();
    REQUIRE(wanted.size() == 1);
    CHECK(wanted[0][0].value<WorktreeOwner>().sessionId == QStringLiteral("docs"));
    // One in the checkout has nothing to ask.
    rig.choose("lost");
    QTest::keyClick(rig.tree, Qt::Key_Delete);
    QApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
    CHECK(rig.part<QToolButton>("notices.undo")->isVisible());
}

TEST_CASE("search filters titles and shows hits of conversations below", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    SessionHit hit{QStringLiteral("index"),
                   QStringLiteral("Make the index incremental"),
                   {},
                   3,
                   kNowMs,
                   QStringLiteral("the heap is ordered by rank"),
                   {{4, 4}}};
    rig.store.hits = {hit};
    rig.screen->focusSearch();
    auto* search = rig.part<QLineEdit>("sessions.search");
    CHECK(search->hasFocus());
    QTest::keyClicks(search, QStringLiteral("heap"));
    CHECK(lastWish(rig) == std::vector<std::string>{"search heap"});
    CHECK(rig.shownRows() == "moxie: merge");
    auto* hits = rig.part<QListView>("sessions.hits");
    REQUIRE(hits->isVisible());
    CHECK(hits->model()->index(0, 0).data(Qt::AccessibleTextRole).toString() ==
          QStringLiteral("Make the index incremental: the heap is ordered by rank, just now"));
    QSignalSpy chosen(rig.screen, &SessionsScreen::sessionChosen);
    QSignalSpy turns(rig.screen, &SessionsScreen::turnWanted);
    hits->setCurrentIndex(hits->model()->index(0, 0));
    QTest::keyClick(hits, Qt::Key_Return);
    REQUIRE(turns.size() == 1);
    CHECK(turns[0][1].toInt() == 3);
    CHECK(chosen[0][0].toString() == QStringLiteral("index"));

    // An answer to an older search changes nothing.
    emit rig.store.found({.words = QStringLiteral("hea"), .hits = {}});
    CHECK(hits->isVisible());
    rig.store.hits.clear();
    search->setText(QStringLiteral("nowhere"));
    CHECK(rig.part<QLabel>("sessions.nothing")->text() == QStringLiteral("Nothing was found."));
    QTest::keyClick(search, Qt::Key_Escape);
    CHECK(rig.shownRows().starts_with("moxie: merge budget"));
    CHECK_FALSE(hits->isVisible());
    QTest::keyClick(search, Qt::Key_Down);
    CHECK(rig.tree->hasFocus());
}

TEST_CASE("next goes round those that need me, then to the newest other", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    QSignalSpy chosen(rig.screen, &SessionsScreen::sessionChosen);
    const auto next = [&] {
        rig.screen->chooseNext();
        const QString id = chosen.takeLast()[0].toString();
        rig.screen->setShown(id);
        return id.toStdString();
    };
    CHECK(next() == "merge");
    CHECK(next() == "budget");  // which is seen now and needs nobody
    CHECK(next() == "merge");
    CHECK(next() == "index");
}

TEST_CASE("a hidden sidebar runs no timer and does no work until it is shown",
          "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    auto* minute = rig.screen->findChild<QTimer*>();
    REQUIRE(minute != nullptr);
    CHECK(minute->isActive());
    CHECK(minute->interval() >= 60'000);
    rig.screen->hide();
    CHECK_FALSE(minute->isActive());
    rig.store.archive(QStringLiteral("docs"));
    CHECK(rig.rowOf("docs").isValid());
    rig.screen->show();
    CHECK_FALSE(rig.rowOf("docs").isValid());
}

TEST_CASE("everything in the sidebar has a name and can be reached by Tab", "[desktop][sessions]") {
    SessionsRig rig;
    rig.fill();
    rig.store.remove(QStringLiteral("docs"));
    rig.store.hits = {{QStringLiteral("index"), QStringLiteral("t"), {}, 1, kNowMs, {}, {}}};
    rig.part<QLineEdit>("sessions.search")->setText(QStringLiteral("e"));
    rig.part<QPushButton>("sessions.new")->setFocus();
    std::vector<QWidget*> reached;
    for (int i = 0; i < 14; ++i) {
        reached.push_back(QApplication::focusWidget());
        QTest::keyClick(QApplication::focusWidget(), Qt::Key_Tab);
    }
    for (QWidget* widget : rig.screen->findChildren<QWidget*>()) {
        const bool canAct = (qobject_cast<QAbstractButton*>(widget) != nullptr &&
                             qobject_cast<QLineEdit*>(widget->parentWidget()) == nullptr) ||
                            qobject_cast<QAbstractItemView*>(widget) != nullptr ||
                            qobject_cast<QLineEdit*>(widget) != nullptr;
        if (!canAct || !widget->isVisible()) continue;
        CAPTURE(widget->objectName().toStdString());
        CHECK_FALSE(widget->objectName().isEmpty());
        CHECK_FALSE(widget->accessibleName().isEmpty());
        // Of the filters Tab reaches the chosen one, arrows the others.
        if (widget->objectName().startsWith(QLatin1String("sessions.filter."))) continue;
        CHECK(std::find(reached.begin(), reached.end(), widget) != reached.end());
    }
}
