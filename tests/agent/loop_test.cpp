#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <system_error>
#include <thread>

#include "agent/event_log.h"
#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;
using engine::FinishReason;
using engine::ToolCall;

namespace {

const std::string kRead = R"({"path":"a.txt"})";

// The result texts that the model got, in order.
std::vector<std::string> results(const Rig& rig) {
    std::vector<std::string> texts;
    for (const auto& added : rig.all<MessageAdded>())
        if (added.message.role == engine::Role::tool) texts.push_back(added.message.text);
    return texts;
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

void checkTerminal(const Rig& rig) {
    REQUIRE(rig.all<TurnEnded>().size() == 1);
    REQUIRE(std::holds_alternative<TurnEnded>(rig.events.back().body));
    // Every call of every assistant message has exactly one answer.
    std::multiset<std::string> asked, answered;
    for (const auto& added : rig.all<MessageAdded>()) {
        for (const ToolCall& call : added.message.toolCalls)
            asked.insert(call.id);
        if (added.message.role == engine::Role::tool) answered.insert(added.message.toolCallId);
    }
    CHECK(asked == answered);
    for (size_t i = 0; i < rig.events.size(); ++i)
        CHECK(rig.events[i].seq == int64_t(i) + 1);
}

}  // namespace

TEST_CASE("a question that changes nothing ends unverified", "[agent][loop]") {
    Rig rig({calls("read", kRead, "c1"), says("It says one two three.")});
    const TurnEnded ended = rig.run("what is in a.txt?");
    CHECK(ended.status == EndStatus::unverified);
    CHECK(ended.steps == 2);
    CHECK(contains(results(rig).at(0), "two"));
    CHECK(rig.all<CheckpointTaken>().empty());
    checkTerminal(rig);
}

TEST_CASE("a machine without a thread left ends the turn in order", "[agent][loop]") {
    Rig rig([](size_t, const engine::ChatRequest&) -> ScriptedTurn {
        throw std::system_error(EAGAIN, std::generic_category());
    });
    const TurnEnded ended = rig.run("x");
    CHECK(ended.status == EndStatus::error);
    CHECK(contains(ended.reason, "temporarily unavailable"));
    checkTerminal(rig);
}

TEST_CASE("an edit is checked by the project's own commands and committed", "[agent][loop]") {
    Rig rig({calls("read", kRead, "c1"),
             calls("edit", R"({"path":"a.txt","old":"two","new":"2"})", "c2"),
             says("Changed two to 2.")});
    rig.options.verifyCommands = {"grep -q 2 a.txt"};
    rig.options.commitsAtEnd = true;
    writeText(rig.repository / "mine.txt", "the user's own work\n");
    const TurnEnded ended = rig.run("replace two");
    CAPTURE(ended.reason);
    CHECK(ended.status == EndStatus::verified);
    CHECK(readText(rig.repository / "a.txt") == "one\n2\nthree\n");
    const auto commits = rig.all<Committed>();
    REQUIRE(commits.size() == 1);
    CHECK(commits[0].paths == std::vector<std::string>{"a.txt"});
    CHECK(shell(rig.repository, "git status --porcelain | grep -q '?? mine.txt'") == 0);
    CHECK(shell(rig.repository, "git show --stat HEAD | grep -q 'replace two'") == 0);
    checkTerminal(rig);
}

TEST_CASE("a commit says which files hold the user's own changes as well", "[agent][loop]") {
    Rig rig({calls("read", kRead, "c1"),
             calls("edit", R"({"path":"a.txt","old":"two","new":"2"})", "c2"),
             calls("write", R"({"path":"new.txt","content":"x"})", "c3"), says("done")});
    rig.options.verifyCommands = {"true"};
    rig.options.commitsAtEnd = true;
    writeText(rig.repository / "a.txt", "one\ntwo\nthree\nmine\n");
    writeText(rig.repository / "mine.txt", "not touched by the turn\n");
    CHECK(rig.run("x").status == EndStatus::verified);
    std::vector<std::string> said;
    for (const Notice& notice : rig.all<Notice>())
        if (notice.code == "committed_with_your_changes") said.push_back(notice.text);
    REQUIRE(said.size() == 1);
    CHECK(contains(said[0], "1 of the committed files"));
    CHECK(contains(said[0], ": a.txt"));
    CHECK(shell(rig.repository, "git show HEAD:a.txt | grep -q mine") == 0);
}

TEST_CASE("a failed check goes back to the model at most twice", "[agent][loop]") {
    Rig rig([](size_t n, const engine::ChatRequest&) {
        return n == 0 ? calls("write", R"({"path":"b.txt","content":"x"})") : says("All done!");
    });
    rig.options.verifyCommands = {"echo sad; exit 3"};
    const TurnEnded ended = rig.run("do it");
    CHECK(ended.status == EndStatus::verificationFailed);
    CHECK(rig.all<VerificationRun>().size() == 3);
    CHECK(contains(rig.model.requests().back(), "[verification failed: echo sad; exit 3 ended"));
    checkTerminal(rig);
}

TEST_CASE("a change without any known check ends unverified", "[agent][loop]") {
    Rig rig({calls("write", R"({"path":"b.txt","content":"x"})"), says("Done, all tests pass!")});
    CHECK(rig.run("do it").status == EndStatus::unverified);
    CHECK(rig.all<CheckpointTaken>().size() == 1);
}

TEST_CASE("the same call again is reminded at three and stopped at five", "[agent][loop]") {
    Rig rig([](size_t, const engine::ChatRequest&) { return calls("read", kRead); });
    const TurnEnded ended = rig.run("loop");
    CHECK(ended.status == EndStatus::stuck);
    CHECK(ended.steps == 5);
    const auto texts = results(rig);
    CHECK_FALSE(contains(texts.at(1), "[reminder"));
    CHECK(contains(texts.at(2), "[reminder"));
    checkTerminal(rig);
}

TEST_CASE("two calls in turns are stopped as well", "[agent][loop]") {
    Rig rig([](size_t n, const engine::ChatRequest&) {
        return n % 2 == 0 ? calls("read", kRead) : calls("glob", R"({"pattern":"*.txt"})");
    });
    const TurnEnded ended = rig.run("loop");
    CHECK(ended.status == EndStatus::stuck);
    CHECK(ended.steps == 10);
}

TEST_CASE("a call that was cut off never runs", "[agent][loop]") {
    const std::string half = R"({"path":"evil.txt","content":"x"})";
    ScriptedTurn cut = callsMany({{"c1", "write", half, true}, {"c2", "write", half, false}});
    cut.events.back() = engine::Finish{FinishReason::length, {}, "length"};
    Rig rig({cut, says("I give up.")});
    const int64_t before = rig.options.chat.outputTokensMax;
    rig.run("write");
    CHECK_FALSE(std::filesystem::exists(rig.repository / "evil.txt"));
    for (const std::string& text : results(rig))
        CHECK(text ==
              "[not run: output limit reached inside the arguments] Send it again, "
              "shorter.");
    CHECK(contains(rig.model.requests()[0], fmt::format("\"max_tokens\":{}", before)));
    CHECK(contains(rig.model.requests()[1], fmt::format("\"max_tokens\":{}", before * 4)));
    checkTerminal(rig);
}

TEST_CASE("arguments that are no JSON are explained, three in a row end the turn",
          "[agent][loop]") {
    for (const std::string bad : {R"({"path": )", "[1]", "{\"path\":\"\xFF\"}", "nonsense"}) {
        CAPTURE(bad);
        Rig rig([&](size_t, const engine::ChatRequest&) { return calls("write", bad); });
        const TurnEnded ended = rig.run("x");
        CHECK(ended.status == EndStatus::stuck);
        CHECK(ended.steps == 3);
        checkTerminal(rig);
    }
    const std::string deep = std::string(100'000, '[');
    Rig rig({calls("read", "{\"path\":" + deep), says("ok")});
    rig.run("x");
    CHECK(contains(results(rig).at(0), "levels deep"));
}

TEST_CASE("an unknown tool is answered with the nearest names", "[agent][loop]") {
    Rig rig({calls("read_file", kRead), calls("gerp", "{}"), says("sorry")});
    rig.run("x");
    CHECK(contains(results(rig).at(0), "[unknown tool: read_file] There are: read."));
    CHECK(contains(results(rig).at(1), "grep"));
}

TEST_CASE("of 500 calls in one answer 64 run and the rest is told so", "[agent][loop]") {
    std::vector<ToolCall> many;
    for (int i = 0; i < 500; ++i)
        many.push_back({"same", "glob", fmt::format(R"({{"pattern":"*{}"}})", i), true});
    Rig rig({callsMany(many), says("enough")});
    rig.run("x");
    int nRun = 0;
    for (const auto& ended : rig.all<ToolCallEnded>())
        nRun += ended.wasRun ? 1 : 0;
    CHECK(nRun == 64);
    CHECK(results(rig).size() == 500);
    checkTerminal(rig);  // the ids were made unique
}

TEST_CASE("empty answers, refusals and broken streams have their own ends", "[agent][loop]") {
    Rig empty([](size_t, const engine::ChatRequest&) { return finishes(FinishReason::stop); });
    CHECK(empty.run("x").status == EndStatus::stuck);
    CHECK(empty.model.requests().size() == 3);
    Rig refused({finishes(FinishReason::refusal, "I cannot help with that.")});
    CHECK(refused.run("x").status == EndStatus::refused);
    ScriptedTurn broken = says("half");
    broken.events.resize(1);
    broken.failure = base::Error(base::Errc::io, "connection lost");
    Rig lost({broken});
    const TurnEnded ended = lost.run("x");
    CHECK(ended.status == EndStatus::error);
    CHECK(contains(ended.reason, "connection lost"));
    Rig text([](size_t, const engine::ChatRequest&) {
        return says("<tool_call>{\"name\":\"read\"}</tool_call>");
    });
    CHECK(text.run("x").status == EndStatus::stuck);
    for (const Rig* rig : {&empty, &refused, &lost, &text})
        checkTerminal(*rig);
}

TEST_CASE("a failed attempt leaves nothing in the conversation", "[agent][loop]") {
    ScriptedTurn turn = says("the whole answer");
    turn.events.insert(turn.events.begin(), engine::AttemptDiscarded{1, 0, "HTTP 500"});
    turn.events.insert(turn.events.begin(), engine::TextDelta{"half an ans"});
    Rig rig({turn});
    rig.run("x");
    CHECK(rig.all<AttemptFailed>().size() == 1);
    CHECK(rig.all<MessageAdded>().back().message.text == "the whole answer");
}

TEST_CASE("a spent budget closes the tools and asks for a hand-over", "[agent][budget]") {
    Rig rig([](size_t n, const engine::ChatRequest&) {
        if (n == 10) return calls("write", R"({"path":"late.txt","content":"x"})");
        return calls("glob", fmt::format(R"({{"pattern":"{}*"}})", n));
    });
    rig.options.budget.steps = 10;
    const TurnEnded ended = rig.run("x");
    CHECK(ended.status == EndStatus::budget);
    CHECK(contains(ended.reason, "10 of 10 steps"));
    CHECK(contains(results(rig).at(8), "[budget: 9 of 10 steps are used]"));
    CHECK(contains(rig.model.requests().back(), "[budget spent: 10 of 10 steps]"));
    CHECK_FALSE(std::filesystem::exists(rig.repository / "late.txt"));
    checkTerminal(rig);

    Rig tokens([](size_t n, const engine::ChatRequest&) {
        return calls("glob", fmt::format(R"({{"pattern":"{}*"}})", n));
    });
    tokens.options.budget = {.steps = 0, .tokens = 300, .wallMs = 0, .costUsd = 0};
    CHECK(tokens.run("x").reason == "330 of 300 tokens were spent");
    Rig money([](size_t n, const engine::ChatRequest&) {
        return calls("glob", fmt::format(R"({{"pattern":"{}*"}})", n));
    });
    money.model.modelLimits.price = engine::ModelLimits::Price{1000, 1000, 1000};
    money.options.budget = {.steps = 0, .tokens = 0, .wallMs = 0, .costUsd = 0.2};
    CHECK(money.run("x").status == EndStatus::budget);
    CHECK(money.all<UsageCounted>().at(0).costUsd == Approx(0.11));
}

TEST_CASE("the time budget ends a stream that says nothing", "[agent][budget]") {
    ScriptedTurn silent;
    silent.waitsForStop = true;
    Rig rig({silent, says("Nothing was done.")});
    rig.options.budget.wallMs = 100;
    const TurnEnded ended = rig.run("x");
    CHECK(ended.status == EndStatus::budget);
    CHECK(rig.all<MessageAdded>().back().message.text == "Nothing was done.");
}

TEST_CASE("the time budget cuts the wait for a model that cannot be reached", "[agent][budget]") {
    ScriptedTurn dead;
    dead.events.emplace_back(engine::AttemptDiscarded{1, 60'000, "connection refused"});
    dead.waitsForStop = true;
    Rig rig([&](size_t, const engine::ChatRequest&) { return dead; });
    rig.options.budget.wallMs = 100;
    const TurnEnded ended = rig.run("x");
    CHECK(ended.status == EndStatus::budget);
    CHECK(rig.model.requests().size() == 1);  // no hand-over is asked for: nobody is there
    CHECK(ended.durationMs < 5000);
    checkTerminal(rig);
}

TEST_CASE("a hand-over that does not come is not waited for", "[agent][budget]") {
    ScriptedTurn silent;
    silent.waitsForStop = true;
    Rig rig([&](size_t, const engine::ChatRequest&) { return silent; });
    rig.options.budget.wallMs = 100;
    const TurnEnded ended = rig.run("x");
    CHECK(ended.status == EndStatus::budget);
    CHECK(rig.model.requests().size() == 2);
    CHECK(rig.all<Notice>().back().code == "no_hand_over");
    CHECK(ended.durationMs < 10'000);
    checkTerminal(rig);
}

TEST_CASE("a stop ends a running command and answers every open call", "[agent][stop]") {
    Rig rig({callsMany({{"c1", "bash", R"({"command":"sleep 60"})", true},
                        {"c2", "write", R"({"path":"b.txt","content":"x"})", true}})});
    std::stop_source stop;
    std::jthread stopper;
    rig.onEvent = [&](const Event& event) {
        if (std::holds_alternative<ToolCallStarted>(event.body) && !stopper.joinable())
            stopper = std::jthread([&] { stop.request_stop(); });
    };
    const TurnEnded ended = rig.run("x", stop.get_token());
    CHECK(ended.status == EndStatus::interrupted);
    CHECK(ended.durationMs < 20'000);
    CHECK_FALSE(std::filesystem::exists(rig.repository / "b.txt"));
    for (const std::string& text : results(rig))
        CHECK(contains(text, "[interrupted by user]"));
    checkTerminal(rig);
}

TEST_CASE("without anyone to ask, a needed permission ends with its own status",
          "[agent][permission]") {
    Rig rig({calls("write", R"({"path":"b.txt","content":"x"})"), says("I may not.")});
    rig.options.mode = PermissionMode::ask;
    CHECK(rig.run("x").status == EndStatus::permission);
    CHECK(rig.all<PermissionAnswered>().at(0).answer == "unavailable");
    CHECK_FALSE(std::filesystem::exists(rig.repository / "b.txt"));
    checkTerminal(rig);
}

TEST_CASE("an answer for the session holds for the same command, not for another",
          "[agent][permission]") {
    Rig rig({calls("bash", R"({"command":"echo 1"})"), calls("bash", R"({"command":"echo 1"})"),
             calls("bash", R"({"command":"echo 2"})"), says("done")});
    rig.options.mode = PermissionMode::autoEdit;
    int nAsked = 0;
    rig.askPermission = [&](const PermissionQuestion&, const std::stop_token&) {
        ++nAsked;
        return PermissionReply{PermissionAnswer::forSession};
    };
    rig.run("x");
    CHECK(nAsked == 2);
}

TEST_CASE("an overflowing context is met by shortening old results", "[agent][loop]") {
    Rig rig([](size_t n, const engine::ChatRequest& request) {
        int64_t bytes = 0;
        for (const auto& message : request.messages)
            bytes += int64_t(message.text.size());
        if (bytes > 60'000) return finishes(FinishReason::contextFull);
        if (n > 40) return says("done");
        return calls("read", fmt::format(R"({{"path":"big.txt","offset":{}}})", n + 1));
    });
    std::string big;
    for (int i = 0; i < 300; ++i)
        big += fmt::format("line {} of a rather long file\n", i);
    writeText(rig.repository / "big.txt", big);
    rig.options.budget.steps = 60;
    const TurnEnded ended = rig.run("x");
    CAPTURE(ended.reason);
    CHECK(rig.all<HistoryPruned>().size() >= 1);
    CHECK(rig.model.requests().size() > 10);
    checkTerminal(rig);
}

TEST_CASE("undo gives back what the last turn changed", "[agent][undo]") {
    Rig rig({calls("write", R"({"path":"b.txt","content":"x"})"),
             calls("bash", R"({"command":"rm a.txt"})"), says("done"), says("again")});
    rig.run("x");
    CHECK_FALSE(std::filesystem::exists(rig.repository / "a.txt"));
    const std::string id = rig.session->id();
    rig.session.reset();
    const auto undone = undoLastTurn(rig.options.sessionsFolder, id, rig.clock);
    REQUIRE(undone);
    CHECK(undone->size() == 2);
    CHECK(readText(rig.repository / "a.txt") == "one\ntwo\nthree\n");
    CHECK_FALSE(std::filesystem::exists(rig.repository / "b.txt"));
    auto resumed = Session::resume(id, rig.options, rig.environment());
    REQUIRE(resumed);
    rig.session = std::move(*resumed);
    rig.run("go on");
    CHECK(contains(rig.model.requests().back(), "The user gave back turn 1"));
}
