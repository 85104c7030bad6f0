#include "app/desktop/canvas/block_canvas.h"

#include <QClipboard>
#include <QPushButton>
#include <QScreen>
#include <QScrollBar>
#include <QSignalSpy>

#include "app/desktop/canvas/find_bar.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/canvas_sources.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Shown {
    explicit Shown(int64_t blocks) : source((application(), blocks)), canvas(source, appearance) {
        showActive(canvas, {720, 480});
        canvas.setFocus();
        QApplication::processEvents();
    }

    void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(&canvas, Qt::Key(key), modifiers);
    }

    // The block at the upper edge and where it is.
    std::pair<int64_t, int> top() const {
        const int64_t first = canvas.visibleItems().begin;
        return {first, canvas.itemRect(first).top()};
    }

    Appearance appearance;
    NumberedTalk source;
    BlockCanvas canvas;
};

int greatestDifference(const QImage& one, const QImage& other) {
    int greatest = 0;
    for (int y = 0; y < one.height(); ++y)
        for (int x = 0; x < one.width(); ++x) {
            const QRgb a = one.pixel(x, y), b = other.pixel(x, y);
            greatest = std::max({greatest, std::abs(qRed(a) - qRed(b)),
                                 std::abs(qGreen(a) - qGreen(b)), std::abs(qBlue(a) - qBlue(b))});
        }
    return greatest;
}

}  // namespace

TEST_CASE("only visible blocks are composed and at most 64 kept", "[desktop][canvas]") {
    Shown talk(100'000);
    CHECK(talk.source.composed_ <= 2 * talk.canvas.visibleItems().count() + 4);
    for (int i = 0; i < 40; ++i) {
        QTest::keyClick(&talk.canvas, Qt::Key_PageDown);
        QApplication::processEvents();
    }
    CHECK(talk.canvas.visibleItems().begin > 40);
    CHECK(talk.source.composed_ <= 40 * 40);
}

TEST_CASE("blocks lie one below the other without a gap", "[desktop][canvas]") {
    Shown talk(200);
    talk.canvas.scrollToItem(100);
    const ItemRange visible = talk.canvas.visibleItems();
    REQUIRE(visible.count() > 3);
    for (int64_t block = visible.begin + 1; block < visible.end; ++block)
        CHECK(talk.canvas.itemRect(block).top() == talk.canvas.itemRect(block - 1).bottom() + 1);
}

TEST_CASE("what one reads stays in place while blocks above come and grow", "[desktop][canvas]") {
    Shown talk(2'000);
    talk.canvas.scrollToItem(1'000);
    talk.canvas.verticalScrollBar()->setValue(talk.canvas.verticalScrollBar()->value() + 7);
    const auto before = talk.top();
    CHECK(before.second == -7);
    talk.source.grow(10, QString(5'000, QLatin1Char('y')));
    CHECK(talk.top() == before);
    talk.source.insert(0, 3);
    CHECK(talk.top() == std::pair(before.first + 3, before.second));
    talk.source.append(5);
    CHECK(talk.top() == std::pair(before.first + 3, before.second));
}

TEST_CASE("the wheel moves what one sees exactly, also over blocks never measured",
          "[desktop][canvas]") {
    Shown talk(5'000);
    talk.canvas.scrollToItem(2'500);
    QScrollBar* bar = talk.canvas.verticalScrollBar();
    for (int i = 0; i < 120; ++i) {
        const int pixels = i < 80 ? -37 : 53;
        const int64_t kept = talk.canvas.visibleItems().begin + 3;
        const int before = talk.canvas.itemRect(kept).top();
        bar->setValue(bar->value() + pixels);
        CHECK(talk.canvas.itemRect(kept).top() == before - pixels);
    }
}

TEST_CASE("what is moved by scrolling and streaming looks as if painted anew",
          "[desktop][canvas]") {
    Shown talk(800);
    talk.canvas.setFollow(Follow::end);
    QScrollBar* bar = talk.canvas.verticalScrollBar();
    const auto isAsPaintedAnew = [&] {
        QApplication::processEvents();
        const QImage shown = talk.canvas.screen()->grabWindow(talk.canvas.winId()).toImage();
        const QImage fresh = talk.canvas.grab().toImage();
        REQUIRE(shown.size() == fresh.size());
        return greatestDifference(shown, fresh) <= 8;  // smoothing rounds one way or the other
    };
    for (int i = 0; i < 25; ++i) {
        bar->setValue(bar->value() + (i % 3 == 0 ? 91 : -40));
        CHECK(isAsPaintedAnew());
    }
    talk.press(Qt::Key_End, Qt::ControlModifier);
    talk.source.append(1);
    for (int i = 0; i < 25; ++i) {
        talk.source.grow(800, QStringLiteral(" more words to come"));
        CHECK(isAsPaintedAnew());
    }
}

TEST_CASE("the end is followed while text streams in, until one scrolls up", "[desktop][canvas]") {
    Shown talk(300);
    talk.canvas.setFollow(Follow::end);
    talk.source.append(1);
    for (int i = 0; i < 30; ++i)
        talk.source.grow(300, QStringLiteral(" some more words"));
    CHECK(talk.canvas.isAtEnd());
    const QRect last = talk.canvas.itemRect(300);
    CHECK(last.bottom() <= talk.canvas.viewport()->height());
    CHECK(last.bottom() > talk.canvas.viewport()->height() - 40);
    talk.canvas.scrollToItem(100);
    const auto before = talk.top();
    talk.source.grow(300, QStringLiteral(" unseen"));
    talk.source.append(2);
    CHECK(talk.top() == before);
    auto* pill = talk.canvas.findChild<QWidget*>(QStringLiteral("newItems"));
    CHECK(pill->isVisible());
    talk.press(Qt::Key_End, Qt::ControlModifier);
    CHECK(talk.canvas.isAtEnd());
    CHECK_FALSE(pill->isVisible());
}

TEST_CASE("only what comes at the end counts as new", "[desktop][canvas]") {
    Shown talk(300);
    talk.canvas.setFollow(Follow::end);
    talk.canvas.scrollToItem(100);
    auto* pill = talk.canvas.findChild<QPushButton*>(QStringLiteral("newItems"));
    talk.source.insert(0, 50);
    talk.source.insert(200, 3);
    talk.source.replace(200, 3, 10);
    CHECK_FALSE(pill->isVisible());
    talk.source.replace(talk.source.blockCount() - 1, 1, 3);
    REQUIRE(pill->isVisible());
    CHECK(pill->text().startsWith(QLatin1Char('2')));
    talk.source.insert(0, 5);
    CHECK(pill->text().startsWith(QLatin1Char('2')));
}

TEST_CASE("a growing block out of sight paints nothing", "[desktop][canvas]") {
    Shown talk(300);
    const int64_t before = talk.canvas.blocksPainted();
    for (int i = 0; i < 10; ++i)
        talk.source.grow(250, QStringLiteral(" unseen"));
    QApplication::processEvents();
    CHECK(talk.canvas.blocksPainted() == before);
}

TEST_CASE("a selection over blocks copies whole blocks as Markdown", "[desktop][canvas]") {
    Shown talk(30);
    talk.canvas.select({0, 6}, {2, int(talk.source.plainText(2).size())});
    talk.press(Qt::Key_C, Qt::ControlModifier);
    CHECK(QGuiApplication::clipboard()->text() ==
          talk.source.plainText(0).mid(6) + QStringLiteral("\n\n") + talk.source.markdown(1) +
              QStringLiteral("\n\n") + talk.source.markdown(2));
    CHECK(talk.canvas.textOf(talk.canvas.selection(), CopyFormat::plain)
              .endsWith(talk.source.plainText(2)));
}

TEST_CASE("what is folded away is not copied but found", "[desktop][canvas]") {
    Shown talk(30);
    talk.source.setFold(1, Fold::folded);
    CHECK_FALSE(talk.canvas.textOf({{0, 0}, {2, 5}}, CopyFormat::plain)
                    .contains(QStringLiteral("Block 1 says")));
    QSignalSpy ended(&talk.canvas, &Canvas::findEnded);
    talk.canvas.setFindText(QStringLiteral("block 1 says"));
    talk.canvas.findNext(FindDirection::forward);
    REQUIRE(waitUntil([&] { return ended.count() == 1; }));
    CHECK(talk.source.head(1).fold == Fold::open);
    CHECK(talk.canvas.textOf(talk.canvas.selection(), CopyFormat::plain) ==
          QStringLiteral("Block 1 says"));
}

TEST_CASE("Tab walks to links and fold handles, Enter presses them, then Tab leaves",
          "[desktop][canvas]") {
    Shown talk(2);  // block 0 has a link, block 1 a fold handle
    QSignalSpy links(&talk.canvas, &Canvas::linkActivated);
    talk.press(Qt::Key_Tab);
    talk.press(Qt::Key_Return);
    REQUIRE(links.count() == 1);
    CHECK(links.first().at(1).toString() == QStringLiteral("open:main.cpp:12"));
    talk.press(Qt::Key_Tab);
    talk.press(Qt::Key_Space);
    CHECK(talk.source.head(1).fold == Fold::folded);
    const int folded = talk.canvas.itemRect(1).height();
    talk.press(Qt::Key_Return);
    CHECK(talk.source.head(1).fold == Fold::open);
    CHECK(talk.canvas.itemRect(1).height() > folded);
}

TEST_CASE("Tab does not stay in a block that has the same link twice", "[desktop][canvas]") {
    application();
    QWidget window;
    auto* field = new QPushButton(QStringLiteral("after"), &window);
    NumberedTalk source(1);
    Appearance appearance;
    auto* canvas = new BlockCanvas(source, appearance, &window);
    canvas->setGeometry(0, 0, 600, 300);
    field->setGeometry(0, 300, 100, 30);
    QWidget::setTabOrder(canvas, field);
    showActive(window, {600, 340});
    source.grow(0, QStringLiteral(", main.cpp:12, main.cpp:12"));
    REQUIRE(canvas->controls(0).size() == 3);
    canvas->setFocus();
    for (int i = 0; i < 3; ++i) {
        QTest::keyClick(canvas, Qt::Key_Tab);
        CHECK(canvas->hasFocus());
    }
    QTest::keyClick(canvas, Qt::Key_Tab);
    CHECK(field->hasFocus());
}

TEST_CASE("a click on a link follows it, a drag over it selects", "[desktop][canvas]") {
    Shown talk(4);
    QSignalSpy links(&talk.canvas, &Canvas::linkActivated);
    const auto controls = talk.canvas.controls(0);
    REQUIRE(controls.size() == 1);
    CHECK(controls[0].name == QStringLiteral("main.cpp:12"));
    QWidget* area = talk.canvas.viewport();
    QTest::mouseClick(area, Qt::LeftButton, {}, controls[0].rect.center());
    CHECK(links.count() == 1);
    QTest::mousePress(area, Qt::LeftButton, {}, controls[0].rect.topLeft() + QPoint(2, 4));
    QTest::mouseMove(area, controls[0].rect.bottomRight() - QPoint(2, 4));
    QTest::mouseRelease(area, Qt::LeftButton, {}, controls[0].rect.bottomRight() - QPoint(2, 4));
    CHECK(links.count() == 1);
    CHECK_FALSE(talk.canvas.selection().isEmpty());
}

TEST_CASE("the find bar opens with Ctrl+F, says what is missing, Escape gives the focus back",
          "[desktop][canvas]") {
    application();
    Appearance appearance;
    NumberedTalk source(50);
    QWidget window;
    BlockCanvas canvas(source, appearance, &window);
    FindBar bar(canvas, &window);
    canvas.resize(600, 300);
    showActive(window, {600, 400});
    canvas.setFocus();
    QTest::keyClick(&canvas, Qt::Key_F, Qt::ControlModifier);
    CHECK(bar.isVisible());
    QWidget* query = QApplication::focusWidget();
    REQUIRE(query != nullptr);
    QTest::keyClicks(query, QStringLiteral("Block 33"));
    REQUIRE(waitUntil([&] { return canvas.selection().begin.item == 33; }));
    QTest::keyClicks(query, QStringLiteral("zz"));
    auto* state = bar.findChild<QWidget*>(QStringLiteral("findState"));
    REQUIRE(waitUntil([&] { return !state->property("text").toString().isEmpty(); }));
    QTest::keyClick(query, Qt::Key_Escape);
    CHECK_FALSE(bar.isVisible());
    CHECK(canvas.hasFocus());
}

TEST_CASE("another width or theme lays out again and keeps the block one reads",
          "[desktop][canvas]") {
    Shown talk(2'000);
    talk.canvas.scrollToItem(700);
    talk.canvas.resize(400, 480);
    QApplication::processEvents();
    CHECK(talk.top().first == 700);
    talk.appearance.setChoice(ThemeChoice::dark);
    talk.appearance.setTextPercent(150);
    QApplication::processEvents();
    CHECK(talk.top().first == 700);
    CHECK(talk.canvas.grab().toImage().pixel(3, 3) == colorOf(Role::surface, ThemeId::dark));
}

TEST_CASE("an empty conversation answers every key", "[desktop][canvas]") {
    Shown talk(0);
    for (const int key : {Qt::Key_Down, Qt::Key_PageUp, Qt::Key_End, Qt::Key_F3, Qt::Key_A,
                          Qt::Key_Right, Qt::Key_Tab, Qt::Key_Return})
        talk.press(key);
    QTest::mouseClick(talk.canvas.viewport(), Qt::LeftButton, {}, {5, 5});
    talk.canvas.setFindText(QStringLiteral("x"));
    talk.canvas.findNext(FindDirection::backward);
    QApplication::processEvents();
    CHECK(talk.canvas.visibleItems().count() == 0);
}
