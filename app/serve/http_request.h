// The head of one HTTP/1.1 request as a client sent it. Knows no socket.
// Threads: values.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace moxie::serve {

struct HttpRequest {
    std::string method = {};
    std::string path = {};                                          // without the query
    std::vector<std::pair<std::string, std::string>> headers = {};  // names in lower case
    std::string body = {};
    bool keepsAlive = true;
    bool knowsChunks = true;  // false: HTTP/1.0

    // The first one of this lower-case name; "" if there is none.
    std::string_view header(std::string_view name) const;
    bool hasHeader(std::string_view name) const;
};

enum class BodyForm { none, sized, chunked };

struct BodyFrame {
    BodyForm form = BodyForm::none;
    int64_t bytes = 0;  // sized only
};

// `head`: all up to and with the empty line. Fails: invalidInput.
base::Result<HttpRequest> parseHttpHead(std::string_view head);

// How the body is framed. Two framings at once, a doubled or malformed length are refused: that is
// how requests are smuggled. Fails: invalidInput, unsupported (another transfer coding).
base::Result<BodyFrame> bodyFrame(const HttpRequest& request);

}  // namespace moxie::serve
