// Prompts of every family against those of the makers' own templates and encoders.
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "engine/chat/chat_family.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

using nlohmann::json;

// Made by tests/bench/peers/chat/compare.py --golden.
constexpr const char* kPrompts = MOXIE_SOURCE_DIR "/tests/data/engine/chat_prompts.json";

std::vector<Message> messagesOf(const json& request) {
    const std::map<std::string, Role> roles = {{"system", Role::system},
                                               {"user", Role::user},
                                               {"assistant", Role::assistant},
                                               {"tool", Role::tool}};
    std::vector<Message> messages;
    for (const auto& one : request["messages"]) {
        Message message = {.role = roles.at(one["role"].get<std::string>()),
                           .text = one.value("content", ""),
                           .reasoning = one.value("reasoning", ""),
                           .toolCallId = one.value("tool_call_id", "")};
        for (const auto& call : one.value("tool_calls", json::array()))
            message.toolCalls.push_back({.id = call["id"].get<std::string>(),
                                         .name = call["name"].get<std::string>(),
                                         .arguments = call["arguments"].get<std::string>()});
        messages.push_back(std::move(message));
    }
    return messages;
}

std::vector<ToolSchema> toolsOf(const json& request) {
    std::vector<ToolSchema> tools;
    for (const auto& tool : request.value("tools", json::array()))
        tools.push_back({.name = tool["name"].get<std::string>(),
                         .description = tool["description"].get<std::string>(),
                         .parametersJson = tool["parameters"].get<std::string>()});
    return tools;
}

Effort effortNamed(const std::string& name) {
    const std::map<std::string, Effort> efforts = {
        {"none", Effort::none}, {"low", Effort::low}, {"high", Effort::high}, {"max", Effort::max}};
    return efforts.at(name);
}

MarkerNames everyName() {
    const auto names = chatSpecials();
    return MarkerNames({names.begin(), names.end()});
}

std::string familyOf(std::string_view jinja) {
    const auto family = findChatFamily(jinja, everyName());
    return family ? std::string((*family)->name) : family.error().message();
}

}  // namespace

TEST_CASE("prompts are those of the published templates and encoders", "[engine][chat][golden]") {
    const auto text = base::readFile(kPrompts);
    REQUIRE(text.has_value());
    const auto golden = json::parse(*text, nullptr, false);
    REQUIRE_FALSE(golden.is_discarded());
    std::map<std::string, int> seen;
    for (const auto& example : golden["examples"]) {
        const json& request = example["request"];
        const auto name = request["family"].get<std::string>();
        const ChatFamily* family = chatFamilyNamed(name);
        REQUIRE(family != nullptr);
        const auto messages = messagesOf(request);
        const auto tools = toolsOf(request);
        PromptWriter writer({family->specials.begin(), family->specials.end()});
        const auto status = family->write({.messages = messages,
                                           .tools = tools,
                                           .effort = effortNamed(request.value("effort", "high")),
                                           .today = "2026-11-27"},
                                          writer);
        REQUIRE(status.has_value());
        CAPTURE(name, ++seen[name]);
        CHECK(toText(writer.take()) == example["prompt"].get<std::string>());
    }
    CHECK(seen.size() >= 12);
}

TEST_CASE("a template is known by its words", "[engine][chat]") {
    CHECK(familyOf("{%- set dsml_token = '｜DSML｜' -%} tool_calls>") == "deepseek-v4-preview");
    CHECK(familyOf("'｜DSML｜' tool_calls> Beyond maximum") == "deepseek-v4");
    CHECK(familyOf("'｜DSML｜' function_calls> tool_calls") == "deepseek-v3.2");
    CHECK(familyOf("<｜tool▁sep｜>' + name + '\\n' + '```json'") == "deepseek-v3");
    CHECK(familyOf("<｜tool▁sep｜>") == "deepseek-v3.1");
    CHECK(familyOf("<|im_start|> <|im_end|> {{ 'unlike any other' }}") == "chatml");
    CHECK(familyOf("<|im_start|><|im_end|><tool_call>\\n<function=") == "chatml");
    CHECK(familyOf("<|start_header_id|> bos_token + content <|eot_id|>") == "llama-3.0");
    CHECK(familyOf("[INST] {{ content }} [/INST]")
              .starts_with("the chat template of the model file (28 bytes) is not one that Moxie"));
}

TEST_CASE("a tool's result names its call, whoever made the id", "[engine][chat]") {
    const std::vector<Message> messages = {
        {.role = Role::user, .text = "q"},
        {.role = Role::assistant,
         .toolCalls = {{.id = "call_1", .name = "ls", .arguments = "{}"},
                       {.id = "functions.ls:9", .name = "ls", .arguments = "{}"}}},
        {.role = Role::tool, .text = "A", .toolCallId = "functions.ls:9"},
        {.role = Role::tool, .text = "B", .toolCallId = "call_1"}};
    PromptWriter writer({});
    REQUIRE(chatFamilyNamed("kimi-k2")->write({.messages = messages}, writer).has_value());
    const std::string prompt = toText(writer.take());
    CHECK(prompt.find("## Return of functions.ls:9\nA") != std::string::npos);
    CHECK(prompt.find("## Return of functions.ls:0\nB") != std::string::npos);
}
