// One accepted socket of the scripted server: reads requests, writes replies as told.
// Threads: one thread at a time; shutDown() from any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace moxie::tests {

struct ServerRequest {
    std::string method;
    std::string path;  // without query
    std::string headers;
    std::string body;
};

class Connection {
public:
    explicit Connection(int socket);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // nullopt: the client has gone, or sent what is no request.
    std::optional<ServerRequest> read();
    // False: the client has gone.
    bool write(std::string_view bytes);
    // One chunk of a chunked reply.
    bool writeChunk(std::string_view bytes);
    // Waits; false as soon as the client goes. durationMs < 0: until then.
    bool wait(int64_t durationMs);
    void shutDown();

private:
    bool fill();

    const int socket_;
    std::string buffer_;
};

}  // namespace moxie::tests
