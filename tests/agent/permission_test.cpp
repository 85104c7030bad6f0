// What the answers to permission questions allow, for how long, and what the log and the model
// learn of them.
#include <nlohmann/json.hpp>

#include "agent/event_log.h"
#include "agent/policy.h"
#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

ScriptedTurn runs(const std::string& command) {
    return calls("bash", "{\"command\":\"" + command + "\"}");
}

ScriptedTurn writes(const std::string& path) {
    return calls("write", "{\"path\":\"" + path + "\",\"content\":\"x\"}");
}

// Answers every question the same and keeps what was asked.
struct Asked {
    Asked(Rig& rig, PermissionReply reply) : given(std::move(reply)) {
        rig.options.mode = PermissionMode::ask;
        rig.askPermission = [this](const PermissionQuestion& question, const std::stop_token&) {
            questions.push_back(question);
            return given;
        };
    }

    PermissionReply given;
    std::vector<PermissionQuestion> questions;
};

void resume(Rig& rig) {
    const std::string id = rig.session->id();
    rig.session.reset();
    auto resumed = Session::resume(id, rig.options, rig.environment());
    REQUIRE(resumed);
    rig.session = std::move(*resumed);
}

bool hasNotice(const Rig& rig, std::string_view code) {
    for (const Notice& notice : rig.all<Notice>())
        if (notice.code == code) return true;
    return false;
}

}  // namespace

TEST_CASE("a question says what decided, what it may reach and what a wider answer allows",
          "[agent][permission]") {
    Rig rig({runs("git status --short"), writes("src/x"), runs("git reset --hard"), runs("true"),
             says("done")});
    Asked asked(rig, {PermissionAnswer::once});
    rig.options.askRules = {"bash(true*)"};
    rig.run("x");
    REQUIRE(asked.questions.size() == 4);
    const PermissionQuestion& command = asked.questions[0];
    CHECK(command.rule == "mode ask");
    CHECK(command.touches.find("execute; in the jail, no network") != std::string::npos);
    CHECK(command.suggestedRule == "bash(git status*)");
    CHECK(command.whyOnlyOnce.empty());
    CHECK(asked.questions[1].suggestedRule == "write(src/*)");
    CHECK(asked.questions[1].touches.find("write; in the workspace") != std::string::npos);
    CHECK(asked.questions[2].rule == "destructive git");
    CHECK(asked.questions[2].suggestedRule.empty());
    CHECK_FALSE(asked.questions[2].whyOnlyOnce.empty());
    CHECK(asked.questions[3].rule == "ask bash(true*)");
    CHECK(asked.questions[3].suggestedRule.empty());
    CHECK_FALSE(asked.questions[3].whyOnlyOnce.empty());
    const auto logged = rig.all<PermissionAsked>();
    REQUIRE(logged.size() == 4);
    CHECK(logged[0].rule == command.rule);
    CHECK(logged[0].touches == command.touches);
}

TEST_CASE("an answer for the turn is forgotten with the turn", "[agent][permission]") {
    Rig rig({runs("ls"), runs("ls"), says("done"), runs("ls"), says("done")});
    Asked asked(rig, {PermissionAnswer::forTurn});
    rig.run("x");
    CHECK(asked.questions.size() == 1);
    CHECK(rig.all<PermissionAnswered>().at(0).answer == "turn");
    rig.run("y");
    CHECK(asked.questions.size() == 2);
    asked.given.rule = "bash(ls*)";
    resume(rig);
    CHECK(asked.questions.size() == 2);
}

TEST_CASE("an answer for the turn ends with it also where it has a pattern",
          "[agent][permission]") {
    Rig rig({runs("ls -l"), runs("ls -a"), says("done"), runs("ls -l"), says("done")});
    Asked asked(rig, {PermissionAnswer::forTurn, "bash(ls*)"});
    rig.run("x");
    CHECK(asked.questions.size() == 1);
    rig.run("y");
    CHECK(asked.questions.size() == 2);
    CHECK(rig.all<PermissionAnswered>().at(0).isPattern);
}

TEST_CASE("a rule for the session or always holds after a resume", "[agent][permission]") {
    for (const PermissionAnswer answer : {PermissionAnswer::forSession, PermissionAnswer::always}) {
        Rig rig({runs("ls -l"), runs("ls -a"), says("done"), runs("ls -R"), runs("ls -a; rm a.txt"),
                 says("done")});
        Asked asked(rig, {answer, "bash(ls*)"});
        rig.run("x");
        CHECK(asked.questions.size() == 1);
        const PermissionAnswered answered = rig.all<PermissionAnswered>().at(0);
        CHECK(answered.answer == toString(answer));
        CHECK(answered.rule == "bash(ls*)");
        CHECK(answered.isPattern);
        resume(rig);
        asked.given = {PermissionAnswer::denied};
        rig.run("y");
        REQUIRE(asked.questions.size() == 2);  // the second command of the line is not covered
        CHECK(asked.questions[1].detail.find("rm a.txt") != std::string::npos);
        CHECK(std::filesystem::exists(rig.repository / "a.txt"));
    }
}

TEST_CASE("without a rule exactly the call is allowed, also after a resume",
          "[agent][permission]") {
    Rig rig({runs("echo *"), says("done"), runs("echo *"), runs("echo a.txt"), says("done"),
             writes("b.txt"), writes("b.txt"), writes("c.txt"), says("done")});
    Asked asked(rig, {PermissionAnswer::forSession});
    rig.run("x");
    CHECK_FALSE(rig.all<PermissionAnswered>().at(0).isPattern);
    resume(rig);
    rig.run("y");
    CHECK(asked.questions.size() == 2);
    rig.run("z");
    CHECK(asked.questions.size() == 4);
}

TEST_CASE("a rule that does not fit the call is not taken, and the call runs once",
          "[agent][permission]") {
    for (const char* rule : {"bash(git*)", "*", "write(*)", "bash(ls", "*(ls*)", "bash(l)"}) {
        CAPTURE(rule);
        Rig rig({runs("ls -l"), runs("ls -l"), says("done")});
        Asked asked(rig, {PermissionAnswer::always, rule});
        rig.run("x");
        CHECK(asked.questions.size() == 2);
        CHECK(rig.all<PermissionAnswered>().at(0).answer == "once");
        CHECK(hasNotice(rig, "rule_not_taken"));
        CHECK(rig.all<ToolCallEnded>().at(0).wasRun);
    }
}

TEST_CASE("a rule for the whole tool may be given, and destructive git still asks",
          "[agent][permission]") {
    Rig rig({runs("ls -l"), runs("rm -f nothing && true > /dev/null"), runs("git reset --hard"),
             runs("git reset --hard"), says("done")});
    Asked asked(rig, {PermissionAnswer::forSession, "bash"});
    rig.run("x");
    CHECK(asked.questions.size() == 3);
    CHECK(rig.all<PermissionAnswered>().back().answer == "once");
}

TEST_CASE("why a person denied reaches the model and the log", "[agent][permission]") {
    Rig rig({writes("b.txt"), says("I understand.")});
    Asked asked(rig, {PermissionAnswer::denied, {}, "use the folder docs instead"});
    CHECK(rig.run("x").status == EndStatus::permission);
    const PermissionAnswered answered = rig.all<PermissionAnswered>().at(0);
    CHECK(answered.answer == "denied");
    CHECK(answered.reason == "use the folder docs instead");
    CHECK(rig.model.requests().back().find("[denied: by the user: use the folder docs instead]") !=
          std::string::npos);
}

TEST_CASE("the rules of old logs keep their meaning", "[agent][permission]") {
    Rig rig({says("hello"), runs("echo *"), runs("echo a"), writes("b.txt"), writes("c.txt"),
             says("done")});
    Asked asked(rig, {PermissionAnswer::once});
    rig.run("x");
    const std::string id = rig.session->id();
    rig.session.reset();
    {
        auto log =
            EventLog::open(rig.options.sessionsFolder, id, EventLog::Access::drive, rig.clock);
        REQUIRE(log);
        for (const char* rule : {"bash(echo *)", "write"}) {
            const auto old = eventFromJson(nlohmann::json{{"seq", 1},
                                                          {"time_ms", 1},
                                                          {"turn", 1},
                                                          {"type", "permission_answered"},
                                                          {"call_id", "c"},
                                                          {"answer", "session"},
                                                          {"rule", rule}});
            REQUIRE(old);
            REQUIRE((*log)->append(1, old->body));
        }
    }
    auto resumed = Session::resume(id, rig.options, rig.environment());
    REQUIRE(resumed);
    rig.session = std::move(*resumed);
    rig.run("y");
    REQUIRE(asked.questions.size() == 1);
    CHECK(asked.questions[0].detail.find("echo a") != std::string::npos);
}
