// The chain over real remote models and the scripted server.
#include "tests/catch.h"
#include "tests/engine/remote/remote_support.h"

namespace moxie::engine {
namespace {

using tests::HurriedClock;
using tests::readAnswer;
using tests::smallRequest;

std::unique_ptr<ChatModel> chainOf(const tests::ScriptedServer& server, base::Clock& clock,
                                   const std::vector<std::string>& names) {
    std::vector<std::unique_ptr<ChatModel>> models;
    for (const std::string& name : names) {
        if (name != "unreachable") {
            models.push_back(tests::openScript(server, name, RemoteApi::openai, clock));
            continue;
        }
        auto model = openRemoteModel(
            {.baseUrl = "http://127.0.0.1:1", .model = "unreachable", .attemptsMax = 2}, clock);
        REQUIRE(model);
        models.push_back(std::move(*model));
    }
    return makeChain(std::move(models));
}

TEST_CASE("the chain takes the first model that can answer and says why", "[engine][chain]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto chain = chainOf(*server, clock, {"http401", "unreachable", "hello"});
    CHECK(chain->limits().model == "http401");
    const auto answer = readAnswer(*chain, smallRequest());
    REQUIRE(answer.finish);
    CHECK(answer.text == "Hello from the script.");
    REQUIRE_FALSE(answer.chosen.empty());
    CHECK(answer.chosen.back().model == "hello");
    CHECK(answer.chosen.back().reason.find("http401:") != std::string::npos);
    CHECK(answer.chosen.back().reason.find("unreachable:") != std::string::npos);
    CHECK(answer.chosen.back().reason.find("sk-test") == std::string::npos);
    CHECK(chain->limits().model == "hello");

    const size_t nBefore = server->requests().size();
    REQUIRE(readAnswer(*chain, smallRequest()).finish);
    CHECK(server->requests().size() == nBefore + 1);  // the others are not asked again
}

TEST_CASE("an answer that breaks in the middle does not switch the model", "[engine][chain]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto chain = chainOf(*server, clock, {"trunc-for-ever", "cut", "hello"});
    // "trunc-for-ever" gives out nothing before it breaks: the chain moves on. "cut" does.
    const auto answer = readAnswer(*chain, smallRequest());
    REQUIRE(answer.error);
    CHECK(answer.error->kind() == base::Errc::io);
    CHECK(answer.chosen.back().model == "cut");
}

TEST_CASE("when every model fails the last error comes, and next time all are asked again",
          "[engine][chain]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto chain = chainOf(*server, clock, {"http401", "http404"});
    for (int round = 1; round <= 2; ++round) {
        const auto answer = readAnswer(*chain, smallRequest());
        REQUIRE(answer.error);
        CHECK(answer.error->kind() == base::Errc::notFound);
        CHECK(server->requests().size() == size_t(2 * round));
    }
}

TEST_CASE("a stopped answer is cancelled and not handed to the next model", "[engine][chain]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    const auto chain = chainOf(*server, clock, {"hang-at-once", "hello"});
    std::stop_source stop;
    stop.request_stop();
    const auto answer = readAnswer(*chain, smallRequest(), stop.get_token());
    REQUIRE(answer.error);
    CHECK(answer.error->kind() == base::Errc::cancelled);
    CHECK(chain->limits().model == "hang-at-once");
}

TEST_CASE("a picture goes past models that take none, and they stay in for texts",
          "[engine][chain]") {
    const auto server = tests::startScripts();
    HurriedClock clock;
    std::vector<std::unique_ptr<ChatModel>> models;
    models.push_back(tests::openScript(*server, "hello", RemoteApi::openai, clock));
    auto seeing = openRemoteModel(
        {.baseUrl = server->baseUrl(), .model = "blank-lines", .takesImages = true}, clock);
    REQUIRE(seeing);
    models.push_back(std::move(*seeing));
    const auto chain = makeChain(std::move(models));
    CHECK(chain->limits().takesImages);
    ChatRequest request = smallRequest();
    request.messages.back().images = {{"image/png", "aGVsbG8="}};
    const auto answer = readAnswer(*chain, request);
    REQUIRE_FALSE(answer.chosen.empty());
    CHECK(answer.chosen.back().model == "blank-lines");
    CHECK(answer.chosen.back().reason == "hello: it takes no pictures; so the next");
    CHECK(readAnswer(*chain, smallRequest()).chosen.back().model == "hello");
}

}  // namespace
}  // namespace moxie::engine
