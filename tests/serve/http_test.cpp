// The HTTP layer by itself: what is read, what is refused, and that a connection goes on.
#include "app/serve/http_request.h"
#include "tests/catch.h"
#include "tests/serve/serve_harness.h"

using namespace moxie;
using namespace moxie::tests;

namespace {

int statusOfBytes(ServeHarness& harness, const std::string& bytes) {
    Client client(harness.server().port());
    client.send(bytes);
    return client.receive().status;
}

}  // namespace

TEST_CASE("a head is read by the letter", "[serve]") {
    const auto request =
        serve::parseHttpHead("POST /v1/x?beta=true HTTP/1.1\r\nHost: a\r\nX-Y:  z \r\n\r\n");
    REQUIRE(request);
    CHECK(request->method == "POST");
    CHECK(request->path == "/v1/x");
    CHECK(request->header("x-y") == "z");
    CHECK(request->keepsAlive);
    CHECK_FALSE(serve::parseHttpHead("POST  HTTP/1.1\r\n\r\n"));
    CHECK_FALSE(serve::parseHttpHead("POST /x HTTP/2\r\n\r\n"));
    CHECK_FALSE(serve::parseHttpHead("POST x HTTP/1.1\r\n\r\n"));
    CHECK_FALSE(serve::parseHttpHead("GET / HTTP/1.1\r\nno colon\r\n\r\n"));
    CHECK_FALSE(serve::parseHttpHead("GET / HTTP/1.1\r\nbad name: x\r\n\r\n"));
    CHECK_FALSE(serve::parseHttpHead("GET / HTTP/1.1\r\nHost: localhost\r\nhost: evil\r\n\r\n"));
    CHECK_FALSE(serve::parseHttpHead("\r\n"));
    CHECK_FALSE(serve::parseHttpHead("GET / HTTP/1.1\r\nConnection: close\r\n\r\n")->keepsAlive);
}

TEST_CASE("two framings of one body are refused", "[serve]") {
    ServeHarness harness({says("x")});
    const std::string begin = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n";
    CHECK(statusOfBytes(harness, begin + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}") ==
          400);
    CHECK(statusOfBytes(harness,
                        begin + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n") == 400);
    CHECK(statusOfBytes(harness, begin + "Content-Length: -2\r\n\r\n") == 400);
    CHECK(statusOfBytes(harness, begin + "Content-Length: 99999999999999999999\r\n\r\n") == 400);
    CHECK(statusOfBytes(harness, begin + "Transfer-Encoding: gzip\r\n\r\n") == 501);
    CHECK(statusOfBytes(harness, begin + "Transfer-Encoding: chunked\r\n\r\nzz\r\n") == 400);
    CHECK(statusOfBytes(harness, "complete nonsense\r\n\r\n") == 400);
}

TEST_CASE("a chunked request body is put together", "[serve]") {
    ServeHarness harness({says("fine")});
    Client client(harness.server().port());
    const std::string body = serve::dumped(chatBody());
    const std::string half = body.substr(0, 10), rest = body.substr(10);
    char size[32];
    std::snprintf(size, sizeof size, "%zx", rest.size());
    client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
        "chunked\r\n\r\na\r\n" +
        half + "\r\n" + size + ";extension=1\r\n" + rest + "\r\n0\r\nTrailer: x\r\n\r\n");
    CHECK(client.receive().json()["choices"][0]["message"]["content"] == "fine");
}

TEST_CASE("one connection carries several requests, pipelined ones too", "[serve]") {
    ServeHarness harness({says("one"), says("two")});
    Client client(harness.server().port());
    const std::string request =
        requestText("POST", "/v1/chat/completions", serve::dumped(chatBody()));
    client.send(request + request + requestText("GET", "/health", ""));
    CHECK(client.receive().json()["choices"][0]["message"]["content"] == "one");
    CHECK(client.receive().json()["choices"][0]["message"]["content"] == "two");
    CHECK(client.receive().json()["status"] == "ok");
}

TEST_CASE("a body above the limit is refused before it is read", "[serve]") {
    ServeHarness harness({says("x")}, {.bodyBytesMax = 1000});
    Client client(harness.server().port());
    client.send(
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4000000000\r\n\r\n");
    const Response response = client.receive();
    CHECK(response.status == 413);
    CHECK(response.json()["error"]["type"] == "request_too_large");
    const std::string large(2000, ' ');
    CHECK(harness.postText("/v1/chat/completions", large).status == 413);
    CHECK(statusOfBytes(harness,
                        "POST /v1/responses HTTP/1.1\r\nHost: localhost\r\n"
                        "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n") == 413);
    CHECK(statusOfBytes(harness, "GET /" + std::string(70'000, 'a')) == 431);
    CHECK(harness.asked().empty());
}

TEST_CASE("a client that dribbles its head is cut off", "[serve]") {
    ServeHarness harness({says("x")}, {.headMs = 50});
    CHECK(statusOfBytes(harness, "GET /health HTTP/1.1\r\nHos") == 408);
}

TEST_CASE("a client that waits for 100 Continue gets it", "[serve]") {
    ServeHarness harness({says("fine")});
    Client client(harness.server().port());
    const std::string body = serve::dumped(chatBody());
    client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
        "Content-Length: " +
        std::to_string(body.size()) + "\r\n\r\n");
    CHECK(client.receiveUntil("\r\n\r\n").starts_with("HTTP/1.1 100 "));
    client.send(body);
    CHECK(client.receiveUntil("fine").find("fine") != std::string::npos);
}

TEST_CASE("more connections than allowed are turned away, not queued for ever", "[serve]") {
    ServeHarness harness({says("x")}, {.connectionsMax = 2});
    Client first(harness.server().port());
    Client second(harness.server().port());
    first.send(requestText("GET", "/health", ""));
    second.send(requestText("GET", "/health", ""));
    CHECK(first.receive().status == 200);
    CHECK(second.receive().status == 200);
    CHECK(harness.get("/health").status == 503);
}

TEST_CASE("an HTTP/1.0 client gets its events without chunks, up to the connection's end",
          "[serve]") {
    ServeHarness harness({says("fine")});
    Client client(harness.server().port());
    std::string request =
        requestText("POST", "/v1/chat/completions", serve::dumped(chatBody({{"stream", true}})));
    request.replace(request.find("HTTP/1.1"), 8, "HTTP/1.0");
    client.send(request);
    const std::string reply = client.receiveUntil("[DONE]\n\n");
    CHECK(reply.find("Transfer-Encoding") == std::string::npos);
    const size_t body = reply.find("\r\n\r\n");
    REQUIRE(body != std::string::npos);
    CHECK(eventsOf(reply.substr(body + 4)).back().data == "[DONE]");
}
