#include "engine/local/draft_gate.h"

#include <algorithm>

#include "base/result.h"

namespace moxie::engine {

namespace {

constexpr double kLentShare = 0.005;     // of all time, to each source
constexpr double kCreditTokens = 6;      // plain tokens' time that past wins may pay for
constexpr double kKeptOfPace = 0.9;      // of the steps before, at each new one
constexpr int64_t kPlainStepsFirst = 2;  // before anything is drafted
constexpr int64_t kPlainEverySteps = 64;

}  // namespace

void DraftGate::Pace::add(double stepSeconds, int64_t stepTokens) {
    seconds = kKeptOfPace * seconds + stepSeconds;
    tokens = kKeptOfPace * tokens + static_cast<double>(stepTokens);
}

const DraftGate::Arm& DraftGate::arm(DraftSource source) const {
    BASE_CHECK(source != DraftSource::none);
    return arms_[source == DraftSource::lookup ? 0 : 1];
}

// Without a recent plain step nobody knows what a draft wins.
std::vector<DraftSource> DraftGate::order(std::span<const DraftSource> sources) const {
    if (plainSteps_ < kPlainStepsFirst || stepsSincePlain_ >= kPlainEverySteps) return {};
    std::vector<DraftSource> open;
    for (const DraftSource source : sources)
        if (draftTokens(source) > 0) open.push_back(source);
    std::ranges::stable_sort(open, {},
                             [&](DraftSource source) { return arm(source).pace.perToken(); });
    return open;
}

int64_t DraftGate::draftTokens(DraftSource source) const {
    const Arm& a = arm(source);
    if (!a.drafts.isKnown()) return a.draftTokens;
    const double funds = a.balance + kLentShare * elapsed_;
    if (funds < 0) return 0;
    const double cost = a.drafts.perToken();
    if (cost * static_cast<double>(a.draftTokens) <= funds) return a.draftTokens;
    return static_cast<int64_t>(funds / cost);
}

void DraftGate::record(const DraftStep& step) {
    elapsed_ += step.seconds;
    if (step.source == DraftSource::none) {
        plain_.add(step.seconds, step.given);
        ++plainSteps_;
        stepsSincePlain_ = 0;
        return;
    }
    ++stepsSincePlain_;
    adapt(arms_[step.source == DraftSource::lookup ? 0 : 1], step);
}

void DraftGate::adapt(Arm& arm, const DraftStep& step) const {
    arm.pace.add(step.seconds, step.given);
    arm.drafts.add(step.seconds - plain_.perToken(), step.drafted);
    arm.balance += static_cast<double>(step.given) * plain_.perToken() - step.seconds;
    arm.balance = std::min(arm.balance, kCreditTokens * plain_.perToken());
    const bool isAllRight = step.given > step.drafted;
    if (isAllRight && step.drafted >= arm.draftTokens)
        arm.draftTokens = std::min(arm.draftTokens * 2, arm.draftTokensMax);
    else if (!isAllRight)
        arm.draftTokens = std::max(arm.draftTokensMin,
                                   std::min(arm.draftTokens, std::max<int64_t>(step.given, 1)));
}

}  // namespace moxie::engine
