// The user's own plan and the mode of a resumed session: recorded, told once, nothing sent before
// is touched.
#include <thread>

#include "agent/event_log.h"
#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

const std::string kPlan = R"([{"text":"read it","status":"done"},)"
                          R"({"text":"mend\nit","status":"in_progress","priority":"high",)"
                          R"("touches":["a.txt","b\n.txt"]}])";
const std::string kNote =
    "It takes the place of yours:\\n[x] read it\\n[>] mend it (high priority) (touches a.txt, b "
    ".txt)";

size_t count(const std::string& text, const std::string& part) {
    size_t n = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        ++n;
    return n;
}

void checkPrefix(const Rig& rig) {
    const auto requests = rig.model.requests();
    for (size_t i = 1; i < requests.size(); ++i)
        REQUIRE(requests[i].starts_with(stablePrefix(requests[i - 1])));
}

void resume(Rig& rig) {
    const std::string id = rig.session->id();
    rig.session.reset();
    auto resumed = Session::resume(id, rig.options, rig.environment());
    REQUIRE(resumed);
    rig.session = std::move(*resumed);
}

}  // namespace

TEST_CASE("a plan changed within a turn is told before the next request", "[agent][plan]") {
    Rig rig({calls("read", R"({"path":"a.txt"})"), says("done"), says("again")});
    bool wasChanged = false;
    rig.onEvent = [&](const Event& event) {
        if (!std::holds_alternative<RequestSent>(event.body) || wasChanged) return;
        wasChanged = true;
        std::jthread([&] { rig.session->changePlan(kPlan); }).join();
    };
    auto started = Session::start(rig.options, rig.environment());
    REQUIRE(started);
    rig.session = std::move(*started);
    rig.run("x");
    const auto plans = rig.all<PlanChanged>();
    REQUIRE(plans.size() == 1);
    CHECK(plans[0].byUser);
    CHECK(plans[0].itemsJson == kPlan);
    const auto requests = rig.model.requests();
    REQUIRE(requests.size() == 2);
    CHECK(count(requests[0], kNote) == 0);
    CHECK(count(requests[1], kNote) == 1);
    rig.run("y");
    CHECK(count(rig.model.requests().back(), kNote) == 1);
    checkPrefix(rig);
}

TEST_CASE("a plan changed between turns is in the log at once and told with the next task",
          "[agent][plan]") {
    for (const bool isResumed : {false, true}) {
        CAPTURE(isResumed);
        Rig rig({says("hello"), says("done")});
        rig.run("x");
        rig.session->changePlan(R"([{"text":"old","status":"pending"}])");
        rig.session->changePlan(kPlan);
        CHECK(rig.all<PlanChanged>().size() == 2);
        if (isResumed) resume(rig);
        rig.run("go on");
        CHECK(count(rig.model.requests().back(), kNote) == 1);
        CHECK(count(rig.model.requests().back(), "[ ] old") == 0);
        if (isResumed) resume(rig);
        CHECK(count(rig.session->serialiseNextRequest(), kNote) == 1);
        checkPrefix(rig);
    }
}

TEST_CASE("a plan changed after the model's last word is told with the next task",
          "[agent][plan]") {
    Rig rig({calls("write", R"({"path":"b.txt","content":"x"})"), says("done"), says("again")});
    rig.options.verifyCommands = {"true"};
    rig.onEvent = [&](const Event& event) {
        if (std::holds_alternative<VerificationRun>(event.body)) rig.session->changePlan(kPlan);
    };
    auto started = Session::start(rig.options, rig.environment());
    REQUIRE(started);
    rig.session = std::move(*started);
    rig.run("x");
    CHECK(rig.all<PlanChanged>().size() == 1);
    CHECK(std::holds_alternative<TurnEnded>(rig.events.back().body));
    rig.onEvent = {};
    rig.run("y");
    CHECK(count(rig.model.requests().back(), kNote) == 1);
    checkPrefix(rig);
}

TEST_CASE("a fork is told the plan that its parent was not", "[agent][plan]") {
    Rig rig({says("hello"), says("done")});
    rig.run("x");
    rig.session->changePlan(kPlan);
    auto forked = Session::fork(rig.session->id(), 0, rig.options, rig.environment());
    REQUIRE(forked);
    rig.session = std::move(*forked);
    rig.run("y");
    CHECK(count(rig.model.requests().back(), kNote) == 1);
}

TEST_CASE("a fork in another mode than its parent's is told so", "[agent][plan]") {
    Rig rig({says("hello"), says("done")});
    rig.options.mode = PermissionMode::plan;
    rig.run("x");
    rig.options.mode = PermissionMode::autoEdit;
    auto forked = Session::fork(rig.session->id(), 0, rig.options, rig.environment());
    REQUIRE(forked);
    rig.session = std::move(*forked);
    rig.run("y");
    CHECK(count(rig.model.requests().back(),
                "[permission mode: auto-edit; until now it was plan]") == 1);
    checkPrefix(rig);
}

TEST_CASE("what is no plan is refused with a notice", "[agent][plan]") {
    for (const char* wrong :
         {"", "{}", "[1]", R"([{"text":"a"}])", R"([{"text":" ","status":"done"}])",
          R"([{"text":"a","status":"later"}])", "[{\"text\":\"\xff\",\"status\":\"done\"}]"}) {
        CAPTURE(wrong);
        Rig rig({says("hello"), says("done")});
        rig.run("x");
        rig.session->changePlan(wrong);
        CHECK(rig.all<PlanChanged>().empty());
        CHECK(rig.all<Notice>().back().code == "plan_refused");
        rig.run("y");
        CHECK(count(rig.model.requests().back(), "[plan changed") == 0);
    }
}

TEST_CASE("many threads may change the plan while turns run", "[agent][plan]") {
    Rig rig([](size_t n, const engine::ChatRequest&) {
        return n % 3 == 2 ? says("over") : calls("read", R"({"path":"a.txt"})");
    });
    rig.run("first");
    {
        std::vector<std::jthread> people;
        for (int i = 0; i < 4; ++i)
            people.emplace_back([&] {
                for (int k = 0; k < 25; ++k)
                    rig.session->changePlan(kPlan);
            });
        for (int turn = 0; turn < 5; ++turn)
            rig.session->runTurn("t", {});
    }
    rig.run("last");
    CHECK(rig.all<PlanChanged>().size() == 100);
    for (size_t i = 0; i < rig.events.size(); ++i)
        REQUIRE(rig.events[i].seq == int64_t(i) + 1);
    checkPrefix(rig);
}

TEST_CASE("approving a plan: the next turn works, and the model is told its mode",
          "[agent][plan]") {
    Rig rig({calls("write", R"({"path":"b.txt","content":"x"})"), says("I would write b.txt."),
             calls("write", R"({"path":"b.txt","content":"x"})"), says("done"), says("again")});
    rig.options.mode = PermissionMode::plan;
    rig.run("plan it");
    CHECK_FALSE(std::filesystem::exists(rig.repository / "b.txt"));
    CHECK(count(rig.model.requests()[0], "permission mode: plan") == 1);
    rig.options.mode = PermissionMode::autonomous;
    resume(rig);
    rig.run("do it");
    CHECK(readText(rig.repository / "b.txt") == "x");
    const std::string note = "[permission mode: auto; until now it was plan]";
    CHECK(count(rig.model.requests().back(), note) == 1);
    resume(rig);
    rig.run("and now");
    CHECK(count(rig.model.requests().back(), note) == 1);
    checkPrefix(rig);
    const auto turns = rig.all<TurnStarted>();
    CHECK(turns.at(0).mode == "plan");
    CHECK(turns.back().mode == "auto");
}
