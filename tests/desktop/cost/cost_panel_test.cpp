#include "app/desktop/screens/cost/cost_panel.h"

#include <QComboBox>
#include <QLabel>
#include <QTableView>
#include <random>

#include "app/desktop/screens/cost/cost_chip.h"
#include "app/desktop/screens/cost/cost_texts.h"
#include "tests/desktop/cost/cost_rig.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

struct PanelRig : CostRig {
    PanelRig() : panel(*history, appearance) { panel.setSession(&session, nullptr); }

    QString cell(const char* table, int row, int column) {
        const auto* view = panel.findChild<QTableView*>(QLatin1String(table));
        REQUIRE(view != nullptr);
        return view->model()->index(row, column).data().toString();
    }

    QString label(const char* name) {
        const auto* found = panel.findChild<QLabel*>(QLatin1String(name));
        REQUIRE(found != nullptr);
        return found->text();
    }

    CostPanel panel;
};

int64_t unitsOf(QString money) {
    money.remove(QLatin1Char('$')).remove(QLatin1Char('~')).remove(QLatin1Char(','));
    return std::llround(money.toDouble() * 10'000);
}

}  // namespace

TEST_CASE("rows as they are shown add up to the total as it is shown", "[desktop][cost]") {
    application();
    std::mt19937 random(7);
    for (int round = 0; round < 200; ++round) {
        std::vector<CostRow> rows;
        Cost whole;
        for (unsigned i = 0; i < 1 + random() % 30; ++i) {
            CostRow row;
            row.cost.freshTokens = int64_t(random() % 100'000);
            row.cost.cachedTokens = int64_t(random() % 100'000);
            row.cost.outputTokens = int64_t(random() % 10'000);
            row.cost.reasoningTokens = int64_t(random() % 1'000);
            row.cost.nanoDollars = int64_t(random() % 3'000'000);
            row.cost.nRequests = 1;
            whole += row.cost;
            rows.push_back(row);
        }
        CostTable table;
        table.setRows(rows);
        REQUIRE(table.rowCount() == int(rows.size()) + 1);
        CHECK(table.row(int(rows.size())).cost == whole);
        for (const int column : {CostTable::fresh, CostTable::cached, CostTable::output,
                                 CostTable::reasoning, CostTable::money}) {
            int64_t sum = 0;
            const auto shown = [&](int row) {
                return unitsOf(table.index(row, column).data().toString());
            };
            for (int row = 0; row < int(rows.size()); ++row)
                sum += shown(row);
            CHECK(sum == shown(int(rows.size())));
        }
    }
}

TEST_CASE("money says what is not known of it", "[desktop][cost]") {
    application();
    Cost cost = {.nanoDollars = 41'200'000, .nRequests = 2};
    CHECK(moneyText(cost, Settled::yes) == QStringLiteral("$0.0412"));
    CHECK(moneyText(cost, Settled::no) == QStringLiteral("~$0.0412"));
    cost.nUnpriced = 1;
    CHECK(moneyText(cost, Settled::yes) == QStringLiteral("at least $0.0412"));
    CHECK(moneyText({.nRequests = 1, .nUnpriced = 1}, Settled::yes) ==
          QStringLiteral("unknown price"));
    CHECK(moneyText({.nRequests = 1, .nLocal = 1}, Settled::yes) == QStringLiteral("local"));
    CHECK(shortTokens(999) == QStringLiteral("999"));
    CHECK(shortTokens(12'345) == QStringLiteral("12.3k"));
    CHECK(shortTokens(1'234'567) == QStringLiteral("1.2M"));
}

TEST_CASE("the panel shows turn, session, day and month", "[desktop][cost]") {
    PanelRig it;
    it.store(0.5);
    it.clock.advance(-24 * kHourMs);
    it.store(0.25);
    it.clock.advance(24 * kHourMs);
    it.refresh();
    it.session.apply({agent::TurnStarted{"one"}, used(1'000, 400, 100, 0.01), turnEnded()}, 1);
    it.session.apply({agent::TurnStarted{"two"}, used(2'000, 0, 50, 0.03)}, 2);
    showActive(it.panel, {700, 600});
    CHECK(it.cell("cost.summary", 0, CostTable::money) == QStringLiteral("~$0.0200"));
    CHECK(it.cell("cost.summary", 0, CostTable::fresh) == QStringLiteral("2,000"));
    CHECK(it.cell("cost.summary", 1, CostTable::money) == QStringLiteral("~$0.0300"));
    CHECK(it.cell("cost.summary", 1, CostTable::cached) == QStringLiteral("400"));
    CHECK(it.cell("cost.summary", 2, CostTable::money) == QStringLiteral("~$0.5000"));
    CHECK(it.cell("cost.summary", 3, CostTable::money) == QStringLiteral("~$0.7500"));
    CHECK(it.cell("cost.rows", 0, CostTable::title) == QStringLiteral("Turn 2"));
    CHECK(it.cell("cost.rows", 2, CostTable::money) == QStringLiteral("~$0.0300"));
    it.panel.findChild<QComboBox*>()->setCurrentIndex(1);
    CHECK(it.cell("cost.rows", 0, CostTable::money) == QStringLiteral("$0.5000"));
    CHECK(it.cell("cost.rows", 2, CostTable::title) == QStringLiteral("Total"));
    CHECK(it.cell("cost.rows", 2, CostTable::money) == QStringLiteral("$0.7500"));
    CHECK(it.label("cost.prices").contains(QStringLiteral("2026")) ==
          it.label("cost.prices").contains(QStringLiteral("20")));
    CHECK_FALSE(it.label("cost.rate").isEmpty());
}

TEST_CASE("a session that sent nothing, and no session at all, have their words",
          "[desktop][cost]") {
    PanelRig it;
    showActive(it.panel, {700, 600});
    CHECK(it.label("cost.message") ==
          QStringLiteral("This session has sent nothing to a model yet."));
    it.panel.setSession(nullptr, nullptr);
    it.panel.findChild<QComboBox*>()->setCurrentIndex(1);
    REQUIRE(waitUntil([&] {
        return it.label("cost.message") ==
               QStringLiteral("Nothing was sent to a model this month.");
    }));
}

TEST_CASE("the chip says what today cost and opens the panel", "[desktop][cost]") {
    CostRig it;
    it.store(0.5);
    CostChip chip(*it.history, it.appearance);
    chip.setSession(&it.session, nullptr);
    CHECK(chip.text().contains(QChar(0x2026)));
    it.refresh();
    CHECK(chip.text() == QStringLiteral("today $0.50"));
    CHECK(chip.accessibleName() == QStringLiteral("Cost: today $0.50"));
    it.session.set(SessionModel::Driver::us);
    CHECK(chip.text() == QStringLiteral("today ~$0.50"));
    it.store(0.25);
    it.session.apply({agent::TurnStarted{"t"}, used(10, 0, 1, 0.01)});  // as if it were ours
    CHECK(waitUntil([&] { return chip.text() == QStringLiteral("today ~$0.75"); }));
    showActive(chip, {120, 24});
    chip.click();
    CHECK(chip.panel().isVisible());
    QTest::keyClick(&chip.panel(), Qt::Key_Escape);
    CHECK(waitUntil([&] { return !chip.panel().isVisible(); }));
}
