// The commands that the agent ran in a session: rows of the terminal tab, from the conversation.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "app/desktop/model/conversation.h"
#include "app/desktop/model/conversation_model.h"

namespace moxie::desktop {

struct CommandRow {
    int64_t turn = 0, item = 0;  // indices in the conversation
    std::string callId = {}, tool = {};
    int32_t turnNumber = 0;
    std::string command = {};    // empty: a check that runs is not named yet
    std::string directory = {};  // as asked for; empty: the repository
    CardState state = CardState::running;
    bool isCheck = false;   // a verification, not asked for by the model
    int32_t exitCode = -1;  // -1: none
    int64_t startedMs = 0, durationMs = 0;
    int64_t outputLines = 0;
    bool operator==(const CommandRow&) const = default;

    bool isRunning() const { return state == CardState::running; }
};

class CommandList {
public:
    enum class Effect : uint8_t {
        nothing,
        rowsChanged,  // the same rows in the same order: changedRows()
        all,          // rows came, went or moved
    };

    void rebuild(const Conversation& now);
    // Plays `changes` back; `now` is the snapshot after them.
    Effect apply(const Conversation& now, const std::vector<ConversationChange>& changes);

    // What is running first, then the newest first.
    const std::vector<int64_t>& order() const { return order_; }

    // In the order in which they began; order() holds indices into it.
    const std::vector<CommandRow>& rows() const { return rows_; }

    // Indices into rows(), of the last apply().
    const std::vector<int64_t>& changedRows() const { return changed_; }

    // -1: there is none.
    int64_t find(const std::string& callId, int32_t turnNumber) const;

private:
    void readItem(const Conversation& now, int64_t turn, int64_t item, Effect& effect);
    void sort();

    std::vector<CommandRow> rows_;
    std::vector<int64_t> order_, changed_;
};

}  // namespace moxie::desktop
