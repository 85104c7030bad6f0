#include "engine/weights/byte_sink.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

namespace moxie::engine {

using base::errnoError;
using base::fail;
using base::Result;
using base::Status;

Status MemorySink::write(std::span<const std::byte> bytes) {
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return {};
}

Result<FileSink> FileSink::create(const std::filesystem::path& path) {
    std::string temporary = path.string() + ".XXXXXX";
    const int fd = ::mkostemp(temporary.data(), O_CLOEXEC);
    if (fd < 0) return fail(errnoError(errno, fmt::format("create {}", path.string())));
    return FileSink(fd, std::move(temporary), path);
}

FileSink::FileSink(int fd, std::string temporary, std::filesystem::path path)
    : fd_(fd),
      temporary_(std::move(temporary)),
      path_(std::move(path)) {}

FileSink::~FileSink() {
    if (fd_ >= 0) ::close(fd_);
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

FileSink::FileSink(FileSink&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      temporary_(std::exchange(other.temporary_, {})),
      path_(std::move(other.path_)) {}

FileSink& FileSink::operator=(FileSink&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(temporary_, other.temporary_);
    std::swap(path_, other.path_);
    return *this;
}

Status FileSink::write(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return fail(errnoError(errno, fmt::format("write {}", path_.string())));
        bytes = bytes.subspan(static_cast<size_t>(written));
    }
    return {};
}

Status FileSink::commit() {
    BASE_CHECK(fd_ >= 0);
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(fd_, 0644 & ~mask) != 0 || ::fsync(fd_) != 0)
        return fail(errnoError(errno, fmt::format("sync {}", path_.string())));
    if (::close(std::exchange(fd_, -1)) != 0)
        return fail(errnoError(errno, fmt::format("close {}", path_.string())));
    if (::rename(temporary_.c_str(), path_.c_str()) != 0)
        return fail(errnoError(errno, fmt::format("rename to {}", path_.string())));
    temporary_.clear();
    return {};
}

}  // namespace moxie::engine
