#include "app/serve/access.h"

#include <fmt/format.h>

#include "base/text.h"

namespace moxie::serve {

namespace {

// "localhost:8080" -> "localhost", "[::1]:8080" -> "::1"; "" if it is not NAME or NAME:PORT.
std::string_view hostName(std::string_view authority) {
    const bool isBracketed = authority.starts_with('[');
    const size_t end = isBracketed ? authority.find(']') : authority.find(':');
    if (isBracketed && end == std::string_view::npos) return {};
    const std::string_view name =
        authority.substr(isBracketed ? 1 : 0, end - (isBracketed ? 1 : 0));
    std::string_view port = end == std::string_view::npos ? "" : authority.substr(end);
    if (isBracketed) port.remove_prefix(1);
    if (port.empty()) return name;
    const bool isNumber = port.size() > 1 && port[0] == ':' &&
                          port.find_first_not_of("0123456789", 1) == std::string_view::npos;
    return isNumber ? name : std::string_view();
}

// In a time that does not tell how many characters are right.
bool isSameSecret(std::string_view given, std::string_view secret) {
    uint8_t difference = given.size() == secret.size() ? 0 : 1;
    for (size_t i = 0; i < given.size(); ++i)
        difference = uint8_t(difference | uint8_t(given[i] ^ secret[i % secret.size()]));
    return difference == 0;
}

// "" unless the header is "Bearer KEY", in any case.
std::string_view bearerKey(const HttpRequest& request) {
    constexpr std::string_view kBearer = "bearer ";
    const std::string_view value = request.header("authorization");
    if (value.size() < kBearer.size()) return {};
    for (size_t i = 0; i < kBearer.size(); ++i)
        if ((value[i] | 0x20) != kBearer[i]) return {};
    return base::trim(value.substr(kBearer.size()));
}

}  // namespace

std::optional<HttpFailure> Access::refuse(const HttpRequest& request) const {
    if (request.header("host").empty()) return HttpFailure{400, "the Host header is missing"};
    if (key_.empty()) return refuseWithoutKey(request);
    if (request.path == "/health") return std::nullopt;
    const std::string_view bearer = bearerKey(request);
    const std::string_view apiKey = request.header("x-api-key");
    if (isSameSecret(bearer, key_) || isSameSecret(apiKey, key_)) return std::nullopt;
    return HttpFailure{401, bearer.empty() && apiKey.empty()
                                ? "a key is needed: Authorization: Bearer KEY, or x-api-key: KEY"
                                : "this is not the key of this server"};
}

std::optional<HttpFailure> Access::refuseWithoutKey(const HttpRequest& request) const {
    if (!isOwnName(request.header("host")))
        return HttpFailure{403, fmt::format("Host is '{}', and this server has no such name",
                                            request.header("host"))};
    if (request.header("sec-fetch-site") == "cross-site")
        return HttpFailure{403, "a web page of another site may not use this server"};
    const std::string_view origin = request.header("origin");
    if (origin.empty()) return std::nullopt;
    const size_t scheme = origin.find("://");
    if (scheme == std::string_view::npos || !isOwnName(origin.substr(scheme + 3)))
        return HttpFailure{
            403, fmt::format("Origin '{}' may not use this server; start it with a key", origin)};
    return std::nullopt;
}

bool Access::isOwnName(std::string_view authority) const {
    const std::string_view name = hostName(authority);
    return name == "localhost" || name == "127.0.0.1" || name == "::1" || name == host_;
}

}  // namespace moxie::serve
