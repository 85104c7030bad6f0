#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <random>

#include "app/desktop/model/conversation_model.h"
#include "tests/catch.h"

// Events are spelled with the fields that matter to a case; the others keep their empty values.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace moxie::desktop {

namespace {

using namespace agent;

class Log {
public:
    void add(int32_t turn, EventBody body) {
        events.push_back({int64_t(events.size()) + 1, timeMs += 100, turn, std::move(body)});
    }

    std::vector<Event> events;
    int64_t timeMs = 1'000'000;
};

MessageAdded assistant(std::string text, std::string reasoning, std::vector<std::string> calls) {
    MessageAdded added;
    added.message.role = engine::Role::assistant;
    added.message.text = std::move(text);
    added.message.reasoning = std::move(reasoning);
    for (std::string& id : calls)
        added.message.toolCalls.push_back({.id = std::move(id), .name = "read"});
    return added;
}

// One turn as the agent writes it: reasoning, two calls, an answer, a check, a commit.
Log wholeTurn() {
    Log log;
    log.add(0, SessionStarted{.sessionId = "s-1", .repository = "/r", .mode = "ask"});
    log.add(1, TurnStarted{"fix it"});
    log.add(1, RequestSent{.model = "m", .step = 1});
    log.add(1, ModelAnswering{{.model = "m-1"}});
    log.add(1, Delta{"reasoning", "let me "});
    log.add(1, Delta{"reasoning", "see"});
    log.add(1, Delta{"text", "I look."});
    log.add(1, assistant("I look.", "let me see", {"c1", "c2"}));
    log.add(1, UsageCounted{.usage = {.inputTokens = 10, .outputTokens = 9, .reasoningTokens = 5}});
    log.add(1, ToolCallStarted{"c1", "read", R"({"path":"a.cpp"})", "read a.cpp", "read"});
    log.add(1, ToolCallEnded{.callId = "c1", .tool = "read", .text = "1 x", .durationMs = 3});
    log.add(1, ToolCallStarted{"c2", "bash", R"({"command":"make"})", "bash: make", "execute"});
    log.add(1, PermissionAsked{"c2", "bash", "bash: make", "commands are asked for"});
    return log;
}

const ToolCard& cardAt(const Turn& turn, int64_t item) {
    return turn.items[item].get<ToolCard>();
}

Conversation build(const std::vector<Event>& events) {
    ConversationModel model;
    for (const Event& event : events)
        model.apply(event);
    return model.now();
}

// Any kinds in any order, with few ids, so that they meet.
Event randomEvent(std::mt19937& random, int64_t seq) {
    const auto pick = [&](auto... words) {
        const std::string all[] = {std::string(words)...};
        return all[random() % sizeof...(words)];
    };
    const std::string id = pick("a", "b", "c", "d", "verify-1-1");
    const std::string words = pick("", "one ", "two\n", "three\nfour ", "中");
    EventBody body;
    switch (random() % 18) {
        case 0:
            body = TurnStarted{words};
            break;
        case 1:
            body = TurnEnded{EndStatus(random() % 9), "reason", 1, 5};
            break;
        case 2:
        case 3:
            body = Delta{pick("text", "reasoning", "other"), words};
            break;
        case 4:
            body = assistant(
                words, pick("", "thought"),
                random() % 2 == 0 ? std::vector<std::string>{id} : std::vector<std::string>{});
            break;
        case 5:
            body = RequestSent{};
            break;
        case 6:
            body = AttemptFailed{{.reason = "HTTP 429"}};
            break;
        case 7:
        case 8:
            body = ToolCallStarted{id, pick("read", "edit", "bash", "strange"),
                                   pick("{}", R"({"path":"x.cpp","old":"a","new":"b"})", "[1", "{"),
                                   "summary", pick("", "read", "execute")};
            break;
        case 9:
        case 10:
            body = ToolOutput{id, words};
            break;
        case 11:
            body = ToolCallEnded{.callId = id, .text = words, .isError = random() % 2 == 0};
            break;
        case 12:
            body = PermissionAsked{id, "bash", "summary", "reason"};
            break;
        case 13:
            body = PermissionAnswered{id, pick("once", "denied", ""), "rule"};
            break;
        case 14:
            body = UsageCounted{.usage = {.reasoningTokens = int64_t(random() % 3)}};
            break;
        case 15:
            body = VerificationRun{.command = "make", .outputTail = words};
            break;
        case 16:
            body = Notice{"info", "code", words};
            break;
        default:
            body = PlanChanged{"[]"};
            break;
    }
    return {seq, seq * 7, int32_t(seq / 50), std::move(body)};
}

Turn withoutItems(Turn turn) {
    turn.items = {};
    return turn;
}

// A view that knows only what the changes tell it.
struct Mirror {
    std::vector<std::vector<Item>> items;
    std::vector<Turn> heads;

    void play(const std::vector<ConversationChange>& changes, const Conversation& now) {
        using Kind = ConversationChange::Kind;
        for (const ConversationChange& change : changes) {
            const auto turn = size_t(change.turn);
            if (change.kind == Kind::turnAdded) {
                REQUIRE(turn == items.size());
                items.emplace_back();
                heads.push_back(withoutItems(now.turns[change.turn]));
            }
            if (change.kind == Kind::turnChanged)
                heads.at(turn) = withoutItems(now.turns[change.turn]);
            if (change.kind == Kind::itemsCut)
                items.at(turn).erase(items[turn].begin() + change.item, items[turn].end());
            if (change.kind == Kind::itemAdded) {
                REQUIRE(size_t(change.item) == items.at(turn).size());
                items[turn].push_back(now.turns[change.turn].items[change.item]);
            }
            if (change.kind == Kind::itemChanged)
                items.at(turn).at(size_t(change.item)) = now.turns[change.turn].items[change.item];
        }
    }

    void check(const Conversation& now) const {
        REQUIRE(int64_t(items.size()) == now.turns.size());
        for (int64_t t = 0; t < now.turns.size(); ++t) {
            REQUIRE(heads[size_t(t)] == withoutItems(now.turns[t]));
            REQUIRE(int64_t(items[size_t(t)].size()) == now.turns[t].items.size());
            for (int64_t i = 0; i < now.turns[t].items.size(); ++i)
                REQUIRE(items[size_t(t)][size_t(i)] == now.turns[t].items[i]);
        }
    }
};

}  // namespace

TEST_CASE("a turn shows its steps, its question, its answer and its end",
          "[desktop][conversation]") {
    Log log = wholeTurn();
    ConversationModel model;
    for (const Event& event : log.events)
        model.apply(event);
    CHECK(model.now().sessionId == "s-1");
    REQUIRE(model.now().turns.size() == 1);
    CHECK(model.now().turns[0].nAsking == 1);
    CHECK(cardAt(model.now().turns[0], 3).state == CardState::asking);
    CHECK(cardAt(model.now().turns[0], 3).permission->reason == "commands are asked for");
    CHECK(model.now().turns[0].answerItem == -1);

    const size_t seen = log.events.size();
    log.add(1, PermissionAnswered{"c2", "once", "user"});
    for (int i = 1; i <= 30; ++i)
        log.add(1, ToolOutput{"c2", fmt::format("line {}\n", i)});
    log.add(1, ToolCallEnded{.callId = "c2", .text = "all", .exitCode = 2, .durationMs = 70});
    log.add(1, RequestSent{.step = 2});
    log.add(1, Delta{"text", "half an ans"});
    log.add(1, AttemptFailed{{.reason = "HTTP 500"}});
    log.add(1, Delta{"text", "Done"});
    log.add(1, assistant("Done.", "", {}));
    log.add(1,
            VerificationRun{.command = "ctest", .outputTail = "ok", .exitCode = 0, .passed = true});
    log.add(1, Committed{"abc", "Fix it", {"a.cpp"}});
    log.add(1, TurnEnded{EndStatus::verified, "all checks pass", 2, 100});
    for (size_t i = seen; i < log.events.size(); ++i)
        model.apply(log.events[i]);

    const Turn& turn = model.now().turns[0];
    REQUIRE(turn.items.size() == 8);
    const auto& reasoning = turn.items[0].get<ReasoningItem>();
    CHECK(reasoning.text == "let me see");
    CHECK(reasoning.tokens == 5);
    CHECK(reasoning.endedMs - reasoning.startedMs == 200);
    CHECK(turn.items[1].get<TextItem>().text == "I look.");
    CHECK(cardAt(turn, 2).details.targets == std::vector<std::string>{"a.cpp"});
    const ToolCard& make = cardAt(turn, 3);
    CHECK(make.state == CardState::failed);
    CHECK(make.exitCode == 2);
    CHECK(make.outputLines == 30);
    CHECK(make.outputTail.starts_with("line 11\n"));
    CHECK(make.outputTail.ends_with("line 30\n"));
    CHECK(turn.items[4].get<NoticeItem>().code == "attempt_failed");
    CHECK(turn.answerItem == 5);
    CHECK(turn.items[5].get<TextItem>().text == "Done.");
    CHECK(turn.items[6].get<CheckItem>().hasPassed);
    CHECK(turn.items[7].get<CommitItem>().commit == "abc");
    CHECK(turn.status == EndStatus::verified);
    CHECK_FALSE(turn.isRunning);
    CHECK(turn.nAsking == 0);
    CHECK(turn.summary.nSteps == 3);
    CHECK(turn.summary.nFilesRead == 1);
    CHECK(turn.summary.nCommands == 1);
    CHECK(turn.summary.nFailed == 1);
}

TEST_CASE("an edit card shows its first lines, whatever the arguments are",
          "[desktop][conversation]") {
    const CallDetails edit =
        readCall("edit", R"({"path":"a.h","old":"x\ny\nz","new":"x\nY\nz"})", "read write");
    CHECK(edit.kind == CallKind::edit);
    CHECK(edit.hunk == std::vector<std::string>{" x", "-y", "+Y", " z"});
    const CallDetails patch = readCall(
        "apply_patch",
        R"({"patch":"*** Begin Patch\n*** Update File: a.h\n@@\n-b\n+c\n*** Add File: n.h\n+1\n*** End Patch"})",
        "write");
    CHECK(patch.targets == std::vector<std::string>{"a.h", "n.h"});
    CHECK(patch.hunk == std::vector<std::string>{"@@", "-b", "+c", "+1"});
    std::string lines;
    for (int i = 0; i < 40; ++i)
        lines += "line\\n";
    const CallDetails write =
        readCall("write", R"({"path":"b","content":")" + lines + "\"}", "write");
    CHECK(write.hunk.size() == 12);
    CHECK(write.hunkLinesLeftOut == 28);
    CHECK(readCall("edit", R"({"path":1,"old":[],"new":{}})", "").targets.empty());
    CHECK(readCall("edit", "{\"path", "").kind == CallKind::edit);
    CHECK(readCall("mcp_get", R"({"url":"http://x"})", "network").kind == CallKind::fetch);
}

TEST_CASE("a check that runs shows its output before its command is known",
          "[desktop][conversation]") {
    Log log;
    log.add(1, TurnStarted{"task"});
    log.add(1, ToolOutput{"verify-1-1", "[1/2] a\n"});
    log.add(1, ToolOutput{"verify-1-1", "[2/2] b\n"});
    const Conversation now = build(log.events);
    REQUIRE(now.turns[0].items.size() == 1);
    CHECK(now.turns[0].items[0].get<CheckItem>().isRunning);
    CHECK(now.turns[0].items[0].get<CheckItem>().outputTail == "[1/2] a\n[2/2] b\n");
    log.add(1, VerificationRun{.command = "ninja", .outputTail = "b\n", .passed = true});
    const Conversation then = build(log.events);
    REQUIRE(then.turns[0].items.size() == 1);
    CHECK(then.turns[0].items[0].get<CheckItem>().command == "ninja");
    CHECK_FALSE(then.turns[0].items[0].get<CheckItem>().isRunning);
}

TEST_CASE("a killed turn stays without an end, and its calls are interrupted",
          "[desktop][conversation]") {
    Log log = wholeTurn();
    log.add(2, TurnStarted{"go on"});
    const Conversation now = build(log.events);
    REQUIRE(now.turns.size() == 2);
    CHECK_FALSE(now.turns[0].isRunning);
    CHECK_FALSE(now.turns[0].status.has_value());
    CHECK(now.turns[0].nAsking == 0);
    CHECK(cardAt(now.turns[0], 3).state == CardState::interrupted);
    CHECK(now.turns[1].isRunning);
}

TEST_CASE("any events in any order: changes tell all, snapshots stay as they were",
          "[desktop][conversation]") {
    for (unsigned seed = 1; seed <= 300; ++seed) {
        CAPTURE(seed);
        std::mt19937 random(seed);
        ConversationModel model;
        Mirror mirror;
        std::vector<Event> events;
        Conversation snapshot;
        std::vector<Event> upToSnapshot;
        for (int i = 0; i < 150; ++i) {
            events.push_back(randomEvent(random, i + 1));
            model.apply(events.back());
            if (random() % 5 == 0) mirror.play(model.takeChanges(), model.now());
            if (random() % 20 == 0) {
                REQUIRE(snapshot == build(upToSnapshot));  // nothing that came later shows in it
                snapshot = model.now();
                upToSnapshot = events;
            }
        }
        mirror.play(model.takeChanges(), model.now());
        mirror.check(model.now());
        REQUIRE(model.now() == build(events));
        for (int64_t t = 0; t < model.now().turns.size(); ++t) {
            const Turn& turn = model.now().turns[t];
            REQUIRE(turn.nAsking >= 0);
            REQUIRE(turn.summary.nSteps >= 0);
            REQUIRE(turn.answerItem < turn.items.size());
        }
    }
}

TEST_CASE("applying and copying cost the same late as early in a long session",
          "[desktop][conversation]") {
    ConversationModel model;
    const auto run = [&](int first, int last) {
        const auto begin = std::chrono::steady_clock::now();
        for (int i = first; i < last; ++i) {
            model.apply({i * 3 + 1, i, i / 10, TurnStarted{"task"}});
            model.apply({i * 3 + 2, i, i / 10, Delta{"text", "an answer"}});
            model.apply({i * 3 + 3, i, i / 10, assistant("an answer, whole", "", {})});
            const Conversation snapshot = model.now();
            model.takeChanges();
        }
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    };
    run(0, 1000);
    const double early = run(1000, 2000);
    run(2000, 20'000);
    const double late = run(20'000, 21'000);
    CHECK(model.now().turns.size() == 21'000);
    CHECK(late < early * 20 + 0.05);  // quadratic would be tens of times more, and no limit to it
}

TEST_CASE("100,000 messages", "[.bench]") {
    std::vector<Event> events;
    for (int i = 0; i < 50'000; ++i) {
        events.push_back({i * 2 + 1, i, i, TurnStarted{"a task of some words"}});
        events.push_back({i * 2 + 2, i, i, assistant(std::string(400, 'x'), "", {})});
    }
    const auto begin = std::chrono::steady_clock::now();
    ConversationModel model;
    for (const Event& event : events)
        model.apply(event);
    const auto applied = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i) {
        const Conversation snapshot = model.now();
        model.apply({200'000 + i, 1, 50'000, Delta{"text", "word "}});
    }
    const auto end = std::chrono::steady_clock::now();
    const auto ms = [](auto from, auto to) {
        return std::chrono::duration<double, std::milli>(to - from).count();
    };
    std::printf("100,000 messages applied in %.0f ms; a snapshot and a delta then %.4f ms\n",
                ms(begin, applied), ms(applied, end) / 1000);
}

}  // namespace moxie::desktop
