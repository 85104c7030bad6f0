// What the sidebar and the search need of all sessions, so that not every log must be opened: a
// cache in SQLite beside the other caches, made again on any doubt. Threads: one thread at a time,
// never the GUI's: it reads logs.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "agent/event_log.h"
#include "app/desktop/session/session_store_model.h"
#include "base/clock.h"
#include "base/result.h"

struct sqlite3;

namespace moxie::desktop {

class SessionCatalog {
public:
    // A file that cannot be used is replaced; where there can be none the cache is in memory.
    // Fails: io (not even that).
    static base::Result<std::unique_ptr<SessionCatalog>> open(const std::filesystem::path& file,
                                                              std::filesystem::path sessionsFolder,
                                                              base::Clock& clock);
    ~SessionCatalog();
    SessionCatalog(const SessionCatalog&) = delete;
    SessionCatalog& operator=(const SessionCatalog&) = delete;

    // All sessions of the folder, in no order. Cost: a look at each folder; logs that changed are
    // opened.
    base::Result<std::vector<agent::SessionInfo>> list();
    // These of them that are there.
    base::Result<std::vector<agent::SessionInfo>> look(const std::vector<std::string>& ids);

    enum class Indexed { all, some };

    // Takes more text into the full-text index, for at most some tens of milliseconds.
    base::Result<Indexed> indexMore(const std::stop_token& stop);
    // Hits without titles, best first, at most `limit` + 1.
    base::Result<std::vector<SessionHit>> search(const QString& words, int64_t limit);

private:
    struct Known {
        std::string signature;
        agent::SessionInfo info;
    };

    SessionCatalog(std::filesystem::path sessionsFolder, base::Clock& clock);
    base::Status prepare(const std::string& file);
    base::Status readKnown();
    base::Result<agent::SessionInfo> infoOf(const std::string& id);
    base::Status save(const std::string& id);
    base::Status forget(const std::string& id);
    base::Result<Indexed> indexNext();
    base::Status indexSession(const std::string& id);
    base::Status addText(const std::string& id, const agent::Event& event);

    struct CloseDatabase {
        void operator()(sqlite3* db) const;
    };

    std::filesystem::path sessionsFolder_;
    base::Clock& clock_;
    std::unique_ptr<sqlite3, CloseDatabase> db_;
    std::map<std::string, Known> known_;
};

}  // namespace moxie::desktop
