#include "app/desktop/screens/commit/commit_screen.h"

#include <QCheckBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QToolButton>
#include <QTreeWidget>

#include "app/desktop/screens/commit/commit_files.h"
#include "app/desktop/screens/commit/message_edit.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/notice_strip.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/commit/fake_commit.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Desk {
    Desk() {
        screen.emplace(model, appearance, registry);
        notices.emplace(appearance, &*screen);
        notices->serve(*screen);
        showActive(*screen, {700, 600});
    }

    template <class T>
    T& part(const char* name) {
        T* found = screen->findChild<T*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return *found;
    }

    void click(const char* name) {
        settle();
        QTest::mouseClick(&part<QPushButton>(name), Qt::LeftButton);
        settle();
    }

    // What a tick changes is shown a moment later.
    static void settle() { QApplication::processEvents(); }

    void fill() {
        model.now_.files = {commitFile('M', "a.txt", 3, 1), commitFile('?', "src/new.cpp", 10, 0)};
        model.set(CommitModel::State::ready);
        settle();
    }

    std::string lastWish() { return model.wishes.empty() ? "" : model.wishes.back(); }

    QApplication& app = application();  // before everything that needs it
    FakeCommit model;
    Appearance appearance;
    ActionRegistry registry;
    std::optional<CommitScreen> screen;
    std::optional<NoticeStrip> notices;  // goes before the screen
};

}  // namespace

TEST_CASE("the commit screen says what there is in each state", "[desktop][commit]") {
    Desk desk;
    const auto title = [&] { return desk.part<QLabel>("commit.message.title").text(); };
    CHECK(title() == QStringLiteral("Looking at the repository\u2026"));
    desk.model.set(CommitModel::State::empty);
    CHECK(title() == "Nothing to commit");
    desk.model.fail(base::Errc::notFound, "x");
    CHECK(title() == "No git repository");
    desk.model.fail(base::Errc::io, "index is locked");
    CHECK(desk.part<QLabel>("commit.message.text").text().contains("index is locked"));
    desk.fill();
    CHECK(desk.part<QTreeWidget>("commit.files").isVisible());
    CHECK(desk.part<QLabel>("commit.branch").text() == "On main");
    CHECK(desk.part<QLabel>("commit.author").text() == "as Ann Example <ann@example.org>");
}

TEST_CASE("ticked files and a message make a commit", "[desktop][commit]") {
    Desk desk;
    desk.fill();
    CHECK_FALSE(desk.part<QPushButton>("commit.make").isEnabled());
    auto& message = desk.part<CommitMessageEdit>("commit.text");
    message.setFocus();
    QTest::keyClicks(&message, "Do it");
    QTest::keyClick(&message, Qt::Key_Return, Qt::ControlModifier);
    CHECK(desk.lastWish() == "commit a.txt,src/new.cpp, Do it");
    auto& files = desk.part<QTreeWidget>("commit.files");
    files.topLevelItem(1)->setCheckState(0, Qt::Unchecked);
    Desk::settle();
    CHECK(desk.part<QCheckBox>("commit.all").text() == "1 of 2 ticked");
    desk.part<QCheckBox>("commit.signOff").setChecked(true);
    desk.click("commit.make");
    CHECK(desk.lastWish() == "commit a.txt, Do it signed");
    desk.fill();  // looked at again: the tick stays as it was set
    CHECK(files.topLevelItem(1)->checkState(0) == Qt::Unchecked);
    desk.part<QCheckBox>("commit.all").click();
    CHECK(files.topLevelItem(1)->checkState(0) == Qt::Checked);
    files.topLevelItem(0)->setCheckState(0, Qt::Unchecked);
    files.topLevelItem(1)->setCheckState(0, Qt::Unchecked);
    Desk::settle();
    CHECK_FALSE(desk.part<QPushButton>("commit.make").isEnabled());
}

TEST_CASE("what is staged is what is ticked, also within a file", "[desktop][commit]") {
    Desk desk;
    desk.model.now_.files = {commitFile('M', "a.txt", 1, 1), commitFile('M', "b.txt", 2, 2)};
    desk.model.now_.files[1].change.isStaged = true;
    desk.part<CommitMessageEdit>("commit.text").setPlainText("x");
    desk.model.set(CommitModel::State::ready);
    Desk::settle();
    auto& files = desk.part<CommitFiles>("commit.files");
    CHECK(files.topLevelItem(0)->checkState(0) == Qt::Unchecked);
    CHECK(files.topLevelItem(1)->checkState(0) == Qt::Checked);
    CHECK(files.topLevelItem(1)->toolTip(0).startsWith("Staged in part"));
    // Not before it is known what is staged.
    CHECK(desk.lastWish() == "look b.txt");
    CHECK_FALSE(desk.part<QPushButton>("commit.make").isEnabled());
    CommitHunks found = hunksOfTexts("b.txt", "1\n2\n3\n", "one\n2\nthree\n");
    found.part.ticks[1] = ticksOf(found.part.hunks[1], Tick::off);
    emit desk.model.hunksFound(found);
    CHECK(files.topLevelItem(1)->checkState(0) == Qt::PartiallyChecked);
    desk.click("commit.make");
    CHECK(desk.lastWish() == "commit b.txt[-1 +one], x");
}

TEST_CASE("hunks and lines of a file are ticked with the keyboard alone", "[desktop][commit]") {
    Desk desk;
    desk.fill();
    desk.part<CommitMessageEdit>("commit.text").setPlainText("x");
    auto& files = desk.part<CommitFiles>("commit.files");
    files.setFocus();
    files.setCurrentItem(files.topLevelItem(0));
    QTest::keyClick(&files, Qt::Key_Right);
    CHECK(desk.lastWish() == "look a.txt");
    emit desk.model.hunksFound(hunksOfTexts("a.txt", "1\n2\n3\n4\n", "one\nplus\n2\n3\nfour\n"));
    CHECK(files.topLevelItem(0)->childCount() == 2);
    CHECK(files.topLevelItem(0)->checkState(0) == Qt::Checked);
    const QTreeWidgetItem* first = files.topLevelItem(0)->child(0);
    CHECK(first->text(0) == "Lines 1 to 2");
    CHECK(first->child(2)->data(0, Qt::AccessibleTextRole).toString() == "Added: plus");
    // The second added line of the first hunk, then the second hunk.
    for (int i = 0; i < 4; ++i)
        QTest::keyClick(&files, Qt::Key_Down);
    QTest::keyClick(&files, Qt::Key_Space);
    QTest::keyClick(&files, Qt::Key_Down);
    QTest::keyClick(&files, Qt::Key_Space);
    CHECK(files.topLevelItem(0)->checkState(0) == Qt::PartiallyChecked);
    Desk::settle();
    CHECK(desk.part<QCheckBox>("commit.all").checkState() == Qt::PartiallyChecked);
    desk.click("commit.make");
    CHECK(desk.lastWish() == "commit src/new.cpp,a.txt[-1 +one], x");
    // The file itself takes all of it again.
    files.topLevelItem(0)->setCheckState(0, Qt::Checked);
    desk.click("commit.make");
    CHECK(desk.lastWish() == "commit a.txt,src/new.cpp, x");
}

TEST_CASE("ticks of lines stay when the file has changed elsewhere", "[desktop][commit]") {
    Desk desk;
    desk.fill();
    desk.part<CommitMessageEdit>("commit.text").setPlainText("x");
    auto& files = desk.part<CommitFiles>("commit.files");
    files.topLevelItem(0)->setExpanded(true);
    emit desk.model.hunksFound(hunksOfTexts("a.txt", "1\n2\n3\n4\n", "1\n2\n3\nfour\n"));
    files.topLevelItem(0)->child(0)->child(0)->setCheckState(0, Qt::Unchecked);
    desk.fill();
    CHECK(desk.lastWish() == "look a.txt");
    emit desk.model.hunksFound(hunksOfTexts("a.txt", "1\n2\n3\n4\n", "one\n2\n3\nfour\n"));
    CHECK(files.topLevelItem(0)->isExpanded());
    desk.click("commit.make");
    CHECK(desk.lastWish() == "commit src/new.cpp,a.txt[-1 +one +four], x");
    // What cannot be split goes as a whole.
    CommitHunks binary;
    binary.part.path = "a.txt";
    binary.problem = "it is no text";
    emit desk.model.hunksFound(binary);
    desk.click("commit.make");
    CHECK(desk.lastWish() == "commit a.txt,src/new.cpp, x");
    CHECK(files.topLevelItem(0)->toolTip(0) == "Goes as a whole: it is no text");
}

TEST_CASE("a suggestion is grey until it is taken", "[desktop][commit]") {
    Desk desk;
    desk.fill();
    desk.click("commit.suggest");
    CHECK(desk.lastWish() == "suggest 2");
    emit desk.model.suggested("Change a.txt\n\nbecause");
    auto& message = desk.part<CommitMessageEdit>("commit.text");
    CHECK(message.toPlainText().isEmpty());
    CHECK(message.placeholderText().startsWith("Change a.txt"));
    CHECK_FALSE(desk.part<QPushButton>("commit.make").isEnabled());
    CHECK(desk.part<QPushButton>("commit.suggest").text() == "Use suggestion (Tab)");
    QTest::keyClick(&message, Qt::Key_Tab);
    CHECK(message.toPlainText() == "Change a.txt\n\nbecause");
    CHECK(desk.part<QPushButton>("commit.make").isEnabled());
}

TEST_CASE("a template stands in the box until something is written", "[desktop][commit]") {
    Desk desk;
    desk.model.now_.messageTemplate = "Area: \n# why?\n";
    desk.fill();
    auto& message = desk.part<CommitMessageEdit>("commit.text");
    const auto& make = desk.part<QPushButton>("commit.make");
    CHECK(message.toPlainText() == "Area: \n# why?\n");
    CHECK_FALSE(make.isEnabled());  // the template alone says nothing
    desk.click("commit.suggest");
    emit desk.model.suggested("Change a.txt");
    CHECK(message.placeholderText() == "Change a.txt");
    desk.fill();  // looked at again
    CHECK(message.hasSuggestion());
    QTest::keyClick(&message, Qt::Key_Tab);
    CHECK(message.toPlainText() == "Change a.txt");
    CHECK(make.isEnabled());
    desk.model.now_.messageTemplate = "Other\n";
    desk.fill();
    CHECK(message.toPlainText() == "Change a.txt");  // what was written stays
    emit desk.model.committed("0123456789", "Change a.txt");
    CHECK(message.toPlainText() == "Other\n");
}

TEST_CASE("amending takes the last message, and is refused with its reason", "[desktop][commit]") {
    Desk desk;
    desk.fill();
    auto& amend = desk.part<QCheckBox>("commit.amend");
    auto& message = desk.part<CommitMessageEdit>("commit.text");
    message.setPlainText("mine");
    amend.click();
    CHECK(message.toPlainText() == "The last one\n\nWhy.");
    desk.click("commit.make");
    CHECK(desk.lastWish() == "amend a.txt,src/new.cpp, The last one\n\nWhy.");
    amend.click();
    CHECK(message.toPlainText() == "mine");
    desk.model.now_.whyNoAmend = "the last commit is by Other";
    desk.fill();
    CHECK_FALSE(amend.isEnabled());
    CHECK(amend.toolTip().contains("by Other"));
}

TEST_CASE("no name, conflicts and a merge are said, and nothing is committed",
          "[desktop][commit]") {
    Desk desk;
    desk.part<CommitMessageEdit>("commit.text").setPlainText("x");
    auto& notice = desk.part<QLabel>("commit.obstacle");
    desk.model.now_.identity.clear();
    desk.fill();
    CHECK(notice.text().contains("git config --global user.name"));
    CHECK_FALSE(desk.part<QPushButton>("commit.make").isEnabled());
    desk.model.now_.isMerging = true;
    desk.fill();
    CHECK(notice.text().contains("in progress"));
    desk.model.now_.files = {commitFile('U', "a.txt", 0, 0)};
    desk.model.set(CommitModel::State::ready);
    CHECK(notice.text().contains("conflicts"));
    CHECK_FALSE(desk.part<QPushButton>("commit.make").isEnabled());
}

TEST_CASE("a hook shows its output and can be stopped; a commit can be taken back",
          "[desktop][commit]") {
    Desk desk;
    desk.fill();
    desk.part<CommitMessageEdit>("commit.text").setPlainText("x");
    desk.model.isCommitting_ = true;
    emit desk.model.changed();
    emit desk.model.hookStarted("pre-commit");
    emit desk.model.hookOutput("checking \x1b[31ma.txt\x1b[0m\n");
    auto& output = desk.part<QPlainTextEdit>("commit.hooks.output");
    REQUIRE(waitUntil([&] { return output.toPlainText() == "checking a.txt\n"; }));
    CHECK(desk.part<QLabel>("commit.hooks.name").text() ==
          QStringLiteral("The hook pre-commit is running\u2026"));
    desk.click("commit.hooks.stop");
    CHECK(desk.lastWish() == "stop");
    desk.model.isCommitting_ = false;
    emit desk.model.changed();
    emit desk.model.refused({base::Errc::denied, "ended with 1", "pre-commit"});
    CHECK(desk.part<QLabel>("notices.text").text().contains("pre-commit refused"));
    CHECK(desk.part<CommitMessageEdit>("commit.text").toPlainText() == "x");
    QSignalSpy committed(&*desk.screen, &CommitScreen::committed);
    emit desk.model.committed("1234567890", "x");
    CHECK(committed.size() == 1);
    CHECK(desk.part<CommitMessageEdit>("commit.text").toPlainText().isEmpty());
    desk.part<QToolButton>("notices.undo").click();
    CHECK(desk.lastWish() == "takeBack");
    emit desk.model.takenBack("x");
    CHECK(desk.part<CommitMessageEdit>("commit.text").toPlainText() == "x");
}

TEST_CASE("a branch is made in place, and every part has a name", "[desktop][commit]") {
    Desk desk;
    desk.fill();
    desk.click("commit.newBranch");
    auto& name = desk.part<QLineEdit>("commit.branchName");
    REQUIRE(name.hasFocus());
    QTest::keyClicks(&name, "fix");
    QTest::keyClick(&name, Qt::Key_Return);
    CHECK(desk.lastWish() == "branch fix");
    CHECK_FALSE(name.isVisible());
    for (const QWidget* widget : desk.screen->findChildren<QWidget*>()) {
        if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus) continue;
        if (widget->objectName().startsWith("qt_")) continue;
        INFO(widget->metaObject()->className() << " " << widget->objectName().toStdString());
        CHECK_FALSE(widget->objectName().isEmpty());
        if (qobject_cast<const QScrollBar*>(widget) == nullptr)
            CHECK_FALSE(widget->accessibleName().isEmpty());
    }
}
