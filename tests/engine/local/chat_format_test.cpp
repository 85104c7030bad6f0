#include "engine/local/chat_format.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/file.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

using nlohmann::json;

constexpr const char* kGolden = MOXIE_SOURCE_DIR "/tests/data/tokenizer/smollm2_chat.json";

base::Result<Vocabulary> chatVocabulary(int64_t markerKind = 3) {
    const std::vector<std::string_view> tokens = {"a", "<|im_start|>", "<|im_end|>"};
    const std::vector<int64_t> kinds = {1, markerKind, markerKind};
    return Vocabulary::make({.tokens = tokens, .kinds = kinds});
}

json goldens() {
    const auto text = base::readFile(kGolden);
    REQUIRE(text.has_value());
    auto parsed = json::parse(*text, nullptr, false);
    REQUIRE_FALSE(parsed.is_discarded());
    return parsed;
}

ChatFormat formatOf(const std::string& jinja) {
    static const auto vocabulary = chatVocabulary();
    auto format = ChatFormat::make({.jinja = jinja}, *vocabulary);
    REQUIRE(format.has_value());
    return *format;
}

Role roleOf(const std::string& name) {
    if (name == "system") return Role::system;
    if (name == "assistant") return Role::assistant;
    return name == "tool" ? Role::tool : Role::user;
}

const std::string kPlainChatMl = "{{ '<|im_start|>' + role + '<|im_end|>' }}";

}  // namespace

TEST_CASE("conversations are written as the model's own template does", "[engine][local][golden]") {
    const auto golden = goldens();
    const auto format = formatOf(golden["template"].get<std::string>());
    for (const auto& example : golden["examples"]) {
        std::vector<Message> messages;
        for (const auto& message : example["messages"])
            messages.push_back({.role = roleOf(message["role"].get<std::string>()),
                                .text = message["content"].get<std::string>()});
        CHECK(toText(format.render(messages, {})) == example["prompt"].get<std::string>());
    }
}

TEST_CASE("adding messages leaves every earlier byte as it was", "[engine][local]") {
    const auto format = formatOf(kPlainChatMl);
    const std::vector<ToolSchema> tools = {{.name = "read", .description = "Reads a file."}};
    std::vector<Message> messages;
    std::string before;
    for (int i = 0; i < 6; ++i) {
        messages.push_back({.role = Role::user, .text = "question"});
        const std::string prompt = toText(format.render(messages, tools));
        CHECK(prompt.starts_with(before));
        before = prompt;
        messages.push_back({.role = Role::assistant,
                            .text = "answer",
                            .toolCalls = {{.id = "call_1", .name = "read", .arguments = "{}"}}});
        messages.push_back({.role = Role::tool, .text = "result", .toolCallId = "call_1"});
    }
}

TEST_CASE("tools are described at the end of the system text", "[engine][local]") {
    const auto format = formatOf(kPlainChatMl);
    const std::vector<ToolSchema> tools = {
        {.name = "read", .description = "Reads a \"file\".", .parametersJson = "{\"a\":1}"}};
    const std::vector<Message> messages = {{.role = Role::system, .text = "Be brief."},
                                           {.role = Role::user, .text = "hi"}};
    CHECK(toText(format.render(messages, tools)) ==
          "<|im_start|>system\nBe brief.\n\nYou can call tools. To call one, write nothing but\n"
          "<tool_call>{\"name\": \"NAME\", \"arguments\": {...}}</tool_call>\n"
          "and wait for its result. These tools exist:\n<tools>\n"
          "{\"name\": \"read\", \"description\": \"Reads a \\\"file\\\".\", \"parameters\": "
          "{\"a\":1}}\n</tools><|im_end|>\n<|im_start|>user\nhi<|im_end|>\n"
          "<|im_start|>assistant\n");
}

TEST_CASE("an answer is written with its complete calls and not the cut ones", "[engine][local]") {
    const Message message = {
        .role = Role::assistant,
        .text = "Reading.",
        .toolCalls = {{.id = "1", .name = "read", .arguments = "{\"path\":\"a\"}"},
                      {.id = "2", .arguments = "{\"na", .isComplete = false}}};
    const auto parts = formatOf(kPlainChatMl).render({&message, 1}, {});
    CHECK(toText(parts) ==
          "<|im_start|>assistant\nReading.\n<tool_call>{\"name\": \"read\", \"arguments\": "
          "{\"path\":\"a\"}}</tool_call><|im_end|>\n<|im_start|>assistant\n");
}

TEST_CASE("templates and vocabularies that we do not know are refused", "[engine][local]") {
    const auto refused = [](std::string_view jinja, const Vocabulary& vocabulary) {
        const auto format = ChatFormat::make({.jinja = std::string(jinja)}, vocabulary);
        REQUIRE_FALSE(format.has_value());
        CHECK(format.error().kind() == base::Errc::unsupported);
        CHECK(format.error().message().find("ChatML") != std::string::npos);
    };
    refused("", *chatVocabulary());
    refused("[INST] {{ content }} [/INST]", *chatVocabulary());
    refused(kPlainChatMl, *chatVocabulary(1));
}
