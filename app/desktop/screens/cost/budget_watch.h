// Holds the budgets of session, day and project against what was spent. At 80 % it says so once; at
// 100 % it stops the turn after the tool call that runs (SessionModel::stop(afterCall)) and holds
// until the user raised the budget, chose a local model, or a setting or the day changed.
// Enforced here: the pause between tool calls. Enforced by whoever sends: no turn begins while
// isHolding(). Enforced by the agent: bounded() makes what is left the bound of the next turn.
// Money counts where the price is known; local answers cost none. Threads: GUI thread only.
#pragma once
#include <QObject>
#include <QString>
#include <array>
#include <optional>
#include <set>
#include <vector>

#include "agent/session.h"
#include "app/desktop/model/cost_model.h"

namespace moxie::desktop {

class CostHistory;
class SessionModel;
class Settings;

enum class BudgetKind : uint8_t {
    sessionMoney,
    dayMoney,
    projectMoney,
    sessionTokens,
    dayTokens,
    projectTokens,
};
inline constexpr int kBudgetKinds = 6;

struct BudgetLine {
    BudgetKind kind = BudgetKind::sessionMoney;
    int64_t spent = 0, limit = 0;  // nano-dollars or tokens; the limit as raised
    BudgetState state = BudgetState::none;
    bool operator==(const BudgetLine&) const = default;
};

bool isMoney(BudgetKind kind);

// What the user allowed one session beyond its budgets.
struct BudgetAllowance {
    std::array<int64_t, kBudgetKinds> raised = {};  // on top of the limits
    std::set<BudgetKind> waived = {};
};

class BudgetWatch final : public QObject {
    Q_OBJECT

public:
    // All outlive it.
    BudgetWatch(SessionModel& session, CostHistory& history, const Settings& settings,
                QObject* parent = nullptr);

    // The budgets that are set, the fullest first.
    const std::vector<BudgetLine>& lines() const { return lines_; }

    // A budget is reached: no turn should begin.
    bool isHolding() const { return held_.has_value(); }

    const std::optional<BudgetLine>& held() const { return held_; }

    // "This session has used $2.00 of its budget of $2.00."
    QString sentenceOf(const BudgetLine& line) const;
    // What raise() would make of the limit: half of the set one more.
    int64_t raisedLimit(const BudgetLine& line) const;

    // The bounds of a turn, no wider than what is left of the budgets.
    agent::Budget bounded(agent::Budget turn) const;

    // What raise() and switchToLocal() have made of it. It holds for this session until the window
    // is closed; whoever makes a watch for the session once more brings it along.
    const BudgetAllowance& allowance() const { return allowance_; }

    void setAllowance(const BudgetAllowance& allowance);

    // ---- the three choices
    void raise();
    void switchToLocal();  // of a budget of money: it counts no more for this session
    void stop();

signals:
    void near(const QString& sentence);
    void reached(const QString& sentence);
    void released();  // nothing is held any more
    void localWanted();
    void allowed();  // allowance() is wider
    // The user chose to raise or to go on locally, nothing is held any more, and it was a budget
    // that ended the last turn.
    void goOnWanted();
    void linesChanged();

private:
    void look();
    int64_t spentOf(BudgetKind kind) const;
    void hold(const std::optional<BudgetLine>& line);
    bool hasCutTurn() const;
    void allow(const BudgetAllowance& allowance);

    SessionModel& session_;
    CostHistory& history_;
    const Settings& settings_;
    std::vector<BudgetLine> lines_;
    std::optional<BudgetLine> held_;
    BudgetAllowance allowance_;
    std::set<BudgetKind> warned_;
    bool hasStopped_ = false;  // the last turn, while it ran
    int64_t nRequestsSeen_ = 0;
};

}  // namespace moxie::desktop
