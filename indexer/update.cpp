#include "indexer/update.h"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <thread>

#include "base/bounded_queue.h"
#include "base/file.h"

namespace moxie::indexer {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kBatchTime{700};  // between commits of a first indexing
constexpr int64_t kRacyNs = 2'000'000'000;            // file systems with coarse times
constexpr int64_t kDeadBytesMax = 64'000'000;

int64_t wallNs() {
    timespec now = {};
    clock_gettime(CLOCK_REALTIME, &now);
    return int64_t(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

// A file changed just now may change again within the same time stamp: look at its bytes next time.
int64_t trustedTime(const FileOnDisk& file) {
    return wallNs() - file.modifiedNs < kRacyNs ? 0 : file.modifiedNs;
}

struct Done {
    size_t job = 0;
    base::Result<ParsedFile> parsed = ParsedFile();
};

base::Result<ParsedFile> readAndParse(Outliner& outliner, const FileOnDisk& file,
                                      const UpdateRequest& request) {
    if (file.bytes > request.fileBytesMax) {
        ParsedFile entry;
        entry.languageGuess = entry.language = languageOfPath(file.path);
        entry.bytes = file.bytes;
        entry.flags = kFlagTooLarge;
        entry.hash =
            file.hash ? *file.hash
                      : blobHash(fmt::format("{} {} {}", file.path, file.bytes, file.modifiedNs));
        return entry;
    }
    TRY_ASSIGN(std::string text, base::readFile(request.root / file.path, request.fileBytesMax));
    const BlobHash hash = file.hash ? *file.hash : blobHash(text);
    return parseFile(outliner, file.path, std::move(text), hash, request.stop);
}

// Parses jobs on `threads` workers and hands the results to the calling thread.
class Parsing {
public:
    Parsing(const std::vector<FileOnDisk>& jobs, const UpdateRequest& request)
        : jobs_(jobs),
          request_(request) {
        const size_t wanted = std::min<size_t>(size_t(std::max(0, request.threads)), jobs.size());
        for (size_t i = 0; i < wanted; i++)
            workers_.emplace_back([this] { work(); });
    }

    ~Parsing() {
        nextJob_ = jobs_.size();
        queue_.close();
    }

    // The next result, in no particular order; nullopt when all jobs are done.
    std::optional<Done> next() {
        if (taken_ == jobs_.size()) return std::nullopt;
        taken_++;
        if (!workers_.empty()) return queue_.pop();
        const size_t job = nextJob_++;
        return Done{job, readAndParse(outliner_, jobs_[job], request_)};
    }

private:
    void work() {
        Outliner outliner;
        while (true) {
            const size_t job = nextJob_++;
            if (job >= jobs_.size()) return;
            if (!queue_.push({job, readAndParse(outliner, jobs_[job], request_)})) return;
        }
    }

    const std::vector<FileOnDisk>& jobs_;
    const UpdateRequest& request_;
    Outliner outliner_;  // for zero threads
    std::atomic<size_t> nextJob_{0};
    size_t taken_ = 0;
    base::BoundedQueue<Done> queue_{32};
    std::vector<std::jthread> workers_;  // last: joined before the queue goes
};

class Update {
public:
    Update(Store& store, const WorkTree& tree, const UpdateRequest& request)
        : store_(store),
          tree_(tree),
          request_(request) {}

    base::Result<UpdateCounts> run();

private:
    base::Result<std::vector<FileOnDisk>> changes(const std::vector<FileOnDisk>& files);
    base::Status parseAndWrite(const std::vector<FileOnDisk>& jobs);
    base::Status write(const FileOnDisk& file, const base::Result<ParsedFile>& parsed);
    base::Status history();
    base::Status ensureBegun();
    base::Status purgeDeadBlobs(int64_t liveBytes);

    Store& store_;
    const WorkTree& tree_;
    const UpdateRequest& request_;
    UpdateCounts counts_;
    bool isBegun_ = false;
    bool isFirst_ = false;  // publish as we go: something is better than nothing
};

base::Status Update::ensureBegun() {
    if (isBegun_) return {};
    TRY(store_.begin());
    isBegun_ = true;
    return {};
}

base::Status Update::purgeDeadBlobs(int64_t liveBytes) {
    TRY_ASSIGN(const int64_t stored, store_.storedBytes());
    if (stored - liveBytes < kDeadBytesMax + liveBytes) return {};
    TRY(ensureBegun());
    return store_.clear();
}

// Writes what needs no reading (removed paths, known blobs) and returns the files to parse.
base::Result<std::vector<FileOnDisk>> Update::changes(const std::vector<FileOnDisk>& files) {
    int64_t liveBytes = 0;
    for (const FileOnDisk& file : files)
        liveBytes += file.bytes;
    TRY(purgeDeadBlobs(liveBytes));
    TRY_ASSIGN(auto rows, store_.paths());
    isFirst_ = rows.empty();
    std::vector<FileOnDisk> jobs;
    for (const FileOnDisk& file : files) {
        const auto row = rows.find(file.path);
        const int32_t guess = languageOfPath(file.path);
        if (row != rows.end()) {
            const PathRow known = row->second;
            rows.erase(row);
            const bool isSame = file.hash ? known.hash == *file.hash && known.guess == guess
                                          : known.bytes == file.bytes && known.modifiedNs != 0 &&
                                                known.modifiedNs == file.modifiedNs;
            if (isSame) continue;
        }
        if (file.hash) {
            TRY_ASSIGN(const auto blob, store_.findBlob(*file.hash, guess));
            if (blob) {
                TRY(ensureBegun());
                TRY(store_.setPath(file.path, *blob, file.bytes, file.modifiedNs));
                continue;
            }
        }
        jobs.push_back(file);
    }
    for (const auto& [path, row] : rows) {
        TRY(ensureBegun());
        TRY(store_.removePath(path));
    }
    return jobs;
}

base::Status Update::write(const FileOnDisk& file, const base::Result<ParsedFile>& parsed) {
    if (!parsed) {
        if (parsed.error().kind() == base::Errc::cancelled) return base::fail(parsed.error());
        counts_.filesSkipped++;  // vanished or unreadable: as if it were not there
        TRY(ensureBegun());
        return store_.removePath(file.path);
    }
    TRY(ensureBegun());
    TRY_ASSIGN(const int64_t blob, store_.addBlob(*parsed));
    if (parsed->flags & (kFlagTooLarge | kFlagBinary))
        counts_.filesSkipped++;
    else
        counts_.filesParsed++;
    return store_.setPath(file.path, blob, file.bytes, trustedTime(file));
}

base::Status Update::parseAndWrite(const std::vector<FileOnDisk>& jobs) {
    Parsing parsing(jobs, request_);
    Progress progress = {.filesDone = 0, .filesTotal = int64_t(jobs.size())};
    auto lastCommit = SteadyClock::now();
    while (auto done = parsing.next()) {
        if (request_.stop.stop_requested())
            return base::fail(base::Errc::cancelled, "indexing was stopped");
        TRY(write(jobs[done->job], done->parsed));
        progress.filesDone++;
        if (request_.onProgress &&
            (progress.filesDone % 64 == 0 || progress.filesDone == progress.filesTotal))
            request_.onProgress(progress);
        if (!isFirst_ || SteadyClock::now() - lastCommit < kBatchTime) continue;
        TRY(store_.commit());
        isBegun_ = false;
        lastCommit = SteadyClock::now();
    }
    return {};
}

base::Status Update::history() {
    const BlobHash head = tree_.head();
    if (head == BlobHash{}) return {};
    TRY_ASSIGN(const bool isCurrent, store_.hasHistoryOf(head));
    if (isCurrent) return {};
    base::Status lookup;  // the callback cannot fail, so it leaves its error here
    const auto wantPaths = [&](const BlobHash& hash) {
        const auto known = store_.isKnownCommit(hash);
        if (!known) lookup = base::fail(known.error());
        return known && !*known;
    };
    TRY_ASSIGN(const auto commits, tree_.commits(request_.commitsMax, wantPaths, request_.stop));
    TRY(lookup);
    TRY(ensureBegun());
    return store_.setHistory(head, commits);
}

base::Result<UpdateCounts> Update::run() {
    const auto steps = [&]() -> base::Status {
        TRY_ASSIGN(const auto files, tree_.files(request_.stop));
        TRY_ASSIGN(const auto jobs, changes(files));
        TRY(parseAndWrite(jobs));
        if (isFirst_ && isBegun_) {
            TRY(store_.commit());
            isBegun_ = false;
        }
        return history();
    };
    const base::Status done = steps();
    const bool isKept = done || done.error().kind() == base::Errc::cancelled;
    if (isBegun_) {
        if (!isKept)
            store_.rollback();
        else if (auto committed = store_.commit(); !committed) {
            store_.rollback();
            return base::fail(std::move(committed).error());
        }
    }
    if (!done) return base::fail(done.error());
    return counts_;
}

}  // namespace

base::Result<UpdateCounts> updateStore(Store& store, const WorkTree& tree,
                                       const UpdateRequest& request) {
    return Update(store, tree, request).run();
}

base::Status updateOneFile(Store& store, const WorkTree& tree, const std::string& path,
                           const UpdateRequest& request) {
    const auto onDisk = tree.file(path);
    Outliner outliner;
    base::Result<ParsedFile> parsed =
        onDisk ? readAndParse(outliner, *onDisk, request)
               : base::fail(base::Errc::notFound, path + " is not there or is ignored");
    TRY(store.begin());
    const auto write = [&]() -> base::Status {
        if (!parsed) return store.removePath(path);
        TRY_ASSIGN(const int64_t blob, store.addBlob(*parsed));
        return store.setPath(path, blob, onDisk->bytes, trustedTime(*onDisk));
    };
    base::Status done = write();
    if (done) done = store.commit();
    if (!done) store.rollback();
    return done;
}

}  // namespace moxie::indexer
