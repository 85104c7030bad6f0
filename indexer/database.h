// SQLite at arm's length: a connection and a prepared statement that report errors as values.
// Not a query builder. Threads: one thread at a time per connection.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace moxie::indexer {

struct CloseConnection {
    std::filesystem::path lockedFolder = {};  // empty: none
    void operator()(sqlite3* connection) const;
};

struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

// A prepared statement. Views it returns live until the next step() or reset().
class Statement {
public:
    Statement() = default;

    explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

    // Positions count from 1. Text and blobs must live until step() is done.
    Statement& bind(int at, int64_t value);
    Statement& bind(int at, std::string_view text);
    Statement& bindBlob(int at, std::string_view bytes);

    // True: a row is there. False: done. Fails: busy, corrupt, io, internal (what was asked).
    base::Result<bool> step();
    // For statements without rows: steps once and resets.
    base::Status run();
    void reset();

    int64_t integer(int column) const;
    std::string_view text(int column) const;

private:
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement_;
};

// A statement that belongs to its connection, for a while; reset when this goes.
class KeptStatement {
public:
    explicit KeptStatement(Statement& statement) : statement_(&statement) {}

    KeptStatement(KeptStatement&& other) noexcept
        : statement_(std::exchange(other.statement_, nullptr)) {}

    KeptStatement& operator=(KeptStatement&& other) noexcept {
        std::swap(statement_, other.statement_);
        return *this;
    }

    ~KeptStatement() {
        if (statement_) statement_->reset();
    }

    Statement* operator->() const { return statement_; }

    Statement& operator*() const { return *statement_; }

private:
    Statement* statement_;
};

// Row numbers count from 1 without large holes, and arrays are as long: no index has more rows. A
// higher number, or one below 0, is damage.
inline constexpr int64_t kRowMax = int64_t(1) << 27;

class Database {
public:
    enum class Access { readWrite, readOnly };

    // Fails: corrupt (not a database), busy, io, denied.
    static base::Result<Database> open(const std::filesystem::path& file, Access access);

    base::Status execute(const char* sql);
    base::Result<Statement> prepare(std::string_view sql) const;
    // The same, prepared once in the life of the connection: for what is asked often. Requires: no
    // other use of the same text at the time.
    base::Result<KeptStatement> kept(const char* sql) const;
    int64_t lastRowId() const;
    // Whether the file was removed, or another stands in its place. Cost: a microsecond.
    bool hasMoved() const;
    // One integer from a query without parameters. Fails: also corrupt, if there is no row.
    base::Result<int64_t> integer(std::string_view sql) const;

    // The highest number in the table, 0 if it has no rows. Fails: also corrupt, if one is above
    // kRowMax or the bytes of the file, or below 0.
    base::Result<int64_t> lastRowOf(std::string_view table) const;

    // The last writer that closes a file removes its log, by name: under a lock on the folder it is
    // not that of a file which another process put there meanwhile. Empty: no lock, for who holds
    // it.
    void lockToClose(std::filesystem::path folder) {
        connection_.get_deleter().lockedFolder = std::move(folder);
    }

    sqlite3* handle() const { return connection_.get(); }

private:
    std::unique_ptr<sqlite3, CloseConnection> connection_;
    mutable std::map<std::string, Statement> kept_;  // after the connection: goes first
};

base::Error sqliteError(sqlite3* connection, std::string_view step);

}  // namespace moxie::indexer
