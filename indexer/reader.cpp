#include "indexer/reader.h"

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

base::Result<Reading> Readers::begin(ViewUse use) {
    Database database;
    LiveViewSnapshot view;
    {
        std::lock_guard lock(mutex_);
        view = newest_;
        if (!idle_.empty()) {
            database = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!database.handle()) {
        TRY_ASSIGN(database, Database::open(file_, Database::Access::readOnly));
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
    // Closing it ends the transaction as well.
    if (const auto commit = database.kept("COMMIT"); !commit || !(*commit)->step()) return;
    std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleMax) idle_.push_back(std::move(database));
}

}  // namespace moxie::indexer
