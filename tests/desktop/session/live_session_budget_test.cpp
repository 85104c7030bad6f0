#include "tests/desktop/session/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::tests::calls;
using moxie::tests::says;
namespace agent = moxie::agent;
namespace base = moxie::base;

namespace {

QString text(const char* utf8) {
    return QString::fromUtf8(utf8);
}

std::vector<std::string> tasksOf(const SessionModel& session) {
    std::vector<std::string> tasks;
    for (const Turn& turn : turnsOf(session))
        tasks.push_back(turn.task);
    return tasks;
}

}  // namespace

TEST_CASE("messages wait while a budget leaves nothing, and are sent in order when one goes on",
          "[desktop][session]") {
    Rig rig({says("One."), says("Two."), says("Three."), says("Four.")});
    LiveSession session(rig.environment(), rig.newPlace());
    std::optional<agent::Budget> left = agent::Budget{.steps = 0};
    session.setBudgetLeft([&] { return left; });
    session.send(text("one"));
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    left.reset();
    QSignalSpy failed(&session, &SessionModel::failed);
    session.send(text("two"));
    session.send(text("three"));
    CHECK(failed.count() == 2);
    CHECK(session.driver() == SessionModel::Driver::nobody);
    REQUIRE(session.queued().size() == 2);
    session.goOnWith(text("go on"));  // nothing is left yet
    CHECK(session.queued().size() == 2);
    left = agent::Budget{.steps = 0};
    session.goOnWith(text("go on"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 3 && isIdle(session); }));
    CHECK(tasksOf(session) == std::vector<std::string>{"one", "two", "three"});
    session.goOnWith(text("go on"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 4 && isIdle(session); }));
    CHECK(tasksOf(session).back() == "go on");
}

TEST_CASE("what follows a stop is sent once the turn has ended", "[desktop][session]") {
    moxie::tests::ScriptedTurn endless = says("");
    endless.waitsForStop = true;
    Rig rig({endless, says("Gone on.")});
    LiveSession session(rig.environment(), rig.newPlace());
    int nRested = 0;
    QObject::connect(&session, &LiveSession::rested, &session, [&] { ++nRested; });
    session.send(text("one"));
    REQUIRE(waitUntil([&] { return !turnsOf(session).empty(); }));
    session.stop(SessionModel::Stop::afterCall);
    session.goOnWith(text("go on"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 2 && isIdle(session); }));
    CHECK(turnsOf(session)[0].status == agent::EndStatus::interrupted);
    CHECK(answerOf(turnsOf(session)[1]) == "Gone on.");
    CHECK(nRested == 1);
}

TEST_CASE("the local model answers from the next turn on where only that may",
          "[desktop][session]") {
    Rig rig({says("From afar."), says("From afar again.")});
    rig.localModel = std::make_shared<moxie::tests::FakeModel>(
        rig.clock, std::vector<moxie::tests::ScriptedTurn>{says("From here.")});
    LiveSession session(rig.environment(), rig.newPlace());
    session.send(text("one"));
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    session.setModels({.isOnlyLocal = true});
    session.send(text("two"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 2 && isIdle(session); }));
    CHECK(answerOf(turnsOf(session)[1]) == "From here.");
}

TEST_CASE("a model that was chosen answers from the next turn on, until another is",
          "[desktop][session]") {
    Rig rig({says("From afar."), says("From afar again.")});
    rig.localModel = std::make_shared<moxie::tests::FakeModel>(
        rig.clock, std::vector<moxie::tests::ScriptedTurn>{says("From here.")});
    LiveSession session(rig.environment(), rig.newPlace());
    int nTold = 0;
    QObject::connect(&session, &SessionModel::statusChanged, &session, [&] { ++nTold; });
    session.setChosenModel(text("here"));
    CHECK(nTold == 1);
    session.setChosenModel(text("here"));
    CHECK(nTold == 1);
    CHECK(session.chosenModel() == text("here"));
    session.send(text("one"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 1 && isIdle(session); }));
    session.setChosenModel({});
    session.send(text("two"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 2 && isIdle(session); }));
    CHECK(answerOf(turnsOf(session)[0]) == "From here.");
    CHECK(answerOf(turnsOf(session)[1]) == "From afar.");
}
