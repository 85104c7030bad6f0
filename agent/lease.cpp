#include "agent/lease.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include "base/file.h"

namespace moxie::agent {

namespace {

constexpr int kTries = 40;
constexpr auto kBetweenTries = std::chrono::milliseconds(50);

// Field 22 of /proc/PID/stat: clock ticks since boot. With the pid it names a process for good.
std::string startTime(const std::string& pid) {
    const auto stat = base::readFile("/proc/" + pid + "/stat", 1 << 16);
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

// A child that a killed process had just forked holds the lock until it starts its program.
bool isHolderGone(int fd) {
    std::array<char, 64> text{};
    const ssize_t length = pread(fd, text.data(), text.size(), 0);
    const std::string mark(text.data(), size_t(std::max<ssize_t>(length, 0)));
    const size_t space = mark.find(' ');
    if (space == std::string::npos) return false;
    const std::string pid = mark.substr(0, space);
    return mark != fmt::format("{} started {}", pid, startTime(pid));
}

}  // namespace

base::Result<Lease> Lease::take(const std::filesystem::path& file) {
    const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) return base::fail(base::errnoError(errno, "open " + file.string()));
    Lease lease(fd);
    const auto lock = [fd] { return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : errno; };
    int failure = lock();
    for (int n = 0; failure == EWOULDBLOCK && n < kTries && isHolderGone(fd); ++n) {
        std::this_thread::sleep_for(kBetweenTries);
        failure = lock();
    }
    if (failure != 0) {
        if (failure != EWOULDBLOCK)
            return base::fail(base::errnoError(failure, "lock the session"));
        return base::fail(base::Errc::busy,
                          fmt::format("the session is being driven by {}", holder(fd)));
    }
    const std::string mark = fmt::format("{} started {}", getpid(), startTime("self"));
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
