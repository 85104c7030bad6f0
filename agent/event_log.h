// The append-only log of one session in SQLite (dataDir()/sessions/<id>/log.sqlite, WAL,
// synchronous=full). append() returns after the event is on disk; only then may it be shown or
// sent. Threads: append() one thread at a time in one process (the lease); read() from any thread
// or process.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/event.h"
#include "base/clock.h"
#include "base/result.h"

namespace moxie::agent {

struct SessionInfo {
    std::string id, repository, firstTask,
        lastStatus;  // lastStatus: "verified", ..., "running", "interrupted"
    int64_t startedMs = 0, changedMs = 0;
    int32_t turns = 0;
    double costUsd = 0;
    bool isLeased = false;  // a living process drives it
};

class EventLog {
public:
    enum class Access { readOnly, drive };
    // Creates the session folder. Fails: io.
    static base::Result<std::unique_ptr<EventLog>> create(
        const std::filesystem::path& sessionsFolder, base::Clock& clock);
    // Fails: notFound, busy (drive: another living process holds the lease), corrupt.
    static base::Result<std::unique_ptr<EventLog>> open(const std::filesystem::path& sessionsFolder,
                                                        std::string_view id, Access access,
                                                        base::Clock& clock);
    ~EventLog();

    const std::string& sessionId() const;
    std::filesystem::path folder() const;  // of this session: log, spilled outputs
    int64_t lastSeq() const;               // 0: no event; of a reader: as it was when opened

    // Writes one event and returns it with its seq and time. Fails: io (disk full: the session
    // ends, nothing is lost).
    base::Result<Event> append(int32_t turn, EventBody body);
    // The same for several events in one transaction: all of them are on disk, or none is.
    base::Result<std::vector<Event>> appendAll(int32_t turn, std::vector<EventBody> bodies);
    // Events with seq > afterSeq, oldest first, at most `limit`.
    base::Result<std::vector<Event>> read(int64_t afterSeq, int64_t limit) const;
    // The same, of one type only ("usage"): found by an index, the others are not touched.
    base::Result<std::vector<Event>> readOfType(std::string_view type, int64_t afterSeq,
                                                int64_t limit) const;

    // Newest first. A session whose log cannot be read has lastStatus "corrupt".
    static base::Result<std::vector<SessionInfo>> list(const std::filesystem::path& sessionsFolder);
    // One row of list(). Fails: notFound, io, corrupt.
    static base::Result<SessionInfo> info(const std::filesystem::path& sessionsFolder,
                                          std::string_view id);

private:
    struct State;
    explicit EventLog(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace moxie::agent
