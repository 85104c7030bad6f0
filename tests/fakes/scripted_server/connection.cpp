#include "tests/fakes/scripted_server/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace moxie::tests {

namespace {

constexpr size_t kHeadBytesMax = 64 << 10;
constexpr size_t kBodyBytesMax = size_t(256) << 20;

// Value of a header by its lower-case name.
std::string headerValue(const std::string& headers, const std::string& name) {
    std::string lower = headers;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return char(std::tolower(c)); });
    const size_t found = lower.find("\r\n" + name + ":");
    if (found == std::string::npos) return {};
    const size_t begin = found + 2 + name.size() + 1;
    return headers.substr(begin, headers.find("\r\n", begin) - begin);
}

}  // namespace

Connection::Connection(int socket) : socket_(socket) {
    const int on = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

Connection::~Connection() {
    close(socket_);
}

void Connection::shutDown() {
    shutdown(socket_, SHUT_RDWR);
}

bool Connection::fill() {
    std::array<char, 65536> bytes{};
    const ssize_t n = recv(socket_, bytes.data(), bytes.size(), 0);
    if (n <= 0) return false;
    buffer_.append(bytes.data(), size_t(n));
    return true;
}

std::optional<ServerRequest> Connection::read() {
    size_t headEnd = 0;
    while ((headEnd = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (buffer_.size() > kHeadBytesMax || !fill()) return std::nullopt;
    ServerRequest request;
    request.headers = buffer_.substr(0, headEnd + 2);
    const size_t bodyBegin = headEnd + 4;
    const size_t size =
        size_t(std::strtoull(headerValue(request.headers, "content-length").c_str(), nullptr, 10));
    if (size > kBodyBytesMax) return std::nullopt;
    while (buffer_.size() < bodyBegin + size)
        if (!fill()) return std::nullopt;
    request.body = buffer_.substr(bodyBegin, size);
    buffer_.erase(0, bodyBegin + size);

    const size_t space = request.headers.find(' ');
    const size_t end = request.headers.find_first_of(" ?", space + 1);
    if (space == std::string::npos || end == std::string::npos) return std::nullopt;
    request.method = request.headers.substr(0, space);
    request.path = request.headers.substr(space + 1, end - space - 1);
    return request;
}

bool Connection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t n = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes.remove_prefix(size_t(n));
    }
    return true;
}

bool Connection::writeChunk(std::string_view bytes) {
    if (bytes.empty()) return true;
    std::array<char, 32> size{};
    std::snprintf(size.data(), size.size(), "%zx\r\n", bytes.size());
    return write(std::string(size.data()).append(bytes).append("\r\n"));
}

bool Connection::wait(int64_t durationMs) {
    pollfd waiting{socket_, POLLRDHUP, 0};
    return poll(&waiting, 1, int(durationMs)) == 0;
}

}  // namespace moxie::tests
