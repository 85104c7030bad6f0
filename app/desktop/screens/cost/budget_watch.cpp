#include "app/desktop/screens/cost/budget_watch.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "app/desktop/screens/cost/cost_history.h"
#include "app/desktop/screens/cost/cost_texts.h"
#include "app/desktop/session/session_model.h"
#include "app/desktop/shell/settings.h"

namespace moxie::desktop {

namespace {

constexpr double kNano = 1e9;

struct KindRow {
    BudgetKind kind;
    std::string_view setting;
};

constexpr std::array<KindRow, kBudgetKinds> kKinds = {{
    {BudgetKind::sessionMoney, "budget.session_usd"},
    {BudgetKind::dayMoney, "budget.day_usd"},
    {BudgetKind::projectMoney, "budget.project_usd"},
    {BudgetKind::sessionTokens, "budget.session_tokens"},
    {BudgetKind::dayTokens, "budget.day_tokens"},
    {BudgetKind::projectTokens, "budget.project_tokens"},
}};

int64_t limitOf(const KindRow& row, const Settings& settings) {
    return isMoney(row.kind) ? std::llround(settings.number(row.setting) * kNano)
                             : settings.integer(row.setting);
}

int64_t amountOf(const Cost& cost, BudgetKind kind) {
    return isMoney(kind) ? cost.nanoDollars
                         : cost.freshTokens + cost.cachedTokens + cost.outputTokens;
}

double shareOf(const BudgetLine& line) {
    return double(line.spent) / double(line.limit);
}

QString amountText(BudgetKind kind, int64_t amount) {
    return isMoney(kind) ? shortMoney(amount) : shortTokens(amount);
}

}  // namespace

bool isMoney(BudgetKind kind) {
    return kind <= BudgetKind::projectMoney;
}

BudgetWatch::BudgetWatch(SessionModel& session, CostHistory& history, const Settings& settings,
                         QObject* parent)
    : QObject(parent),
      session_(session),
      history_(history),
      settings_(settings) {
    connect(&session_, &SessionModel::changed, this, [this] {
        // Texts stream by; only a counted request can change anything here.
        if (std::exchange(nRequestsSeen_, session_.now().cost.nRequests) !=
            session_.now().cost.nRequests)
            look();
    });
    connect(&session_, &SessionModel::reset, this, &BudgetWatch::look);
    connect(&history_, &CostHistory::changed, this, &BudgetWatch::look);
    connect(&settings_, &Settings::changed, this, &BudgetWatch::look);
    look();
}

// What the ledger has of this session is replaced by what is known of it live; the difference is
// of today.
int64_t BudgetWatch::spentOf(BudgetKind kind) const {
    const int64_t session = amountOf(session_.now().cost, kind);
    if (kind == BudgetKind::sessionMoney || kind == BudgetKind::sessionTokens) return session;
    const CostLedger& ledger = history_.now();
    const SessionCosts* written = ledger.find(session_.id().toStdString());
    const int64_t known = written == nullptr ? 0 : amountOf(written->total(), kind);
    const bool isDay = kind == BudgetKind::dayMoney || kind == BudgetKind::dayTokens;
    const Cost cost = isDay ? ledger.ofDay(history_.today())
                            : ledger.ofProject(session_.repository().toStdString());
    return amountOf(cost, kind) + std::max<int64_t>(0, session - known);
}

void BudgetWatch::look() {
    std::vector<BudgetLine> lines;
    for (const KindRow& row : kKinds) {
        const int64_t limit = limitOf(row, settings_);
        if (limit <= 0 || allowance_.waived.contains(row.kind)) continue;
        BudgetLine line = {.kind = row.kind,
                           .spent = spentOf(row.kind),
                           .limit = limit + allowance_.raised[size_t(row.kind)]};
        line.state = budgetState(line.spent, line.limit);
        lines.push_back(line);
    }
    std::stable_sort(lines.begin(), lines.end(),
                     [](const auto& a, const auto& b) { return shareOf(a) > shareOf(b); });
    const bool isDifferent = std::exchange(lines_, std::move(lines)) != lines_;
    const bool isReached = !lines_.empty() && lines_.front().state == BudgetState::reached;
    hold(isReached ? std::optional(lines_.front()) : std::nullopt);
    for (const BudgetLine& line : lines_) {
        if (line.state == BudgetState::fine) warned_.erase(line.kind);
        if (line.state == BudgetState::near && warned_.insert(line.kind).second)
            emit near(sentenceOf(line));
    }
    if (isDifferent) emit linesChanged();
}

void BudgetWatch::hold(const std::optional<BudgetLine>& line) {
    const std::optional<BudgetLine> before = std::exchange(held_, line);
    if (!line) {
        hasStopped_ = false;
        if (before) emit released();
        return;
    }
    const bool isNew = !before || before->kind != line->kind || before->limit != line->limit;
    if (!isNew) return;
    if (session_.driver() == SessionModel::Driver::us) {
        const SharedList<Turn>& turns = session_.now().conversation.turns;
        hasStopped_ = hasStopped_ || (!turns.isEmpty() && turns.back().isRunning);
        session_.stop(SessionModel::Stop::afterCall);
    }
    emit reached(sentenceOf(*line));
}

QString BudgetWatch::sentenceOf(const BudgetLine& line) const {
    const QString spent = amountText(line.kind, line.spent);
    const QString limit = amountText(line.kind, line.limit);
    switch (line.kind) {
        case BudgetKind::sessionMoney:
            return tr("This session has used %1 of its budget of %2.").arg(spent, limit);
        case BudgetKind::dayMoney:
            return tr("Today %1 of the day's budget of %2 were used.").arg(spent, limit);
        case BudgetKind::projectMoney:
            return tr("This project has used %1 of its budget of %2.").arg(spent, limit);
        case BudgetKind::sessionTokens:
            return tr("This session has used %1 of its budget of %2 tokens.").arg(spent, limit);
        case BudgetKind::dayTokens:
            return tr("Today %1 of the day's budget of %2 tokens were used.").arg(spent, limit);
        case BudgetKind::projectTokens:
            return tr("This project has used %1 of its budget of %2 tokens.").arg(spent, limit);
    }
    return {};
}

int64_t BudgetWatch::raisedLimit(const BudgetLine& line) const {
    const int64_t set = line.limit - allowance_.raised[size_t(line.kind)];
    const int64_t step = std::max<int64_t>(1, set / 2);
    // Far enough that there is room again, however much was spent.
    const int64_t nSteps = std::max<int64_t>(1, (line.spent - line.limit) / step + 1);
    return line.limit + step * nSteps;
}

agent::Budget BudgetWatch::bounded(agent::Budget turn) const {
    for (const BudgetLine& line : lines_) {
        // A bound of 0 would be none.
        const int64_t left = std::max<int64_t>(1, line.limit - line.spent);
        if (isMoney(line.kind)) {
            const double dollars = double(left) / kNano;
            turn.costUsd = turn.costUsd > 0 ? std::min(turn.costUsd, dollars) : dollars;
        } else {
            turn.tokens = turn.tokens > 0 ? std::min(turn.tokens, left) : left;
        }
    }
    return turn;
}

void BudgetWatch::raise() {
    if (!held_) return;
    BudgetAllowance wider = allowance_;
    wider.raised[size_t(held_->kind)] += raisedLimit(*held_) - held_->limit;
    allow(wider);
}

void BudgetWatch::setAllowance(const BudgetAllowance& allowance) {
    allowance_ = allowance;
    look();
}

// The agent, too, ends a turn at what bounded() left it.
bool BudgetWatch::hasCutTurn() const {
    const SharedList<Turn>& turns = session_.now().conversation.turns;
    if (turns.isEmpty()) return false;
    const bool isOpen =
        turns.back().isRunning || turns.back().status == agent::EndStatus::interrupted;
    return (hasStopped_ && isOpen) || turns.back().status == agent::EndStatus::budget;
}

void BudgetWatch::allow(const BudgetAllowance& allowance) {
    const bool goesOn = hasCutTurn();
    setAllowance(allowance);
    emit allowed();
    if (goesOn && !isHolding()) emit goOnWanted();
}

void BudgetWatch::switchToLocal() {
    if (!held_ || !isMoney(held_->kind)) return;
    BudgetAllowance wider = allowance_;
    for (const KindRow& row : kKinds)
        if (isMoney(row.kind)) wider.waived.insert(row.kind);
    emit localWanted();
    allow(wider);
}

void BudgetWatch::stop() {
    if (session_.driver() == SessionModel::Driver::us) session_.stop(SessionModel::Stop::now);
}

}  // namespace moxie::desktop
