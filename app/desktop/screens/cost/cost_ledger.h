// What all sessions cost by day, read from the usage events of their logs. The logs are the truth:
// a session that was deleted is not counted any more. What was read is kept in a small file with
// a stamp of each log, so only what changed since is read again.
// Threads: readCosts() a worker's; values else.
#pragma once
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "app/desktop/model/cost_model.h"
#include "base/clock.h"
#include "base/result.h"

namespace moxie::desktop {

struct SessionCosts {
    std::string id = {}, repository = {};
    std::string stamp = {};  // of the log's files: an event more makes it another one
    std::vector<DayCost> days = {};
    bool operator==(const SessionCosts&) const = default;

    Cost total() const;
};

struct CostLedger {
    int64_t utcOffsetMs = 0;                  // the borders of days depend on it
    std::vector<SessionCosts> sessions = {};  // by id
    bool operator==(const CostLedger&) const = default;

    const SessionCosts* find(std::string_view id) const;
    // `firstDay` to `lastDay`, both included; one row for each day with a cost, oldest first.
    std::vector<DayCost> days(int64_t firstDay, int64_t lastDay) const;
    Cost ofDay(int64_t day) const;
    Cost ofProject(std::string_view repository) const;
};

// Days since 1970-01-01 in local time.
int64_t dayOf(int64_t timeMs, int64_t utcOffsetMs);

// Brings `before` up to date. A log that cannot be read is passed over. Fails: io (the folder),
// cancelled. Cost: about 20 us for each session whose log is as it was.
base::Result<CostLedger> readCosts(const std::filesystem::path& sessionsFolder,
                                   const CostLedger& before, base::Clock& clock,
                                   const std::stop_token& stop);

// The file of the ledger. Broken or of another version: an empty ledger.
CostLedger loadLedger(const std::filesystem::path& file, int64_t utcOffsetMs);
base::Status saveLedger(const std::filesystem::path& file, const CostLedger& ledger);

}  // namespace moxie::desktop
