// The sidebar: all sessions by project, what state each is in and which need the user. Built from
// EventLog::list() and the live events of sessions that run; what the user gave (title, seen,
// archived) comes in and goes out as SessionMarks. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/event.h"
#include "agent/event_log.h"
#include "tools/worktree.h"

namespace moxie::desktop {

// In the order in which they are shown.
enum class SessionState {
    needsPermission,
    asks,    // its last answer ends with a question mark
    paused,  // a budget was reached
    failed,
    working,
    finishedUnseen,
    idle,
};

// What the user decided; kept by the settings, not in the log.
// What the user thinks of an answer. It is kept on this computer and sent nowhere.
enum class Rating : int8_t { bad = -1, none = 0, good = 1 };

struct SessionMarks {
    std::string title = {};  // empty: from the first task
    int64_t seenMs = 0;      // when the session was last shown
    bool isArchived = false;
    std::map<int32_t, Rating> ratings = {};  // of answers, by the number of their turn
    bool operator==(const SessionMarks&) const = default;
};

struct SessionRow {
    std::string id = {}, repository = {}, title = {};
    std::string branch = {};  // that its folder is on; "": none
    SessionState state = SessionState::idle;
    int64_t changedMs = 0;
    int32_t nTurns = 0;
    bool isUnseen = false;      // something ended since it was last shown
    bool isInWorktree = false;  // of its own
    bool operator==(const SessionRow&) const = default;
};

struct ProjectRows {
    std::string repository = {};
    std::string branch = {};  // of the checkout; "": none
    std::vector<SessionRow> sessions = {};
    bool operator==(const ProjectRows&) const = default;
};

enum class SessionFilter { all, needsMe, running, archived };

class SessionList {
public:
    // What is on disk. Sessions that are not in it any more are gone; live states stay.
    void setSessions(const std::vector<agent::SessionInfo>& sessions);
    // An event of a session that runs, here or elsewhere. True: its row changed.
    bool apply(std::string_view id, const agent::Event& event);

    // What the folder of sessions is a checkout of. True: a row changed. Sessions in a worktree
    // stand below the project that it belongs to.
    bool setCheckout(const std::string& repository, tools::Checkout checkout);

    // Unknown ids are remembered: the session may come later.
    void setMarks(std::string_view id, SessionMarks marks);
    SessionMarks marks(std::string_view id) const;
    void markSeen(std::string_view id, int64_t nowMs);

    // Projects by their newest session; in each those that need the user first, then those at
    // work, then by time. `words`: parts of the title or the folder, any case, all must be there.
    std::vector<ProjectRows> rows(SessionFilter filter, std::string_view words = {}) const;
    // How many need the user, for the window's title and the tray.
    int32_t nNeedMe() const;

private:
    struct Session {
        SessionRow row;
        std::string firstTask;
        int64_t endedMs = 0;  // of the last turn
        int32_t nAsking = 0;  // permissions that wait
        std::string answer;   // end of the last answer
        bool isWorking = false;
        std::string status;   // of the last turn
        int64_t liveSeq = 0;  // last event applied
    };

    SessionRow rowOf(const Session& session) const;
    std::string projectOf(const SessionRow& row) const;
    bool isShown(const SessionRow& row, SessionFilter filter) const;

    std::map<std::string, Session, std::less<>> sessions_;
    std::map<std::string, SessionMarks, std::less<>> marks_;
    std::map<std::string, tools::Checkout, std::less<>> checkouts_;  // by a session's folder
};

// The agent waits for a person, who was not told yet or has to answer.
bool needsUser(const SessionRow& row);

}  // namespace moxie::desktop
