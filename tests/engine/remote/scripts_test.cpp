// Every script of tests/data/scripts through both clients over loopback. What must come out stands
// in the script's "expect", beside what the server does.
#include <algorithm>
#include <atomic>
#include <filesystem>
#include <set>
#include <thread>

#include "base/file.h"
#include "tests/catch.h"
#include "tests/engine/remote/remote_support.h"

namespace moxie::tests {
namespace {

namespace fs = std::filesystem;
using engine::RemoteApi;

struct Scripted {
    std::string name;
    Json json;
};

std::vector<Scripted> allScripts() {
    std::vector<Scripted> scripts;
    for (const auto& entry : fs::directory_iterator(MOXIE_SOURCE_DIR "/tests/data/scripts")) {
        const auto text = base::readFile(entry.path());
        REQUIRE(text);
        scripts.push_back({entry.path().stem().string(), Json::parse(*text)});
    }
    std::sort(scripts.begin(), scripts.end(),
              [](const Scripted& a, const Scripted& b) { return a.name < b.name; });
    return scripts;
}

std::string wordOf(engine::FinishReason reason) {
    switch (reason) {
        case engine::FinishReason::stop:
            return "stop";
        case engine::FinishReason::toolCalls:
            return "toolCalls";
        case engine::FinishReason::length:
            return "length";
        case engine::FinishReason::contextFull:
            return "contextFull";
        case engine::FinishReason::refusal:
            return "refusal";
    }
    return "?";
}

void checkCalls(const ReadAnswer& answer, const Json& expect) {
    if (expect.contains("calls")) CHECK(int64_t(answer.calls.size()) == expect["calls"]);
    const auto nComplete = std::count_if(answer.calls.begin(), answer.calls.end(),
                                         [](const auto& call) { return call.isComplete; });
    if (expect.contains("complete"))
        CHECK(int64_t(nComplete) == expect["complete"]);
    else
        CHECK(size_t(nComplete) == answer.calls.size());
    if (expect.contains("arguments"))
        CHECK(Json(answer.calls.at(0).arguments) == expect["arguments"]);
    std::set<std::string> ids;
    for (const auto& call : answer.calls)
        ids.insert(call.id);
    CHECK(ids.size() == answer.calls.size());
    CHECK(ids.count("") == 0);
}

void checkAnswer(const ReadAnswer& answer, const Json& expect) {
    CHECK(answer.isOrdered);
    if (expect.contains("error")) {
        REQUIRE(answer.error);
        CHECK(base::toString(answer.error->kind()) == expect["error"].get<std::string>());
        CHECK(answer.error->message().find("sk-test-0123456789") == std::string::npos);
        CHECK(answer.error->message().size() < 1000);
        CHECK_FALSE(answer.finish);
    } else {
        INFO((answer.error ? answer.error->message() : "no error"));
        REQUIRE(answer.finish);
        CHECK(wordOf(answer.finish->reason) == expect["finish"].get<std::string>());
        checkCalls(answer, expect);
    }
    CHECK(answer.nDiscarded == expect.value("discarded", int64_t(0)));
    if (expect.contains("text")) CHECK(answer.text == expect["text"].get<std::string>());
    if (expect.contains("reasoning"))
        CHECK(answer.reasoning == expect["reasoning"].get<std::string>());
    if (expect.value("queued", false)) CHECK(answer.nWaiting > 0);
    if (expect.contains("usage")) {
        REQUIRE(answer.usage);
        CHECK(answer.usage->inputTokens == expect["usage"]["input"]);
        CHECK(answer.usage->cachedInputTokens == expect["usage"]["cached"]);
        CHECK(answer.usage->outputTokens == expect["usage"]["output"]);
    }
}

bool isFor(const Scripted& script, const char* api) {
    const Json apis = script.json.value("apis", Json::array({"openai", "anthropic"}));
    return std::find(apis.begin(), apis.end(), api) != apis.end();
}

void runScript(const Scripted& script, RemoteApi api) {
    CAPTURE(script.name, api == RemoteApi::openai);
    const Json& expect = script.json["expect"];
    const auto server = startScripts();
    REQUIRE(server);
    HurriedClock clock;
    const auto model = openScript(*server, script.name, api, clock);
    REQUIRE(model);
    const ReadAnswer answer = readAnswer(*model, smallRequest());
    checkAnswer(answer, expect);
    if (expect.contains("requests"))
        CHECK(int64_t(server->requests().size()) == expect["requests"]);
    if (expect.contains("waits"))
        CHECK(clock.sleeps() == expect["waits"].get<std::vector<int64_t>>());
    CHECK(int64_t(server->requests().size()) == answer.nDiscarded + 1);
}

void runAll(bool areSlow) {
    int64_t nRun = 0;
    for (const Scripted& script : allScripts()) {
        const Json& expect = script.json.at("expect");
        if (expect.value("hangs", false) || expect.value("slow", false) != areSlow) continue;
        INFO(script.name);
        if (isFor(script, "openai")) runScript(script, RemoteApi::openai);
        if (isFor(script, "anthropic")) runScript(script, RemoteApi::anthropic);
        ++nRun;
    }
    CHECK(nRun >= (areSlow ? 3 : 100));
}

TEST_CASE("every script comes out of both clients as it says itself", "[engine][remote]") {
    runAll(false);
}

TEST_CASE("endless answers end, and a finish without an end does not wait",
          "[engine][remote][.slow]") {
    runAll(true);
}

TEST_CASE("a stream that falls silent is tried again, and then given up", "[engine][remote]") {
    const auto* name = GENERATE("hang", "hang-at-once");
    const auto api = GENERATE(RemoteApi::openai, RemoteApi::anthropic);
    CAPTURE(name);
    const auto server = startScripts();
    REQUIRE(server);
    HurriedClock clock;
    const auto model = openScript(*server, name, api, clock, /*idleTimeoutMs=*/60);
    const ReadAnswer answer = readAnswer(*model, smallRequest());
    REQUIRE(answer.error);
    CHECK(answer.error->kind() == base::Errc::io);
    CHECK(answer.error->message().find("sent nothing") != std::string::npos);
    CHECK(answer.nDiscarded == 5);
}

TEST_CASE("a stop ends a silent or chattering stream within 100 ms", "[engine][remote]") {
    const auto* name = GENERATE("hang", "hang-at-once", "keep-alive-only", "endless-text");
    CAPTURE(name);
    const auto server = startScripts();
    REQUIRE(server);
    base::SystemClock clock;
    const auto model = openScript(*server, name, RemoteApi::openai, clock);
    std::stop_source stop;
    std::atomic<int64_t> stoppedMs = 0;
    ReadAnswer answer;
    {
        std::jthread stopper([&] {
            while (server->requests().empty())
                std::this_thread::yield();
            stoppedMs = clock.steadyMs();
            stop.request_stop();
        });
        answer = readAnswer(*model, smallRequest(), stop.get_token());
    }
    CHECK(clock.steadyMs() - stoppedMs < 100);
    REQUIRE(answer.error);
    CHECK(answer.error->kind() == base::Errc::cancelled);
}

TEST_CASE("a stream that is dropped early ends its thread", "[engine][remote]") {
    const auto server = startScripts();
    REQUIRE(server);
    base::SystemClock clock;
    const auto model = openScript(*server, "endless-text", RemoteApi::anthropic, clock);
    const int64_t beginMs = clock.steadyMs();
    auto stream = model->start(smallRequest(), {});
    REQUIRE(stream);
    REQUIRE((*stream)->next());
    stream->reset();
    CHECK(clock.steadyMs() - beginMs < 1000);
}

}  // namespace
}  // namespace moxie::tests
