#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QSignalSpy>
#include <QTreeWidget>
#include <QTreeWidgetItemIterator>

#include "agent/event_log.h"
#include "app/cli/rules.h"
#include "app/desktop/screens/settings/about_page.h"
#include "app/desktop/screens/settings/decision_log.h"
#include "app/desktop/screens/settings/storage.h"
#include "base/paths.h"
#include "tests/desktop/settings/settings_rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
namespace agent = moxie::agent;
namespace app = moxie::app;

namespace {

void chooseAction(QTreeWidget& list, const char* id) {
    for (QTreeWidgetItemIterator at(&list); *at != nullptr; ++at)
        if ((*at)->data(0, Qt::UserRole).toString() == QLatin1String(id))
            return list.setCurrentItem(*at);
    FAIL("no action " << id);
}

struct Keys : SettingsRig {
    Keys() {
        open();
        screen->showGroup(QStringLiteral("Keys"));
    }

    QTreeWidget& list() { return find<QTreeWidget>("settings.keys.list"); }

    void record(const char* id, int key, Qt::KeyboardModifiers modifiers = Qt::NoModifier) {
        chooseAction(list(), id);
        QTest::mouseClick(&find<QPushButton>("settings.keys.record"), Qt::LeftButton);
        auto& capture = find<QLineEdit>("settings.keys.capture");
        REQUIRE(capture.hasFocus());
        QTest::keyClick(&capture, Qt::Key(key), modifiers);
    }

    QStringList written() const { return settings->list("desktop.keys"); }
};

std::string aSession(const SettingsRig& rig, moxie::base::Clock& clock) {
    auto log = agent::EventLog::create(rig.path() / "data" / "sessions", clock);
    REQUIRE(log);
    agent::SessionStarted started;
    started.sessionId = (*log)->sessionId();
    started.repository = rig.project().string();
    REQUIRE((*log)->append(0, started));
    agent::ToolCallStarted call;
    call.callId = "c1";
    call.tool = "bash";
    call.summary = "git push origin main";
    REQUIRE((*log)->append(1, agent::TurnStarted{"push it"}));
    REQUIRE((*log)->append(1, call));
    REQUIRE(
        (*log)->append(1, agent::PermissionAsked{"c1", "bash", "git push origin main", "mode"}));
    agent::PermissionAnswered answered;
    answered.callId = "c1";
    answered.answer = "denied";
    REQUIRE((*log)->append(1, answered));
    return (*log)->sessionId();
}

}  // namespace

TEST_CASE("a recorded key is written and works at once", "[desktop][settings]") {
    Keys rig;
    rig.record("hunk.accept", Qt::Key_Y);
    CHECK(rig.written() == QStringList{QStringLiteral("hunk.accept=Y")});
    CHECK(rig.registry.keysText(rig.registry.action(QLatin1String("hunk.accept"))) ==
          QStringLiteral("Y"));
    QTest::mouseClick(&rig.find<QPushButton>("settings.keys.reset"), Qt::LeftButton);
    CHECK(rig.written().isEmpty());
    QTest::mouseClick(&rig.find<QPushButton>("settings.keys.remove"), Qt::LeftButton);
    CHECK(rig.written() == QStringList{QStringLiteral("hunk.accept=")});
    QTest::mouseClick(&rig.find<QPushButton>("settings.keys.resetAll"), Qt::LeftButton);
    CHECK(rig.written().isEmpty());
}

TEST_CASE("keys of the window and Tab can be recorded without doing what they do",
          "[desktop][settings]") {
    Keys rig;
    int asked = 0;
    rig.registry.attach(ActionContext::window, *rig.screen);
    rig.registry.on(QLatin1String("session.new"), *rig.screen, [&] { ++asked; });
    rig.record("hunk.accept", Qt::Key_Tab, Qt::AltModifier);
    CHECK(rig.written() == QStringList{QStringLiteral("hunk.accept=Alt+Tab")});
    rig.record("hunk.accept", Qt::Key_N, Qt::ControlModifier);
    CHECK(asked == 0);
}

TEST_CASE("Escape gives up recording and the focus goes back", "[desktop][settings]") {
    Keys rig;
    rig.record("hunk.accept", Qt::Key_Escape);
    CHECK(rig.written().isEmpty());
    CHECK_FALSE(rig.find<QLineEdit>("settings.keys.capture").isVisible());
    CHECK(rig.list().hasFocus());
}

TEST_CASE("a key that is taken is left or swapped as the user chooses", "[desktop][settings]") {
    Keys rig;
    rig.record("hunk.accept", Qt::Key_R);
    CHECK(rig.written().isEmpty());
    CHECK(rig.find<QLabel>("settings.keys.message").text().contains(QStringLiteral("Reject hunk")));
    QTest::mouseClick(&rig.find<QPushButton>("settings.keys.keep"), Qt::LeftButton);
    CHECK(rig.written().isEmpty());
    rig.record("hunk.accept", Qt::Key_R);
    QTest::keyClick(&rig.find<QPushButton>("settings.keys.swap"), Qt::Key_Space);
    CHECK(rig.written() ==
          QStringList{QStringLiteral("hunk.accept=R"), QStringLiteral("hunk.reject=A")});
    CHECK(rig.registry.conflicts().empty());
}

TEST_CASE("the key sheet is handed out for printing", "[desktop][settings]") {
    Keys rig;
    QSignalSpy printed(rig.screen.get(), &SettingsScreen::printWanted);
    QTest::mouseClick(&rig.find<QPushButton>("settings.keys.print"), Qt::LeftButton);
    REQUIRE(printed.count() == 1);
    CHECK(printed.first().first().toString().contains(QStringLiteral("<table")));
}

TEST_CASE("rules of the project are shown, added and removed", "[desktop][settings]") {
    SettingsRig rig;
    const app::Messages say(app::Language::english);
    REQUIRE(app::addRule(rig.project(), app::RuleKind::deny, "bash(rm *)", say));
    rig.open();
    rig.screen->showGroup(QStringLiteral("Permissions"));
    auto& list = rig.find<QTreeWidget>("settings.rules.list");
    REQUIRE(waitUntil([&] { return list.topLevelItemCount() == 1; }));
    CHECK(list.topLevelItem(0)->text(1) == QStringLiteral("bash(rm *)"));
    auto& rule = rig.find<QLineEdit>("settings.rules.rule");
    rule.setText(QStringLiteral("bash(ctest*)"));
    QTest::keyClick(&rule, Qt::Key_Return);
    REQUIRE(waitUntil([&] { return list.topLevelItemCount() == 2; }));
    CHECK(app::loadRules(rig.project(), say)->allow == std::vector<std::string>{"bash(ctest*)"});
    rule.setText(QStringLiteral("bash(unclosed"));
    QTest::keyClick(&rule, Qt::Key_Return);
    REQUIRE(waitUntil([&] { return rig.find<QLabel>("settings.rules.problem").isVisible(); }));
    list.setCurrentItem(list.topLevelItem(0));
    QTest::mouseClick(&rig.find<QPushButton>("settings.rules.remove"), Qt::LeftButton);
    REQUIRE(waitUntil([&] { return list.topLevelItemCount() == 1; }));
    CHECK(app::loadRules(rig.project(), say)->deny.empty());
}

TEST_CASE("the log of decisions is read from the sessions of this project", "[desktop][settings]") {
    SettingsRig rig;
    const std::string id = aSession(rig, rig.clock);
    const DecisionLog log =
        readDecisions(rig.path() / "data" / "sessions", rig.project(), rig.clock, {});
    REQUIRE(log.decisions.size() == 1);
    CHECK(log.decisions[0].answer == QStringLiteral("denied"));
    CHECK(log.decisions[0].summary == QStringLiteral("git push origin main"));
    CHECK(log.decisions[0].sessionId.toStdString() == id);
    CHECK(readDecisions(rig.path() / "data" / "sessions", "/elsewhere", rig.clock, {})
              .decisions.empty());

    rig.open();
    rig.screen->showGroup(QStringLiteral("Permissions"));
    auto& list = rig.find<QTreeWidget>("settings.decisions.list");
    REQUIRE(waitUntil([&] { return list.topLevelItemCount() == 1; }));
    auto& search = rig.find<QLineEdit>("settings.decisions.search");
    search.setText(QStringLiteral("edit"));
    CHECK(list.topLevelItemCount() == 0);
    search.setText(QStringLiteral("PUSH"));
    REQUIRE(list.topLevelItemCount() == 1);
    QSignalSpy opened(rig.screen.get(), &SettingsScreen::openSessionWanted);
    emit list.itemActivated(list.topLevelItem(0), 0);
    CHECK(opened.first().first().toString().toStdString() == id);
}

TEST_CASE("the privacy page says what is stored and deletes the index so that it can come back",
          "[desktop][settings]") {
    SettingsRig rig;
    const auto index = moxie::base::cacheDir() / "index";
    std::filesystem::create_directories(index);
    REQUIRE(moxie::base::writeFileAtomically(index / "a.sqlite", std::string(2048, 'x'),
                                             moxie::base::Durability::renameOnly));
    const auto places = measureStorage({});
    CHECK(places[size_t(StoredKind::index)].bytes == 2048);
    CHECK(places[size_t(StoredKind::index)].files == 1);
    CHECK_FALSE(places[size_t(StoredKind::sessions)].exists);

    rig.open();
    rig.screen->showGroup(QStringLiteral("Privacy"));
    auto& erase = rig.find<QPushButton>("settings.privacy.delete");
    REQUIRE(waitUntil([&] { return erase.isEnabled(); }));
    QTest::mouseClick(&erase, Qt::LeftButton);
    CHECK(std::filesystem::exists(index));  // it asks first
    QTest::mouseClick(&rig.find<QPushButton>("settings.privacy.sure"), Qt::LeftButton);
    auto& undo = rig.find<QPushButton>("settings.privacy.undo");
    REQUIRE(waitUntil([&] { return undo.isVisible(); }));
    CHECK_FALSE(std::filesystem::exists(index));
    QTest::mouseClick(&undo, Qt::LeftButton);
    REQUIRE(waitUntil([&] { return std::filesystem::exists(index / "a.sqlite"); }));
}

TEST_CASE("the diagnostics name changed settings and stalls, no values and no paths",
          "[desktop][settings]") {
    SettingsRig rig("{\"desktop\": {\"editor\": \"/home/me/secret\"}}");
    rig.open();
    rig.screen->showGroup(QStringLiteral("About"));
    QTest::mouseClick(&rig.find<QPushButton>("settings.about.copy"), Qt::LeftButton);
    const QString text = QApplication::clipboard()->text();
    CHECK(text.contains(QStringLiteral("desktop.editor")));
    CHECK_FALSE(text.contains(QStringLiteral("secret")));
    CHECK_FALSE(text.contains(QString::fromStdString(rig.path().string())));
}
