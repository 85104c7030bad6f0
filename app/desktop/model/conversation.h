// What the conversation screen shows, built from the events of one session: turns, and in each the
// steps, the answer and how it ended. A value that is cheap to copy (see shared_list.h), so a copy
// is the immutable snapshot. It holds facts and counts, never sentences: words, colours and folding
// belong to the view. It keeps no truth of its own; the event log can always build it again.
// Threads: values.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "agent/event.h"
#include "app/desktop/core/shared_list.h"
#include "app/desktop/model/call_details.h"

namespace moxie::desktop {

// ---- the items of a turn, in the order in which they happened ----

struct ReasoningItem {
    std::string text = {};
    int64_t tokens = 0;  // 0: not counted (yet)
    int64_t startedMs = 0, endedMs = 0;
    bool isStreaming = false;
    bool operator==(const ReasoningItem&) const = default;
};

// Text of the model: the answer if Turn::answerItem says so, else a word between steps.
struct TextItem {
    std::string text = {};  // Markdown
    bool isStreaming = false;
    bool operator==(const TextItem&) const = default;
};

enum class CardState {
    running,
    asking,  // waits for a permission
    done,
    failed,       // the tool said so, or a command ended with another code than 0
    denied,       // by a person or a rule
    interrupted,  // the turn ended first
};

struct CardPermission {
    std::string reason = {};  // why it was asked
    std::string answer = {};  // as in agent::PermissionAnswered; empty: not yet
    std::string rule = {};
    bool operator==(const CardPermission&) const = default;
};

struct ToolCard {
    std::string callId = {}, tool = {}, title = {};
    CallDetails details = {};
    CardState state = CardState::running;
    int64_t startedMs = 0, durationMs = 0;
    int32_t exitCode = -1;        // of a command; -1: none
    std::string outputTail = {};  // last 20 lines as they came, escape sequences and all
    int64_t outputLines = 0;      // line ends of all live output
    int64_t resultBytes = 0;      // of what the model got to read
    std::string errorText = {};   // start of the result of a failed or refused call
    std::vector<std::string> changedPaths = {};
    std::optional<CardPermission> permission = {};
    bool operator==(const ToolCard&) const = default;
};

struct CheckItem {  // a verification
    std::string command = {}, outputTail = {};
    int32_t exitCode = -1, round = 1, number = 1, total = 1;
    bool hasPassed = false;
    bool isRunning = false;  // its command is known when it ends
    int64_t durationMs = 0;
    bool operator==(const CheckItem&) const = default;
};

struct CommitItem {
    std::string commit = {}, message = {};
    std::vector<std::string> paths = {};
    bool operator==(const CommitItem&) const = default;
};

struct NoticeItem {
    std::string level = {}, code = {}, text = {};  // level: "info", "warning", "error"
    bool operator==(const NoticeItem&) const = default;
};

using Item = std::variant<ReasoningItem, TextItem, ToolCard, CheckItem, CommitItem, NoticeItem>;

// The folded line: "7 steps: read 3 files, ran 1 command, edited 2 files, 12 s".
struct StepSummary {
    int32_t nSteps = 0;                        // reasoning blocks and tool calls
    int32_t nFilesRead = 0, nFilesEdited = 0;  // each file once
    int32_t nCommands = 0, nSearches = 0, nOther = 0;
    int32_t nFailed = 0;     // calls that failed or were denied
    int64_t durationMs = 0;  // from the turn's start to its last step's end
    bool operator==(const StepSummary&) const = default;
};

struct Turn {
    int32_t number = 0;  // as in the events; 0: before the first task
    std::string task = {};
    std::string model = {}, checkpoint = {};
    int64_t startedMs = 0, endedMs = 0;
    SharedList<Item> items = {};
    StepSummary summary = {};
    int64_t answerItem = -1;  // the last text that no call follows; -1: none yet
    int32_t nAsking = 0;      // cards that wait for a permission
    bool isRunning = false;
    std::optional<agent::EndStatus> status = {};  // empty: running, or killed without an end
    std::string reason = {};                      // of the end
    bool operator==(const Turn&) const = default;
};

struct Conversation {
    std::string sessionId = {}, repository = {}, mode = {};
    SharedList<Turn> turns = {};
    bool operator==(const Conversation&) const = default;
};

}  // namespace moxie::desktop
