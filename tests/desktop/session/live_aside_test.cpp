// Questions on the side over a real session: answered with what it knows, and no part of it.
#include "app/desktop/session/live_aside.h"

#include <QSignalSpy>

#include "tests/catch.h"
#include "tests/desktop/session/rig.h"

namespace moxie::desktop::testing {
namespace {

using tests::says;

QString text(const char* utf8) {
    return QString::fromUtf8(utf8);
}

TEST_CASE("a question on the side is answered and leaves the session as it was",
          "[desktop][session][aside]") {
    Rig rig({says("All done."), says("Because of the scan."), says("That one.")});
    LiveSession session(rig.environment(), rig.newPlace());
    session.send(text("mend it"));
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    const SessionView before = session.now();
    LiveAside aside(session);
    aside.ask(text("why?"));
    CHECK(aside.isAsking());
    REQUIRE(waitUntil([&] { return !aside.isAsking(); }));
    REQUIRE(aside.now().turns.size() == 1);
    CHECK(aside.now().turns[0].task == "why?");
    CHECK(answerOf(aside.now().turns[0]) == "Because of the scan.");
    aside.ask(text("which?"));
    REQUIRE(waitUntil([&] { return !aside.isAsking(); }));
    const auto requests = rig.model->requests();
    REQUIRE(requests.size() == 3);
    CHECK(requests[2].find("mend it") != std::string::npos);
    CHECK(requests[2].find("Because of the scan.") != std::string::npos);
    CHECK(isSame(readAgain(rig, session.id(), rig.clock), before));
}

TEST_CASE("an answer on the side can be stopped, and a failure is said",
          "[desktop][session][aside]") {
    tests::ScriptedTurn endless = says("begun");
    endless.events.pop_back();
    endless.waitsForStop = true;
    Rig rig({says("All done."), endless});
    LiveSession session(rig.environment(), rig.newPlace());
    session.send(text("mend it"));
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    LiveAside aside(session);
    aside.ask(text("why?"));
    REQUIRE(waitUntil([&] { return aside.now().turns[0].items.size() > 0; }));
    aside.stop();
    REQUIRE(waitUntil([&] { return !aside.isAsking(); }));
    CHECK(aside.now().turns[0].status == agent::EndStatus::interrupted);
    rig.modelFailure = base::Error(base::Errc::notFound, "no model is set up");
    aside.ask(text("and now?"));
    REQUIRE(waitUntil([&] { return !aside.isAsking(); }));
    CHECK(aside.now().turns[1].reason == "no model is set up");
}

TEST_CASE("a used-up budget holds questions on the side as well", "[desktop][session][aside]") {
    Rig rig({says("All done.")});
    LiveSession session(rig.environment(), rig.newPlace());
    session.setBudgetLeft([]() -> std::optional<agent::Budget> { return std::nullopt; });
    LiveAside aside(session);
    aside.ask(text("why?"));
    CHECK_FALSE(aside.isAsking());
    CHECK(rig.model->requests().empty());
}

}  // namespace
}  // namespace moxie::desktop::testing
