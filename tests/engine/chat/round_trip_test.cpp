// What a family writes for an answer, its parser reads back as that answer.
#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "engine/chat/chat_family.h"
#include "engine/chat/python_json.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

std::vector<ToolSchema> roundTripTools() {
    return {{.name = "read",
             .description = "Reads.",
             .parametersJson = R"({"type": "object", "properties": {"path": {"type": "string"},
                 "n": {"type": "integer"}, "on": {"type": "boolean"}, "of": {"type": "array"},
                 "as": {"type": "object"}, "no": {"type": ["string", "null"]}}})"}};
}

// Words that are hard to carry, `hostile` ones among them.
std::string someText(std::mt19937& random, const std::vector<std::string>& hostile) {
    static const std::vector<std::string> words = {
        "a", "你好", "😀",   "\n\n", "\"", "\\n",  " ",     "{\"x\": 1}", "</x>", "<y>",
        "'", "\t",   "```", "&",    "%s", "null", "0.5e7", "é",          "|",    ": "};
    std::string text = "s";
    for (size_t n = random() % 8; n > 0; --n) {
        const bool isHostile = !hostile.empty() && random() % 3 == 0;
        const auto& from = isHostile ? hostile : words;
        text += from[random() % from.size()];
    }
    return text + "e";
}

ToolCall someCall(std::mt19937& random, const std::vector<std::string>& hostile, int number) {
    std::vector<std::string> members = {
        "\"path\": " + pythonString(someText(random, hostile)),
        "\"n\": " + std::to_string(random() % 100),
        "\"on\": true",
        "\"of\": [1, " + pythonString(someText(random, hostile)) + "]",
        "\"as\": {\"k\": {\"é\": 1e-07}}",
        "\"no\": null",
    };
    std::shuffle(members.begin(), members.end(), random);
    members.resize(random() % (members.size() + 1));
    std::string arguments;
    for (const auto& member : members)
        arguments += (arguments.empty() ? "" : ", ") + member;
    return {.id = "functions.read:" + std::to_string(number),
            .name = "read",
            .arguments = "{" + arguments + "}"};
}

// The answer's parts as its model would sample them.
std::string sampled(std::span<const PromptPart> parts) {
    std::string text;
    bool isAnswer = false;
    for (const auto& part : parts) {
        if (part.kind == PromptPart::Kind::answerBegin) {
            isAnswer = true;
            text.clear();
        } else if (part.kind == PromptPart::Kind::answerEnd) {
            isAnswer = false;
        } else if (isAnswer) {
            text += part.kind == PromptPart::Kind::special ? markedToken(part.text) : part.text;
        }
    }
    return text;
}

Message readBack(const ChatFamily& family, const ParserInput& input, std::string_view answer) {
    const auto parser = family.parser(input);
    Message message = {.role = Role::assistant};
    const auto add = [&message](const std::vector<AnswerPart>& parts) {
        for (const auto& part : parts) {
            if (const auto* call = std::get_if<ToolCall>(&part)) message.toolCalls.push_back(*call);
            if (const auto* delta = std::get_if<TextDelta>(&part)) message.text += delta->text;
            if (const auto* delta = std::get_if<ReasoningDelta>(&part))
                message.reasoning += delta->text;
        }
    };
    add(parser->push(answer));
    add(parser->finish(AnswerEnd::byModel));
    return message;
}

// Names that are control tokens wherever the family is spoken; elsewhere markers are text, and a
// text that spells them is not to be told from them.
std::vector<std::string> hostileWords(const ChatFamily& family) {
    std::vector<std::string> words(family.specials.begin(), family.specials.end());
    if (family.name.starts_with("deepseek")) words.push_back("<｜DSML｜tool_calls>");
    if (family.name.starts_with("qwen")) words.push_back("<|im_start|>assistant");
    return words;
}

bool carriesReasoning(const ChatFamily& family) {
    return family.reasoning == ChatFamily::Reasoning::shown && family.name != "deepseek-v3.1" &&
           family.name != "deepseek-v3";
}

// gpt-oss and Llama 3 have their ways with text beside a call, and Llama with several calls.
void makeSpeakable(const ChatFamily& family, Message& message) {
    if (message.toolCalls.empty()) {
        // Dropped with the turn's last words.
        if (family.name == "gpt-oss" || family.name == "kimi-k2-thinking")
            message.reasoning.clear();
        return;
    }
    if (!family.name.starts_with("llama-3")) return;
    message.text.clear();
    message.toolCalls.resize(1);
}

void expectSame(const Message& read, const Message& said) {
    CHECK(read.text == said.text);
    CHECK(read.reasoning == said.reasoning);
    REQUIRE(read.toolCalls.size() == said.toolCalls.size());
    for (size_t i = 0; i < said.toolCalls.size(); ++i) {
        CHECK(read.toolCalls[i].isComplete);
        CHECK(read.toolCalls[i].name == said.toolCalls[i].name);
        CHECK(read.toolCalls[i].arguments == said.toolCalls[i].arguments);
    }
}

}  // namespace

TEST_CASE("an answer that is written is read back as it was", "[engine][chat]") {
    std::mt19937 random(3);
    const auto tools = roundTripTools();
    for (const auto& family : chatFamilies()) {
        const auto hostile = hostileWords(family);
        const MarkerNames names({family.specials.begin(), family.specials.end()});
        for (int round = 0; round < 200; ++round) {
            Message said = {.role = Role::assistant, .text = someText(random, hostile)};
            if (carriesReasoning(family)) said.reasoning = someText(random, hostile);
            for (int n = int(random() % 3); n > 0; --n)
                said.toolCalls.push_back(someCall(random, hostile, n));
            makeSpeakable(family, said);
            const std::vector<Message> question = {{.role = Role::user, .text = "q"}};
            const std::vector<Message> messages = {question.front(), said};
            PromptWriter writer(names.all());
            REQUIRE(family.write({.messages = messages, .tools = tools}, writer).has_value());
            const std::string answer = sampled(writer.take());
            CAPTURE(family.name, round, answer);
            // Their prompts open no reasoning for an answer in the history.
            const bool isSilent = !carriesReasoning(family);
            const ParserInput input = {.names = names,
                                       .messages = question,
                                       .tools = tools,
                                       .effort = isSilent ? Effort::none : Effort::high};
            expectSame(readBack(family, input, answer), said);
        }
    }
}

TEST_CASE("a conversation that grows keeps what was written of it", "[engine][chat]") {
    const auto tools = roundTripTools();
    for (const auto& family : chatFamilies()) {
        std::vector<Message> messages = {{.role = Role::user, .text = "q"}};
        std::string before;
        for (int step = 0; step < 4; ++step) {
            PromptWriter writer({family.specials.begin(), family.specials.end()});
            // V3 and R1 forget what they thought, so their prompts would not grow with it.
            const Effort effort = carriesReasoning(family) ? Effort::high : Effort::none;
            REQUIRE(family.write({.messages = messages, .tools = tools, .effort = effort}, writer)
                        .has_value());
            const std::string prompt = toText(writer.take());
            CAPTURE(family.name, prompt, before);
            CHECK(prompt.starts_with(before));
            before = prompt;
            const std::string id = "functions.read:" + std::to_string(step);
            messages.push_back({.role = Role::assistant,
                                .reasoning = carriesReasoning(family) ? "because" : "",
                                .toolCalls = {{.id = id, .name = "read", .arguments = "{}"}}});
            messages.push_back({.role = Role::tool, .text = "result", .toolCallId = id});
        }
    }
}
