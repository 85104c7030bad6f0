// Whatever a client sends, the server answers with an error of the API or an answer, and goes on.
#include <random>

#include "tests/catch.h"
#include "tests/serve/serve_harness.h"

using namespace moxie;
using namespace moxie::tests;

namespace {

struct Target {
    const char* path;
    const char* body;
};

constexpr Target kTargets[] = {
    {"/v1/chat/completions",
     R"({"model":"m","stream":false,"temperature":0.5,"max_tokens":9,"stop":["x"],"seed":1,)"
     R"("messages":[{"role":"system","content":"s"},{"role":"user","content":[{"type":"text",)"
     R"("text":"hi"}]},{"role":"assistant","content":null,"reasoning_content":"r","tool_calls":)"
     R"([{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool",)"
     R"("tool_call_id":"a","content":"out"}],"tools":[{"type":"function","function":{"name":"f",)"
     R"("parameters":{"type":"object"}}}],"response_format":{"type":"json_object"}})"},
    {"/v1/responses",
     R"({"model":"m","instructions":"i","input":[{"role":"user","content":"hi"},{"type":)"
     R"("reasoning","summary":[{"type":"summary_text","text":"t"}]},{"type":"function_call",)"
     R"("call_id":"a","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"a",)"
     R"("output":"o"}],"tools":[{"type":"custom","name":"f"}],"reasoning":{"effort":"low"},)"
     R"("text":{"format":{"type":"text"}},"metadata":{},"max_output_tokens":5})"},
    {"/v1/messages",
     R"({"model":"m","max_tokens":5,"system":[{"type":"text","text":"s"}],"messages":[{"role":)"
     R"("user","content":"hi"},{"role":"assistant","content":[{"type":"thinking","thinking":"t",)"
     R"("signature":"s"},{"type":"tool_use","id":"a","name":"f","input":{"x":1}}]},{"role":"user",)"
     R"("content":[{"type":"tool_result","tool_use_id":"a","content":"o"}]}],"thinking":{"type":)"
     R"("adaptive"},"tools":[{"name":"f","input_schema":{"type":"object"}}]})"}};

// One random change: a byte, a cut, a piece doubled, or a value put in place of another.
std::string mutated(std::string body, std::mt19937& random) {
    static const std::vector<std::string> kValues = {"null",
                                                     "true",
                                                     "-1",
                                                     "1e999",
                                                     "\"\"",
                                                     "[]",
                                                     "{}",
                                                     "[[]]",
                                                     "{\"a\":null}",
                                                     "\"\\ud800\"",
                                                     "18446744073709551616"};
    const size_t at = random() % body.size();
    switch (random() % 4) {
        case 0:
            body[at] = char(random());
            break;
        case 1:
            body.resize(at);
            break;
        case 2:
            body.insert(at, body.substr(random() % body.size(), random() % 40));
            break;
        default: {
            const size_t colon = body.find(':', at);
            if (colon == std::string::npos) break;
            const size_t end = body.find_first_of(",}", colon);
            body.replace(colon + 1, end - colon - 1, kValues[random() % kValues.size()]);
        }
    }
    return body;
}

FakeModel::Answering alwaysSays() {
    return [](size_t, const engine::ChatRequest&) { return says("fine"); };
}

}  // namespace

TEST_CASE("mutated bodies get an answer or an error of the API, never a crash", "[serve]") {
    ServeHarness harness(alwaysSays());
    const unsigned seed = 20261127;
    CAPTURE(seed);
    std::mt19937 random(seed);
    Client client(harness.server().port());
    int nRefused = 0;
    for (int round = 0; round < 1500; ++round) {
        const Target& target = kTargets[size_t(round) % 3];
        std::string body = target.body;
        for (uint64_t n = random() % 3 + 1; n > 0 && !body.empty(); --n)
            body = mutated(std::move(body), random);
        CAPTURE(target.path, body);
        client.send(requestText("POST", target.path, body.empty() ? " " : body));
        const Response response = client.receive();
        const bool isAnswer = response.status == 200;
        REQUIRE((isAnswer || response.status == 400));
        if (isAnswer) continue;
        ++nRefused;
        REQUIRE(response.json()["error"]["message"].is_string());
    }
    CHECK(nRefused > 500);
    CHECK(nRefused < 1490);
}

TEST_CASE("the unchanged bodies of the mutation test are answered", "[serve]") {
    ServeHarness harness(alwaysSays());
    for (const Target& target : kTargets)
        CHECK(harness.postText(target.path, target.body).status == 200);
}

TEST_CASE("mutated heads end in an answer, an error or a closed connection", "[serve]") {
    ServeHarness harness(alwaysSays(), {.headMs = 30});
    std::mt19937 random(7);
    const std::string whole = requestText("POST", "/v1/chat/completions", kTargets[0].body,
                                          {{"Authorization", "Bearer x"}, {"Connection", "close"}});
    const size_t headBytes = whole.find("\r\n\r\n") + 4;
    for (int round = 0; round < 300; ++round) {
        std::string bytes = whole;
        for (uint64_t n = random() % 3 + 1; n > 0; --n)
            bytes[random() % headBytes] = char(random());
        Client client(harness.server().port());
        client.send(bytes);
        client.drain();  // one connection at a time
    }
    CHECK(harness.postText("/v1/chat/completions", kTargets[0].body).status == 200);
}

TEST_CASE("wrong types at every place are refused with the place", "[serve]") {
    ServeHarness harness(alwaysSays());
    for (const Target& target : kTargets) {
        const auto body = serve::parseJson(target.body);
        REQUIRE(body);
        for (const auto& [key, value] : body->items()) {
            if (key == "metadata") continue;  // handed back as it came
            Json changed = *body;
            changed[key] = value.is_number() ? Json("text") : Json(7.5);
            CAPTURE(target.path, key);
            const Response response = harness.post(target.path, changed);
            if (key == "text" || key == "reasoning" || key == "thinking" ||
                key == "response_format")
                continue;  // read through members, which a number does not have
            CHECK(response.status == 400);
            CHECK(response.json()["error"]["message"].get<std::string>().starts_with(key));
        }
    }
}
