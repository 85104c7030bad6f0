// The end of a turn: what Turn does when the model says that it is done.
#include <fmt/format.h>

#include <algorithm>

#include "agent/name_check.h"
#include "agent/turn.h"
#include "agent/verification.h"
#include "base/text.h"

namespace moxie::agent {

namespace {

constexpr int32_t kContinuationsMax = 2;
constexpr int64_t kEventsMax = 1'000'000;
constexpr int64_t kOutputForModelBytes = 8000;
constexpr size_t kCheckOutputBytesMax = 256'000;

// What no check has looked at: everything where none ran, else what is found out at run time only.
std::string unprovedNames(const std::vector<indexer::UnknownName>& names, EndStatus status) {
    std::vector<indexer::UnknownName> unproved = names;
    if (status == EndStatus::verified)
        std::erase_if(unproved, [](const auto& name) { return isProvedByBuild(name.path); });
    if (unproved.empty()) return "";
    return fmt::format(
        "[names that nothing here defines, imports or used before]\n{}Where one is a slip, mend "
        "it; where it exists (a library, made at run time), leave it. Then stop again.",
        listed(unproved));
}

bool isGood(EndStatus status) {
    return status == EndStatus::verified || status == EndStatus::unverified;
}

std::string failureText(const std::vector<Event>& events) {
    for (auto event = events.rbegin(); event != events.rend(); ++event)
        if (const auto* run = std::get_if<VerificationRun>(&event->body); run && !run->passed)
            return fmt::format(
                "[verification failed: {} ended with exit code {}]\n{}\nFind the cause and mend "
                "it, then stop again. Do not weaken the check.",
                run->command, run->exitCode,
                base::headAndTail(run->outputTail, kOutputForModelBytes / 4,
                                  kOutputForModelBytes * 3 / 4));
    return "";
}

}  // namespace

Turn::MaybeEnd Turn::complete(const std::string& finalText) {
    if (isStopped()) return stopped();
    paths_ = {};
    if (auto paths = state_.changes.paths()) {
        paths_ = std::move(*paths);
    } else {
        TRY(state_.recorder.notice("warning", "no_diff", paths.error().message()));
    }
    TRY_ASSIGN(const auto names, checkNames());
    TRY_ASSIGN(std::vector<Event> events, state_.log->read(firstSeq_, kEventsMax));
    if (computeOutcome(events).status != EndStatus::verified) {
        TRY_ASSIGN(const std::optional<Outcome> end, verify());
        if (end) return end;
        TRY_ASSIGN(events, state_.log->read(firstSeq_, kEventsMax));
    }
    Outcome outcome = computeOutcome(events);
    const std::string unproved = unprovedNames(names, outcome.status);
    if (outcome.status == EndStatus::verificationFailed && nRounds_ <= kContinuationsMax &&
        !budget_.spent()) {
        TRY(addUser(failureText(events) + (unproved.empty() ? "" : "\n\n" + unproved)));
        return std::nullopt;
    }
    if (isGood(outcome.status) && !unproved.empty() && !budget_.spent()) {
        TRY(addUser(unproved));
        return std::nullopt;
    }
    TRY_ASSIGN(outcome, commit(std::move(outcome), finalText));
    return std::optional<Outcome>(std::move(outcome));
}

base::Result<std::vector<indexer::UnknownName>> Turn::checkNames() {
    std::vector<indexer::UnknownName> fresh;
    if (!state_.environment.index || paths_.changed.empty()) return fresh;
    auto names = unknownNames(state_.changes, paths_.changed, state_.workspace,
                              *state_.environment.index, stop_.get_token());
    if (!names) {
        if (names.error().kind() != base::Errc::cancelled)
            TRY(state_.recorder.notice("warning", "names_unchecked", names.error().message()));
        return fresh;
    }
    for (indexer::UnknownName& name : *names) {
        const bool isTold = std::any_of(
            toldNames_.begin(), toldNames_.end(),
            [&](const auto& told) { return told.name == name.name && told.path == name.path; });
        if (!isTold) fresh.push_back(std::move(name));
    }
    if (!fresh.empty()) TRY(state_.recorder.notice("warning", "unknown_names", listed(fresh)));
    toldNames_.insert(toldNames_.end(), fresh.begin(), fresh.end());
    return fresh;
}

Turn::MaybeEnd Turn::verify() {
    const bool isAskedFor = !state_.options.verifyCommands.empty();
    if (state_.options.mode == PermissionMode::plan) return std::nullopt;
    if (paths_.changed.empty() && !isAskedFor) return std::nullopt;
    const VerificationPlan plan =
        planVerification(state_.workspace.root(), state_.options.verifyCommands);
    for (const std::string& note : plan.notes)
        TRY(state_.recorder.notice("warning", "verification_unavailable", note));
    if (plan.commands.empty()) {
        TRY(state_.recorder.notice("info", "nothing_to_verify",
                                   "the project has no build or test command that is known here"));
        return std::nullopt;
    }
    // Checks run code of the project: they may change files as well.
    if (auto taken = state_.changes.ensureCheckpoint(state_.recorder); !taken) {
        TRY(state_.recorder.notice("error", "checkpoint_failed", taken.error().message()));
        return std::nullopt;
    }
    return runChecks(plan.commands);
}

Turn::MaybeEnd Turn::runChecks(const std::vector<std::string>& commands) {
    ++nRounds_;
    for (size_t i = 0; i < commands.size(); ++i) {
        if (isStopped()) return stopped();
        Batch live(state_.environment.clock);
        size_t liveBytes = 0;
        base::Status recorded;
        const std::string id = fmt::format("verify-{}-{}", nRounds_, i + 1);
        const auto flush = [&](bool isLast) {
            if (live.isEmpty() || !recorded) return;
            std::string text = live.take(isLast);
            liveBytes += text.size();
            recorded = state_.recorder.add(ToolOutput{id, std::move(text)});
        };
        CheckRequest request{.command = commands[i],
                             .directory = state_.workspace.root(),
                             .network = state_.options.network};
        request.onOutput = [&](std::string_view text) {
            if (liveBytes >= kCheckOutputBytesMax) return;
            live.add(text);
            if (live.isDue()) flush(false);
        };
        auto run = runCheck(request, state_.sandbox, stop_.get_token());
        flush(true);
        TRY(recorded);
        if (!run) {
            if (run.error().kind() == base::Errc::cancelled) {
                if (isStopped()) return stopped();
                return Outcome{EndStatus::budget, "the time was up during the verification"};
            }
            if (run.error().kind() == base::Errc::unsupported)
                return Outcome{EndStatus::sandboxUnavailable, run.error().message()};
            TRY(state_.recorder.notice("error", "verification_unavailable", run.error().message()));
            return std::nullopt;
        }
        if (run->exitCode == kCannotCheckExit && state_.options.verifyCommands.empty()) {
            TRY(state_.recorder.notice("warning", "verification_unavailable",
                                       std::string(base::trim(run->outputTail))));
            return std::nullopt;
        }
        run->round = nRounds_;
        run->number = int32_t(i) + 1;
        run->total = int32_t(commands.size());
        const bool passed = run->passed;
        TRY(state_.recorder.add(std::move(*run)));
        if (!passed) break;
    }
    if (isStopped()) return stopped();
    return std::nullopt;
}

base::Result<Outcome> Turn::commit(Outcome outcome, const std::string& finalText) {
    if (!state_.options.commitsAtEnd) return outcome;
    if (!isGood(outcome.status) || paths_.changed.empty() || !state_.changes.git()) {
        TRY(state_.recorder.notice("info", "not_committed",
                                   isGood(outcome.status)
                                       ? "nothing was changed, so nothing was committed"
                                       : "nothing was committed: " + outcome.reason));
        return outcome;
    }
    if (!paths_.generated.empty())
        TRY(state_.recorder.notice("info", "generated_left_out",
                                   fmt::format("{} generated files were not committed, {} for one",
                                               paths_.generated.size(), paths_.generated.front())));
    if (const auto dirty = state_.changes.dirtyBefore(paths_.changed); !dirty.empty())
        TRY(state_.recorder.notice(
            "warning", "committed_with_your_changes",
            fmt::format("{} of the committed files had uncommitted changes before this turn; they "
                        "are committed whole, with those changes: {}",
                        dirty.size(), fmt::join(dirty, ", "))));
    tools::CommitRequest request;
    request.message = state_.options.commitMessage.empty()
                          ? makeCommitMessage(task_.text, finalText, paths_.diffStat)
                          : state_.options.commitMessage;
    request.paths = paths_.changed;
    const auto id = state_.changes.git()->commit(request);
    if (!id) {
        TRY(state_.recorder.notice("error", "commit_failed", id.error().message()));
        return Outcome{EndStatus::error, "the commit failed: " + id.error().message()};
    }
    TRY(state_.recorder.add(Committed{*id, request.message, request.paths}));
    return outcome;
}

}  // namespace moxie::agent
