// Applies the events of one session to a Conversation, and tells what changed so that a view
// touches only that. Any events in any order: what cannot be placed is left out, nothing crashes.
// Applying the events one by one, or all at once, or again from the start gives the same value.
// Threads: one thread at a time; copies of now() are snapshots for any thread.
// Cost: O(1) per event beside its own text; a copy of now() after it, one item more.
#pragma once
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/event.h"
#include "app/desktop/model/conversation.h"

namespace moxie::desktop {

// To be played back in order on what the view had before, reading from now().
struct ConversationChange {
    enum class Kind {
        session,      // id, repository or mode
        turnAdded,    // without items
        turnChanged,  // anything but its items
        itemAdded,    // at the end
        itemChanged,
        itemsCut,  // `item` and all behind it are gone (an attempt of the model failed)
    };
    Kind kind = Kind::session;
    int64_t turn = 0, item = 0;  // indices
    bool operator==(const ConversationChange&) const = default;
};

class ConversationModel {
public:
    void apply(const agent::Event& event);
    // No process drives the session: what seems to run was interrupted. Events may follow all the
    // same.
    void noteDriverGone();

    // Copy it to keep it.
    const Conversation& now() const { return now_; }

    // All changes since the last call; a change that repeats a recent one is told once.
    std::vector<ConversationChange> takeChanges();

private:
    using Kind = ConversationChange::Kind;

    // One per kind of event; those that nothing is shown of do nothing.
    void on(const agent::SessionStarted& started);
    void on(const agent::TurnStarted& started);
    void on(const agent::MessageAdded& added);
    void on(const agent::RequestSent& request);
    void on(const agent::ModelAnswering& answering);
    void on(const agent::AttemptFailed& failed);
    void on(const agent::Delta& delta);
    void on(const agent::ToolCallStarted& call);
    void on(const agent::ToolOutput& output);
    void on(const agent::ToolCallEnded& result);
    void on(const agent::PermissionAsked& question);
    void on(const agent::PermissionAnswered& answer);
    void on(const agent::CheckpointTaken& checkpoint);
    void on(const agent::PlanChanged& plan);
    void on(const agent::UsageCounted& usage);
    void on(const agent::VerificationRun& run);
    void on(const agent::Committed& commit);
    void on(const agent::Notice& notice);
    void on(const agent::HistoryPruned& pruned);
    void on(const agent::TurnEnded& ended);

    Turn& turn();  // the last one, made if there is none; told as changed
    int64_t addItem(Item item);

    template <class T>
    T& edit(int64_t item) {
        tell(Kind::itemChanged, item);
        Turn& last = now_.turns.edit(now_.turns.size() - 1);
        return last.items.edit(item).get<T>();
    }

    ToolCard* card(const std::string& callId);
    void stream(const std::string& text, bool isReasoning);
    void closeReasoning();
    void closeStreams();
    void countCall(const ToolCard& card);
    void addCheckOutput(const std::string& text);
    void abandonTurn();
    void tell(Kind kind, int64_t item = 0);
    void forgetItems(int64_t first);

    Conversation now_;
    std::vector<ConversationChange> changes_;
    int64_t timeMs_ = 0;  // of the event being applied
    int32_t number_ = 0;  // its turn
    // Of the last turn:
    int64_t reasoning_ = -1, text_ = -1;  // items that are streaming
    int64_t runningCheck_ = -1;           // an item
    int64_t lastReasoning_ = -1;          // of the request that is under way
    int64_t attemptItem_ = 0;             // where the items of this attempt begin
    std::map<std::string, int64_t> cards_;
    std::set<std::string> filesRead_, filesEdited_;
};

}  // namespace moxie::desktop
