// Sessions that the command drives, seen from a window.
#include <QProcess>
#include <csignal>

#include "app/desktop/session/session_store.h"
#include "tests/desktop/session/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
namespace agent = moxie::agent;
namespace tests = moxie::tests;

namespace {

// `moxie demo` in a home of its own: a real job with a recorded model, a few seconds long.
struct Command {
    explicit Command(const Rig& rig) {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("MOXIE_HOME"), rig.folder.path());
        process.setProcessEnvironment(environment);
        process.setStandardOutputFile(QProcess::nullDevice());
        process.setStandardErrorFile(QProcess::nullDevice());
        process.start(QStringLiteral(MOXIE_COMMAND),
                      {QStringLiteral("demo"), QStringLiteral("--dir"),
                       rig.folder.filePath(QStringLiteral("shopping"))});
    }

    QProcess process;
};

QString onlySession(const Rig& rig) {
    QString id;
    std::error_code ignored;
    for (std::filesystem::directory_iterator it(rig.sessionsFolder, ignored), end; it != end;
         it.increment(ignored))
        if (std::filesystem::exists(it->path() / "log.sqlite", ignored) &&
            std::filesystem::file_size(it->path() / "log.sqlite", ignored) > 0)
            id = QString::fromStdString(it->path().filename().string());
    return id;
}

}  // namespace

TEST_CASE("a job of the command line is watched live to its end", "[desktop][session]") {
    Rig rig({tests::says("hello")});
    Command command(rig);
    REQUIRE(waitUntil([&] { return !onlySession(rig).isEmpty(); }));
    LiveSession session(rig.environment(), rig.storedPlace(onlySession(rig)));
    REQUIRE(waitUntil([&] { return session.driver() == SessionModel::Driver::other; }));
    bool wasSeenStreaming = false;
    QObject::connect(&session, &SessionModel::changed, &session, [&] {
        const auto turns = turnsOf(session);
        if (turns.empty() || turns.back().items.isEmpty()) return;
        const auto* item = turns.back().items.back().as<TextItem>();
        wasSeenStreaming = wasSeenStreaming || (item != nullptr && item->isStreaming);
    });
    REQUIRE(QTest::qWaitFor([&] { return isIdle(session); }, 30'000));
    CHECK(wasSeenStreaming);
    CHECK(session.now().backend == "recorded");
    CHECK(turnsOf(session).back().status == agent::EndStatus::verified);
    CHECK(isSame(session.now(), readAgain(rig, session.id(), rig.clock)));
    REQUIRE(waitUntil([&] { return command.process.state() == QProcess::NotRunning; }));
}

TEST_CASE("killed in the middle of a stream, a session is reopened and goes on",
          "[desktop][session]") {
    Rig rig({tests::says("I go on.")});
    Command command(rig);
    REQUIRE(waitUntil([&] { return !onlySession(rig).isEmpty(); }));
    LiveSession session(rig.environment(), rig.storedPlace(onlySession(rig)));
    const auto isStreaming = [&] {
        const auto turns = turnsOf(session);
        if (turns.empty() || turns.back().items.isEmpty()) return false;
        const auto* item = turns.back().items.back().as<TextItem>();
        return item != nullptr && item->isStreaming;
    };
    REQUIRE(waitUntil(isStreaming));
    const int64_t killedMs = rig.clock.wallMs();
    ::kill(pid_t(command.process.processId()), SIGKILL);
    REQUIRE(waitUntil([&] { return session.driver() == SessionModel::Driver::nobody; }));
    CHECK_FALSE(turnsOf(session).back().isRunning);
    CHECK_FALSE(turnsOf(session).back().status.has_value());
    {
        const auto log = agent::EventLog::open(rig.sessionsFolder, session.id().toStdString(),
                                               agent::EventLog::Access::readOnly, rig.clock);
        REQUIRE(log);
        const auto last = (*log)->read((*log)->lastSeq() - 1, 1);
        REQUIRE(last);
        CHECK(killedMs - last->front().timeMs < 1000);
    }
    session.send(QStringLiteral("go on"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 2; }));
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(turnsOf(session)[0].status == agent::EndStatus::interrupted);
    CHECK(answerOf(turnsOf(session)[1]) == "I go on.");
    REQUIRE(waitUntil([&] { return command.process.state() == QProcess::NotRunning; }));
}
