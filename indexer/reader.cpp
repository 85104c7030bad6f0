#include "indexer/reader.h"

#include <sys/stat.h>

namespace moxie::indexer {
namespace {

constexpr size_t kIdleMax = 4;

}  // namespace

Reading::Reading(Readers& owner, Database database, LiveViewSnapshot view)
    : owner_(&owner),
      database_(std::move(database)),
      view_(std::move(view)) {}

Reading::~Reading() {
    if (database_.handle()) owner_->giveBack(std::move(database_));
}

base::Result<RankingTableSnapshot> Reading::rankingTable() const {
    {
        std::lock_guard lock(owner_->mutex_);
        const RankingTableSnapshot& known = owner_->table_;
        if (known && known->generation == view_->generation) return known;
    }
    TRY_ASSIGN(RankingTableSnapshot made, loadRankingTable(database_, *view_));
    std::lock_guard lock(owner_->mutex_);
    if (!owner_->table_ || owner_->table_->generation < made->generation) owner_->table_ = made;
    return made;
}

void Readers::follow(uint64_t inode) {
    std::vector<Database> closed;  // after the lock
    std::lock_guard lock(mutex_);
    closed.swap(idle_);
    inode_ = inode;
    bytesMin_ = 0;
}

// A file that somebody cut is mapped beyond its end: to read there would end the program.
base::Status Readers::checkFile() {
    struct stat now = {};
    if (::stat(file_.c_str(), &now) != 0)
        return base::fail(base::Errc::corrupt, "index: its file is gone");
    if (inode_ == 0) inode_ = now.st_ino;
    if (inode_ != now.st_ino)
        return base::fail(base::Errc::corrupt, "index: another process made it again");
    if (now.st_size < bytesMin_)
        return base::fail(base::Errc::corrupt, "index: its file has become shorter");
    bytesMin_ = now.st_size;
    return {};
}

base::Result<Database> Readers::takeConnection() {
    std::lock_guard lock(mutex_);
    TRY(checkFile());
    if (idle_.empty()) {
        TRY_ASSIGN(Database database, Database::open(file_, Database::Access::readOnly));
        // Opens the log too. A file that is still there afterwards was there with its own log: who
        // takes an index away begins with the file.
        TRY(database.integer("PRAGMA schema_version"));
        TRY(checkFile());
        return database;
    }
    Database database = std::move(idle_.back());
    idle_.pop_back();
    return database;
}

base::Result<Reading> Readers::begin(ViewUse use) {
    TRY_ASSIGN(Database database, takeConnection());
    LiveViewSnapshot view;
    {
        std::lock_guard lock(mutex_);
        view = newest_;
    }
    {
        TRY_ASSIGN(const KeptStatement begin, database.kept("BEGIN"));
        TRY(begin->step());
    }
    if (use == ViewUse::none) return Reading(*this, std::move(database), nullptr);
    TRY_ASSIGN(const int64_t generation, currentGeneration(database));
    if (!view || view->generation != generation) {
        // Blobs only come while ids and generations rise: an older view tells what stayed. A newer
        // one belongs to a reader that began later.
        const bool isOlder = view && view->generation < generation;
        TRY_ASSIGN(view, loadLiveView(database, isOlder ? view.get() : nullptr));
        std::lock_guard lock(mutex_);
        if (!newest_ || newest_->generation < generation) newest_ = view;
    }
    return Reading(*this, std::move(database), std::move(view));
}

void Readers::giveBack(Database database) {
    if (database.hasMoved()) return;
    // Closing it ends the transaction as well.
    if (const auto commit = database.kept("COMMIT"); !commit || !(*commit)->step()) return;
    std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleMax) idle_.push_back(std::move(database));
}

}  // namespace moxie::indexer
