#include "app/desktop/screens/cost/cost_ledger.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "agent/event_log.h"
#include "base/file.h"

namespace moxie::desktop {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int kVersion = 1;
constexpr int64_t kLedgerBytesMax = 64 << 20;
constexpr int64_t kEventsAtOnce = 1'000;
constexpr int64_t kDayMs = 24LL * 3600 * 1000;

// A row of the file: the day, then these members.
constexpr std::array kMembers = {&Cost::freshTokens,      &Cost::cachedTokens, &Cost::outputTokens,
                                 &Cost::reasoningTokens,  &Cost::nanoDollars,  &Cost::nRequests,
                                 &Cost::nUnpriced,        &Cost::nLocal,       &Cost::localMs,
                                 &Cost::localOutputTokens};

// Size and time of the log and of what was not written back into it yet.
std::string stampOf(const fs::path& folder) {
    std::string stamp;
    for (const char* name : {"log.sqlite", "log.sqlite-wal"}) {
        struct stat of = {};
        if (::stat((folder / name).c_str(), &of) != 0) continue;
        stamp += fmt::format("{}:{}.{} ", of.st_size, of.st_mtim.tv_sec, of.st_mtim.tv_nsec);
    }
    return stamp;
}

base::Result<std::vector<agent::Event>> readAll(const agent::EventLog& log, std::string_view type) {
    std::vector<agent::Event> all;
    for (int64_t seq = 0;;) {
        TRY_ASSIGN(auto events, log.readOfType(type, seq, kEventsAtOnce));
        if (events.empty()) return all;
        seq = events.back().seq;
        std::move(events.begin(), events.end(), std::back_inserter(all));
    }
}

base::Result<SessionCosts> readSession(const fs::path& sessionsFolder, const std::string& id,
                                       int64_t utcOffsetMs, base::Clock& clock) {
    TRY_ASSIGN(const auto log,
               agent::EventLog::open(sessionsFolder, id, agent::EventLog::Access::readOnly, clock));
    std::vector<agent::Event> events;
    for (const char* type : {"request", "model", "usage"}) {
        TRY_ASSIGN(auto some, readAll(*log, type));
        std::move(some.begin(), some.end(), std::back_inserter(events));
    }
    std::sort(events.begin(), events.end(),
              [](const auto& a, const auto& b) { return a.seq < b.seq; });
    CostModel model(utcOffsetMs);
    for (const agent::Event& event : events)
        model.apply(id, event);
    SessionCosts costs = {.id = id, .days = model.days()};
    TRY_ASSIGN(const auto started, log->readOfType("session_started", 0, 1));
    if (!started.empty())
        costs.repository = std::get<agent::SessionStarted>(started.front().body).repository;
    return costs;
}

json toJson(const SessionCosts& session) {
    json days = json::array();
    for (const DayCost& row : session.days) {
        json numbers = {row.day};
        for (const auto member : kMembers)
            numbers.push_back(row.cost.*member);
        days.push_back(std::move(numbers));
    }
    return {{"id", session.id},
            {"repository", session.repository},
            {"stamp", session.stamp},
            {"days", std::move(days)}};
}

// False: not as we write it.
bool fromJson(const json& from, SessionCosts& session) {
    const auto isText = [&](const char* name) {
        return from.contains(name) && from[name].is_string();
    };
    if (!from.is_object() || !isText("id") || !isText("repository") || !isText("stamp") ||
        !from.contains("days") || !from["days"].is_array())
        return false;
    session.id = from["id"].get<std::string>();
    session.repository = from["repository"].get<std::string>();
    session.stamp = from["stamp"].get<std::string>();
    for (const json& numbers : from["days"]) {
        const bool isRow = numbers.is_array() && numbers.size() == kMembers.size() + 1 &&
                           std::all_of(numbers.begin(), numbers.end(),
                                       [](const json& one) { return one.is_number_integer(); });
        if (!isRow) return false;
        DayCost& row = session.days.emplace_back();
        row.day = numbers[0].get<int64_t>();
        for (size_t i = 0; i < kMembers.size(); ++i)
            row.cost.*kMembers[i] = numbers[i + 1].get<int64_t>();
    }
    return true;
}

}  // namespace

Cost SessionCosts::total() const {
    Cost sum;
    for (const DayCost& row : days)
        sum += row.cost;
    return sum;
}

const SessionCosts* CostLedger::find(std::string_view id) const {
    const auto at = std::lower_bound(
        sessions.begin(), sessions.end(), id,
        [](const SessionCosts& session, std::string_view wanted) { return session.id < wanted; });
    return at == sessions.end() || at->id != id ? nullptr : &*at;
}

std::vector<DayCost> CostLedger::days(int64_t firstDay, int64_t lastDay) const {
    std::map<int64_t, Cost> sums;
    for (const SessionCosts& session : sessions)
        for (const DayCost& row : session.days)
            if (row.day >= firstDay && row.day <= lastDay) sums[row.day] += row.cost;
    std::vector<DayCost> rows;
    for (const auto& [day, cost] : sums)
        rows.push_back({day, cost});
    return rows;
}

Cost CostLedger::ofDay(int64_t day) const {
    const std::vector<DayCost> rows = days(day, day);
    return rows.empty() ? Cost() : rows.front().cost;
}

Cost CostLedger::ofProject(std::string_view repository) const {
    Cost sum;
    for (const SessionCosts& session : sessions)
        if (session.repository == repository) sum += session.total();
    return sum;
}

int64_t dayOf(int64_t timeMs, int64_t utcOffsetMs) {
    const int64_t localMs = timeMs + utcOffsetMs;
    return localMs / kDayMs - (localMs % kDayMs < 0 ? 1 : 0);
}

base::Result<CostLedger> readCosts(const fs::path& sessionsFolder, const CostLedger& before,
                                   base::Clock& clock, const std::stop_token& stop) {
    CostLedger now = {.utcOffsetMs = before.utcOffsetMs};
    std::error_code failed;
    if (!fs::exists(sessionsFolder, failed)) return now;
    fs::directory_iterator folder(sessionsFolder, failed);
    if (failed)
        return base::fail(base::Errc::io,
                          fmt::format("list {}: {}", sessionsFolder.string(), failed.message()));
    for (; folder != fs::directory_iterator(); folder.increment(failed)) {
        if (failed) break;
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "stopped");
        const std::string id = folder->path().filename().string();
        const std::string stamp = stampOf(folder->path());
        if (stamp.empty()) continue;
        const SessionCosts* known = before.find(id);
        if (known != nullptr && known->stamp == stamp) {
            now.sessions.push_back(*known);
            continue;
        }
        auto read = readSession(sessionsFolder, id, now.utcOffsetMs, clock);
        if (!read) continue;  // one broken session must not hide the others
        // Before the reading: what was written meanwhile shows in the next stamp.
        read->stamp = stamp;
        now.sessions.push_back(std::move(*read));
    }
    std::sort(now.sessions.begin(), now.sessions.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return now;
}

CostLedger loadLedger(const fs::path& file, int64_t utcOffsetMs) {
    const CostLedger empty = {.utcOffsetMs = utcOffsetMs};
    const auto text = base::readFile(file, kLedgerBytesMax);
    if (!text) return empty;
    const json read = json::parse(*text, nullptr, false);
    if (!read.is_object() || read.value("version", json()) != kVersion ||
        read.value("utc_offset_ms", json()) != utcOffsetMs || !read.contains("sessions") ||
        !read["sessions"].is_array())
        return empty;
    CostLedger ledger = empty;
    for (const json& session : read["sessions"])
        if (!fromJson(session, ledger.sessions.emplace_back())) return empty;
    std::sort(ledger.sessions.begin(), ledger.sessions.end(),
              [](const auto& a, const auto& b) { return a.id < b.id; });
    return ledger;
}

base::Status saveLedger(const fs::path& file, const CostLedger& ledger) {
    json sessions = json::array();
    for (const SessionCosts& session : ledger.sessions)
        sessions.push_back(toJson(session));
    const json whole = {{"version", kVersion},
                        {"utc_offset_ms", ledger.utcOffsetMs},
                        {"sessions", std::move(sessions)}};
    std::error_code failed;
    fs::create_directories(file.parent_path(), failed);
    // It can be made again from the logs.
    return base::writeFileAtomically(file,
                                     whole.dump(-1, ' ', false, json::error_handler_t::replace),
                                     base::Durability::renameOnly);
}

}  // namespace moxie::desktop
