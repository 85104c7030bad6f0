#include "tests/catch.h"
#include "tests/serve/serve_harness.h"

using namespace moxie;
using namespace moxie::tests;
using engine::FinishReason;
using engine::Role;

namespace {

constexpr const char* kPath = "/v1/messages?beta=true";

Json messagesBody(const Json& more = Json::object()) {
    Json body = chatBody({{"max_tokens", 100}});
    body.update(more);
    return body;
}

ScriptedTurn thinksSaysCalls() {
    ScriptedTurn turn;
    turn.events = {engine::ReasoningDelta{"think"},
                   engine::TextDelta{"I "},
                   engine::TextDelta{"look."},
                   engine::ToolCallReady{{"toolu_1", "Bash", R"({"z":1,"command":"ls"})", true}},
                   engine::Usage{100, 40, 20, 5},
                   engine::Finish{FinishReason::toolCalls, {}, "tool_use"}};
    return turn;
}

std::vector<std::string> namesOf(const std::vector<ServerEvent>& events) {
    std::vector<std::string> names;
    for (const ServerEvent& event : events)
        names.push_back(event.name);
    return names;
}

}  // namespace

TEST_CASE("a whole message has blocks, the reason of its end, and usage without overlap",
          "[serve]") {
    ServeHarness harness({thinksSaysCalls()});
    const Json json = harness.post(kPath, messagesBody()).json();
    CHECK(json["type"] == "message");
    CHECK(json["stop_reason"] == "tool_use");
    REQUIRE(json["content"].size() == 3);
    CHECK(json["content"][0]["thinking"] == "think");
    CHECK(json["content"][1]["text"] == "I look.");
    CHECK(json["content"][2]["input"]["command"] == "ls");
    CHECK(json["usage"]["input_tokens"] == 60);
    CHECK(json["usage"]["cache_read_input_tokens"] == 40);
    CHECK(json["usage"]["output_tokens"] == 20);
}

TEST_CASE("message events come in the order of the API, each block closed before the next",
          "[serve]") {
    ServeHarness harness({thinksSaysCalls()});
    const auto events = eventsOf(harness.post(kPath, messagesBody({{"stream", true}})).body);
    CHECK(namesOf(events) == std::vector<std::string>{
                                 "message_start", "content_block_start", "content_block_delta",
                                 "content_block_delta", "content_block_stop", "content_block_start",
                                 "content_block_delta", "content_block_delta", "content_block_stop",
                                 "content_block_start", "content_block_delta", "content_block_stop",
                                 "message_delta", "message_stop"});
    CHECK(events[3].json()["delta"]["type"] == "signature_delta");
    CHECK(events[5].json()["index"] == 1);
    CHECK(events[10].json()["delta"]["partial_json"] == R"({"z":1,"command":"ls"})");
    CHECK(events[12].json()["delta"]["stop_reason"] == "tool_use");
    CHECK(events[12].json()["usage"]["input_tokens"] == 60);
    CHECK(events[12].json()["usage"]["cache_read_input_tokens"] == 40);
}

TEST_CASE("blocks become messages: results first, then what the user says", "[serve]") {
    ServeHarness harness({says("done")});
    const Json text = {
        {"type", "text"}, {"text", "rules"}, {"cache_control", {{"type", "ephemeral"}}}};
    Json messages = Json::array();
    messages.push_back({{"role", "user"}, {"content", "look"}});
    messages.push_back(
        {{"role", "assistant"},
         {"content",
          Json::array({Json::object({{"type", "thinking"}, {"thinking", "t"}, {"signature", "s"}}),
                       Json::object({{"type", "text"}, {"text", "I look."}}),
                       Json::object({{"type", "tool_use"},
                                     {"id", "a"},
                                     {"name", "Bash"},
                                     {"input", {{"z", 1}, {"b", 2}}}})})}});
    messages.push_back(
        {{"role", "user"},
         {"content", Json::array({Json::object({{"type", "tool_result"},
                                                {"tool_use_id", "a"},
                                                {"content", Json::array({text})},
                                                {"is_error", true}}),
                                  Json::object({{"type", "text"}, {"text", "go on"}})})}});
    messages.push_back({{"role", "system"}, {"content", "a reminder"}});
    REQUIRE(harness
                .post(kPath, messagesBody({{"messages", messages},
                                           {"system", Json::array({text})},
                                           {"thinking", {{"type", "adaptive"}}},
                                           {"output_config", {{"effort", "low"}}},
                                           {"context_management", {{"edits", Json::array()}}}}))
                .status == 200);
    const engine::ChatRequest request = harness.asked().back();
    REQUIRE(request.messages.size() == 6);
    CHECK(request.messages[0].text == "rules");
    CHECK(request.messages[2].reasoning == "t");
    CHECK(request.messages[2].text == "I look.");
    CHECK(request.messages[2].toolCalls[0].arguments == R"({"z":1,"b":2})");
    CHECK(request.messages[3].role == Role::tool);
    CHECK(request.messages[3].isToolError);
    CHECK(request.messages[4].text == "go on");
    CHECK(request.messages[5].role == Role::system);
    CHECK(request.options.effort == engine::Effort::low);
    CHECK(request.options.outputTokensMax == 100);
}

TEST_CASE("thinking is off unless it is asked for", "[serve]") {
    ServeHarness harness({says("x"), says("x")});
    harness.post(kPath, messagesBody());
    CHECK(harness.asked().back().options.effort == engine::Effort::none);
    harness.post(kPath,
                 messagesBody({{"thinking", {{"type", "enabled"}, {"budget_tokens", 2048}}}}));
    CHECK(harness.asked().back().options.effort == engine::Effort::high);
}

TEST_CASE("signed thinking of an upstream comes back to it unchanged", "[serve]") {
    const std::string blocks = R"([{"type":"thinking","thinking":"a","signature":"s=="}])";
    ScriptedTurn turn;
    turn.events = {engine::ReasoningDelta{"a"}, engine::TextDelta{"b"},
                   engine::Finish{FinishReason::stop, blocks, "end_turn"}};
    ServeHarness harness({turn, says("fine")});
    const Json answer = harness.post(kPath, messagesBody()).json();
    Json messages = Json::array({Json::object({{"role", "user"}, {"content", "hi"}})});
    messages.push_back({{"role", "assistant"}, {"content", answer["content"]}});
    messages.push_back({{"role", "user"}, {"content", "and?"}});
    REQUIRE(harness.post(kPath, messagesBody({{"messages", messages}})).status == 200);
    CHECK(harness.asked().back().messages[1].reasoningBlocks == blocks);
}

TEST_CASE("tokens are counted without asking the model", "[serve]") {
    ServeHarness harness(std::vector<ScriptedTurn>{});
    const Json json = harness.post("/v1/messages/count_tokens", chatBody()).json();
    CHECK(json["input_tokens"].get<int64_t>() > 10);
    CHECK(harness.asked().empty());
}

TEST_CASE("errors have Anthropic's form and names", "[serve]") {
    ScriptedTurn denied;
    denied.startFailure = base::Error(base::Errc::denied, "key refused");
    ServeHarness harness({denied});
    const auto errorOf = [&](const Json& body, int status) {
        const Response response = harness.post(kPath, body);
        CHECK(response.status == status);
        CHECK(response.json()["type"] == "error");
        return response.json()["error"];
    };
    CHECK(errorOf(messagesBody(), 403)["type"] == "permission_error");
    CHECK(errorOf(chatBody(), 400)["message"] == "max_tokens: is missing, expected a number");
    CHECK(errorOf(messagesBody({{"tool_choice", {{"type", "any"}}}}), 400)["type"] ==
          "invalid_request_error");
    CHECK(errorOf(messagesBody({{"top_k", 5}}), 400)["message"] == "top_k: is not supported");
    CHECK(errorOf(messagesBody({{"temperature", 1.5}}), 400)["type"] == "invalid_request_error");
    const Json hosted = {{"type", "web_search_20250305"}, {"name", "web_search"}};
    CHECK(errorOf(messagesBody({{"tools", Json::array({hosted})}}), 400)["message"]
              .get<std::string>()
              .starts_with("tools[0].type: the hosted tool"));
    const Json last = {{"role", "assistant"}, {"content", "I would"}};
    CHECK(errorOf(messagesBody({{"messages", Json::array({last})}}), 400)["type"] ==
          "invalid_request_error");
    CHECK(harness.get("/v1/messages").status == 405);
}

TEST_CASE("a stream that breaks ends with an error event", "[serve]") {
    ScriptedTurn turn;
    turn.events = {engine::TextDelta{"half"}};
    turn.failure = base::Error(base::Errc::io, "connection lost");
    ServeHarness harness({turn});
    const auto events = eventsOf(harness.post(kPath, messagesBody({{"stream", true}})).body);
    CHECK(events.back().name == "error");
    CHECK(events.back().json()["error"]["type"] == "api_error");
}

TEST_CASE("arguments that are no object are handed on in a form no tool takes", "[serve]") {
    ServeHarness harness({calls("Bash", "[1]", "a"), calls("Bash", "", "b")});
    const Json first = harness.post(kPath, messagesBody()).json()["content"][1]["input"];
    CHECK(first == Json::object({{"malformed_arguments", "[1]"}}));
    CHECK(harness.post(kPath, messagesBody()).json()["content"][1]["input"] == Json::object());
}
