#include "engine/experts/disk_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace moxie::engine {

base::Result<DiskFile> DiskFile::open(const std::filesystem::path& path) {
    int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT);
    if (fd < 0 && errno == EINVAL) fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return base::fail(base::errnoError(errno, fmt::format("open {}", path.string())));
    struct stat info = {};
    if (::fstat(fd, &info) != 0) {
        const int code = errno;
        ::close(fd);
        return base::fail(base::errnoError(code, fmt::format("stat {}", path.string())));
    }
    return DiskFile(fd, info.st_size, path.filename().string());
}

DiskFile::~DiskFile() {
    if (fd_ >= 0) ::close(fd_);
}

DiskFile::DiskFile(DiskFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      bytes_(other.bytes_),
      name_(std::move(other.name_)) {}

DiskFile& DiskFile::operator=(DiskFile&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(bytes_, other.bytes_);
    std::swap(name_, other.name_);
    return *this;
}

base::Status DiskFile::read(int64_t offset, int64_t count, uint8_t* to) const {
    const int64_t end = std::min(offset + count, bytes_);
    while (offset < end) {
        const ssize_t got = ::pread(fd_, to, size_t(count), off_t(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0)
            return base::fail(base::Errc::io, fmt::format("read {} at byte {}: {}", name_, offset,
                                                          std::strerror(errno)));
        if (offset + got >= end) return {};
        // A short read that is no whole number of pages is the file's end.
        if (got % kDiskPageBytes != 0 || got == 0)
            return base::fail(base::Errc::corrupt,
                              fmt::format("read {}: it ends at byte {}, it had {} when it was "
                                          "opened; was it cut?",
                                          name_, offset + got, bytes_));
        offset += got;
        to += got;
        count -= got;
    }
    return {};
}

}  // namespace moxie::engine
