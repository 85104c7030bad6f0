#include "tools/file_transaction.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/fs.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <cerrno>
#include <optional>

#include "tools/descriptor.h"

namespace moxie::tools {

namespace fs = std::filesystem;
using base::Errc;
using base::fail;

namespace {

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

enum class MissingFolders { fail, make };

constexpr std::string_view kHiddenStart = ".moxie-";
constexpr size_t kHiddenDigits = 16;
// Each unnamed file costs a descriptor until the commit.
constexpr size_t kUnnamedMax = 200;

tl::unexpected<base::Error> failed(int savedErrno, const fs::path& path, std::string_view step) {
    if (savedErrno == ELOOP)
        return fail(Errc::denied, fmt::format("{}: a symlink is in the way", path.string()));
    if (savedErrno == EEXIST || savedErrno == ESTALE)
        return fail(Errc::busy, fmt::format("{}: changed meanwhile", path.string()));
    if (savedErrno == EROFS || savedErrno == EPERM)
        return fail(Errc::denied, fmt::format("{} {}: not permitted", step, path.string()));
    return fail(base::errnoError(savedErrno, fmt::format("{} {}", step, path.string())));
}

// O_DIRECTORY with O_NOFOLLOW says ENOTDIR for a symlink: tell it apart.
int errnoOfFolder(int parent, const char* name, int savedErrno) {
    struct stat info {};

    if (savedErrno == ENOTDIR && ::fstatat(parent, name, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISLNK(info.st_mode))
        return ELOOP;
    return savedErrno;
}

// Opens `folder` (beneath root) one component after the other. `made` gets what was created.
base::Result<Descriptor> openFolder(const fs::path& root, const fs::path& folder,
                                    MissingFolders missing,
                                    std::vector<std::pair<fs::path, std::string>>* made) {
    Descriptor at(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (at.get() < 0) return failed(errno, root, "open");
    const fs::path relative = folder.lexically_relative(root);
    fs::path walked = root;
    for (const fs::path& part : relative) {
        if (part == ".") continue;
        if (part == ".." || part.is_absolute() || part.empty())
            return fail(Errc::denied, fmt::format("{} is outside the workspace", folder.string()));
        Descriptor next(::openat(at.get(), part.c_str(), kFolderFlags));
        if (next.get() < 0 && errno == ENOENT && missing == MissingFolders::make) {
            if (::mkdirat(at.get(), part.c_str(), 0777) == 0) {
                if (made != nullptr) made->emplace_back(walked, part.string());
            } else if (errno != EEXIST) {
                return failed(errno, walked / part, "make folder");
            }
            next = Descriptor(::openat(at.get(), part.c_str(), kFolderFlags));
        }
        if (next.get() < 0)
            return failed(errnoOfFolder(at.get(), part.c_str(), errno), walked / part, "open");
        at = std::move(next);
        walked /= part;
    }
    return at;
}

base::Result<std::string> readOpened(int fd, const fs::path& path, int64_t bytesMax) {
    struct stat info {};

    if (::fstat(fd, &info) != 0) return failed(errno, path, "stat");
    if (!S_ISREG(info.st_mode))
        return fail(Errc::invalidInput, fmt::format("{}: not a regular file", path.string()));
    if (info.st_size > bytesMax)
        return fail(Errc::invalidInput, fmt::format("{}: {} bytes, at most {} expected",
                                                    path.string(), info.st_size, bytesMax));
    std::string content(size_t(info.st_size) + 1, '\0');  // one more: notices a file that grew
    size_t filled = 0;
    while (true) {
        if (filled == content.size()) content.resize(content.size() * 2);
        const ssize_t got = ::read(fd, content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failed(errno, path, "read");
        if (got == 0) break;
        filled += size_t(got);
        if (int64_t(filled) > bytesMax)
            return fail(Errc::invalidInput,
                        fmt::format("{}: more than {} bytes", path.string(), bytesMax));
    }
    content.resize(filled);
    return content;
}

Descriptor openRegular(int folder, const char* name) {
    // O_NONBLOCK: a FIFO must not block us.
    return Descriptor(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
}

std::string hiddenName() {
    uint64_t random = 0;
    if (::getrandom(&random, sizeof random, 0) != ssize_t(sizeof random))
        random ^= uint64_t(::getpid());
    return fmt::format("{}{:0{}x}", kHiddenStart, random, kHiddenDigits);
}

// Best effort: a file system without extended attributes, or one we may not set, is no reason to
// refuse an edit.
void copyAttributes(int from, int to) {
    std::string names(4096, '\0');
    const ssize_t length = ::flistxattr(from, names.data(), names.size());
    if (length <= 0) return;
    names.resize(size_t(length));
    for (size_t start = 0; start < names.size();) {
        const std::string name = names.c_str() + start;
        start += name.size() + 1;
        std::string value(65536, '\0');
        const ssize_t bytes = ::fgetxattr(from, name.c_str(), value.data(), value.size());
        if (bytes >= 0 && ::fsetxattr(to, name.c_str(), value.data(), size_t(bytes), 0) != 0)
            continue;
    }
}

}  // namespace

base::Result<std::string> readBeneath(const fs::path& root, const fs::path& path,
                                      int64_t bytesMax) {
    TRY_ASSIGN(const Descriptor folder,
               openFolder(root, path.parent_path(), MissingFolders::fail, nullptr));
    const Descriptor file = openRegular(folder.get(), path.filename().c_str());
    if (file.get() < 0) return failed(errno, path, "open");
    return readOpened(file.get(), path, bytesMax);
}

bool isStagedName(std::string_view name) {
    return name.size() == kHiddenStart.size() + kHiddenDigits && name.starts_with(kHiddenStart) &&
           name.find_first_not_of("0123456789abcdef", kHiddenStart.size()) ==
               std::string_view::npos;
}

int64_t sweepStaged(const fs::path& root, const fs::path& folder, int64_t beforeMs) {
    auto opened = openFolder(root, folder, MissingFolders::fail, nullptr);
    if (!opened) return 0;
    const int at = opened->get();
    std::error_code error;
    int64_t nRemoved = 0;
    // The descriptor's own path: whatever the folder's name means by now.
    fs::directory_iterator it(fmt::format("/proc/self/fd/{}", at), error);
    for (; !error && it != fs::directory_iterator(); it.increment(error)) {
        const std::string name = it->path().filename().string();
        if (!isStagedName(name)) continue;
        struct stat info = {};
        if (::fstatat(at, name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) continue;
        const int64_t changedMs =
            int64_t(info.st_ctim.tv_sec) * 1000 + info.st_ctim.tv_nsec / 1'000'000;
        if (S_ISREG(info.st_mode) && info.st_uid == ::geteuid() && changedMs < beforeMs &&
            ::unlinkat(at, name.c_str(), 0) == 0)
            ++nRemoved;
    }
    return nRemoved;
}

struct FileTransaction::Entry {
    enum class Kind { create, replace, remove };

    Kind kind = Kind::create;
    fs::path path;
    Descriptor folder;
    std::string name;
    std::string hidden;  // staged bytes; after apply() of replace and remove: the old file
    // Staged bytes without a name, where the file system can do that: a killed process leaves
    // nothing. They get the hidden name only for the moment of a replacement.
    Descriptor unnamed;
    std::string expected;
    bool isStaged = false;  // `hidden` exists
    bool isApplied = false;
};

FileTransaction::FileTransaction(fs::path root, BeforeStep beforeStep)
    : root_(std::move(root)),
      beforeStep_(std::move(beforeStep)) {}

FileTransaction::~FileTransaction() {
    dropStaged();
}

base::Result<FileTransaction::Entry*> FileTransaction::stage(const fs::path& path,
                                                             bool makesFolders) {
    if (!path.has_filename() || path == root_)
        return fail(Errc::invalidInput, fmt::format("{}: not a file name", path.string()));
    auto entry = std::make_unique<Entry>();
    TRY_ASSIGN(entry->folder, openFolder(root_, path.parent_path(),
                                         makesFolders ? MissingFolders::make : MissingFolders::fail,
                                         &madeFolders_));
    entry->path = path;
    entry->name = path.filename().string();
    entry->hidden = hiddenName();
    entries_.push_back(std::move(entry));
    return entries_.back().get();
}

base::Status FileTransaction::writeStaged(Entry& entry, std::string_view content, mode_t mode) {
    Descriptor file;
    if (entries_.size() <= kUnnamedMax && ::access("/proc/self/fd", X_OK) == 0)
        file =
            Descriptor(::openat(entry.folder.get(), ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, mode));
    const bool isUnnamed = file.get() >= 0;
    if (!isUnnamed) {
        file = Descriptor(::openat(entry.folder.get(), entry.hidden.c_str(),
                                   O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
        if (file.get() < 0) return failed(errno, entry.path, "create");
        entry.isStaged = true;
    }
    while (!content.empty()) {
        const ssize_t written = ::write(file.get(), content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failed(errno, entry.path, "write");
        content.remove_prefix(size_t(written));
    }
    if (entry.kind == Entry::Kind::replace) {
        const Descriptor old = openRegular(entry.folder.get(), entry.name.c_str());

        struct stat info {};

        if (old.get() < 0 || ::fstat(old.get(), &info) != 0)
            return failed(errno, entry.path, "open");
        if (!S_ISREG(info.st_mode))
            return fail(Errc::invalidInput,
                        fmt::format("{}: not a regular file", entry.path.string()));
        otherHardLinks_ += int64_t(info.st_nlink) - 1;
        if (::fchown(file.get(), info.st_uid, info.st_gid) != 0 && errno != EPERM)
            return failed(errno, entry.path, "change owner of");
        if (::fchmod(file.get(), info.st_mode & 07777) != 0)
            return failed(errno, entry.path, "change mode of");
        copyAttributes(old.get(), file.get());
    }
    if (::fsync(file.get()) != 0) return failed(errno, entry.path, "sync");
    if (isUnnamed) entry.unnamed = std::move(file);
    return {};
}

base::Status FileTransaction::create(const fs::path& path, std::string_view content, mode_t mode) {
    TRY_ASSIGN(Entry* const entry, stage(path, true));
    return writeStaged(*entry, content, mode);
}

base::Status FileTransaction::replace(const fs::path& path, std::string_view content,
                                      std::string_view expected) {
    TRY_ASSIGN(Entry* const entry, stage(path, false));
    entry->kind = Entry::Kind::replace;
    entry->expected = expected;
    return writeStaged(*entry, content, 0600);
}

base::Status FileTransaction::remove(const fs::path& path, std::string_view expected) {
    TRY_ASSIGN(Entry* const entry, stage(path, false));
    entry->kind = Entry::Kind::remove;
    entry->expected = expected;
    return {};
}

base::Status FileTransaction::apply(Entry& entry) {
    const int folder = entry.folder.get();
    const char* const name = entry.name.c_str();
    const char* const hidden = entry.hidden.c_str();
    const auto renamed = [&](const char* from, const char* to, unsigned flags) {
        return ::renameat2(folder, from, folder, to, flags) == 0;
    };
    const bool isUnnamed = entry.unnamed.get() >= 0;
    const auto linked = [&](const char* to) {
        const std::string from = fmt::format("/proc/self/fd/{}", entry.unnamed.get());
        return ::linkat(AT_FDCWD, from.c_str(), folder, to, AT_SYMLINK_FOLLOW) == 0;
    };
    switch (entry.kind) {
        case Entry::Kind::create:
            if (isUnnamed) {
                if (!linked(name)) return failed(errno, entry.path, "create");
                break;
            }
            if (!renamed(hidden, name, RENAME_NOREPLACE))
                return failed(errno, entry.path, "create");
            entry.isStaged = false;
            break;
        case Entry::Kind::replace:
            if (isUnnamed) {
                if (!linked(hidden)) return failed(errno, entry.path, "replace");
                entry.isStaged = true;
            }
            if (!renamed(hidden, name, RENAME_EXCHANGE))
                return failed(errno, entry.path, "replace");
            break;
        case Entry::Kind::remove:
            if (!renamed(name, hidden, RENAME_NOREPLACE))
                return failed(errno, entry.path, "remove");
            entry.isStaged = true;
            break;
    }
    entry.isApplied = true;
    if (entry.kind == Entry::Kind::create) return {};
    // The old file now has the hidden name: only here is it certain which bytes were replaced.
    const Descriptor old = openRegular(folder, hidden);
    if (old.get() < 0) return failed(errno, entry.path, "open");
    TRY_ASSIGN(const std::string bytes,
               readOpened(old.get(), entry.path, int64_t(entry.expected.size()) + 1));
    if (bytes != entry.expected) return failed(ESTALE, entry.path, "replace");
    return {};
}

base::Status FileTransaction::commit() {
    int32_t step = 0;
    for (const auto& entry : entries_) {
        base::Status done = beforeStep_ ? beforeStep_(step++) : base::Status{};
        if (done) done = apply(*entry);
        if (done) continue;
        const fs::path path = entry->path;
        undo();  // ends the entries
        // A file that grew beyond what was expected was changed by someone else, too.
        if (done.error().kind() == Errc::invalidInput) return failed(ESTALE, path, "replace");
        return done;
    }
    madeFolders_.clear();
    for (const auto& entry : entries_) {
        if (entry->isStaged) ::unlinkat(entry->folder.get(), entry->hidden.c_str(), 0);
        entry->isStaged = false;
        // The renames are done and visible; a folder that cannot be synchronised is no failure.
        ::fsync(entry->folder.get());
    }
    entries_.clear();
    return {};
}

void FileTransaction::undo() {
    for (auto it = entries_.rbegin(); it != entries_.rend(); ++it) {
        Entry& entry = **it;
        if (!entry.isApplied) continue;
        const int folder = entry.folder.get();
        const char* const name = entry.name.c_str();
        const char* const hidden = entry.hidden.c_str();
        if (entry.kind == Entry::Kind::create) {
            ::unlinkat(folder, name, 0);
        } else if (entry.kind == Entry::Kind::replace) {
            ::renameat2(folder, hidden, folder, name, RENAME_EXCHANGE);
        } else if (::renameat2(folder, hidden, folder, name, RENAME_NOREPLACE) == 0) {
            entry.isStaged = false;
        }
        entry.isApplied = false;
    }
    dropStaged();
}

void FileTransaction::dropStaged() {
    for (const auto& entry : entries_)
        if (entry->isStaged && !(entry->kind == Entry::Kind::remove))
            ::unlinkat(entry->folder.get(), entry->hidden.c_str(), 0);
    entries_.clear();
    for (auto it = madeFolders_.rbegin(); it != madeFolders_.rend(); ++it)
        if (const auto parent = openFolder(root_, it->first, MissingFolders::fail, nullptr))
            ::unlinkat(parent->get(), it->second.c_str(), AT_REMOVEDIR);  // only if still empty
    madeFolders_.clear();
}

}  // namespace moxie::tools
