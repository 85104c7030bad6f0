// What the conversation screen shows, built from the events of one session: turns, and in each the
// steps, the answer and how it ended. A value that is cheap to copy (see shared_list.h), so a copy
// is the immutable snapshot. It holds facts and counts, never sentences: words, colours and folding
// belong to the view. It keeps no truth of its own; the event log can always build it again.
// Threads: values.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "agent/event.h"
#include "app/desktop/core/shared_list.h"
#include "app/desktop/model/turn_item.h"

namespace moxie::desktop {

// The folded line: "7 steps: read 3 files, ran 1 command, edited 2 files, 12 s".
struct StepSummary {
    int32_t nSteps = 0;                        // reasoning blocks and tool calls
    int32_t nFilesRead = 0, nFilesEdited = 0;  // each file once
    int32_t nCommands = 0, nSearches = 0, nOther = 0;
    int32_t nFailed = 0;     // calls that failed or were denied
    int64_t durationMs = 0;  // from the turn's start to its last step's end
    bool operator==(const StepSummary&) const = default;
};

// The pictures of a message, in their order; a snapshot, never empty where there is one.
using TurnPictures = std::shared_ptr<const std::vector<engine::Image>>;

struct Turn {
    int32_t number = 0;  // as in the events; 0: before the first task
    std::string task = {};
    TurnPictures pictures = {};  // null: none
    std::string model = {}, checkpoint = {};
    int64_t startedMs = 0, endedMs = 0;
    SharedList<Item> items = {};  // in the order in which they happened
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
