#include "tools/snapshot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <system_error>

#include "base/text.h"
#include "tools/file_transaction.h"
#include "tools/spawn.h"
#include "tools/workspace.h"

namespace moxie::tools {

namespace fs = std::filesystem;

namespace {

constexpr int64_t kBufferBytes = 1 << 20;
// All untracked files together may have this many times the cap of one.
constexpr int64_t kTotalCaps = 20;
// Time stamps of files move in steps of the kernel's tick. A file that changed less than this
// before we looked may change again without its stamp showing it.
constexpr int64_t kTickNs = 100'000'000;

int64_t nanoseconds(const timespec& time) {
    return int64_t(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

int64_t nowNs() {
    timespec time = {};
    ::clock_gettime(CLOCK_REALTIME, &time);
    return nanoseconds(time);
}

base::Error readError(const std::string& path) {
    return base::errnoError(errno, "read " + shownPath(path));
}

base::Result<git_oid> storeLink(git_repository* repository, const fs::path& file,
                                const std::string& path) {
    std::string target(size_t(PATH_MAX), '\0');
    const ssize_t length = ::readlink(file.c_str(), target.data(), target.size());
    if (length < 0) return base::fail(readError(path));
    git_oid id;
    TRY(gitCheck(git_blob_create_from_buffer(&id, repository, target.data(), size_t(length)),
                 "store " + shownPath(path)));
    return id;
}

}  // namespace

struct SnapshotMaker::Round {
    git_index* users = nullptr;
    git_index* next = nullptr;
    int64_t indexTimeNs = 0;
    int64_t untrackedBytes = 0;
    std::vector<std::string> leftOut;
};

SnapshotMaker::SnapshotMaker(git_repository* repository, fs::path workTree,
                             int64_t untrackedBytesMax)
    : repository_(repository),
      workTree_(std::move(workTree)),
      untrackedBytesMax_(untrackedBytesMax) {}

base::Result<Snapshot> SnapshotMaker::make(const std::vector<std::string>& alsoPaths) {
    linkedFolders_.clear();
    nestedFolders_.clear();
    GitIndex users, next;
    TRY(gitCheck(git_repository_index(users.out(), repository_), "open index"));
    TRY(gitCheck(git_index_read(users.get(), 1), "read index"));
    TRY(gitCheck(git_index_new(next.out()), "make index"));
    Round round{users.get(), next.get(), 0, 0, {}};
    struct stat info = {};
    if (const char* file = git_index_path(users.get()); file != nullptr && ::stat(file, &info) == 0)
        round.indexTimeNs = nanoseconds(info.st_mtim);

    std::map<std::string, Origin> paths;
    for (const std::string& path : alsoPaths)
        paths.emplace(path, Origin::named);
    TRY(addUntracked(users.get(), paths));
    const size_t count = git_index_entrycount(users.get());
    for (size_t i = 0; i < count; ++i) {
        const git_index_entry* entry = git_index_get_byindex(users.get(), i);
        if (entry->mode == GIT_FILEMODE_COMMIT) {
            TRY(gitCheck(git_index_add(next.get(), entry), "add submodule"));
        } else {
            paths.insert_or_assign(entry->path, Origin::tracked);
        }
    }
    for (const auto& [path, origin] : paths)
        TRY(addFile(round, path, origin));
    Snapshot snapshot;
    TRY(gitCheck(git_index_write_tree_to(&snapshot.tree, next.get(), repository_), "write tree"));
    snapshot.leftOut = std::move(round.leftOut);
    return snapshot;
}

base::Status SnapshotMaker::addUntracked(git_index* index, std::map<std::string, Origin>& paths) {
    git_diff_options options = GIT_DIFF_OPTIONS_INIT;
    options.flags = GIT_DIFF_INCLUDE_UNTRACKED | GIT_DIFF_RECURSE_UNTRACKED_DIRS |
                    GIT_DIFF_IGNORE_SUBMODULES | GIT_DIFF_SKIP_BINARY_CHECK;
    options.ignore_submodules = GIT_SUBMODULE_IGNORE_ALL;
    GitDiff diff;
    TRY(gitCheck(git_diff_index_to_workdir(diff.out(), repository_, index, &options),
                 "look for untracked files"));
    const size_t count = git_diff_num_deltas(diff.get());
    for (size_t i = 0; i < count; ++i) {
        const git_diff_delta* delta = git_diff_get_delta(diff.get(), i);
        if (delta->status != GIT_DELTA_UNTRACKED) continue;
        const std::string path = delta->new_file.path;
        if (path.empty() || path.back() == '/') continue;
        if (isStagedName(path.substr(path.rfind('/') + 1))) continue;  // of a killed process
        paths.emplace(path, Origin::untracked);
    }
    return {};
}

base::Status SnapshotMaker::addFile(Round& round, const std::string& path, Origin origin) {
    if (isBelowLink(path)) return {};
    struct stat info = {};
    if (::lstat((workTree_ / path).c_str(), &info) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return {};  // gone is a state too
        if (origin == Origin::tracked) return base::fail(readError(path));
        round.leftOut.push_back(path);
        return {};
    }
    const bool isLink = S_ISLNK(info.st_mode);
    if (!isLink && !S_ISREG(info.st_mode)) return {};
    if (origin != Origin::tracked && isInNestedRepository(path)) return {};
    if (origin == Origin::untracked) {
        round.untrackedBytes += info.st_size;
        if (info.st_size > untrackedBytesMax_ ||
            round.untrackedBytes > kTotalCaps * untrackedBytesMax_ ||
            (!isLink && ::access((workTree_ / path).c_str(), R_OK) != 0)) {
            round.untrackedBytes -= info.st_size;
            round.leftOut.push_back(path);
            return {};
        }
    }
    const FileStat stat{info.st_ino, info.st_size, nanoseconds(info.st_mtim),
                        nanoseconds(info.st_ctim), info.st_mode};
    auto id = idOf(round, path, stat);
    if (!id && id.error().kind() == base::Errc::notFound) return {};  // went just now
    if (!id) return base::fail(std::move(id).error());
    git_index_entry entry = {};
    entry.id = *id;
    entry.path = path.c_str();
    entry.mode = isLink                          ? GIT_FILEMODE_LINK
                 : (info.st_mode & S_IXUSR) != 0 ? GIT_FILEMODE_BLOB_EXECUTABLE
                                                 : GIT_FILEMODE_BLOB;
    return gitCheck(git_index_add(round.next, &entry), "add " + shownPath(path));
}

base::Result<git_oid> SnapshotMaker::idOf(Round& round, const std::string& path,
                                          const FileStat& stat) {
    const auto known = known_.find(path);
    if (known != known_.end() && known->second.stat == stat &&
        stat.ctimeNs + kTickNs <= known->second.hashedAtNs)
        return known->second.id;
    git_oid id;
    if (isCleanInIndex(round, path, stat, id)) return id;
    const int64_t lookedAtNs = nowNs();
    TRY_ASSIGN(id, store(path, stat));
    known_.insert_or_assign(path, Known{stat, id, lookedAtNs});
    return id;
}

// Spares hashing a whole repository at the first checkpoint: git hashed the file already.
bool SnapshotMaker::isCleanInIndex(Round& round, const std::string& path, const FileStat& stat,
                                   git_oid& id) {
    const git_index_entry* entry = git_index_get_bypath(round.users, path.c_str(), 0);
    if (entry == nullptr || !S_ISREG(stat.mode) || (entry->mode & S_IFMT) != S_IFREG) return false;
    const auto time = [](const git_index_time& t) {
        return int64_t(t.seconds) * 1'000'000'000 + int64_t(t.nanoseconds);
    };
    if (time(entry->mtime) != stat.mtimeNs || time(entry->ctime) != stat.ctimeNs ||
        int64_t(entry->file_size) != stat.size || entry->ino != uint32_t(stat.inode) ||
        stat.ctimeNs + kTickNs > round.indexTimeNs)
        return false;
    if (isConverted(path)) return false;
    id = entry->id;
    return true;
}

// Whether git stores other bytes than those on disk.
bool SnapshotMaker::isConverted(const std::string& path) {
    GitFilters filters;
    if (git_filter_list_load(filters.out(), repository_, nullptr, path.c_str(), GIT_FILTER_TO_ODB,
                             GIT_FILTER_DEFAULT) != 0 ||
        filters)
        return true;
    for (const char* name : {"filter", "working-tree-encoding"}) {
        const char* value = nullptr;
        if (git_attr_get(&value, repository_, 0, path.c_str(), name) != 0 ||
            git_attr_value(value) == GIT_ATTR_VALUE_STRING)
            return true;
    }
    return false;
}

base::Result<git_oid> SnapshotMaker::store(const std::string& path, const FileStat& stat) {
    const fs::path file = workTree_ / path;
    if (S_ISLNK(stat.mode)) return storeLink(repository_, file, path);
    const Fd fd(::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!fd.isOpen()) return base::fail(readError(path));
    git_writestream* stream = nullptr;
    std::string buffer(size_t(std::min(kBufferBytes, stat.size + 1)), '\0');
    const bool isSmall = stat.size < kBufferBytes;
    if (!isSmall)
        TRY(gitCheck(git_blob_create_from_stream(&stream, repository_, nullptr),
                     "store " + shownPath(path)));
    size_t filled = 0;
    while (true) {
        const ssize_t got = ::read(fd.get(), buffer.data() + filled, buffer.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            const base::Error error = readError(path);
            if (stream != nullptr) stream->free(stream);
            return base::fail(error);
        }
        if (isSmall) {
            filled += size_t(got);
            if (got == 0 || filled == buffer.size()) break;
            continue;
        }
        if (got == 0) break;
        if (const int code = stream->write(stream, buffer.data(), size_t(got)); code < 0) {
            stream->free(stream);
            return base::fail(gitError(code, "store " + shownPath(path)));
        }
    }
    git_oid id;
    const int code = isSmall ? git_blob_create_from_buffer(&id, repository_, buffer.data(), filled)
                             : git_blob_create_from_stream_commit(&id, stream);
    TRY(gitCheck(code, "store " + shownPath(path)));
    return id;
}

bool SnapshotMaker::isBelowLink(const std::string& path) {
    for (size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        const std::string folder = path.substr(0, slash);
        auto [it, isNew] = linkedFolders_.try_emplace(folder, false);
        if (isNew) {
            struct stat info = {};
            it->second =
                ::lstat((workTree_ / folder).c_str(), &info) == 0 && !S_ISDIR(info.st_mode);
        }
        if (it->second) return true;
    }
    return false;
}

bool SnapshotMaker::isInNestedRepository(const std::string& path) {
    for (size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1)) {
        const std::string folder = path.substr(0, slash);
        auto [it, isNew] = nestedFolders_.try_emplace(folder, false);
        if (isNew) {
            std::error_code ec;
            it->second = fs::exists(fs::symlink_status(workTree_ / folder / ".git", ec));
        }
        if (it->second) return true;
    }
    return false;
}

bool isInNestedRepository(const fs::path& workTree, const std::string& path) {
    std::error_code ec;
    for (size_t slash = path.find('/'); slash != std::string::npos;
         slash = path.find('/', slash + 1))
        if (fs::exists(fs::symlink_status(workTree / path.substr(0, slash) / ".git", ec)))
            return true;
    return false;
}

}  // namespace moxie::tools
