#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>

#include "app/desktop/screens/cost/budget_bar.h"
#include "app/desktop/screens/cost/budget_watch.h"
#include "tests/desktop/cost/cost_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct BudgetRig : CostRig {
    void watch() {
        budgets = std::make_unique<BudgetWatch>(session, *history, *settings);
        bar = std::make_unique<BudgetBar>(*budgets, appearance);
        near = std::make_unique<QSignalSpy>(budgets.get(), &BudgetWatch::near);
        reached = std::make_unique<QSignalSpy>(budgets.get(), &BudgetWatch::reached);
    }

    // One more request of the session, that has cost `usd` in all then.
    void spend(double usd) { session.apply({used(1'000, 0, 100, usd)}); }

    QPushButton& button(const char* name) {
        auto* found = bar->findChild<QPushButton*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return *found;
    }

    QString sentence() {
        return bar->findChild<QLabel*>(QStringLiteral("budget.sentence"))->text();
    }

    std::unique_ptr<BudgetWatch> budgets;
    std::unique_ptr<BudgetBar> bar;
    std::unique_ptr<QSignalSpy> near, reached;
};

}  // namespace

TEST_CASE("a budget warns once at 80 % and pauses the turn after its call at 100 %",
          "[desktop][budget]") {
    BudgetRig it;
    it.set("budget.session_usd", "2");
    it.watch();
    it.session.set(SessionModel::Driver::us);
    it.session.apply({agent::TurnStarted{"t"}});
    it.spend(1.5);
    CHECK(it.near->isEmpty());
    CHECK_FALSE(it.bar->isVisibleTo(nullptr));
    it.spend(1.6);
    it.spend(1.7);
    REQUIRE(it.near->size() == 1);
    CHECK((*it.near)[0][0].toString() ==
          QStringLiteral("This session has used $1.60 of its budget of $2.00."));
    CHECK_FALSE(it.budgets->isHolding());
    CHECK(it.session.wishes.empty());
    it.spend(2.01);
    it.spend(2.02);
    CHECK(it.reached->size() == 1);
    CHECK(it.budgets->isHolding());
    CHECK(it.session.wishes == std::vector<std::string>{"stop afterCall"});
}

TEST_CASE("a raised budget lets go and holds again at the new limit", "[desktop][budget]") {
    BudgetRig it;
    it.set("budget.session_usd", "2");
    it.watch();
    it.spend(2.5);
    REQUIRE(it.budgets->isHolding());
    it.bar->show();
    CHECK(it.button("budget.raise").text() == QStringLiteral("Raise to $3.00"));
    it.button("budget.raise").click();
    CHECK_FALSE(it.budgets->isHolding());
    CHECK(it.bar->isHidden() == (it.near->isEmpty()));
    it.spend(3.0);
    CHECK(it.budgets->isHolding());
    CHECK(it.reached->size() == 2);
    it.spend(7.4);
    CHECK(it.button("budget.raise").text() == QStringLiteral("Raise to $4.00"));
    it.bar->setLocalModel({});  // asks again what to offer
    CHECK(it.button("budget.raise").text() == QStringLiteral("Raise to $8.00"));
    it.set("budget.session_usd", "0");
    CHECK_FALSE(it.budgets->isHolding());
}

TEST_CASE("the local model is offered where there is one and money is the matter",
          "[desktop][budget]") {
    BudgetRig it;
    it.set("budget.session_usd", "1");
    it.watch();
    it.spend(1.5);
    CHECK_FALSE(it.button("budget.local").isVisibleTo(it.bar.get()));
    it.bar->setLocalModel(QStringLiteral("Qwen3-Coder"));
    CHECK(it.button("budget.local").isVisibleTo(it.bar.get()));
    QSignalSpy wanted(it.budgets.get(), &BudgetWatch::localWanted);
    it.button("budget.local").click();
    CHECK(wanted.size() == 1);
    CHECK_FALSE(it.budgets->isHolding());
    it.spend(2.0);
    CHECK_FALSE(it.budgets->isHolding());
    it.set("budget.session_tokens", "1000");
    CHECK(it.budgets->isHolding());
    CHECK_FALSE(it.button("budget.local").isVisibleTo(it.bar.get()));
}

TEST_CASE("stopping ends the turn and goes on holding", "[desktop][budget]") {
    BudgetRig it;
    it.set("budget.session_tokens", "1000");
    it.watch();
    it.session.set(SessionModel::Driver::us);
    it.spend(0.1);
    it.button("budget.stop").click();
    CHECK(it.session.wishes == std::vector<std::string>{"stop afterCall", "stop now"});
    CHECK(it.budgets->isHolding());
    CHECK(it.bar->isHidden());
}

TEST_CASE("day and project count what other sessions spent, each once", "[desktop][budget]") {
    BudgetRig it;
    it.session.repository_ = QStringLiteral("/repo");
    it.store(0.5);
    it.store(3.0, "/other");
    it.session.id_ = QString::fromStdString(it.store(0.25));
    it.refresh();
    it.set("budget.day_usd", "10");
    it.set("budget.project_usd", "2");
    it.watch();
    it.spend(0.75);  // 0.25 of it is in the ledger
    REQUIRE(it.budgets->lines().size() == 2);
    const BudgetLine& project = it.budgets->lines()[0];
    CHECK(project.kind == BudgetKind::projectMoney);
    CHECK(project.spent == 1'250'000'000);
    CHECK(it.budgets->lines()[1].spent == 4'250'000'000);
}

TEST_CASE("a turn gets no more than what is left", "[desktop][budget]") {
    BudgetRig it;
    it.watch();
    CHECK(it.budgets->bounded({.costUsd = 3}).costUsd == 3);
    it.set("budget.session_usd", "2");
    it.set("budget.session_tokens", "5000");
    it.spend(1.5);
    CHECK(it.budgets->bounded({}).costUsd == Approx(0.5));
    CHECK(it.budgets->bounded({.costUsd = 0.1}).costUsd == Approx(0.1));
    CHECK(it.budgets->bounded({}).tokens == 3'900);
    it.spend(9);
    CHECK(it.budgets->bounded({}).costUsd > 0);  // 0 would be no bound
}
