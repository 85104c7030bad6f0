#include "agent/outcome.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace moxie::agent {

namespace {

struct Facts {
    int64_t lastEffectSeq = 0;  // of a call that may have written or run something
    int64_t lastDeniedSeq = 0;  // of a call that was not allowed to
    std::string denied;         // its rule
    int64_t firstRunSeq = 0;    // of the last verification round
    int32_t round = 0, total = 0, nPassed = 0;
    std::string failedCommand;
};

void count(const VerificationRun& run, int64_t seq, Facts& facts) {
    if (run.round != facts.round) {
        facts.round = run.round;
        facts.firstRunSeq = seq;
        facts.nPassed = 0;
        facts.failedCommand.clear();
    }
    facts.total = run.total;
    if (run.passed)
        ++facts.nPassed;
    else if (facts.failedCommand.empty())
        facts.failedCommand = run.command;
}

Facts collect(const std::vector<Event>& events) {
    Facts facts;
    std::map<std::string, bool> hasEffect;  // by call id
    for (const Event& event : events) {
        if (const auto* started = std::get_if<ToolCallStarted>(&event.body)) {
            hasEffect[started->callId] = started->effects.find("write") != std::string::npos ||
                                         started->effects.find("execute") != std::string::npos;
        } else if (const auto* ended = std::get_if<ToolCallEnded>(&event.body)) {
            if (ended->wasRun && (hasEffect[ended->callId] || !ended->changedPaths.empty()))
                facts.lastEffectSeq = event.seq;
        } else if (const auto* answered = std::get_if<PermissionAnswered>(&event.body)) {
            if (answered->answer != "denied" && answered->answer != "unavailable") continue;
            facts.lastDeniedSeq = event.seq;
            facts.denied = answered->rule;
        } else if (const auto* run = std::get_if<VerificationRun>(&event.body)) {
            count(*run, event.seq, facts);
        }
    }
    return facts;
}

}  // namespace

Outcome computeOutcome(const std::vector<Event>& turnEvents) {
    const Facts facts = collect(turnEvents);
    if (facts.lastDeniedSeq > facts.lastEffectSeq)
        return {
            EndStatus::permission,
            fmt::format("the last step needed a permission that was not given ({})", facts.denied)};
    if (facts.round == 0) {
        if (facts.lastEffectSeq == 0)
            return {EndStatus::unverified, "nothing was changed, so there was nothing to verify"};
        return {EndStatus::unverified, "no command to verify the result was run"};
    }
    if (facts.firstRunSeq < facts.lastEffectSeq)
        return {EndStatus::unverified, "something was changed or run after the last verification"};
    if (!facts.failedCommand.empty())
        return {EndStatus::verificationFailed, fmt::format("{} did not pass", facts.failedCommand)};
    if (facts.nPassed != facts.total || facts.total <= 0)
        return {EndStatus::unverified, fmt::format("only {} of {} verification commands were run",
                                                   facts.nPassed, facts.total)};
    return {EndStatus::verified,
            fmt::format("{} of {} verification commands passed after the last change",
                        facts.nPassed, facts.total)};
}

}  // namespace moxie::agent
