#include "indexer/database.h"

#include <algorithm>
#include <optional>
#include <string>

#include "indexer/folder_lock.h"

namespace moxie::indexer {

void CloseConnection::operator()(sqlite3* connection) const {
    std::optional<FolderLock> lock;
    if (!lockedFolder.empty()) lock.emplace(lockedFolder);
    sqlite3_close_v2(connection);
}

namespace {

bool isGone(sqlite3* connection) {
    int isGone = 0;
    return sqlite3_file_control(connection, "main", SQLITE_FCNTL_HAS_MOVED, &isGone) == SQLITE_OK &&
           isGone != 0;
}

}  // namespace

base::Error sqliteError(sqlite3* connection, std::string_view step) {
    const int code = connection ? sqlite3_errcode(connection) & 0xff : SQLITE_NOMEM;
    const std::string text = connection ? sqlite3_errmsg(connection) : "out of memory";
    const int detail = connection ? sqlite3_extended_errcode(connection) : 0;
    base::Errc kind = base::Errc::io;
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED) kind = base::Errc::busy;
    if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB || code == SQLITE_ERROR ||
        code == SQLITE_CONSTRAINT || code == SQLITE_MISMATCH)
        kind = base::Errc::corrupt;
    // Files that somebody cuts or takes away in the middle of a call.
    if (code == SQLITE_IOERR && (detail == SQLITE_IOERR_SHORT_READ || isGone(connection)))
        kind = base::Errc::corrupt;
    if (code == SQLITE_READONLY || code == SQLITE_PERM || code == SQLITE_AUTH)
        kind = base::Errc::denied;
    const std::string number = kind == base::Errc::io ? " (" + std::to_string(detail) + ")" : "";
    return base::Error(kind, "index: " + std::string(step) + ": " + text + number);
}

Statement& Statement::bind(int at, int64_t value) {
    sqlite3_bind_int64(statement_.get(), at, value);
    return *this;
}

Statement& Statement::bind(int at, std::string_view text) {
    sqlite3_bind_text64(statement_.get(), at, text.data() ? text.data() : "", text.size(),
                        SQLITE_STATIC, SQLITE_UTF8);
    return *this;
}

Statement& Statement::bindBlob(int at, std::string_view bytes) {
    sqlite3_bind_blob64(statement_.get(), at, bytes.data(), bytes.size(), SQLITE_STATIC);
    return *this;
}

base::Result<bool> Statement::step() {
    switch (sqlite3_step(statement_.get())) {
        case SQLITE_ROW:
            return true;
        case SQLITE_DONE:
            return false;
        default:
            break;
    }
    sqlite3* const connection = sqlite3_db_handle(statement_.get());
    auto error = sqliteError(connection, "read or write");
    // It could be prepared, so the question is wrong (too long a pattern, for instance) unless the
    // tables went since: "no such table".
    if ((sqlite3_errcode(connection) & 0xff) == SQLITE_ERROR &&
        !std::string_view(sqlite3_errmsg(connection)).starts_with("no such "))
        error = base::Error(base::Errc::internal, error.message());
    sqlite3_reset(statement_.get());
    return base::fail(std::move(error));
}

base::Status Statement::run() {
    TRY(step());
    reset();
    return {};
}

void Statement::reset() {
    sqlite3_reset(statement_.get());
}

int64_t Statement::integer(int column) const {
    return sqlite3_column_int64(statement_.get(), column);
}

std::string_view Statement::text(int column) const {
    const void* bytes = sqlite3_column_blob(statement_.get(), column);
    const int size = sqlite3_column_bytes(statement_.get(), column);
    if (!bytes || size <= 0) return {};
    return {static_cast<const char*>(bytes), static_cast<size_t>(size)};
}

base::Result<Database> Database::open(const std::filesystem::path& file, Access access) {
    const int flags = access == Access::readOnly ? SQLITE_OPEN_READONLY
                                                 : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    sqlite3* raw = nullptr;
    const int code = sqlite3_open_v2(file.c_str(), &raw, flags | SQLITE_OPEN_NOMUTEX, nullptr);
    Database database;
    database.connection_.reset(raw);
    if (code != SQLITE_OK) return base::fail(sqliteError(raw, "open " + file.string()));
    sqlite3_busy_timeout(raw, 10'000);
    TRY(
        database.execute("PRAGMA temp_store=memory; PRAGMA cache_size=-32768;"
                         "PRAGMA mmap_size=268435456;"));
    return database;
}

base::Status Database::execute(const char* sql) {
    if (sqlite3_exec(connection_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return base::fail(sqliteError(connection_.get(), "execute"));
    return {};
}

base::Result<Statement> Database::prepare(std::string_view sql) const {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(connection_.get(), sql.data(), static_cast<int>(sql.size()),
                           SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
        return base::fail(sqliteError(connection_.get(), "prepare"));
    return Statement(statement);
}

base::Result<KeptStatement> Database::kept(const char* sql) const {
    const auto known = kept_.find(sql);
    if (known != kept_.end()) return KeptStatement(known->second);
    TRY_ASSIGN(Statement made, prepare(sql));
    return KeptStatement(kept_.emplace(sql, std::move(made)).first->second);
}

int64_t Database::lastRowId() const {
    return sqlite3_last_insert_rowid(connection_.get());
}

bool Database::hasMoved() const {
    return isGone(connection_.get());
}

base::Result<int64_t> Database::integer(std::string_view sql) const {
    TRY_ASSIGN(Statement statement, prepare(sql));
    TRY_ASSIGN(const bool hasRow, statement.step());
    if (!hasRow) return base::fail(base::Errc::corrupt, "index: query has no row");
    return statement.integer(0);
}

base::Result<int64_t> Database::lastRowOf(std::string_view table) const {
    const std::string from = " FROM " + std::string(table);
    TRY_ASSIGN(const int64_t first, integer("SELECT coalesce(min(id), 0)" + from));
    TRY_ASSIGN(const int64_t last, integer("SELECT coalesce(max(id), 0)" + from));
    TRY_ASSIGN(const int64_t pages, integer("PRAGMA page_count"));
    TRY_ASSIGN(const int64_t pageBytes, integer("PRAGMA page_size"));
    if (first < 0 || last > std::min(kRowMax, pages * pageBytes))
        return base::fail(base::Errc::corrupt,
                          "index: a row of " + std::string(table) + " has an impossible number");
    return last;
}

}  // namespace moxie::indexer
