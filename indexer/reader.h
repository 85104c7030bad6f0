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

namespace moxie::indexer {

class Readers;

// One read transaction. Ends when it is destroyed. Threads: one thread at a time.
class Reading {
public:
    Reading(Readers& owner, Database database, LiveViewSnapshot view);
    ~Reading();
    Reading(Reading&&) noexcept = default;
    Reading& operator=(Reading&&) = delete;

    const Database& database() const { return database_; }

    const LiveView& view() const { return *view_; }

private:
    Readers* owner_;
    Database database_;
    LiveViewSnapshot view_;
};

class Readers {
public:
    explicit Readers(std::filesystem::path file) : file_(std::move(file)) {}

    // Fails: corrupt, busy, io.
    base::Result<Reading> begin();

private:
    friend class Reading;
    void giveBack(Database database);

    const std::filesystem::path file_;
    std::mutex mutex_;  // guards idle_ and newest_
    std::vector<Database> idle_;
    LiveViewSnapshot newest_;
};

}  // namespace moxie::indexer
