#include "agent/event_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>

#include "agent/lease.h"

namespace moxie::agent {

namespace fs = std::filesystem;

namespace {

constexpr int kSchemaVersion = 1;
constexpr const char* kSchema =
    "CREATE TABLE event("
    "  seq INTEGER PRIMARY KEY,"  // 1, 2, 3, ... without gaps
    "  time_ms INTEGER NOT NULL,"
    "  turn INTEGER NOT NULL,"
    "  type TEXT NOT NULL,"
    "  json TEXT NOT NULL);"  // the whole event as published
    "CREATE INDEX event_type ON event(type, seq);";

constexpr const char* kInsert = "INSERT INTO event VALUES(?1,?2,?3,?4,?5)";

struct CloseDatabase {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
};

struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

base::Error databaseError(sqlite3* db, std::string_view step) {
    const int code = sqlite3_errcode(db) & 0xFF;
    const bool isCorrupt = code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
    return {isCorrupt ? base::Errc::corrupt : base::Errc::io,
            fmt::format("event log: {}: {}", step, sqlite3_errmsg(db))};
}

base::Status execute(sqlite3* db, const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return base::fail(databaseError(db, sql));
    return {};
}

base::Result<Statement> prepare(sqlite3* db, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) != SQLITE_OK)
        return base::fail(databaseError(db, "prepare"));
    return Statement(statement);
}

base::Result<Database> openDatabase(const fs::path& file, EventLog::Access access, int createFlag) {
    sqlite3* raw = nullptr;
    // A reader needs write access to the shared-memory file of the WAL, never to the log itself.
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | createFlag;
    const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
    Database db(raw);
    if (code != SQLITE_OK) return base::fail(databaseError(raw, "open"));
    sqlite3_busy_timeout(raw, 5000);
    if (access == EventLog::Access::readOnly) {
        TRY(execute(raw, "PRAGMA query_only=1"));
    } else {
        TRY(execute(raw, "PRAGMA journal_mode=WAL"));
        TRY(execute(raw, "PRAGMA synchronous=FULL"));
    }
    return db;
}

base::Result<int64_t> integer(sqlite3* db, const char* sql) {
    TRY_ASSIGN(const Statement statement, prepare(db, sql));
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return 0;
    if (code != SQLITE_ROW) return base::fail(databaseError(db, "read"));
    return sqlite3_column_int64(statement.get(), 0);
}

base::Result<Event> eventOfRow(sqlite3_stmt* row, int column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    const int length = sqlite3_column_bytes(row, column);
    if (!text) return base::fail(base::Errc::corrupt, "event log: a row has no text");
    const auto parsed = nlohmann::json::parse(text, text + length, nullptr, false);
    if (parsed.is_discarded())
        return base::fail(base::Errc::corrupt, "event log: a row is not JSON");
    return eventFromJson(parsed);
}

base::Result<std::vector<Event>> eventsOf(sqlite3_stmt* rows, sqlite3* db) {
    std::vector<Event> events;
    for (;;) {
        const int code = sqlite3_step(rows);
        if (code == SQLITE_DONE) return events;
        if (code != SQLITE_ROW) return base::fail(databaseError(db, "read"));
        TRY_ASSIGN(Event event, eventOfRow(rows, 0));
        events.push_back(std::move(event));
    }
}

// First or last event of one type; nullopt if there is none.
base::Result<std::optional<Event>> oneOfType(sqlite3* db, const char* type, const char* order) {
    const std::string sql =
        fmt::format("SELECT json FROM event WHERE type=?1 ORDER BY seq {} LIMIT 1", order);
    TRY_ASSIGN(const Statement statement, prepare(db, sql.c_str()));
    sqlite3_bind_text(statement.get(), 1, type, -1, SQLITE_STATIC);
    const int code = sqlite3_step(statement.get());
    if (code == SQLITE_DONE) return std::optional<Event>();
    if (code != SQLITE_ROW) return base::fail(databaseError(db, "read"));
    TRY_ASSIGN(Event event, eventOfRow(statement.get(), 0));
    return std::optional<Event>(std::move(event));
}

// "20261122-010203-9f3a1c": sorts by time, unique by chance.
std::string makeSessionId(int64_t wallMs) {
    const std::time_t seconds = wallMs / 1000;
    std::tm utc{};
    gmtime_r(&seconds, &utc);
    std::random_device random;
    return fmt::format("{:%Y%m%d-%H%M%S}-{:06x}", utc, random() & 0xFFFFFFU);
}

bool isSessionId(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

}  // namespace

struct EventLog::State {
    std::string id;
    fs::path folder;
    base::Clock* clock = nullptr;
    std::optional<Lease> lease;  // of the driver only
    Database db;
    Statement insert;  // of the driver only
    int64_t seq = 0;   // of the last event
};

EventLog::EventLog(std::unique_ptr<State> state) : state_(std::move(state)) {}

EventLog::~EventLog() = default;

const std::string& EventLog::sessionId() const {
    return state_->id;
}

fs::path EventLog::folder() const {
    return state_->folder;
}

int64_t EventLog::lastSeq() const {
    return state_->seq;
}

base::Result<std::unique_ptr<EventLog>> EventLog::create(const fs::path& sessionsFolder,
                                                         base::Clock& clock) {
    auto state = std::make_unique<State>();
    state->clock = &clock;
    std::error_code error;
    fs::create_directories(sessionsFolder, error);
    if (error)
        return base::fail(base::Errc::io,
                          fmt::format("create {}: {}", sessionsFolder.string(), error.message()));
    for (int attempt = 0; state->folder.empty(); ++attempt) {
        state->id = makeSessionId(clock.wallMs());
        const fs::path folder = sessionsFolder / state->id;
        if (fs::create_directory(folder, error))
            state->folder = folder;
        else if (error || attempt == 20)
            return base::fail(base::Errc::io, fmt::format("create {}: {}", folder.string(),
                                                          error ? error.message() : "exists"));
    }
    // Prompts and file contents lie in here: for the owner only.
    fs::permissions(state->folder, fs::perms::owner_all, error);
    TRY_ASSIGN(state->lease, Lease::take(state->folder / "lease"));
    TRY_ASSIGN(state->db,
               openDatabase(state->folder / "log.sqlite", Access::drive, SQLITE_OPEN_CREATE));
    const std::string sql =
        fmt::format("BEGIN;{}PRAGMA user_version={};COMMIT;", kSchema, kSchemaVersion);
    TRY(execute(state->db.get(), sql.c_str()));
    TRY_ASSIGN(state->insert, prepare(state->db.get(), kInsert));
    return std::unique_ptr<EventLog>(new EventLog(std::move(state)));
}

base::Result<std::unique_ptr<EventLog>> EventLog::open(const fs::path& sessionsFolder,
                                                       std::string_view id, Access access,
                                                       base::Clock& clock) {
    auto state = std::make_unique<State>();
    state->clock = &clock;
    state->id = std::string(id);
    state->folder = sessionsFolder / state->id;
    const fs::path file = state->folder / "log.sqlite";
    std::error_code error;
    if (!isSessionId(id) || !fs::is_regular_file(file, error))
        return base::fail(base::Errc::notFound, fmt::format("there is no session \"{}\"", id));
    if (access == Access::drive) {
        TRY_ASSIGN(state->lease, Lease::take(state->folder / "lease"));
    }
    TRY_ASSIGN(state->db, openDatabase(file, access, 0));
    TRY_ASSIGN(const int64_t version, integer(state->db.get(), "PRAGMA user_version"));
    if (version != kSchemaVersion)
        return base::fail(base::Errc::corrupt,
                          fmt::format("event log has schema version {}, this program knows {}",
                                      version, kSchemaVersion));
    TRY_ASSIGN(state->seq, integer(state->db.get(), "SELECT max(seq) FROM event"));
    TRY_ASSIGN(const int64_t count, integer(state->db.get(), "SELECT count(*) FROM event"));
    if (count != state->seq)
        return base::fail(
            base::Errc::corrupt,
            fmt::format("event log has {} events but the last has number {}", count, state->seq));
    if (access == Access::drive) {
        TRY_ASSIGN(state->insert, prepare(state->db.get(), kInsert));
    }
    return std::unique_ptr<EventLog>(new EventLog(std::move(state)));
}

base::Result<Event> EventLog::append(int32_t turn, EventBody body) {
    std::vector<EventBody> bodies;
    bodies.push_back(std::move(body));
    TRY_ASSIGN(std::vector<Event> events, appendAll(turn, std::move(bodies)));
    return std::move(events.front());
}

base::Result<std::vector<Event>> EventLog::appendAll(int32_t turn, std::vector<EventBody> bodies) {
    BASE_CHECK(state_->insert != nullptr);
    sqlite3* db = state_->db.get();
    std::vector<Event> events;
    TRY(execute(db, "BEGIN IMMEDIATE"));
    for (EventBody& body : bodies) {
        Event event{.seq = state_->seq + int64_t(events.size()) + 1,
                    .timeMs = state_->clock->wallMs(),
                    .turn = turn,
                    .body = std::move(body)};
        const std::string text = toJsonLine(event);
        const std::string_view type = typeName(event.body);
        sqlite3_stmt* insert = state_->insert.get();
        sqlite3_bind_int64(insert, 1, event.seq);
        sqlite3_bind_int64(insert, 2, event.timeMs);
        sqlite3_bind_int(insert, 3, event.turn);
        sqlite3_bind_text(insert, 4, type.data(), int(type.size()), SQLITE_STATIC);
        sqlite3_bind_text64(insert, 5, text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
        const int code = sqlite3_step(insert);
        sqlite3_reset(insert);
        if (code != SQLITE_DONE) {
            const base::Error error = databaseError(db, "append");
            sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);  // the first error counts
            return base::fail(error);
        }
        events.push_back(std::move(event));
    }
    if (auto committed = execute(db, "COMMIT"); !committed) {
        sqlite3_exec(db, "ROLLBACK", nullptr, nullptr, nullptr);  // the first error counts
        return base::fail(std::move(committed).error());
    }
    state_->seq += int64_t(events.size());
    return events;
}

base::Result<std::vector<Event>> EventLog::read(int64_t afterSeq, int64_t limit) const {
    TRY_ASSIGN(
        const Statement statement,
        prepare(state_->db.get(), "SELECT json FROM event WHERE seq>?1 ORDER BY seq LIMIT ?2"));
    sqlite3_bind_int64(statement.get(), 1, afterSeq);
    sqlite3_bind_int64(statement.get(), 2, std::max<int64_t>(limit, 0));
    return eventsOf(statement.get(), state_->db.get());
}

base::Result<std::vector<Event>> EventLog::readOfType(std::string_view type, int64_t afterSeq,
                                                      int64_t limit) const {
    TRY_ASSIGN(const Statement statement,
               prepare(state_->db.get(),
                       "SELECT json FROM event WHERE type=?3 AND seq>?1 ORDER BY seq LIMIT ?2"));
    sqlite3_bind_int64(statement.get(), 1, afterSeq);
    sqlite3_bind_int64(statement.get(), 2, std::max<int64_t>(limit, 0));
    sqlite3_bind_text(statement.get(), 3, type.data(), int(type.size()), SQLITE_STATIC);
    return eventsOf(statement.get(), state_->db.get());
}

namespace {

base::Result<SessionInfo> readInfo(const fs::path& folder) {
    TRY_ASSIGN(const Database db,
               openDatabase(folder / "log.sqlite", EventLog::Access::readOnly, 0));
    SessionInfo info;
    info.id = folder.filename().string();
    info.isLeased = Lease::isHeld(folder / "lease");
    TRY_ASSIGN(const auto started, oneOfType(db.get(), "session_started", "ASC"));
    TRY_ASSIGN(const auto firstTurn, oneOfType(db.get(), "turn_started", "ASC"));
    TRY_ASSIGN(const auto lastTurn, oneOfType(db.get(), "turn_started", "DESC"));
    TRY_ASSIGN(const auto lastEnd, oneOfType(db.get(), "turn_ended", "DESC"));
    TRY_ASSIGN(const auto usage, oneOfType(db.get(), "usage", "DESC"));
    TRY_ASSIGN(info.changedMs, integer(db.get(), "SELECT max(time_ms) FROM event"));
    if (started) {
        info.startedMs = started->timeMs;
        info.repository = std::get<SessionStarted>(started->body).repository;
    }
    if (firstTurn) info.firstTask = std::get<TurnStarted>(firstTurn->body).task;
    if (lastTurn) info.turns = lastTurn->turn;
    if (usage) info.costUsd = std::get<UsageCounted>(usage->body).costUsd;
    const bool isOpen = lastTurn && (!lastEnd || lastEnd->seq < lastTurn->seq);
    if (isOpen)
        info.lastStatus = info.isLeased ? "running" : "interrupted";
    else if (lastEnd)
        info.lastStatus = toString(std::get<TurnEnded>(lastEnd->body).status);
    return info;
}

}  // namespace

base::Result<SessionInfo> EventLog::info(const fs::path& sessionsFolder, std::string_view id) {
    std::error_code error;
    const fs::path folder = sessionsFolder / std::string(id);
    if (!isSessionId(id) || !fs::is_directory(folder, error))
        return base::fail(base::Errc::notFound, fmt::format("there is no session \"{}\"", id));
    return readInfo(folder);
}

base::Result<std::vector<SessionInfo>> EventLog::list(const fs::path& sessionsFolder) {
    std::vector<SessionInfo> sessions;
    std::error_code error;
    if (!fs::exists(sessionsFolder, error)) return sessions;
    fs::directory_iterator it(sessionsFolder, error);
    if (error)
        return base::fail(base::Errc::io,
                          fmt::format("list {}: {}", sessionsFolder.string(), error.message()));
    for (; it != fs::directory_iterator(); it.increment(error)) {
        if (error) break;
        if (!isSessionId(it->path().filename().string())) continue;
        auto info = readInfo(it->path());
        if (!info) {  // one broken session must not hide the others
            info = SessionInfo{};
            info->id = it->path().filename().string();
            info->lastStatus = "corrupt";
        }
        sessions.push_back(std::move(*info));
    }
    std::sort(sessions.begin(), sessions.end(),
              [](const SessionInfo& a, const SessionInfo& b) { return a.id > b.id; });
    return sessions;
}

}  // namespace moxie::agent
