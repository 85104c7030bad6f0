// One accepted socket: reads requests and writes replies, both with limits of size and time, so
// that a slow or greedy client costs a thread for a known while and no more. It does not know what
// the requests mean. Threads: one thread at a time; endReading() from any thread.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/serve/http_request.h"
#include "base/result.h"

namespace moxie::serve {

struct HttpLimits {
    int64_t headBytesMax = 65'536;
    int64_t bodyBytesMax = 33'554'432;
    int64_t idleMs = 60'000;        // between two requests
    int64_t headMs = 10'000;        // from its first byte to its last
    int64_t bodyMs = 120'000;       // the same
    int64_t writeStallMs = 30'000;  // the client reads nothing for so long
};

struct HttpFailure {
    int32_t status = 400;
    std::string message = {};
};

// A socket that closes with the value.
class Socket {
public:
    explicit Socket(int descriptor = -1) : descriptor_(descriptor) {}

    ~Socket();
    Socket(Socket&& other) noexcept;
    Socket& operator=(Socket&& other) noexcept;
    Socket(const Socket&) = delete;
    Socket& operator=(const Socket&) = delete;

    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

class HttpConnection {
public:
    HttpConnection(int socket, const HttpLimits& limits) : socket_(socket), limits_(limits) {}

    HttpConnection(const HttpConnection&) = delete;
    HttpConnection& operator=(const HttpConnection&) = delete;

    // The head of the next request, without its body. nullopt: the client is done.
    tl::expected<std::optional<HttpRequest>, HttpFailure> readHead();
    // Fills request.body. After a failure the connection is of no further use than one reply.
    tl::expected<void, HttpFailure> readBody(HttpRequest& request);

    // The client will get all of it. Fails: io, if it is gone or does not read.
    base::Status write(std::string_view bytes);
    // Says goodbye so that a client that is still sending gets to read the reply.
    void close();
    // Makes a waiting readHead() return.
    void endReading();

private:
    enum class Arrival { bytes, end, timeout };
    Arrival receive(int64_t deadlineMs);
    base::Result<std::string> takeLine(int64_t deadlineMs);
    tl::expected<void, HttpFailure> readSized(std::string& body, int64_t bytes, int64_t deadlineMs);
    tl::expected<void, HttpFailure> readChunks(std::string& body, int64_t deadlineMs);

    const int socket_;
    const HttpLimits& limits_;
    std::string buffer_;  // received and not yet taken
};

}  // namespace moxie::serve
