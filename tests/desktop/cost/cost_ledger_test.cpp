#include "app/desktop/screens/cost/cost_ledger.h"

#include <chrono>
#include <cstdio>

#include "base/file.h"
#include "tests/desktop/cost/cost_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

CostLedger read(const CostRig& rig, const CostLedger& before = {}) {
    tests::FakeClock clock;
    const auto ledger = readCosts(rig.sessions(), before, clock, {});
    REQUIRE(ledger);
    return *ledger;
}

}  // namespace

TEST_CASE("days and projects add up over all sessions", "[desktop][cost]") {
    CostRig it;
    it.store(0.25);
    it.store(0.5, "/other");
    it.clock.advance(24 * kHourMs);
    it.store(1.0);
    const CostLedger ledger = read(it);
    REQUIRE(ledger.sessions.size() == 3);
    const int64_t today = dayOf(it.clock.wallMs(), 0);
    CHECK(ledger.ofDay(today).nanoDollars == 1'000'000'000);
    CHECK(ledger.ofDay(today - 1).nanoDollars == 750'000'000);
    CHECK(ledger.ofDay(today - 1).freshTokens == 1'200);
    CHECK(ledger.ofProject("/repo").nanoDollars == 1'250'000'000);
    Cost sum, whole;
    for (const DayCost& row : ledger.days(0, today))
        sum += row.cost;
    for (const SessionCosts& session : ledger.sessions)
        whole += session.total();
    CHECK(sum == whole);
}

TEST_CASE("only a log that changed is read again", "[desktop][cost]") {
    CostRig it;
    const std::string id = it.store(0.25);
    const std::string other = it.store(0.5);
    const CostLedger first = read(it);
    CostLedger planted = first;  // what is in the ledger stays as long as the stamp fits
    planted.sessions[0].days[0].cost.nanoDollars = 7;
    planted.sessions[1].days[0].cost.nanoDollars = 7;
    CHECK(read(it, planted) == planted);
    auto log = agent::EventLog::open(it.sessions(), id, agent::EventLog::Access::drive, it.clock);
    REQUIRE(log);
    REQUIRE((*log)->append(2, used(1'000, 0, 100, 0.75)));
    const CostLedger second = read(it, planted);
    CHECK(second.find(id)->total().nanoDollars == 750'000'000);
    CHECK(second.find(other)->total().nanoDollars == 7);
}

TEST_CASE("the file of the ledger gives back what was written, and nothing from a broken one",
          "[desktop][cost]") {
    CostRig it;
    it.store(0.25);
    CostLedger ledger = read(it);
    ledger.sessions[0].days[0].cost.localMs = 12;
    REQUIRE(saveLedger(it.ledgerFile(), ledger));
    CHECK(loadLedger(it.ledgerFile(), 0) == ledger);
    CHECK(loadLedger(it.ledgerFile(), kHourMs).sessions.empty());  // other borders of days
    const auto text = base::readFile(it.ledgerFile());
    REQUIRE(text);
    for (size_t cut = 0; cut < text->size(); cut += 7) {
        REQUIRE(base::writeFileAtomically(it.ledgerFile(), text->substr(0, cut)));
        CHECK(loadLedger(it.ledgerFile(), 0).sessions.empty());
    }
    REQUIRE(base::writeFileAtomically(
        it.ledgerFile(),
        R"({"version":1,"utc_offset_ms":0,"sessions":[{"id":"a","repository":"","stamp":"","days":[["x"]]}]})"));
    CHECK(loadLedger(it.ledgerFile(), 0).sessions.empty());
}

TEST_CASE("a broken session hides no other", "[desktop][cost]") {
    CostRig it;
    it.store(0.25);
    std::filesystem::create_directories(it.sessions() / "broken");
    REQUIRE(base::writeFileAtomically(it.sessions() / "broken" / "log.sqlite", "no database"));
    CHECK(read(it).sessions.size() == 1);
}

TEST_CASE("a local answer costs no money but time", "[desktop][cost]") {
    CostModel model;
    int64_t seq = 0, timeMs = 1'000;
    const auto apply = [&](agent::EventBody body) {
        model.apply("s", {.seq = ++seq, .timeMs = timeMs, .turn = 1, .body = std::move(body)});
    };
    apply(agent::RequestSent{});
    apply(answeredBy("local"));
    timeMs += 2'500;
    apply(used(1'000, 0, 100, -1));
    CHECK(model.session("s").nUnpriced == 0);
    CHECK(model.session("s").nLocal == 1);
    CHECK(model.session("s").localMs == 2'500);
    CHECK(model.session("s").localOutputTokens == 100);
    apply(answeredBy("openai"));
    apply(used(1'000, 0, 100, -1));
    CHECK(model.session("s").nUnpriced == 1);
    CHECK(model.session("s").nLocal == 1);
}

TEST_CASE("cost of a thousand sessions", "[.bench][desktop][cost]") {
    CostRig it;
    for (int i = 0; i < 1'000; ++i) {
        auto log = agent::EventLog::create(it.sessions(), it.clock);
        REQUIRE(log);
        std::vector<agent::EventBody> bodies;
        for (int k = 0; k < 30; ++k) {
            bodies.push_back(agent::RequestSent{});
            bodies.push_back(agent::Delta{"text", std::string(400, 'x')});
            bodies.push_back(used(1'000, 400, 100, 0.01 * k));
        }
        REQUIRE((*log)->appendAll(1, std::move(bodies)));
        it.clock.advance(60'000);
    }
    const auto timed = [&](const CostLedger& before, const char* what) {
        const auto begin = std::chrono::steady_clock::now();
        CostLedger ledger = read(it, before);
        std::printf(
            "  1,000 sessions, %s: %.0f ms\n", what,
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                .count());
        return ledger;
    };
    const CostLedger first = timed({}, "the first time");
    timed(first, "again");
    const auto begin = std::chrono::steady_clock::now();
    REQUIRE(saveLedger(it.ledgerFile(), first));
    CHECK(loadLedger(it.ledgerFile(), 0) == first);
    std::printf(
        "  its file written and read: %.0f ms, %.0f kB\n",
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count(),
        double(std::filesystem::file_size(it.ledgerFile())) / 1e3);
}
