#include <QAccessible>
#include <QAccessibleActionInterface>
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
