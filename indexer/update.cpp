#include "indexer/update.h"

#include <algorithm>
#include <chrono>
#include <future>
#include <numeric>
#include <span>
#include <tuple>

#include "base/file.h"
#include "indexer/syntax_memory.h"
#include "indexer/trusted_time.h"

namespace moxie::indexer {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kOutlineBatch{700};   // between commits: readers see more
constexpr std::chrono::milliseconds kUpgradeBatch{4000};  // they have outlines until then
constexpr std::chrono::milliseconds kDemandedBatch{100};
constexpr int64_t kDeadBytesMax = 64'000'000;

class Update {
public:
    Update(Store& store, const WorkTree& tree, const UpdateRequest& request)
        : store_(store),
          tree_(tree),
          request_(request) {}

    base::Result<UpdateCounts> run();

private:
    base::Status steps();
    base::Status compare(const std::vector<FileOnDisk>& files);
    base::Result<std::optional<BlobRow>> knownBlob(const FileOnDisk& file, int32_t guess);
    base::Status outlineFirst();
    base::Result<std::vector<size_t>> orderOfLikelyUse(const std::vector<ParseJob>& jobs);
    base::Status parseAndWrite(const std::vector<ParseJob>& jobs);
    base::Status write(const ParseJob& job, base::Result<ParsedFile>& parsed);
    bool isTimeToCommit(ParseStep step, bool isDemanded) const;
    base::Status beginHistory();
    base::Result<std::vector<Commit>> readHistory(std::span<const BlobHash> known) const;
    bool isHistoryRead() const;
    base::Status writeHistory();
    base::Status ensureBegun();
    base::Status commitBatch();
    base::Status purgeDeadBlobs(const std::vector<FileOnDisk>& files);

    Store& store_;
    const WorkTree& tree_;
    const UpdateRequest& request_;
    UpdateCounts counts_;
    Progress progress_;
    std::vector<ParseJob> jobs_;     // new texts
    std::vector<ParseJob> pending_;  // texts whose outline is stored
    // Of HEAD, being read beside the parsing; not valid if there is none to write.
    std::future<base::Result<std::vector<Commit>>> history_;
    bool isHistoryBeside_ = false;
    BlobHash head_ = {};
    bool isBegun_ = false;
    bool isFirst_ = false;
    SteadyClock::time_point lastCommit_ = SteadyClock::now();
};

base::Status Update::ensureBegun() {
    if (isBegun_) return {};
    TRY(store_.begin());
    isBegun_ = true;
    return {};
}

base::Status Update::commitBatch() {
    if (!isBegun_) return {};
    TRY(store_.commit());
    isBegun_ = false;
    lastCommit_ = SteadyClock::now();
    return {};
}

base::Status Update::purgeDeadBlobs(const std::vector<FileOnDisk>& files) {
    int64_t liveBytes = 0;
    for (const FileOnDisk& file : files)
        liveBytes += file.bytes;
    TRY_ASSIGN(const int64_t stored, store_.storedBytes());
    if (stored - liveBytes < kDeadBytesMax + liveBytes) return {};
    TRY(ensureBegun());
    return store_.clear();
}

// The blob of a file whose hash git knows, or whose bytes are looked at: a hash costs less than a
// parse.
base::Result<std::optional<BlobRow>> Update::knownBlob(const FileOnDisk& file, int32_t guess) {
    if (file.hash) return store_.findBlob(*file.hash, guess);
    if (isFirst_ || file.bytes > request_.parse.fileBytesMax) return std::nullopt;
    const auto text = base::readFile(request_.parse.root / file.path, request_.parse.fileBytesMax);
    if (!text) return std::nullopt;
    return store_.findBlob(blobHash(*text), guess);
}

// Writes what needs no parsing (removed paths, known blobs) and notes what does.
base::Status Update::compare(const std::vector<FileOnDisk>& files) {
    TRY(purgeDeadBlobs(files));
    TRY_ASSIGN(auto rows, store_.paths());
    isFirst_ = rows.empty();
    for (const FileOnDisk& file : files) {
        const auto row = rows.find(file.path);
        const int32_t guess = languageOfPath(file.path);
        if (row != rows.end()) {
            const PathRow known = row->second;
            rows.erase(row);
            const bool isSame = file.hash ? known.hash == *file.hash && known.guess == guess
                                          : known.bytes == file.bytes && known.modifiedNs != 0 &&
                                                known.modifiedNs == file.modifiedNs;
            if (isSame) {
                if (known.isPending) pending_.push_back({file});
                continue;
            }
        }
        TRY_ASSIGN(const auto blob, knownBlob(file, guess));
        if (!blob) {
            jobs_.push_back({file});
            continue;
        }
        TRY(ensureBegun());
        TRY(store_.setPath(file.path, blob->id, file.bytes, trustedTime(file)));
        if (blob->isPending) pending_.push_back({file});
    }
    for (const auto& [path, row] : rows) {
        TRY(ensureBegun());
        TRY(store_.removePath(path));
    }
    return {};
}

base::Status Update::write(const ParseJob& job, base::Result<ParsedFile>& parsed) {
    TRY(ensureBegun());
    if (!parsed) {
        if (parsed.error().kind() == base::Errc::cancelled) return base::fail(parsed.error());
        counts_.filesSkipped++;  // vanished or unreadable: as if it were not there
        return store_.removePath(job.file.path);
    }
    TRY_ASSIGN(const int64_t blob, store_.addBlob(*parsed));
    if (parsed->flags & kFlagPending)
        pending_.push_back({job.file, taskAfter(*parsed)});
    else if (parsed->flags & (kFlagTooLarge | kFlagBinary))
        counts_.filesSkipped++;
    else
        counts_.filesParsed++;
    return store_.setPath(job.file.path, blob, job.file.bytes, trustedTime(job.file));
}

bool Update::isTimeToCommit(ParseStep step, bool isDemanded) const {
    const auto passed = SteadyClock::now() - lastCommit_;
    if (isDemanded) return passed >= kDemandedBatch;
    if (step == ParseStep::whole) return passed >= kUpgradeBatch;
    return isFirst_ && passed >= kOutlineBatch;
}

base::Status Update::parseAndWrite(const std::vector<ParseJob>& jobs) {
    Parsing parsing(jobs, request_.parse);
    bool isDemanded = false;
    TRY_ASSIGN(std::vector<size_t> order, orderOfLikelyUse(jobs));
    parsing.setOrder(std::move(order));
    for (size_t nDone = 0; auto done = parsing.next();) {
        if (request_.parse.stop.stop_requested())
            return base::fail(base::Errc::cancelled, "indexing was stopped");
        const ParseJob& job = jobs[done->job];
        TRY(write(job, done->parsed));
        if (done->parsed && !(done->parsed->flags & kFlagPending)) progress_.filesDone++;
        nDone++;
        if (request_.onProgress && (nDone % 64 == 0 || nDone == jobs.size()))
            request_.onProgress(progress_);
        isDemanded |= done->isDemanded;
        if (isHistoryRead()) {
            TRY(writeHistory());
            TRY_ASSIGN(order, orderOfLikelyUse(jobs));
            parsing.setOrder(std::move(order));
        }
        if (!isTimeToCommit(job.task.step, isDemanded)) continue;
        TRY(commitBatch());
        isDemanded = false;
    }
    return {};
}

// Outlines of everything, for all readers to see, before the first syntax tree.
base::Status Update::outlineFirst() {
    const bool isLast = request_.tierMax != Tier::syntax;
    if (!isLast && int64_t(jobs_.size()) < request_.outlineFirstMin) return {};
    const bool isLexical = request_.tierMax == Tier::lexical;
    for (ParseJob& job : jobs_)
        job.task.step = isLexical ? ParseStep::lexical : ParseStep::outline;
    progress_.tier = isLexical ? Tier::lexical : Tier::outline;
    TRY(parseAndWrite(jobs_));
    progress_.tier = Tier::syntax;
    jobs_.clear();
    return commitBatch();
}

// Sources before tests, what is vendored or data last; what commits touched last first.
base::Result<std::vector<size_t>> Update::orderOfLikelyUse(const std::vector<ParseJob>& jobs) {
    std::vector<size_t> order(jobs.size());
    std::iota(order.begin(), order.end(), size_t(0));
    const bool isFirstStep = !jobs.empty() && jobs.front().task.step != ParseStep::whole;
    if (isFirstStep || int64_t(jobs.size()) < request_.outlineFirstMin) return order;
    TRY_ASSIGN(const auto touches, store_.lastTouches());
    std::vector<std::pair<int, int64_t>> keys;
    for (const ParseJob& job : jobs) {
        const std::string& path = job.file.path;
        const bool isData = language(languageOfPath(path)).isData;
        const int late = isVendoredPath(path) || isGeneratedPath(path) || isData ? 2
                         : isTestPath(path)                                      ? 1
                                                                                 : 0;
        const auto touch = touches.find(path);
        keys.emplace_back(late, touch == touches.end() ? 0 : -touch->second);
    }
    std::stable_sort(order.begin(), order.end(),
                     [&](size_t a, size_t b) { return keys[a] < keys[b]; });
    return order;
}

// With a handle of its own, which is closed after it.
base::Result<std::vector<Commit>> Update::readHistory(std::span<const BlobHash> known) const {
    TRY_ASSIGN(const WorkTree tree, WorkTree::open(request_.parse.root));
    return tree.commits(request_.commitsMax, known, request_.parse.stop);
}

// Where there is much to parse, on a thread of its own.
base::Status Update::beginHistory() {
    head_ = tree_.head();
    if (head_ == BlobHash{}) return {};
    TRY_ASSIGN(const bool isCurrent, store_.hasHistoryOf(head_));
    if (isCurrent) return {};
    TRY_ASSIGN(auto known, store_.knownCommits());
    const bool isLarge = int64_t(jobs_.size() + pending_.size()) >= request_.outlineFirstMin;
    const auto read = [this, isLarge, known = std::move(known)] {
        auto commits = readHistory(known);
        if (isLarge) giveFreedMemoryBack();
        return commits;
    };
    isHistoryBeside_ = isLarge && request_.parse.threads > 0;
    history_ = std::async(isHistoryBeside_ ? std::launch::async : std::launch::deferred, read);
    return {};
}

bool Update::isHistoryRead() const {
    return history_.valid() &&
           history_.wait_for(std::chrono::seconds(0)) != std::future_status::timeout;
}

base::Status Update::writeHistory() {
    if (!history_.valid()) return {};
    TRY_ASSIGN(const auto commits, history_.get());
    TRY(ensureBegun());
    TRY(store_.setHistory(head_, commits));
    return isFirst_ ? commitBatch() : base::Status();
}

base::Status Update::steps() {
    TRY_ASSIGN(const auto files, tree_.files(request_.parse.stop));
    TRY(compare(files));
    progress_.filesTotal = int64_t(jobs_.size() + pending_.size());
    TRY(outlineFirst());
    if (request_.tierMax != Tier::syntax) return {};
    TRY(beginHistory());
    std::vector<ParseJob> rest = std::exchange(pending_, {});
    rest.insert(rest.end(), std::make_move_iterator(jobs_.begin()),
                std::make_move_iterator(jobs_.end()));
    if (!isHistoryBeside_) TRY(writeHistory());
    TRY(parseAndWrite(rest));
    return writeHistory();
}

base::Result<UpdateCounts> Update::run() {
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
    if (isFirst_) TRY(store_.shrinkLog());
    return counts_;
}

}  // namespace

base::Result<UpdateCounts> updateStore(Store& store, const WorkTree& tree,
                                       const UpdateRequest& request) {
    return Update(store, tree, request).run();
}

}  // namespace moxie::indexer
