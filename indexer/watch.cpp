#include "indexer/watch.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <set>
#include <thread>

#include "base/log.h"
#include "indexer/git_library.h"
#include "indexer/watched_folders.h"
#include "indexer/work_tree.h"

namespace moxie::indexer {
namespace {

namespace fs = std::filesystem;
using WatchClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr size_t kPathsMax = 256;     // more are found faster by a look at the whole tree
constexpr int64_t kLockMsMax = 2000;  // git holds its index while it changes files
constexpr int64_t kLockStepMs = 30;
constexpr int kFolderDepthMax = 64;

// What happened since the index was brought up to date, and when it is time to look.
class PendingChanges {
public:
    explicit PendingChanges(const WatchOptions& options) : options_(options) {}

    void addPath(std::string path) {
        note();
        if (paths_.size() < kPathsMax)
            paths_.insert(std::move(path));
        else
            wantsSweep_ = true;
    }

    void addSweep() {
        note();
        wantsSweep_ = true;
    }

    bool isEmpty() const { return paths_.empty() && !wantsSweep_; }

    bool wantsSweep() const { return wantsSweep_; }

    // Requires: not empty.
    WatchClock::time_point due() const {
        return std::min(last_ + milliseconds(options_.quietMs),
                        first_ + milliseconds(options_.waitMsMax));
    }

    // The system reported nothing by itself: look again later.
    void retryAfter(int64_t ms) {
        wantsSweep_ = true;
        first_ = last_ = WatchClock::now() + milliseconds(ms);
    }

    std::vector<std::string> take() {
        std::vector<std::string> paths(paths_.begin(), paths_.end());
        paths_.clear();
        wantsSweep_ = false;
        return paths;
    }

private:
    void note() {
        last_ = WatchClock::now();
        if (isEmpty()) first_ = last_;
    }

    const WatchOptions& options_;
    std::set<std::string> paths_;
    bool wantsSweep_ = false;
    WatchClock::time_point first_, last_;
};

class IndexWatch final : public Watch {
public:
    IndexWatch(Index& index, const WatchOptions& options, WorkTree tree, fs::path root,
               FileDescriptor wake)
        : index_(index),
          options_(options),
          tree_(std::move(tree)),
          gitFolder_(tree_.gitFolder().string()),
          folders_(std::move(root), options.foldersMax),
          pending_(options_),
          wake_(std::move(wake)) {}

    ~IndexWatch() override {
        thread_.request_stop();
        if (thread_.joinable()) thread_.join();
    }

    // Folders are listened to before it returns.
    base::Status start() {
        TRY(listen());
        thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
        return {};
    }

    WatchStats stats() const override {
        return {.folders = nFolders_,
                .sweeps = nSweeps_,
                .batches = nBatches_,
                .isSweeping = isSweeping_};
    }

private:
    void run(const std::stop_token& stop);
    int waitMs() const;
    bool isGitBusy();
    void take(FolderEvent event);
    void enter(const std::string& folder, int depth);
    base::Status listen();
    void forgetIgnored(const std::set<std::string>& wanted);
    void note(WatchedFolders::Added added);
    base::Status flush(const std::stop_token& stop);
    base::Status sweep(const std::stop_token& stop);
    base::Status lookAt(const std::vector<std::string>& paths);

    GitLibrary git_;  // first: outlives the rest
    Index& index_;
    const WatchOptions options_;
    WorkTree tree_;  // what is ignored
    const std::string gitFolder_;
    WatchedFolders folders_;
    PendingChanges pending_;
    FileDescriptor wake_;
    int64_t generation_ = -1;
    int64_t nNewFolders_ = 0;
    std::optional<WatchClock::time_point> busySince_;  // git's lock
    std::atomic<int64_t> nFolders_ = 0, nSweeps_ = 0, nBatches_ = 0;
    std::atomic<bool> isSweeping_ = false;
    std::jthread thread_;  // last: stopped before the rest goes
};

void IndexWatch::note(WatchedFolders::Added added) {
    if (added == WatchedFolders::Added::isNew) nNewFolders_++;
    if (added == WatchedFolders::Added::noSpace && !isSweeping_) {
        isSweeping_ = true;
        base::log(base::LogLevel::warn, "indexer",
                  fmt::format("no more folders can be watched, the tree is looked at instead "
                              "folders={} every_ms={}",
                              folders_.count(), options_.sweepMs));
    }
    nFolders_ = folders_.count();
}

// Every folder above a file of the index, and git's own.
base::Status IndexWatch::listen() {
    TRY_ASSIGN(const auto files, index_.files());
    std::set<std::string> wanted = {""};
    for (const FileEntry& file : files)
        for (size_t end = file.path.rfind('/'); end != std::string::npos && end > 0;
             end = file.path.rfind('/', end - 1))
            if (!wanted.insert(file.path.substr(0, end)).second) break;
    if (!gitFolder_.empty()) wanted.insert(gitFolder_);
    forgetIgnored(wanted);
    for (const std::string& folder : wanted)
        note(folders_.add(folder));
    return {};
}

// A folder that was made while we listened may be empty, so only what is ignored now goes.
void IndexWatch::forgetIgnored(const std::set<std::string>& wanted) {
    for (const std::string& folder : folders_.folders())
        if (!wanted.contains(folder) && tree_.isIgnoredFolder(folder)) folders_.remove(folder);
    nFolders_ = folders_.count();
}

// A new folder: listens first and looks then, so that nothing falls between.
void IndexWatch::enter(const std::string& folder, int depth) {
    if (depth > kFolderDepthMax || tree_.isIgnoredFolder(folder)) return;
    note(folders_.add(folder));
    std::error_code error;
    if (fs::exists(options_.root / folder / ".git", error)) {
        folders_.remove(folder);
        nFolders_ = folders_.count();
        return;
    }
    for (fs::directory_iterator at(options_.root / folder, error), end; !error && at != end;
         at.increment(error)) {
        std::error_code ignored;
        const std::string path = folder + "/" + at->path().filename().string();
        const fs::file_status status = at->symlink_status(ignored);
        if (fs::is_directory(status)) enter(path, depth + 1);
        if (fs::is_regular_file(status)) pending_.addPath(path);
    }
}

void IndexWatch::take(FolderEvent event) {
    if (!gitFolder_.empty() && event.folder == gitFolder_) {
        if (event.name == "HEAD" || event.name == "index") pending_.addSweep();
        return;
    }
    if (event.name == ".git") {  // a repository of its own is not part of this one
        if (!event.folder.empty()) {
            folders_.remove(event.folder);
            nFolders_ = folders_.count();
            pending_.addSweep();
        }
        return;
    }
    const std::string path = event.folder.empty() ? event.name : event.folder + "/" + event.name;
    switch (event.kind) {
        case FolderEvent::Kind::folderCame:
            enter(path, 0);
            return;
        case FolderEvent::Kind::folderWent:
            folders_.remove(path);
            nFolders_ = folders_.count();
            pending_.addPath(path);
            return;
        case FolderEvent::Kind::fileChanged:
            if (event.name == ".gitignore") pending_.addSweep();
            pending_.addPath(path);
            return;
    }
}

base::Status IndexWatch::sweep(const std::stop_token& stop) {
    nSweeps_++;
    TRY_ASSIGN(const IndexStats stats, index_.update({}, stop));
    nNewFolders_ = 0;
    TRY(listen());
    // Something may have been written there between the look and the watch.
    if (nNewFolders_ > 0) pending_.addSweep();
    const bool hasChanged = stats.generation != generation_;
    generation_ = stats.generation;
    if (hasChanged && options_.onChanged) options_.onChanged({.generation = stats.generation});
    return {};
}

base::Status IndexWatch::lookAt(const std::vector<std::string>& paths) {
    nBatches_++;
    TRY_ASSIGN(auto changed, index_.updateFiles(paths));
    if (changed.empty()) return {};
    TRY_ASSIGN(generation_, index_.generation());
    if (options_.onChanged)
        options_.onChanged({.paths = std::move(changed), .generation = generation_});
    return {};
}

base::Status IndexWatch::flush(const std::stop_token& stop) {
    const bool wantsSweep = pending_.wantsSweep();
    const auto paths = pending_.take();
    return wantsSweep ? sweep(stop) : lookAt(paths);
}

// A lock that stays was left by a git that died.
bool IndexWatch::isGitBusy() {
    std::error_code ignored;
    if (gitFolder_.empty() || !fs::exists(fs::path(gitFolder_) / "index.lock", ignored)) {
        busySince_.reset();
        return false;
    }
    if (!busySince_) busySince_ = WatchClock::now();
    return WatchClock::now() - *busySince_ < milliseconds(kLockMsMax);
}

int IndexWatch::waitMs() const {
    if (pending_.isEmpty()) return isSweeping_ ? int(options_.sweepMs) : -1;
    const auto left = std::chrono::ceil<milliseconds>(pending_.due() - WatchClock::now()).count();
    return int(std::clamp<int64_t>(left, 0, 60'000));
}

void IndexWatch::run(const std::stop_token& stop) {
    const std::stop_callback wakeUp(stop, [this] { eventfd_write(wake_.number(), 1); });
    while (!stop.stop_requested()) {
        pollfd waited[2] = {{.fd = folders_.descriptor(), .events = POLLIN, .revents = 0},
                            {.fd = wake_.number(), .events = POLLIN, .revents = 0}};
        const int nReady = poll(waited, 2, waitMs());
        if (stop.stop_requested()) return;
        if (waited[0].revents != 0 && !folders_.read([this](FolderEvent event) { take(event); }))
            pending_.addSweep();
        if (nReady == 0 && pending_.isEmpty() && isSweeping_) pending_.retryAfter(0);
        if (pending_.isEmpty() || WatchClock::now() < pending_.due()) continue;
        if (isGitBusy()) {
            pending_.retryAfter(kLockStepMs);
            continue;
        }
        const base::Status done = flush(stop);
        if (done || stop.stop_requested()) continue;
        base::log(base::LogLevel::warn, "indexer",
                  fmt::format("change is not in the index yet reason={}", done.error().message()));
        pending_.retryAfter(options_.sweepMs);
    }
}

}  // namespace

base::Result<std::unique_ptr<Watch>> watch(Index& index, const WatchOptions& options) {
    const GitLibrary git;
    TRY_ASSIGN(WorkTree tree, WorkTree::open(options.root));
    std::error_code error;
    const fs::path root = fs::canonical(options.root, error);
    if (error) return base::fail(base::Errc::notFound, options.root.string() + " is not a folder");
    FileDescriptor wake(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (wake.number() < 0)
        return base::fail(base::Errc::io, "watch " + root.string() + ": no descriptor is left");
    auto made =
        std::make_unique<IndexWatch>(index, options, std::move(tree), root, std::move(wake));
    TRY(made->start());
    return made;
}

}  // namespace moxie::indexer
