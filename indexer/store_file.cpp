// The file of the store: opened, closed to other processes meanwhile, and made again when damaged.
#include <fmt/format.h>
#include <sys/stat.h>

#include "base/log.h"
#include "indexer/folder_lock.h"
#include "indexer/schema.h"
#include "indexer/store.h"

namespace moxie::indexer {
namespace {

namespace fs = std::filesystem;

fs::path folderOf(const fs::path& file) {
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

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
    struct stat info = {};
    if (::stat(file.c_str(), &info) == 0) store.inode_ = info.st_ino;
    TRY(store.checkFile());
    store.database_.lockToClose(folderOf(file));
    return store;
}

base::Result<Store> Store::open(const fs::path& file) {
    const fs::path folder = folderOf(file);
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

base::Result<int64_t> Store::epoch() const {
    return database_.integer("SELECT value FROM meta WHERE key='epoch'");
}

base::Status Store::remake(const base::Error& why) {
    const fs::path file = file_;
    const int64_t generation = generation_;
    {
        const FolderLock lock(folderOf(file));
        const bool isOurs = checkFile().has_value();
        database_.lockToClose({});
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

}  // namespace moxie::indexer
