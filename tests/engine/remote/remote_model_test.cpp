// Addresses, keys, retries, what is learned from refusals, and what goes back to the provider.
#include <set>
#include <thread>

#include "engine/remote/failure.h"
#include "engine/remote/known_models.h"
#include "tests/catch.h"
#include "tests/engine/remote/remote_support.h"
#include "tests/fakes/fake_clock.h"

namespace moxie::engine {
namespace {

using tests::HurriedClock;
using tests::Json;
using tests::readAnswer;
using tests::smallRequest;

TEST_CASE("a base URL works with and without version and endpoint", "[engine][remote]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const std::string base = server->baseUrl();
    const auto pathOf = [&](RemoteApi api, const std::string& ending) {
        auto model =
            openRemoteModel({.api = api, .baseUrl = base + ending, .model = "hello"}, clock);
        REQUIRE(model);
        (void)readAnswer(**model, smallRequest());  // the path counts, not the answer
        return server->requests().empty() ? "" : server->requests().back().path;
    };
    for (const auto* ending : {"", "/", "/v1", "/v1/", "/v1/chat/completions"})
        CHECK(pathOf(RemoteApi::openai, ending) == "/v1/chat/completions");
    CHECK(pathOf(RemoteApi::openai, "/api/paas/v4") == "/api/paas/v4/chat/completions");
    CHECK(pathOf(RemoteApi::openai, "/v1beta/openai/") == "/v1beta/openai/chat/completions");
    for (const auto* ending : {"", "/v1", "/v1/messages"})
        CHECK(pathOf(RemoteApi::anthropic, ending) == "/v1/messages");
    CHECK(pathOf(RemoteApi::anthropic, "/anthropic") == "/anthropic/v1/messages");
}

TEST_CASE("what cannot be an address, a key or a model is refused at once", "[engine][remote]") {
    HurriedClock clock;
    const auto isRefused = [&](RemoteModelOptions options) {
        const auto model = openRemoteModel(options, clock);
        return !model && model.error().kind() == base::Errc::invalidInput &&
               model.error().message().find("secret") == std::string::npos;
    };
    for (const auto* url : {"", "host", "ftp://host", "file:///etc/passwd", "http://u:secret@host"})
        CHECK(isRefused({.baseUrl = url, .model = "m"}));
    CHECK(isRefused({.baseUrl = "http://host", .model = " "}));
    CHECK(isRefused({.baseUrl = "http://host", .model = "m", .apiKey = "secret\r\nX-Evil: 1"}));
}

TEST_CASE("the key travels in its header and nowhere else", "[engine][remote]") {
    const auto api = GENERATE(RemoteApi::openai, RemoteApi::anthropic);
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto model = tests::openScript(*server, "http401", api, clock);
    const auto answer = readAnswer(*model, smallRequest());
    const std::string key = "sk-test-0123456789";
    REQUIRE(answer.error);
    CHECK(answer.error->message().find(key) == std::string::npos);
    CHECK(answer.error->message().find("check the API key") != std::string::npos);
    const auto request = server->requests().at(0);
    CHECK(request.headers.find(key) != std::string::npos);
    CHECK(request.body.find(key) == std::string::npos);
    CHECK(request.body == model->serialise(smallRequest()));
}

TEST_CASE("waits grow at random within their bounds", "[engine][remote]") {
    CHECK(backoffMs(1, 0.0) == 500);
    CHECK(backoffMs(1, 0.999) < 1000);
    CHECK(backoffMs(3, 0.999) > 3900);
    CHECK(backoffMs(40, 0.999) <= 30'000);
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto model = tests::openScript(*server, "http500", RemoteApi::openai, clock);
    const auto answer = readAnswer(*model, smallRequest());
    REQUIRE(answer.error);
    CHECK(answer.error->message().find("after 6 attempts") != std::string::npos);
    const auto sleeps = clock.sleeps();
    REQUIRE(sleeps.size() == 5);
    for (size_t i = 0; i < sleeps.size(); ++i) {
        CHECK(sleeps[i] >= 500);
        CHECK(sleeps[i] <= int64_t(1000) << i);
    }
}

TEST_CASE("Retry-After is read as seconds and as a date", "[engine][remote]") {
    constexpr int64_t kNow = 784'111'777'000;  // Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110)
    CHECK(parseRetryAfter("3", kNow) == 3000);
    CHECK(parseRetryAfter(" 0.5 ", kNow) == 500);
    CHECK(parseRetryAfter("Sun, 06 Nov 1994 08:49:47 GMT", kNow) == 10'000);
    CHECK(parseRetryAfter("Sun, 06 Nov 1994 08:00:00 GMT", kNow) == 0);
    for (const auto* bad : {"", "soon", "-3", "1e300", "nan"})
        CHECK_FALSE(parseRetryAfter(bad, kNow));
}

TEST_CASE("a parameter that a server refuses is left out from then on", "[engine][remote]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto model = tests::openScript(*server, "max-tokens-refused", RemoteApi::openai, clock);
    CHECK(Json::parse(model->serialise(smallRequest())).contains("max_tokens"));
    REQUIRE(readAnswer(*model, smallRequest()).finish);
    REQUIRE(readAnswer(*model, smallRequest()).finish);
    const auto requests = server->requests();
    REQUIRE(requests.size() == 3);
    CHECK(Json::parse(requests[1].body).contains("max_completion_tokens"));
    CHECK_FALSE(Json::parse(requests[2].body).contains("max_tokens"));
    CHECK(clock.sleeps().empty());
}

TEST_CASE("thinking blocks go back unchanged and in their place", "[engine][remote]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto model = tests::openScript(*server, "reasoning-blocks", RemoteApi::anthropic, clock);
    ChatRequest request = smallRequest();
    const auto answer = readAnswer(*model, request);
    REQUIRE(answer.finish);
    CHECK(answer.reasoning == "First thought.Second thought.");
    request.messages.push_back({.role = Role::assistant,
                                .text = answer.text,
                                .reasoning = answer.reasoning,
                                .reasoningBlocks = answer.finish->reasoningBlocks,
                                .toolCalls = answer.calls});
    request.messages.push_back(
        {.role = Role::tool, .text = "a.txt", .toolCallId = answer.calls.at(0).id});
    const Json content = Json::parse(model->serialise(request))["messages"][1]["content"];
    CAPTURE(answer.finish->reasoningBlocks, content.dump());
    REQUIRE(content.size() == 5);
    CHECK(content[0] == Json{{"type", "thinking"},
                             {"thinking", "First thought."},
                             {"signature", "c2lnbmF0dXJl"}});
    CHECK(content[1] == Json{{"type", "redacted_thinking"}, {"data", "b3BhcXVl"}});
    CHECK(content[2]["text"] == "Then words.");
    CHECK(content[3]["thinking"] == "Second thought.");
    CHECK(content[4]["type"] == "tool_use");
}

TEST_CASE("an id that the conversation already has is replaced", "[engine][remote]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto model = tests::openScript(*server, "same-id-every-turn", RemoteApi::openai, clock);
    ChatRequest request = smallRequest();
    std::set<std::string> ids;
    for (int turn = 0; turn < 2; ++turn) {
        const auto answer = readAnswer(*model, request);
        REQUIRE(answer.calls.size() == 1);
        ids.insert(answer.calls[0].id);
        request.messages.push_back({.role = Role::assistant, .toolCalls = answer.calls});
        request.messages.push_back(
            {.role = Role::tool, .text = "ok", .toolCallId = answer.calls[0].id});
    }
    CHECK(ids.size() == 2);
}

TEST_CASE("a web page as an error becomes one short line", "[engine][remote]") {
    const Failure failure = failureOfReply(
        {.status = 502,
         .body = "<html><style>x{}</style><body><h1>Bad\n\nGateway</h1>" + std::string(5000, 'y')},
        "m", "http://h", 0);
    CHECK(failure.action == Failure::Action::retry);
    CHECK(failure.error.message().find("Bad Gateway") != std::string::npos);
    CHECK(failure.error.message().find('<') == std::string::npos);
    CHECK(failure.error.message().size() < 300);
}

TEST_CASE("a server of our own that is fed silence by the clock alone is given up",
          "[engine][remote]") {
    const auto server = tests::startScripts();
    tests::FakeClock clock;
    const auto model =
        tests::openScript(*server, "hang-at-once", RemoteApi::openai, clock, 300'000);
    std::jthread time([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            clock.advance(1000);
            std::this_thread::yield();
        }
    });
    const auto answer = readAnswer(*model, smallRequest());
    REQUIRE(answer.error);
    CHECK(answer.error->message().find("sent nothing for 300 s") != std::string::npos);
}

ChatRequest pictureRequest() {
    ChatRequest request = smallRequest();
    request.messages.back().images = {{"image/png", "aGVsbG8="}};
    return request;
}

TEST_CASE("a picture goes in the form of each API, before the text of its message",
          "[engine][remote]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto bodyOf = [&](RemoteApi api) {
        auto model = openRemoteModel(
            {.api = api, .baseUrl = server->baseUrl(), .model = "hello", .takesImages = true},
            clock);
        REQUIRE(model);
        CHECK((*model)->limits().takesImages);
        CHECK(readAnswer(**model, pictureRequest()).text == "Hello from the script.");
        return Json::parse(server->requests().back().body);
    };
    const Json openai = bodyOf(RemoteApi::openai)["messages"].back()["content"];
    CHECK(openai[0]["image_url"]["url"] == "data:image/png;base64,aGVsbG8=");
    CHECK(openai[1]["text"] == "Go.");
    const Json anthropic = bodyOf(RemoteApi::anthropic)["messages"].back()["content"];
    CHECK(anthropic[0] == Json::parse(R"({"type":"image","source":{"type":"base64",
        "media_type":"image/png","data":"aGVsbG8="}})"));
    CHECK(anthropic[1]["text"] == "Go.");
}

TEST_CASE("a model that takes no pictures is sent nothing of a request that holds one",
          "[engine][remote]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto model = tests::openScript(*server, "hello", RemoteApi::openai, clock);
    const auto answer = readAnswer(*model, pictureRequest());
    REQUIRE(answer.error);
    CHECK(answer.error->kind() == base::Errc::unsupported);
    CHECK(answer.error->message() == "hello takes no pictures, and the conversation holds some");
    CHECK(server->requests().empty());
}

TEST_CASE("what is no picture, or a giant one, is refused before it is sent", "[engine][remote]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    auto model = openRemoteModel(
        {.baseUrl = server->baseUrl(), .model = "hello", .takesImages = true}, clock);
    REQUIRE(model);
    const Image images[] = {{"text/html", "aGVsbG8="},
                            {"image/png", "\"},{"},
                            {"image/png", ""},
                            {"image/png", std::string(size_t(6) << 20, 'A')}};
    for (const Image& image : images) {
        ChatRequest request = pictureRequest();
        request.messages.back().images = {image};
        const auto answer = readAnswer(**model, request);
        REQUIRE(answer.error);
        CHECK(answer.error->kind() == base::Errc::invalidInput);
    }
    CHECK(server->requests().empty());
}

TEST_CASE("names of models that see are known, with or without their vendor", "[engine][remote]") {
    for (const auto* name : {"claude-opus-4-6", "anthropic/claude-sonnet-5", "gpt-5", "gpt-4o-mini",
                             "gemini-3-pro", "Qwen/Qwen3-VL-30B-A3B"})
        CHECK(knownModel(name).takesImages);
    for (const auto* name :
         {"deepseek-flash", "qwen3-coder", "claude-2.1", "gpt-oss-20b", "my-own"})
        CHECK_FALSE(knownModel(name).takesImages);
    for (const KnownModelFacts& facts : knownModels(0))
        CHECK(facts.contextTokens > 0);
}

}  // namespace
}  // namespace moxie::engine
