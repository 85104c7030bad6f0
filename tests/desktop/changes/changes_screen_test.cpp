#include "app/desktop/screens/changes/changes_screen.h"

#include <QAccessible>
#include <QComboBox>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollBar>
#include <QSignalSpy>
#include <QStackedWidget>
#include <QToolButton>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/changes/file_list.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/changes/fake_review.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

std::string lines(int n, int changed = -1) {
    std::string text;
    for (int i = 1; i <= n; ++i)
        text += i == changed ? "changed\n" : "line " + std::to_string(i) + "\n";
    return text;
}

struct Desk {
    Desk() {
        screen.emplace(model, appearance, registry);
        showActive(*screen, {1000, 600});
    }

    template <class T>
    T& part(const char* name) {
        T* found = screen->findChild<T*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return *found;
    }

    LineCanvas& diff() { return part<LineCanvas>("changes.diff"); }

    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(QApplication::focusWidget(), key, modifiers);
    }

    QString message() { return part<QLabel>("changes.message.title").text(); }

    std::string lastWish() { return model.wishes.empty() ? "" : model.wishes.back(); }

    // Two files, three hunks.
    void fill() {
        std::string two = lines(40, 5);
        two.replace(two.find("line 30\n"), 8, "thirty\n");
        model.set({reviewedFile("a.txt", lines(40), two),
                   reviewedFile("src/b.txt", lines(9), lines(9, 3))});
        diff().setFocus();
    }

    QApplication& app = application();  // before everything that needs it
    FakeReview model;
    Appearance appearance;
    ActionRegistry registry;
    std::optional<ChangesScreen> screen;
};

}  // namespace

TEST_CASE("the changes screen says what there is in each state", "[desktop][changes]") {
    Desk desk;
    CHECK(desk.message() == "No changes yet");
    QTest::mouseClick(&desk.part<QPushButton>("changes.message.action"), Qt::LeftButton);
    CHECK(desk.lastWish() == "scope 2");
    desk.model.set(ReviewModel::State::loading);
    CHECK(desk.message() == QStringLiteral("Looking for changes\u2026"));
    desk.model.set(ReviewModel::State::error, "no such commit");
    CHECK(desk.message() == "The changes cannot be shown");
    CHECK(desk.part<QLabel>("changes.message.text").text().contains("no such commit"));
    QTest::mouseClick(&desk.part<QPushButton>("changes.message.action"), Qt::LeftButton);
    CHECK(desk.lastWish() == "refresh");
    desk.model.set(std::vector<std::shared_ptr<const ReviewedFile>>{});
    CHECK(desk.message() == "No changes");
    desk.model.now_.nAccepted = 2;
    desk.model.now_.canUndo = true;
    desk.model.set(ReviewModel::State::ready);
    CHECK(desk.message() == "Everything is reviewed");
    QTest::mouseClick(&desk.part<QPushButton>("changes.message.action"), Qt::LeftButton);
    CHECK(desk.lastWish() == "undo");
    desk.fill();
    CHECK(desk.diff().isVisible());
    CHECK(desk.part<QLabel>("changes.summary").text() ==
          QStringLiteral("2 files · 3 hunks · +3 −3"));
}

TEST_CASE("one walks, decides and ticks with single keys", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    desk.key(Qt::Key_A);
    CHECK(desk.lastWish() == "accept a.txt 0");
    desk.key(Qt::Key_J);
    desk.key(Qt::Key_R);
    CHECK(desk.lastWish() == "reject a.txt 1");
    desk.key(Qt::Key_J);
    desk.key(Qt::Key_S);
    CHECK(desk.lastWish() == "stage src/b.txt 0");
    desk.key(Qt::Key_J);  // the last one
    desk.key(Qt::Key_K);
    desk.key(Qt::Key_A);
    CHECK(desk.lastWish() == "accept a.txt 1");
    desk.key(Qt::Key_J, Qt::ShiftModifier);
    desk.key(Qt::Key_A);  // on the head of a file: all of it
    CHECK(desk.lastWish() == "acceptAll src/b.txt");
    desk.key(Qt::Key_K, Qt::ShiftModifier);
    desk.key(Qt::Key_Space);
    CHECK(desk.diff().itemText(0).contains("reviewed"));
    desk.key(Qt::Key_K);
    desk.key(Qt::Key_Space);
    CHECK_FALSE(desk.diff().itemText(0).contains("reviewed"));
    desk.key(Qt::Key_Z, Qt::ControlModifier);
    CHECK(desk.lastWish() != "undo");  // it belongs to the window: no widget here has it
    desk.registry.action(QLatin1String("edit.undo")).trigger();
    CHECK(desk.lastWish() == "undo");
}

TEST_CASE("chosen lines are decided alone", "[desktop][changes]") {
    Desk desk;
    desk.model.set({reviewedFile("a.txt", "1\n2\n3\n", "one\ntwo\nthree\n")});
    desk.diff().setFocus();
    desk.diff().select({5, 0}, {6, 3});  // "one" and "two"
    CHECK(desk.part<QToolButton>("changes.hunk.accept").text() == "Accept 2 lines");
    QTest::mouseClick(&desk.part<QToolButton>("changes.hunk.accept"), Qt::LeftButton);
    CHECK(desk.lastWish() == "accept a.txt 0 -3..3 +0..2");
    desk.diff().select({3, 0}, {4, 0});  // "2"
    desk.key(Qt::Key_R);
    CHECK(desk.lastWish() == "reject a.txt 0 -1..2 +0..0");
}

TEST_CASE("after a decision the next hunk stands where the last one stood", "[desktop][changes]") {
    Desk desk;
    std::string before, after;
    for (int i = 0; i < 2'000; ++i) {
        before += "line " + std::to_string(i) + "\n";
        after += i % 20 == 10 ? "changed\n" : "line " + std::to_string(i) + "\n";
    }
    const auto whole = reviewedFile("a.txt", before, after);
    desk.model.set({whole});
    desk.diff().setFocus();
    for (int i = 0; i < 40; ++i)
        desk.key(Qt::Key_J);
    const int64_t row = desk.diff().caret().item;
    const int top = desk.diff().itemRect(row).top();
    REQUIRE(desk.diff().itemText(row).startsWith("line 811"));
    auto rest = std::make_shared<ReviewedFile>(*whole);
    rest->review.hunks.erase(rest->review.hunks.begin() + 40);
    rest->review.version = 2;
    desk.model.set({rest});
    CHECK(desk.diff().itemText(desk.diff().caret().item).startsWith("line 831"));
    CHECK(desk.diff().itemRect(desk.diff().caret().item).top() == top);
}

TEST_CASE("a hunk is edited in place", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    desk.key(Qt::Key_E);
    auto& text = desk.part<QPlainTextEdit>("changes.editor.text");
    REQUIRE(text.hasFocus());
    CHECK(text.toPlainText() == "changed\n");
    text.selectAll();
    QTest::keyClicks(&text, "a j r");
    CHECK(text.toPlainText() == "a j r");  // keys of the diff are letters here
    desk.key(Qt::Key_Return, Qt::ControlModifier);
    CHECK(desk.lastWish() == "edit a.txt 0 a j r\n");
    CHECK(desk.diff().hasFocus());
    desk.key(Qt::Key_E);
    desk.key(Qt::Key_Escape);
    CHECK_FALSE(text.isVisible());
    CHECK(desk.model.wishes.size() == 1);
}

TEST_CASE("comments are collected and sent as one message", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    QSignalSpy sent(&*desk.screen, &ChangesScreen::commentsWanted);
    const auto comment = [&](const char* text) {
        desk.key(Qt::Key_C);
        QTest::keyClicks(&desk.part<QPlainTextEdit>("changes.editor.text"), text);
        desk.key(Qt::Key_Return, Qt::ControlModifier);
    };
    comment("use a constant");
    desk.key(Qt::Key_J);
    comment("and here too");
    auto& send = desk.part<QPushButton>("changes.sendComments");
    CHECK(send.text() == "Send 2 comments");
    bool isShown = false;
    for (int64_t row = 0; row < desk.diff().itemCount(); ++row)
        isShown = isShown || desk.diff().itemText(row) == "Your comment: use a constant";
    CHECK(isShown);
    QTest::mouseClick(&send, Qt::LeftButton);
    REQUIRE(sent.size() == 1);
    CHECK(sent[0][0].toString() ==
          "I looked at your changes and have these comments:\n\n"
          "1. In a.txt, from line 5:\n\n    -line 5\n    +changed\n\nuse a constant\n\n"
          "2. In a.txt, from line 30:\n\n    -line 30\n    +thirty\n\nand here too");
    CHECK_FALSE(send.isVisible());
}

TEST_CASE("one asks why, and opens the line in the editor", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    QSignalSpy why(&*desk.screen, &ChangesScreen::whyWanted);
    QSignalSpy place(&*desk.screen, &ChangesScreen::openPlace);
    const auto menu = desk.part<QToolButton>("changes.hunk.more").menu()->actions();
    menu[3]->trigger();
    REQUIRE(why.size() == 1);
    CHECK(why[0][0].toString().startsWith("Why did you change a.txt line 5?"));
    menu[4]->trigger();
    desk.key(Qt::Key_Down);
    desk.registry.action(QLatin1String("editor.open")).trigger();
    REQUIRE(place.size() == 2);
    CHECK(place[0][1].toInt() == 5);
    CHECK(place[1][1].toInt() == 2);  // the first line around it
}

TEST_CASE("what came of a wish is told in a strip, with a way back", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    auto& text = desk.part<QLabel>("changes.notice.text");
    emit desk.model.rejectedAll(3);
    CHECK(text.isVisible());
    CHECK(text.text().startsWith("Took back 3 hunks"));
    QTest::mouseClick(&desk.part<QPushButton>("changes.notice.undo"), Qt::LeftButton);
    CHECK(desk.lastWish() == "undo");
    CHECK_FALSE(text.isVisible());
    QSignalSpy said(&*desk.screen, &ChangesScreen::said);
    emit desk.model.refused({moxie::base::Errc::busy, "a.txt has changed at these lines"});
    CHECK(text.text().contains("a.txt has changed at these lines"));
    CHECK(said.size() == 1);
}

TEST_CASE("checkpoints say what restoring one will do", "[desktop][changes]") {
    Desk desk;
    desk.model.now_.points = {{"bbbbbbb2", "before review", 1'800'000'100'000, false},
                              {"aaaaaaa1", "before turn 1", 1'800'000'000'000, true}};
    desk.fill();
    desk.part<QToolButton>("changes.more").menu()->actions()[4]->trigger();
    auto& list = desk.part<QListWidget>("changes.points.list");
    REQUIRE(list.hasFocus());
    CHECK(list.item(1)->text().endsWith("Before turn 1"));
    const auto& text = desk.part<QLabel>("changes.points.text");
    CHECK_FALSE(text.text().contains("commits since"));
    desk.key(Qt::Key_Down);
    CHECK(text.text().contains("commits since"));
    QTest::mouseClick(&desk.part<QPushButton>("changes.points.branch"), Qt::LeftButton);
    CHECK(desk.lastWish() == "branch aaaaaaa1 checkpoint-aaaaaaa");
    QTest::mouseClick(&desk.part<QPushButton>("changes.points.restore"), Qt::LeftButton);
    CHECK(desk.lastWish() == "restore aaaaaaa1");
    desk.key(Qt::Key_Escape);
    CHECK(desk.diff().isVisible());
}

TEST_CASE("the list of files follows the diff, as a tree or flat", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    auto& files = desk.part<FileList>("changes.files");
    CHECK(files.topLevelItem(1)->text(0) == "M  src/b.txt");
    CHECK(files.topLevelItem(0)->text(1) == "+2");
    desk.key(Qt::Key_J, Qt::ShiftModifier);
    CHECK(files.currentItem() == files.topLevelItem(1));
    files.setCurrentItem(files.topLevelItem(0));
    CHECK(desk.diff().caret().item == 0);
    desk.part<QToolButton>("changes.more").menu()->actions()[2]->trigger();
    REQUIRE(files.topLevelItem(1)->childCount() == 1);
    CHECK(files.topLevelItem(1)->text(0) == "src/");
    CHECK(files.topLevelItem(1)->child(0)->text(0) == "M  b.txt");
    files.topLevelItem(0)->setCheckState(0, Qt::Checked);
    CHECK(desk.diff().itemText(0).contains("reviewed"));
    desk.screen->resize(500, 600);
    CHECK_FALSE(files.isVisible());
}

TEST_CASE("every part that acts has a name, and idle means no painting", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    desk.key(Qt::Key_C);
    for (const QWidget* widget : desk.screen->findChildren<QWidget*>()) {
        if (!widget->isVisible() || widget->focusPolicy() == Qt::NoFocus) continue;
        if (widget->objectName().startsWith("qt_")) continue;
        INFO(widget->metaObject()->className() << " " << widget->objectName().toStdString());
        CHECK_FALSE(widget->objectName().isEmpty());
        if (qobject_cast<const QScrollBar*>(widget) == nullptr)
            CHECK_FALSE(widget->accessibleName().isEmpty());
    }
    desk.key(Qt::Key_Escape);
    QTest::qWait(50);
    const int64_t painted = desk.diff().rowsPainted();
    QTest::qWait(300);
    CHECK(desk.diff().rowsPainted() == painted);
}
