#include "tests/catch.h"
#include "tests/serve/serve_harness.h"

using namespace moxie;
using namespace moxie::tests;
using engine::FinishReason;
using engine::Role;

namespace {

constexpr const char* kPath = "/v1/chat/completions";

ScriptedTurn thinksAndSays() {
    ScriptedTurn turn;
    turn.events = {engine::ReasoningDelta{"hm, "}, engine::ReasoningDelta{"yes"},
                   engine::TextDelta{"All "},      engine::TextDelta{"done."},
                   engine::Usage{120, 64, 20, 5},  engine::Finish{FinishReason::stop, {}, "stop"}};
    return turn;
}

Json functionTool(const char* name) {
    return {{"type", "function"},
            {"function",
             {{"name", name},
              {"description", "runs"},
              {"parameters", {{"type", "object"}, {"properties", Json::object()}}}}}};
}

std::string messageOf(const Response& response) {
    return response.json()["error"]["message"].get<std::string>();
}

}  // namespace

TEST_CASE("a whole chat answer has text, reasoning, usage and the reason of its end", "[serve]") {
    ServeHarness harness({thinksAndSays()});
    const Response response = harness.post(kPath, chatBody());
    REQUIRE(response.status == 200);
    const Json json = response.json();
    CHECK(json["object"] == "chat.completion");
    CHECK(json["model"] == "scripted");
    CHECK(json["choices"][0]["message"]["content"] == "All done.");
    CHECK(json["choices"][0]["message"]["reasoning_content"] == "hm, yes");
    CHECK(json["choices"][0]["finish_reason"] == "stop");
    CHECK(json["usage"]["prompt_tokens"] == 120);
    CHECK(json["usage"]["completion_tokens"] == 20);
    CHECK(json["usage"]["total_tokens"] == 140);
    CHECK(json["usage"]["prompt_tokens_details"]["cached_tokens"] == 64);
    CHECK(json["usage"]["completion_tokens_details"]["reasoning_tokens"] == 5);
}

TEST_CASE("a streamed chat answer says the same as a whole one", "[serve]") {
    ServeHarness harness({thinksAndSays()});
    const Response response = harness.post(
        kPath, chatBody({{"stream", true}, {"stream_options", {{"include_usage", true}}}}));
    REQUIRE(response.status == 200);
    CHECK(response.headers.find("text/event-stream") != std::string::npos);
    const auto events = eventsOf(response.body);
    REQUIRE(events.size() == 8);
    CHECK(events[0].json()["choices"][0]["delta"]["role"] == "assistant");
    std::string text, reasoning;
    for (size_t i = 1; i < 5; ++i) {
        const Json delta = events[i].json()["choices"][0]["delta"];
        text += delta.value("content", "");
        reasoning += delta.value("reasoning_content", "");
    }
    CHECK(text == "All done.");
    CHECK(reasoning == "hm, yes");
    CHECK(events[5].json()["choices"][0]["finish_reason"] == "stop");
    CHECK(events[6].json()["choices"].empty());
    CHECK(events[6].json()["usage"]["prompt_tokens_details"]["cached_tokens"] == 64);
    CHECK(events[7].data == "[DONE]");
}

TEST_CASE("without include_usage no chunk speaks of usage", "[serve]") {
    ServeHarness harness({thinksAndSays()});
    const Response response = harness.post(kPath, chatBody({{"stream", true}}));
    CHECK(response.body.find("usage") == std::string::npos);
    CHECK(response.body.ends_with("data: [DONE]\n\n"));
}

TEST_CASE("calls reach the client and their results the model, byte for byte", "[serve]") {
    const std::string arguments = R"({"command":"ls","z":1,"a":"\u00e9"})";
    ServeHarness harness({calls("bash", arguments, "call_7"), says("two files")});
    Json body = chatBody({{"tools", Json::array({functionTool("bash")})}, {"tool_choice", "auto"}});
    const Json answer = harness.post(kPath, body).json()["choices"][0];
    CHECK(answer["finish_reason"] == "tool_calls");
    CHECK(answer["message"]["tool_calls"][0]["id"] == "call_7");
    CHECK(answer["message"]["tool_calls"][0]["function"]["arguments"] == arguments);

    body["messages"].push_back(answer["message"]);
    const Json part = {{"type", "text"}, {"text", "a.txt\nb.txt"}};
    body["messages"].push_back({{"role", "tool"},
                                {"tool_call_id", "call_7"},
                                {"name", "bash"},
                                {"content", Json::array({part})}});
    CHECK(harness.post(kPath, body).status == 200);
    const auto messages = harness.asked().back().messages;
    REQUIRE(messages.size() == 3);
    CHECK(messages[1].role == Role::assistant);
    CHECK(messages[1].reasoning == "let me see");
    REQUIRE(messages[1].toolCalls.size() == 1);
    CHECK(messages[1].toolCalls[0].arguments == arguments);
    CHECK(messages[2].role == Role::tool);
    CHECK(messages[2].toolCallId == "call_7");
    CHECK(messages[2].text == "a.txt\nb.txt");
}

TEST_CASE("streamed calls are numbered and can be joined by their number", "[serve]") {
    ServeHarness harness({callsMany({{"c1", "read", R"({"path":"a"})"}, {"c2", "bash", "{}"}})});
    const auto events = eventsOf(harness.post(kPath, chatBody({{"stream", true}})).body);
    std::map<int, std::string> names, arguments;
    std::string finish;
    for (const ServerEvent& event : events) {
        if (event.data == "[DONE]") continue;
        const Json choice = event.json()["choices"][0];
        if (choice["finish_reason"].is_string()) finish = choice["finish_reason"];
        if (!choice["delta"].contains("tool_calls")) continue;
        const Json piece = choice["delta"]["tool_calls"][0];
        names[piece["index"]] += piece["function"].value("name", "");
        arguments[piece["index"]] += piece["function"].value("arguments", "");
    }
    CHECK(names == std::map<int, std::string>{{0, "read"}, {1, "bash"}});
    CHECK(arguments == std::map<int, std::string>{{0, R"({"path":"a"})"}, {1, "{}"}});
    CHECK(finish == "tool_calls");
}

TEST_CASE("options reach the model", "[serve]") {
    ServeHarness harness({says("x")});
    const Json schema = {{"type", "object"}, {"properties", {{"n", {{"type", "integer"}}}}}};
    const Json format = {{"type", "json_schema"},
                         {"json_schema", {{"name", "answer"}, {"schema", schema}}}};
    REQUIRE(harness
                .post(kPath, chatBody({{"temperature", 0.5},
                                       {"seed", 7},
                                       {"stop", Json::array({"END", "FIN"})},
                                       {"max_completion_tokens", 321},
                                       {"reasoning_effort", "low"},
                                       {"response_format", format}}))
                .status == 200);
    const engine::ChatOptions options = harness.asked().back().options;
    CHECK(options.temperature == 0.5);
    CHECK(options.seed == 7U);
    CHECK(options.stop == std::vector<std::string>{"END", "FIN"});
    CHECK(options.outputTokensMax == 321);
    CHECK(options.effort == engine::Effort::low);
    CHECK(options.responseSchemaJson == serve::dumped(schema));
}

TEST_CASE("system, developer and parts of text become messages", "[serve]") {
    ServeHarness harness({says("x")});
    const Json one = {{"type", "text"}, {"text", "one"}}, two = {{"type", "text"}, {"text", "two"}};
    Json body = chatBody();
    body["messages"] =
        Json::array({Json::object({{"role", "system"}, {"content", "be brief"}}),
                     Json::object({{"role", "developer"}, {"content", "and kind"}}),
                     Json::object({{"role", "user"}, {"content", Json::array({one, two})}})});
    REQUIRE(harness.post(kPath, body).status == 200);
    const auto messages = harness.asked().back().messages;
    REQUIRE(messages.size() == 3);
    CHECK(messages[0].role == Role::system);
    CHECK(messages[1].role == Role::system);
    CHECK(messages[2].text == "one\ntwo");
}

TEST_CASE("tool_choice none hides the tools from the model", "[serve]") {
    ServeHarness harness({says("x")});
    const Json tools = Json::array({functionTool("bash")});
    REQUIRE(harness.post(kPath, chatBody({{"tools", tools}, {"tool_choice", "none"}})).status ==
            200);
    CHECK(harness.asked().back().tools.empty());
}

TEST_CASE("a client that takes one call at a time gets one", "[serve]") {
    ServeHarness harness({callsMany({{"c1", "read", "{}"}, {"c2", "bash", "{}"}})});
    const Json json = harness.post(kPath, chatBody({{"parallel_tool_calls", false}})).json();
    CHECK(json["choices"][0]["message"]["tool_calls"].size() == 1);
}

TEST_CASE("a call that was cut off is never handed on", "[serve]") {
    ScriptedTurn turn;
    turn.events = {engine::ToolCallReady{{"c1", "bash", "{\"command\":\"rm -rf /tmp/x", false}},
                   engine::Finish{FinishReason::length, {}, "length"}};
    ServeHarness harness({turn, turn});
    const Json choice = harness.post(kPath, chatBody()).json()["choices"][0];
    CHECK(choice["finish_reason"] == "length");
    CHECK_FALSE(choice["message"].contains("tool_calls"));
    const Response streamed = harness.post(kPath, chatBody({{"stream", true}}));
    CHECK(streamed.body.find("rm -rf") == std::string::npos);
    CHECK(streamed.body.find("\"length\"") != std::string::npos);
}

TEST_CASE("what cannot be honoured is refused by name", "[serve]") {
    ServeHarness harness(std::vector<ScriptedTurn>{});
    const auto refused = [&](const Json& more) {
        const Response response = harness.post(kPath, chatBody(more));
        CHECK(response.status == 400);
        return messageOf(response);
    };
    CHECK(refused({{"tool_choice", "required"}}).starts_with("tool_choice: \"required\""));
    CHECK(refused({{"n", 2}}) == "n: only 1 is supported");
    CHECK(refused({{"top_p", 0.5}}) == "top_p: only 1 is supported");
    CHECK(refused({{"logprobs", true}}) == "logprobs: is not supported");
    CHECK(refused({{"max_tokens", 0}}).starts_with("max_tokens: is 0"));
    CHECK(refused({{"temperature", "hot"}}) == "temperature: is a string, expected a number");
    CHECK(refused({{"reasoning_effort", "huge"}}).starts_with("reasoning_effort: is 'huge'"));
    CHECK(refused({{"messages", Json::array()}}) == "messages: is empty");
    CHECK(refused({{"model", nullptr}}) == "model: is missing, expected a string");
    const Json image = {{"type", "image_url"}, {"image_url", {{"url", "data:"}}}};
    const Json message = {{"role", "user"}, {"content", Json::array({image})}};
    CHECK(refused({{"messages", Json::array({message})}})
              .starts_with("messages[0].content[0]: is of type 'image_url'"));
    const Json orphan = {{"role", "tool"}, {"content", "x"}, {"tool_call_id", "nobody"}};
    CHECK(refused({{"messages", Json::array({orphan})}}) ==
          "messages[0].tool_call_id: no earlier message made this call");
    CHECK(harness.asked().empty());
}

TEST_CASE("parameters that the API itself would ignore are ignored", "[serve]") {
    ServeHarness harness({says("x")});
    CHECK(harness
              .post(kPath, chatBody({{"user", "me"},
                                     {"metadata", {{"a", "b"}}},
                                     {"top_p", 1},
                                     {"presence_penalty", 0},
                                     {"store", false},
                                     {"unknown_member", Json::array({1})}}))
              .status == 200);
}

TEST_CASE("the model's failures have the right status and OpenAI's form", "[serve]") {
    const auto failing = [](base::Errc kind) {
        ScriptedTurn turn;
        turn.startFailure = base::Error(kind, "temperature: of no use");
        return turn;
    };
    using base::Errc;
    ServeHarness harness({failing(Errc::invalidInput), failing(Errc::unsupported),
                          failing(Errc::denied), failing(Errc::notFound), failing(Errc::io),
                          failing(Errc::internal), failing(Errc::outOfMemory)});
    for (const int status : {400, 400, 403, 404, 502, 500, 503}) {
        const Response response = harness.post(kPath, chatBody({{"stream", true}}));
        CHECK(response.status == status);
        CHECK(messageOf(response) == "temperature: of no use");
        CHECK(response.json()["error"].contains("type"));
        CHECK(response.json()["error"].contains("code"));
        if (status == 400) CHECK(response.json()["error"]["param"] == "temperature");
    }
}

TEST_CASE("a failure in the middle of a stream is told in the stream", "[serve]") {
    ScriptedTurn turn;
    turn.events = {engine::TextDelta{"half"}};
    turn.failure = base::Error(base::Errc::io, "connection lost");
    ServeHarness harness({turn});
    const Response response = harness.post(kPath, chatBody({{"stream", true}}));
    CHECK(response.status == 200);
    const auto events = eventsOf(response.body);
    CHECK(events.back().json()["error"]["message"] == "connection lost");
    CHECK(response.body.find("[DONE]") == std::string::npos);
}

TEST_CASE("an attempt that is made again leaves no trace in a whole answer", "[serve]") {
    ScriptedTurn turn;
    turn.events = {engine::TextDelta{"bro"}, engine::AttemptDiscarded{1, 0, "reset"},
                   engine::TextDelta{"whole"}, engine::Finish{}};
    ServeHarness harness({turn, turn});
    CHECK(harness.post(kPath, chatBody()).json()["choices"][0]["message"]["content"] == "whole");
    const auto events = eventsOf(harness.post(kPath, chatBody({{"stream", true}})).body);
    CHECK(events.back().json()["error"]["message"].get<std::string>().find("ask again") !=
          std::string::npos);
}

TEST_CASE("a conversation that does not fit is told in the words that agents act upon", "[serve]") {
    ServeHarness harness({finishes(FinishReason::contextFull)});
    const Response response = harness.post(kPath, chatBody({{"stream", true}}));
    CHECK(response.status == 400);
    CHECK(response.json()["error"]["code"] == "context_length_exceeded");
}
