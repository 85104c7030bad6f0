#include "app/serve/http_request.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace moxie::serve {

namespace {

using base::Errc;

// RFC 9110, section 5.6.2.
bool isTokenCharacter(char c) {
    const bool isAlphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return isAlphanumeric || std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool isToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), isTokenCharacter);
}

bool isPrintable(char c) {
    return uint8_t(c) > 0x20 && uint8_t(c) != 0x7F;
}

bool isHeaderValue(std::string_view text) {
    return std::all_of(text.begin(), text.end(),
                       [](char c) { return isPrintable(c) || c == ' ' || c == '\t'; });
}

std::string lowerCase(std::string_view text) {
    std::string lower(text);
    for (char& c : lower)
        if (c >= 'A' && c <= 'Z') c = char(c - 'A' + 'a');
    return lower;
}

base::Status readRequestLine(std::string_view line, HttpRequest& request) {
    const size_t first = line.find(' ');
    const size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last)
        return base::fail(Errc::invalidInput, "request line: expected METHOD TARGET VERSION");
    const std::string_view version = line.substr(last + 1);
    if (version != "HTTP/1.1" && version != "HTTP/1.0")
        return base::fail(Errc::invalidInput, "request line: expected HTTP/1.1");
    request.knowsChunks = version == "HTTP/1.1";
    request.keepsAlive = request.knowsChunks;
    const std::string_view target = line.substr(first + 1, last - first - 1);
    if (!isToken(line.substr(0, first)) || target.empty() || target[0] != '/' ||
        !std::all_of(target.begin(), target.end(), isPrintable))
        return base::fail(Errc::invalidInput, "request line: expected a method and a path");
    request.method = line.substr(0, first);
    request.path = target.substr(0, target.find('?'));
    return {};
}

base::Status readHeader(std::string_view line, HttpRequest& request) {
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || !isToken(line.substr(0, colon)))
        return base::fail(Errc::invalidInput, "header: expected NAME: VALUE");
    const std::string_view value = base::trim(line.substr(colon + 1));
    if (!isHeaderValue(value))
        return base::fail(Errc::invalidInput, "header: has a control character");
    request.headers.emplace_back(lowerCase(line.substr(0, colon)), value);
    return {};
}

}  // namespace

std::string_view HttpRequest::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return {};
}

bool HttpRequest::hasHeader(std::string_view name) const {
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto& header) { return header.first == name; });
}

base::Result<HttpRequest> parseHttpHead(std::string_view head) {
    const std::vector<std::string_view> lines = base::splitLines(head);
    HttpRequest request;
    if (lines.empty()) return base::fail(Errc::invalidInput, "request line: is empty");
    TRY(readRequestLine(lines.front(), request));
    for (size_t i = 1; i < lines.size() && !lines[i].empty(); ++i)
        TRY(readHeader(lines[i], request));
    const auto isHost = [](const auto& header) { return header.first == "host"; };
    if (std::count_if(request.headers.begin(), request.headers.end(), isHost) > 1)
        return base::fail(Errc::invalidInput, "header: Host is given twice");
    const std::string connection = lowerCase(request.header("connection"));
    if (connection.find("close") != std::string::npos) request.keepsAlive = false;
    if (connection.find("keep-alive") != std::string::npos) request.keepsAlive = true;
    return request;
}

base::Result<BodyFrame> bodyFrame(const HttpRequest& request) {
    const auto count = [&](std::string_view name) {
        return std::count_if(request.headers.begin(), request.headers.end(),
                             [&](const auto& header) { return header.first == name; });
    };
    const auto nLengths = count("content-length");
    const auto nCodings = count("transfer-encoding");
    if (nLengths + nCodings > 1)
        return base::fail(Errc::invalidInput, "the length of the body is given twice");
    if (nCodings == 1) {
        if (lowerCase(request.header("transfer-encoding")) != "chunked")
            return base::fail(Errc::unsupported, "transfer-encoding: expected chunked");
        return BodyFrame{BodyForm::chunked, 0};
    }
    if (nLengths == 0) return BodyFrame{};
    const std::string_view text = request.header("content-length");
    int64_t bytes = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bytes);
    if (error != std::errc() || end != text.data() + text.size() || bytes < 0 || text[0] == '-')
        return base::fail(Errc::invalidInput, "content-length: expected a number of bytes");
    return BodyFrame{BodyForm::sized, bytes};
}

}  // namespace moxie::serve
