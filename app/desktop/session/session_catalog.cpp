#include "app/desktop/session/session_catalog.h"

#include <fmt/format.h>
#include <sqlite3.h>
#include <sys/stat.h>

#include <map>
#include <set>
#include <string_view>
#include <utility>

#include "app/desktop/session/search_text.h"
#include "app/desktop/session/session_lease.h"
#include "base/text.h"

namespace moxie::desktop {

namespace fs = std::filesystem;

namespace {

constexpr int kCatalogVersion = 1;
constexpr int64_t kEventsAtOnce = 500;
constexpr int64_t kIndexMs = 40;
constexpr int64_t kTextBytesMax = 64 << 10;  // of a message
constexpr int64_t kExcerptLength = 160;
constexpr const char* kCatalogSchema =
    "CREATE TABLE session("
    "  id TEXT PRIMARY KEY, signature TEXT NOT NULL,"
    "  repository TEXT NOT NULL, first_task TEXT NOT NULL, last_status TEXT NOT NULL,"
    "  started_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, turns INTEGER NOT NULL,"
    "  cost_usd REAL NOT NULL,"
    "  indexed_seq INTEGER NOT NULL DEFAULT 0,"       // text up to here is in the index
    "  indexed_signature TEXT NOT NULL DEFAULT '');"  // of the log when its end was reached
    "CREATE VIRTUAL TABLE said USING fts5(text, session UNINDEXED, turn UNINDEXED,"
    "  time_ms UNINDEXED, tokenize='unicode61 remove_diacritics 2');";

struct FinalizeQuery {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using Query = std::unique_ptr<sqlite3_stmt, FinalizeQuery>;

base::Error catalogError(sqlite3* db) {
    return {base::Errc::io, fmt::format("session catalogue: {}", sqlite3_errmsg(db))};
}

base::Result<Query> makeQuery(sqlite3* db, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, nullptr) != SQLITE_OK)
        return base::fail(catalogError(db));
    return Query(statement);
}

base::Status runSql(sqlite3* db, const char* sql) {
    if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return base::fail(catalogError(db));
    return {};
}

void bindText(sqlite3_stmt* statement, int place, std::string_view text) {
    sqlite3_bind_text64(statement, place, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
}

std::string textAt(sqlite3_stmt* statement, int column) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
    return text == nullptr ? std::string()
                           : std::string(text, size_t(sqlite3_column_bytes(statement, column)));
}

base::Status finish(sqlite3* db, sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) return base::fail(catalogError(db));
    return {};
}

std::string stamp(const fs::path& file) {
    struct stat status = {};
    if (::stat(file.c_str(), &status) != 0) return "-";
    return fmt::format("{}.{}/{}", status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_size);
}

// Differs when there may be something new.
std::string signatureOf(const fs::path& folder) {
    return fmt::format("{} {} {}", stamp(folder / "log.sqlite"), stamp(folder / "log.sqlite-wal"),
                       isDriven(folder) ? "driven" : "free");
}

// What a person would look for.
std::string_view saidIn(const agent::EventBody& body) {
    if (const auto* started = std::get_if<agent::TurnStarted>(&body)) return started->task;
    if (const auto* added = std::get_if<agent::MessageAdded>(&body))
        if (added->message.role == engine::Role::assistant) return added->message.text;
    return {};
}

}  // namespace

void SessionCatalog::CloseDatabase::operator()(sqlite3* db) const {
    sqlite3_close_v2(db);
}

SessionCatalog::SessionCatalog(fs::path sessionsFolder, base::Clock& clock)
    : sessionsFolder_(std::move(sessionsFolder)),
      clock_(clock) {}

SessionCatalog::~SessionCatalog() = default;

base::Result<std::unique_ptr<SessionCatalog>> SessionCatalog::open(const fs::path& file,
                                                                   fs::path sessionsFolder,
                                                                   base::Clock& clock) {
    std::unique_ptr<SessionCatalog> catalog(new SessionCatalog(std::move(sessionsFolder), clock));
    std::error_code ignored;  // what is missing shows when the file is opened
    fs::create_directories(file.parent_path(), ignored);
    if (catalog->prepare(file.string())) return catalog;
    catalog->db_.reset();
    for (const char* suffix : {"", "-wal", "-shm"})
        fs::remove(file.string() + suffix, ignored);
    if (catalog->prepare(file.string())) return catalog;
    TRY(catalog->prepare(":memory:"));
    return catalog;
}

base::Status SessionCatalog::prepare(const std::string& file) {
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(
        file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
        nullptr);
    db_.reset(raw);
    if (code != SQLITE_OK) return base::fail(catalogError(raw));
    sqlite3_busy_timeout(raw, 2000);
    TRY(runSql(raw, "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"));
    TRY_ASSIGN(const Query version, makeQuery(raw, "PRAGMA user_version"));
    if (sqlite3_step(version.get()) != SQLITE_ROW) return base::fail(catalogError(raw));
    const int found = sqlite3_column_int(version.get(), 0);
    if (found == 0) {
        TRY(runSql(raw, fmt::format("BEGIN;{}PRAGMA user_version={};COMMIT;", kCatalogSchema,
                                    kCatalogVersion)
                            .c_str()));
    } else if (found != kCatalogVersion) {
        return base::fail(base::Errc::corrupt, "session catalogue: of another version");
    }
    return readKnown();
}

base::Status SessionCatalog::readKnown() {
    known_.clear();
    TRY_ASSIGN(const Query rows,
               makeQuery(db_.get(),
                         "SELECT id, signature, repository, first_task, last_status, started_ms,"
                         " changed_ms, turns, cost_usd FROM session"));
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(rows.get())) == SQLITE_ROW) {
        agent::SessionInfo info;
        info.id = textAt(rows.get(), 0);
        info.repository = textAt(rows.get(), 2);
        info.firstTask = textAt(rows.get(), 3);
        info.lastStatus = textAt(rows.get(), 4);
        info.startedMs = sqlite3_column_int64(rows.get(), 5);
        info.changedMs = sqlite3_column_int64(rows.get(), 6);
        info.turns = sqlite3_column_int(rows.get(), 7);
        info.costUsd = sqlite3_column_double(rows.get(), 8);
        std::string signature = textAt(rows.get(), 1);
        info.isLeased = signature.ends_with("driven");
        const std::string id = info.id;
        known_[id] = {std::move(signature), std::move(info)};
    }
    if (code != SQLITE_DONE) return base::fail(catalogError(db_.get()));
    return {};
}

base::Result<std::vector<agent::SessionInfo>> SessionCatalog::list() {
    std::vector<std::string> ids;
    std::error_code error;
    if (fs::exists(sessionsFolder_, error)) {
        fs::directory_iterator it(sessionsFolder_, error);
        for (; !error && it != fs::directory_iterator(); it.increment(error))
            ids.push_back(it->path().filename().string());
        if (error)
            return base::fail(base::errnoError(error.value(), "list " + sessionsFolder_.string()));
    }
    const std::set<std::string> there(ids.begin(), ids.end());
    std::vector<std::string> gone;
    for (const auto& [id, known] : known_)
        if (!there.contains(id)) gone.push_back(id);
    TRY(runSql(db_.get(), "BEGIN"));
    base::Status forgotten;
    for (const std::string& id : gone)
        if (forgotten) forgotten = forget(id);
    auto infos = look(ids);
    TRY(runSql(db_.get(), forgotten && infos ? "COMMIT" : "ROLLBACK"));
    TRY(forgotten);
    return infos;
}

base::Result<std::vector<agent::SessionInfo>> SessionCatalog::look(
    const std::vector<std::string>& ids) {
    std::vector<agent::SessionInfo> infos;
    for (const std::string& id : ids) {
        auto info = infoOf(id);
        if (info)
            infos.push_back(*std::move(info));
        else if (info.error().kind() != base::Errc::notFound)
            return base::fail(std::move(info).error());
    }
    return infos;
}

// Fails: notFound, if it is no session. One that cannot be read has the status "corrupt".
base::Result<agent::SessionInfo> SessionCatalog::infoOf(const std::string& id) {
    const std::string signature = signatureOf(sessionsFolder_ / id);
    Known& known = known_[id];
    if (known.signature == signature) return known.info;
    auto info = agent::EventLog::info(sessionsFolder_, id);
    if (!info && info.error().kind() == base::Errc::notFound) {
        if (known.signature.empty())
            known_.erase(id);
        else
            TRY(forget(id));
        return base::fail(std::move(info).error());
    }
    if (info) {
        known.info = *std::move(info);
    } else {
        known.info = {};
        known.info.id = id;
        known.info.lastStatus = "corrupt";
    }
    // Of before the reading: what came meanwhile is read next time.
    known.signature = signature;
    TRY(save(id));
    return known.info;
}

base::Status SessionCatalog::save(const std::string& id) {
    const Known& known = known_[id];
    TRY_ASSIGN(const Query insert,
               makeQuery(db_.get(),
                         "INSERT INTO session(id, signature, repository, first_task, last_status,"
                         " started_ms, changed_ms, turns, cost_usd) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,"
                         "?9) ON CONFLICT(id) DO UPDATE SET signature=?2, repository=?3,"
                         " first_task=?4, last_status=?5, started_ms=?6, changed_ms=?7, turns=?8,"
                         " cost_usd=?9"));
    bindText(insert.get(), 1, id);
    bindText(insert.get(), 2, known.signature);
    bindText(insert.get(), 3, known.info.repository);
    bindText(insert.get(), 4, known.info.firstTask);
    bindText(insert.get(), 5, known.info.lastStatus);
    sqlite3_bind_int64(insert.get(), 6, known.info.startedMs);
    sqlite3_bind_int64(insert.get(), 7, known.info.changedMs);
    sqlite3_bind_int(insert.get(), 8, known.info.turns);
    sqlite3_bind_double(insert.get(), 9, known.info.costUsd);
    return finish(db_.get(), insert.get());
}

base::Status SessionCatalog::forget(const std::string& id) {
    for (const char* sql :
         {"DELETE FROM said WHERE session=?1", "DELETE FROM session WHERE id=?1"}) {
        TRY_ASSIGN(const Query remove, makeQuery(db_.get(), sql));
        bindText(remove.get(), 1, id);
        TRY(finish(db_.get(), remove.get()));
    }
    known_.erase(id);
    return {};
}

base::Result<SessionCatalog::Indexed> SessionCatalog::indexMore(const std::stop_token& stop) {
    const int64_t endMs = clock_.steadyMs() + kIndexMs;
    TRY(runSql(db_.get(), "BEGIN"));
    Indexed indexed = Indexed::some;
    while (indexed == Indexed::some && clock_.steadyMs() < endMs && !stop.stop_requested()) {
        const auto more = indexNext();
        if (!more) {
            TRY(runSql(db_.get(), "ROLLBACK"));
            return base::fail(more.error());
        }
        indexed = *more;
    }
    TRY(runSql(db_.get(), "COMMIT"));
    return indexed;
}

// Of the session that changed last.
base::Result<SessionCatalog::Indexed> SessionCatalog::indexNext() {
    std::string next;
    {
        TRY_ASSIGN(const Query query,
                   makeQuery(db_.get(),
                             "SELECT id FROM session WHERE indexed_signature<>signature AND"
                             " last_status<>'corrupt' ORDER BY changed_ms DESC LIMIT 1"));
        if (sqlite3_step(query.get()) == SQLITE_ROW) next = textAt(query.get(), 0);
    }
    if (next.empty()) return Indexed::all;
    if (indexSession(next)) return Indexed::some;
    // Its log cannot be read now; not again before it changes.
    TRY_ASSIGN(const Query skip,
               makeQuery(db_.get(), "UPDATE session SET indexed_signature=signature WHERE id=?1"));
    bindText(skip.get(), 1, next);
    TRY(finish(db_.get(), skip.get()));
    return Indexed::some;
}

base::Status SessionCatalog::indexSession(const std::string& id) {
    int64_t seq = 0;
    {
        TRY_ASSIGN(const Query query,
                   makeQuery(db_.get(), "SELECT indexed_seq FROM session WHERE id=?1"));
        bindText(query.get(), 1, id);
        if (sqlite3_step(query.get()) == SQLITE_ROW) seq = sqlite3_column_int64(query.get(), 0);
    }
    TRY_ASSIGN(const auto log, agent::EventLog::open(sessionsFolder_, id,
                                                     agent::EventLog::Access::readOnly, clock_));
    TRY_ASSIGN(const std::vector<agent::Event> events, log->read(seq, kEventsAtOnce));
    for (const agent::Event& event : events) {
        TRY(addText(id, event));
        seq = event.seq;
    }
    const bool isEnd = int64_t(events.size()) < kEventsAtOnce;
    TRY_ASSIGN(const Query update,
               makeQuery(db_.get(), isEnd ? "UPDATE session SET indexed_seq=?2,"
                                            " indexed_signature=signature WHERE id=?1"
                                          : "UPDATE session SET indexed_seq=?2 WHERE id=?1"));
    bindText(update.get(), 1, id);
    sqlite3_bind_int64(update.get(), 2, seq);
    return finish(db_.get(), update.get());
}

base::Status SessionCatalog::addText(const std::string& id, const agent::Event& event) {
    const std::string_view said = base::cutUtf8(saidIn(event.body), kTextBytesMax);
    if (base::trim(said).empty()) return {};
    const QByteArray text =
        withWordBreaks(QString::fromUtf8(said.data(), qsizetype(said.size()))).toUtf8();
    TRY_ASSIGN(
        const Query insert,
        makeQuery(db_.get(), "INSERT INTO said(text, session, turn, time_ms) VALUES(?1,?2,?3,?4)"));
    bindText(insert.get(), 1, {text.constData(), size_t(text.size())});
    bindText(insert.get(), 2, id);
    sqlite3_bind_int(insert.get(), 3, event.turn);
    sqlite3_bind_int64(insert.get(), 4, event.timeMs);
    return finish(db_.get(), insert.get());
}

base::Result<std::vector<SessionHit>> SessionCatalog::search(const QString& words, int64_t limit) {
    std::vector<SessionHit> hits;
    const QByteArray expression = matchExpression(words).toUtf8();
    if (expression.isEmpty()) return hits;
    TRY_ASSIGN(const Query query,
               makeQuery(db_.get(),
                         "SELECT s.text, s.session, s.turn, s.time_ms, session.repository"
                         " FROM said s JOIN session ON session.id=s.session"
                         " WHERE said MATCH ?1 ORDER BY rank, s.time_ms DESC LIMIT ?2"));
    bindText(query.get(), 1, {expression.constData(), size_t(expression.size())});
    sqlite3_bind_int64(query.get(), 2, limit + 1);
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(query.get())) == SQLITE_ROW) {
        SessionHit hit;
        const std::string text = textAt(query.get(), 0);
        Excerpt excerpt =
            excerptOf(withoutWordBreaks(QString::fromStdString(text)), words, kExcerptLength);
        hit.excerpt = std::move(excerpt.text);
        hit.matches = std::move(excerpt.matches);
        hit.id = QString::fromStdString(textAt(query.get(), 1));
        hit.turn = sqlite3_column_int(query.get(), 2);
        hit.timeMs = sqlite3_column_int64(query.get(), 3);
        hit.repository = QString::fromStdString(textAt(query.get(), 4));
        hits.push_back(std::move(hit));
    }
    if (code != SQLITE_DONE) return base::fail(catalogError(db_.get()));
    return hits;
}

}  // namespace moxie::desktop
