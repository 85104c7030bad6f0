#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace moxie::base {

namespace {

// A file descriptor that closes itself.
class Fd {
public:
    explicit Fd(int fd) : fd_(fd) {}

    ~Fd() {
        if (fd_ >= 0) ::close(fd_);
    }

    Fd(const Fd&) = delete;
    Fd& operator=(const Fd&) = delete;

    int get() const { return fd_; }

    // Closes and says whether the kernel had a late write error.
    bool close() {
        const int fd = std::exchange(fd_, -1);
        return ::close(fd) == 0;
    }

private:
    int fd_;
};

Status writeAll(int fd, std::string_view content, std::string_view name) {
    while (!content.empty()) {
        const ssize_t written = ::write(fd, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(errnoError(errno, fmt::format("write {}", name)));
        content.remove_prefix(size_t(written));
    }
    return {};
}

Status syncDirectory(const std::filesystem::path& directory) {
    const Fd fd(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (fd.get() < 0) return fail(errnoError(errno, fmt::format("open {}", directory.string())));
    if (::fsync(fd.get()) != 0 && errno != EINVAL)
        return fail(errnoError(errno, fmt::format("sync {}", directory.string())));
    return {};
}

// Gives the new file the mode and owner of the one it replaces, or the usual mode of a new file.
Status copyModeAndOwner(int fd, const std::filesystem::path& target) {
    struct stat old {};

    if (::stat(target.c_str(), &old) == 0) {
        if (::fchown(fd, old.st_uid, old.st_gid) != 0 && errno != EPERM)
            return fail(errnoError(errno, fmt::format("change owner of {}", target.string())));
        if (::fchmod(fd, old.st_mode & 07777) != 0)
            return fail(errnoError(errno, fmt::format("change mode of {}", target.string())));
        return {};
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(fd, 0644 & ~mask) != 0)
        return fail(errnoError(errno, fmt::format("change mode of {}", target.string())));
    return {};
}

}  // namespace

Result<std::string> readFile(const std::filesystem::path& path, int64_t bytesMax) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return fail(errnoError(errno, fmt::format("open {}", path.string())));

    struct stat info {};

    if (::fstat(fd.get(), &info) != 0)
        return fail(errnoError(errno, fmt::format("stat {}", path.string())));
    if (S_ISDIR(info.st_mode))
        return fail(Errc::invalidInput, fmt::format("read {}: is a directory", path.string()));
    if (info.st_size > bytesMax)
        return fail(Errc::invalidInput, fmt::format("read {}: {} bytes, at most {} expected",
                                                    path.string(), info.st_size, bytesMax));
    std::string content;
    content.resize(size_t(info.st_size) + 1);  // one more: notices a file that grew
    size_t filled = 0;
    while (true) {
        if (filled == content.size()) content.resize(content.size() * 2);
        const ssize_t got = ::read(fd.get(), content.data() + filled, content.size() - filled);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(errnoError(errno, fmt::format("read {}", path.string())));
        if (got == 0) break;
        filled += size_t(got);
        if (int64_t(filled) > bytesMax)
            return fail(Errc::invalidInput,
                        fmt::format("read {}: more than {} bytes", path.string(), bytesMax));
    }
    content.resize(filled);
    return content;
}

Status writeFileAtomically(const std::filesystem::path& path, std::string_view content,
                           Durability durability) {
    std::error_code ec;
    std::filesystem::path target = path;
    if (std::filesystem::is_symlink(path, ec)) {
        target = std::filesystem::weakly_canonical(path, ec);
        if (ec) return fail(Errc::io, fmt::format("resolve {}: {}", path.string(), ec.message()));
    }
    const std::filesystem::path directory =
        target.has_parent_path() ? target.parent_path() : std::filesystem::path(".");
    std::string temporary = (directory / (".moxie-XXXXXX")).string();
    Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (fd.get() < 0)
        return fail(errnoError(errno, fmt::format("create a file in {}", directory.string())));

    const auto finish = [&]() -> Status {
        TRY(writeAll(fd.get(), content, target.string()));
        TRY(copyModeAndOwner(fd.get(), target));
        if (durability == Durability::synchronised && ::fsync(fd.get()) != 0)
            return fail(errnoError(errno, fmt::format("sync {}", target.string())));
        if (!fd.close()) return fail(errnoError(errno, fmt::format("close {}", target.string())));
        if (::rename(temporary.c_str(), target.c_str()) != 0)
            return fail(errnoError(errno, fmt::format("rename to {}", target.string())));
        return {};
    };
    if (Status done = finish(); !done) {
        ::unlink(temporary.c_str());
        return done;
    }
    if (durability == Durability::synchronised) return syncDirectory(directory);
    return {};
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd.get() < 0) return fail(errnoError(errno, fmt::format("open {}", path.string())));

    struct stat info {};

    if (::fstat(fd.get(), &info) != 0)
        return fail(errnoError(errno, fmt::format("stat {}", path.string())));
    if (!S_ISREG(info.st_mode))
        return fail(Errc::invalidInput, fmt::format("map {}: not a regular file", path.string()));
    if (info.st_size == 0) return MappedFile(path, nullptr, 0);
    const auto size = size_t(info.st_size);
    void* data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
    if (data == MAP_FAILED) return fail(errnoError(errno, fmt::format("map {}", path.string())));
    return MappedFile(path, static_cast<const std::byte*>(data), size);
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : path_(std::move(other.path_)),
      data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
}

}  // namespace moxie::base
