// The middle column: one session's conversation, its budget strip, its plan and the message box.
// What these ask of each other is answered here, what leads to other columns goes out as signals of
// the parts. Threads: GUI thread only.
#pragma once
#include <QWidget>

#include "app/desktop/session/live_environment.h"
#include "base/clock.h"

namespace moxie::desktop {

class ActionRegistry;
class Appearance;
class AsideModel;
class AsidePanel;
class BudgetBar;
class BudgetWatch;
class ComposerScreen;
class ConversationScreen;
class DraftStore;
class PlanStrip;
class SessionModel;
class Settings;
class Suggester;

// Outlive every page.
struct PageNeeds {
    Appearance& appearance;
    ActionRegistry& registry;
    const Settings& settings;
    const base::Clock& clock;
    BudgetWatch& budgets;  // of the page's session
    DraftStore& drafts;
    Suggester& suggester;
    AsideModel& aside;
};

class SessionPage final : public QWidget {
    Q_OBJECT

public:
    // `session` outlives the page.
    SessionPage(SessionModel& session, const PageNeeds& needs, QWidget* parent = nullptr);

    SessionModel& session() const { return session_; }

    ConversationScreen& conversation() const { return *conversation_; }

    ComposerScreen& composer() const { return *composer_; }

    AsidePanel& aside() const { return *aside_; }

    // What can be said and offered before a model has answered.
    void setPlannedModels(const PlannedModels& models);

private:
    void followSettings(const Settings& settings);
    void connectParts(BudgetWatch& budgets);

    SessionModel& session_;
    ConversationScreen* conversation_;
    AsidePanel* aside_;
    BudgetBar* budgetBar_;
    PlanStrip* plan_;
    ComposerScreen* composer_;
};

}  // namespace moxie::desktop
