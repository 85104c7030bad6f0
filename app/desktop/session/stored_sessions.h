// What the store does on disk: the catalogue, the bin, the logs of sessions that run. Errors are
// for people, without a sentence around them. Threads: one thread at a time, not the GUI's.
#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "app/desktop/session/conversation_markdown.h"
#include "app/desktop/session/session_bin.h"
#include "app/desktop/session/session_catalog.h"
#include "base/clock.h"
#include "base/result.h"
#include "tools/worktree.h"

namespace moxie::desktop {

class StoredSessions {
public:
    struct Places {
        std::filesystem::path sessionsFolder = {}, binFolder = {}, catalogFile = {};
    };

    StoredSessions(Places places, base::Clock& clock);

    // Opened at the first call. Fails: io.
    base::Result<SessionCatalog*> catalog();

    const SessionBin& bin() const { return bin_; }

    // The new events of a session that tell its state; of the first call, those at its end.
    std::vector<agent::Event> newEvents(const std::string& id);

    // What the folders of these sessions are checkouts of, by folder.
    static std::map<std::string, tools::Checkout> checkouts(
        const std::vector<agent::SessionInfo>& infos);

    // Fails: notFound, corrupt, io.
    base::Result<Conversation> conversation(const std::string& id) const;

    // The id of the new session. Fails: as agent::Session::fork().
    base::Result<std::string> fork(const std::string& id, int32_t lastTurn) const;

private:
    base::Result<int64_t> lastSeqOf(const agent::EventLog& log, int32_t lastTurn) const;

    Places places_;
    base::Clock& clock_;
    std::unique_ptr<SessionCatalog> catalog_;
    SessionBin bin_;
    std::map<std::string, int64_t> seen_;  // events that newEvents() gave out
};

}  // namespace moxie::desktop
