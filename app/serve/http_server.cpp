#include "app/serve/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <vector>

namespace moxie::serve {

namespace {

struct Address {
    sockaddr_storage storage = {};
    socklen_t size = 0;
    bool isLoopback = false;
};

base::Result<Address> parseAddress(const std::string& host, int32_t port) {
    Address address;
    const std::string text = host == "localhost" ? "127.0.0.1" : host;
    sockaddr_in four = {};
    sockaddr_in6 six = {};
    if (::inet_pton(AF_INET, text.c_str(), &four.sin_addr) == 1) {
        four.sin_family = AF_INET;
        four.sin_port = htons(uint16_t(port));
        address.size = sizeof four;
        address.isLoopback = (ntohl(four.sin_addr.s_addr) >> 24) == 127;
        std::memcpy(&address.storage, &four, sizeof four);
    } else if (::inet_pton(AF_INET6, text.c_str(), &six.sin6_addr) == 1) {
        six.sin6_family = AF_INET6;
        six.sin6_port = htons(uint16_t(port));
        address.size = sizeof six;
        address.isLoopback = IN6_IS_ADDR_LOOPBACK(&six.sin6_addr);
        std::memcpy(&address.storage, &six, sizeof six);
    } else {
        return base::fail(
            base::Errc::invalidInput,
            fmt::format("'{}' is no address in numbers (127.0.0.1, ::1) and not localhost", host));
    }
    return address;
}

int32_t boundPort(int socket) {
    sockaddr_storage storage = {};
    socklen_t size = sizeof storage;
    if (::getsockname(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return 0;
    sockaddr_in6 address = {};  // the port stands at the same place in both families
    std::memcpy(&address, &storage, sizeof address);
    return ntohs(address.sin6_port);
}

base::Result<Socket> listenAt(const HttpServerOptions& options) {
    TRY_ASSIGN(const Address address, parseAddress(options.host, options.port));
    Socket socket(
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (socket.descriptor() < 0) return base::fail(base::errnoError(errno, "make a socket"));
    const int on = 1;
    ::setsockopt(socket.descriptor(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    const std::string step = fmt::format("listen at {}:{}", options.host, options.port);
    if (::bind(socket.descriptor(), reinterpret_cast<const sockaddr*>(&address.storage),
               address.size) != 0 ||
        ::listen(socket.descriptor(), 64) != 0)
        return base::fail(base::errnoError(errno, step));
    return socket;
}

std::string_view reasonPhrase(int32_t status) {
    switch (status) {
        case 200:
            return "OK";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 413:
            return "Content Too Large";
        case 429:
            return "Too Many Requests";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "Status";
    }
}

int64_t steadyMs() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(steady_clock::now().time_since_epoch()).count();
}

}  // namespace

base::Result<bool> isLoopbackAddress(const std::string& host) {
    TRY_ASSIGN(const Address address, parseAddress(host, 0));
    return address.isLoopback;
}

// ---- replies

std::string HttpReply::head(int32_t status, std::string_view contentType) {
    status_ = status;
    return fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\n{}Connection: {}\r\n", status,
                       reasonPhrase(status), contentType, headers_,
                       closes() ? "close" : "keep-alive");
}

void HttpReply::addHeader(std::string_view name, std::string_view value) {
    headers_ += fmt::format("{}: {}\r\n", name, value);
}

base::Status HttpReply::whole(int32_t status, std::string_view contentType, std::string_view body) {
    std::string bytes = head(status, contentType);
    bytes += fmt::format("Content-Length: {}\r\n\r\n", body.size());
    if (request_.method != "HEAD") bytes += body;
    return connection_.write(bytes);
}

base::Status HttpReply::beginEvents() {
    addHeader("Cache-Control", "no-cache");
    if (!request_.knowsChunks) closeAfter();
    std::string bytes = head(200, "text/event-stream; charset=utf-8");
    if (request_.knowsChunks) bytes += "Transfer-Encoding: chunked\r\n";
    return connection_.write(bytes + "\r\n");
}

base::Status HttpReply::events(std::string_view bytes) {
    if (bytes.empty()) return {};
    if (!request_.knowsChunks) return connection_.write(bytes);
    return connection_.write(fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes));
}

base::Status HttpReply::endEvents() {
    return request_.knowsChunks ? connection_.write("0\r\n\r\n") : base::Status{};
}

// ---- the server

struct HttpServer::Client {
    Client(Socket accepted, const HttpLimits& limits)
        : socket(std::move(accepted)),
          connection(socket.descriptor(), limits) {}

    Socket socket;
    HttpConnection connection;
    std::stop_source answer = {};  // of the request that is being answered
    bool isAnswering = false;
    bool isDone = false;
    std::thread thread = {};
};

base::Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options,
                                                            HttpHandler& handler) {
    TRY_ASSIGN(Socket listener, listenAt(options));
    Socket wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (wake.descriptor() < 0) return base::fail(base::errnoError(errno, "make an eventfd"));
    const int32_t port = boundPort(listener.descriptor());
    return std::unique_ptr<HttpServer>(
        new HttpServer(options, handler, std::move(listener), std::move(wake), port));
}

HttpServer::HttpServer(HttpServerOptions options, HttpHandler& handler, Socket listener,
                       Socket wake, int32_t port)
    : options_(std::move(options)),
      handler_(handler),
      listener_(std::move(listener)),
      wake_(std::move(wake)),
      port_(port),
      watcher_([this] { watch(); }) {}

HttpServer::~HttpServer() {
    {
        std::lock_guard lock(mutex_);
        isEnding_ = true;
    }
    wake();
    watcher_.join();
}

void HttpServer::wake() {
    const uint64_t one = 1;
    // Full means that a wake-up is already waiting there.
    [[maybe_unused]] const ssize_t written = ::write(wake_.descriptor(), &one, sizeof one);
}

void HttpServer::watch() {
    int64_t endMs = 0;  // 0: not ending
    bool hasStopped = false;
    for (;;) {
        std::vector<pollfd> entries = {{wake_.descriptor(), POLLIN, 0},
                                       {endMs == 0 ? listener_.descriptor() : -1, POLLIN, 0}};
        bool isEnding = false;
        {
            std::lock_guard lock(mutex_);
            isEnding = isEnding_;
            for (const auto& client : clients_)
                if (client->isAnswering && !client->answer.stop_requested())
                    entries.push_back({client->socket.descriptor(), POLLRDHUP, 0});
        }
        if (isEnding && endMs == 0) {
            endMs = steadyMs() + options_.graceMs;
            entries[1].fd = -1;
            beginEnding();
        }
        if (reapAndCheckIdle() && endMs != 0) return;
        const int64_t leftMs = std::max<int64_t>(endMs - steadyMs(), 0);
        const bool waitsForGrace = endMs != 0 && !hasStopped;
        if (::poll(entries.data(), entries.size(), waitsForGrace ? int(leftMs) : -1) < 0) continue;
        uint64_t count = 0;
        [[maybe_unused]] const ssize_t taken = ::read(wake_.descriptor(), &count, sizeof count);
        if ((entries[1].revents & POLLIN) != 0) accept();
        std::vector<int> hungUp;
        for (size_t i = 2; i < entries.size(); ++i)
            if (entries[i].revents != 0) hungUp.push_back(entries[i].fd);
        stopThoseThatHungUp(hungUp);
        if (waitsForGrace && steadyMs() >= endMs) {
            stopAll();
            hasStopped = true;
        }
    }
}

void HttpServer::accept() {
    for (;;) {
        Socket socket(::accept4(listener_.descriptor(), nullptr, nullptr, SOCK_CLOEXEC));
        if (socket.descriptor() < 0) return;
        const int on = 1;
        ::setsockopt(socket.descriptor(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        std::lock_guard lock(mutex_);
        if (int32_t(clients_.size()) >= options_.connectionsMax) {
            constexpr std::string_view kFull =
                "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n"
                "Retry-After: 1\r\n\r\n";
            // If even this does not fit, the client sees a closed connection.
            [[maybe_unused]] const ssize_t sent = ::send(socket.descriptor(), kFull.data(),
                                                         kFull.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            continue;
        }
        clients_.push_back(std::make_unique<Client>(std::move(socket), options_.limits));
        Client& client = *clients_.back();
        client.thread = std::thread([this, &client] { converse(client); });
    }
}

void HttpServer::converse(Client& client) {
    while (answerNext(client)) {
    }
    client.connection.close();
    {
        std::lock_guard lock(mutex_);
        client.isDone = true;
    }
    wake();
}

// False: the connection ends.
bool HttpServer::answerNext(Client& client) {
    auto head = client.connection.readHead();
    if (head && !*head) return false;
    HttpRequest request = head ? **std::move(head) : HttpRequest{};
    HttpReply reply(client.connection, request);
    std::optional<HttpFailure> failure;
    if (!head)
        failure = head.error();
    else
        failure = handler_.refuse(request);
    if (!failure)
        if (auto body = client.connection.readBody(request); !body) failure = body.error();
    if (failure) {
        reply.closeAfter();
        (void)reply.whole(failure->status, "application/json",  // it ends either way
                          handler_.errorBody(request, *failure));
        return false;
    }
    std::stop_token stop;
    {
        std::lock_guard lock(mutex_);
        if (isEnding_) reply.closeAfter();
        client.answer = std::stop_source();
        client.isAnswering = true;
        stop = client.answer.get_token();
    }
    wake();
    handler_.handle(request, reply, stop);
    std::lock_guard lock(mutex_);
    client.isAnswering = false;
    return !reply.closes() && !isEnding_ && !stop.stop_requested();
}

void HttpServer::stopThoseThatHungUp(const std::vector<int>& descriptors) {
    std::vector<std::stop_source> answers;
    {
        std::lock_guard lock(mutex_);
        for (const auto& client : clients_)
            if (client->isAnswering && std::find(descriptors.begin(), descriptors.end(),
                                                 client->socket.descriptor()) != descriptors.end())
                answers.push_back(client->answer);
    }
    for (std::stop_source& answer : answers)
        answer.request_stop();
}

// Joins the threads of connections that ended. True: no connection is left.
bool HttpServer::reapAndCheckIdle() {
    std::list<std::unique_ptr<Client>> done;
    bool isIdle = false;
    {
        std::lock_guard lock(mutex_);
        for (auto it = clients_.begin(); it != clients_.end();) {
            const auto next = std::next(it);
            if ((*it)->isDone) done.splice(done.end(), clients_, it);
            it = next;
        }
        isIdle = clients_.empty();
    }
    for (const auto& client : done)
        client->thread.join();
    return isIdle;
}

void HttpServer::beginEnding() {
    std::lock_guard lock(mutex_);
    for (const auto& client : clients_)
        if (!client->isAnswering) client->connection.endReading();
}

void HttpServer::stopAll() {
    std::vector<std::stop_source> answers;
    {
        std::lock_guard lock(mutex_);
        for (const auto& client : clients_) {
            client->connection.endReading();
            answers.push_back(client->answer);
        }
    }
    for (std::stop_source& answer : answers)
        answer.request_stop();
}

}  // namespace moxie::serve
