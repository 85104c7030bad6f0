// Budgets at a real limit: the agent, its log and the window's bar.
#include <QLabel>

#include "tests/desktop/window/desk_rig.h"

using namespace moxie::desktop;
using namespace moxie::desktop::testing;
using moxie::tests::calls;
using moxie::tests::says;
using moxie::tests::ScriptedTurn;
namespace engine = moxie::engine;

namespace {

constexpr const char* kLook = R"({"command": "true"})";

// A step that used so many input tokens.
ScriptedTurn looks(int64_t tokens) {
    ScriptedTurn turn = calls("bash", kLook);
    for (engine::StreamEvent& event : turn.events)
        if (auto* usage = std::get_if<engine::Usage>(&event)) usage->inputTokens = tokens;
    return turn;
}

struct BudgetDesk : DeskRig {
    using DeskRig::DeskRig;

    bool isBarShown() const { return part<QWidget>("budget.bar")->isVisible(); }

    bool isHolding() const {
        return isBarShown() && part<QPushButton>("budget.raise")->isVisible();
    }

    size_t requests() const { return rig.model->requests().size(); }
};

}  // namespace

TEST_CASE("a session stops at its budget, and goes on with what it did once that is raised",
          "[desktop][window]") {
    BudgetDesk it([](size_t number, const engine::ChatRequest&) {
        return number < 3 ? looks(400) : says("Now it is done.");
    });
    it.set("budget.session_tokens", "1000");
    it.begin();
    CHECK_FALSE(it.isBarShown());
    it.type(qs("look around"));
    REQUIRE(waitUntil([&] { return it.isHolding() && it.isAtRest(); }));
    const size_t before = it.requests();
    CHECK(before <= 4);  // the third one reached it; the agent may have begun to hand over
    CHECK(it.part<QLabel>("budget.sentence")->text().contains(qs("budget of 1")));
    CHECK_FALSE(it.part<QPushButton>("composer.send")->isEnabled());
    it.composer().setDraft(qs("and now?"));
    CHECK_FALSE(it.part<QPushButton>("composer.send")->isEnabled());
    it.part<QPushButton>("budget.raise")->click();
    REQUIRE(waitUntil([&] { return it.isAtRest() && it.read().contains(qs("Now it is done.")); }));
    CHECK(it.read().contains(qs("Go on with the task.")));
    CHECK(it.composer().draft() == qs("and now?"));
    CHECK_FALSE(it.isHolding());
    CHECK(waitUntil([&] { return it.part<QPushButton>("composer.send")->isEnabled(); }));
}

TEST_CASE("what was raised for a session holds when it is shown again", "[desktop][window]") {
    BudgetDesk it([](size_t, const engine::ChatRequest&) { return says("First answer."); });
    it.set("budget.session_tokens", "100");
    it.begin();
    it.type(qs("one"));
    REQUIRE(waitUntil([&] { return it.isHolding() && it.isAtRest(); }));
    const QString id = it.desk.sessionId();
    it.part<QPushButton>("budget.raise")->click();
    it.desk.newSession();
    it.desk.openSession(id);
    REQUIRE(waitUntil([&] { return it.read().contains(qs("First answer.")); }));
    CHECK_FALSE(it.isHolding());
}

TEST_CASE("over a budget of money the session goes on with the local model", "[desktop][window]") {
    BudgetDesk it({looks(400), looks(400), looks(400), looks(400)});
    it.rig.model->modelLimits.price = {.input = 1'000.0};
    it.rig.localModel = std::make_shared<moxie::tests::FakeModel>(
        it.rig.clock, std::vector<ScriptedTurn>{says("Done at home.")});
    it.rig.planned = {{.name = "scripted", .backend = "openai"},
                      {.name = "qwen3-coder", .backend = "local"}};
    it.set("budget.session_usd", "0.5");
    it.begin();
    it.type(qs("look around"));
    REQUIRE(waitUntil([&] { return it.isHolding() && it.isAtRest(); }));
    auto* local = it.part<QPushButton>("budget.local");
    REQUIRE(local->isVisible());
    const size_t before = it.requests();
    local->click();
    REQUIRE(waitUntil([&] { return it.isAtRest() && it.read().contains(qs("Done at home.")); }));
    CHECK(it.requests() == before);
    CHECK_FALSE(it.isHolding());
}
