// The button in the status bar that says what today cost, and opens the panel. While a session
// works the ledger is brought up to date after each counted request, not more than once a second.
// Threads: GUI thread only.
#pragma once
#include <QPointer>
#include <QToolButton>

class QTimer;

namespace moxie::desktop {

class Appearance;
class BudgetWatch;
class CostHistory;
class CostPanel;
class SessionModel;

class CostChip final : public QToolButton {
    Q_OBJECT

public:
    // Both outlive it.
    CostChip(CostHistory& history, const Appearance& appearance, QWidget* parent = nullptr);

    // nullptr: no session is open. Both may go before the chip.
    void setSession(SessionModel* session, const BudgetWatch* budgets);

    void openPanel();

    CostPanel& panel() const { return *panel_; }

protected:
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void look();

    CostHistory& history_;
    const Appearance& appearance_;
    QPointer<SessionModel> session_;
    QPointer<const BudgetWatch> budgets_;
    CostPanel* panel_;
    QTimer* soon_;
    qint64 nRequestsSeen_ = 0;
};

}  // namespace moxie::desktop
