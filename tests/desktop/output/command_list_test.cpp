#include "app/desktop/screens/output/command_list.h"

#include "app/desktop/screens/output/command_texts.h"
#include "tests/catch.h"
#include "tests/desktop/fakes/fake_session.h"
#include "tests/desktop/output/command_events.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

std::vector<std::string> commandsOf(const CommandList& list) {
    std::vector<std::string> commands;
    for (const int64_t index : list.order())
        commands.push_back(list.rows()[size_t(index)].command);
    return commands;
}

// Follows a session as the screen does.
struct Followed {
    Followed() {
        QObject::connect(&session, &SessionModel::changed, &session,
                         [this](const std::vector<ConversationChange>& changes) {
                             effect = list.apply(session.now().conversation, changes);
                         });
    }

    FakeSession session;
    CommandList list;
    CommandList::Effect effect = CommandList::Effect::nothing;
};

}  // namespace

TEST_CASE("what runs stands first, then the newest", "[desktop][output]") {
    Followed it;
    it.session.apply({agent::TurnStarted{"build"}, begun("a", "make"), ended("a", 0),
                      begun("b", "ctest", "build"), ended("b", 8), begun("c", "sleep 60")});
    CHECK(commandsOf(it.list) == std::vector<std::string>{"sleep 60", "ctest", "make"});
    CHECK(it.list.rows()[1].directory == "build");
    CHECK(it.list.rows()[1].exitCode == 8);
    CHECK(it.list.rows()[1].state == CardState::failed);
    it.session.apply({begun("d", "ls"), ended("d", 0)});
    CHECK(commandsOf(it.list) == std::vector<std::string>{"sleep 60", "ls", "ctest", "make"});
}

TEST_CASE("output of a running command moves no row", "[desktop][output]") {
    Followed it;
    it.session.apply({agent::TurnStarted{"build"}, begun("a", "make")});
    CHECK(it.effect == CommandList::Effect::all);
    it.session.apply({wrote("a", "one\ntwo\n")});
    CHECK(it.effect == CommandList::Effect::rowsChanged);
    CHECK(it.list.changedRows() == std::vector<int64_t>{0});
    CHECK(it.list.rows()[0].outputLines == 2);
    it.session.apply({agent::Delta{"text", "hm"}});
    CHECK(it.effect == CommandList::Effect::nothing);
    it.session.apply({ended("a", 0)});
    CHECK(it.effect == CommandList::Effect::all);
}

TEST_CASE("playing changes back gives the same list as reading all", "[desktop][output]") {
    Followed it;
    it.session.apply(
        {agent::TurnStarted{"one"}, begun("a", "make"), wrote("a", "x\n"), ended("a", 0)});
    it.session.apply({wrote("verify-1-1", "checking\n")});
    agent::VerificationRun run;
    run.command = "ctest";
    run.exitCode = 1;
    it.session.apply({run, wrote("verify-2-1", "again\n")});
    it.session.apply({agent::TurnStarted{"two"}, begun("a", "make clean")}, 2);
    CommandList whole;
    whole.rebuild(it.session.now().conversation);
    CHECK(whole.rows() == it.list.rows());
    CHECK(whole.order() == it.list.order());
    REQUIRE(whole.rows().size() == 4);
    CHECK(whole.rows()[1].callId == "verify-1-1");
    CHECK(whole.rows()[2].callId == "verify-2-1");
    CHECK(whole.rows()[2].isCheck);
    CHECK(whole.find("a", 2) == 3);  // the same id in another turn
    CHECK(whole.find("a", 1) == 0);
}

TEST_CASE("a command is written in one line, with its control characters", "[desktop][output]") {
    CommandRow row;
    row.command = "echo a\necho \x1b[31m";
    CHECK(commandText(row) == QString::fromUtf8("echo a\u21B5echo \u241B[31m"));
    CHECK(commandDuration(340) == QStringLiteral("0.3 s"));
    CHECK(commandDuration(12'700) == QStringLiteral("12 s"));
    CHECK(commandDuration(184'000) == QStringLiteral("3 min 4 s"));
}
