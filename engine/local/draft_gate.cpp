#include "engine/local/draft_gate.h"

#include <algorithm>

#include "base/result.h"

namespace moxie::engine {

namespace {

constexpr double kLentShare = 0.005;    // of all time, to each source
constexpr double kCreditTokens = 6;     // plain tokens' time that past wins may pay for
constexpr double kKeptOfPace = 0.9;     // of the steps before, at each new one
constexpr size_t kPlainStepsFirst = 4;  // before anything is drafted
constexpr size_t kPlainStepsKept = 7;
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
    if (plain_.size() < kPlainStepsFirst || stepsSincePlain_ >= kPlainEverySteps) return {};
    std::vector<DraftSource> open;
    for (const DraftSource source : sources)
        if (draftTokens(source) > 0) open.push_back(source);
    std::ranges::stable_sort(open, {},
                             [&](DraftSource source) { return arm(source).pace.perToken(); });
    return open;
}

int64_t DraftGate::draftTokens(DraftSource source) const {
    const Arm& a = arm(source);
    const double funds = a.balance + kLentShare * elapsed_;
    // Catching up is paid once: in debt for it, a drafter goes on for as long as it wins time.
    if (funds < 0) return a.trial > 0 ? a.draftTokensMin : 0;
    if (!a.drafts.isKnown()) return a.draftTokens;
    const double cost = a.drafts.perToken();
    if (cost * static_cast<double>(a.draftTokens) <= funds) return a.draftTokens;
    return static_cast<int64_t>(funds / cost);
}

void DraftGate::record(const DraftStep& step) {
    elapsed_ += step.seconds;
    if (step.source == DraftSource::none) {
        if (plain_.size() == kPlainStepsKept) plain_.erase(plain_.begin());
        plain_.push_back(step.seconds);
        stepsSincePlain_ = 0;
        return;
    }
    ++stepsSincePlain_;
    adapt(arms_[step.source == DraftSource::lookup ? 0 : 1], step);
}

// The median, the lower one of two: the first steps after loading take many times as long, and
// would make every draft look like a gain.
double DraftGate::plainSeconds() const {
    if (plain_.empty()) return 0;
    std::vector<double> sorted = plain_;
    std::ranges::sort(sorted);
    return sorted[(sorted.size() - 1) / 2];
}

void DraftGate::adapt(Arm& arm, const DraftStep& step) const {
    const double seconds = step.seconds - step.catchUpSeconds;
    const double plain = plainSeconds();
    const double won = static_cast<double>(step.given) * plain - seconds;
    arm.pace.add(seconds, step.given);
    arm.drafts.add(seconds - plain, step.drafted);
    const double most = kCreditTokens * plain;
    arm.balance = std::min(arm.balance + won - step.catchUpSeconds, most);
    arm.trial = std::min(std::max(arm.trial, 0.0) + won, most);
    const bool isAllRight = step.given > step.drafted;
    if (isAllRight && step.drafted >= arm.draftTokens)
        arm.draftTokens = std::min(arm.draftTokens * 2, arm.draftTokensMax);
    else if (!isAllRight)
        arm.draftTokens = std::max(arm.draftTokensMin,
                                   std::min(arm.draftTokens, std::max<int64_t>(step.given, 1)));
}

}  // namespace moxie::engine
