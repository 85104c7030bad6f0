// One POST at a time per call, streamed, over libcurl; connections are kept for the next call.
// Not a general HTTP client: no redirects, TLS always verified, http and https only.
// Threads: any thread; each post() blocks its caller.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace moxie::engine {

struct HttpHead {
    int64_t status = 0;
    std::string contentType = {};
    std::string location = {};
    std::string retryAfter = {};
    std::string retryAfterMs = {};
};

struct HttpRequest {
    std::string url;
    std::vector<std::string> headers = {};  // "Name: value"
    std::string_view body = {};             // must live until post() returns
    bool isLoopback = false;                // then proxies of the environment are not asked
};

// Gets the reply. Called on the thread of post().
class HttpReceiver {
public:
    virtual ~HttpReceiver() = default;
    enum class Wants { more, nothing };
    virtual Wants take(const HttpHead& head, std::string_view bytes) = 0;
    // How long silence may last from now on.
    virtual int64_t silenceMsMax() const = 0;
};

enum class HttpEnd {
    complete,       // the server sent its reply to the end
    enough,         // the receiver wanted nothing more
    silent,         // silenceMsMax() passed without a byte
    connectFailed,  // no connection: name, network, TLS
    untrusted,      // the server's certificate could not be verified
    broken,         // the connection ended in the middle of the reply
    cancelled,
};

struct HttpOutcome {
    HttpEnd end = HttpEnd::complete;
    HttpHead head = {};
    std::string detail = {};  // libcurl's sentence for connectFailed and broken
};

class HttpClient {
public:
    explicit HttpClient(base::Clock& clock);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Returns within 100 ms of `stop`.
    HttpOutcome post(const HttpRequest& request, HttpReceiver& receiver,
                     const std::stop_token& stop);

private:
    struct Pool;  // a curl multi handle: a pool of connections used by one post() at a time
    std::unique_ptr<Pool> takePool();

    base::Clock& clock_;
    std::mutex mutex_;  // guards idle_
    std::vector<std::unique_ptr<Pool>> idle_;
};

// An address that a user typed, taken apart and checked.
struct HttpAddress {
    std::string origin;  // "https://api.deepseek.com"
    std::string host;    // "api.deepseek.com"
    std::string path;    // "" or "/v1": no slash at the end
    std::string query;   // "" or "?api-version=1"
    bool isLoopback = false;
};

// Fails: invalidInput (no http or https address, or a user name or password inside).
base::Result<HttpAddress> parseHttpAddress(const std::string& text);

}  // namespace moxie::engine
