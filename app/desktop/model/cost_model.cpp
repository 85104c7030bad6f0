#include "app/desktop/model/cost_model.h"

#include <algorithm>
#include <cmath>

namespace moxie::desktop {

namespace {

constexpr int64_t kDayMs = 24LL * 3600 * 1000;
constexpr double kDollarsMax = 1e9;  // a log that says more is wrong

int64_t nanoDollars(double dollars) {
    if (!(dollars >= 0)) return -1;  // unknown, or no number
    return int64_t(std::llround(std::min(dollars, kDollarsMax) * 1e9));
}

// Counts from a log: never negative, never so large that sums overflow.
int64_t count(int64_t tokens) {
    return std::clamp<int64_t>(tokens, 0, int64_t(1) << 40);
}

int64_t dayOf(int64_t localMs) {
    return localMs / kDayMs - (localMs % kDayMs < 0 ? 1 : 0);
}

}  // namespace

Cost& Cost::operator+=(const Cost& other) {
    freshTokens += other.freshTokens;
    cachedTokens += other.cachedTokens;
    outputTokens += other.outputTokens;
    reasoningTokens += other.reasoningTokens;
    nanoDollars += other.nanoDollars;
    nRequests += other.nRequests;
    nUnpriced += other.nUnpriced;
    nLocal += other.nLocal;
    localMs += other.localMs;
    localOutputTokens += other.localOutputTokens;
    return *this;
}

BudgetState budgetState(int64_t spent, int64_t limit) {
    if (limit <= 0) return BudgetState::none;
    if (spent >= limit) return BudgetState::reached;
    return double(spent) >= 0.8 * double(limit) ? BudgetState::near : BudgetState::fine;
}

bool CostModel::apply(std::string_view sessionId, const agent::Event& event) {
    const auto* counted = std::get_if<agent::UsageCounted>(&event.body);
    const auto* answering = std::get_if<agent::ModelAnswering>(&event.body);
    const bool isRequest = std::holds_alternative<agent::RequestSent>(event.body);
    if (counted == nullptr && answering == nullptr && !isRequest) return false;
    auto found = sessions_.find(sessionId);
    if (found == sessions_.end()) found = sessions_.emplace(sessionId, Session()).first;
    Session& session = found->second;
    if (isRequest) session.requestMs = event.timeMs;
    if (answering != nullptr) session.isLocal = answering->chosen.backend == "local";
    if (counted == nullptr) return false;
    if (event.seq != 0 && event.seq <= session.lastSeq) return false;
    session.lastSeq = event.seq;

    const engine::Usage& usage = counted->usage;
    Cost cost;
    cost.cachedTokens = std::min(count(usage.cachedInputTokens), count(usage.inputTokens));
    cost.freshTokens = count(usage.inputTokens) - cost.cachedTokens;
    cost.outputTokens = count(usage.outputTokens);
    cost.reasoningTokens = std::min(count(usage.reasoningTokens), cost.outputTokens);
    cost.nRequests = 1;
    const int64_t running = nanoDollars(counted->costUsd);
    cost.nUnpriced = running < 0 && !session.isLocal ? 1 : 0;
    if (session.isLocal) {
        cost.nLocal = 1;
        cost.localOutputTokens = cost.outputTokens;
        if (session.requestMs > 0)
            cost.localMs = std::max<int64_t>(0, event.timeMs - session.requestMs);
    }
    if (running > session.nanoDollars) {
        cost.nanoDollars = running - session.nanoDollars;
        session.nanoDollars = running;
    }
    if (session.turns.empty() || session.turns.back().turn != event.turn)
        session.turns.push_back({event.turn, {}});
    session.turns.back().cost += cost;
    days_[dayOf(event.timeMs + utcOffsetMs_)] += cost;
    return true;
}

std::vector<TurnCost> CostModel::turns(std::string_view sessionId) const {
    const auto found = sessions_.find(sessionId);
    return found == sessions_.end() ? std::vector<TurnCost>() : found->second.turns;
}

Cost CostModel::session(std::string_view sessionId) const {
    Cost sum;
    for (const TurnCost& row : turns(sessionId))
        sum += row.cost;
    return sum;
}

std::vector<DayCost> CostModel::days() const {
    std::vector<DayCost> rows;
    for (const auto& [day, cost] : days_)
        rows.push_back({day, cost});
    return rows;
}

Cost CostModel::total() const {
    Cost sum;
    for (const auto& [day, cost] : days_)
        sum += cost;
    return sum;
}

}  // namespace moxie::desktop
