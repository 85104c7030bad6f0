#include <QElapsedTimer>

#include "tests/desktop/session/rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::tests::calls;
using moxie::tests::says;
using moxie::tests::ScriptedTurn;
namespace agent = moxie::agent;
namespace engine = moxie::engine;
namespace base = moxie::base;

namespace {

QString text(const char* utf8) {
    return QString::fromUtf8(utf8);
}

// Streams words until somebody stops it.
ScriptedTurn talksOn() {
    ScriptedTurn turn;
    for (int n = 0; n < 20; ++n)
        turn.events.emplace_back(engine::TextDelta{"word " + std::to_string(n) + " "});
    turn.delayMs = 20;
    turn.waitsForStop = true;
    return turn;
}

}  // namespace

TEST_CASE("a new session is empty, starts with the first message and shows the log",
          "[desktop][session]") {
    Rig rig({says("All done."), says("Again.")});
    LiveSession session(rig.environment(), rig.newPlace());
    CHECK(session.state() == SessionModel::State::empty);
    CHECK(session.id().isEmpty());
    session.send(text("look"));
    CHECK(session.driver() == SessionModel::Driver::us);
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(turnsOf(session).size() == 1);
    CHECK(turnsOf(session)[0].task == "look");
    CHECK(answerOf(turnsOf(session)[0]) == "All done.");
    CHECK(session.now().modelName == "scripted");
    CHECK(session.now().contextTokensMax == 1'000'000);
    CHECK(session.now().contextTokens == 100);
    CHECK(session.queued().empty());

    session.send(text("once more"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 2; }));
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(isSame(session.now(), readAgain(rig, session.id(), rig.clock)));
    CHECK(std::filesystem::exists(rig.sessionsFolder / session.id().toStdString()));
}

TEST_CASE("what streams is shown while it streams, and changes can be played back",
          "[desktop][session]") {
    Rig rig({talksOn()});
    LiveSession session(rig.environment(), rig.newPlace());
    int nChanged = 0;
    int64_t nTurns = 0;
    bool isPlaced = true;
    QObject::connect(&session, &SessionModel::reset, &session,
                     [&] { nTurns = session.now().conversation.turns.size(); });
    QObject::connect(&session, &SessionModel::changed, &session, [&](const auto& changes) {
        ++nChanged;
        for (const ConversationChange& change : changes) {
            if (change.kind == ConversationChange::Kind::turnAdded) ++nTurns;
            isPlaced = isPlaced && change.turn < std::max<int64_t>(nTurns, 1);
        }
    });
    QElapsedTimer time;
    time.start();
    session.send(text("talk"));
    const auto streamed = [&] {
        const auto turns = turnsOf(session);
        return !turns.empty() && !turns.back().items.isEmpty() &&
               turns.back().items.back().as<TextItem>() != nullptr &&
               turns.back().items.back().get<TextItem>().text.find("word 15") != std::string::npos;
    };
    REQUIRE(waitUntil(streamed));
    CHECK(turnsOf(session).back().isRunning);
    CHECK(nTurns == session.now().conversation.turns.size());
    CHECK(isPlaced);
    CHECK(nChanged <= time.elapsed() / 33 + 2);
    session.stop(SessionModel::Stop::now);
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(turnsOf(session).back().status == agent::EndStatus::interrupted);
}

TEST_CASE("a permission is asked, answered once, and told to the agent", "[desktop][session]") {
    Rig rig({calls("bash", R"({"command": "touch made"})", "c1"), says("Made.")});
    LiveSession session(rig.environment(), rig.newPlace(agent::PermissionMode::ask));
    session.send(text("make it"));
    REQUIRE(waitUntil([&] { return session.pending().size() == 1; }));
    CHECK(session.pending()[0].question.callId == "c1");
    CHECK(session.pending()[0].askedMs > 0);
    CHECK_FALSE(std::filesystem::exists(rig.repository / "made"));
    session.answer("c1", {.answer = agent::PermissionAnswer::once});
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(session.pending().empty());
    CHECK(std::filesystem::exists(rig.repository / "made"));
}

TEST_CASE("a denial reaches the agent; the call does not run", "[desktop][session]") {
    Rig rig({calls("bash", R"({"command": "touch made"})", "c1"), says("Then not.")});
    LiveSession session(rig.environment(), rig.newPlace(agent::PermissionMode::ask));
    session.send(text("make it"));
    REQUIRE(waitUntil([&] { return session.pending().size() == 1; }));
    session.answer("c1", {.answer = agent::PermissionAnswer::denied, .reason = "not here"});
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK_FALSE(std::filesystem::exists(rig.repository / "made"));
}

TEST_CASE("only always keeps the rule for later sessions", "[desktop][session]") {
    const auto answer =
        GENERATE(agent::PermissionAnswer::forTurn, agent::PermissionAnswer::forSession,
                 agent::PermissionAnswer::always);
    Rig rig({calls("bash", R"({"command": "touch made"})", "c1"), says("Made.")});
    LiveSession session(rig.environment(), rig.newPlace(agent::PermissionMode::ask));
    session.send(text("make it"));
    REQUIRE(waitUntil([&] { return session.pending().size() == 1; }));
    session.answer("c1", {.answer = answer, .rule = "bash(touch*)"});
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(std::filesystem::exists(rig.repository / "made"));
    const bool isKept = answer == agent::PermissionAnswer::always;
    REQUIRE(rig.keptRules.size() == (isKept ? 1 : 0));
    if (isKept) CHECK(rig.keptRules[0].second == "bash(touch*)");
}

TEST_CASE("a question that waits does not hold up a stop", "[desktop][session]") {
    const auto how = GENERATE(SessionModel::Stop::afterCall, SessionModel::Stop::now);
    Rig rig({calls("bash", R"({"command": "touch made"})", "c1"), says("Made.")});
    LiveSession session(rig.environment(), rig.newPlace(agent::PermissionMode::ask));
    session.send(text("make it"));
    REQUIRE(waitUntil([&] { return session.pending().size() == 1; }));
    session.stop(how);
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(session.pending().empty());
    CHECK_FALSE(std::filesystem::exists(rig.repository / "made"));
    CHECK(turnsOf(session).back().status == agent::EndStatus::interrupted);
}

TEST_CASE("messages sent while the agent works wait, can be edited, and follow in order",
          "[desktop][session]") {
    Rig rig({calls("bash", R"({"command": "true"})", "c1"), says("1"), says("2"), says("3")});
    LiveSession session(rig.environment(), rig.newPlace(agent::PermissionMode::ask));
    session.send(text("one"));
    REQUIRE(waitUntil([&] { return session.pending().size() == 1; }));
    session.send(text("two"));
    session.send(text("gone"));
    session.send(text("tree"));
    REQUIRE(session.queued().size() == 3);
    session.editQueued(session.queued()[1].id, {});
    session.editQueued(session.queued()[1].id, text("three"));
    REQUIRE(session.queued().size() == 2);
    session.answer("c1", {.answer = agent::PermissionAnswer::once});
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 3 && isIdle(session); }));
    CHECK(session.queued().empty());
    CHECK(turnsOf(session)[1].task == "two");
    CHECK(turnsOf(session)[2].task == "three");
}

TEST_CASE("after a stop the queue waits for the user", "[desktop][session]") {
    Rig rig({talksOn(), says("later")});
    LiveSession session(rig.environment(), rig.newPlace());
    session.send(text("talk"));
    REQUIRE(waitUntil([&] { return !turnsOf(session).empty(); }));
    session.send(text("waits"));
    session.stop(SessionModel::Stop::afterCall);
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    REQUIRE(session.queued().size() == 1);
    CHECK(session.queued()[0].text == text("waits"));
    CHECK(turnsOf(session).size() == 1);
}

TEST_CASE("send now stops the turn and goes before what waits", "[desktop][session]") {
    Rig rig({talksOn(), says("now"), says("then")});
    LiveSession session(rig.environment(), rig.newPlace());
    session.send(text("talk"));
    REQUIRE(waitUntil([&] { return !turnsOf(session).empty(); }));
    session.send(text("later"));
    session.sendNow(text("at once"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 3 && isIdle(session); }));
    CHECK(turnsOf(session)[0].status == agent::EndStatus::interrupted);
    CHECK(turnsOf(session)[1].task == "at once");
    CHECK(turnsOf(session)[2].task == "later");
}

TEST_CASE("stop after the call lets a command end, stop now does not", "[desktop][session]") {
    const auto how = GENERATE(SessionModel::Stop::afterCall, SessionModel::Stop::now);
    Rig rig({calls("bash", R"({"command": "echo begun > begun; sleep 1; echo done > done"})", "c1"),
             says("never")});
    LiveSession session(rig.environment(), rig.newPlace());
    session.send(text("work"));
    REQUIRE(waitUntil([&] { return std::filesystem::exists(rig.repository / "begun"); }));
    session.stop(how);
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(std::filesystem::exists(rig.repository / "done") ==
          (how == SessionModel::Stop::afterCall));
    CHECK(turnsOf(session).back().status == agent::EndStatus::interrupted);
}

TEST_CASE("a model that cannot be opened gives the message back", "[desktop][session]") {
    Rig rig({says("hello")});
    rig.modelFailure = base::Error(base::Errc::notFound, "there is no model");
    LiveSession session(rig.environment(), rig.newPlace());
    QSignalSpy failed(&session, &SessionModel::failed);
    session.send(text("keep me"));
    REQUIRE(waitUntil([&] { return failed.count() == 1; }));
    CHECK(failed[0][0].toString().contains(text("there is no model")));
    CHECK(session.driver() == SessionModel::Driver::nobody);
    CHECK(session.preparing().isEmpty());
    REQUIRE(session.queued().size() == 1);
    CHECK(session.queued()[0].text == text("keep me"));

    rig.modelFailure.reset();
    session.editQueued(session.queued()[0].id, {});
    session.send(text("keep me"));
    REQUIRE(waitUntil([&] { return isIdle(session); }));
}

TEST_CASE("what one should know about the model is told once", "[desktop][session]") {
    Rig rig({says("1"), says("2")});
    rig.notes = {"only the sample model"};
    LiveSession session(rig.environment(), rig.newPlace());
    QSignalSpy noticed(&session, &SessionModel::noticed);
    session.send(text("one"));
    session.send(text("two"));
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 2 && isIdle(session); }));
    CHECK(noticed.count() == 1);
}

TEST_CASE("a stored session goes on in the mode that the user chose", "[desktop][session]") {
    Rig rig({says("first"), calls("bash", R"({"command": "touch made"})", "c1"), says("second")});
    QString id;
    {
        LiveSession session(rig.environment(), rig.newPlace());
        session.send(text("one"));
        REQUIRE(waitUntil([&] { return isIdle(session); }));
        id = session.id();
    }
    LiveSession session(rig.environment(), rig.storedPlace(id));
    CHECK(session.state() == SessionModel::State::loading);
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    CHECK(session.repository().toStdString() == rig.repository.string());
    session.setMode(agent::PermissionMode::ask);
    session.send(text("two"));
    REQUIRE(waitUntil([&] { return session.pending().size() == 1; }));
    session.answer("c1", {.answer = agent::PermissionAnswer::once});
    REQUIRE(waitUntil([&] { return turnsOf(session).size() == 2 && isIdle(session); }));
    CHECK(answerOf(turnsOf(session)[1]) == "second");
}

TEST_CASE("one session drives, another window of it watches until the lease is given back",
          "[desktop][session]") {
    Rig rig({says("first"), says("second")});
    LiveSession driver(rig.environment(), rig.newPlace());
    driver.send(text("one"));
    REQUIRE(waitUntil([&] { return isIdle(driver); }));
    LiveSession watcher(rig.environment(), rig.storedPlace(driver.id()));
    REQUIRE(waitUntil([&] { return watcher.driver() == SessionModel::Driver::other; }));
    watcher.send(text("two"));
    CHECK(watcher.queued().size() == 1);
    driver.release();
    REQUIRE(waitUntil([&] { return watcher.driver() == SessionModel::Driver::nobody; }));
    watcher.send(text("two"));
    REQUIRE(waitUntil([&] { return turnsOf(driver).size() == 2; }));
    REQUIRE(waitUntil([&] { return isIdle(driver) || isIdle(watcher); }));
}

TEST_CASE("closing a window in the middle ends the turn in the log, soon", "[desktop][session]") {
    Rig rig({talksOn()});
    QString id;
    QElapsedTimer time;
    {
        LiveSession session(rig.environment(), rig.newPlace());
        session.send(text("talk"));
        REQUIRE(waitUntil(
            [&] { return !turnsOf(session).empty() && !turnsOf(session).back().items.isEmpty(); }));
        id = session.id();
        time.start();
    }
    CHECK(time.elapsed() < 3000);
    const SessionView view = readAgain(rig, id, rig.clock);
    CHECK(view.conversation.turns.back().status == agent::EndStatus::interrupted);
}

TEST_CASE("a repository that is gone is a sentence, not a loss", "[desktop][session]") {
    Rig rig({says("first"), says("second")});
    QString id;
    {
        LiveSession session(rig.environment(), rig.newPlace());
        session.send(text("one"));
        REQUIRE(waitUntil([&] { return isIdle(session); }));
        id = session.id();
    }
    std::filesystem::remove_all(rig.repository);
    LiveSession session(rig.environment(), rig.storedPlace(id));
    QSignalSpy failed(&session, &SessionModel::failed);
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    session.send(text("two"));
    REQUIRE(waitUntil([&] { return failed.count() == 1; }));
    CHECK(session.queued().size() == 1);
}

TEST_CASE("the user's plan is in the log, within a turn and without one", "[desktop][session]") {
    Rig rig({calls("bash", R"({"command": "true"})", "c1"), says("done")});
    LiveSession session(rig.environment(), rig.newPlace(agent::PermissionMode::ask));
    session.send(text("work"));
    REQUIRE(waitUntil([&] { return session.pending().size() == 1; }));
    session.changePlan({{.text = "first", .state = PlanState::active}, {.text = "second"}});
    session.answer("c1", {.answer = agent::PermissionAnswer::once});
    REQUIRE(waitUntil([&] { return isIdle(session); }));
    REQUIRE(waitUntil([&] { return session.now().plan.entries.size() == 2; }));
    CHECK(session.now().plan.active == 0);
    session.changePlan({{.text = "only", .state = PlanState::done}});
    REQUIRE(waitUntil([&] { return session.now().plan.entries.size() == 1; }));
    CHECK(session.now().plan.nDone == 1);
    session.release();
    session.changePlan({});
    REQUIRE(waitUntil([&] { return session.now().plan.entries.empty(); }));
}
