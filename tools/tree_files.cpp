#include "tools/tree_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/text.h"
#include "tools/descriptor.h"
#include "tools/workspace.h"

namespace moxie::tools {

namespace {

constexpr const char* kTemporaryName = ".moxie-restore";

base::Error writeError(const std::string& path) {
    return base::errnoError(errno, "write " + shownPath(path));
}

std::string nameOf(const std::string& path) {
    return path.substr(path.rfind('/') + 1);  // npos + 1 is 0
}

// Removes a folder that holds nothing but folders; rmdir() keeps everything else.
bool removeEmptyFolders(int parent, const std::string& name) {
    if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) return true;
    const int fd = ::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR* folder = fd < 0 ? nullptr : ::fdopendir(fd);
    if (folder == nullptr) return false;
    bool isEmpty = true;
    while (const dirent* entry = isEmpty ? ::readdir(folder) : nullptr) {
        const std::string child = entry->d_name;
        if (child != "." && child != "..") isEmpty = removeEmptyFolders(fd, child);
    }
    ::closedir(folder);  // closes fd too
    return isEmpty && ::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0;
}

// Moves the temporary file to its name; an empty folder gives way.
bool putInPlace(int parent, const std::string& name) {
    if (::renameat(parent, kTemporaryName, parent, name.c_str()) == 0) return true;
    if (errno == EISDIR && removeEmptyFolders(parent, name) &&
        ::renameat(parent, kTemporaryName, parent, name.c_str()) == 0)
        return true;
    const int savedErrno = errno;
    ::unlinkat(parent, kTemporaryName, 0);
    errno = savedErrno;
    return false;
}

}  // namespace

base::Result<TreeFiles> TreeFiles::open(const std::filesystem::path& root) {
    Fd fd(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.isOpen()) return base::fail(base::errnoError(errno, "open " + root.string()));
    return TreeFiles(std::move(fd));
}

base::Result<Fd> TreeFiles::parentOf(const std::string& path, bool isMade) const {
    Fd folder(::openat(root_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    size_t begin = 0;
    while (folder.isOpen()) {
        const size_t slash = path.find('/', begin);
        const std::string part =
            path.substr(begin, slash == std::string::npos ? slash : slash - begin);
        if (part.empty() || part == "." || part == ".." || part == ".git")
            return base::fail(base::Errc::invalidInput,
                              fmt::format("'{}' is no path in the work tree", shownPath(path)));
        if (slash == std::string::npos) return folder;
        if (isMade && ::mkdirat(folder.get(), part.c_str(), 0777) != 0 && errno != EEXIST) break;
        folder.reset(
            ::openat(folder.get(), part.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        begin = slash + 1;
    }
    return base::fail(writeError(path));
}

base::Status TreeFiles::writeFile(const std::string& path, std::string_view bytes,
                                  bool isExecutable) {
    TRY_ASSIGN(const Fd parent, parentOf(path, true));
    const std::string name = nameOf(path);
    ::unlinkat(parent.get(), kTemporaryName, 0);  // of a restore that was cut short
    const Fd file(::openat(parent.get(), kTemporaryName,
                           O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                           isExecutable ? 0777 : 0666));
    if (!file.isOpen()) return base::fail(writeError(path));
    struct stat before = {};
    if (::fstatat(parent.get(), name.c_str(), &before, AT_SYMLINK_NOFOLLOW) == 0 &&
        S_ISREG(before.st_mode)) {
        const mode_t readable = before.st_mode & 0444U;
        const mode_t plain = before.st_mode & 0666U;
        ::fchmod(file.get(), isExecutable ? plain | (readable >> 2U) : plain);
    }
    if (!writeAll(file.get(), bytes)) {
        const base::Error error = writeError(path);
        ::unlinkat(parent.get(), kTemporaryName, 0);
        return base::fail(error);
    }
    if (!putInPlace(parent.get(), name)) return base::fail(writeError(path));
    return {};
}

base::Status TreeFiles::writeLink(const std::string& path, const std::string& target) {
    TRY_ASSIGN(const Fd parent, parentOf(path, true));
    ::unlinkat(parent.get(), kTemporaryName, 0);
    if (::symlinkat(target.c_str(), parent.get(), kTemporaryName) != 0 ||
        !putInPlace(parent.get(), nameOf(path)))
        return base::fail(writeError(path));
    return {};
}

base::Status TreeFiles::remove(const std::string& path) {
    auto parent = parentOf(path, false);
    // A folder on the way is gone or something else by now: then so is the file.
    if (!parent) return {};
    if (::unlinkat(parent->get(), nameOf(path).c_str(), 0) != 0 && errno != ENOENT)
        return base::fail(writeError(path));
    std::string folder = path;
    for (size_t slash = folder.rfind('/'); slash != std::string::npos; slash = folder.rfind('/')) {
        folder.resize(slash);
        auto above = parentOf(folder, false);
        if (!above || ::unlinkat(above->get(), nameOf(folder).c_str(), AT_REMOVEDIR) != 0) break;
    }
    return {};
}

}  // namespace moxie::tools
