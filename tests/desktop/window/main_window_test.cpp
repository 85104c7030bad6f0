#include "app/desktop/window/main_window.h"

#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QMenuBar>
#include <QPointer>
#include <QScreen>
#include <QSignalSpy>
#include <QVBoxLayout>

#include "app/desktop/theme/appearance.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct Frame {
    Frame() {
        window.setSidebar(sidebar);
        auto* session = new QWidget;
        auto* column = new QVBoxLayout(session);
        for (QLineEdit* area : {conversation, composer}) {
            area->setProperty("isArea", true);
            column->addWidget(area);
        }
        window.setSession(session);
        window.setTab(
            QStringLiteral("changes"), [] { return QStringLiteral("Changes"); }, changes);
        window.setTab(
            QStringLiteral("commit"), [] { return QStringLiteral("Commit"); }, new QLineEdit);
    }

    bool isVisible(MainWindow::Column column) const { return window.isColumnVisible(column); }

    void key(int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        QTest::keyClick(QApplication::focusWidget() ? QApplication::focusWidget() : &window,
                        Qt::Key(key), modifiers);
    }

    QApplication& app = application();  // before any widget
    Appearance appearance;
    ActionRegistry registry;
    QLineEdit* sidebar = new QLineEdit;
    QLineEdit* conversation = new QLineEdit;
    QLineEdit* composer = new QLineEdit;
    QLineEdit* changes = new QLineEdit;
    MainWindow window{appearance, registry};
};

using Column = MainWindow::Column;

}  // namespace

TEST_CASE("columns fold by width and take turns where there is no room", "[desktop][window]") {
    Frame frame;
    showActive(frame.window, {1280, 800});
    CHECK(frame.isVisible(Column::sidebar));
    CHECK(frame.isVisible(Column::session));
    CHECK(frame.isVisible(Column::workbench));
    frame.window.resize(800, 600);
    QApplication::processEvents();
    CHECK(frame.isVisible(Column::sidebar));
    CHECK(frame.isVisible(Column::session));
    CHECK_FALSE(frame.isVisible(Column::workbench));
    frame.window.showTab(QStringLiteral("commit"));
    CHECK(frame.isVisible(Column::workbench));
    CHECK_FALSE(frame.isVisible(Column::session));
    frame.window.resize(500, 600);
    QApplication::processEvents();
    CAPTURE(frame.window.width(), frame.window.minimumSizeHint().width());
    QApplication::processEvents();
    CHECK_FALSE(frame.isVisible(Column::sidebar));
    frame.window.showColumn(Column::sidebar);
    CHECK(frame.isVisible(Column::sidebar));
    CHECK_FALSE(frame.isVisible(Column::workbench));
    CHECK_FALSE(frame.isVisible(Column::session));
    frame.window.resize(1280, 800);
    QApplication::processEvents();
    CHECK(frame.isVisible(Column::session));
    CHECK(frame.isVisible(Column::workbench));
}

TEST_CASE("Ctrl+B and Ctrl+J hide columns, and that is restored", "[desktop][window]") {
    Frame frame;
    showActive(frame.window, {1280, 800});
    frame.conversation->setFocus();
    frame.key(Qt::Key_B, Qt::ControlModifier);
    CHECK_FALSE(frame.isVisible(Column::sidebar));
    frame.key(Qt::Key_J, Qt::ControlModifier);
    CHECK_FALSE(frame.isVisible(Column::workbench));
    frame.window.showTab(QStringLiteral("commit"));
    frame.key(Qt::Key_J, Qt::ControlModifier);
    const WindowState state = frame.window.state();
    Frame again;
    again.window.restore(state);
    again.window.show();
    CHECK_FALSE(again.isVisible(Column::sidebar));
    CHECK_FALSE(again.isVisible(Column::workbench));
    CHECK(again.window.currentTab() == QStringLiteral("commit"));
}

TEST_CASE("a window that never was on this screen fills one too small for it",
          "[desktop][window]") {
    Frame small;
    const QSize screen = small.window.screen()->availableSize();
    small.window.resize(screen);  // no room for its frame
    small.window.restore({});
    CHECK(small.window.isMaximized());
    Frame fits;
    fits.window.resize(screen / 2);
    fits.window.restore({});
    CHECK_FALSE(fits.window.isMaximized());
}

TEST_CASE("F6 walks through the areas that are visible, both ways", "[desktop][window]") {
    Frame frame;
    showActive(frame.window, {1280, 800});
    frame.sidebar->setFocus();
    for (const QWidget* expected :
         {frame.conversation, frame.composer, frame.changes, frame.sidebar}) {
        frame.key(Qt::Key_F6);
        CHECK(QApplication::focusWidget() == expected);
    }
    frame.key(Qt::Key_F6, Qt::ShiftModifier);
    CHECK(QApplication::focusWidget() == frame.changes);
    frame.window.setColumnWanted(Column::workbench, false);
    frame.composer->setFocus();
    frame.key(Qt::Key_F6);
    CHECK(QApplication::focusWidget() == frame.sidebar);
}

TEST_CASE("what is replaced is gone before the new one is there", "[desktop][window]") {
    Frame frame;
    const QPointer<QWidget> old = frame.changes;
    QSignalSpy shown(&frame.window, &MainWindow::tabShown);
    frame.window.showTab(QStringLiteral("changes"));
    frame.window.setTab(
        QStringLiteral("changes"), [] { return QStringLiteral("Changes 2"); }, new QLabel);
    CHECK(old.isNull());
    CHECK(frame.window.currentTab() == QStringLiteral("changes"));
    frame.window.removeTab(QStringLiteral("changes"));
    CHECK(frame.window.currentTab() == QStringLiteral("commit"));
}

TEST_CASE("every menu has a title and nothing in it that cannot be found in the registry",
          "[desktop][window]") {
    Frame frame;
    int entries = 0;
    for (const QMenu* menu : frame.window.menuBar()->findChildren<QMenu*>()) {
        if (menu->objectName().isEmpty() || menu->actions().isEmpty()) continue;
        CHECK_FALSE(menu->title().isEmpty());
        for (const QAction* action : menu->actions())
            if (!action->isSeparator()) {
                ++entries;
                CHECK_FALSE(action->text().isEmpty());
            }
    }
    CHECK(entries > 20);
}
