// Runs the calls of one answer: checks, policy, checkpoint, run, result. Every call gets exactly
// one answer, in call order, whatever happens. Threads: owner thread of the session; up to three
// calls that only read run beside each other on threads that end before run() returns.
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "agent/budget_meter.h"
#include "agent/loop_guard.h"
#include "agent/outcome.h"
#include "agent/session_state.h"

namespace moxie::agent {

// Whether the answer was ended by the output limit: none of its calls runs then.
enum class AnswerEnd { whole, cut };

struct CallStops {
    std::stop_token now;   // ends what runs
    std::stop_token next;  // nothing new begins, no question is waited for; fires with `now`
};

class ToolCalls {
public:
    ToolCalls(SessionState& state, BudgetMeter& budget, LoopGuard& guard)
        : state_(state),
          budget_(budget),
          guard_(guard) {}

    // What ends the turn now, if anything. Fails: the log cannot be written.
    base::Result<std::optional<Outcome>> run(const std::vector<engine::ToolCall>& calls,
                                             AnswerEnd end, const CallStops& stops);
    // Answers calls without running them. Fails: as run().
    base::Status refuse(const std::vector<engine::ToolCall>& calls, const std::string& text);

private:
    enum class RefusalKind {
        ours,       // nothing that the model did wrong: cut, too many, interrupted
        malformed,  // a call that could not be read
        wrong,      // a call that cannot be: no such tool
        denied,     // by a rule, a mode or a person
    };

    struct Prepared {
        engine::ToolCall call;
        tools::Tool* tool = nullptr;
        nlohmann::json arguments;
        tools::Effects effects;
        std::string summary;
        std::string refusal;  // why it will not run, as the model reads it; empty: it may
        RefusalKind kind = RefusalKind::ours;
        bool isStarted = false;  // ToolCallStarted is recorded
    };

    struct Ran {
        tools::ToolResult result;
        std::optional<base::Error> failure;
        int64_t durationMs = 0;
    };

    Prepared prepare(const engine::ToolCall& call, size_t index, AnswerEnd end) const;
    bool mayRunBesideOthers(const Prepared& prepared) const;
    Ran execute(const Prepared& prepared, const std::function<void(std::string_view)>& onOutput,
                const std::stop_token& stop);
    base::Status runGroup(std::vector<Prepared>& group, const CallStops& stops);
    base::Status runSide(std::vector<Prepared>& group, const std::stop_token& stop);
    base::Status runOne(Prepared& prepared, const CallStops& stops);
    base::Status runAllowed(const Prepared& prepared, const std::stop_token& stop);
    base::Status checkpoint(Prepared& prepared);
    PolicyCall policyCallOf(const Prepared& prepared) const;
    base::Status start(Prepared& prepared);
    base::Status finish(const Prepared& prepared, Ran ran, std::vector<std::string> observed);
    base::Status finishRefused(const Prepared& prepared, const std::string& refusal);
    void countRefusal(const Prepared& prepared, std::string& text);
    // These set the refusal if the call is not allowed.
    base::Status askPolicy(Prepared& prepared, const CallStops& stops);
    base::Status takeReply(Prepared& prepared, const PolicyCall& call, const Decision& decision,
                           const PermissionReply& reply);
    base::Status refuseBecause(Prepared& prepared, std::string_view fact,
                               PermissionAnswered answer);
    std::string resultText(std::string text);

    SessionState& state_;
    BudgetMeter& budget_;
    LoopGuard& guard_;
    std::optional<Outcome> end_;
    size_t resultBytes_ = 0;  // of this answer
    size_t nLeft_ = 0;        // calls of this answer without a result
};

}  // namespace moxie::agent
