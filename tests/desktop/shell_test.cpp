#include <QAction>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QSignalSpy>
#include <set>

#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/command_palette.h"
#include "app/desktop/shell/fuzzy_match.h"
#include "app/desktop/shell/key_sheet.h"
#include "app/desktop/shell/stall_monitor.h"
#include "app/desktop/shell/state_keeper.h"
#include "app/desktop/shell/translations.h"
#include "app/desktop/shell/window_state.h"
#include "app/desktop/theme/appearance.h"
#include "base/file.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/temp_home.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;

TEST_CASE("ids are unique, every default key is a key, no two actions share one",
          "[desktop][actions]") {
    application();
    std::set<std::string> ids;
    for (const ActionSpec& spec : allActions()) {
        CAPTURE(spec.id);
        CHECK(ids.insert(spec.id).second);
        CHECK(std::string(spec.text).size() > 2);
    }
    ActionRegistry registry;
    for (const QAction* action : registry.actions())
        if (std::string(registry.spec(*action).keys) != "")
            CHECK_FALSE(registry.keysText(*action).isEmpty());
    CHECK(registry.conflicts().empty());
}

TEST_CASE("the user's keymap takes the place of the defaults and conflicts are told",
          "[desktop][actions]") {
    application();
    ActionRegistry registry;
    QAction& accept = registry.action(QLatin1String("hunk.accept"));
    CHECK(registry.applyKeymap({QStringLiteral("hunk.accept = Y")}).isEmpty());
    CHECK(registry.keysText(accept) == QStringLiteral("Y"));
    CHECK(registry.applyKeymap({QStringLiteral("hunk.accept=")}).isEmpty());
    CHECK(registry.keysText(accept).isEmpty());
    const QStringList problems =
        registry.applyKeymap({QStringLiteral("hunk.accept=R"), QStringLiteral("hunk.fly=F"),
                              QStringLiteral("hunk.edit=Blah+Q"), QStringLiteral("nonsense")});
    CHECK(problems.size() == 4);
    CHECK(problems.last().contains(QStringLiteral("hunk.reject")));
    REQUIRE(registry.conflicts().size() == 1);
    registry.applyKeymap({});
    CHECK(registry.keysText(accept) == QStringLiteral("A"));
}

TEST_CASE("the same key may serve two places that never meet", "[desktop][actions]") {
    application();
    ActionRegistry registry;
    CHECK(registry.applyKeymap({QStringLiteral("commit.make=A")}).isEmpty());
    CHECK(registry.applyKeymap({QStringLiteral("commit.make=Ctrl+N")}).size() == 1);
}

TEST_CASE("a key runs its action in its place only", "[desktop][actions]") {
    application();
    ActionRegistry registry;
    QWidget window;
    QLineEdit inside(&window);
    QWidget changes(&window);
    changes.setFocusPolicy(Qt::StrongFocus);
    changes.setGeometry(0, 50, 50, 50);
    registry.attach(ActionContext::window, window);
    registry.attach(ActionContext::changes, changes);
    int accepted = 0, started = 0;
    registry.on(QLatin1String("hunk.accept"), window, [&] { ++accepted; });
    registry.on(QLatin1String("session.new"), window, [&] { ++started; });
    showActive(window, {200, 200});
    inside.setFocus();
    QTest::keyClick(&inside, Qt::Key_A);
    CHECK(accepted == 0);
    CHECK(inside.text() == QStringLiteral("a"));
    QTest::keyClick(&inside, Qt::Key_N, Qt::ControlModifier);
    CHECK(started == 1);
    changes.setFocus();
    QTest::keyClick(&changes, Qt::Key_A);
    CHECK(accepted == 1);
    CHECK_FALSE(registry.action(QLatin1String("hunk.reject")).isEnabled());
}

TEST_CASE("an action is disabled when the one who runs it is gone", "[desktop][actions]") {
    application();
    ActionRegistry registry;
    auto owner = std::make_unique<QObject>();
    registry.on(QLatin1String("help.keys"), *owner, [] {});
    CHECK(registry.action(QLatin1String("help.keys")).isEnabled());
    owner.reset();
    CHECK_FALSE(registry.action(QLatin1String("help.keys")).isEnabled());
}

TEST_CASE("an action stays when the next owner is there before the last one goes",
          "[desktop][actions]") {
    application();
    ActionRegistry registry;
    int runs = 0;
    auto first = std::make_unique<QObject>();
    registry.on(QLatin1String("help.keys"), *first, [&] { ++runs; });
    QObject second;
    registry.on(QLatin1String("help.keys"), second, [&] { ++runs; });
    first.reset();
    REQUIRE(registry.action(QLatin1String("help.keys")).isEnabled());
    registry.action(QLatin1String("help.keys")).trigger();
    CHECK(runs == 1);
}

TEST_CASE("typed letters fit in order and beginnings of words win", "[desktop][palette]") {
    const auto score = [](const char* pattern, const char* text) {
        const auto match = fuzzyMatch(QString::fromUtf8(pattern), QString::fromUtf8(text));
        return match ? match->score : -1;
    };
    CHECK(score("xyz", "Accept hunk") == -1);
    CHECK(score("", "anything") == 0);
    CHECK(score("ah", "Accept hunk") > score("ah", "Reach"));
    CHECK(score("next", "Next match") > score("next", "Not exactly this"));
    CHECK(score("chunk", "Accept hunk") > -1);
    CHECK(score("kh", "Accept hunk") == -1);
    CHECK(fuzzyMatch(u"ah", u"Accept hunk")->positions == std::vector<int>{0, 7});
    CHECK(fuzzyMatch(QString::fromUtf8("会话"), QString::fromUtf8("新建会话")).has_value());
    CHECK_FALSE(fuzzyMatch(QString(50'000, QLatin1Char('a')), QString(50'000, QLatin1Char('b'))));
}

TEST_CASE("the palette is driven by the keyboard alone", "[desktop][palette]") {
    application();
    Appearance appearance;
    ActionRegistry registry;
    QWidget window;
    QLineEdit before(&window);
    CommandPalette palette(registry, appearance, window);
    int larger = 0, sheets = 0;
    registry.on(QLatin1String("message.newLine"), window, [] {});
    registry.on(QLatin1String("text.larger"), window, [&] { ++larger; });
    registry.on(QLatin1String("help.keys"), window, [&] { ++sheets; });
    registry.on(QLatin1String("palette.open"), window, [&] { palette.open(); });
    registry.attach(ActionContext::window, window);
    showActive(window, {700, 500});
    before.setFocus();
    QTest::keyClick(&window, Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
    REQUIRE(palette.isVisible());
    auto* query = palette.findChild<QLineEdit*>(QStringLiteral("paletteQuery"));
    auto* list = palette.findChild<QListView*>(QStringLiteral("paletteList"));
    REQUIRE(query->hasFocus());
    CHECK(list->model()->rowCount() == 3);  // what can be done now, without the palette itself
    CHECK(list->model()->index(2, 0).data(Qt::UserRole) == QStringLiteral("Shift+Return"));
    QTest::keyClicks(query, QStringLiteral("keybo"));
    CHECK(list->model()->rowCount() == 1);
    QTest::keyClick(query, Qt::Key_Return);
    CHECK(sheets == 1);
    CHECK_FALSE(palette.isVisible());
    CHECK(before.hasFocus());
    palette.open();
    QTest::keyClick(query, Qt::Key_Down);
    QTest::keyClick(query, Qt::Key_Up);
    QTest::keyClick(query, Qt::Key_Up);
    QTest::keyClick(query, Qt::Key_Escape);
    CHECK(before.hasFocus());
    CHECK(larger == 0);
}

TEST_CASE("the palette knows the English names too, and says when nothing fits",
          "[desktop][palette]") {
    application();
    Translations translations;
    Appearance appearance;
    ActionRegistry registry;
    QWidget window;
    CommandPalette palette(registry, appearance, window);
    registry.on(QLatin1String("text.larger"), window, [] {});
    translations.use(QStringLiteral("zh"));
    showActive(window, {700, 500});
    palette.open();
    auto* query = palette.findChild<QLineEdit*>(QStringLiteral("paletteQuery"));
    auto* list = palette.findChild<QListView*>(QStringLiteral("paletteList"));
    auto* nothing = palette.findChild<QLabel*>(QStringLiteral("paletteNothing"));
    query->setText(QStringLiteral("larger"));
    REQUIRE(list->model()->rowCount() == 1);
    CHECK(list->model()->index(0, 0).data().toString() == QStringLiteral("放大文字"));
    CHECK_FALSE(nothing->isVisible());
    query->setText(QStringLiteral("larger still"));
    CHECK(list->model()->rowCount() == 0);
    CHECK_FALSE(list->isVisible());
    REQUIRE(nothing->isVisible());
    CHECK(nothing->text() == QStringLiteral("没有匹配的命令。"));
    query->clear();
    CHECK(list->isVisible());
    translations.use(QStringLiteral("en"));
    QCoreApplication::sendPostedEvents();
    CHECK(nothing->text() == QStringLiteral("No command fits."));
}

TEST_CASE("the key sheet lists every key that works, as the user has mapped them",
          "[desktop][actions]") {
    application();
    ActionRegistry registry;
    registry.applyKeymap({QStringLiteral("session.new=Ctrl+Alt+Y")});
    const QString html = keySheetHtml(registry);
    CHECK(html.contains(QStringLiteral("Ctrl+Alt+Y")));
    for (const QAction* action : registry.actions()) {
        if (registry.keysText(*action).isEmpty()) continue;
        CAPTURE(action->objectName().toStdString());
        CHECK(html.contains(action->text().toHtmlEscaped()));
    }
}

namespace {

class ManualClock final : public moxie::base::Clock {
public:
    int64_t wallMs() const override { return 1'000'000 + nowMs; }

    int64_t steadyMs() const override { return nowMs; }

    moxie::base::Status sleepFor(int64_t durationMs, const std::stop_token&) override {
        nowMs += durationMs;
        return {};
    }

    int64_t nowMs = 0;
};

}  // namespace

TEST_CASE("a gap of more than 100 ms is kept with its name, the last ten, and the longest of all",
          "[desktop][stall]") {
    ManualClock clock;
    StallMonitor monitor(clock);
    const auto event = [&](int64_t durationMs, const QString& action = {}) {
        monitor.begin();
        monitor.begin();  // an event delivered from inside another
        if (!action.isEmpty()) monitor.name(action);
        clock.nowMs += durationMs;
        monitor.end([] { return QStringLiteral("inner"); });
        monitor.end([] { return QStringLiteral("QWidget Paint"); });
    };
    CHECK(monitor.longest().durationMs == 0);
    event(40);
    event(100);
    event(60);
    CHECK(monitor.stalls().empty());
    CHECK(monitor.longest().durationMs == 100);  // also where it is no stall
    event(101);
    event(500, QStringLiteral("open session"));
    REQUIRE(monitor.stalls().size() == 2);
    CHECK(monitor.stalls()[0].action == QStringLiteral("QWidget Paint"));
    CHECK(monitor.stalls()[1].action == QStringLiteral("open session"));
    CHECK(monitor.stalls()[1].durationMs == 500);
    event(150);
    CHECK(monitor.stalls()[2].action == QStringLiteral("QWidget Paint"));  // the name is used up
    for (int i = 0; i < 20; ++i)
        event(200 + i);
    CHECK(monitor.stalls().size() == StallMonitor::kKept);
    CHECK(monitor.longest().action == QStringLiteral("open session"));
    CHECK(monitor.longest().durationMs == 500);
}

TEST_CASE("the window's state survives, a broken file is no state", "[desktop][state]") {
    const TempHome home;
    const auto file = home.path() / "data" / "window.json";
    CHECK(loadWindowState(file) == WindowState{});
    WindowState state;
    state.geometry = QByteArray("\x00\xFFgeometry", 10);
    state.splitters[QStringLiteral("columns")] = QByteArray("\x01\x02", 2);
    state.repository = QString::fromUtf8("/home/me/项目");
    state.sessionId = QStringLiteral("20260101-1");
    REQUIRE(saveWindowState(file, state));
    CHECK(loadWindowState(file) == state);
    for (const char* broken :
         {"", "{", "[]", "{\"version\":2}", "{\"version\":1,\"geometry\":7}"}) {
        CAPTURE(broken);
        REQUIRE(moxie::base::writeFileAtomically(file, broken));
        CHECK(loadWindowState(file) == WindowState{});
    }
}

TEST_CASE("a moved window is saved soon, without waiting for the end", "[desktop][state]") {
    application();
    const TempHome home;
    const auto file = home.path() / "data" / "window.json";
    QWidget window;
    window.setWindowTitle(QStringLiteral("a"));
    new StateKeeper(window, file, [&] {
        WindowState state;
        state.geometry = window.saveGeometry();
        state.repository = window.windowTitle();
        return state;
    });
    showActive(window, {300, 200});
    window.resize(333, 222);
    window.setWindowTitle(QStringLiteral("/b"));
    REQUIRE(waitUntil([&] { return loadWindowState(file).repository == QStringLiteral("/b"); }));
    QWidget again;
    CHECK(again.restoreGeometry(loadWindowState(file).geometry));
    CHECK(again.size() == QSize(333, 222));
}
