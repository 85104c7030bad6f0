#include "app/serve/access.h"

#include "tests/catch.h"

using namespace moxie;
using serve::Access;
using serve::HttpRequest;

namespace {

HttpRequest requestWith(std::vector<std::pair<std::string, std::string>> headers) {
    return {.method = "POST", .path = "/v1/chat/completions", .headers = std::move(headers)};
}

int statusFor(const Access& access, std::vector<std::pair<std::string, std::string>> headers) {
    const auto refusal = access.refuse(requestWith(std::move(headers)));
    return refusal ? refusal->status : 200;
}

}  // namespace

TEST_CASE("without a key only this machine's own names are answered", "[serve]") {
    const Access access("127.0.0.1", "");
    CHECK(statusFor(access, {{"host", "127.0.0.1:8080"}}) == 200);
    CHECK(statusFor(access, {{"host", "localhost:8080"}}) == 200);
    CHECK(statusFor(access, {{"host", "[::1]:8080"}}) == 200);
    CHECK(statusFor(access, {{"host", "evil.example:8080"}}) == 403);  // DNS rebinding
    CHECK(statusFor(access, {{"host", "localhost.evil.example"}}) == 403);
    CHECK(statusFor(access, {{"host", "127.0.0.1.evil.example"}}) == 403);
    CHECK(statusFor(access, {{"host", ""}}) == 400);
    CHECK(statusFor(access, {}) == 400);
}

TEST_CASE("a web page of another origin is refused without a key", "[serve]") {
    const Access access("127.0.0.1", "");
    const auto from = [&](const char* origin) {
        return statusFor(access, {{"host", "localhost:8080"}, {"origin", origin}});
    };
    CHECK(from("http://localhost:3000") == 200);
    CHECK(from("https://evil.example") == 403);
    CHECK(from("null") == 403);
    CHECK(from("http://localhost@evil.example") == 403);
    CHECK(from("http://localhost:pass@evil.example") == 403);
    CHECK(from("http://[::1]evil.example") == 403);
    CHECK(from("http://[::1") == 403);
    CHECK(from("http://[::1]:3000") == 200);
    CHECK(statusFor(access, {{"host", "localhost"}, {"sec-fetch-site", "cross-site"}}) == 403);
}

TEST_CASE("with a key it is the key that counts", "[serve]") {
    const Access access("0.0.0.0", "secret");
    const auto with = [&](const char* name, const char* value) {
        return statusFor(access, {{"host", "build.example:8080"}, {name, value}});
    };
    CHECK(with("authorization", "Bearer secret") == 200);
    CHECK(with("authorization", "bearer secret") == 200);
    CHECK(with("x-api-key", "secret") == 200);
    CHECK(statusFor(access,
                    {{"host", "x"}, {"authorization", "Bearer no"}, {"x-api-key", "secret"}}) ==
          200);
    CHECK(with("x-api-key", "secre") == 401);
    CHECK(with("x-api-key", "secretsecret") == 401);
    CHECK(with("authorization", "Basic secret") == 401);
    CHECK(with("x-other", "secret") == 401);
    HttpRequest health = requestWith({{"host", "x"}});
    health.path = "/health";
    CHECK_FALSE(access.refuse(health));
}
