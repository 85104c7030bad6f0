// HTTP/1.1 over TCP for a few dozen clients: one thread per connection, one that accepts and
// watches. A client that hangs up while its request is answered stops that answer. No TLS: this is
// for loopback, or for a network behind a proxy. Threads: any thread; a handler is called on its
// connection's thread, several at once.
#pragma once
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "app/serve/http_connection.h"
#include "app/serve/http_request.h"
#include "base/result.h"

namespace moxie::serve {

// Where a handler writes its one reply. Threads: the handler's.
class HttpReply {
public:
    HttpReply(HttpConnection& connection, const HttpRequest& request)
        : connection_(connection),
          request_(request) {}

    // Everything at once.
    base::Status whole(int32_t status, std::string_view contentType, std::string_view body);
    // Header lines ("Retry-After: 1\r\n") for the reply that follows.
    void addHeader(std::string_view name, std::string_view value);

    // Server-sent events: begin, bytes, end. Fails: io, when the client is gone.
    base::Status beginEvents();
    base::Status events(std::string_view bytes);
    base::Status endEvents();

    int32_t status() const { return status_; }  // 0: none yet

    // The client sees by the connection's end that an event stream was cut.
    void closeAfter() { closes_ = true; }

    bool closes() const { return closes_ || !request_.keepsAlive; }

private:
    std::string head(int32_t status, std::string_view contentType);

    HttpConnection& connection_;
    const HttpRequest& request_;
    std::string headers_;
    int32_t status_ = 0;
    bool closes_ = false;
};

class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    // With the head alone, before a byte of the body is read: nullopt lets it in.
    virtual std::optional<HttpFailure> refuse(const HttpRequest& head) = 0;
    // Requires: exactly one reply. `stop`: the client is gone or the server ends.
    virtual void handle(const HttpRequest& request, HttpReply& reply, std::stop_token stop) = 0;
    // The JSON for a request that never reached handle(); of `head` only the path may be known.
    virtual std::string errorBody(const HttpRequest& head, const HttpFailure& failure) = 0;
};

struct HttpServerOptions {
    std::string host = "127.0.0.1";  // an address in numbers, or localhost
    int32_t port = 0;                // 0: any free one
    int32_t connectionsMax = 64;
    int64_t graceMs = 5'000;  // that running answers get when the server ends
    HttpLimits limits = {};
};

// Fails: invalidInput, if it is no address in numbers and not "localhost".
base::Result<bool> isLoopbackAddress(const std::string& host);

class HttpServer {
public:
    // Fails: invalidInput (the address), io (the port is taken).
    static base::Result<std::unique_ptr<HttpServer>> start(const HttpServerOptions& options,
                                                           HttpHandler& handler);
    // Lets running answers end within graceMs, then stops them.
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    int32_t port() const { return port_; }

private:
    struct Client;

    HttpServer(HttpServerOptions options, HttpHandler& handler, Socket listener, Socket wake,
               int32_t port);
    void watch();
    void accept();
    void converse(Client& client);
    bool answerNext(Client& client);
    void wake();
    void stopThoseThatHungUp(const std::vector<int>& descriptors);
    bool reapAndCheckIdle();
    void beginEnding();
    void stopAll();

    const HttpServerOptions options_;
    HttpHandler& handler_;
    const Socket listener_;
    const Socket wake_;
    const int32_t port_;
    std::mutex mutex_;  // guards the rest, and in clients all but the connection itself
    std::list<std::unique_ptr<Client>> clients_;
    bool isEnding_ = false;
    std::thread watcher_;  // last member
};

}  // namespace moxie::serve
