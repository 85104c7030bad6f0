// The smaller models: plan, cost, list of sessions.
#include <cmath>
#include <random>

#include "app/desktop/model/cost_model.h"
#include "app/desktop/model/plan_model.h"
#include "app/desktop/model/session_list.h"
#include "tests/catch.h"

// Events are spelled with the fields that matter to a case; the others keep their empty values.
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

namespace moxie::desktop {

namespace {

agent::Event event(int64_t seq, int32_t turn, int64_t timeMs, agent::EventBody body) {
    return {seq, timeMs, turn, std::move(body)};
}

std::vector<std::string> idsOf(const SessionList& list, SessionFilter filter,
                               std::string_view words = {}) {
    std::vector<std::string> ids;
    for (const ProjectRows& project : list.rows(filter, words))
        for (const SessionRow& row : project.sessions)
            ids.push_back(row.id);
    return ids;
}

SessionRow rowOf(const SessionList& list, std::string_view id) {
    for (const ProjectRows& project : list.rows(SessionFilter::all))
        for (const SessionRow& row : project.sessions)
            if (row.id == id) return row;
    return {};
}

}  // namespace

TEST_CASE("the plan is what the agent said last, with the calls that served each entry",
          "[desktop][plan]") {
    PlanModel plan;
    CHECK(plan.apply(event(
        1, 1, 0,
        agent::PlanChanged{
            R"([{"text":"find","status":"in_progress"},{"text":"mend","status":"pending"}])"})));
    CHECK(plan.now().active == 0);
    CHECK(plan.apply(event(2, 1, 0, agent::ToolCallStarted{.callId = "c1", .tool = "grep"})));
    CHECK(plan.apply(
        event(3, 1, 0,
              agent::PlanChanged{
                  R"([{"text":"find","status":"done"},{"text":"mend","status":"in_progress"}])"})));
    CHECK(plan.now().nDone == 1);
    CHECK(plan.now().entries[0].callIds == std::vector<std::string>{"c1"});
    for (const char* wrong : {"", "{", "{}", "[1,null,{\"text\":3}]", "[[[["})
        plan.apply(event(4, 1, 0, agent::PlanChanged{wrong}));
    CHECK(plan.now().entries.size() == 1);  // of the last readable list, its one object
    CHECK(plan.now().active == -1);
}

TEST_CASE("the rows of the cost table add up, whatever the log says", "[desktop][cost]") {
    std::mt19937 random(5);
    CostModel costs(8LL * 3600 * 1000);
    double running[3] = {};
    int64_t seqs[3] = {};
    const char* const ids[] = {"a", "b", "c"};
    for (int i = 0; i < 2000; ++i) {
        const size_t s = random() % 3;
        running[s] += double(random() % 1000) / 7e6;
        agent::UsageCounted counted;
        counted.usage = {int64_t(random() % 9000), int64_t(random() % 9000),
                         int64_t(random() % 900) - 10, int64_t(random() % 900)};
        counted.costUsd = random() % 50 == 0 ? -1 : running[s];
        if (random() % 100 == 0) counted.costUsd = std::nan("");
        const auto counting = event(++seqs[s], int32_t(i / 40), i * 3'600'000LL, counted);
        CHECK(costs.apply(ids[s], counting));
        CHECK_FALSE(costs.apply(ids[s], counting));  // the same event again
    }
    Cost bySession, byDay;
    for (size_t s = 0; s < 3; ++s) {
        Cost byTurn;
        for (const TurnCost& row : costs.turns(ids[s]))
            byTurn += row.cost;
        CHECK(byTurn == costs.session(ids[s]));
        bySession += byTurn;
    }
    for (const DayCost& row : costs.days())
        byDay += row.cost;
    CHECK(bySession == costs.total());
    CHECK(byDay == costs.total());
    CHECK(costs.total().nRequests == 2000);
    CHECK(costs.total().nUnpriced > 0);
    CHECK(std::abs(double(costs.total().nanoDollars) / 1e9 - running[0] - running[1] - running[2]) <
          0.01);
    CHECK(costs.days().front().day == 0);
    CHECK(budgetState(79, 100) == BudgetState::fine);
    CHECK(budgetState(80, 100) == BudgetState::near);
    CHECK(budgetState(100, 100) == BudgetState::reached);
    CHECK(budgetState(5, 0) == BudgetState::none);
}

TEST_CASE("sessions that need the user come first, then those at work, then by time",
          "[desktop][sessions]") {
    SessionList list;
    const auto info = [](const char* id, const char* status, int64_t changedMs, bool isLeased) {
        agent::SessionInfo made;
        made.id = id;
        made.repository = "/home/me/one";
        made.firstTask = std::string("Task of ") + id + "\nmore";
        made.lastStatus = status;
        made.changedMs = changedMs;
        made.isLeased = isLeased;
        return made;
    };
    auto other = info("other", "verified", 900, false);
    other.repository = "/home/me/two";
    list.setSessions({info("old", "verified", 100, false), info("run", "running", 200, true),
                      info("killed", "running", 250, false), info("new", "error", 300, false),
                      info("limit", "budget", 50, false), other});
    CHECK(idsOf(list, SessionFilter::all) ==
          std::vector<std::string>{"other", "limit", "run", "new", "killed", "old"});
    CHECK(rowOf(list, "old").state == SessionState::finishedUnseen);
    CHECK(rowOf(list, "new").state == SessionState::failed);
    CHECK(rowOf(list, "old").title == "Task of old");
    CHECK(rowOf(list, "run").state == SessionState::working);
    CHECK(rowOf(list, "killed").state != SessionState::working);
    list.markSeen("old", 1000);
    CHECK(rowOf(list, "old").state == SessionState::idle);

    CHECK(list.apply("run", event(7, 2, 400, agent::PermissionAsked{"c"})));
    CHECK(rowOf(list, "run").state == SessionState::needsPermission);
    CHECK(list.nNeedMe() == 2);
    CHECK(idsOf(list, SessionFilter::needsMe) == std::vector<std::string>{"run", "limit"});
    CHECK(list.apply("run", event(8, 2, 410, agent::PermissionAnswered{"c", "once", ""})));
    CHECK(idsOf(list, SessionFilter::running) == std::vector<std::string>{"run"});
    agent::MessageAdded said;
    said.message = {.role = engine::Role::assistant, .text = "Which one do you mean?"};
    list.apply("run", event(9, 2, 420, said));
    list.apply("run", event(10, 2, 430, agent::TurnEnded{agent::EndStatus::unverified}));
    CHECK(rowOf(list, "run").state == SessionState::asks);

    list.setMarks("new", {.title = "My name", .seenMs = 0, .isArchived = true});
    CHECK(idsOf(list, SessionFilter::archived) == std::vector<std::string>{"new"});
    CHECK(idsOf(list, SessionFilter::all, "TASK killed") == std::vector<std::string>{"killed"});
    list.setSessions({info("old", "verified", 100, false)});
    CHECK(idsOf(list, SessionFilter::all) == std::vector<std::string>{"old"});
}

}  // namespace moxie::desktop
