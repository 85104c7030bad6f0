#include <QAction>
#include <QDir>
#include <QFile>
#include <QListView>
#include <QTemporaryDir>
#include <QToolButton>

#include "tests/desktop/output/output_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

TEST_CASE("each state says what there is", "[desktop][output]") {
    OutputRig it;
    it.show();
    CHECK(it.label("output.message").contains(QStringLiteral("No commands yet")));
    it.session.set(SessionModel::State::loading);
    CHECK(it.label("output.message").contains(QStringLiteral("being read")));
    it.session.set(SessionModel::State::error, QStringLiteral("it is gone"));
    CHECK(it.label("output.message").contains(QStringLiteral("it is gone")));
    it.store->write("a", "");
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "true"), ended("a", 0)});
    REQUIRE(it.isDone());
    CHECK(it.label("output.hint") == QStringLiteral("The command wrote nothing."));
    it.store->fail({base::Errc::io, "no disk"});
    it.session.apply({begun("b", "make"), ended("b", 0)});
    it.screen->showCommand("b", 1);
    REQUIRE(waitUntil([&] { return it.label("output.hint").contains(QStringLiteral("no disk")); }));
}

TEST_CASE("the command that runs is shown while it writes", "[desktop][output]") {
    OutputRig it;
    it.show();
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make -j2", "build")});
    CHECK(it.label("output.command") == QStringLiteral("make -j2"));
    CHECK(it.label("output.state").contains(QStringLiteral("running")));
    CHECK(it.label("output.detail").contains(QStringLiteral("build")));
    it.store->write("a", "\x1b[32mok\x1b[0m one\n");
    it.session.apply({wrote("a", "ok one\n")});
    CHECK(it.isShown(QStringLiteral("ok one")));
    it.store->write("a", "10 %\r20 %\rready\n");
    CHECK(it.isShown(QStringLiteral("ready")));
    it.session.apply({ended("a", 2)});
    REQUIRE(it.isDone());
    CHECK(it.label("output.state").contains(QStringLiteral("exit 2")));
    CHECK(it.label("output.detail").contains(QStringLiteral("1.2 s")));
}

TEST_CASE("a command that was asked about is followed once it runs", "[desktop][output]") {
    OutputRig it;
    it.show();
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "rm -r x"),
                      agent::PermissionAsked{"a", "bash", "rm -r x", "mode ask"}});
    CHECK(waitUntil([&] {
        return it.label("output.hint").contains(QStringLiteral("waits for your permission"));
    }));
    REQUIRE(it.isDone());
    it.store->write("a", "gone\n");
    it.session.apply({agent::PermissionAnswered{"a", "once", ""}, wrote("a", "gone\n")});
    CHECK(it.isShown(QStringLiteral("gone")));
}

TEST_CASE("what was not kept is said", "[desktop][output]") {
    OutputRig it;
    it.store->write("a", std::string(2'000'000, 'x'));
    it.store->lose(OutputLoss::end);
    it.show();
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make"), ended("a", 0)});
    REQUIRE(it.isDone());
    CHECK(it.label("output.note") ==
          QStringLiteral("Only the first 2 MB were kept when the command ran."));
}

TEST_CASE("a click on a place opens it below the command's folder", "[desktop][output]") {
    OutputRig it;
    QTemporaryDir folder;
    it.session.repository_ = folder.path();
    QDir(folder.path()).mkpath(QStringLiteral("build/src"));
    QFile(folder.filePath(QStringLiteral("build/src/a.cpp"))).open(QIODevice::WriteOnly);
    it.store->write("a", "src/a.cpp:12:3: error: no\nlib/b.cpp:7: note\n");
    it.show();
    QSignalSpy opened(it.screen.get(), &OutputScreen::openPlace);
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make", "build"), ended("a", 2)});
    REQUIRE(it.isDone());
    LineCanvas& canvas = it.screen->canvas();
    const auto links = canvas.controls(0);
    REQUIRE(links.size() == 1);
    CHECK(links[0].name == QStringLiteral("src/a.cpp:12:3"));
    QTest::mouseClick(canvas.viewport(), Qt::LeftButton, {}, links[0].rect.center());
    REQUIRE(opened.size() == 1);
    CHECK(opened[0] == QVariantList{folder.filePath(QStringLiteral("build/src/a.cpp")), 12, 3});
    canvas.activate(1, canvas.controls(1).front());
    CHECK(opened[1] == QVariantList{folder.filePath(QStringLiteral("lib/b.cpp")), 7, 0});
}

TEST_CASE("Tab reaches a place and Enter opens it", "[desktop][output]") {
    OutputRig it;
    it.store->write("a", "see src/a.cpp:12 there\n");
    it.show();
    QSignalSpy opened(it.screen.get(), &OutputScreen::openPlace);
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make"), ended("a", 0)});
    REQUIRE(it.isDone());
    it.screen->canvas().setFocus();
    QTest::keyClick(&it.screen->canvas(), Qt::Key_Tab);
    QTest::keyClick(&it.screen->canvas(), Qt::Key_Return);
    CHECK(opened.size() == 1);
}

TEST_CASE("the selection is added to the message by button and key", "[desktop][output]") {
    OutputRig it;
    it.store->write("a", "one\ntwo\nthree\n");
    it.show();
    QSignalSpy added(it.screen.get(), &OutputScreen::addToMessage);
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make"), ended("a", 0)});
    REQUIRE(it.isDone());
    auto& button = it.find<QToolButton>("output.add");
    CHECK_FALSE(button.isEnabled());
    it.screen->canvas().select({0, 0}, {1, 3});
    CHECK(button.isEnabled());
    button.click();
    it.actions.action(QLatin1String("output.toMessage")).trigger();
    REQUIRE(added.size() == 2);
    CHECK(added[0][0].toString() == QStringLiteral("one\ntwo"));
}

TEST_CASE("what the agent runs next is shown until the user chooses", "[desktop][output]") {
    OutputRig it;
    it.store->write("a", "of a\n");
    it.store->write("b", "of b\n");
    it.show();
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make a"), ended("a", 0)});
    CHECK(it.isShown(QStringLiteral("of a")));
    it.session.apply({begun("b", "make b")});
    CHECK(it.isShown(QStringLiteral("of b")));
    CHECK(it.find<QListView>("output.commands").currentIndex().row() == 0);
    it.screen->showCommand("a", 1);
    it.session.apply({begun("c", "make c")});
    CHECK(it.label("output.command") == QStringLiteral("make a"));
}

TEST_CASE("the chosen command stays chosen while others come and go", "[desktop][output]") {
    OutputRig it;
    it.store->write("a", "of a\n");
    it.store->write("b", "of b\n");
    it.show();
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make a"), ended("a", 0),
                      begun("z", "make z"), ended("z", 0)});
    it.screen->showCommand("a", 1);
    it.session.apply({begun("b", "make b"), ended("z", 0)});
    CHECK(it.label("output.command") == QStringLiteral("make a"));
    auto& list = it.find<QListView>("output.commands");
    CHECK(list.currentIndex().row() == 2);
    QTest::keyClick(&list, Qt::Key_Home);
    CHECK(it.label("output.command") == QStringLiteral("make b"));
    CHECK(it.isShown(QStringLiteral("of b")));
    it.session.set(SessionModel::State::ready);  // read again from its log
    CHECK(it.label("output.command") == QStringLiteral("make b"));
}

TEST_CASE("a hidden or finished terminal does nothing", "[desktop][output]") {
    OutputRig it;
    it.store->write("a", "one\n");
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make")});
    QTest::qWait(150);
    CHECK(it.screen->canvas().itemCount() == 0);  // nobody looks
    it.show();
    CHECK(it.isShown(QStringLiteral("one")));
    it.session.apply({ended("a", 0)});
    REQUIRE(it.isDone());
    const int64_t painted = it.screen->canvas().rowsPainted();
    QTest::qWait(400);
    CHECK(it.screen->canvas().rowsPainted() == painted);
}

TEST_CASE("every widget that can be acted on has a name", "[desktop][output]") {
    OutputRig it;
    it.session.apply({agent::TurnStarted{"t"}, begun("a", "make"), ended("a", 0)});
    it.show();
    for (const QWidget* widget : it.screen->findChildren<QWidget*>()) {
        const bool isActionable =
            widget->focusPolicy() != Qt::NoFocus && widget->isVisibleTo(it.screen.get());
        if (!isActionable || widget->objectName().startsWith(QLatin1String("qt_"))) continue;
        CAPTURE(widget->objectName().toStdString(), widget->metaObject()->className());
        CHECK_FALSE(widget->objectName().isEmpty());
        const auto* label = qobject_cast<const QLabel*>(widget);
        CHECK((label != nullptr || !widget->accessibleName().isEmpty()));
    }
}
