#include <QAccessible>
#include <QAccessibleActionInterface>
#include <QPushButton>
#include <QScrollBar>

#include "app/desktop/canvas/block_canvas.h"
#include "app/desktop/canvas/line_canvas.h"
#include "app/desktop/shell/announcer.h"
#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/canvas_sources.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

// A canvas between two buttons.
struct Surrounded {
    explicit Surrounded(QSize size) {
        before->setGeometry(0, size.height(), 100, 30);
        canvas->setGeometry(QRect(QPoint(0, 0), size));
        after->setGeometry(100, size.height(), 100, 30);
        QWidget::setTabOrder(before, canvas);
        QWidget::setTabOrder(canvas, after);
        showActive(window, {size.width(), size.height() + 40});
        list = QAccessible::queryAccessibleInterface(canvas);
    }

    // The names of all that has the focus, but for the canvas itself.
    QStringList focused() const {
        QStringList names;
        for (int i = 0; i < list->childCount(); ++i) {
            QAccessibleInterface* item = list->child(i);
            if (item->state().focused) names << item->text(QAccessible::Name);
            for (int j = 0; j < item->childCount(); ++j)
                if (item->child(j)->state().focused)
                    names << item->child(j)->text(QAccessible::Name);
        }
        return names;
    }

    void press(int key, Qt::KeyboardModifiers modifiers = {}) const {
        QTest::keyClick(QApplication::focusWidget(), Qt::Key(key), modifiers);
    }

    QApplication& app = application();
    NumberedTalk source{2};  // block 0 has a link, block 1 a fold handle
    Appearance appearance;
    QWidget window;
    QPushButton* before = new QPushButton(QStringLiteral("before"), &window);
    BlockCanvas* canvas = new BlockCanvas(source, appearance, &window);
    QPushButton* after = new QPushButton(QStringLiteral("after"), &window);
    QAccessibleInterface* list = nullptr;
};

const QString kLink = QStringLiteral("main.cpp:12"), kFold = QStringLiteral("read file_1.cpp");

}  // namespace

TEST_CASE("a screen reader sees the visible rows and how many there are", "[desktop][a11y]") {
    application();
    Appearance appearance;
    NumberedLog source(1'000'000);
    LineCanvas canvas(source, appearance);
    canvas.setAccessibleName(QStringLiteral("Output"));
    showActive(canvas, {600, 300});
    canvas.setFocus();
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&canvas);
    REQUIRE(list != nullptr);
    CHECK(list->role() == QAccessible::List);
    CHECK(list->text(QAccessible::Name) == QStringLiteral("Output"));
    CHECK(list->text(QAccessible::Description).endsWith(QLocale().toString(1'000'000)));
    CHECK(list->childCount() == canvas.visibleItems().count());

    QAccessibleInterface* third = list->child(3);
    REQUIRE(third != nullptr);
    CHECK(third->role() == QAccessible::ListItem);
    CHECK(third->text(QAccessible::Name) == QStringLiteral("added, line 4: line 3 of the log"));
    CHECK(third->parent() == list);
    CHECK(list->indexOfChild(third) == 3);
    CHECK(list->child(0)->state().focused);
    CHECK(list->childAt(third->rect().center().x(), third->rect().center().y()) == third);

    canvas.scrollToItem(500'000);
    CHECK(list->child(0)->text(QAccessible::Name).contains(QStringLiteral("500000")));
    CHECK(list->child(-1) == nullptr);
    CHECK(list->child(list->childCount()) == nullptr);
}

TEST_CASE("links, buttons and fold handles can be pressed through accessibility",
          "[desktop][a11y]") {
    application();
    Appearance appearance;
    NumberedTalk source(4);
    BlockCanvas canvas(source, appearance);
    showActive(canvas, {600, 400});
    QString followed;
    QObject::connect(&canvas, &Canvas::linkActivated, &canvas,
                     [&](qint64, const QString& href) { followed = href; });
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(&canvas);
    REQUIRE(list->childCount() == 4);
    CHECK(list->child(0)->text(QAccessible::Name).startsWith(QStringLiteral("You, Block 0 says")));

    QAccessibleInterface* link = list->child(0)->child(0);
    REQUIRE(link != nullptr);
    CHECK(link->role() == QAccessible::Link);
    CHECK(link->text(QAccessible::Name) == QStringLiteral("main.cpp:12"));
    CHECK(link->parent() == list->child(0));
    link->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
    CHECK(followed == QStringLiteral("open:main.cpp:12"));

    QAccessibleInterface* fold = list->child(1)->child(0);
    REQUIRE(fold != nullptr);
    CHECK(fold->role() == QAccessible::Button);
    CHECK(fold->state().expanded);
    fold->actionInterface()->doAction(QAccessibleActionInterface::pressAction());
    CHECK(source.head(1).fold == Fold::folded);
    CHECK(list->child(1)->child(0)->state().collapsed);
}

TEST_CASE("interfaces of rows that are gone are invalid, not dangling", "[desktop][a11y]") {
    application();
    auto appearance = std::make_unique<Appearance>();
    auto source = std::make_unique<NumberedTalk>(10);
    auto canvas = std::make_unique<BlockCanvas>(*source, *appearance);
    showActive(*canvas, {600, 400});
    QAccessibleInterface* list = QAccessible::queryAccessibleInterface(canvas.get());
    QAccessibleInterface* first = list->child(0);
    const QAccessible::Id id = QAccessible::uniqueId(first);
    canvas.reset();
    QAccessibleInterface* after = QAccessible::accessibleInterface(id);
    CHECK((after == nullptr || !after->isValid()));
}

TEST_CASE("an announcement is the name of the announcer", "[desktop][a11y]") {
    application();
    QWidget window;
    Announcer announcer(&window);
    announcer.say(QStringLiteral("The answer is ready."));
    QAccessibleInterface* spoken = QAccessible::queryAccessibleInterface(&announcer);
    CHECK(spoken->text(QAccessible::Name) == QStringLiteral("The answer is ready."));
    CHECK(announcer.focusPolicy() == Qt::NoFocus);
}

TEST_CASE("a screen reader follows Tab to each link, button and fold handle", "[desktop][a11y]") {
    const Surrounded around({600, 400});
    around.canvas->setFocus();
    const QString item = around.list->child(0)->text(QAccessible::Name);
    CHECK(around.focused() == QStringList{item});
    around.press(Qt::Key_Tab);
    CHECK(around.focused() == QStringList{kLink});
    CHECK(around.list->focusChild() == around.list->child(0)->child(0));
    around.press(Qt::Key_Tab);
    CHECK(around.focused() == QStringList{kFold});
    around.press(Qt::Key_Right);  // the caret has the focus again
    CHECK(around.focused() == QStringList{item});
    around.press(Qt::Key_Tab);
    around.press(Qt::Key_Tab);
    around.press(Qt::Key_Tab);
    CHECK(around.after->hasFocus());
    CHECK(around.focused().isEmpty());
}

TEST_CASE("Shift+Tab walks the controls of a canvas from the last one back", "[desktop][a11y]") {
    const Surrounded around({600, 400});
    around.after->setFocus();
    for (const QString& expected : {kFold, kLink, around.list->child(0)->text(QAccessible::Name)}) {
        around.press(Qt::Key_Backtab, Qt::ShiftModifier);
        CHECK(around.focused() == QStringList{expected});
    }
    around.press(Qt::Key_Backtab, Qt::ShiftModifier);
    CHECK(around.before->hasFocus());
}

TEST_CASE("a control gets the focus through accessibility, and is off screen outside of the view",
          "[desktop][a11y]") {
    const Surrounded around({600, 400});
    QAccessibleInterface* link = around.list->child(0)->child(0);
    CHECK_FALSE(link->state().offscreen);
    link->actionInterface()->doAction(QAccessibleActionInterface::setFocusAction());
    CHECK(around.canvas->hasFocus());
    CHECK(around.focused() == QStringList{kLink});
    around.canvas->resize(600, around.canvas->controls(0).front().rect.top() - 4);
    REQUIRE(around.canvas->visibleItems().contains(0));
    CHECK(around.list->child(0)->child(0)->state().offscreen);
}

TEST_CASE("Tab scrolls a control in that the edge cuts", "[desktop][a11y]") {
    const Surrounded around({600, 400});
    around.canvas->setFocus();
    const QRect rect = around.canvas->controls(0).front().rect;
    around.canvas->resize(600, rect.center().y());
    around.press(Qt::Key_Tab);
    CHECK(around.focused() == QStringList{kLink});
    CHECK(around.canvas->controls(0).front().rect.bottom() < around.canvas->viewport()->height());
}

TEST_CASE("what stands over the items of a canvas is heard behind them", "[desktop][a11y]") {
    const Surrounded around({600, 400});
    const int nItems = around.list->childCount();
    auto* button = new QPushButton(QStringLiteral("Accept"), around.canvas->viewport());
    button->show();
    REQUIRE(around.list->childCount() == nItems + 1);
    CHECK(around.list->child(nItems)->text(QAccessible::Name) == QStringLiteral("Accept"));
    button->hide();
    CHECK(around.list->childCount() == nItems);
}
