#include "app/serve/http_connection.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <utility>

namespace moxie::serve {

namespace {

constexpr int64_t kLineBytesMax = 4096;  // of a chunk's size or a trailer

int64_t nowMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

// False: the deadline passed.
bool waitFor(int socket, short events, int64_t deadlineMs) {
    for (;;) {
        pollfd entry = {socket, events, 0};
        const int64_t leftMs = std::max<int64_t>(deadlineMs - nowMs(), 0);
        const int ready = ::poll(&entry, 1, int(std::min<int64_t>(leftMs, 1'000'000)));
        if (ready > 0) return true;
        if (ready == 0 && nowMs() >= deadlineMs) return false;
        if (ready < 0 && errno != EINTR) return false;
    }
}

tl::unexpected<HttpFailure> failure(int32_t status, std::string message) {
    return tl::unexpected<HttpFailure>(HttpFailure{status, std::move(message)});
}

}  // namespace

Socket::~Socket() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Socket::Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

Socket& Socket::operator=(Socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

HttpConnection::Arrival HttpConnection::receive(int64_t deadlineMs) {
    std::array<char, 16'384> bytes;
    for (;;) {
        if (!waitFor(socket_, POLLIN, deadlineMs)) return Arrival::timeout;
        const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (count > 0) {
            buffer_.append(bytes.data(), size_t(count));
            return Arrival::bytes;
        }
        if (count == 0 || (errno != EINTR && errno != EAGAIN)) return Arrival::end;
    }
}

tl::expected<std::optional<HttpRequest>, HttpFailure> HttpConnection::readHead() {
    if (buffer_.empty() && receive(nowMs() + limits_.idleMs) != Arrival::bytes) return std::nullopt;
    const int64_t deadlineMs = nowMs() + limits_.headMs;
    size_t end = std::string::npos;
    size_t searched = 0;
    while ((end = buffer_.find("\r\n\r\n", searched)) == std::string::npos) {
        if (int64_t(buffer_.size()) > limits_.headBytesMax) return failure(431, "head is too long");
        searched = buffer_.size() < 3 ? 0 : buffer_.size() - 3;
        const Arrival arrival = receive(deadlineMs);
        if (arrival == Arrival::end) return std::nullopt;
        if (arrival == Arrival::timeout) return failure(408, "the head took too long");
    }
    auto request = parseHttpHead(std::string_view(buffer_).substr(0, end + 4));
    buffer_.erase(0, end + 4);
    if (!request) return failure(400, request.error().message());
    return std::optional<HttpRequest>(*std::move(request));
}

tl::expected<void, HttpFailure> HttpConnection::readBody(HttpRequest& request) {
    const auto frame = bodyFrame(request);
    if (!frame)
        return failure(frame.error().kind() == base::Errc::unsupported ? 501 : 400,
                       frame.error().message());
    if (frame->form == BodyForm::none) return {};
    if (frame->bytes > limits_.bodyBytesMax)
        return failure(413, fmt::format("the body has {} bytes, {} are allowed", frame->bytes,
                                        limits_.bodyBytesMax));
    if (request.header("expect") == "100-continue" && !write("HTTP/1.1 100 Continue\r\n\r\n"))
        return failure(400, "the client is gone");
    const int64_t deadlineMs = nowMs() + limits_.bodyMs;
    if (frame->form == BodyForm::chunked) return readChunks(request.body, deadlineMs);
    return readSized(request.body, frame->bytes, deadlineMs);
}

tl::expected<void, HttpFailure> HttpConnection::readSized(std::string& body, int64_t bytes,
                                                          int64_t deadlineMs) {
    while (bytes > 0) {
        if (buffer_.empty()) {
            const Arrival arrival = receive(deadlineMs);
            if (arrival == Arrival::timeout) return failure(408, "the body took too long");
            if (arrival == Arrival::end) return failure(400, "the body ended early");
        }
        const auto taken = size_t(std::min<int64_t>(bytes, int64_t(buffer_.size())));
        body.append(buffer_, 0, taken);
        buffer_.erase(0, taken);
        bytes -= int64_t(taken);
    }
    return {};
}

base::Result<std::string> HttpConnection::takeLine(int64_t deadlineMs) {
    size_t end = 0;
    while ((end = buffer_.find("\r\n")) == std::string::npos) {
        if (int64_t(buffer_.size()) > kLineBytesMax || receive(deadlineMs) != Arrival::bytes)
            return base::fail(base::Errc::invalidInput, "chunk: expected a line");
    }
    std::string line = buffer_.substr(0, end);
    buffer_.erase(0, end + 2);
    return line;
}

tl::expected<void, HttpFailure> HttpConnection::readChunks(std::string& body, int64_t deadlineMs) {
    for (;;) {
        const auto line = takeLine(deadlineMs);
        if (!line) return failure(400, line.error().message());
        int64_t bytes = -1;
        const char* last = line->data() + std::min(line->find(';'), line->size());
        const auto [end, error] = std::from_chars(line->data(), last, bytes, 16);
        if (error != std::errc() || end != last || bytes < 0 || line->front() == '-')
            return failure(400, "chunk: expected a size in hexadecimal");
        if (bytes > limits_.bodyBytesMax - int64_t(body.size()))
            return failure(413,
                           fmt::format("the body has more than {} bytes", limits_.bodyBytesMax));
        if (bytes == 0) break;
        if (auto status = readSized(body, bytes, deadlineMs); !status) return status;
        const auto after = takeLine(deadlineMs);
        if (!after || !after->empty()) return failure(400, "chunk: is longer than it says");
    }
    for (int64_t trailerBytes = 0; trailerBytes <= kLineBytesMax;) {
        const auto trailer = takeLine(deadlineMs);
        if (!trailer) return failure(400, trailer.error().message());
        if (trailer->empty()) return {};
        trailerBytes += int64_t(trailer->size());
    }
    return failure(431, "the trailers are too long");
}

base::Status HttpConnection::write(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count =
            ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0) {
            bytes.remove_prefix(size_t(count));
            continue;
        }
        if (count < 0 && errno == EINTR) continue;
        if (count < 0 && errno != EAGAIN)
            return base::fail(base::errnoError(errno, "write to the client"));
        if (!waitFor(socket_, POLLOUT, nowMs() + limits_.writeStallMs))
            return base::fail(base::Errc::io, "the client does not read");
    }
    return {};
}

void HttpConnection::close() {
    constexpr int64_t kLingerMs = 1'000;
    constexpr int64_t kLingerBytes = 8'388'608;
    ::shutdown(socket_, SHUT_WR);
    const int64_t deadlineMs = nowMs() + kLingerMs;
    int64_t seen = 0;
    do {
        seen += int64_t(buffer_.size());
        buffer_.clear();
    } while (seen < kLingerBytes && receive(deadlineMs) == Arrival::bytes);
}

void HttpConnection::endReading() {
    ::shutdown(socket_, SHUT_RD);
}

}  // namespace moxie::serve
