#include "app/cli/window_socket.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <system_error>

#include "base/hash.h"
#include "base/paths.h"

namespace moxie::app {

namespace {

namespace fs = std::filesystem;
using SteadyClock = std::chrono::steady_clock;

constexpr size_t kLineBytesMax = 1 << 20;  // as the window reads
constexpr size_t kHashCharacters = 12;

// One connection, closed at its end.
class Connection {
public:
    Connection() : fd_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}

    ~Connection() {
        if (fd_ >= 0) ::close(fd_);
    }

    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    base::Status open(const fs::path& socket) {
        sockaddr_un address = {};
        address.sun_family = AF_UNIX;
        const std::string path = socket.string();
        if (fd_ < 0) return base::fail(base::errnoError(errno, "make a socket"));
        if (path.size() >= sizeof(address.sun_path))
            return base::fail(base::Errc::io, "the name of the socket is too long: " + path);
        std::copy(path.begin(), path.end(), address.sun_path);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0)
            return {};
        if (errno == ENOENT || errno == ECONNREFUSED)  // never started, or left by a crash
            return base::fail(base::Errc::notFound, "no window listens at " + path);
        return base::fail(base::errnoError(errno, "connect to " + path));
    }

    // The next line without its end.
    base::Result<std::string> readLine(SteadyClock::time_point deadline) {
        for (;;) {
            if (const size_t end = read_.find('\n'); end != std::string::npos) {
                std::string line = read_.substr(0, end);
                read_.erase(0, end + 1);
                return line;
            }
            if (read_.size() > kLineBytesMax)
                return base::fail(base::Errc::corrupt, "the answer of the window has no end");
            TRY(wait(POLLIN, deadline));
            char bytes[4096];
            const ssize_t got = ::recv(fd_, bytes, sizeof(bytes), 0);
            if (got < 0 && errno == EINTR) continue;
            if (got < 0) return base::fail(base::errnoError(errno, "read from the window"));
            if (got == 0) return base::fail(base::Errc::io, "the window closed the connection");
            read_.append(bytes, size_t(got));
        }
    }

    base::Status write(std::string_view bytes, SteadyClock::time_point deadline) {
        while (!bytes.empty()) {
            TRY(wait(POLLOUT, deadline));
            const ssize_t sent =
                ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (sent < 0 && (errno == EINTR || errno == EAGAIN)) continue;
            if (sent < 0) return base::fail(base::errnoError(errno, "write to the window"));
            bytes.remove_prefix(size_t(sent));
        }
        return {};
    }

private:
    base::Status wait(int16_t events, SteadyClock::time_point deadline) const {
        for (;;) {
            const auto left =
                std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now());
            pollfd polled = {.fd = fd_, .events = events, .revents = 0};
            const int ready = ::poll(&polled, 1, int(std::max<int64_t>(0, left.count())));
            if (ready > 0) return {};
            if (ready < 0 && errno == EINTR) continue;
            if (ready < 0) return base::fail(base::errnoError(errno, "wait for the window"));
            return base::fail(base::Errc::busy, "the window does not answer");
        }
    }

    const int fd_;
    std::string read_;
};

bool says(const std::string& line, const char* key) {
    const auto answer = nlohmann::json::parse(line, nullptr, false);
    if (!answer.is_object() || !answer.contains(key)) return false;
    return answer[key] == true || answer[key] == 1;
}

}  // namespace

fs::path windowSocketPath() {
    const char* runtime = std::getenv("XDG_RUNTIME_DIR");
    std::error_code failed;
    fs::path folder = runtime != nullptr ? runtime : "";
    if (!folder.is_absolute() || !fs::is_directory(folder, failed))
        folder = base::cacheDir() / "run";
    const std::string home = base::hash128(base::dataDir().string()).hex();
    return folder / ("moxie-" + home.substr(0, kHashCharacters));
}

base::Status sendToWindow(const fs::path& socket, const WindowRequest& request, int64_t timeoutMs) {
    const nlohmann::json message = {{"do", "open"},
                                    {"path", request.path},
                                    {"line", request.line},
                                    {"column", request.column},
                                    {"ask", request.ask}};
    const std::string line =
        message.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    if (line.size() > kLineBytesMax)
        return base::fail(base::Errc::invalidInput,
                          fmt::format("the question has {} bytes, a window reads {}", line.size(),
                                      kLineBytesMax));
    const auto deadline = SteadyClock::now() + std::chrono::milliseconds(timeoutMs);
    Connection connection;
    TRY(connection.open(socket));
    TRY_ASSIGN(const std::string greeting, connection.readLine(deadline));
    if (!says(greeting, "moxie"))
        return base::fail(base::Errc::io, "what listens at " + socket.string() + " is no window");
    TRY(connection.write(line, deadline));
    TRY_ASSIGN(const std::string answer, connection.readLine(deadline));
    if (!says(answer, "done")) return base::fail(base::Errc::io, "the window refused the request");
    return {};
}

}  // namespace moxie::app
