#include "agent/session.h"

#include <fmt/format.h>

#include <array>
#include <condition_variable>
#include <mutex>

#include "agent/leftovers.h"
#include "agent/prompt.h"
#include "agent/session_state.h"
#include "agent/turn.h"

namespace moxie::agent {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kReadEventsMax = 10'000'000;
constexpr std::array<std::string_view, 4> kModeNames = {"plan", "ask", "auto-edit", "auto"};
constexpr std::array<std::string_view, 6> kAnswerNames = {"once",   "turn",   "session",
                                                          "always", "denied", "unavailable"};

class DrivenSession final : public Session {
public:
    explicit DrivenSession(std::unique_ptr<SessionState> state) : state_(std::move(state)) {}

    const std::string& id() const override { return state_->log->sessionId(); }

    using Session::runTurn;

    base::Result<TurnEnded> runTurn(Task task, const std::stop_token& stop,
                                    const std::stop_token& stopAfterCall) override {
        {
            std::unique_lock lock(mutex_);
            isFree_.wait(lock, [this] { return !isDriven_; });
            isDriven_ = true;
        }
        auto ended = Turn(*state_, stop, stopAfterCall).run(std::move(task));
        // A failure is a log that cannot be written, which the turn has told already.
        (void)recordPlansAndGiveUp();
        return ended;
    }

    void changePlan(std::string itemsJson) override {
        state_->userPlans.add(std::move(itemsJson));
        {
            std::lock_guard lock(mutex_);
            if (isDriven_) return;  // whoever drives records it
            isDriven_ = true;
        }
        // What cannot be written waits for the next turn, which then fails and says why.
        (void)recordPlansAndGiveUp();
    }

    std::string serialiseNextRequest() const override {
        const engine::ChatRequest request = state_->request();
        std::string bytes = state_->environment.model.serialise(request);
        return bytes.empty() ? canonicalRequest(request) : bytes;
    }

private:
    // Requires: the caller drives. Nothing that came before it gave up is left behind.
    base::Status recordPlansAndGiveUp() {
        base::Status recorded;
        std::vector<EventBody> bodies = state_->userPlans.take();
        for (;;) {
            if (!bodies.empty()) recorded = state_->recordPlans(std::move(bodies));
            std::lock_guard lock(mutex_);
            bodies = recorded ? state_->userPlans.take() : std::vector<EventBody>();
            if (!bodies.empty()) continue;
            isDriven_ = false;
            isFree_.notify_all();
            return recorded;
        }
    }

    std::unique_ptr<SessionState> state_;
    std::mutex mutex_;  // guards isDriven_
    std::condition_variable isFree_;
    bool isDriven_ = false;  // a thread works on state_
};

// A file that has other bytes by now is stale when it is edited, as within one process.
void learnObserved(SessionState& state, const ToolCallEnded& ended) {
    for (const std::string& line : ended.observed)
        state.observations.apply(line);  // a line that is none: the file must be read again
}

// What the model was told of the mode and of the user's plan, event by event.
class Told {
public:
    explicit Told(SessionState& state) : state_(state) {}

    void replay(const EventBody& body) {
        if (const auto* started = std::get_if<SessionStarted>(&body)) {
            mode_ = started->mode;
        } else if (const auto* turn = std::get_if<TurnStarted>(&body)) {
            if (!turn->mode.empty()) mode_ = turn->mode;
        } else if (const auto* added = std::get_if<MessageAdded>(&body)) {
            if (added->message.role != engine::Role::user) return;
            state_.toldMode = mode_;
            state_.planNote.clear();
        } else if (const auto* plan = std::get_if<PlanChanged>(&body)) {
            if (const auto note = planNote(plan->itemsJson); note && plan->byUser)
                state_.planNote = *note;
        }
    }

private:
    SessionState& state_;
    std::string mode_;
};

// What only a living process knows is rebuilt here; what the log knows is replayed.
void replay(SessionState& state, const std::vector<Event>& events) {
    Told told(state);
    for (const Event& event : events) {
        state.conversation.replay(event);
        told.replay(event.body);
        if (const auto* added = std::get_if<MessageAdded>(&event.body))
            state.repositoryPack.replay(*added, state.environment.model);
        state.recorder.setTurn(event.turn);
        if (const auto* started = std::get_if<SessionStarted>(&event.body)) {
            auto schemas = schemasFromJson(started->toolsJson);
            if (!schemas.empty()) state.schemas = std::move(schemas);
        } else if (const auto* usage = std::get_if<UsageCounted>(&event.body)) {
            state.totalUsage = usage->total;
            state.totalCostUsd = usage->costUsd;
        } else if (const auto* answered = std::get_if<PermissionAnswered>(&event.body)) {
            if (answered->answer == "session" || answered->answer == "always")
                state.policy.allow({answered->rule, answered->isPattern});
        } else if (const auto* ended = std::get_if<ToolCallEnded>(&event.body)) {
            learnObserved(state, *ended);
        } else if (const auto* model = std::get_if<ModelAnswering>(&event.body)) {
            state.lastModel = model->chosen;
        } else if (const auto* notice = std::get_if<Notice>(&event.body)) {
            if (notice->code == "undone") state.undoNote = "[" + notice->text + "]";
        } else if (std::holds_alternative<TurnStarted>(event.body)) {
            state.undoNote.clear();
        }
    }
}

bool hasOpenTurn(const std::vector<Event>& events) {
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        if (std::holds_alternative<TurnEnded>(event->body)) return false;
        if (std::holds_alternative<TurnStarted>(event->body)) return true;
    }
    return false;
}

base::Status answerOpenCalls(SessionState& state, const std::string& text) {
    for (const engine::ToolCall& call : state.conversation.openCalls()) {
        MessageAdded added;
        added.message.role = engine::Role::tool;
        added.message.text = text;
        added.message.toolCallId = call.id;
        added.message.isToolError = true;
        TRY(state.recorder.add(std::move(added)));
    }
    return {};
}

base::Result<std::unique_ptr<SessionState>> makeState(SessionOptions options,
                                                      SessionEnvironment environment,
                                                      std::unique_ptr<EventLog> log) {
    TRY_ASSIGN(tools::Workspace workspace, tools::Workspace::open(options.repository));
    auto state = std::make_unique<SessionState>(std::move(options), std::move(environment),
                                                std::move(workspace), std::move(log));
    state->tools =
        state->environment.makeTools ? state->environment.makeTools() : tools::makeTools();
    state->schemas = schemasOf(state->tools);
    return state;
}

SessionStarted startedEvent(const SessionState& state) {
    SessionStarted started;
    started.sessionId = state.log->sessionId();
    started.repository = state.workspace.root().string();
    started.version = state.options.moxieVersion;
    started.mode = toString(state.options.mode);
    started.toolsJson = schemasToJson(state.schemas);
    return started;
}

base::Status reportJail(SessionState& state) {
    if (state.sandbox.level() != "none") return {};
    return state.recorder.notice(
        "warning", "no_jail",
        "commands run without a jail or not at all: " + state.sandbox.reason());
}

base::Status reportSwept(SessionState& state, int64_t nFiles) {
    if (nFiles == 0) return {};
    return state.recorder.notice(
        "info", "leftovers_removed",
        fmt::format("{} half-written hidden files of a killed process were removed", nFiles));
}

base::Result<std::string> repositoryOf(const std::vector<Event>& events) {
    for (const Event& event : events)
        if (const auto* started = std::get_if<SessionStarted>(&event.body))
            return started->repository;
    return base::fail(base::Errc::corrupt, "the event log does not say where the session works");
}

// The events that a forked session begins with: what was said and done, not what it cost.
bool isInherited(const EventBody& body) {
    return std::holds_alternative<TurnStarted>(body) ||
           std::holds_alternative<MessageAdded>(body) ||
           std::holds_alternative<ToolCallStarted>(body) ||
           std::holds_alternative<ToolCallEnded>(body) ||
           std::holds_alternative<PlanChanged>(body) || std::holds_alternative<TurnEnded>(body);
}

// The events that `parent` hands down, with message numbers of the new log inside HistoryPruned.
std::vector<std::pair<int32_t, EventBody>> inherited(const std::vector<Event>& parent,
                                                     int64_t seqMax, int64_t firstSeq) {
    std::vector<std::pair<int32_t, EventBody>> out;
    std::vector<std::pair<int64_t, int64_t>> newSeq;  // sorted by the old one
    for (const Event& event : parent) {
        if (event.seq > seqMax) break;
        EventBody body = event.body;
        if (auto* pruned = std::get_if<HistoryPruned>(&body)) {
            for (int64_t& seq : pruned->messageSeqs)
                for (const auto& [from, to] : newSeq)
                    if (from == seq) {
                        seq = to;
                        break;
                    }
        } else if (!isInherited(body)) {
            continue;
        }
        newSeq.emplace_back(event.seq, firstSeq + int64_t(out.size()));
        out.emplace_back(event.turn, std::move(body));
    }
    return out;
}

void inheritTools(SessionState& state, const std::vector<Event>& parent, SessionStarted& started) {
    for (const Event& event : parent)
        if (const auto* first = std::get_if<SessionStarted>(&event.body))
            if (auto schemas = schemasFromJson(first->toolsJson); !schemas.empty()) {
                started.toolsJson = first->toolsJson;
                state.schemas = std::move(schemas);
            }
}

// Writes what the first `seqMax` events of the parent hand down. True: the last turn is open.
base::Result<bool> inherit(SessionState& state, const std::vector<Event>& parent, int64_t seqMax) {
    bool isTurnOpen = false;
    Told told(state);
    if (!parent.empty()) told.replay(parent.front().body);  // it names the mode of old turns
    for (auto& [turn, body] : inherited(parent, seqMax, state.recorder.lastSeq() + 1)) {
        state.recorder.setTurn(turn);
        if (std::holds_alternative<TurnStarted>(body)) isTurnOpen = true;
        if (std::holds_alternative<TurnEnded>(body)) isTurnOpen = false;
        if (const auto* ended = std::get_if<ToolCallEnded>(&body)) learnObserved(state, *ended);
        told.replay(body);
        TRY(state.recorder.add(std::move(body)));
    }
    return isTurnOpen;
}

}  // namespace

std::string_view toString(PermissionMode mode) {
    return kModeNames[size_t(mode)];
}

std::string_view toString(PermissionAnswer answer) {
    return kAnswerNames[size_t(answer)];
}

std::optional<PermissionMode> permissionModeFromString(std::string_view text) {
    for (size_t i = 0; i < kModeNames.size(); ++i)
        if (kModeNames[i] == text) return PermissionMode(i);
    return std::nullopt;
}

base::Result<std::unique_ptr<Session>> Session::start(SessionOptions options,
                                                      SessionEnvironment environment) {
    // Before a log is made for nothing.
    TRY_ASSIGN(const auto workspace, tools::Workspace::open(options.repository));
    const int64_t nSwept = sweepAbandoned(options.sessionsFolder, workspace, environment.clock);
    TRY_ASSIGN(auto log, EventLog::create(options.sessionsFolder, environment.clock));
    TRY_ASSIGN(auto state, makeState(std::move(options), std::move(environment), std::move(log)));
    TRY(state->recorder.add(startedEvent(*state)));
    TRY(reportSwept(*state, nSwept));
    TRY(reportJail(*state));
    return std::make_unique<DrivenSession>(std::move(state));
}

base::Result<std::unique_ptr<Session>> Session::resume(std::string_view sessionId,
                                                       SessionOptions options,
                                                       SessionEnvironment environment) {
    TRY_ASSIGN(auto log, EventLog::open(options.sessionsFolder, sessionId, EventLog::Access::drive,
                                        environment.clock));
    TRY_ASSIGN(const std::vector<Event> events, log->read(0, kReadEventsMax));
    if (options.repository.empty()) {
        TRY_ASSIGN(options.repository, repositoryOf(events));
    }
    TRY_ASSIGN(auto state, makeState(std::move(options), std::move(environment), std::move(log)));
    replay(*state, events);
    TRY(answerOpenCalls(*state,
                        "[interrupted: Moxie ended while this was open] It may have run in part. "
                        "Check before you repeat it."));
    if (hasOpenTurn(events))
        TRY(state->recorder.add(
            TurnEnded{EndStatus::interrupted, "the program ended before the turn did", 0, 0}));
    TRY(reportSwept(*state,
                    sweepLeftovers(events, state->workspace, state->environment.clock.wallMs())));
    TRY(reportJail(*state));
    return std::make_unique<DrivenSession>(std::move(state));
}

base::Result<std::unique_ptr<Session>> Session::fork(std::string_view sessionId, int64_t seq,
                                                     SessionOptions options,
                                                     SessionEnvironment environment) {
    TRY_ASSIGN(const auto parent, EventLog::open(options.sessionsFolder, sessionId,
                                                 EventLog::Access::readOnly, environment.clock));
    TRY_ASSIGN(const std::vector<Event> events, parent->read(0, kReadEventsMax));
    if (options.repository.empty()) {
        TRY_ASSIGN(options.repository, repositoryOf(events));
    }
    const int64_t seqMax = seq > 0 ? seq : int64_t(events.size());
    TRY_ASSIGN(auto log, EventLog::create(options.sessionsFolder, environment.clock));
    TRY_ASSIGN(auto state, makeState(std::move(options), std::move(environment), std::move(log)));
    SessionStarted started = startedEvent(*state);
    started.parentSession = std::string(sessionId);
    started.parentSeq = seqMax;
    inheritTools(*state, events, started);
    TRY(state->recorder.add(std::move(started)));
    TRY_ASSIGN(const bool isTurnOpen, inherit(*state, events, seqMax));
    TRY(answerOpenCalls(*state, "[not run: the conversation was forked before this ended]"));
    if (isTurnOpen)
        TRY(state->recorder.add(
            TurnEnded{EndStatus::interrupted, "the session was forked within the turn", 0, 0}));
    TRY(reportJail(*state));
    return std::make_unique<DrivenSession>(std::move(state));
}

base::Result<std::vector<std::string>> undoLastTurn(const fs::path& sessionsFolder,
                                                    std::string_view sessionId,
                                                    base::Clock& clock) {
    TRY_ASSIGN(auto log, EventLog::open(sessionsFolder, sessionId, EventLog::Access::drive, clock));
    TRY_ASSIGN(const std::vector<Event> events, log->read(0, kReadEventsMax));
    // Each undo takes one turn: checkpoints are a stack, and "undone" takes the top one off.
    std::vector<std::pair<int32_t, std::string>> checkpoints;
    int32_t lastTurn = 0;
    for (const Event& event : events) {
        lastTurn = event.turn;
        if (const auto* taken = std::get_if<CheckpointTaken>(&event.body))
            checkpoints.emplace_back(event.turn, taken->commit);
        if (const auto* notice = std::get_if<Notice>(&event.body))
            if (notice->code == "undone" && !checkpoints.empty()) checkpoints.pop_back();
    }
    if (checkpoints.empty())
        return base::fail(base::Errc::notFound, "the session has no turn that can be given back");
    TRY_ASSIGN(const std::string repository, repositoryOf(events));
    TRY_ASSIGN(tools::Git git, tools::Git::open(repository));
    tools::Checkpoints store(git, std::string(sessionId));
    TRY_ASSIGN(const tools::RestoreResult restored, store.restore(checkpoints.back().second));
    TRY(log->append(lastTurn,
                    Notice{"info", "undone",
                           fmt::format("The user gave back turn {}: the files are as they were "
                                       "before it, {} paths changed. Read files again before you "
                                       "edit them.",
                                       checkpoints.back().first, restored.changedPaths.size())}));
    return restored.changedPaths;
}

}  // namespace moxie::agent
