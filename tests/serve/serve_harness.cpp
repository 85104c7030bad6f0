#include "tests/serve/serve_harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "tests/catch.h"

namespace moxie::tests {

Json Response::json() const {
    CAPTURE(status, headers, body);
    auto parsed = serve::parseJson(body);
    REQUIRE(parsed);
    return *parsed;
}

Json ServerEvent::json() const {
    CAPTURE(data);
    auto parsed = serve::parseJson(data);
    REQUIRE(parsed);
    return *parsed;
}

std::vector<ServerEvent> eventsOf(const std::string& body) {
    std::vector<ServerEvent> events;
    size_t begin = 0;
    while (begin < body.size()) {
        const size_t end = body.find("\n\n", begin);
        REQUIRE(end != std::string::npos);  // the last event is whole
        std::string block = body.substr(begin, end - begin);
        begin = end + 2;
        if (block.starts_with(":")) continue;
        ServerEvent event;
        if (block.starts_with("event: ")) {
            event.name = block.substr(7, block.find('\n') - 7);
            block.erase(0, block.find('\n') + 1);
        }
        REQUIRE(block.starts_with("data: "));
        REQUIRE(block.find('\n') == std::string::npos);
        event.data = block.substr(6);
        events.push_back(event);
    }
    return events;
}

Client::Client(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(uint16_t(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
}

Client::~Client() {
    ::close(socket_);
}

void Client::send(const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
        const ssize_t count =
            ::send(socket_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count <= 0) return;  // refused early: the reply tells why
        sent += size_t(count);
    }
}

bool Client::fill() {
    pollfd entry = {socket_, POLLIN, 0};
    if (::poll(&entry, 1, 10'000) <= 0) return false;
    std::array<char, 64 * 1024> bytes;
    const ssize_t count = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (count <= 0) return false;
    buffer_.append(bytes.data(), size_t(count));
    return true;
}

Response Client::receive() {
    Response response;
    size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos)
        if (!fill()) return response;
    response.headers = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    response.status = std::atoi(response.headers.c_str() + 9);
    const size_t length = response.headers.find("Content-Length: ");
    if (length != std::string::npos) {
        const auto bytes = size_t(std::atoll(response.headers.c_str() + length + 16));
        while (buffer_.size() < bytes && fill()) {
        }
        response.body = buffer_.substr(0, bytes);
        buffer_.erase(0, bytes);
        return response;
    }
    for (;;) {
        while ((end = buffer_.find("\r\n")) == std::string::npos)
            if (!fill()) return response;
        const auto bytes = size_t(std::strtoull(buffer_.c_str(), nullptr, 16));
        while (buffer_.size() < end + 2 + bytes + 2)
            if (!fill()) return response;
        response.body += buffer_.substr(end + 2, bytes);
        buffer_.erase(0, end + 2 + bytes + 2);
        if (bytes == 0) return response;
    }
}

std::string Client::receiveUntil(const std::string& text) {
    while (buffer_.find(text) == std::string::npos && fill()) {
    }
    return buffer_;
}

void Client::drain() {
    ::shutdown(socket_, SHUT_WR);
    while (fill())
        buffer_.clear();
}

std::string requestText(const std::string& method, const std::string& path, const std::string& body,
                        const Headers& headers) {
    std::string text = method + " " + path + " HTTP/1.1\r\n";
    if (!headers.contains("Host")) text += "Host: localhost\r\n";
    for (const auto& [name, value] : headers)
        if (!value.empty()) text += name + ": " + value + "\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

ServeHarness::ServeHarness(std::vector<ScriptedTurn> script, serve::ServeOptions options)
    : ServeHarness(
          [turns = std::move(script)](size_t number, const engine::ChatRequest&) {
              if (number < turns.size()) return turns[number];
              ScriptedTurn over;
              over.startFailure = base::Error(base::Errc::internal, "the script has ended");
              return over;
          },
          std::move(options)) {}

ServeHarness::ServeHarness(FakeModel::Answering answering, serve::ServeOptions options)
    : model_(clock_, [this, inner = std::move(answering)](size_t number,
                                                          const engine::ChatRequest& request) {
          {
              std::lock_guard lock(mutex_);
              asked_.push_back(request);
          }
          return inner(number, request);
      }) {
    startServer(std::move(options));
}

void ServeHarness::startServer(serve::ServeOptions options) {
    options.port = 0;
    auto server = serve::Server::start(options, model_, clock_);
    REQUIRE(server);
    server_ = *std::move(server);
}

Response ServeHarness::get(const std::string& path, const Headers& headers) {
    Client client(server_->port());
    client.send(requestText("GET", path, "", headers));
    return client.receive();
}

Response ServeHarness::post(const std::string& path, const Json& body, const Headers& headers) {
    return postText(path, serve::dumped(body), headers);
}

Response ServeHarness::postText(const std::string& path, const std::string& body,
                                const Headers& headers) {
    Client client(server_->port());
    client.send(requestText("POST", path, body, headers));
    return client.receive();
}

std::vector<engine::ChatRequest> ServeHarness::asked() const {
    std::lock_guard lock(mutex_);
    return asked_;
}

Json chatBody(const Json& more) {
    Json body = {{"model", "any"}};
    body["messages"] = Json::array({Json::object({{"role", "user"}, {"content", "hi"}})});
    body.update(more);
    return body;
}

}  // namespace moxie::tests
