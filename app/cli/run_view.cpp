#include "app/cli/run_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "app/cli/diff_view.h"
#include "base/text.h"

namespace moxie::app {

namespace {

using nlohmann::json;

constexpr int64_t kOutputLinesShown = 12;  // of a failed verification

std::string seconds(int64_t milliseconds) {
    return fmt::format("{:.1f}", double(milliseconds) / 1000);
}

}  // namespace

std::string statusText(agent::EndStatus status, const Messages& say) {
    using enum agent::EndStatus;
    switch (status) {
        case verified:
            return say(Msg::statusVerified);
        case error:
            return say(Msg::statusError);
        case usage:
            return say(Msg::statusUsage);
        case unverified:
            return say(Msg::statusUnverified);
        case verificationFailed:
            return say(Msg::statusVerificationFailed);
        case permission:
            return say(Msg::statusPermission);
        case budget:
            return say(Msg::statusBudget);
        case stuck:
            return say(Msg::statusStuck);
        case sandboxUnavailable:
            return say(Msg::statusSandboxUnavailable);
        case refused:
            return say(Msg::statusRefused);
        case interrupted:
            return say(Msg::statusInterrupted);
        case terminated:
            return say(Msg::statusTerminated);
    }
    return {};
}

void RunView::show(const agent::Event& event) {
    summary_.add(event);
    std::visit([this](const auto& body) { on(body); }, event.body);
}

void RunView::side(Style style, std::string_view text) {
    if (options_.verbosity == Verbosity::quiet) return;
    finishStreamed();
    context_.error.line(context_.error.styled(style, text));
}

void RunView::finishStreamed() {
    if (openChannel_ == "text") context_.out.write("\n");
    if (openChannel_ == "reasoning") context_.error.write("\n");
    if (openChannel_ == "running") context_.error.write("\r\x1b[K");
    openChannel_.clear();
}

void RunView::on(const agent::SessionStarted& started) {
    side(Style::dim, context_.say(Msg::viewSession, started.sessionId, started.mode,
                                  printable(started.repository)));
}

void RunView::on(const agent::TurnStarted& started) {
    if (!options_.isLive) side(Style::bold, context_.say(Msg::viewTask, printable(started.task)));
}

void RunView::on(const agent::MessageAdded& added) {
    if (added.message.role != engine::Role::assistant) return;
    if (!hasStreamedText_ && !added.message.text.empty()) {
        finishStreamed();
        if (!options_.isLive && !added.message.reasoning.empty())
            side(Style::dim, printable(added.message.reasoning));
        context_.out.write(printable(added.message.text));
        openChannel_ = "text";
    }
    finishStreamed();
    hasStreamedText_ = false;
}

void RunView::on(const agent::RequestSent& request) {
    if (options_.verbosity == Verbosity::verbose)
        side(Style::dim,
             context_.say(Msg::viewRequest, request.step, request.bytes, printable(request.model)));
}

void RunView::on(const agent::ModelAnswering& answering) {
    const engine::ModelChosen& chosen = answering.chosen;
    if (modelShown_ == chosen.model && options_.verbosity != Verbosity::verbose) return;
    modelShown_ = chosen.model;
    const std::string model = printable(chosen.model);
    side(Style::dim, chosen.backend == "recorded"
                         ? context_.say(Msg::viewModelRecorded, model)
                         : context_.say(Msg::viewModel, model, printable(chosen.backend),
                                        printable(chosen.reason)));
}

void RunView::on(const agent::AttemptFailed& failed) {
    hasStreamedText_ = false;
    side(Style::yellow,
         context_.say(Msg::viewAttemptFailed, failed.attempt.attempt,
                      printable(failed.attempt.reason), seconds(failed.attempt.waitMs)));
}

void RunView::on(const agent::Delta& delta) {
    if (!options_.isLive || delta.text.empty()) return;
    const bool isText = delta.channel == "text";
    if (!isText && options_.verbosity == Verbosity::quiet) return;
    if (openChannel_ != delta.channel) finishStreamed();
    if (isText) {
        context_.out.write(printable(delta.text));
        hasStreamedText_ = true;
    } else {
        context_.error.write(context_.error.styled(Style::dim, printable(delta.text)));
    }
    openChannel_ = delta.channel;
}

void RunView::on(const agent::ToolCallStarted& call) {
    calls_[call.callId] = call;
    if (!options_.isLive || options_.verbosity == Verbosity::quiet || !context_.error.isTerminal())
        return;
    finishStreamed();
    context_.error.write(context_.error.styled(
        Style::dim, "… " + oneLine(call.summary, context_.error.columns() - 4)));
    openChannel_ = "running";
}

void RunView::on(const agent::ToolOutput& output) {
    if (options_.verbosity != Verbosity::verbose) return;
    for (const std::string_view outputLine : base::splitLines(output.text))
        side(Style::dim, "    " + printable(outputLine));
}

void RunView::on(const agent::ToolCallEnded& result) {
    if (deniedCalls_.erase(result.callId) > 0) return;
    const auto found = calls_.find(result.callId);
    const bool isKnown = found != calls_.end();
    const std::string summary = isKnown ? found->second.summary : result.tool;
    const bool hasFailed = result.isError || result.exitCode > 0;
    std::string note;
    if (result.isError)
        note = oneLine(result.text, 120);
    else if (result.exitCode >= 0)
        note = context_.say(Msg::viewToolExit, result.exitCode);
    if (result.durationMs >= 1000) note += fmt::format("  {} s", seconds(result.durationMs));
    const Style style = hasFailed ? Style::red : Style::green;
    side(Style::plain, fmt::format("{} {}  {}", context_.error.styled(style, hasFailed ? "✗" : "✓"),
                                   oneLine(summary, 100), context_.error.styled(Style::dim, note)));
    if (isKnown && !result.isError && !result.changedPaths.empty()) showDiff(found->second);
    if (isKnown) calls_.erase(found);
}

void RunView::showDiff(const agent::ToolCallStarted& call) {
    if (options_.verbosity == Verbosity::quiet) return;
    finishStreamed();
    const int64_t lineMax = options_.verbosity == Verbosity::verbose ? 400 : 16;
    writeDiff(diffOfCall(call.tool, call.arguments, lineMax), context_.error, context_.say);
}

// The question itself comes from the prompt; it starts on a line of its own.
void RunView::on(const agent::PermissionAsked& /*question*/) {
    finishStreamed();
}

void RunView::on(const agent::PermissionAnswered& answer) {
    if (answer.answer != "denied" && answer.answer != "unavailable") return;
    calls_.erase(answer.callId);  // its result only repeats this to the model
    deniedCalls_.insert(answer.callId);
    const std::string what = summary_.denied.empty() ? answer.callId : summary_.denied.back();
    side(Style::yellow,
         context_.say(answer.answer == "denied" ? Msg::viewDenied : Msg::viewDeniedNobody,
                      oneLine(what, 120)));
}

void RunView::on(const agent::CheckpointTaken& checkpoint) {
    if (options_.verbosity == Verbosity::verbose)
        side(Style::dim, context_.say(Msg::viewCheckpoint, checkpoint.commit.substr(0, 10),
                                      printable(checkpoint.reason)));
}

void RunView::on(const agent::PlanChanged& plan) {
    const json items = json::parse(plan.itemsJson, nullptr, false);
    if (!items.is_array()) return;
    side(Style::bold, context_.say(Msg::viewPlan));
    for (const json& item : items) {
        if (!item.is_object()) continue;
        const auto member = [&](const char* name) {
            const auto value = item.find(name);
            return value != item.end() && value->is_string() ? value->get<std::string>()
                                                             : std::string();
        };
        const std::string status = member("status");
        const std::string_view mark = status == "done" || status == "completed"      ? "[x]"
                                      : status == "in_progress" || status == "doing" ? "[>]"
                                                                                     : "[ ]";
        const std::string text = member("step").empty() ? member("text") : member("step");
        side(Style::plain, fmt::format("  {} {}", mark, oneLine(text, 100)));
    }
}

void RunView::on(const agent::UsageCounted& /*usage*/) {}  // shown once, at the end

void RunView::on(const agent::VerificationRun& run) {
    if (run.passed) {
        side(Style::green, "✓ " + context_.say(Msg::viewVerifyPassed, oneLine(run.command, 100),
                                               seconds(run.durationMs)));
        return;
    }
    side(Style::red, "✗ " + context_.say(Msg::viewVerifyFailed, oneLine(run.command, 100),
                                         run.exitCode, seconds(run.durationMs)));
    const std::vector<std::string_view> lines = base::splitLines(run.outputTail);
    const size_t first =
        options_.verbosity == Verbosity::verbose
            ? 0
            : size_t(std::max<int64_t>(0, int64_t(lines.size()) - kOutputLinesShown));
    for (size_t i = first; i < lines.size(); ++i)
        side(Style::dim, "    " + printable(lines[i]));
}

void RunView::on(const agent::Committed& commit) {
    const std::string_view subject =
        std::string_view(commit.message).substr(0, commit.message.find('\n'));
    side(Style::cyan,
         context_.say(Msg::viewCommit, commit.commit.substr(0, 10), oneLine(subject, 100)));
}

void RunView::on(const agent::Notice& notice) {
    if (notice.level == "info" && options_.verbosity != Verbosity::verbose) return;
    const Style style = notice.level == "error"  ? Style::red
                        : notice.level == "info" ? Style::dim
                                                 : Style::yellow;
    side(style, printable(notice.text));
}

// A notice says it in words.
void RunView::on(const agent::HistoryPruned& /*pruned*/) {}

void RunView::on(const agent::TurnEnded& ended) {
    finishStreamed();
    const engine::Usage& usage = summary_.usage;
    if (usage.inputTokens + usage.outputTokens > 0)
        side(Style::dim,
             summary_.costUsd < 0
                 ? context_.say(Msg::viewUsage, usage.inputTokens, usage.cachedInputTokens,
                                usage.outputTokens)
                 : context_.say(Msg::viewUsageCost, usage.inputTokens, usage.cachedInputTokens,
                                usage.outputTokens, fmt::format("{:.4f}", summary_.costUsd)));
    const Style style = ended.status == agent::EndStatus::verified     ? Style::green
                        : ended.status == agent::EndStatus::unverified ? Style::yellow
                                                                       : Style::red;
    // Said even when quiet: a run never ends without its result.
    context_.error.line(context_.error.styled(
        style, context_.say(Msg::viewEnd, statusText(ended.status, context_.say),
                            printable(ended.reason), ended.steps, seconds(ended.durationMs))));
    side(Style::dim,
         context_.say(summary_.changedPaths.empty() ? Msg::viewSessionHint : Msg::viewUndoHint,
                      summary_.sessionId));
}

}  // namespace moxie::app
