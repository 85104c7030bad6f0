#include "indexer/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/log.h"
#include "indexer/schema.h"
#include "indexer/uses.h"

namespace moxie::indexer {
namespace {

namespace fs = std::filesystem;

// Words held back: more become a segment at once. 2 MB, and 4 while they are written.
constexpr int64_t kPostingsHeldMax = 250'000;
constexpr int64_t kNamesHeldMax = 256'000'000;  // bytes: more are looked up again

base::Status removeFiles(const fs::path& file) {
    for (const char* end : {"", "-wal", "-shm", "-journal"}) {
        const fs::path gone = file.string() + end;
        std::error_code error;
        fs::remove(gone, error);
        if (error)
            return base::fail(base::errnoError(error.value(), "index: remove " + gone.string()));
    }
    return {};
}

// Held while an index file is opened or taken away, so that no process removes the log of a file
// that another has just made. Where the file system has no locks we go on without.
class FolderLock {
public:
    explicit FolderLock(const fs::path& folder)
        : folder_(
              ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
        if (folder_ >= 0) ::flock(folder_, LOCK_EX);
    }

    ~FolderLock() {
        if (folder_ >= 0) ::close(folder_);
    }

    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

private:
    int folder_;
};

std::string_view view(const BlobHash& hash) {
    return {hash.data(), hash.size()};
}

// An index of our version that passes a quick look.
base::Result<bool> isUsable(Database& database) {
    TRY(database.execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"));
    TRY_ASSIGN(const int64_t version, database.integer("PRAGMA user_version"));
    if (version != kSchemaVersion) return false;
    TRY_ASSIGN(const int64_t tables,
               database.integer("SELECT count(*) FROM sqlite_schema WHERE name IN ('blob',"
                                "'snap_path','sym','uses','chunk','segment','block','meta')"));
    return tables == 8;
}

base::Status create(Database& database) {
    TRY(database.execute("BEGIN IMMEDIATE"));
    TRY_ASSIGN(const int64_t version, database.integer("PRAGMA user_version"));
    if (version != kSchemaVersion) {  // else another process was faster
        TRY(database.execute(kSchema));
        const std::string pragma = fmt::format("PRAGMA user_version={}", kSchemaVersion);
        TRY(database.execute(pragma.c_str()));
    }
    return database.execute("COMMIT");
}

base::Result<Database> openFile(const fs::path& file) {
    auto opened = Database::open(file, Database::Access::readWrite);
    if (!opened) return opened;
    const auto usable = isUsable(*opened);
    if (!usable) return base::fail(usable.error());
    if (*usable) return opened;
    TRY_ASSIGN(const int64_t tables, opened->integer("SELECT count(*) FROM sqlite_schema"));
    if (tables > 0) return base::fail(base::Errc::corrupt, "index has another version");
    TRY(create(*opened));
    return opened;
}

}  // namespace

base::Result<Store> Store::openOnce(const fs::path& file) {
    TRY_ASSIGN(Database opened, openFile(file));
    // The writer reads each page about once; mapped, the whole file would count as our memory.
    TRY(opened.execute("PRAGMA mmap_size=0; PRAGMA cache_size=-4096;"));
    Store store;
    store.file_ = file;
    store.database_ = std::move(opened);
    TRY(store.prepareAll());
    TRY_ASSIGN(store.generation_,
               store.database_.integer("SELECT value FROM meta WHERE key='generation'"));
    return store;
}

base::Result<Store> Store::open(const fs::path& file) {
    const fs::path folder = file.has_parent_path() ? file.parent_path() : fs::path(".");
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return base::fail(base::errnoError(error.value(), "index: make " + folder.string()));
    const FolderLock lock(folder);
    auto opened = openOnce(file);
    if (opened || opened.error().kind() != base::Errc::corrupt) return opened;
    base::log(base::LogLevel::warn, "indexer",
              fmt::format("index is made again reason={}", opened.error().message()));
    TRY(removeFiles(file));
    return openOnce(file);
}

base::Status Store::checkFile() const {
    if (!database_.handle() || database_.hasMoved())
        return base::fail(base::Errc::corrupt, "index: its file is gone or another one");
    return {};
}

base::Status Store::remake(const base::Error& why) {
    const fs::path file = file_;
    const int64_t generation = generation_;
    {
        const FolderLock lock(file.parent_path());
        const bool isOurs = checkFile().has_value();
        *this = {};
        file_ = file;
        if (isOurs) {
            base::log(base::LogLevel::warn, "indexer",
                      fmt::format("index is made again reason={}", why.message()));
            TRY(removeFiles(file));
        }
    }
    TRY_ASSIGN(*this, open(file));
    const std::string raise =
        fmt::format("UPDATE meta SET value=max(value,{}) WHERE key='generation'", generation + 1);
    return database_.execute(raise.c_str());
}

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
    find.bindBlob(1, view(hash)).bind(2, int64_t(guess));
    TRY_ASSIGN(const bool hasRow, find.step());
    std::optional<BlobRow> row;
    if (hasRow) row = {.id = find.integer(0), .isPending = (find.integer(1) & kFlagPending) != 0};
    find.reset();
    return row;
}

base::Result<int64_t> Store::storedBytes() const {
    return database_.integer("SELECT coalesce(sum(bytes),0) FROM blob");
}

base::Result<int64_t> Store::nameId(std::string_view name) {
    if (names_.bytes() > kNamesHeldMax) forgetNames();
    const auto [number, isNew] = names_.add(name);
    if (!isNew) return nameIds_[size_t(number)];
    nameIds_.push_back(0);
    if (!hasAllNames_) {
        Statement& find = statements_.findName;
        TRY_ASSIGN(const bool hasRow, find.bind(1, name).step());
        if (hasRow) nameIds_.back() = find.integer(0);
        find.reset();
        if (hasRow) return nameIds_.back();
    }
    TRY(statements_.addName.bind(1, name).run());
    return nameIds_.back() = database_.lastRowId();
}

void Store::forgetNames() {
    names_.clear();
    nameIds_.clear();
    hasAllNames_ = false;
}

base::Status Store::noteWhetherNamesAreAll() {
    if (names_.size() > 0) return {};
    TRY_ASSIGN(const int64_t count, database_.integer("SELECT EXISTS(SELECT 1 FROM name)"));
    hasAllNames_ = count == 0;
    return {};
}

base::Result<int64_t> Store::addChunk(const Chunk& chunk, int64_t blob, int64_t symbol) {
    Statement& add = statements_.addChunk;
    add.bind(1, ++lastChunk_).bind(2, blob).bind(3, symbol).bind(4, int64_t(chunk.lineFirst));
    add.bind(5, int64_t(chunk.lineLast)).bind(6, chunk.nBodyWords).bind(7, chunk.nNameWords);
    TRY(add.bind(8, chunk.namesHash).run());
    return lastChunk_;
}

base::Result<Store::KnownChunks> Store::knownChunks(int64_t blob) {
    KnownChunks known;
    Statement& find = statements_.findChunks;
    find.bind(1, blob);
    while (true) {
        TRY_ASSIGN(const bool hasRow, find.step());
        if (!hasRow) break;
        known[find.integer(1)] = {find.integer(0), find.integer(2), find.integer(3),
                                  find.integer(4)};
    }
    find.reset();
    return known;
}

base::Status Store::setChunks(ParsedFile& file, int64_t blob,
                              const std::vector<int64_t>& symbolIds) {
    TRY_ASSIGN(KnownChunks known, knownChunks(blob));
    const auto find = [&](const Chunk& chunk) {
        const auto at = known.find(chunk.lineFirst);
        const bool isSame = at != known.end() && at->second.lineLast == chunk.lineLast &&
                            at->second.namesHash == chunk.namesHash;
        return isSame ? at : known.end();
    };
    if (std::any_of(file.chunks.begin(), file.chunks.end(), [&](const Chunk& chunk) {
            return !chunk.isCounted && find(chunk) == known.end();
        }))
        countAllWords(file);
    std::vector<int64_t> rows(file.chunks.size(), 0);
    for (size_t i = 0; i < file.chunks.size(); i++) {
        const Chunk& chunk = file.chunks[i];
        const int64_t symbol = chunk.symbol >= 0 ? symbolIds[size_t(chunk.symbol)] : 0;
        const auto before = find(chunk);
        if (before == known.end()) {
            TRY_ASSIGN(rows[i], addChunk(chunk, blob, symbol));
            continue;
        }
        if (before->second.symbol != symbol)
            TRY(statements_.setChunkSymbol.bind(1, symbol).bind(2, before->second.id).run());
        known.erase(before);
    }
    for (const auto& [line, gone] : known)
        TRY(statements_.removeChunk.bind(1, gone.id).run());
    chunkWords_.add(file.words, rows);
    return {};
}

base::Status Store::addUses(const ParsedFile& file, int64_t blob,
                            const std::vector<int64_t>& symbolIds) {
    struct Name {
        int64_t id = 0;
        int32_t uses = 0;
    };

    std::vector<StoredUse> uses;
    uses.reserve(file.outline.references.size());
    std::unordered_map<std::string_view, Name> names;
    for (const OutlineReference& reference : file.outline.references) {
        Name& name = names[reference.name];
        if (name.id == 0) {
            TRY_ASSIGN(name.id, nameId(reference.name));
        }
        const int64_t symbol = reference.symbol >= 0 ? symbolIds[size_t(reference.symbol)] : 0;
        int64_t receiver = 0;
        if (!reference.receiver.empty()) {
            TRY_ASSIGN(receiver, nameId(reference.receiver));
        }
        uses.push_back({name.id, symbol, receiver, reference.role, reference.line, reference.count,
                        reference.arity});
        name.uses += reference.count;
    }
    for (const auto& [text, name] : names)
        if (name.uses > 0) usedNames_.add(text, {.row = blob, .body = name.uses});
    if (!uses.empty()) {
        const std::string packed = packUses(uses, symbolIds.empty() ? 0 : symbolIds.front());
        TRY(statements_.setUses.bind(1, blob).bindBlob(2, packed).run());
    }
    for (size_t i = 0; i < file.outline.imports.size(); i++) {
        statements_.addImport.bind(1, blob).bind(2, file.outline.imports[i]);
        TRY(statements_.addImport.bind(3, file.outline.importNames[i]).run());
    }
    return {};
}

namespace {

int64_t countUses(const ParsedFile& file) {
    int64_t uses = 0;
    for (const OutlineReference& reference : file.outline.references)
        uses += reference.count;
    return uses;
}

}  // namespace

base::Result<int64_t> Store::addBlobRow(const ParsedFile& file) {
    Statement& add = statements_.addBlob;
    add.bindBlob(1, view(file.hash)).bind(2, int64_t(file.languageGuess));
    add.bind(3, int64_t(file.language)).bind(4, file.bytes).bind(5, file.lines);
    add.bind(6, int64_t(file.flags)).bind(7, int64_t(file.tier));
    add.bind(8, int64_t(file.outline.symbols.size())).bind(9, countUses(file));
    TRY(add.bind(10, generation_).run());
    return database_.lastRowId();
}

base::Status Store::upgradeBlobRow(const ParsedFile& file, int64_t blob) {
    Statement& set = statements_.upgradeBlob;
    set.bind(1, int64_t(file.flags)).bind(2, int64_t(file.tier));
    set.bind(3, int64_t(file.outline.symbols.size())).bind(4, countUses(file));
    return set.bind(5, generation_).bind(6, blob).run();
}

base::Status Store::addContents(ParsedFile& file, int64_t blob) {
    TRY_ASSIGN(const std::vector<int64_t> symbolIds, setSymbols(file, blob));
    TRY(setChunks(file, blob, symbolIds));
    TRY(addUses(file, blob, symbolIds));
    for (PostingWriter* list : {&chunkWords_, &usedNames_})
        if (list->held() > kPostingsHeldMax) TRY(list->write(database_));
    return {};
}

base::Result<int64_t> Store::addBlob(ParsedFile& file) {
    TRY_ASSIGN(const auto known, findBlob(file.hash, file.languageGuess));
    if (known && (!known->isPending || (file.flags & kFlagPending))) return known->id;
    int64_t blob = known ? known->id : 0;
    if (known) {
        TRY(upgradeBlobRow(file, blob));
    } else {
        TRY_ASSIGN(blob, addBlobRow(file));
    }
    TRY(addContents(file, blob));
    return blob;
}

base::Status Store::setPath(std::string_view path, int64_t blob, int64_t bytes,
                            int64_t modifiedNs) {
    return statements_.setPath.bind(1, path).bind(2, blob).bind(3, bytes).bind(4, modifiedNs).run();
}

base::Status Store::removePath(std::string_view path) {
    return statements_.removePath.bind(1, path).run();
}

base::Result<bool> Store::isKnownCommit(const BlobHash& hash) {
    TRY_ASSIGN(const bool hasRow, statements_.findCommit.bindBlob(1, view(hash)).step());
    statements_.findCommit.reset();
    return hasRow;
}

base::Result<std::vector<BlobHash>> Store::knownCommits() {
    std::vector<BlobHash> known;
    TRY_ASSIGN(Statement query, database_.prepare("SELECT hash FROM commits WHERE words > 0"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) break;
        BlobHash hash = {};
        const std::string_view bytes = query.text(0);
        if (bytes.size() == hash.size()) std::memcpy(hash.data(), bytes.data(), hash.size());
        known.push_back(hash);
    }
    std::sort(known.begin(), known.end());
    return known;
}

base::Result<bool> Store::hasHistoryOf(const BlobHash& head) {
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT 1 FROM commits WHERE is_live=2 AND hash=?"));
    return query.bindBlob(1, view(head)).step();
}

base::Status Store::addCommit(const Commit& commit) {
    WordBag words;
    WordCounting counting(words);
    const int64_t nWords = counting.addBody(commit.message);
    counting.endPiece();
    Statement& add = statements_.addCommit;
    TRY(add.bindBlob(1, view(commit.hash)).bind(2, commit.time).bind(3, nWords).run());
    const int64_t id = database_.lastRowId();
    commitWords_.add(words, {&id, 1});
    for (const std::string& path : commit.paths)
        TRY(statements_.addTouch.bind(1, id).bind(2, path).run());
    return {};
}

// is_live: 0 not in the history of HEAD, 1 in it, 2 HEAD itself.
base::Status Store::setHistory(const BlobHash& head, const std::vector<Commit>& commits) {
    TRY(database_.execute("UPDATE commits SET is_live=0 WHERE is_live<>0"));
    TRY_ASSIGN(Statement revive, database_.prepare("UPDATE commits SET is_live=1 WHERE id=?"));
    bool hasHead = false;
    for (const Commit& commit : commits) {
        hasHead = hasHead || commit.hash == head;
        Statement& find = statements_.findCommit;
        TRY_ASSIGN(const bool isKnown, find.bindBlob(1, view(commit.hash)).step());
        if (isKnown) {
            const int64_t id = find.integer(0);
            find.reset();
            TRY(revive.bind(1, id).run());
            continue;
        }
        find.reset();
        TRY(addCommit(commit));
    }
    TRY_ASSIGN(const bool isHeadKnown, isKnownCommit(head));
    // A merge: remembered without words, so that we know where we stand.
    if (!hasHead && !isHeadKnown) {
        TRY(statements_.addCommit.bindBlob(1, view(head))
                .bind(2, int64_t(0))
                .bind(3, int64_t(0))
                .run());
    }
    TRY_ASSIGN(Statement mark, database_.prepare("UPDATE commits SET is_live=2 WHERE hash=?"));
    return mark.bindBlob(1, view(head)).run();
}

base::Result<std::unordered_map<std::string, int64_t>> Store::lastTouches() {
    std::unordered_map<std::string, int64_t> times;
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT path, max(time) FROM touch JOIN commits ON "
                                 "commit_id = commits.id WHERE is_live > 0 GROUP BY path"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return times;
        times.emplace(query.text(0), query.integer(1));
    }
}

}  // namespace moxie::indexer
