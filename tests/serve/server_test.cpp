// The server as a whole: routes, keys, queueing, clients that hang up, ending.
#include <atomic>
#include <latch>
#include <thread>

#include "tests/catch.h"
#include "tests/fakes/fake_clock.h"
#include "tests/serve/serve_harness.h"

using namespace moxie;
using namespace moxie::tests;

namespace {

constexpr const char* kPath = "/v1/chat/completions";

// Says one word and then waits until somebody stops it.
ScriptedTurn endless() {
    ScriptedTurn turn;
    turn.events = {engine::TextDelta{"word"}};
    turn.waitsForStop = true;
    return turn;
}

// True once `condition` holds, false after ten seconds.
template <class Condition>
bool holdsSoon(Condition condition) {
    base::SystemClock clock;
    const int64_t endMs = clock.steadyMs() + 10'000;
    while (!condition()) {
        if (clock.steadyMs() > endMs) return false;
        std::this_thread::yield();
    }
    return true;
}

std::string chatRequest(const Json& more = Json::object()) {
    return requestText("POST", kPath, serve::dumped(chatBody(more)));
}

}  // namespace

TEST_CASE("paths are found with and without the version", "[serve]") {
    ServeHarness harness({says("a"), says("b"), says("c")});
    CHECK(harness.post("/chat/completions", chatBody()).status == 200);
    CHECK(harness.post("/v1/v1/chat/completions", chatBody()).status == 200);
    CHECK(harness.post("/v1/chat/completions/", chatBody()).status == 200);
    CHECK(harness.get("/v1/models").json()["data"][0]["id"] == "scripted");
    CHECK(harness.get("/health").json()["status"] == "ok");
    CHECK(harness.get("/").status == 200);
    CHECK(harness.get("/v1/chat/completions").status == 405);
    const Response lost = harness.get("/v1/embeddings");
    CHECK(lost.status == 404);
    CHECK(lost.json()["error"]["type"] == "invalid_request_error");
    CHECK(harness.get("/v1/other", {{"anthropic-version", "2023-06-01"}}).json()["type"] ==
          "error");
    Client head(harness.server().port());
    head.send(requestText("HEAD", "/", "") + requestText("GET", "/health", ""));
    CHECK(head.receiveUntil("\"ok\"").find("Content-Length") != std::string::npos);
}

TEST_CASE("a server that others can reach needs a key", "[serve]") {
    base::SystemClock clock;
    FakeModel model(clock, std::vector<ScriptedTurn>{});
    const auto open = serve::Server::start({.host = "0.0.0.0", .port = 0}, model, clock);
    REQUIRE_FALSE(open);
    CHECK(open.error().kind() == base::Errc::denied);
    CHECK(serve::Server::start({.host = "0.0.0.0", .port = 0, .key = "k"}, model, clock));
    CHECK_FALSE(serve::Server::start({.host = "example.com", .port = 0, .key = "k"}, model, clock));
    const auto first = serve::Server::start({.port = 0}, model, clock);
    REQUIRE(first);
    const auto second = serve::Server::start({.port = (*first)->port()}, model, clock);
    REQUIRE_FALSE(second);
    CHECK(second.error().message().find("listen at 127.0.0.1:") != std::string::npos);
}

TEST_CASE("the wrong key is refused in each API's own form before the body is read", "[serve]") {
    ServeHarness harness({says("x")}, {.key = "secret"});
    const Response openai = harness.post(kPath, chatBody());
    CHECK(openai.status == 401);
    CHECK(openai.json()["error"]["code"] == "invalid_api_key");
    const Response anthropic = harness.post("/v1/messages", chatBody(), {{"x-api-key", "no"}});
    CHECK(anthropic.status == 401);
    CHECK(anthropic.json()["error"]["type"] == "authentication_error");
    Client client(harness.server().port());
    client.send("POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
    CHECK(client.receive().status == 401);
    CHECK(harness.post(kPath, chatBody(), {{"Authorization", "Bearer secret"}}).status == 200);
}

TEST_CASE("a web page that was tricked into asking is refused", "[serve]") {
    ServeHarness harness(std::vector<ScriptedTurn>{});
    CHECK(harness.post(kPath, chatBody(), {{"Host", "evil.example"}}).status == 403);
    CHECK(harness.post(kPath, chatBody(), {{"Origin", "https://evil.example"}}).status == 403);
    CHECK(harness.asked().empty());
}

TEST_CASE("requests take turns in the order they came, and too many are refused", "[serve]") {
    std::latch release(1);
    ServeHarness harness(
        [&](size_t number, const engine::ChatRequest&) {
            if (number == 0) release.wait();
            return says("answer " + std::to_string(number));
        },
        {.turnsMax = 1, .waitingMax = 1});
    Client first(harness.server().port()), second(harness.server().port());
    first.send(chatRequest());
    REQUIRE(holdsSoon([&] { return harness.server().running() == 1; }));
    second.send(chatRequest());
    REQUIRE(holdsSoon([&] { return harness.server().waiting() == 1; }));
    const Response third = harness.post(kPath, chatBody());
    CHECK(third.status == 429);
    CHECK(third.headers.find("Retry-After: ") != std::string::npos);
    CHECK(third.json()["error"]["type"] == "rate_limit_error");
    CHECK(harness.get("/health").json()["waiting"] == 1);
    release.count_down();
    CHECK(first.receive().json()["choices"][0]["message"]["content"] == "answer 0");
    CHECK(second.receive().json()["choices"][0]["message"]["content"] == "answer 1");
    CHECK(harness.server().running() == 0);
}

TEST_CASE("a client that hangs up stops its answer, streamed or whole", "[serve]") {
    ServeHarness harness({endless(), endless(), says("free again")}, {.turnsMax = 1});
    {
        Client client(harness.server().port());
        client.send(chatRequest({{"stream", true}}));
        REQUIRE(client.receiveUntil("word").find("word") != std::string::npos);
        CHECK(harness.server().running() == 1);
    }
    REQUIRE(holdsSoon([&] { return harness.server().running() == 0; }));
    {
        Client client(harness.server().port());
        client.send(chatRequest());
        REQUIRE(holdsSoon([&] { return harness.server().running() == 1; }));
    }
    REQUIRE(holdsSoon([&] { return harness.server().running() == 0; }));
    CHECK(harness.post(kPath, chatBody()).status == 200);
}

TEST_CASE("a client that hangs up in the queue leaves it", "[serve]") {
    ServeHarness harness({endless()}, {.turnsMax = 1, .graceMs = 10});
    Client busy(harness.server().port());
    busy.send(chatRequest({{"stream", true}}));
    REQUIRE(busy.receiveUntil("word").find("word") != std::string::npos);
    {
        Client waiter(harness.server().port());
        waiter.send(chatRequest());
        REQUIRE(holdsSoon([&] { return harness.server().waiting() == 1; }));
    }
    CHECK(holdsSoon([&] { return harness.server().waiting() == 0; }));
    CHECK(harness.asked().size() == 1);
}

TEST_CASE("an ending server lets a running answer end", "[serve]") {
    std::latch asked(1), release(1);
    ServeHarness harness([&](size_t, const engine::ChatRequest&) {
        asked.count_down();
        release.wait();
        return says("in time");
    });
    Client client(harness.server().port());
    client.send(chatRequest());
    asked.wait();
    std::thread ending([&] { harness.stopServer(); });
    release.count_down();
    const Response response = client.receive();
    ending.join();
    CHECK(response.json()["choices"][0]["message"]["content"] == "in time");
}

TEST_CASE("an ending server stops what does not end, and says so", "[serve]") {
    ServeHarness harness({endless(), endless()}, {.turnsMax = 2, .graceMs = 20});
    Client streamed(harness.server().port()), whole(harness.server().port());
    Client idle(harness.server().port());
    streamed.send(chatRequest({{"stream", true}}));
    REQUIRE(streamed.receiveUntil("word").find("word") != std::string::npos);
    whole.send(chatRequest());
    REQUIRE(holdsSoon([&] { return harness.server().running() == 2; }));
    harness.stopServer();
    CHECK(whole.receive().status == 503);
    CHECK(streamed.receive().body.find("the server ends") != std::string::npos);
    CHECK(idle.receive().status == 0);
}

TEST_CASE("a client of a model that reads for long hears that it still works", "[serve]") {
    FakeClock clock;
    ScriptedTurn turn;
    turn.events = {engine::Waiting{"reading the prompt", 1, 9}, engine::Waiting{"reading", 2, 9},
                   engine::TextDelta{"at last"}, engine::Finish{}};
    turn.delayMs = 6'000;
    FakeModel model(clock, {turn, turn, finishes(engine::FinishReason::contextFull)});
    const auto server = serve::Server::start({.port = 0}, model, clock);
    REQUIRE(server);
    const auto ask = [&](const char* path) {
        Client client((*server)->port());
        client.send(requestText("POST", path,
                                serve::dumped(chatBody({{"stream", true}, {"max_tokens", 9}}))));
        return client.receive();
    };
    const Response chat = ask(kPath);
    CHECK(chat.body.find(": still working\n\n: still working\n\n") != std::string::npos);
    CHECK(chat.body.find("at last") != std::string::npos);
    const auto events = eventsOf(ask("/v1/messages").body);
    REQUIRE(events.size() > 3);
    CHECK(events[0].name == "message_start");
    CHECK(events[1].name == "ping");
    CHECK(events[2].name == "ping");
}

TEST_CASE("a conversation that is found not to fit while the client waits is told in the stream",
          "[serve]") {
    FakeClock clock;
    ScriptedTurn turn;
    turn.events = {engine::Waiting{"reading", 1, 9},
                   engine::Finish{engine::FinishReason::contextFull, {}, ""}};
    turn.delayMs = 6'000;
    FakeModel model(clock, {turn});
    const auto server = serve::Server::start({.port = 0}, model, clock);
    REQUIRE(server);
    Client client((*server)->port());
    client.send(requestText("POST", "/v1/responses", R"({"model":"m","input":"x","stream":true})"));
    const auto events = eventsOf(client.receive().body);
    CHECK(events.back().name == "response.failed");
    CHECK(events.back().json()["response"]["error"]["code"] == "context_length_exceeded");
}
