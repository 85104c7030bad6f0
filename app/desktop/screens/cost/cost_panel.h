// What was spent: this turn, the session, today, the month; then the session by turn or the month
// by day as rows that add up to their total, how fast it goes, and the budgets.
// Threads: GUI thread only.
#pragma once
#include <QFrame>
#include <QPointer>

#include "app/desktop/screens/cost/cost_table.h"

class QComboBox;
class QGridLayout;
class QLabel;
class QTableView;
class QVBoxLayout;

namespace moxie::desktop {

class Appearance;
class BudgetWatch;
class CostHistory;
class SessionModel;

// Of a session at this moment.
struct SessionSpending {
    Cost turn = {};  // the last one
    Settled settled = Settled::yes;
    int64_t workMs = 0;  // the time in which its turns ran
};

SessionSpending spendingOf(const SessionModel& session, int64_t nowMs);

class CostPanel final : public QFrame {
    Q_OBJECT

public:
    // Both outlive it.
    CostPanel(CostHistory& history, const Appearance& appearance, QWidget* parent = nullptr);

    // nullptr: no session is open. Both may go before the panel.
    void setSession(SessionModel* session, const BudgetWatch* budgets);

protected:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void refresh();
    void showSummary();
    void showRows();
    void showBudgets();
    QString rateText() const;
    void retranslate();
    void look();
    void fitTable();

    CostHistory& history_;
    const Appearance& appearance_;
    QPointer<SessionModel> session_;
    QPointer<const BudgetWatch> budgets_;
    CostTable* summary_;  // its rows are no parts of one another, so its total is hidden
    CostTable* rows_;
    QLabel* heading_;
    QLabel* prices_;
    QTableView* summaryView_;
    QComboBox* choice_;
    QTableView* rowsView_;
    QLabel* message_;  // instead of rows
    QLabel* rate_;
    QLabel* budgetsLabel_;
};

}  // namespace moxie::desktop
