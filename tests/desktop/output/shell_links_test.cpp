// The editor link with a recording script as the editor, and notifications with a real bus.
#include <QDBusAbstractAdaptor>
#include <QDBusConnection>
#include <QFile>
#include <QProcess>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <map>

#include "app/desktop/shell/editor_link.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/shell/settings.h"
#include "tests/catch.h"
#include "tests/desktop/application.h"
#include "tests/desktop/fakes/fake_session.h"
#include "tests/desktop/temp_home.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

// A machine with these programs and variables.
struct Machine {
    std::map<QString, QString> variables = {};
    QStringList programs = {};

    EditorSurroundings around() const {
        return {[this](const char* name) {
                    const auto found = variables.find(QLatin1String(name));
                    return found == variables.end() ? QString() : found->second;
                },
                [this](const QString& name) {
                    return programs.contains(name) ? QStringLiteral("/usr/bin/") + name : QString();
                }};
    }

    QStringList opens(const EditorPlace& place) const {
        const auto found = findEditor(around());
        return found ? argumentsFor(found->command, place) : QStringList();
    }
};

const EditorPlace kPlace = {QStringLiteral("/x/a b's.cpp"), 12, 3};

class RecordingSink final : public NotificationSink {
    Q_OBJECT

public:
    void show(quint64 token, const Notification& notification) override {
        sent.push_back(notification);
        emit shown(token, quint32(sent.size()));
    }

    void close(uint32_t id) override { closedIds.push_back(id); }

    std::vector<Notification> sent;
    std::vector<uint32_t> closedIds;
};

struct Notified {
    Notified() {
        settings = std::make_unique<Settings>(std::filesystem::path());
        notifications = std::make_unique<Notifications>(window, *settings, sink);
        notifications->watch(session);
    }

    void ask(const std::string& callId) {
        agent::PermissionQuestion question;
        question.callId = callId;
        question.tool = "bash";
        question.summary = "bash: make";
        session.ask(question);
    }

    void runTurn(const std::string& answer, agent::EndStatus status, int64_t durationMs) {
        agent::MessageAdded added;
        added.message.role = engine::Role::assistant;
        added.message.text = answer;
        ++turn;
        session.apply({agent::TurnStarted{"do it"}}, turn);
        session.timeMs += durationMs;
        session.apply({agent::Delta{"text", answer}, added,
                       agent::TurnEnded{status, "because", 1, durationMs}},
                      turn);
    }

    TempHome home;
    QApplication& app = application();  // before any widget
    QWidget window;
    FakeSession session;
    RecordingSink sink;
    std::unique_ptr<Settings> settings;
    std::unique_ptr<Notifications> notifications;
    int turn = 0;
};

// The service of a desktop on a bus of its own.
class NotificationServer final : public QObject {
    Q_OBJECT
    Q_CLASSINFO("D-Bus Interface", "org.freedesktop.Notifications")

public:
    struct Call {
        QString title, text;
        uint32_t replaces = 0;
        QStringList actions;
        QVariantMap hints;
    };

    std::vector<Call> calls;

public slots:

    Q_SCRIPTABLE uint Notify(const QString&, uint replaces, const QString&, const QString& title,
                             const QString& text, const QStringList& actions,
                             const QVariantMap& hints, int) {
        calls.push_back({title, text, replaces, actions, hints});
        return uint(calls.size());
    }

    Q_SCRIPTABLE void CloseNotification(uint id) { emit NotificationClosed(id, 3); }

signals:
    Q_SCRIPTABLE void ActionInvoked(uint id, const QString& action);
    Q_SCRIPTABLE void NotificationClosed(uint id, uint reason);
};

}  // namespace

TEST_CASE("a command is parted into words as a shell would, without its powers",
          "[desktop][editor]") {
    CHECK(wordsOf(QStringLiteral("code -g  FILE:LINE")) ==
          QStringList{QStringLiteral("code"), QStringLiteral("-g"), QStringLiteral("FILE:LINE")});
    CHECK(wordsOf(QStringLiteral("'/opt/my editor' \"+call cursor(LINE,COL)\" a\\ b ''")) ==
          QStringList{QStringLiteral("/opt/my editor"), QStringLiteral("+call cursor(LINE,COL)"),
                      QStringLiteral("a b"), QString()});
    CHECK(wordsOf(QStringLiteral("e $(rm -rf x);`y` *")) ==
          QStringList{QStringLiteral("e"), QStringLiteral("$(rm"), QStringLiteral("-rf"),
                      QStringLiteral("x);`y`"), QStringLiteral("*")});
    CHECK_FALSE(wordsOf(QStringLiteral("e 'open")));
    CHECK_FALSE(wordsOf(QStringLiteral("   ")));
}

TEST_CASE("placeholders are filled once and only where they stand alone", "[desktop][editor]") {
    const EditorPlace place = {QStringLiteral("/x/LINE FILE.cpp"), 12, 0};
    CHECK(argumentsFor({QStringLiteral("e"), QStringLiteral("+LINE"), QStringLiteral("--c=COL"),
                        QStringLiteral("FILE:LINE:COLUMN")},
                       place) == QStringList{QStringLiteral("e"), QStringLiteral("+12"),
                                             QStringLiteral("--c=1"),
                                             QStringLiteral("/x/LINE FILE.cpp:12:1")});
    CHECK(argumentsFor({QStringLiteral("e"), QStringLiteral("--PROFILE=x")}, place) ==
          QStringList{QStringLiteral("e"), QStringLiteral("--PROFILE=x"),
                      QStringLiteral("/x/LINE FILE.cpp")});
}

TEST_CASE("every known editor gets the place in its own form", "[desktop][editor]") {
    const QString file = kPlace.path;
    const auto opened = [](const char* program) {
        return Machine{.programs = {QLatin1String(program)}}.opens(kPlace);
    };
    const QString suffixed = file + QStringLiteral(":12:3");
    CHECK(opened("code") ==
          QStringList{QStringLiteral("/usr/bin/code"), QStringLiteral("-g"), suffixed});
    CHECK(opened("codium") ==
          QStringList{QStringLiteral("/usr/bin/codium"), QStringLiteral("-g"), suffixed});
    CHECK(opened("kate") == QStringList{QStringLiteral("/usr/bin/kate"), QStringLiteral("-l"),
                                        QStringLiteral("12"), QStringLiteral("-c"),
                                        QStringLiteral("3"), file});
    CHECK(opened("qtcreator") ==
          QStringList{QStringLiteral("/usr/bin/qtcreator"), QStringLiteral("-client"), suffixed});
    CHECK(opened("zeditor") == QStringList{QStringLiteral("/usr/bin/zeditor"), suffixed});
    CHECK(opened("emacsclient") == QStringList{QStringLiteral("/usr/bin/emacsclient"),
                                               QStringLiteral("-n"), QStringLiteral("-a"),
                                               QStringLiteral("emacs"), QStringLiteral("+12:3"),
                                               file});
    CHECK(opened("vim").isEmpty());  // without a terminal to run in
    CHECK(Machine{.programs = {QStringLiteral("vim"), QStringLiteral("xterm")}}.opens(kPlace) ==
          QStringList{QStringLiteral("/usr/bin/xterm"), QStringLiteral("-e"),
                      QStringLiteral("/usr/bin/vim"), QStringLiteral("+call cursor(12,3)"),
                      QStringLiteral("--"), file});
}

TEST_CASE("the Neovim around us and the user's own choice come first", "[desktop][editor]") {
    Machine machine{
        .programs = {QStringLiteral("code"), QStringLiteral("kate"), QStringLiteral("nvim")}};
    CHECK(findEditor(machine.around())->name == QStringLiteral("Visual Studio Code"));
    machine.variables[QStringLiteral("EDITOR")] = QStringLiteral("kate --block");
    CHECK(findEditor(machine.around())->name == QStringLiteral("Kate"));
    machine.variables[QStringLiteral("NVIM")] = QStringLiteral("/run/nvim.1");
    CHECK(
        machine.opens(kPlace) ==
        QStringList{QStringLiteral("/usr/bin/nvim"), QStringLiteral("--server"),
                    QStringLiteral("/run/nvim.1"), QStringLiteral("--remote-expr"),
                    QStringLiteral("execute('drop '.fnameescape('/x/a b''s.cpp')).cursor(12,3)")});
    const Machine bare;
    CHECK_FALSE(findEditor(bare.around()));
}

TEST_CASE("the editor of the settings is started with the words as they are", "[desktop][editor]") {
    application();
    TempHome home;
    QTemporaryDir folder;
    const QString script = folder.filePath(QStringLiteral("my editor"));
    QFile file(script);
    REQUIRE(file.open(QIODevice::WriteOnly));
    file.write(
        "#!/bin/sh\nfor a in \"$@\"; do printf '%s\\n' \"$a\"; done > \"$0.part\"\n"
        "mv \"$0.part\" \"$0.out\"\n");
    file.close();
    file.setPermissions(QFile::ReadOwner | QFile::WriteOwner | QFile::ExeOwner);
    Settings settings{std::filesystem::path()};
    REQUIRE(settings.set("desktop.editor", ("\"'" + script + "' -l LINE 'FILE'\"").toStdString()));
    const Machine machine;
    EditorLink link(settings, machine.around());
    QSignalSpy opened(&link, &EditorLink::opened), failed(&link, &EditorLink::failed);
    link.open({QStringLiteral("/x/$(touch y) \"q\" 'r'.cpp"), 7, 0});
    REQUIRE(opened.size() == 1);
    CHECK(opened[0][0].toString() == QStringLiteral("my editor"));
    QFile out(script + QStringLiteral(".out"));
    REQUIRE(waitUntil([&] { return out.exists(); }));
    REQUIRE(out.open(QIODevice::ReadOnly));
    CHECK(out.readAll() == "-l\n7\n/x/$(touch y) \"q\" 'r'.cpp\n");
    CHECK(failed.isEmpty());
}

TEST_CASE("an editor that cannot be had is told", "[desktop][editor]") {
    application();
    TempHome home;
    Settings settings{std::filesystem::path()};
    const Machine machine;
    EditorLink link(settings, machine.around());
    QSignalSpy failed(&link, &EditorLink::failed);
    CHECK(link.editorName().isEmpty());
    link.open(kPlace);
    REQUIRE(settings.set("desktop.editor", "\"/nowhere/editor FILE\""));
    CHECK(link.editorName() == QStringLiteral("editor"));
    link.open(kPlace);
    REQUIRE(settings.set("desktop.editor", "\"editor 'FILE\""));
    link.open(kPlace);
    REQUIRE(failed.size() == 3);
    CHECK(failed[0][0].toString().contains(QStringLiteral("No editor was found")));
    CHECK(failed[1][0].toString().contains(QStringLiteral("/nowhere/editor")));
    CHECK(failed[2][0].toString().contains(QStringLiteral("quote")));
}

TEST_CASE("a permission is told once and taken back when it is answered", "[desktop][notify]") {
    Notified it;
    it.ask("a");
    it.ask("b");
    REQUIRE(it.sink.sent.size() == 2);
    CHECK(it.sink.sent[0].title == QStringLiteral("Moxie needs your permission"));
    CHECK(it.sink.sent[0].text == QStringLiteral("bash: make"));
    CHECK(it.sink.sent[1].replaces == 1);
    it.session.answer("a", {});
    CHECK(it.sink.closedIds.empty());
    it.session.answer("b", {});
    CHECK(it.sink.closedIds == std::vector<uint32_t>{2});
}

TEST_CASE("of ends of turns the long ones, the failed ones and questions are told",
          "[desktop][notify]") {
    Notified it;
    it.runTurn("done", agent::EndStatus::verified, 5'000);
    CHECK(it.sink.sent.empty());
    it.runTurn("done", agent::EndStatus::verified, 31'000);
    REQUIRE(it.sink.sent.size() == 1);
    CHECK(it.sink.sent[0].title == QStringLiteral("Moxie has finished"));
    it.runTurn("I see two ways.\nWhich one?\n", agent::EndStatus::unverified, 1'000);
    REQUIRE(it.sink.sent.size() == 2);
    CHECK(it.sink.sent[1].text == QStringLiteral("Which one?"));
    it.runTurn("hm", agent::EndStatus::error, 1'000);
    REQUIRE(it.sink.sent.size() == 3);
    CHECK(it.sink.sent[2].text == QStringLiteral("because"));
    it.runTurn("stopped by you", agent::EndStatus::interrupted, 60'000);
    CHECK(it.sink.sent.size() == 3);
}

TEST_CASE("nothing is told while the window is looked at or the setting is off",
          "[desktop][notify]") {
    Notified it;
    REQUIRE(it.settings->set("desktop.notifications", "false"));
    it.ask("a");
    CHECK(it.sink.sent.empty());
    REQUIRE(it.settings->set("desktop.notifications", "true"));
    showActive(it.window, {200, 100});
    it.ask("b");
    CHECK(it.sink.sent.empty());
}

TEST_CASE("a click on a notification names its session", "[desktop][notify]") {
    Notified it;
    it.ask("a");
    QSignalSpy wanted(it.notifications.get(), &Notifications::sessionWanted);
    emit it.sink.activated(1);
    REQUIRE(wanted.size() == 1);
    CHECK(wanted[0][0].toString() == QStringLiteral("fake"));
}

TEST_CASE("a real bus carries a notification there and a click back", "[desktop][notify]") {
    application();
    QProcess bus;
    bus.start(QStringLiteral("dbus-daemon"),
              {QStringLiteral("--session"), QStringLiteral("--nofork"),
               QStringLiteral("--print-address")});
    if (!bus.waitForStarted()) {
        WARN("dbus-daemon is not installed: not tested");
        return;
    }
    REQUIRE(bus.waitForReadyRead());
    const QByteArray address = bus.readLine().trimmed();
    qputenv("DBUS_SESSION_BUS_ADDRESS", address);
    QDBusConnection served =
        QDBusConnection::connectToBus(QString::fromLatin1(address), QStringLiteral("server"));
    NotificationServer server;
    REQUIRE(served.registerObject(QStringLiteral("/org/freedesktop/Notifications"), &server,
                                  QDBusConnection::ExportScriptableContents));
    REQUIRE(served.registerService(QStringLiteral("org.freedesktop.Notifications")));
    DesktopNotifier notifier;
    QSignalSpy shown(&notifier, &NotificationSink::shown);
    QSignalSpy activated(&notifier, &NotificationSink::activated);
    QSignalSpy closed(&notifier, &NotificationSink::closed);
    notifier.show(
        7,
        {.title = QStringLiteral("Title"), .text = QStringLiteral("a <b> & c"), .isUrgent = true});
    REQUIRE(waitUntil([&] { return shown.size() == 1; }));
    CHECK(shown[0] == QVariantList{quint64(7), quint32(1)});
    REQUIRE(server.calls.size() == 1);
    CHECK(server.calls[0].title == QStringLiteral("Title"));
    CHECK(server.calls[0].text == QStringLiteral("a &lt;b&gt; &amp; c"));
    CHECK(server.calls[0].hints.value(QStringLiteral("urgency")).toInt() == 2);
    emit server.ActionInvoked(1, QStringLiteral("default"));
    REQUIRE(waitUntil([&] { return activated.size() == 1; }));
    notifier.close(1);
    REQUIRE(waitUntil([&] { return closed.size() == 1; }));
    QDBusConnection::disconnectFromBus(QStringLiteral("server"));
    bus.kill();
    bus.waitForFinished();
}

#include "shell_links_test.moc"
