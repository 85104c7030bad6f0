#include "indexer/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>

#include "base/log.h"
#include "indexer/schema.h"
#include "indexer/words.h"

namespace moxie::indexer {
namespace {

namespace fs = std::filesystem;

void removeFiles(const fs::path& file) {
    std::error_code ignored;
    for (const char* end : {"", "-wal", "-shm", "-journal"})
        fs::remove(fs::path(file.string() + end), ignored);
}

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
                                "'snap_path','sym','ref','chunk','word_fts','hist_fts','meta')"));
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

base::Result<Store> Store::open(const fs::path& file) {
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    auto opened = openFile(file);
    if (!opened && opened.error().kind() == base::Errc::corrupt) {
        base::log(base::LogLevel::warn, "indexer",
                  fmt::format("index is made again reason={}", opened.error().message()));
        removeFiles(file);
        opened = openFile(file);
    }
    if (!opened) return base::fail(std::move(opened).error());
    Store store;
    store.database_ = std::move(*opened);
    TRY(store.prepareAll());
    return store;
}

base::Status Store::prepareAll() {
    struct Entry {
        Statement Statements::*slot;
        const char* sql;
    };

    static constexpr std::array<Entry, 15> kAll = {{
        {&Statements::findBlob, "SELECT id FROM blob WHERE hash=? AND guess=?"},
        {&Statements::addBlob,
         "INSERT INTO blob(hash,guess,lang,bytes,lines,flags) VALUES(?,?,?,?,?,?)"},
        {&Statements::setPath, "INSERT OR REPLACE INTO snap_path VALUES(1,?,?,?,?)"},
        {&Statements::removePath, "DELETE FROM snap_path WHERE snap=1 AND path=?"},
        {&Statements::findName, "SELECT id FROM name WHERE text=?"},
        {&Statements::addName, "INSERT INTO name(text) VALUES(?)"},
        {&Statements::addSymbol,
         "INSERT INTO sym(blob,name,parent,kind,is_declaration,line_first,line_last,byte_first,"
         "byte_last,signature) VALUES(?,?,?,?,?,?,?,?,?,?)"},
        {&Statements::addReference, "INSERT OR IGNORE INTO ref VALUES(?,?,?,?,?,?)"},
        {&Statements::addImport, "INSERT INTO imp VALUES(?,?)"},
        {&Statements::addChunk,
         "INSERT INTO chunk(blob,sym,line_first,line_last,body_words,name_words) "
         "VALUES(?,?,?,?,?,?)"},
        {&Statements::addWords, "INSERT INTO word_fts(rowid,body,names) VALUES(?,?,?)"},
        {&Statements::findCommit, "SELECT id FROM commits WHERE hash=?"},
        {&Statements::addCommit, "INSERT INTO commits(hash,time,words,is_live) VALUES(?,?,?,1)"},
        {&Statements::addTouch, "INSERT OR IGNORE INTO touch VALUES(?,?)"},
        {&Statements::addMessage, "INSERT INTO hist_fts(rowid,message) VALUES(?,?)"},
    }};
    for (const Entry& entry : kAll) {
        TRY_ASSIGN(statements_.*entry.slot, database_.prepare(entry.sql));
    }
    return {};
}

base::Status Store::begin() {
    TRY(database_.execute("BEGIN IMMEDIATE"));
    TRY_ASSIGN(const int64_t version, database_.integer("PRAGMA data_version"));
    if (version != dataVersion_) nameIds_.clear();
    dataVersion_ = version;
    return {};
}

base::Status Store::commit() {
    TRY(flushReferences());
    TRY(database_.execute("UPDATE meta SET value=value+1 WHERE key='generation'"));
    return database_.execute("COMMIT");
}

void Store::rollback() {
    references_.clear();
    nameIds_.clear();
    // Fails only if there is no transaction, which is what we want.
    (void)database_.execute("ROLLBACK");
}

base::Status Store::clear() {
    TRY_ASSIGN(const int64_t generation,
               database_.integer("SELECT value FROM meta WHERE key='generation'"));
    statements_ = {};
    nameIds_.clear();
    TRY(database_.execute(kDropAll));
    TRY(database_.execute(kSchema));
    const std::string keep = fmt::format("UPDATE meta SET value={}", generation);
    TRY(database_.execute(keep.c_str()));
    return prepareAll();
}

base::Result<std::map<std::string, PathRow, std::less<>>> Store::paths() {
    std::map<std::string, PathRow, std::less<>> rows;
    TRY_ASSIGN(
        Statement query,
        database_.prepare("SELECT path, blob, hash, guess, snap_path.bytes, modified_ns FROM "
                          "snap_path JOIN blob ON blob.id = blob WHERE snap=1 ORDER BY path"));
    while (true) {
        TRY_ASSIGN(const bool hasRow, query.step());
        if (!hasRow) return rows;
        PathRow row;
        row.blob = query.integer(1);
        const std::string_view hash = query.text(2);
        if (hash.size() == row.hash.size()) std::memcpy(row.hash.data(), hash.data(), hash.size());
        row.guess = int32_t(query.integer(3));
        row.bytes = query.integer(4);
        row.modifiedNs = query.integer(5);
        rows.emplace_hint(rows.end(), query.text(0), row);
    }
}

base::Result<std::optional<int64_t>> Store::findBlob(const BlobHash& hash, int32_t guess) {
    Statement& find = statements_.findBlob;
    find.bindBlob(1, view(hash)).bind(2, int64_t(guess));
    TRY_ASSIGN(const bool hasRow, find.step());
    const std::optional<int64_t> id = hasRow ? std::optional(find.integer(0)) : std::nullopt;
    find.reset();
    return id;
}

base::Result<int64_t> Store::storedBytes() const {
    return database_.integer("SELECT coalesce(sum(bytes),0) FROM blob");
}

base::Result<int64_t> Store::nameId(std::string_view name) {
    const auto found = nameIds_.find(std::string(name));
    if (found != nameIds_.end()) return found->second;
    Statement& find = statements_.findName;
    TRY_ASSIGN(const bool hasRow, find.bind(1, name).step());
    int64_t id = hasRow ? find.integer(0) : 0;
    find.reset();
    if (!hasRow) {
        TRY(statements_.addName.bind(1, name).run());
        id = database_.lastRowId();
    }
    nameIds_.emplace(name, id);
    return id;
}

base::Result<std::vector<int64_t>> Store::addSymbols(const ParsedFile& file, int64_t blob) {
    std::vector<int64_t> ids;
    Statement& add = statements_.addSymbol;
    for (const OutlineSymbol& symbol : file.outline.symbols) {
        TRY_ASSIGN(const int64_t name, nameId(symbol.name));
        int64_t parent = 0;
        if (!symbol.parent.empty()) {
            TRY_ASSIGN(parent, nameId(symbol.parent));
        }
        add.bind(1, blob).bind(2, name).bind(3, parent).bind(4, int64_t(symbol.kind));
        add.bind(5, int64_t(symbol.isDeclaration)).bind(6, int64_t(symbol.lineFirst));
        add.bind(7, int64_t(symbol.lineLast)).bind(8, int64_t(symbol.byteFirst));
        TRY(add.bind(9, int64_t(symbol.byteLast)).bind(10, symbol.signature).run());
        ids.push_back(database_.lastRowId());
    }
    return ids;
}

base::Status Store::addChunks(const ParsedFile& file, int64_t blob,
                              const std::vector<int64_t>& symbolIds) {
    Statement& add = statements_.addChunk;
    for (const Chunk& chunk : file.chunks) {
        const int64_t symbol = chunk.symbol >= 0 ? symbolIds[size_t(chunk.symbol)] : 0;
        add.bind(1, blob).bind(2, symbol).bind(3, int64_t(chunk.lineFirst));
        add.bind(4, int64_t(chunk.lineLast)).bind(5, chunk.nBodyWords);
        TRY(add.bind(6, chunk.nNameWords).run());
        const int64_t id = database_.lastRowId();
        TRY(statements_.addWords.bind(1, id).bind(2, chunk.body).bind(3, chunk.names).run());
    }
    return {};
}

base::Result<int64_t> Store::addBlob(const ParsedFile& file) {
    TRY_ASSIGN(const auto known, findBlob(file.hash, file.languageGuess));
    if (known) return *known;
    Statement& add = statements_.addBlob;
    add.bindBlob(1, view(file.hash)).bind(2, int64_t(file.languageGuess));
    add.bind(3, int64_t(file.language)).bind(4, file.bytes).bind(5, file.lines);
    TRY(add.bind(6, int64_t(file.flags)).run());
    const int64_t blob = database_.lastRowId();
    TRY_ASSIGN(const std::vector<int64_t> symbolIds, addSymbols(file, blob));
    TRY(addChunks(file, blob, symbolIds));
    for (const OutlineReference& reference : file.outline.references) {
        TRY_ASSIGN(const int64_t name, nameId(reference.name));
        const int64_t symbol = reference.symbol >= 0 ? symbolIds[size_t(reference.symbol)] : 0;
        references_.push_back(
            {name, blob, symbol, int32_t(reference.role), reference.line, reference.count});
    }
    for (const std::string& target : file.outline.imports)
        TRY(statements_.addImport.bind(1, blob).bind(2, target).run());
    return blob;
}

base::Status Store::flushReferences() {
    std::sort(references_.begin(), references_.end(), [](const auto& a, const auto& b) {
        return std::tie(a.name, a.blob, a.symbol, a.role) <
               std::tie(b.name, b.blob, b.symbol, b.role);
    });
    Statement& add = statements_.addReference;
    for (const ReferenceRow& row : references_) {
        add.bind(1, row.name).bind(2, row.blob).bind(3, row.symbol).bind(4, int64_t(row.role));
        TRY(add.bind(5, int64_t(row.line)).bind(6, int64_t(row.count)).run());
    }
    references_.clear();
    return {};
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

base::Result<bool> Store::hasHistoryOf(const BlobHash& head) {
    TRY_ASSIGN(Statement query,
               database_.prepare("SELECT 1 FROM commits WHERE is_live=2 AND hash=?"));
    return query.bindBlob(1, view(head)).step();
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
        std::string words;
        const int64_t nWords = appendWords(commit.message, words);
        Statement& add = statements_.addCommit;
        TRY(add.bindBlob(1, view(commit.hash)).bind(2, commit.time).bind(3, nWords).run());
        const int64_t id = database_.lastRowId();
        TRY(statements_.addMessage.bind(1, id).bind(2, words).run());
        for (const std::string& path : commit.paths)
            TRY(statements_.addTouch.bind(1, id).bind(2, path).run());
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

}  // namespace moxie::indexer
