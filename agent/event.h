// The event log: every observable thing of a session, in order, written before it is shown or sent.
// CLI output, desktop, resume, replay, cost and tests are views of it; nothing keeps a second
// truth. The JSON form (toJson) is published as agent/event.schema.json and never changes meaning:
// fields are only added. Threads: events are values; EventLog: append() one thread at a time,
// read() from any thread or process.
#pragma once
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "engine/chat_model.h"

namespace moxie::agent {

// ---- one struct per kind; the JSON "type" is given in the comment ----

struct SessionStarted {  // "session_started"
    std::string sessionId, repository, version, mode, parentSession;
    int64_t parentSeq = 0;  // of a fork
    std::string toolsJson;  // the tool schemas that every request of the session carries
};

struct TurnStarted {  // "turn_started"
    std::string task;
    std::string mode = {};  // permission mode of this turn; empty in old logs: the session's
};

// A message that becomes part of the conversation. Its text is exactly what every later request
// carries.
struct MessageAdded {  // "message"
    engine::Message message;
    // What the repository pack or news of it in the text make the model believe of files, one of
    // indexer::toLine() each.
    std::vector<std::string> packed = {};
};

struct RequestSent {  // "request"
    std::string model;
    int64_t bytes = 0;
    std::string prefixHash;  // of the serialised request
    int32_t step = 0;
};

struct ModelAnswering {  // "model"
    engine::ModelChosen chosen;
};

struct AttemptFailed {  // "attempt_failed"
    engine::AttemptDiscarded attempt;
};

struct Delta {  // "delta": streamed for display, about ten a second; the whole text follows as
                // MessageAdded
    std::string channel;  // "text" or "reasoning"
    std::string text;
};

struct ToolCallStarted {  // "tool_call"
    std::string callId, tool, arguments, summary;
    std::string
        effects;  // of this call: "", "read", "write", "execute", "network", joined by a space
};

struct ToolOutput {  // "tool_output": live output of a running command
    std::string callId, text;
};

struct ToolCallEnded {  // "tool_result"
    std::string callId, tool, text;
    bool isError = false;
    int32_t exitCode = -1;
    int64_t durationMs = 0;
    std::vector<std::string> changedPaths;
    bool wasRun = true;  // false: refused before it started (denied, cut, malformed, unknown)
    // Files whose bytes the model knows since this call, as "HASH path", and "- path" for one that
    // it knows no longer. Of calls that ran side by side the last one tells for all.
    std::vector<std::string> observed = {};
};

struct PermissionAsked {  // "permission_asked"
    std::string callId, tool, summary, reason;
    std::string rule = {};     // what decided that it is asked
    std::string touches = {};  // what the call may reach
};

struct PermissionAnswered {  // "permission_answered"
    std::string callId;
    // "once"; "turn", "session", "always": from now on until the turn or the session ends, or kept
    // for later ones; "denied", "unavailable".
    std::string answer;
    std::string rule;         // what decided, or what "turn", "session", "always" allow
    bool isPattern = false;   // a * in that rule stands for any text; false: it is taken as it is
    std::string reason = {};  // of a person who denied, as the model reads it
};

struct CheckpointTaken {         // "checkpoint"
    std::string commit, reason;  // object id under refs/moxie/
};

struct PlanChanged {        // "plan"
    std::string itemsJson;  // [{"text": "...", "status": "pending" | "in_progress" | "done"}]
    bool byUser = false;    // the model is told with the next message of the user's role
};

struct UsageCounted {     // "usage"
    engine::Usage usage;  // of this request
    engine::Usage total;  // of the session
    double costUsd = 0;   // of the session; negative: unknown price
};

struct VerificationRun {  // "verification"
    std::string command, outputTail;
    int32_t exitCode = -1;
    bool passed = false;
    int64_t durationMs = 0;
    int32_t round = 1;              // verifications of one turn are counted from 1
    int32_t number = 1, total = 1;  // command `number` of the `total` this round has to run
};

struct Committed {  // "commit"
    std::string commit, message;
    std::vector<std::string> paths;
};

struct Notice {                     // "notice": something a user would want to know
    std::string level, code, text;  // level: "info", "warning", "error"
};

// Old tool results were shortened to make room. Later requests carry the short form, so this is the
// one place where a request does not begin with the bytes of the request before it.
struct HistoryPruned {                 // "pruned"
    std::vector<int64_t> messageSeqs;  // of the shortened MessageAdded events
    int64_t savedBytes = 0;
};

enum class EndStatus {  // "status" of "turn_ended"; values are the exit codes of `moxie run`
    verified = 0,
    error = 1,
    usage = 2,
    unverified = 3,
    verificationFailed = 4,
    permission = 5,
    budget = 6,
    stuck = 7,
    sandboxUnavailable = 8,
    refused = 9,
    interrupted = 130,
    terminated = 143,
};
std::string_view toString(EndStatus status);  // "verified", "error", ..., "terminated"
std::optional<EndStatus> endStatusFromString(std::string_view text);

struct TurnEnded {  // "turn_ended": the terminal event; exactly one per turn, in every case
    EndStatus status = EndStatus::error;
    std::string reason;  // one sentence
    int32_t steps = 0;
    int64_t durationMs = 0;
};

using EventBody =
    std::variant<SessionStarted, TurnStarted, MessageAdded, RequestSent, ModelAnswering,
                 AttemptFailed, Delta, ToolCallStarted, ToolOutput, ToolCallEnded, PermissionAsked,
                 PermissionAnswered, CheckpointTaken, PlanChanged, UsageCounted, VerificationRun,
                 Committed, Notice, HistoryPruned, TurnEnded>;

struct Event {
    int64_t seq = 0;     // 1, 2, 3, ... without gaps
    int64_t timeMs = 0;  // wall clock
    int32_t turn = 0;    // 0 before the first turn
    EventBody body;
};

std::string_view typeName(const EventBody& body);
nlohmann::json toJson(const Event& event);
// One line without its end, always valid UTF-8: what the log stores and stream-json prints.
std::string toJsonLine(const Event& event);
// Fails: corrupt, naming the field.
base::Result<Event> eventFromJson(const nlohmann::json& json);

}  // namespace moxie::agent
