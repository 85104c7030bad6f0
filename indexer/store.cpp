#include "indexer/store.h"

#include <fmt/format.h>

#include <array>
#include <cstring>

#include "indexer/schema.h"

namespace moxie::indexer {

base::Status Store::prepareAll() {
    struct Entry {
        Statement Statements::*slot;
        const char* sql;
    };

    static constexpr std::array<Entry, 21> kAll = {{
        {&Statements::findBlob, "SELECT id, flags FROM blob WHERE hash=? AND guess=?"},
        {&Statements::addBlob,
         "INSERT INTO blob(hash,guess,lang,bytes,lines,flags,tier,symbols,uses,changed) "
         "VALUES(?,?,?,?,?,?,?,?,?,?)"},
        {&Statements::upgradeBlob,
         "UPDATE blob SET flags=?, tier=?, symbols=?, uses=?, changed=? WHERE id=?"},
        {&Statements::findPath,
         "SELECT blob, hash, guess, snap_path.bytes, modified_ns, flags FROM snap_path JOIN blob "
         "ON blob.id = blob WHERE snap=1 AND path=?"},
        {&Statements::setPath, "INSERT OR REPLACE INTO snap_path VALUES(1,?,?,?,?)"},
        {&Statements::removePath, "DELETE FROM snap_path WHERE snap=1 AND path=?"},
        {&Statements::findName, "SELECT id FROM name WHERE text=?"},
        {&Statements::addName, "INSERT INTO name(text) VALUES(?)"},
        {&Statements::addSymbol,
         "INSERT INTO sym(blob,name,parent,kind,is_declaration,line_first,line_last,byte_first,"
         "byte_last,signature) VALUES(?,?,?,?,?,?,?,?,?,?)"},
        {&Statements::findSymbols,
         "SELECT id,name,parent,kind,is_declaration,line_first,line_last,byte_first,byte_last,"
         "signature FROM sym WHERE blob=? ORDER BY id"},
        {&Statements::changeSymbol,
         "UPDATE sym SET parent=?,kind=?,line_last=?,byte_first=?,byte_last=?,signature=? "
         "WHERE id=?"},
        {&Statements::removeSymbols, "DELETE FROM sym WHERE blob=?"},
        {&Statements::setUses, "INSERT OR REPLACE INTO uses VALUES(?,?)"},
        {&Statements::addImport, "INSERT INTO imp VALUES(?,?,?)"},
        {&Statements::findChunks,
         "SELECT id, line_first, line_last, names_hash, sym FROM chunk WHERE blob=?"},
        {&Statements::addChunk, "INSERT INTO chunk VALUES(?,?,?,?,?,?,?,?)"},
        {&Statements::setChunkSymbol, "UPDATE chunk SET sym=? WHERE id=?"},
        {&Statements::removeChunk, "DELETE FROM chunk WHERE id=?"},
        {&Statements::findCommit, "SELECT id FROM commits WHERE hash=?"},
        {&Statements::addCommit, "INSERT INTO commits(hash,time,words,is_live) VALUES(?,?,?,1)"},
        {&Statements::addTouch, "INSERT OR IGNORE INTO touch VALUES(?,?)"},
    }};
    for (const Entry& entry : kAll) {
        TRY_ASSIGN(statements_.*entry.slot, database_.prepare(entry.sql));
    }
    return {};
}

base::Status Store::begin() {
    TRY(database_.execute("BEGIN IMMEDIATE"));
    const base::Status read = readCounters();
    if (!read) rollback();
    return read;
}

base::Status Store::readCounters() {
    TRY_ASSIGN(const int64_t version, database_.integer("PRAGMA data_version"));
    if (version != dataVersion_) forgetNames();
    dataVersion_ = version;
    TRY(noteWhetherNamesAreAll());
    TRY_ASSIGN(generation_, database_.integer("SELECT value FROM meta WHERE key='generation'"));
    generation_++;
    TRY_ASSIGN(lastChunk_, database_.integer("SELECT value FROM meta WHERE key='last_chunk'"));
    return {};
}

base::Status Store::writePostings() {
    for (PostingWriter* list : {&chunkWords_, &commitWords_, &usedNames_})
        TRY(list->write(database_));
    return {};
}

base::Status Store::commit() {
    TRY(writePostings());
    const std::string last =
        fmt::format("UPDATE meta SET value={} WHERE key='last_chunk'", lastChunk_);
    TRY(database_.execute(last.c_str()));
    TRY(database_.execute("UPDATE meta SET value=value+1 WHERE key='generation'"));
    return database_.execute("COMMIT");
}

base::Status Store::commitQuietly() {
    return database_.execute("COMMIT");
}

base::Status Store::shrinkLog() {
    return database_.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

void Store::rollback() {
    for (PostingWriter* list : {&chunkWords_, &commitWords_, &usedNames_})
        list->forget();
    forgetNames();
    // Fails only if there is no transaction, which is what we want.
    (void)database_.execute("ROLLBACK");
}

base::Status Store::clear() {
    TRY_ASSIGN(const int64_t generation,
               database_.integer("SELECT value FROM meta WHERE key='generation'"));
    statements_ = {};
    forgetNames();
    TRY(database_.execute(kDropAll));
    TRY(database_.execute(kSchema));
    const std::string keep =
        fmt::format("UPDATE meta SET value={} WHERE key='generation'", generation);
    TRY(database_.execute(keep.c_str()));
    return prepareAll();
}

namespace {

// Columns: blob, hash, guess, bytes, modified_ns, flags.
PathRow pathRow(const Statement& query) {
    PathRow row;
    row.blob = query.integer(0);
    const std::string_view hash = query.text(1);
    if (hash.size() == row.hash.size()) std::memcpy(row.hash.data(), hash.data(), hash.size());
    row.guess = int32_t(query.integer(2));
    row.bytes = query.integer(3);
    row.modifiedNs = query.integer(4);
    row.isPending = (query.integer(5) & kFlagPending) != 0;
    return row;
}

}  // namespace

base::Result<std::map<std::string, PathRow, std::less<>>> Store::paths() {
    std::map<std::string, PathRow, std::less<>> rows;
    TRY_ASSIGN(Statement query,
               database_.prepare(
                   "SELECT blob, hash, guess, snap_path.bytes, modified_ns, flags, path FROM "
                   "snap_path JOIN blob ON blob.id = blob WHERE snap=1 ORDER BY path"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return rows;
        rows.emplace_hint(rows.end(), query.text(6), pathRow(query));
    }
}

base::Result<std::optional<PathRow>> Store::findPath(std::string_view path) {
    Statement& find = statements_.findPath;
    TRY_ASSIGN(const bool hasRow, find.bind(1, path).step());
    std::optional<PathRow> row;
    if (hasRow) row = pathRow(find);
    find.reset();
    return row;
}

base::Result<std::vector<std::string>> Store::pathsIn(const std::string& folder) {
    std::vector<std::string> found;
    // '0' comes after '/'.
    const std::string first = folder + "/", last = folder + "0";
    TRY_ASSIGN(Statement query,
               database_.prepare(
                   "SELECT path FROM snap_path WHERE snap=1 AND path>=? AND path<? ORDER BY path"));
    query.bind(1, first).bind(2, last);
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return found;
        found.emplace_back(query.text(0));
    }
}

base::Result<std::optional<BlobRow>> Store::findBlob(const BlobHash& hash, int32_t guess) {
    Statement& find = statements_.findBlob;
    find.bindBlob(1, viewOf(hash)).bind(2, int64_t(guess));
    TRY_ASSIGN(const bool hasRow, find.step());
    std::optional<BlobRow> row;
    if (hasRow) row = {.id = find.integer(0), .isPending = (find.integer(1) & kFlagPending) != 0};
    find.reset();
    return row;
}

base::Result<int64_t> Store::storedBytes() const {
    return database_.integer("SELECT coalesce(sum(bytes),0) FROM blob");
}

base::Status Store::setPath(std::string_view path, int64_t blob, int64_t bytes,
                            int64_t modifiedNs) {
    return statements_.setPath.bind(1, path).bind(2, blob).bind(3, bytes).bind(4, modifiedNs).run();
}

base::Status Store::removePath(std::string_view path) {
    return statements_.removePath.bind(1, path).run();
}

}  // namespace moxie::indexer
