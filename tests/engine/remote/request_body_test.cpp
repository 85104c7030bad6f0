// The bytes that are sent: canonical, growing only at the end, and what each vendor wants.
#include "engine/remote/request_body.h"

#include "tests/catch.h"
#include "tests/engine/remote/remote_support.h"

namespace moxie::engine {
namespace {

using tests::Json;

ChatRequest longConversation() {
    ChatRequest request = tests::smallRequest();
    for (int turn = 0; turn < 12; ++turn) {
        const std::string id = "call_" + std::to_string(turn);
        request.messages.push_back(
            {.role = Role::assistant,
             .text = turn % 3 == 0 ? "" : "Next \"step\"\n默契",
             .reasoning = turn == 5 ? "" : "I think.",
             .toolCalls = {{id, "bash", R"({"command": "ls"})"},
                           {id + "b", "bash", "{\"command\": \"cu", false}}});
        request.messages.push_back({.role = Role::tool, .text = "a\tb", .toolCallId = id});
        request.messages.push_back(
            {.role = Role::tool, .text = "", .toolCallId = id + "b", .isToolError = true});
        if (turn % 4 == 1) request.messages.push_back({.role = Role::user, .text = "And now?"});
        if (turn % 4 == 2) request.messages.push_back({.role = Role::assistant, .text = "Done."});
    }
    return request;
}

std::string bodyOf(const ChatRequest& request, RemoteApi api, const std::string& model) {
    RequestShape shape;
    shape.model = model;
    shape.known = knownModel(model);
    return api == RemoteApi::openai ? openAiBody(request, shape) : anthropicBody(request, shape);
}

Json jsonOf(const ChatRequest& request, RemoteApi api, const std::string& model) {
    return Json::parse(bodyOf(request, api, model));
}

TEST_CASE("each request begins with the bytes of the one before, up to the closing brackets",
          "[engine][remote]") {
    const auto api = GENERATE(RemoteApi::openai, RemoteApi::anthropic);
    const auto* model = GENERATE("some-model", "deepseek-flash", "claude-sonnet-4-6");
    CAPTURE(model);
    const ChatRequest whole = longConversation();
    std::string before;
    for (size_t n = 2; n <= whole.messages.size(); ++n) {
        ChatRequest request = whole;
        request.messages.resize(n);
        const std::string body = bodyOf(request, api, model);
        REQUIRE(Json::parse(body, nullptr, false).is_object());
        before.resize(before.find_last_not_of("]}") + 1);
        // The last message may end in brackets of its own, so that a few bytes more are cut off.
        CAPTURE(n, before.size());
        REQUIRE(body.starts_with(before));
        before = body;
    }
}

TEST_CASE("cut and malformed arguments go back as JSON objects, whole ones byte for byte",
          "[engine][remote]") {
    CHECK(argumentsAsObject("{\"a\" :  1}") == "{\"a\" :  1}");
    CHECK(argumentsAsObject("") == "{}");
    CHECK(argumentsAsObject("[1]") == R"({"unparsed":"[1]"})");
    CHECK(argumentsAsObject("{\"a\":\"b") == R"({"unparsed":"{\"a\":\"b"})");
    CHECK(Json::parse(argumentsAsObject("{\"a\":\"\xFF\"}")).contains("unparsed"));
}

TEST_CASE("DeepSeek gets its thinking switch, effort and the reasoning of earlier turns",
          "[engine][remote]") {
    ChatRequest request = longConversation();
    request.options.effort = Effort::max;
    Json body = jsonOf(request, RemoteApi::openai, "deepseek-flash");
    CHECK(body["thinking"]["type"] == "enabled");
    CHECK(body["reasoning_effort"] == "max");
    CHECK(body["max_tokens"] == 8192);
    CHECK(body["messages"][2]["reasoning_content"] == "I think.");
    CHECK(body["messages"][2]["content"] == "");
    CHECK(body["messages"][4]["content"] == kNoOutput);

    SECTION("calls whose reasoning is lost become text, never invented reasoning") {
        for (const Json& message : body["messages"])
            if (message.contains("tool_calls")) CHECK(message.contains("reasoning_content"));
        CHECK(body.dump().find("earlier call of bash") != std::string::npos);
    }
    SECTION("without tools or for other models nothing is sent back") {
        CHECK_FALSE(jsonOf(request, RemoteApi::openai, "some-model")["messages"][2].contains(
            "reasoning_content"));
        request.tools.clear();
        CHECK_FALSE(jsonOf(request, RemoteApi::openai, "deepseek-flash")["messages"][2].contains(
            "reasoning_content"));
    }
    SECTION("no effort is no thinking") {
        request.options.effort = Effort::none;
        body = jsonOf(request, RemoteApi::openai, "deepseek-flash");
        CHECK(body["thinking"]["type"] == "disabled");
        CHECK_FALSE(body.contains("reasoning_effort"));
    }
}

TEST_CASE("Claude gets adaptive thinking from 4.6 on and a budget before", "[engine][remote]") {
    ChatRequest request = tests::smallRequest();
    request.options.temperature = 0.0;
    Json body = jsonOf(request, RemoteApi::anthropic, "claude-opus-4-6");
    CHECK(body["thinking"]["type"] == "adaptive");
    CHECK(body["output_config"]["effort"] == "high");
    CHECK_FALSE(body.contains("temperature"));
    body = jsonOf(request, RemoteApi::anthropic, "claude-haiku-4-5-20251001");
    CHECK(body["thinking"]["budget_tokens"] == 4096);
    CHECK_FALSE(body.contains("output_config"));
    request.options.effort = Effort::none;
    body = jsonOf(request, RemoteApi::anthropic, "claude-haiku-4-5-20251001");
    CHECK_FALSE(body.contains("thinking"));
    CHECK(body["temperature"] == 0.0);
    CHECK(body["system"][0]["text"] == "You are a test.");
}

TEST_CASE("results of one answer share one message, before what the user says",
          "[engine][remote]") {
    const Json body = jsonOf(longConversation(), RemoteApi::anthropic, "m");
    std::string before;
    for (const Json& message : body["messages"]) {
        CHECK(message["role"] != before);
        before = message["role"];
    }
    const Json& results = body["messages"][2]["content"];
    REQUIRE(results.size() == 2);
    CHECK(results[0]["tool_use_id"] == "call_0");
    CHECK(results[1]["is_error"] == true);
}

TEST_CASE("bytes that are no UTF-8 are replaced and never break a request", "[engine][remote]") {
    ChatRequest request = tests::smallRequest();
    request.messages.push_back({.role = Role::user, .text = "\xFF\xC0 x"});
    for (const auto api : {RemoteApi::openai, RemoteApi::anthropic})
        CHECK(jsonOf(request, api, "m").is_object());
}

TEST_CASE("DeepSeek's price doubles at peak hours of a working day", "[engine][remote]") {
    constexpr int64_t kHourMs = 3'600'000;
    constexpr int64_t kMonday = 1'795'392'000'000;  // 2026-11-23 00:00 UTC
    CHECK(knownPrice("deepseek-flash", kMonday)->input == Approx(0.15));
    CHECK(knownPrice("deepseek-flash", kMonday + 2 * kHourMs)->input == Approx(0.30));
    CHECK(knownPrice("deepseek-v4-pro", kMonday + 7 * kHourMs)->output == Approx(3.96));
    CHECK(knownPrice("deepseek/deepseek-flash", kMonday + 10 * kHourMs)->output == Approx(0.60));
    CHECK(knownPrice("deepseek-flash", kMonday - 22 * kHourMs)->output == Approx(0.60));  // Sunday
    CHECK_FALSE(knownPrice("some-model", kMonday));
}

}  // namespace
}  // namespace moxie::engine
