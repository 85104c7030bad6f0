#include "agent/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <utility>

#include "base/file.h"

namespace moxie::agent {

namespace {

// Field 22 of /proc/self/stat: clock ticks since boot. With the pid it names a process for good.
std::string startTime() {
    const auto stat = base::readFile("/proc/self/stat", 1 << 16);
    if (!stat) return "?";
    size_t pos = stat->rfind(')');  // the command name before it may hold anything
    for (int field = 2; field < 22 && pos != std::string::npos; ++field)
        pos = stat->find(' ', pos + 1);
    if (pos == std::string::npos) return "?";
    return stat->substr(pos + 1, stat->find(' ', pos + 1) - pos - 1);
}

std::string holder(int fd) {
    std::array<char, 64> text{};
    const ssize_t length = pread(fd, text.data(), text.size(), 0);
    if (length <= 0) return "another process";
    return "process " + std::string(text.data(), size_t(length));
}

}  // namespace

base::Result<Lease> Lease::take(const std::filesystem::path& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return base::fail(base::errnoError(errno, "open " + file.string()));
    Lease lease(fd);
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return base::fail(base::errnoError(errno, "lock the session"));
        return base::fail(base::Errc::busy,
                          fmt::format("the session is being driven by {}", holder(fd)));
    }
    const std::string mark = fmt::format("{} started {}", getpid(), startTime());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, mark.data(), mark.size(), 0) != ssize_t(mark.size()))
        return base::fail(base::errnoError(errno, "write " + file.string()));
    return lease;
}

bool Lease::isHeld(const std::filesystem::path& file) {
    const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) return false;
    const bool isFree = flock(fd, LOCK_SH | LOCK_NB) == 0;
    close(fd);
    return !isFree;
}

bool Lease::isAbandoned(const std::filesystem::path& file) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    return !error && bytes > 0 && !isHeld(file);
}

Lease::~Lease() {
    if (fd_ < 0) return;
    // Empty: given back. If that fails the session only looks as if its process was killed.
    (void)!ftruncate(fd_, 0);
    close(fd_);
}

Lease::Lease(Lease&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

Lease& Lease::operator=(Lease&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
}

}  // namespace moxie::agent
