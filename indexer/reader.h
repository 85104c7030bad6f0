// The reading side: connections that see one committed state each, and the live view that goes with
// it. Threads: any thread.
#pragma once
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"
#include "indexer/database.h"
#include "indexer/live_view.h"
#include "indexer/ranking/ranking_table.h"

namespace moxie::indexer {

class Readers;

// Whether a question looks at files and chunks, or at rows alone.
enum class ViewUse { needed, none };

// One read transaction. Ends when it is destroyed. Threads: one thread at a time.
class Reading {
public:
    Reading(Readers& owner, Database database, LiveViewSnapshot view);
    ~Reading();
    Reading(Reading&&) noexcept = default;
    Reading& operator=(Reading&&) = delete;

    const Database& database() const { return database_; }

    // Requires: begun with ViewUse::needed.
    const LiveView& view() const {
        BASE_CHECK(view_);
        return *view_;
    }

    // Of the same state; made by the first who asks. Fails: corrupt, io.
    base::Result<RankingTableSnapshot> rankingTable() const;

private:
    Readers* owner_;
    Database database_;
    LiveViewSnapshot view_;
};

class Readers {
public:
    explicit Readers(std::filesystem::path file) : file_(std::move(file)) {}

    // From now on the file is the one with this inode; before, it is the first that was read.
    void follow(uint64_t inode);

    // Fails: corrupt (also if the file is gone, or another one), busy, io.
    base::Result<Reading> begin(ViewUse use = ViewUse::needed);

private:
    friend class Reading;
    base::Result<Database> takeConnection();
    base::Status checkFile();  // Requires: mutex_ is held.
    void giveBack(Database database);

    const std::filesystem::path file_;
    std::mutex mutex_;  // guards what follows
    std::vector<Database> idle_;
    uint64_t inode_ = 0;    // of the file; 0: not read yet
    int64_t bytesMin_ = 0;  // it never shrinks
    LiveViewSnapshot newest_;
    RankingTableSnapshot table_;
};

}  // namespace moxie::indexer
