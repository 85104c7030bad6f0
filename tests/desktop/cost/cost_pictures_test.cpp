// Pictures of the cost panel and the budget strip, to be looked at:
//   MOXIE_PICTURES=/tmp/pictures moxie_test_desktop_cost "[.pictures]"
#include <QComboBox>
#include <QDir>
#include <QPixmap>
#include <QVBoxLayout>

#include "app/desktop/screens/cost/budget_bar.h"
#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/screens/cost/cost_chip.h"
#include "app/desktop/screens/cost/cost_panel.h"
#include "app/desktop/shell/translations.h"
#include "tests/desktop/cost/cost_rig.h"
#include "tests/desktop/long_texts.h"

using namespace moxie;
using namespace moxie::desktop;
using namespace moxie::desktop::testing;

namespace {

void save(QWidget& window, const QString& name) {
    for (int i = 0; i < 5; ++i)  // each layout inside another takes a round
        QApplication::processEvents();
    CHECK(clippedTexts(window) == "");
    if (!qEnvironmentVariableIsSet("MOXIE_PICTURES")) return;
    const QString folder = qEnvironmentVariable("MOXIE_PICTURES");
    QDir().mkpath(folder);
    CHECK(window.grab().save(folder + QLatin1Char('/') + name + QStringLiteral(".png")));
}

}  // namespace

TEST_CASE("pictures of the cost panel and the budget strip", "[.pictures][desktop][cost]") {
    CostRig it;
    it.appearance.applyTo(application());
    Translations translations;
    it.set("budget.session_usd", "1");
    it.set("budget.day_usd", "5");
    for (int day = 0; day < 9; ++day) {
        it.store(0.31 * day);
        it.clock.advance(-24 * kHourMs);
    }
    it.clock.advance(9 * 24 * kHourMs);
    it.refresh();
    BudgetWatch budgets(it.session, *it.history, *it.settings);
    CostPanel panel(*it.history, it.appearance);
    BudgetBar bar(budgets, it.appearance);
    bar.setLocalModel(QStringLiteral("Qwen3-Coder-30B"));
    panel.setSession(&it.session, &budgets);
    showActive(panel, {640, 480});
    save(panel, QStringLiteral("cost-empty"));
    for (int turn = 1; turn <= 4; ++turn) {
        it.session.apply({agent::TurnStarted{"t"}}, turn);
        it.session.timeMs += 40'000;
        it.session.apply(
            {used(21'500 * turn, 18'000 * turn, 910 * turn, 0.11 * turn, 300), turnEnded()}, turn);
    }
    it.session.apply({agent::TurnStarted{"t"}, used(96'000, 90'000, 1'200, 0.83, 500)}, 5);
    bar.resize(760, bar.sizeHint().height());
    bar.show();
    for (const auto& [choice, name] :
         {std::pair{ThemeChoice::light, "light"}, std::pair{ThemeChoice::dark, "dark"},
          std::pair{ThemeChoice::contrastDark, "contrast"}}) {
        it.appearance.setChoice(choice);
        save(panel, QStringLiteral("cost-") + QLatin1String(name));
        save(bar, QStringLiteral("budget-near-") + QLatin1String(name));
    }
    it.appearance.setChoice(ThemeChoice::light);
    panel.findChild<QComboBox*>()->setCurrentIndex(1);
    save(panel, QStringLiteral("cost-month"));
    it.session.apply({used(96'000, 90'000, 1'200, 1.03, 500)}, 5);
    for (const auto& [choice, name] :
         {std::pair{ThemeChoice::light, "light"}, std::pair{ThemeChoice::dark, "dark"}}) {
        it.appearance.setChoice(choice);
        save(bar, QStringLiteral("budget-reached-") + QLatin1String(name));
    }
    it.appearance.setChoice(ThemeChoice::light);
    it.appearance.setTextPercent(150);
    save(panel, QStringLiteral("cost-150"));
    it.appearance.setTextPercent(100);
    translations.use(QStringLiteral("zh"));
    save(panel, QStringLiteral("cost-zh-light"));
    save(bar, QStringLiteral("budget-reached-zh-light"));
    it.appearance.setChoice(ThemeChoice::dark);
    save(panel, QStringLiteral("cost-zh-dark"));
    save(bar, QStringLiteral("budget-reached-zh-dark"));
    translations.use(QStringLiteral("en"));
}

TEST_CASE("the cost panel and the budget strip have room for longer texts",
          "[desktop][cost][l10n]") {
    CostRig it;
    it.appearance.applyTo(it.app);
    it.set("budget.session_usd", "1");
    const LongTexts longTexts;
    BudgetWatch budgets(it.session, *it.history, *it.settings);
    CostPanel panel(*it.history, it.appearance);
    BudgetBar bar(budgets, it.appearance);
    bar.setLocalModel(QStringLiteral("Qwen3-Coder-30B"));
    panel.setSession(&it.session, &budgets);
    showActive(panel, {640, 480});
    save(panel, QStringLiteral("cost-long-empty"));
    it.session.apply({agent::TurnStarted{"t"}, used(96'000, 90'000, 1'200, 1.03, 500)}, 1);
    save(panel, QStringLiteral("cost-long"));
    bar.resize(760, bar.sizeHint().height());
    bar.show();
    save(bar, QStringLiteral("budget-reached-long"));
}
