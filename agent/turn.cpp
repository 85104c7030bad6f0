#include "agent/turn.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/utsname.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "agent/call_arguments.h"
#include "agent/prompt.h"
#include "base/hash.h"
#include "base/text.h"
#include "engine/chat_images.h"

namespace moxie::agent {

namespace {

constexpr int32_t kEmptyAnswersMax = 2;
constexpr int32_t kCutAnswersMax = 3;
constexpr int32_t kOverflowsMax = 3;
constexpr int64_t kRaisedOutputTokens = 32'768;
constexpr int64_t kProtectedTokens = 50'000;
constexpr int64_t kPruneStepTokens = 30'000;
// How long a hand-over may take after the wall-time budget: a tenth of it within these bounds.
constexpr int64_t kHandOverMsMin = 1000, kHandOverMsMax = 30'000;

std::string environmentText(const SessionState& state, int64_t wallMs) {
    const std::time_t seconds = wallMs / 1000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    utsname system{};
    uname(&system);
    return fmt::format(
        "date: {:%Y-%m-%d} (UTC)\nworkspace: {} (paths are relative to it)\nsystem: {} {}\n"
        "permission mode: {}\njail: {}; network: {}\n",
        utc, base::toValidUtf8(state.workspace.root().filename().string()), system.sysname,
        system.machine, toString(state.options.mode), state.sandbox.level(),
        state.options.network == tools::NetworkAccess::allowed ? "allowed" : "denied");
}

std::string_view meaningOf(PermissionMode mode) {
    switch (mode) {
        case PermissionMode::plan:
            return "You may only read: say what you would do, and change nothing.";
        case PermissionMode::ask:
            return "You may change files and run commands; the user is asked each time.";
        case PermissionMode::autoEdit:
            return "You may change files; for commands the user is asked.";
        case PermissionMode::autonomous:
            return "You may change files and run commands.";
    }
    return "";
}

void add(engine::Usage& total, const engine::Usage& usage) {
    total.inputTokens += usage.inputTokens;
    total.cachedInputTokens += usage.cachedInputTokens;
    total.outputTokens += usage.outputTokens;
    total.reasoningTokens += usage.reasoningTokens;
}

}  // namespace

Turn::Turn(SessionState& state, const std::stop_token& userStop,
           const std::stop_token& stopAfterCall)
    : state_(state),
      userStop_(userStop),
      stopAfterCall_(stopAfterCall),
      onUserStop_(userStop,
                  [this] {
                      stop_.request_stop();
                      nextStop_.request_stop();
                      handOverStop_.request_stop();
                  }),
      onStopAfterCall_(stopAfterCall,
                       [this] {
                           nextStop_.request_stop();
                           handOverStop_.request_stop();
                       }),
      budget_(state.options.budget, state.environment.clock),
      calls_(state, budget_, guard_) {}

base::Result<TurnEnded> Turn::run(Task task) {
    task_ = std::move(task);
    task_.text = base::toValidUtf8(task_.text);
    state_.recorder.setTurn(state_.recorder.turn() + 1);
    state_.changes.startTurn();
    state_.policy.startTurn();
    TRY(state_.recorder.add(TurnStarted{task_.text, std::string(toString(state_.options.mode))}));
    firstSeq_ = state_.recorder.lastSeq();

    TRY_ASSIGN(const Outcome outcome, watchedLoop());
    // Whatever happened: no call stays without an answer, and nothing runs on after a stop.
    TRY(calls_.refuse(state_.conversation.openCalls(), "[not run: the turn ended before it]"));
    if (stop_.stop_requested())
        for (const tools::Jobs::Status& job : state_.jobs.list())
            if (job.isRunning)
                if (auto killed = state_.jobs.kill(job.id); !killed)
                    TRY(state_.recorder.notice("warning", "job_left", killed.error().message()));
    TRY(recordPlans());
    TurnEnded ended{outcome.status, outcome.reason, budget_.steps(), budget_.elapsedMs()};
    TRY(state_.recorder.add(ended));
    return ended;
}

base::Result<Outcome> Turn::watchedLoop() {
    // Nothing here throws but the machine itself: no thread, no memory left.
    try {
        std::jthread watch;  // stopped and joined when it goes
        if (state_.options.budget.wallMs > 0)
            watch = std::jthread([this](const std::stop_token& ended) { watchDeadline(ended); });
        return loop();
    } catch (const std::system_error& failure) {
        return Outcome{EndStatus::error, fmt::format("the machine refused: {}", failure.what())};
    } catch (const std::bad_alloc&) {
        return Outcome{EndStatus::error, "the machine has no memory left"};
    }
}

// Wakes a few times a second because time is the clock's, which a test may own.
void Turn::watchDeadline(const std::stop_token& ended) {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!ended.stop_requested()) {
        if (isPastDeadline()) {
            stop_.request_stop();
            nextStop_.request_stop();
        }
        const int64_t endMs = handOverEndMs_;
        if (endMs > 0 && budget_.elapsedMs() >= endMs) handOverStop_.request_stop();
        wake.wait_for(lock, ended, std::chrono::milliseconds(50), [] { return false; });
    }
}

void Turn::giveTimeForHandOver() {
    const int64_t wallMs = state_.options.budget.wallMs;
    if (wallMs <= 0) return;
    handOverEndMs_ = std::max(wallMs, budget_.elapsedMs()) +
                     std::clamp(wallMs / 10, kHandOverMsMin, kHandOverMsMax);
}

bool Turn::isPastDeadline() const {
    const int64_t wallMs = state_.options.budget.wallMs;
    return wallMs > 0 && budget_.elapsedMs() >= wallMs;
}

bool Turn::isStopped() const {
    return userStop_.stop_requested() || stopAfterCall_.stop_requested();
}

Outcome Turn::stopped() const {
    const bool isAsked = userStop_.stop_requested() && state_.environment.stopStatus;
    const EndStatus status = isAsked ? state_.environment.stopStatus() : EndStatus::interrupted;
    return {status,
            status == EndStatus::terminated ? "terminated by a signal" : "interrupted by the user"};
}

base::Result<Outcome> Turn::loop() {
    // Before they are in the log: a picture that cannot be sent would end every later turn as well.
    const engine::ChatRequest pictures = {.messages = {{.images = task_.images}}};
    if (const auto sent = checkImages(pictures, state_.environment.model.limits()); !sent)
        return Outcome{EndStatus::refused, sent.error().message()};
    TRY(addTask());
    for (;;) {
        if (isStopped()) return stopped();
        if (const auto spent = budget_.spent()) return handOver(*spent);
        TRY_ASSIGN(const std::optional<Outcome> end, step());
        if (end) return *end;
    }
}

base::Status Turn::addUser(std::string text, std::vector<engine::Image> images) {
    MessageAdded added;
    added.message.role = engine::Role::user;
    added.message.text = std::move(text);
    added.message.images = std::move(images);
    return state_.recorder.add(std::move(added));
}

base::Status Turn::recordPlans() {
    std::vector<EventBody> bodies = state_.userPlans.take();
    return bodies.empty() ? base::Status() : state_.recordPlans(std::move(bodies));
}

base::Status Turn::tellPlan() {
    TRY(recordPlans());
    return state_.planNote.empty() ? base::Status() : addUser(std::exchange(state_.planNote, {}));
}

// What happened since the last message stands before the task.
std::string Turn::withNotes(std::string_view task) {
    std::string notes;
    const std::string mode(toString(state_.options.mode));
    if (!state_.toldMode.empty() && state_.toldMode != mode)
        notes += fmt::format("[permission mode: {}; until now it was {}] {}\n\n", mode,
                             state_.toldMode, meaningOf(state_.options.mode));
    state_.toldMode = mode;
    for (std::string* note : {&state_.undoNote, &state_.planNote})
        if (!note->empty()) notes += std::exchange(*note, {}) + "\n\n";
    return notes + std::string(task);
}

base::Status Turn::addTask() {
    TRY(recordPlans());
    std::string text = withNotes(task_.text);
    if (state_.conversation.hasUserMessage())
        return addUser(std::move(text), std::move(task_.images));

    FirstMessage first{.task = text};
    first.instructions = projectInstructions(state_.workspace.gitRoot(), state_.workspace.root());
    first.environment = environmentText(state_, state_.environment.clock.wallMs());
    MessageAdded user;
    const indexer::Index* index = state_.environment.index;
    if (index && state_.options.packTokens > 0) {
        auto pack = RepositoryPack::make(*index, {text, state_.options.packTokens},
                                         state_.environment.model, stop_.get_token());
        if (pack) {
            first.pack = std::move(pack->text);
            user.packed = std::move(pack->packed);
        } else if (pack.error().kind() != base::Errc::cancelled) {
            TRY(state_.recorder.notice("warning", "pack_failed", pack.error().message()));
        }
    }
    std::vector<EventBody> bodies;
    if (state_.conversation.isEmpty()) {
        MessageAdded system;
        system.message.role = engine::Role::system;
        system.message.text = std::string(systemText());
        bodies.emplace_back(std::move(system));
    }
    user.message.role = engine::Role::user;
    user.message.text = firstUserText(first);
    user.message.images = std::move(task_.images);
    state_.repositoryPack.replay(user, state_.environment.model);
    bodies.emplace_back(std::move(user));
    return state_.recorder.add(std::move(bodies));
}

// What others changed of the pack is appended; nothing that was sent before changes.
base::Status Turn::tellPackNews() {
    RepositoryPack& pack = state_.repositoryPack;
    engine::ChatModel& model = state_.environment.model;
    auto news = pack.news(state_.observations, model, stop_.get_token());
    if (!news && news.error().kind() == base::Errc::cancelled) return {};
    if (!news) return state_.recorder.notice("warning", "pack_unchecked", news.error().message());
    if (news->text.empty()) return {};
    MessageAdded added;
    added.message.role = engine::Role::user;
    added.message.text = std::move(news->text);
    added.packed = std::move(news->packed);
    TRY(state_.recorder.add(added));
    pack.replay(added, model);
    if (!pack.becameOutdated(model.limits(), budget_.steps())) return {};
    return state_.recorder.notice(
        "info", "pack_outdated",
        "much of the repository pack was changed by others: a new session would cost less");
}

Turn::MaybeEnd Turn::step() {
    TRY(tellPlan());
    TRY(tellPackNews());
    TRY_ASSIGN(const std::optional<Outcome> noRoom, makeRoom(Room::ifNeeded));
    if (noRoom) return noRoom;
    budget_.countStep();
    TRY_ASSIGN(Answer answer, ask(nextStop_.get_token()));
    return take(std::move(answer));
}

base::Result<Answer> Turn::ask(const std::stop_token& stop) {
    engine::ChatModel& model = state_.environment.model;
    const engine::ModelLimits limits = model.limits();
    engine::ChatRequest request = state_.requestFor(limits);
    std::string bytes = model.serialise(request);
    if (bytes.empty()) bytes = canonicalRequest(request);
    TRY(state_.recorder.add(RequestSent{limits.model, int64_t(bytes.size()),
                                        base::hash128(bytes).hex(), budget_.steps()}));
    bytes = {};
    Answer answer;
    auto stream = model.start(std::move(request), stop);
    if (!stream) {
        answer.failure = stream.error();
        return answer;
    }
    TRY_ASSIGN(answer,
               readAnswer(**stream, state_.recorder, state_.environment.clock, state_.lastModel));
    if (answer.usage) {
        add(state_.totalUsage, *answer.usage);
        const double cost = costOf(*answer.usage, limits.price);
        if (cost < 0 || state_.totalCostUsd < 0)
            state_.totalCostUsd = -1;
        else
            state_.totalCostUsd += cost;
        budget_.countUsage(*answer.usage, cost);
        TRY(state_.recorder.add(
            UsageCounted{*answer.usage, state_.totalUsage, state_.totalCostUsd}));
    }
    return answer;
}

// Two calls must not share an id: results are matched by it.
base::Status Turn::makeUnique(Answer& answer) {
    std::vector<std::string> taken;
    for (engine::ToolCall& call : answer.message.toolCalls) {
        call.id = state_.conversation.uniqueCallId(call.id);
        const std::string stem = call.id;
        for (size_t n = 2; std::find(taken.begin(), taken.end(), call.id) != taken.end(); ++n)
            call.id = fmt::format("{}_{}", stem, n);
        taken.push_back(call.id);
    }
    return state_.recorder.add(MessageAdded{answer.message});
}

Turn::MaybeEnd Turn::take(Answer answer) {
    if (answer.failure) return takeFailure(answer);
    if (answer.finish.reason == engine::FinishReason::contextFull) {
        if (++nOverflows_ > kOverflowsMax)
            return Outcome{EndStatus::budget,
                           "the conversation does not fit into the model's context"};
        return makeRoom(Room::forced);
    }
    const bool isEmpty = answer.message.text.empty() && answer.message.toolCalls.empty();
    if (answer.finish.reason == engine::FinishReason::refusal) {
        answer.message.toolCalls.clear();  // a refusal is not acted upon
        if (!answer.message.text.empty()) TRY(makeUnique(answer));
        return Outcome{EndStatus::refused, answer.finish.detail.empty()
                                               ? "the model declined to answer"
                                               : "the model declined: " + answer.finish.detail};
    }
    if (isEmpty) {
        if (++nEmpty_ > kEmptyAnswersMax)
            return Outcome{EndStatus::stuck,
                           fmt::format("the model gave {} empty answers in a row", nEmpty_)};
        TRY(addUser("[empty answer] Go on with the task: call a tool, or say what you have done."));
        return std::nullopt;
    }
    nEmpty_ = 0;
    TRY(makeUnique(answer));
    return answer.message.toolCalls.empty() ? takeText(answer) : takeCalls(answer);
}

Turn::MaybeEnd Turn::takeFailure(Answer& answer) {
    const base::Error error = *answer.failure;
    if (error.kind() != base::Errc::cancelled)
        return Outcome{EndStatus::error, "the model cannot be used: " + error.message()};
    if (!answer.message.text.empty()) {
        answer.message.toolCalls.clear();  // what was not finished is not run
        answer.message.reasoningBlocks.clear();
        answer.message.text += "\n[interrupted]";
        TRY(makeUnique(answer));
    }
    if (!isStopped() && isPastDeadline()) {  // to the hand-over
        isModelUnreachable_ = answer.isUnreachable;
        return std::nullopt;
    }
    return stopped();
}

Turn::MaybeEnd Turn::takeCalls(const Answer& answer) {
    const bool isCut = answer.finish.reason == engine::FinishReason::length;
    if (isCut) {
        if (++nCut_ > kCutAnswersMax)
            return Outcome{EndStatus::stuck,
                           fmt::format("the output limit cut {} answers in a row", nCut_)};
        if (!state_.hasRaisedOutputLimit) {
            int64_t& limit = state_.options.chat.outputTokensMax;
            const int64_t most = state_.environment.model.limits().outputTokensMax;
            const int64_t raised = std::max(limit, std::min(limit * 4, kRaisedOutputTokens));
            limit = most > 0 ? std::max(limit, std::min(raised, most)) : raised;
            state_.hasRaisedOutputLimit = true;
            TRY(state_.recorder.notice(
                "info", "output_limit_raised",
                fmt::format("a tool call was cut off; the output limit is now {} tokens", limit)));
        }
    } else {
        nCut_ = 0;
    }
    TRY_ASSIGN(std::optional<Outcome> end,
               calls_.run(answer.message.toolCalls, isCut ? AnswerEnd::cut : AnswerEnd::whole,
                          {stop_.get_token(), nextStop_.get_token()}));
    if (isStopped()) return stopped();
    return end;
}

Turn::MaybeEnd Turn::takeText(const Answer& answer) {
    if (answer.finish.reason == engine::FinishReason::length) {
        if (++nCut_ > kCutAnswersMax)
            return Outcome{EndStatus::stuck,
                           fmt::format("the output limit cut {} answers in a row", nCut_)};
        TRY(addUser("[cut off: output limit reached] Go on with the task in shorter answers."));
        return std::nullopt;
    }
    nCut_ = 0;
    if (hasCallInText(answer.message.text)) {
        const auto finding = guard_.malformed();
        if (!finding.stop.empty()) return Outcome{EndStatus::stuck, finding.stop};
        TRY(
            addUser("[not run: a tool call was written as text] Use the tool interface, or answer "
                    "without the mark-up."));
        return std::nullopt;
    }
    return complete(answer.message.text);
}

Turn::MaybeEnd Turn::makeRoom(Room room) {
    const engine::ChatModel& model = state_.environment.model;
    const engine::ModelLimits limits = model.limits();
    const auto count = [&](std::string_view text) {
        return text.empty() ? int64_t(0) : model.countTokens(text);
    };
    const int64_t context = limits.contextTokens > 0 ? limits.contextTokens : 128'000;
    if (room == Room::ifNeeded) {
        if (limits.contextTokens <= 0) return std::nullopt;
        const int64_t reserve = std::min(state_.options.chat.outputTokensMax, context / 4);
        const int64_t used =
            state_.conversation.countTokens(count) + count(schemasToJson(state_.schemas)) + reserve;
        if (used <= context) return std::nullopt;
    }
    for (const int64_t part : {1, 4, 16}) {
        HistoryPruned plan = state_.conversation.planPruning(
            count, std::min(kProtectedTokens, context / 4) / part,
            std::max<int64_t>(1, std::min(kPruneStepTokens, context / 5) / part));
        if (plan.messageSeqs.empty()) continue;
        const auto nResults = plan.messageSeqs.size();
        const std::string saved = base::humanBytes(plan.savedBytes);
        TRY(state_.recorder.add(std::move(plan)));
        TRY(state_.recorder.notice(
            "info", "history_pruned",
            fmt::format("{} old tool results were shortened by {} to make room", nResults, saved)));
        return std::nullopt;
    }
    if (room == Room::ifNeeded) return std::nullopt;  // an estimate only: the model decides
    return Outcome{EndStatus::budget,
                   fmt::format("the conversation does not fit into the model's context of {} "
                               "tokens, and there is no old tool result left to shorten",
                               context)};
}

base::Result<Outcome> Turn::handOver(const std::string& spent) {
    const Outcome outcome{EndStatus::budget, spent + " were spent"};
    if (isModelUnreachable_) {  // the budget was spent on waiting for it: no more of that
        TRY(state_.recorder.notice("warning", "no_hand_over", "the model could not be reached"));
        return outcome;
    }
    giveTimeForHandOver();
    TRY(addUser(fmt::format(
        "[budget spent: {}] No tool runs any more. Write a short hand-over: what is done, what was "
        "checked with which result, what is missing, the next step.",
        spent)));
    TRY_ASSIGN(Answer answer, ask(handOverStop_.get_token()));
    if (answer.failure) {
        if (isStopped()) return stopped();
        TRY(state_.recorder.notice("warning", "no_hand_over", answer.failure->message()));
        return outcome;
    }
    if (!answer.message.text.empty() || !answer.message.toolCalls.empty()) TRY(makeUnique(answer));
    TRY(calls_.refuse(answer.message.toolCalls, "[not run: budget spent]"));
    return outcome;
}

}  // namespace moxie::agent
