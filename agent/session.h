// One agent session: a task goes in, events come out, an EndStatus is computed from the log.
// This is what `moxie run`, the desktop and every server drive.
// Threads: runTurn() on the owner thread; stop through the token and changePlan() from any thread;
// onEvent is called after the event is on disk, on the owner thread or, between turns, on the one
// that changes the plan.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/event.h"
#include "agent/event_log.h"
#include "base/clock.h"
#include "engine/chat_model.h"
#include "indexer/index.h"
#include "tools/sandbox.h"
#include "tools/tool.h"

namespace moxie::agent {

enum class PermissionMode {
    plan,      // reads only
    ask,       // asks before writes and commands; headless without an answerer: denied, exit code 5
    autoEdit,  // edits run, commands are asked for
    autonomous  // "auto": everything runs inside the jail; destructive git commands still ask
};
std::string_view toString(PermissionMode mode);  // "plan", "ask", "auto-edit", "auto"
std::optional<PermissionMode> permissionModeFromString(std::string_view text);

// Of one turn; 0: no bound. At 90 % the model is warned; at 100 % no tool runs any more, the model
// is asked for a hand-over and the turn ends with EndStatus::budget.
struct Budget {
    int32_t steps = 100;
    int64_t tokens = 0;
    int64_t wallMs = 0;
    double costUsd = 0;
};

struct PermissionQuestion {
    std::string callId, tool, summary, reason;
    std::string detail;        // the arguments of the call, as JSON
    std::string rule = {};     // what decided that it is asked: "mode ask", "destructive git"
    std::string touches = {};  // what the call may reach: "write, execute; in the jail, no network"
    // What a wider answer would allow, "bash(ctest*)", to be offered for editing; empty: it is
    // asked each time, and whyOnlyOnce says why.
    std::string suggestedRule = {}, whyOnlyOnce = {};
};
enum class PermissionAnswer {
    once,
    forTurn,     // the same call and what the rule covers, until the turn ends
    forSession,  // until the session ends
    always,      // as forSession; whoever was asked keeps the rule for later sessions
    denied,
    unavailable,  // nobody was there
};
std::string_view toString(PermissionAnswer answer);  // as in the event: "once", "turn", "session",
                                                     // "always", "denied", "unavailable"

struct PermissionReply {
    PermissionAnswer answer = PermissionAnswer::unavailable;
    // Of a wider answer; empty: exactly this call. It must be for this tool and cover this call,
    // else the call is allowed once and a notice says so.
    std::string rule = {};
    std::string reason = {};  // of a denial, told to the model
};

// What a user sends. Pictures go to a model that takes them; another one fails the turn.
struct Task {
    std::string text = {};
    std::vector<engine::Image> images = {};
};

struct SessionOptions {
    std::filesystem::path repository;      // resume, fork: empty means the stored one
    std::filesystem::path sessionsFolder;  // usually dataDir()/sessions
    PermissionMode mode = PermissionMode::autonomous;
    Budget budget = {};
    tools::SandboxMode sandbox = tools::SandboxMode::required;
    tools::NetworkAccess network = tools::NetworkAccess::denied;
    std::vector<std::string> verifyCommands =
        {};  // empty: found from the project (CMake presets, ctest, package.json, go.mod, pytest,
             // Makefile ...)
    bool commitsAtEnd = false;
    std::string commitMessage = {};  // empty: from the task and the diff
    int64_t packTokens = 0;          // of the repository pack in the first request; 0: no pack
    std::vector<std::string> deniedTools = {};
    // As in permission_rule.h. Deny wins over ask, ask over allow, allow over the mode. An allow
    // rule for a command must match each command of a line.
    std::vector<std::string> denyRules = {}, askRules = {}, allowRules = {};
    engine::ChatOptions chat = {};
    std::string moxieVersion = {};
};

// What a session needs from outside; all outlive it.
struct SessionEnvironment {
    engine::ChatModel& model;
    indexer::Index* index = nullptr;
    base::Clock& clock;
    std::function<void(const Event&)> onEvent = {};
    std::function<PermissionReply(const PermissionQuestion&, const std::stop_token&)>
        askPermission = {};  // empty: headless
    // The tools of the session; empty: tools::makeTools(). For plugins and tests.
    std::function<std::vector<std::unique_ptr<tools::Tool>>()> makeTools = {};
    // Why the stop token fired: interrupted (SIGINT, the default) or terminated (SIGTERM).
    std::function<EndStatus()> stopStatus = {};
};

class Session {
public:
    static base::Result<std::unique_ptr<Session>> start(SessionOptions options,
                                                        SessionEnvironment environment);
    // Continues a stored session: replays the log into the same request bytes. Fails: notFound,
    // busy, corrupt.
    static base::Result<std::unique_ptr<Session>> resume(std::string_view sessionId,
                                                         SessionOptions options,
                                                         SessionEnvironment environment);
    // A new session whose conversation starts as `sessionId`'s up to event `seq` (0: all of it).
    static base::Result<std::unique_ptr<Session>> fork(std::string_view sessionId, int64_t seq,
                                                       SessionOptions options,
                                                       SessionEnvironment environment);
    virtual ~Session() = default;

    virtual const std::string& id() const = 0;
    // Runs one turn to its end. Always writes TurnEnded; the error case is only a log that cannot
    // be written.
    // `stop` ends what runs. `stopAfterCall` ends the model's stream at once but lets a running
    // tool finish; no further one begins.
    virtual base::Result<TurnEnded> runTurn(Task task, const std::stop_token& stop,
                                            const std::stop_token& stopAfterCall) = 0;

    base::Result<TurnEnded> runTurn(std::string_view task, const std::stop_token& stop,
                                    const std::stop_token& stopAfterCall = {}) {
        return runTurn(Task{.text = std::string(task)}, stop, stopAfterCall);
    }

    // The user's plan takes the place of the model's: recorded as an event and told to the model
    // before its next request, or with the next task. `itemsJson` as in PlanChanged; anything else
    // is refused with a notice. Within a turn it only leaves the plan there and returns; between
    // turns it writes the log. Threads: any, also from onEvent.
    virtual void changePlan(std::string itemsJson) = 0;
    // The bytes the next request would have (for tests of prefix stability and resume).
    virtual std::string serialiseNextRequest() const = 0;
};

// Gives back what the last turn of a session changed: restores its checkpoint. Returns the changed
// paths.
base::Result<std::vector<std::string>> undoLastTurn(const std::filesystem::path& sessionsFolder,
                                                    std::string_view sessionId, base::Clock& clock);

}  // namespace moxie::agent
