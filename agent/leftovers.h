// What killed processes left in a workspace: staged bytes of files whose writing did not end. A
// session's log says where: in the folders of the calls that were open. Threads: any thread.
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "agent/event.h"
#include "base/clock.h"
#include "tools/workspace.h"

namespace moxie::agent {

// Removes what the calls left open in `events` may have left. Returns how many files. Call it as
// the driver of that session, so that no living process works on them.
int64_t sweepLeftovers(const std::vector<Event>& events, const tools::Workspace& workspace,
                       int64_t nowMs);

// The same for sessions in this workspace whose process was killed, the newest first. Cost: a look
// at each session's folder, and reading the log of those that were killed.
int64_t sweepAbandoned(const std::filesystem::path& sessionsFolder,
                       const tools::Workspace& workspace, base::Clock& clock);

}  // namespace moxie::agent
