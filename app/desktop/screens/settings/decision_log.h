// What was asked and what was answered in the sessions of one repository, from their event logs.
// Threads: any thread; blocks on the logs.
#pragma once
#include <QString>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <vector>

#include "base/clock.h"

namespace moxie::desktop {

struct LoggedDecision {
    int64_t timeMs = 0;
    QString sessionId, tool;
    QString summary;  // what the call would do
    QString answer;   // agent::toString(PermissionAnswer): "once", "denied", ...
    QString rule;     // what decided, or what is allowed from now on
};

struct DecisionLog {
    std::vector<LoggedDecision> decisions = {};  // newest first
    int unreadable = 0;                          // sessions whose log is broken
    bool isCut = false;                          // older sessions were not read
    QString problem = {};                        // the folder itself cannot be read
};

// Bounded: the newest sessions up to about 200,000 events. Ends early with what it has when `stop`
// is requested.
DecisionLog readDecisions(const std::filesystem::path& sessionsFolder,
                          const std::filesystem::path& repository, base::Clock& clock,
                          const std::stop_token& stop);

}  // namespace moxie::desktop
