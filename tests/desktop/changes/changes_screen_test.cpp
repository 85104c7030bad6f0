#include "app/desktop/screens/changes/changes_screen.h"

#include <QAccessible>
#include <QBuffer>
#include <QComboBox>
#include <QEvent>
#include <QImage>
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
#include <algorithm>

#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/screens/changes/coloured_texts.h"
#include "app/desktop/screens/changes/file_list.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/notice_strip.h"
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
        notices.emplace(appearance, &*screen);
        notices->serve(*screen);
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
    std::optional<NoticeStrip> notices;  // goes before the screen
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
    auto& text = desk.part<QLabel>("notices.text");
    emit desk.model.rejectedAll(3);
    CHECK(text.isVisible());
    CHECK(text.text().startsWith("Took back 3 hunks"));
    QTest::mouseClick(&desk.part<QToolButton>("notices.undo"), Qt::LeftButton);
    CHECK(desk.lastWish() == "undo");
    CHECK_FALSE(text.isVisible());
    emit desk.model.refused({moxie::base::Errc::busy, "a.txt has changed at these lines"});
    CHECK(text.text().contains("a.txt has changed at these lines"));
}

TEST_CASE("code of an answer is shown as a change before it is written", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    auto& model = desk.model;
    model.preview_.path = "a.txt";
    model.preview_.ways = {ApplyWay::fitting, ApplyWay::wholeFile};
    model.preview_.way = ApplyWay::fitting;
    model.preview_.before = makeText("one\n");
    model.preview_.after = makeText("two\n");
    model.preview_.file = reviewedFile("a.txt", "one\n", "two\n");
    desk.screen->showCode({"two\n", "", {"a.txt", "b.txt"}});
    auto& path = desk.part<QComboBox>("changes.apply.path");
    CHECK(path.currentText() == "a.txt");
    CHECK(path.count() == 2);
    auto& way = desk.part<QComboBox>("changes.apply.way");
    CHECK(way.count() == 2);
    way.setFocus();
    QTest::keyClick(&way, Qt::Key_Down);
    CHECK(desk.lastWish() == "preview a.txt 2");
    auto& write = desk.part<QPushButton>("changes.apply.write");
    REQUIRE(write.isEnabled());
    write.click();
    CHECK(std::count(model.wishes.begin(), model.wishes.end(), "apply a.txt") == 1);
    CHECK(desk.diff().isVisible());  // the review of what was written
    CHECK(desk.part<QLabel>("notices.text").text().contains("a.txt"));
}

TEST_CASE("code without a file says what is missing, Escape leaves everything as it is",
          "[desktop][changes]") {
    Desk desk;
    desk.fill();
    desk.screen->showCode({"x\n", "", {}});
    auto& write = desk.part<QPushButton>("changes.apply.write");
    CHECK_FALSE(write.isEnabled());
    CHECK(desk.part<QLabel>("changes.apply.note").text() == "Say for which file this code is.");
    auto& path = desk.part<QComboBox>("changes.apply.path");
    QTest::keyClicks(&path, "new.txt");
    QTest::keyClick(&path, Qt::Key_Return);
    CHECK(desk.lastWish() == "preview new.txt");
    desk.key(Qt::Key_Escape);
    CHECK(desk.diff().isVisible());
    for (const std::string& wish : desk.model.wishes)
        CHECK(wish.find("apply") == std::string::npos);
}

TEST_CASE("checkpoints say what restoring one will do", "[desktop][changes]") {
    Desk desk;
    desk.model.now_.points = {{"bbbbbbb2", "before review", 1'800'000'100'000, false},
                              {"aaaaaaa1", "before turn 1", 1'800'000'000'000, true}};
    desk.fill();
    desk.part<QToolButton>("changes.more").menu()->actions()[5]->trigger();
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
    desk.part<QToolButton>("changes.more").menu()->actions()[3]->trigger();
    REQUIRE(files.topLevelItem(1)->childCount() == 1);
    CHECK(files.topLevelItem(1)->text(0) == "src/");
    CHECK(files.topLevelItem(1)->child(0)->text(0) == "M  b.txt");
    files.topLevelItem(0)->setCheckState(0, Qt::Checked);
    CHECK(desk.diff().itemText(0).contains("reviewed"));
    desk.screen->resize(500, 600);
    CHECK_FALSE(files.isVisible());
}

TEST_CASE("a file that is decided leaves the list, the others keep their items",
          "[desktop][changes]") {
    Desk desk;
    const auto a = reviewedFile("a.txt", "1\n", "2\n");
    const auto b = reviewedFile("src/b.txt", "1\n", "2\n");
    const auto c = reviewedFile("src/deep/c.txt", "1\n", "2\n");
    desk.model.set({a, b, c});
    auto& files = desk.part<FileList>("changes.files");
    desk.key(Qt::Key_T);
    const QTreeWidgetItem* kept = files.topLevelItem(1)->child(0);
    REQUIRE(kept->text(0) == "M  b.txt");
    files.topLevelItem(1)->setExpanded(false);
    desk.model.set({a, b});
    REQUIRE(files.topLevelItem(1)->childCount() == 1);  // the empty folder goes, too
    CHECK(files.topLevelItem(1)->child(0) == kept);
    CHECK_FALSE(files.topLevelItem(1)->isExpanded());
    desk.model.set({b});
    REQUIRE(files.topLevelItemCount() == 1);
    desk.model.set({a, b, c});
    REQUIRE(files.topLevelItemCount() == 2);
    CHECK(files.topLevelItem(1)->childCount() == 2);
    files.setCurrentItem(files.topLevelItem(0));
    CHECK(desk.diff().caret().item == 0);
}

TEST_CASE("side by side, the lines as they were stand beside those they became",
          "[desktop][changes]") {
    Desk desk;
    desk.model.set({reviewedFile("a.txt", "1\n2\n3\n4\n5\n", "one\ntwo\n3\n4\n")});
    desk.diff().setFocus();
    auto& before = desk.part<LineCanvas>("changes.before");
    CHECK_FALSE(before.isVisible());
    QSignalSpy chosen(&*desk.screen, &ChangesScreen::diffLayoutChosen);
    desk.key(Qt::Key_V);
    REQUIRE(before.isVisible());
    CHECK(chosen.size() == 1);
    CHECK(desk.screen->diffLayout() == DiffLayout::sideBySide);
    REQUIRE(before.itemCount() == desk.diff().itemCount());
    const auto texts = [&](const LineCanvas& canvas) {
        QStringList all;
        for (int64_t row = 0; row < canvas.itemCount(); ++row)
            all << canvas.itemText(row);
        return all;
    };
    CHECK(texts(before) == QStringList{"M  a.txt", "lines 1 to 2 · agent", "1", "2", "3", "4",
                                       "line 5 · agent", "5"});
    CHECK(texts(desk.diff()) == QStringList{QStringLiteral("+2 \u22123"),
                                            QStringLiteral("+2 \u22122"), "one", "two", "3", "4",
                                            QStringLiteral("+0 \u22121"), ""});
    CHECK(desk.diff().spokenName(7) == "no line here");
    CHECK(before.spokenName(7) == "removed, line 5: 5");
    desk.key(Qt::Key_V);
    CHECK_FALSE(before.isVisible());
    CHECK(desk.diff().itemText(0) == QStringLiteral("M  a.txt   +2 \u22123"));
}

TEST_CASE("both sides scroll as one and decide the same lines", "[desktop][changes]") {
    Desk desk;
    std::string changed = lines(400, 5);
    changed.replace(changed.find("line 300\n"), 9, std::string(300, 'x') + "\n");
    desk.model.set({reviewedFile("a.txt", lines(400), changed)});
    desk.screen->setDiffLayout(DiffLayout::sideBySide);
    desk.key(Qt::Key_W);  // whole files
    auto& before = desk.part<LineCanvas>("changes.before");
    QTest::qWait(20);
    before.verticalScrollBar()->setValue(900);
    CHECK(desk.diff().verticalScrollBar()->value() == 900);
    desk.diff().horizontalScrollBar()->setValue(40);
    CHECK(before.viewport()->height() == desk.diff().viewport()->height());
    desk.diff().verticalScrollBar()->setValue(0);
    before.setFocus();
    before.setZoomPercent(150);
    CHECK(desk.diff().zoomPercent() == 150);
    desk.key(Qt::Key_R);  // the keys work on the left side, too
    CHECK(desk.lastWish() == "reject a.txt 0");
    const int64_t row = desk.diff().caret().item;
    before.select({row + 5, 0}, {row + 6, 0});
    desk.key(Qt::Key_A);
    CHECK(desk.lastWish() == "accept a.txt 0");  // its only pair of lines
}

TEST_CASE("the lines of a diff are coloured by a thread of their own", "[desktop][changes]") {
    Desk desk;
    const std::string before = "int f() {\n    return 1;\n}\n";
    const std::string after = "int f() {\n    return \"two\";  // why\n}\n";
    desk.model.set({reviewedFile("a.cpp", before, after), reviewedFile("b.txt", "a\n", "b\n")});
    DiffSource plain;
    ColouredTexts colours;
    ReviewSnapshot snapshot;
    snapshot.files = desk.model.now_.files;
    plain.setSnapshot(snapshot);
    plain.setColours(colours);
    const auto rolesOf = [&](int64_t row) {
        std::vector<CodeRole> roles;
        for (const LineRun& run : plain.row(row).runs)
            roles.push_back(run.role);
        return roles;
    };
    CHECK(rolesOf(3).empty());
    QSignalSpy changed(&plain, &LineSource::changed);
    const FileReview& review = snapshot.files[0]->review;
    colours.want({{review.path, review.now}, {review.path, review.reviewed}});
    REQUIRE(waitUntil([&] {
        return colours.of(review.now) != nullptr && colours.of(review.reviewed) != nullptr;
    }));
    CHECK(changed.size() == 2);
    CHECK(rolesOf(2) == std::vector{CodeRole::type, CodeRole::function, CodeRole::punctuation,
                                    CodeRole::punctuation});
    REQUIRE_FALSE(rolesOf(3).empty());
    CHECK(rolesOf(3).front() == CodeRole::keyword);
    const auto count = [](const std::vector<CodeRole>& roles, CodeRole role) {
        return std::count(roles.begin(), roles.end(), role);
    };
    CHECK(count(rolesOf(3), CodeRole::number) == 1);  // removed
    CHECK(count(rolesOf(4), CodeRole::string) == 1);  // added
    CHECK(rolesOf(4).back() == CodeRole::comment);
}

TEST_CASE("colours that nobody looks at any more are not made", "[desktop][changes]") {
    application();
    ColouredTexts colours;
    std::string large;
    for (int i = 0; i < 60'000; ++i)
        large += "int value" + std::to_string(i) + " = call(" + std::to_string(i) + ");\n";
    const FileText slow = makeText(large), quick = makeText("int x;\n");
    colours.want({{"slow.cpp", slow}});
    colours.want({{"quick.cpp", quick}});
    REQUIRE(waitUntil([&] { return colours.of(quick) != nullptr; }));
    CHECK(colours.of(slow) == nullptr);
}

TEST_CASE("a changed picture is shown before and after", "[desktop][changes]") {
    Desk desk;
    const auto bytesOf = [](int width) {
        QImage picture(width, 30, QImage::Format_RGB32);
        picture.fill(Qt::red);
        QByteArray bytes;
        QBuffer buffer(&bytes);
        picture.save(&buffer, "PNG");
        return makeText(bytes.toStdString());
    };
    auto image = std::make_shared<ReviewedFile>();
    image->review.path = "heap.png";
    image->review.kind = FileReview::Kind::binary;
    image->review.hunks.emplace_back();
    image->review.reviewed = bytesOf(40);
    image->review.now = bytesOf(2'000);
    desk.model.set({image, reviewedFile("z.txt", "1\n", "2\n")});
    auto& pane = desk.part<QWidget>("changes.pictures");
    REQUIRE(pane.isVisible());
    auto& now = desk.part<QWidget>("changes.pictures.now");
    REQUIRE(waitUntil([&] { return now.accessibleName().startsWith("Now: 2000"); }));
    CHECK(desk.part<QWidget>("changes.pictures.before").accessibleName().startsWith("Before: 40"));
    desk.diff().setFocus();
    desk.key(Qt::Key_J, Qt::ShiftModifier);
    CHECK_FALSE(pane.isVisible());
    auto broken = std::make_shared<ReviewedFile>(*image);
    broken->review.reviewed = nullptr;
    broken->review.now = makeText("no picture");
    desk.model.set({broken});
    REQUIRE(waitUntil([&] { return now.accessibleName() == "Now: cannot be shown"; }));
    CHECK(desk.part<QWidget>("changes.pictures.before").accessibleName() == "Before: no picture");
}

TEST_CASE("one compares with a commit that one names", "[desktop][changes]") {
    Desk desk;
    desk.fill();
    desk.key(Qt::Key_G);
    auto& name = desk.part<QLineEdit>("changes.base");
    REQUIRE(name.hasFocus());
    desk.key(Qt::Key_Escape);
    CHECK_FALSE(name.isVisible());
    CHECK(desk.model.wishes.empty());
    CHECK(desk.part<QComboBox>("changes.scope").currentIndex() == 1);
    desk.key(Qt::Key_G);
    QTest::keyClicks(&name, " v1.2 ");
    desk.key(Qt::Key_Return);
    CHECK(desk.lastWish() == "compare v1.2");
    emit desk.model.changed();
    CHECK(desk.part<QComboBox>("changes.scope").currentText() == "Against v1.2");
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
    // Colours come from a thread of their own, and are painted when they are there.
    int64_t painted = -1;
    REQUIRE(waitUntil([&] {
        const int64_t before = painted;
        QTest::qWait(100);
        painted = desk.diff().rowsPainted();
        return painted == before;
    }));
    QTest::qWait(300);
    CHECK(desk.diff().rowsPainted() == painted);
}
