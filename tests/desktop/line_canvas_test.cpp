#include "app/desktop/canvas/line_canvas.h"

#include <QClipboard>
#include <QFontMetrics>
#include <QPaintEvent>
#include <QScrollBar>
#include <QSignalSpy>

#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/canvas_sources.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Shown {
    explicit Shown(int64_t rows) : source((application(), rows)), canvas(source, appearance) {
        showActive(canvas, {640, 400});
        canvas.setFocus();
        QApplication::processEvents();
    }

    void press(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(&canvas, Qt::Key(key), modifiers);
    }

    QPoint middleOf(int64_t row) const { return canvas.itemRect(row).center(); }

    Appearance appearance;
    NumberedLog source;
    LineCanvas canvas;
};

// Paint events that reach the viewport of a canvas.
class PaintCounter final : public QObject {
public:
    explicit PaintCounter(QAbstractScrollArea& area) { area.viewport()->installEventFilter(this); }

    int count = 0;
    QRegion region;

protected:
    bool eventFilter(QObject* watched, QEvent* event) override {
        if (event->type() == QEvent::Paint) {
            ++count;
            region += static_cast<QPaintEvent*>(event)->region();
        }
        return QObject::eventFilter(watched, event);
    }
};

}  // namespace

TEST_CASE("a million rows cost a screenful", "[desktop][canvas]") {
    Shown log(1'000'000);
    const int64_t visible = log.canvas.visibleItems().count();
    CHECK(visible > 10);
    CHECK(visible < 60);
    CHECK(log.source.asked_ <= 2 * visible);
    log.source.asked_ = 0;
    log.press(Qt::Key_End, Qt::ControlModifier);
    QApplication::processEvents();
    CHECK(log.canvas.visibleItems().end == 1'000'000);
    CHECK(log.canvas.caret().item == 999'999);
    CHECK(log.source.asked_ <= 3 * visible);
}

TEST_CASE("an idle canvas does not paint", "[desktop][canvas]") {
    Shown log(1'000);
    QTest::qWait(50);  // what showing the window still has to do
    PaintCounter paints(log.canvas);
    QTest::qWait(2'000);
    CHECK(paints.count == 0);
}

TEST_CASE("walking the caret repaints two rows and scrolling one line paints what appears",
          "[desktop][canvas]") {
    Shown log(10'000);
    log.press(Qt::Key_Down);
    QApplication::processEvents();
    const int64_t before = log.canvas.rowsPainted();
    log.press(Qt::Key_Down);
    QApplication::processEvents();
    CHECK(log.canvas.rowsPainted() - before <= 3);
    const int64_t beforeScroll = log.canvas.rowsPainted();
    log.canvas.verticalScrollBar()->triggerAction(QAbstractSlider::SliderSingleStepAdd);
    QApplication::processEvents();
    CHECK(log.canvas.rowsPainted() > beforeScroll);
    CHECK(log.canvas.rowsPainted() - beforeScroll <= 3);
}

TEST_CASE("a changed row repaints itself only, one out of sight nothing", "[desktop][canvas]") {
    Shown log(10'000);
    PaintCounter paints(log.canvas);
    log.source.setText(9'000, QStringLiteral("far away"));
    QApplication::processEvents();
    CHECK(paints.count == 0);
    const int64_t before = log.canvas.rowsPainted();
    log.source.setText(2, QStringLiteral("here"));
    QApplication::processEvents();
    CHECK(log.canvas.rowsPainted() - before == 1);
    CHECK(paints.region.boundingRect().height() <= log.canvas.itemRect(2).height() + 1);
}

TEST_CASE("keys select across rows and copy takes exactly that", "[desktop][canvas]") {
    Shown log(100);
    log.press(Qt::Key_Right, Qt::ControlModifier);  // behind "line"
    const int start = log.canvas.caret().offset;
    CHECK(start > 0);
    log.press(Qt::Key_Down, Qt::ShiftModifier);
    log.press(Qt::Key_Down, Qt::ShiftModifier);
    log.press(Qt::Key_C, Qt::ControlModifier);
    const QString first = log.source.text(0).mid(start);
    CHECK(QGuiApplication::clipboard()->text() == first + QStringLiteral("\n") +
                                                      log.source.text(1) + QStringLiteral("\n") +
                                                      log.source.text(2).left(start));
    log.press(Qt::Key_Escape);
    CHECK(log.canvas.selection().isEmpty());
    log.press(Qt::Key_A, Qt::ControlModifier);
    CHECK(log.canvas.textOf(log.canvas.selection(), CopyFormat::plain).count(QLatin1Char('\n')) ==
          99);
}

TEST_CASE("dragging selects, a double click a word, a triple click a row", "[desktop][canvas]") {
    Shown log(100);
    log.source.setText(1, QStringLiteral("alpha beta_2 gamma"));
    QWidget* area = log.canvas.viewport();
    log.canvas.select({1, 8}, {1, 8});
    const QRect caret =
        log.canvas.inputMethodQuery(Qt::ImCursorRectangle).toRect().translated(-area->pos());
    QTest::mouseDClick(area, Qt::LeftButton, {}, caret.center());
    CHECK(log.canvas.textOf(log.canvas.selection(), CopyFormat::plain) == QStringLiteral("beta_2"));
    QTest::mouseClick(area, Qt::LeftButton, {}, caret.center());
    CHECK(log.canvas.textOf(log.canvas.selection(), CopyFormat::plain) ==
          QStringLiteral("alpha beta_2 gamma"));
    const QPoint from(caret.left(), log.middleOf(2).y()), to(caret.left(), log.middleOf(4).y());
    QTest::mousePress(area, Qt::LeftButton, {}, from);
    QTest::mouseMove(area, to);
    QTest::mouseRelease(area, Qt::LeftButton, {}, to);
    CHECK(log.canvas.selection() == TextRange{{2, 8}, {4, 8}});
}

TEST_CASE("the caret never splits a character of several units", "[desktop][canvas]") {
    Shown log(3);
    const QString family = QString::fromUtf8(
        "a\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"
        "b");
    log.source.setText(0, family);
    log.canvas.select({0, 1}, {0, 1});
    log.press(Qt::Key_Right);
    CHECK(log.canvas.caret() == TextPlace{0, int(family.size()) - 1});
    log.press(Qt::Key_Left);
    CHECK(log.canvas.caret() == TextPlace{0, 1});
}

TEST_CASE("pages and ends of lines and of the text are reached by key", "[desktop][canvas]") {
    Shown log(1'000);
    log.press(Qt::Key_End);
    CHECK(log.canvas.caret() == TextPlace{0, int(log.source.text(0).size())});
    log.press(Qt::Key_Home);
    log.press(Qt::Key_PageDown);
    const int64_t page = log.canvas.caret().item;
    CHECK(page >= 10);
    log.press(Qt::Key_PageUp);
    CHECK(log.canvas.caret().item <= 1);
    log.press(Qt::Key_Up);
    log.press(Qt::Key_Up);
    CHECK(log.canvas.caret() == TextPlace{0, 0});
    log.press(Qt::Key_End, Qt::ControlModifier);
    log.press(Qt::Key_Right);
    CHECK(log.canvas.caret().item == 999);
}

TEST_CASE("find walks forward and back, wraps around and says when there is nothing",
          "[desktop][canvas]") {
    Shown log(50'000);
    log.source.setText(40'000, QStringLiteral("one Needle, one needle"));
    QSignalSpy ended(&log.canvas, &Canvas::findEnded);
    const auto next = [&](int key, Qt::KeyboardModifiers modifiers) {
        const auto before = ended.count();
        log.press(key, modifiers);
        REQUIRE(waitUntil([&] { return ended.count() > before; }));
        return ended.last().first().toBool();
    };
    log.canvas.setFindText(QStringLiteral("needle"));
    REQUIRE(next(Qt::Key_F3, {}));
    CHECK(log.canvas.selection() == TextRange{{40'000, 4}, {40'000, 10}});
    CHECK(log.canvas.visibleItems().contains(40'000));
    REQUIRE(next(Qt::Key_F3, {}));
    CHECK(log.canvas.selection().begin == TextPlace{40'000, 16});
    REQUIRE(next(Qt::Key_F3, {}));  // wraps
    CHECK(log.canvas.selection().begin == TextPlace{40'000, 4});
    REQUIRE(next(Qt::Key_F3, Qt::ShiftModifier));
    CHECK(log.canvas.selection().begin == TextPlace{40'000, 16});
    log.canvas.setFindText(QStringLiteral("Needle"));  // a capital finds only itself
    REQUIRE(next(Qt::Key_F3, {}));
    CHECK(log.canvas.selection().begin == TextPlace{40'000, 4});
    log.canvas.setFindText(QStringLiteral("nothing like it"));
    CHECK_FALSE(next(Qt::Key_F3, {}));
}

TEST_CASE("a log at its end follows, one scrolled up stays and counts what is new",
          "[desktop][canvas]") {
    Shown log(500);
    log.canvas.setFollow(Follow::end);
    log.source.append(10);
    CHECK(log.canvas.isAtEnd());
    CHECK(log.canvas.visibleItems().end == 510);
    auto* pill = log.canvas.findChild<QWidget*>(QStringLiteral("newItems"));
    CHECK_FALSE(pill->isVisible());
    log.canvas.verticalScrollBar()->setValue(0);
    log.source.append(14);
    CHECK(log.canvas.visibleItems().begin == 0);
    CHECK(pill->isVisible());
    CHECK(pill->property("text").toString().contains(QStringLiteral("14")));
    QTest::mouseClick(pill, Qt::LeftButton);
    CHECK(log.canvas.isAtEnd());
    CHECK_FALSE(pill->isVisible());
}

TEST_CASE("zoom changes the rows and keeps the place", "[desktop][canvas]") {
    Shown log(10'000);
    log.canvas.scrollToItem(5'000);
    const int before = log.canvas.itemRect(0).height();
    log.press(Qt::Key_Equal, Qt::ControlModifier);
    log.press(Qt::Key_Equal, Qt::ControlModifier);
    CHECK(log.canvas.zoomPercent() == 120);
    CHECK(log.canvas.itemRect(0).height() > before);
    CHECK(std::abs(log.canvas.visibleItems().begin - 5'000) <= 1);
    log.press(Qt::Key_0, Qt::ControlModifier);
    CHECK(log.canvas.itemRect(0).height() == before);
}

TEST_CASE("a row of ten million characters is shown cut, found and copied whole",
          "[desktop][canvas]") {
    Shown log(10);
    log.source.setText(3, QString(10'000'000, QLatin1Char('x')) + QStringLiteral("end"));
    QApplication::processEvents();
    log.canvas.setFindText(QStringLiteral("end"));
    log.press(Qt::Key_F3);
    REQUIRE(waitUntil([&] { return !log.canvas.selection().isEmpty(); }));
    CHECK(log.canvas.textOf(log.canvas.selection(), CopyFormat::plain) == QStringLiteral("end"));
}

TEST_CASE("an empty log answers every key and click", "[desktop][canvas]") {
    Shown log(0);
    for (const int key : {Qt::Key_Down, Qt::Key_PageUp, Qt::Key_End, Qt::Key_F3, Qt::Key_A,
                          Qt::Key_Right, Qt::Key_Tab})
        log.press(key, Qt::ControlModifier);
    QTest::mouseClick(log.canvas.viewport(), Qt::LeftButton, {}, {5, 5});
    QTest::mouseDClick(log.canvas.viewport(), Qt::LeftButton, {}, {5, 5});
    CHECK(log.canvas.visibleItems().count() == 0);
    CHECK(log.canvas.selection().isEmpty());
}

TEST_CASE("input methods learn where the caret is", "[desktop][canvas]") {
    Shown log(1'000);
    const QRect first = log.canvas.inputMethodQuery(Qt::ImCursorRectangle).toRect();
    log.press(Qt::Key_Down);
    log.press(Qt::Key_End);
    const QRect second = log.canvas.inputMethodQuery(Qt::ImCursorRectangle).toRect();
    CHECK(second.top() == first.top() + log.canvas.itemRect(0).height());
    CHECK(second.left() > first.left());
    CHECK(log.canvas.inputMethodQuery(Qt::ImReadOnly).toBool());
}
