#include "app/desktop/window/session_page.h"

#include <QVBoxLayout>
#include <algorithm>
#include <utility>
#include <vector>

#include "app/desktop/screens/composer/composer_screen.h"
#include "app/desktop/screens/conversation/aside_panel.h"
#include "app/desktop/screens/conversation/conversation_screen.h"
#include "app/desktop/screens/cost/budget_bar.h"
#include "app/desktop/screens/cost/budget_watch.h"
#include "app/desktop/screens/plan/plan_strip.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/shell/action_registry.h"
#include "app/desktop/shell/settings.h"

namespace moxie::desktop {

namespace {

Density densityFrom(const QString& word) {
    return word == QLatin1String("summary")   ? Density::summary
           : word == QLatin1String("verbose") ? Density::verbose
                                              : Density::normal;
}

// F6 goes from area to area (main_window.cpp).
template <class Area>
Area* asArea(Area* widget) {
    widget->setProperty("isArea", true);
    return widget;
}

}  // namespace

SessionPage::SessionPage(SessionModel& session, const PageNeeds& needs, QWidget* parent)
    : QWidget(parent),
      session_(session) {
    setObjectName(QStringLiteral("session"));
    conversation_ = asArea(
        new ConversationScreen(session, needs.appearance, needs.registry, needs.clock, this));
    aside_ = asArea(new AsidePanel(needs.aside, needs.appearance, needs.clock, this));
    budgetBar_ = new BudgetBar(needs.budgets, needs.appearance, this);
    plan_ = asArea(new PlanStrip(session, needs.appearance, this));
    composer_ = asArea(new ComposerScreen(session, needs.suggester, needs.drafts, needs.appearance,
                                          needs.registry, this));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(conversation_, 1);
    for (QWidget* part : {static_cast<QWidget*>(aside_), static_cast<QWidget*>(budgetBar_),
                          static_cast<QWidget*>(plan_), static_cast<QWidget*>(composer_)})
        column->addWidget(part);
    conversation_->setDensity(densityFrom(needs.settings.text("desktop.density")));
    // A question is answered from the message box, too.
    needs.registry.attach(ActionContext::permission, *this);
    followSettings(needs.settings);
    connectParts(needs.budgets);
    setFocusProxy(composer_);
}

void SessionPage::followSettings(const Settings& settings) {
    const auto apply = [this, &settings] {
        composer_->setSendKey(settings.isOn("desktop.enter_sends") ? SendKey::enter
                                                                   : SendKey::shiftEnter);
    };
    connect(&settings, &Settings::changed, this, apply);
    apply();
}

void SessionPage::connectParts(BudgetWatch& budgets) {
    connect(conversation_, &ConversationScreen::exampleChosen, composer_,
            &ComposerScreen::setDraft);
    connect(conversation_, &ConversationScreen::quoteWanted, composer_, &ComposerScreen::quote);
    connect(composer_, &ComposerScreen::asideWanted, aside_, &AsidePanel::open);
    connect(aside_, &AsidePanel::quoteWanted, composer_, &ComposerScreen::quote);
    connect(aside_, &AsidePanel::closed, composer_, [this] { composer_->setFocus(); });
    connect(aside_, &AsidePanel::openPlace, conversation_, &ConversationScreen::openPlace);
    connect(aside_, &AsidePanel::webWanted, conversation_, &ConversationScreen::webWanted);
    connect(plan_, &PlanStrip::fileWanted, conversation_,
            [this](const QString& path) { emit conversation_->openPlace(path, 0, 0); });
    connect(plan_, &PlanStrip::callsWanted, conversation_,
            [this](const std::vector<std::string>& callIds) {
                conversation_->showCall(callIds.front());
            });
    connect(plan_, &PlanStrip::approved, this,
            [this] { session_.send(tr("The plan is approved. Go ahead with it.")); });
    connect(&budgets, &BudgetWatch::reached, composer_, &ComposerScreen::setHeld);
    connect(&budgets, &BudgetWatch::released, composer_, [this] { composer_->setHeld({}); });
    if (budgets.isHolding()) composer_->setHeld(budgets.sentenceOf(*budgets.held()));
}

void SessionPage::setPlannedModels(const PlannedModels& models) {
    std::vector<ModelName> names;
    for (const PlannedModel& model : models)
        names.push_back({QString::fromStdString(model.name), QString::fromStdString(model.backend),
                         model.takesImages});
    const auto local = std::find_if(names.begin(), names.end(), [](const ModelName& name) {
        return name.backend == QLatin1String("local");
    });
    budgetBar_->setLocalModel(local == names.end() ? QString() : local->name);
    composer_->setModels(std::move(names));
}

}  // namespace moxie::desktop
