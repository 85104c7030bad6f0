#include "indexer/work_tree.h"

#include <git2.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <unordered_set>

#include "indexer/history.h"

namespace moxie::indexer {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesMax = 2'000'000;

template <auto Free>
struct GitFree {
    template <class T>
    void operator()(T* object) const {
        Free(object);
    }
};

using IndexPtr = std::unique_ptr<git_index, GitFree<git_index_free>>;
using StatusPtr = std::unique_ptr<git_status_list, GitFree<git_status_list_free>>;
using ObjectsPtr = std::unique_ptr<git_odb, GitFree<git_odb_free>>;

base::Error gitError(std::string_view step) {
    const git_error* last = git_error_last();
    return base::Error(base::Errc::io, "read repository: " + std::string(step) + ": " +
                                           (last && last->message ? last->message : "unknown"));
}

BlobHash toHash(const git_oid& id) {
    BlobHash hash;
    std::memcpy(hash.data(), id.id, hash.size());
    return hash;
}

bool readStat(const fs::path& path, FileOnDisk& out) {
    struct stat info = {};
    if (lstat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return false;
    out.bytes = info.st_size;
    out.modifiedNs = int64_t(info.st_mtim.tv_sec) * 1'000'000'000 + info.st_mtim.tv_nsec;
    return true;
}

bool isSkippedFolder(const std::string& name) {
    static constexpr std::array<std::string_view, 12> kNames = {
        "node_modules",     "build", "dist", "target", "out",       "__pycache__", "venv",
        "bower_components", "bin",   "obj",  "_build", "CMakeFiles"};
    return name.starts_with('.') || std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

void WorkTree::FreeRepository::operator()(git_repository* repository) const {
    git_repository_free(repository);
}

WorkTree::~WorkTree() = default;
WorkTree::WorkTree(WorkTree&&) noexcept = default;
WorkTree& WorkTree::operator=(WorkTree&&) noexcept = default;

base::Result<WorkTree> WorkTree::open(const fs::path& root) {
    std::error_code error;
    WorkTree tree;
    tree.root_ = fs::canonical(root, error);
    if (error || !fs::is_directory(tree.root_, error))
        return base::fail(base::Errc::notFound, root.string() + " is not a folder");
    git_repository* raw = nullptr;
    if (git_repository_open_ext(&raw, tree.root_.c_str(), 0, nullptr) != 0) return tree;
    tree.repository_.reset(raw);
    const char* workDir = git_repository_workdir(raw);
    if (!workDir) {
        tree.repository_.reset();
        return tree;
    }
    const fs::path top = fs::canonical(workDir, error);
    const std::string relative =
        error ? std::string() : tree.root_.lexically_relative(top).string();
    if (relative.empty() || relative.starts_with("..")) {
        tree.repository_.reset();
        return tree;
    }
    if (relative != ".") tree.prefix_ = relative + "/";
    // A folder that the repository around it ignores stands for itself.
    int isIgnored = 0;
    if (!tree.prefix_.empty() &&
        git_ignore_path_is_ignored(&isIgnored, raw, tree.prefix_.c_str()) == 0 && isIgnored)
        tree.repository_.reset();
    return tree;
}

base::Result<std::vector<FileOnDisk>> WorkTree::files(const std::stop_token& stop) const {
    TRY_ASSIGN(auto files, hasGit() ? gitFiles(stop) : plainFiles(stop));
    std::sort(files.begin(), files.end(),
              [](const FileOnDisk& a, const FileOnDisk& b) { return a.path < b.path; });
    const auto last = std::unique(files.begin(), files.end(),
                                  [](const auto& a, const auto& b) { return a.path == b.path; });
    files.erase(last, files.end());
    return files;
}

base::Result<std::vector<FileOnDisk>> WorkTree::gitFiles(const std::stop_token& stop) const {
    // With a handle of its own: a status looks at HEAD's tree, and the pack that it opens for that
    // would stay mapped, with its cache of 16 MB, as long as the handle.
    TRY_ASSIGN(const WorkTree own, open(root_));
    if (!own.hasGit()) return base::fail(base::Errc::io, "read repository: it is gone");
    git_index* rawIndex = nullptr;
    if (git_repository_index(&rawIndex, own.repository_.get()) != 0)
        return base::fail(gitError("index"));
    const IndexPtr index(rawIndex);

    git_status_options options = GIT_STATUS_OPTIONS_INIT;
    options.show = GIT_STATUS_SHOW_WORKDIR_ONLY;
    options.flags = GIT_STATUS_OPT_INCLUDE_UNTRACKED | GIT_STATUS_OPT_RECURSE_UNTRACKED_DIRS |
                    GIT_STATUS_OPT_EXCLUDE_SUBMODULES | GIT_STATUS_OPT_DISABLE_PATHSPEC_MATCH;
    std::string spec = prefix_;
    char* specs[] = {spec.data()};
    if (!prefix_.empty()) options.pathspec = {specs, 1};
    git_status_list* rawStatus = nullptr;
    if (git_status_list_new(&rawStatus, own.repository_.get(), &options) != 0)
        return base::fail(gitError("status"));
    const StatusPtr status(rawStatus);

    std::vector<FileOnDisk> files;
    std::unordered_set<std::string> dirty;
    const auto add = [&](std::string_view path, const git_oid* id) {
        if (!path.starts_with(prefix_) || files.size() >= kFilesMax) return;
        FileOnDisk file;
        file.path = path.substr(prefix_.size());
        if (!readStat(root_ / file.path, file)) return;
        if (id) file.hash = toHash(*id);
        files.push_back(std::move(file));
    };
    for (size_t i = 0; i < git_status_list_entrycount(status.get()); i++) {
        const git_status_entry* entry = git_status_byindex(status.get(), i);
        if (!entry || !entry->index_to_workdir || !entry->index_to_workdir->new_file.path) continue;
        const char* path = entry->index_to_workdir->new_file.path;
        dirty.insert(path);
        add(path, nullptr);
    }
    if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "indexing was stopped");
    for (size_t i = 0; i < git_index_entrycount(index.get()); i++) {
        const git_index_entry* entry = git_index_get_byindex(index.get(), i);
        const auto kind = entry->mode & 0170000;
        if (kind != 0100000 || git_index_entry_stage(entry) != 0) continue;
        if (dirty.contains(entry->path)) continue;
        if (const std::string_view path = entry->path;
            entry->file_size != 0 && path.starts_with(prefix_) && files.size() < kFilesMax &&
            !(entry->flags_extended & GIT_INDEX_ENTRY_SKIP_WORKTREE))
            files.push_back({.path = std::string(path.substr(prefix_.size())),
                             .bytes = entry->file_size,
                             .modifiedNs = int64_t(entry->mtime.seconds) * 1'000'000'000 +
                                           entry->mtime.nanoseconds,
                             .hash = toHash(entry->id)});
        else
            add(path, &entry->id);
    }
    return files;
}

base::Result<std::vector<FileOnDisk>> WorkTree::plainFiles(const std::stop_token& stop) const {
    std::vector<FileOnDisk> files;
    std::error_code error;
    // Symlinks are not followed, so loops cannot happen.
    fs::recursive_directory_iterator at(root_, fs::directory_options::skip_permission_denied,
                                        error);
    if (error) return base::fail(base::Errc::io, "read " + root_.string() + ": " + error.message());
    struct stat top = {};
    if (lstat(root_.c_str(), &top) != 0)
        return base::fail(base::Errc::io, "read " + root_.string());
    // Another file system inside (a mounted /proc, a network share) is not part of the folder.
    const auto isMounted = [&](const fs::path& folder) {
        struct stat info = {};
        return lstat(folder.c_str(), &info) == 0 && info.st_dev != top.st_dev;
    };
    for (const fs::recursive_directory_iterator end; at != end && files.size() < kFilesMax;) {
        if (stop.stop_requested()) return base::fail(base::Errc::cancelled, "indexing was stopped");
        std::error_code ignored;
        const std::string name = at->path().filename().string();
        if (at->is_directory(ignored) && !at->is_symlink(ignored)) {
            if (isSkippedFolder(name) || isMounted(at->path())) at.disable_recursion_pending();
        } else {
            FileOnDisk file;
            file.path = at->path().lexically_relative(root_).generic_string();
            if (readStat(at->path(), file)) files.push_back(std::move(file));
        }
        at.increment(error);
        if (error) break;
    }
    return files;
}

std::optional<FileOnDisk> WorkTree::file(const std::string& path) const {
    FileOnDisk file;
    file.path = path;
    if (!readStat(root_ / path, file)) return std::nullopt;
    if (!hasGit()) return file;
    const std::string full = prefix_ + path;
    git_index* rawIndex = nullptr;
    if (git_repository_index(&rawIndex, repository_.get()) == 0) {
        const IndexPtr index(rawIndex);
        if (git_index_read(index.get(), 0) != 0) return std::nullopt;
        if (git_index_get_bypath(index.get(), full.c_str(), 0)) return file;
    }
    int isIgnored = 0;
    if (git_ignore_path_is_ignored(&isIgnored, repository_.get(), full.c_str()) == 0 && isIgnored)
        return std::nullopt;
    return file;
}

bool WorkTree::isIgnoredFolder(const std::string& folder) const {
    if (folder.empty()) return false;
    if (!hasGit()) return isSkippedFolder(fs::path(folder).filename().string());
    int isIgnored = 0;
    const std::string full = prefix_ + folder + "/";
    return git_ignore_path_is_ignored(&isIgnored, repository_.get(), full.c_str()) == 0 &&
           isIgnored;
}

fs::path WorkTree::gitFolder() const {
    if (!hasGit()) return {};
    std::string folder = git_repository_path(repository_.get());
    while (folder.size() > 1 && folder.ends_with('/'))
        folder.pop_back();
    return folder;
}

BlobHash WorkTree::head() const {
    git_oid id = {};
    if (!hasGit() || git_reference_name_to_id(&id, repository_.get(), "HEAD") != 0) return {};
    return toHash(id);
}

base::Result<std::vector<Commit>> WorkTree::commits(int64_t limit, std::span<const BlobHash> known,
                                                    const std::stop_token& stop) const {
    const BlobHash newest = head();
    if (newest == BlobHash{}) return std::vector<Commit>();
    git_odb* raw = nullptr;
    if (git_repository_odb(&raw, repository_.get()) != 0) return base::fail(gitError("history"));
    const ObjectsPtr objects(raw);
    return readHistory(
        *objects,
        {.head = newest, .prefix = prefix_, .limit = limit, .known = known, .stop = stop});
}

}  // namespace moxie::indexer
