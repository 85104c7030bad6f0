#include "agent/tool_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

#include "agent/answer.h"
#include "agent/call_arguments.h"
#include "base/text.h"

namespace moxie::agent {

namespace {

constexpr size_t kCallsPerAnswerMax = 64;
constexpr size_t kSideBySideMax = 3;
constexpr size_t kResultBytesMax = 400'000;      // of all results of one answer
constexpr size_t kLateResultBytesMax = 2000;     // of each result beyond that
constexpr size_t kLiveOutputBytesMax = 256'000;  // recorded per call; the result has the rest

constexpr int64_t kReasonBytesMax = 4000;  // of a person who denied

constexpr const char* kInterrupted = "[interrupted by user] It may have run in part.";

std::string effectsText(const tools::Effects& effects) {
    std::string text;
    const auto add = [&](bool has, std::string_view name) {
        if (!has) return;
        if (!text.empty()) text += ' ';
        text += name;
    };
    add(effects.reads, "read");
    add(effects.writes, "write");
    add(effects.executes, "execute");
    add(effects.network, "network");
    return text;
}

// "read, write, execute; in the jail, no network"
std::string touchesText(const tools::Effects& effects, const SessionState& state) {
    std::string text = effectsText(effects);
    for (size_t at = 0; (at = text.find(' ', at)) != std::string::npos; at += 2)
        text.replace(at, 1, ", ");
    if (effects.executes && state.sandbox.level() == "none")
        return text + "; without a jail, with the network";
    if (effects.executes)
        return text + (state.options.network == tools::NetworkAccess::allowed
                           ? "; in the jail, with the network"
                           : "; in the jail, no network");
    return text + (effects.network ? "; outside the jail" : "; in the workspace");
}

std::string notRunText(const CallStops& stops) {
    return stops.now.stop_requested() ? "[interrupted by user] It was not run."
                                      : "[not run: the user stopped the turn before it]";
}

bool changesSomething(const tools::Effects& effects) {
    return effects.writes || effects.executes || effects.network;
}

ToolCallStarted startedEvent(const engine::ToolCall& call, const std::string& summary,
                             const tools::Effects& effects) {
    return {call.id, call.name, call.arguments, summary, effectsText(effects)};
}

MessageAdded resultMessage(const std::string& callId, const std::string& text, bool isError) {
    MessageAdded added;
    added.message.role = engine::Role::tool;
    added.message.text = text;
    added.message.toolCallId = callId;
    added.message.isToolError = isError;
    return added;
}

// Fails: the call is allowed, but once only, and the sentence says why.
base::Result<Grant> grantOf(const PolicyCall& call, const Decision& decision,
                            const PermissionReply& reply) {
    const auto fail = [](std::string_view why) {
        return base::fail(base::Errc::invalidInput,
                          fmt::format("it is allowed this once only: {}", why));
    };
    if (decision.sessionRule.empty()) return fail(decision.whyOnlyOnce);
    if (reply.rule.empty() || reply.rule == decision.sessionRule)
        return Grant{decision.sessionRule, false, reply.answer};
    const auto rule = parsePermissionRule(reply.rule);
    if (!rule) return fail(rule.error().message());
    if (rule->tool != call.tool)
        return fail(fmt::format("the rule {} is not for the tool {}", reply.rule, call.tool));
    if (!covers(*rule, call))
        return fail(fmt::format("the rule {} does not cover this call", reply.rule));
    return Grant{reply.rule, true, reply.answer};
}

std::string unknownToolText(std::string_view name, const std::vector<engine::ToolSchema>& schemas) {
    std::vector<std::string> names;
    for (const engine::ToolSchema& schema : schemas)
        names.push_back(schema.name);
    const auto nearest = nearestNames(name, names);
    return fmt::format("[unknown tool: {}] There are: {}.", base::cutUtf8(name, 80),
                       fmt::join(nearest.empty() ? names : nearest, ", "));
}

}  // namespace

ToolCalls::Prepared ToolCalls::prepare(const engine::ToolCall& call, size_t index,
                                       AnswerEnd end) const {
    Prepared prepared;
    prepared.call = call;
    prepared.summary = std::string(base::cutUtf8(call.name, 80));
    if (end == AnswerEnd::cut) {
        prepared.refusal =
            "[not run: output limit reached inside the arguments] Send it again, shorter.";
        return prepared;
    }
    if (!call.isComplete) {
        prepared.refusal =
            call.problem.empty()
                ? "[not run: the arguments did not arrive whole] Send it again, shorter."
                : fmt::format("[not run: the call is malformed: {}] Send it again.",
                              base::cutUtf8(call.problem, 300));
        prepared.kind = RefusalKind::malformed;
        return prepared;
    }
    if (index >= kCallsPerAnswerMax) {
        prepared.refusal = fmt::format(
            "[not run: only {} calls of one answer are run] Send it again after these results.",
            kCallsPerAnswerMax);
        return prepared;
    }
    const auto tool = std::find_if(state_.tools.begin(), state_.tools.end(),
                                   [&](const auto& t) { return t->spec().name == call.name; });
    if (tool == state_.tools.end()) {
        prepared.refusal = unknownToolText(call.name, state_.schemas);
        prepared.kind = RefusalKind::wrong;
        return prepared;
    }
    prepared.tool = tool->get();
    auto arguments = parseCallArguments(call.arguments);
    if (!arguments) {
        prepared.refusal =
            fmt::format("[bad arguments: {}] Send the call again with a JSON object.",
                        arguments.error().message());
        prepared.kind = RefusalKind::malformed;
        return prepared;
    }
    prepared.arguments = std::move(*arguments);
    prepared.effects = prepared.tool->effectsOf(prepared.arguments);
    prepared.summary = base::toValidUtf8(prepared.tool->summary(prepared.arguments));
    return prepared;
}

bool ToolCalls::mayRunBesideOthers(const Prepared& prepared) const {
    if (!prepared.refusal.empty() || changesSomething(prepared.effects)) return false;
    // A tool that could write keeps state of its own: `plan`, for one, runs in its turn.
    const tools::Effects& possible = prepared.tool->spec().effects;
    if (changesSomething(possible) || !possible.reads) return false;
    return state_.policy.decide(policyCallOf(prepared)).verdict == Verdict::allow;
}

base::Result<std::optional<Outcome>> ToolCalls::run(const std::vector<engine::ToolCall>& calls,
                                                    AnswerEnd end, const CallStops& stops) {
    end_.reset();
    resultBytes_ = 0;
    nLeft_ = calls.size();
    for (size_t i = 0; i < calls.size();) {
        std::vector<Prepared> group;
        group.push_back(prepare(calls[i], i, end));
        ++i;
        if (end_) {
            const std::string text = fmt::format("[not run: the turn ends: {}]", end_->reason);
            group[0].kind = RefusalKind::ours;
            TRY(finishRefused(group[0], text));
            continue;
        }
        while (mayRunBesideOthers(group.back()) && group.size() < kSideBySideMax &&
               i < calls.size()) {
            Prepared next = prepare(calls[i], i, end);
            if (!mayRunBesideOthers(next)) break;
            group.push_back(std::move(next));
            ++i;
        }
        TRY(runGroup(group, stops));
    }
    return end_;
}

base::Status ToolCalls::refuse(const std::vector<engine::ToolCall>& calls,
                               const std::string& text) {
    for (const engine::ToolCall& call : calls) {
        Prepared prepared;
        prepared.call = call;
        TRY(finishRefused(prepared, text));
    }
    return {};
}

ToolCalls::Ran ToolCalls::execute(const Prepared& prepared,
                                  const std::function<void(std::string_view)>& onOutput,
                                  const std::stop_token& stop) {
    tools::ToolContext context{.workspace = state_.workspace,
                               .observations = state_.observations,
                               .jobs = state_.jobs,
                               .sandbox = state_.sandbox,
                               .clock = state_.environment.clock,
                               .index = state_.environment.index,
                               .onOutput = onOutput,
                               .callId = prepared.call.id};
    Ran ran;
    const int64_t startMs = state_.environment.clock.steadyMs();
    auto result = prepared.tool->run(prepared.arguments, context, stop);
    ran.durationMs = state_.environment.clock.steadyMs() - startMs;
    if (result)
        ran.result = std::move(*result);
    else
        ran.failure = result.error();
    return ran;
}

base::Status ToolCalls::runGroup(std::vector<Prepared>& group, const CallStops& stops) {
    if (group.size() > 1 && !stops.next.stop_requested()) return runSide(group, stops.now);
    for (Prepared& prepared : group)
        TRY(runOne(prepared, stops));
    return {};
}

base::Status ToolCalls::runSide(std::vector<Prepared>& group, const std::stop_token& stop) {
    for (Prepared& prepared : group)
        TRY(start(prepared));
    std::vector<Ran> ran(group.size());
    {
        std::vector<std::jthread> threads;
        for (size_t i = 0; i < group.size(); ++i)
            threads.emplace_back([&, i] { ran[i] = execute(group[i], {}, stop); });
    }
    // Which of them saw a file is not told apart: the last one carries it, when all are recorded.
    std::vector<std::string> observed = state_.observations.takeChanges();
    for (size_t i = 0; i < group.size(); ++i)
        TRY(finish(group[i], std::move(ran[i]),
                   i + 1 == group.size() ? std::move(observed) : std::vector<std::string>()));
    return {};
}

base::Status ToolCalls::runOne(Prepared& prepared, const CallStops& stops) {
    if (stops.next.stop_requested() && prepared.refusal.empty())
        prepared.refusal = notRunText(stops);
    if (!prepared.refusal.empty()) return finishRefused(prepared, prepared.refusal);
    TRY(start(prepared));
    TRY(askPolicy(prepared, stops));
    if (prepared.refusal.empty()) TRY(checkpoint(prepared));
    // An answer or a checkpoint may have taken its time.
    if (prepared.refusal.empty() && stops.next.stop_requested())
        prepared.refusal = notRunText(stops);
    if (!prepared.refusal.empty()) return finishRefused(prepared, prepared.refusal);
    return runAllowed(prepared, stops.now);
}

base::Status ToolCalls::checkpoint(Prepared& prepared) {
    if (!changesSomething(prepared.effects)) return {};
    const base::Status taken = state_.changes.ensureCheckpoint(state_.recorder);
    if (taken) return {};
    prepared.refusal = fmt::format(
        "[not run: no checkpoint can be written: {}] Nothing is changed without one. Stop and say "
        "so.",
        taken.error().message());
    return state_.recorder.notice("error", "checkpoint_failed", taken.error().message());
}

base::Status ToolCalls::runAllowed(const Prepared& prepared, const std::stop_token& stop) {
    Batch live(state_.environment.clock);
    size_t liveBytes = 0;
    base::Status recorded;
    const auto flush = [&](bool isLast) {
        if (live.isEmpty() || !recorded) return;
        std::string text = live.take(isLast);
        liveBytes += text.size();
        recorded = state_.recorder.add(ToolOutput{prepared.call.id, std::move(text)});
    };
    Ran ran = execute(
        prepared,
        [&](std::string_view text) {
            if (liveBytes >= kLiveOutputBytesMax) return;
            live.add(text);
            if (live.isDue()) flush(false);
        },
        stop);
    flush(true);
    TRY(recorded);
    return finish(prepared, std::move(ran), state_.observations.takeChanges());
}

base::Status ToolCalls::start(Prepared& prepared) {
    prepared.isStarted = true;
    return state_.recorder.add(startedEvent(prepared.call, prepared.summary, prepared.effects));
}

std::string ToolCalls::resultText(std::string text) {
    text = base::toValidUtf8(text);
    if (text.empty()) text = "(no output)";
    if (resultBytes_ + text.size() > kResultBytesMax)
        text = base::headAndTail(text, kLateResultBytesMax / 2, kLateResultBytesMax / 2);
    resultBytes_ += text.size();
    return text;
}

base::Status ToolCalls::finish(const Prepared& prepared, Ran ran,
                               std::vector<std::string> observed) {
    if (ran.failure) {
        const bool isCancelled = ran.failure->kind() == base::Errc::cancelled;
        ran.result = {};
        ran.result.isError = true;
        ran.result.text = isCancelled ? kInterrupted
                                      : fmt::format("[internal error: {}] It may have run in part.",
                                                    ran.failure->message());
        if (!isCancelled)
            TRY(state_.recorder.notice("error", "tool_failed", ran.failure->message()));
    }
    std::string text = resultText(std::move(ran.result.text));
    std::vector<EventBody> bodies;
    bodies.emplace_back(ToolCallEnded{prepared.call.id, prepared.call.name, text,
                                      ran.result.isError, ran.result.exitCode, ran.durationMs,
                                      ran.result.changedPaths, true, std::move(observed)});
    if (!ran.result.planJson.empty()) bodies.emplace_back(PlanChanged{ran.result.planJson});

    const auto finding =
        guard_.seen(prepared.call.name, prepared.arguments.dump(), text, ran.result.isError);
    if (!finding.reminder.empty()) text += "\n" + finding.reminder;
    if (!finding.stop.empty()) end_ = {EndStatus::stuck, finding.stop};
    if (ran.result.isSandboxUnavailable)
        end_ = {EndStatus::sandboxUnavailable,
                "no jail can be had to run commands in: " + state_.sandbox.reason()};
    if (nLeft_ > 0) --nLeft_;
    if (nLeft_ == 0)
        if (const auto warning = budget_.warning())
            text += fmt::format("\n[budget: {} are used] Finish the most important part now.",
                                *warning);
    bodies.emplace_back(resultMessage(prepared.call.id, text, ran.result.isError));
    return state_.recorder.add(std::move(bodies));
}

void ToolCalls::countRefusal(const Prepared& prepared, std::string& text) {
    if (end_ || prepared.kind == RefusalKind::ours) return;
    const auto finding = prepared.kind == RefusalKind::malformed
                             ? guard_.malformed()
                             : guard_.seen(prepared.call.name, prepared.call.arguments, text, true);
    if (!finding.reminder.empty()) text += "\n" + finding.reminder;
    if (finding.stop.empty()) return;
    if (prepared.kind == RefusalKind::denied)
        end_ = {EndStatus::permission, "it cannot go on without a permission: " + finding.stop};
    else
        end_ = {EndStatus::stuck, finding.stop};
}

base::Status ToolCalls::finishRefused(const Prepared& prepared, const std::string& refusal) {
    std::string text = resultText(refusal);
    if (nLeft_ > 0) --nLeft_;
    countRefusal(prepared, text);
    ToolCallEnded ended;
    ended.callId = prepared.call.id;
    ended.tool = prepared.call.name;
    ended.text = text;
    ended.isError = true;
    ended.wasRun = false;
    std::vector<EventBody> bodies;
    if (!prepared.isStarted)
        bodies.emplace_back(startedEvent(prepared.call, prepared.summary, prepared.effects));
    bodies.emplace_back(std::move(ended));
    bodies.emplace_back(resultMessage(prepared.call.id, text, true));
    return state_.recorder.add(std::move(bodies));
}

PolicyCall ToolCalls::policyCallOf(const Prepared& prepared) const {
    PolicyCall call = policyCall(prepared.call.name, prepared.arguments, prepared.effects);
    resolveSubjects(call, state_.workspace);
    return call;
}

base::Status ToolCalls::refuseBecause(Prepared& prepared, std::string_view fact,
                                      PermissionAnswered answer) {
    prepared.kind = RefusalKind::denied;
    prepared.refusal = fmt::format(
        "[denied: {}] Do not retry this call; choose another way, or stop and say what you would "
        "need.",
        fact);
    return state_.recorder.add(std::move(answer));
}

base::Status ToolCalls::askPolicy(Prepared& prepared, const CallStops& stops) {
    const std::string& id = prepared.call.id;
    const PolicyCall call = policyCallOf(prepared);
    const Decision decision = state_.policy.decide(call);
    if (decision.verdict == Verdict::allow) return {};
    if (decision.verdict == Verdict::deny)
        return refuseBecause(prepared, fmt::format("{}: {}", decision.rule, decision.reason),
                             {id, "denied", decision.rule});
    const std::string touches = touchesText(prepared.effects, state_);
    TRY(state_.recorder.add(PermissionAsked{id, prepared.call.name, prepared.summary,
                                            decision.reason, decision.rule, touches}));
    PermissionReply reply;
    if (state_.environment.askPermission)
        reply = state_.environment.askPermission({.callId = id,
                                                  .tool = prepared.call.name,
                                                  .summary = prepared.summary,
                                                  .reason = decision.reason,
                                                  .detail = prepared.call.arguments,
                                                  .rule = decision.rule,
                                                  .touches = touches,
                                                  .suggestedRule = decision.suggestedRule,
                                                  .whyOnlyOnce = decision.whyOnlyOnce},
                                                 stops.next);
    if (reply.answer == PermissionAnswer::unavailable && stops.next.stop_requested()) {
        prepared.refusal = notRunText(stops);
        return state_.recorder.add(PermissionAnswered{id, "unavailable", decision.rule});
    }
    return takeReply(prepared, call, decision, reply);
}

base::Status ToolCalls::takeReply(Prepared& prepared, const PolicyCall& call,
                                  const Decision& decision, const PermissionReply& reply) {
    const std::string& id = prepared.call.id;
    switch (reply.answer) {
        case PermissionAnswer::once:
            return state_.recorder.add(PermissionAnswered{id, "once", decision.rule});
        case PermissionAnswer::denied: {
            std::string reason(base::cutUtf8(base::toValidUtf8(reply.reason), kReasonBytesMax));
            const std::string fact = reason.empty() ? decision.reason : reason;
            return refuseBecause(prepared, fmt::format("by the user: {}", fact),
                                 {id, "denied", decision.rule, false, std::move(reason)});
        }
        case PermissionAnswer::unavailable:
            return refuseBecause(prepared,
                                 fmt::format("{} ({}), and nobody is here to be asked",
                                             decision.reason, decision.rule),
                                 {id, "unavailable", decision.rule});
        case PermissionAnswer::forTurn:
        case PermissionAnswer::forSession:
        case PermissionAnswer::always:
            break;
    }
    auto grant = grantOf(call, decision, reply);
    if (!grant) {
        TRY(state_.recorder.notice("warning", "rule_not_taken", grant.error().message()));
        return state_.recorder.add(PermissionAnswered{id, "once", decision.rule});
    }
    PermissionAnswered answered{id, std::string(toString(reply.answer)), grant->rule,
                                grant->isPattern};
    state_.policy.allow(*std::move(grant));
    return state_.recorder.add(std::move(answered));
}

}  // namespace moxie::agent
