#include "tests/catch.h"
#include "tests/serve/serve_harness.h"

using namespace moxie;
using namespace moxie::tests;
using engine::FinishReason;
using engine::Role;

namespace {

constexpr const char* kPath = "/v1/responses";

Json askBody(const Json& more = Json::object()) {
    Json body = {{"model", "any"}, {"input", "hi"}};
    body.update(more);
    return body;
}

ScriptedTurn thinksSaysCalls() {
    ScriptedTurn turn;
    turn.events = {engine::ReasoningDelta{"think"},
                   engine::TextDelta{"I "},
                   engine::TextDelta{"look."},
                   engine::ToolCallReady{{"call_1", "shell", R"({"cmd":"ls"})", true}},
                   engine::Usage{100, 40, 20, 5},
                   engine::Finish{FinishReason::toolCalls, {}, "tool_calls"}};
    return turn;
}

std::vector<std::string> namesOf(const std::vector<ServerEvent>& events) {
    std::vector<std::string> names;
    for (const ServerEvent& event : events)
        names.push_back(event.name);
    return names;
}

}  // namespace

TEST_CASE("response events come in order, numbered, with their items", "[serve]") {
    ServeHarness harness({thinksSaysCalls()});
    const auto events = eventsOf(harness.post(kPath, askBody({{"stream", true}})).body);
    CHECK(namesOf(events) == std::vector<std::string>{"response.created",
                                                      "response.in_progress",
                                                      "response.output_item.added",
                                                      "response.reasoning_summary_part.added",
                                                      "response.reasoning_summary_text.delta",
                                                      "response.reasoning_summary_text.done",
                                                      "response.reasoning_summary_part.done",
                                                      "response.output_item.done",
                                                      "response.output_item.added",
                                                      "response.content_part.added",
                                                      "response.output_text.delta",
                                                      "response.output_text.delta",
                                                      "response.output_text.done",
                                                      "response.content_part.done",
                                                      "response.output_item.done",
                                                      "response.output_item.added",
                                                      "response.function_call_arguments.delta",
                                                      "response.function_call_arguments.done",
                                                      "response.output_item.done",
                                                      "response.completed"});
    for (size_t i = 0; i < events.size(); ++i) {
        CHECK(events[i].json()["sequence_number"] == i);
        CHECK(events[i].json()["type"] == events[i].name);
    }
    const Json response = events.back().json()["response"];
    CHECK(response["status"] == "completed");
    CHECK(response["store"] == false);
    REQUIRE(response["output"].size() == 3);
    CHECK(response["output"][0]["summary"][0]["text"] == "think");
    CHECK(response["output"][1]["content"][0]["text"] == "I look.");
    CHECK(response["output"][2]["arguments"] == R"({"cmd":"ls"})");
    CHECK(response["output"][2]["call_id"] == "call_1");
    CHECK(response["usage"]["input_tokens_details"]["cached_tokens"] == 40);
    CHECK(response["usage"]["output_tokens_details"]["reasoning_tokens"] == 5);
    CHECK(response["usage"]["total_tokens"] == 120);
}

TEST_CASE("a whole response has the items of a streamed one", "[serve]") {
    ServeHarness harness({thinksSaysCalls(), thinksSaysCalls()});
    const Json whole = harness.post(kPath, askBody()).json();
    const auto events = eventsOf(harness.post(kPath, askBody({{"stream", true}})).body);
    Json streamed = events.back().json()["response"];
    REQUIRE(whole["output"].size() == streamed["output"].size());
    for (size_t i = 0; i < whole["output"].size(); ++i) {
        Json a = whole["output"][i], b = streamed["output"][i];
        a.erase("id");
        b.erase("id");
        CHECK(a == b);
    }
    CHECK(whole["usage"] == streamed["usage"]);
}

TEST_CASE("items of one answer go back to the model as one message", "[serve]") {
    ServeHarness harness({says("done")});
    Json input = Json::array();
    input.push_back({{"role", "developer"}, {"content", "rules"}});
    input.push_back(
        {{"type", "message"},
         {"role", "user"},
         {"content", Json::array({Json::object({{"type", "input_text"}, {"text", "look"}})})}});
    input.push_back(
        {{"type", "reasoning"},
         {"id", "rs_1"},
         {"summary", Json::array({Json::object({{"type", "summary_text"}, {"text", "think"}})})},
         {"encrypted_content", nullptr}});
    input.push_back(
        {{"type", "message"},
         {"role", "assistant"},
         {"content", Json::array({Json::object({{"type", "output_text"}, {"text", "I look."}})})}});
    input.push_back({{"type", "function_call"},
                     {"call_id", "c1"},
                     {"name", "shell"},
                     {"arguments", R"({"cmd": "ls"})"}});
    input.push_back({{"type", "function_call_output"}, {"call_id", "c1"}, {"output", "a.txt"}});
    REQUIRE(harness.post(kPath, askBody({{"input", input}, {"instructions", "be brief"}})).status ==
            200);
    const auto messages = harness.asked().back().messages;
    REQUIRE(messages.size() == 5);
    CHECK(messages[0].text == "be brief");
    CHECK(messages[1].role == Role::system);
    CHECK(messages[3].role == Role::assistant);
    CHECK(messages[3].reasoning == "think");
    CHECK(messages[3].text == "I look.");
    REQUIRE(messages[3].toolCalls.size() == 1);
    CHECK(messages[3].toolCalls[0].arguments == R"({"cmd": "ls"})");
    CHECK(messages[4].text == "a.txt");
}

TEST_CASE("free-text tools and tools in namespaces come back in their own form", "[serve]") {
    ServeHarness harness({callsMany({{"c1", "apply_patch", R"({"input":"*** Begin"})"},
                                     {"c2", "spawn", R"({"task":"x"})"}}),
                          says("fine")});
    Json tools = Json::array();
    tools.push_back({{"type", "custom"}, {"name", "apply_patch"}, {"description", "patches"}});
    tools.push_back(
        {{"type", "namespace"},
         {"name", "agents"},
         {"tools", Json::array({Json::object({{"type", "function"}, {"name", "spawn"}})})}});
    tools.push_back({{"type", "web_search"}});
    const Json response = harness.post(kPath, askBody({{"tools", tools}})).json();
    CHECK(harness.asked().back().tools.size() == 2);  // the hosted one is left out
    const Json items = response["output"];
    REQUIRE(items.size() == 3);
    CHECK(items[1]["type"] == "custom_tool_call");
    CHECK(items[1]["input"] == "*** Begin");
    CHECK(items[2]["type"] == "function_call");
    CHECK(items[2]["namespace"] == "agents");

    Json input = items;
    input.push_back(
        {{"type", "custom_tool_call_output"}, {"call_id", "c1"}, {"output", "patched"}});
    input.push_back({{"type", "function_call_output"}, {"call_id", "c2"}, {"output", "ok"}});
    REQUIRE(harness.post(kPath, askBody({{"input", input}, {"tools", tools}})).status == 200);
    CHECK(harness.asked().back().messages[0].toolCalls[0].arguments == R"({"input":"*** Begin"})");
}

TEST_CASE("an upstream's reasoning blocks travel through the client unchanged", "[serve]") {
    const std::string blocks = R"([{"type":"thinking","thinking":"a","signature":"s=="}])";
    ScriptedTurn turn;
    turn.events = {engine::ReasoningDelta{"a"}, engine::TextDelta{"b"},
                   engine::Finish{FinishReason::stop, blocks, "stop"}};
    for (const bool isStreaming : {false, true}) {
        ServeHarness harness({turn, says("fine")});
        const Response first = harness.post(kPath, askBody({{"stream", isStreaming}}));
        Json input = isStreaming ? eventsOf(first.body).back().json()["response"]["output"]
                                 : first.json()["output"];
        input.push_back({{"role", "user"}, {"content", "and?"}});
        REQUIRE(harness.post(kPath, askBody({{"input", input}})).status == 200);
        const auto messages = harness.asked().back().messages;
        REQUIRE(messages.size() == 2);
        CHECK(messages[0].reasoningBlocks == blocks);
        CHECK(messages[0].reasoning == "a");
        CHECK(messages[0].text == "b");
    }
}

TEST_CASE("what refers to stored responses is refused", "[serve]") {
    ServeHarness harness(std::vector<ScriptedTurn>{});
    for (const char* name : {"previous_response_id", "conversation", "prompt"}) {
        const Response response = harness.post(kPath, askBody({{name, "resp_1"}}));
        CHECK(response.status == 400);
        CHECK(response.json()["error"]["param"] == name);
        CHECK(response.json()["error"]["message"].get<std::string>().find("stores nothing") !=
              std::string::npos);
    }
    CHECK(harness.post(kPath, askBody({{"background", true}})).status == 400);
    CHECK(harness.post(kPath, askBody({{"tool_choice", "required"}})).status == 400);
    const Json reference = {{"type", "item_reference"}, {"id", "x"}};
    CHECK(harness.post(kPath, askBody({{"input", Json::array({reference})}})).status == 400);
}

TEST_CASE("a cut response is incomplete and a broken one failed", "[serve]") {
    ScriptedTurn broken;
    broken.events = {engine::TextDelta{"half"}};
    broken.failure = base::Error(base::Errc::io, "connection lost");
    const ScriptedTurn tooLong = finishes(FinishReason::length, "half");
    ServeHarness harness({tooLong, tooLong, broken});
    const Json cut = harness.post(kPath, askBody()).json();
    CHECK(cut["output"][0]["status"] == "incomplete");
    const auto cutEvents = eventsOf(harness.post(kPath, askBody({{"stream", true}})).body);
    CHECK(cutEvents.back().name == "response.incomplete");
    CHECK(cutEvents.back().json()["response"]["output"][0]["status"] == "incomplete");
    CHECK(cut["status"] == "incomplete");
    CHECK(cut["incomplete_details"]["reason"] == "max_output_tokens");
    const auto events = eventsOf(harness.post(kPath, askBody({{"stream", true}})).body);
    CHECK(events.back().name == "response.failed");
    CHECK(events.back().json()["response"]["error"]["message"] == "connection lost");
}
