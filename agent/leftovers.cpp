#include "agent/leftovers.h"

#include <algorithm>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "agent/call_arguments.h"
#include "agent/event_log.h"
#include "agent/lease.h"
#include "agent/policy.h"
#include "tools/file_transaction.h"

namespace moxie::agent {

namespace fs = std::filesystem;

namespace {

constexpr size_t kSessionsMax = 8;
constexpr uintmax_t kLogBytesMax = 64 << 20;
constexpr int64_t kSweptEventsMax = 1'000'000;

// The folders of the files that open calls were to write. Commands write by themselves.
std::set<fs::path> openFolders(const std::vector<Event>& events,
                               const tools::Workspace& workspace) {
    std::map<std::string, const ToolCallStarted*> open;
    for (const Event& event : events) {
        if (const auto* started = std::get_if<ToolCallStarted>(&event.body))
            open[started->callId] = started;
        else if (const auto* ended = std::get_if<ToolCallEnded>(&event.body))
            open.erase(ended->callId);
    }
    std::set<fs::path> folders;
    for (const auto& [id, started] : open) {
        const auto arguments = parseCallArguments(started->arguments);
        if (!arguments) continue;
        for (const std::string& path : policyCall(started->tool, *arguments, {}).subjects)
            if (const auto file = workspace.insideWritable(path))
                folders.insert(file->parent_path());
    }
    return folders;
}

// Of a session that a killed process drove in this workspace; nothing if it is another's.
int64_t sweepSession(const fs::path& sessionsFolder, const std::string& id,
                     const tools::Workspace& workspace, base::Clock& clock) {
    // Being the driver for a moment also gives the lease back.
    const auto log = EventLog::open(sessionsFolder, id, EventLog::Access::drive, clock);
    if (!log) return 0;
    const auto events = (*log)->read(0, kSweptEventsMax);
    if (!events || events->empty()) return 0;
    const auto* started = std::get_if<SessionStarted>(&events->front().body);
    if (!started || started->repository != workspace.root().string()) return 0;
    return sweepLeftovers(*events, workspace, clock.wallMs());
}

}  // namespace

int64_t sweepLeftovers(const std::vector<Event>& events, const tools::Workspace& workspace,
                       int64_t nowMs) {
    int64_t nRemoved = 0;
    for (const fs::path& folder : openFolders(events, workspace))
        nRemoved += tools::sweepStaged(workspace.root(), folder, nowMs);
    return nRemoved;
}

int64_t sweepAbandoned(const fs::path& sessionsFolder, const tools::Workspace& workspace,
                       base::Clock& clock) {
    std::vector<std::string> abandoned;
    std::error_code error;
    fs::directory_iterator it(sessionsFolder, error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
        std::error_code none;
        const auto bytes = fs::file_size(it->path() / "log.sqlite", none);
        if (!none && bytes <= kLogBytesMax && Lease::isAbandoned(it->path() / "lease"))
            abandoned.push_back(it->path().filename().string());
    }
    std::sort(abandoned.begin(), abandoned.end(), std::greater<>());
    if (abandoned.size() > kSessionsMax) abandoned.resize(kSessionsMax);
    int64_t nRemoved = 0;
    for (const std::string& id : abandoned)
        nRemoved += sweepSession(sessionsFolder, id, workspace, clock);
    return nRemoved;
}

}  // namespace moxie::agent
