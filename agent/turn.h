// One turn: from a task to its terminal event. Ask the model, run its calls, verify, commit.
// Threads: owner thread of the session only; a thread of its own only watches the wall-time budget.
#pragma once
#include <atomic>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "agent/answer.h"
#include "agent/budget_meter.h"
#include "agent/loop_guard.h"
#include "agent/outcome.h"
#include "agent/session_state.h"
#include "agent/tool_calls.h"

namespace moxie::agent {

class Turn {
public:
    // `userStop` ends what runs; `stopAfterCall` lets a running tool or check end first.
    Turn(SessionState& state, const std::stop_token& userStop,
         const std::stop_token& stopAfterCall);

    // Fails: only when the log cannot be written.
    base::Result<TurnEnded> run(Task task);

private:
    using MaybeEnd = base::Result<std::optional<Outcome>>;

    base::Result<Outcome> watchedLoop();
    base::Result<Outcome> loop();
    base::Status tellPackNews();
    base::Status addTask();
    std::string withNotes(std::string_view task);
    base::Status addUser(std::string text, std::vector<engine::Image> images = {});
    // Of a user's plan that came in the meantime.
    base::Status recordPlans();
    base::Status tellPlan();
    MaybeEnd step();
    base::Result<Answer> ask(const std::stop_token& stop);
    MaybeEnd take(Answer answer);
    MaybeEnd takeFailure(Answer& answer);
    MaybeEnd takeCalls(const Answer& answer);
    MaybeEnd takeText(const Answer& answer);
    base::Status makeUnique(Answer& answer);
    // Shortens old results when the next request would not fit, or when it did not (forced).
    enum class Room { ifNeeded, forced };
    MaybeEnd makeRoom(Room room);
    // What the model's last word leads to; nullopt: it goes on with the output of a failed check.
    MaybeEnd complete(const std::string& finalText);
    MaybeEnd verify();
    // Names of the edit that nobody knows and that the model was not told of yet, in a notice.
    base::Result<std::vector<indexer::UnknownName>> checkNames();
    MaybeEnd runChecks(const std::vector<std::string>& commands);
    base::Result<Outcome> commit(Outcome outcome, const std::string& finalText);
    base::Result<Outcome> handOver(const std::string& spent);
    bool isStopped() const;  // by the user, in either way
    Outcome stopped() const;
    bool isPastDeadline() const;
    // From now on, or from the end of the wall-time budget if that is later.
    void giveTimeForHandOver();
    void watchDeadline(const std::stop_token& ended);

    SessionState& state_;
    std::stop_token userStop_, stopAfterCall_;
    std::stop_source stop_;          // the user's stop, or the wall-time budget
    std::stop_source nextStop_;      // the same, or stopAfterCall: nothing new begins
    std::stop_source handOverStop_;  // the user's stops, or the end of the time for a hand-over
    std::stop_callback<std::function<void()>> onUserStop_, onStopAfterCall_;
    BudgetMeter budget_;
    LoopGuard guard_;
    ToolCalls calls_;
    Task task_;
    int64_t firstSeq_ = 0;  // of this turn
    Changes::Paths paths_;  // as the model left them, before any check ran
    std::vector<indexer::UnknownName> toldNames_;
    std::atomic<int64_t> handOverEndMs_ = 0;  // in the turn's time; 0: none is being asked for
    bool isModelUnreachable_ = false;         // when the wall-time budget cut the last request
    int32_t nEmpty_ = 0, nCut_ = 0, nRounds_ = 0, nOverflows_ = 0;
};

}  // namespace moxie::agent
