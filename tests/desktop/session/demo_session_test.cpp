#include "app/desktop/session/demo_session.h"

#include "tests/desktop/session/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
namespace agent = moxie::agent;
namespace base = moxie::base;

TEST_CASE("the look-around does a whole real job with a recorded model", "[desktop][session]") {
    application();
    QTemporaryDir folder;
    const std::filesystem::path root = folder.path().toStdString();
    base::SystemClock clock;
    QObject receiver;
    Worker worker;
    std::unique_ptr<LiveSession> session;
    startDemo(worker, receiver, clock,
              {.places = {.demosFolder = root / "demo",
                          .sessionsFolder = root / "sessions",
                          .pieceWaitMs = 0}},
              [&](base::Result<std::unique_ptr<LiveSession>> made) {
                  REQUIRE(made);
                  session = *std::move(made);
              });
    REQUIRE(waitUntil([&] { return session != nullptr; }));
    CHECK(session->driver() == SessionModel::Driver::us);
    REQUIRE(QTest::qWaitFor([&] { return isIdle(*session); }, 30'000));
    CHECK(session->now().backend == "recorded");
    const Turn turn = turnsOf(*session).back();
    CHECK(turn.status == agent::EndStatus::verified);
    CHECK(turn.summary.nFilesEdited == 1);
    CHECK(session->repository().startsWith(folder.path()));
}

TEST_CASE("a look-around that cannot be made says so", "[desktop][session]") {
    application();
    base::SystemClock clock;
    QObject receiver;
    Worker worker;
    bool hasFailed = false;
    startDemo(worker, receiver, clock, {.places = {.demosFolder = "/proc/none/demo"}},
              [&](const base::Result<std::unique_ptr<LiveSession>>& made) { hasFailed = !made; });
    REQUIRE(waitUntil([&] { return hasFailed; }));
}
