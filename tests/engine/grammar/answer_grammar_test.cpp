// Whatever a model would like to say: under a grammar its calls are what the schemas say.
#include "engine/grammar/answer_grammar.h"

#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "tests/catch.h"
#include "tests/engine/grammar/babbler.h"
#include "tests/engine/grammar/schema_check.h"

namespace moxie::engine {

namespace {

using grammar_test::Babbler;
using grammar_test::isOf;
using nlohmann::json;

const std::string kReadSchema = R"({"type": "object", "properties": {
    "path": {"type": "string", "minLength": 1, "maxLength": 40},
    "n": {"type": "integer", "minimum": -3, "maximum": 120},
    "id": {"type": "string", "pattern": "^[a-z]+_[0-9]{1,3}$"},
    "mode": {"enum": ["r", "w<", "a\"b", "5"]}, "on": {"type": "boolean"},
    "many": {"type": "array", "items": {"type": ["string", "null"]}, "minItems": 1, "maxItems": 3},
    "deep": {"type": "object", "properties": {"x": {"type": "number"},
             "y": {"anyOf": [{"const": 7}, {"type": "string"}]}}, "required": ["x"]}},
    "required": ["path", "n"]})";

const std::string kFreeSchema =
    R"({"type": "object", "properties": {"any": {}, "open": {"type": "object"}}})";

ChatRequest requestWithTools(ToolUse use) {
    return {.messages = {{.role = Role::user, .text = "go"}},
            .tools = {{.name = "read", .parametersJson = kReadSchema},
                      {.name = "free", .parametersJson = kFreeSchema},
                      {.name = "none"}},
            .options = {.toolUse = use}};
}

struct Heard {
    std::vector<ToolCall> calls;
    std::string text;
    std::string problems;
};

Heard hear(const Babbler& babbler, const ChatRequest& request, const std::string& answer) {
    const auto parser = babbler.family.parser({.names = babbler.names,
                                               .messages = request.messages,
                                               .tools = request.tools,
                                               .effort = request.options.effort});
    Heard heard;
    const auto add = [&heard](const std::vector<AnswerPart>& parts) {
        for (const auto& part : parts) {
            if (const auto* call = std::get_if<ToolCall>(&part)) heard.calls.push_back(*call);
            if (const auto* delta = std::get_if<TextDelta>(&part)) heard.text += delta->text;
        }
    };
    add(parser->push(answer));
    add(parser->finish(AnswerEnd::byModel));
    for (const auto& fault : parser->faults())
        heard.problems += fault.problem;
    return heard;
}

void checkCall(const ChatRequest& request, const ToolCall& call) {
    CAPTURE(call.name, call.arguments, call.problem);
    REQUIRE(call.isComplete);
    REQUIRE(call.problem.empty());
    const auto tool = std::ranges::find(request.tools, call.name, &ToolSchema::name);
    REQUIRE(tool != request.tools.end());
    const json arguments = json::parse(call.arguments);  // throws where it is no UTF-8
    const json schema = json::parse(tool->parametersJson.empty() ? "{}" : tool->parametersJson);
    REQUIRE(isOf(schema, arguments));
}

}  // namespace

TEST_CASE("a call that must be made is one its family's parser takes and its schema allows",
          "[engine][grammar]") {
    for (const ChatFamily& family : chatFamilies()) {
        CAPTURE(family.name);
        const Babbler babbler(family);
        const ChatRequest request = requestWithTools(ToolUse::required);
        const auto masks = babbler.masks(request);
        int heardCalls = 0;
        for (uint64_t seed = 1; seed <= 40; ++seed) {
            const std::string answer = babbler.say(masks, seed, 3000);
            if (answer.empty()) continue;
            CAPTURE(seed, answer);
            const Heard heard = hear(babbler, request, answer);
            REQUIRE(heard.problems.empty());
            REQUIRE(!heard.calls.empty());
            for (const auto& call : heard.calls)
                checkCall(request, call);
            heardCalls += int(heard.calls.size());
        }
        CHECK(heardCalls >= 20);
    }
}

TEST_CASE("masks are what a walk over each token says", "[engine][grammar]") {
    for (const ChatFamily& family : chatFamilies()) {
        CAPTURE(family.name);
        const Babbler babbler(family);
        for (const ToolUse use : {ToolUse::free, ToolUse::required}) {
            const auto masks = babbler.masks(requestWithTools(use));
            std::mt19937 random(7);
            Automaton::State state = masks->grammar().start;
            for (int n = 0; n < 150; ++n) {
                REQUIRE(grammar_test::masksAreWalks(*masks, state));
                std::vector<int32_t> allowed;
                for (int32_t token = 0; token < int32_t(babbler.table->size()); ++token)
                    if (masks->maskOf(state).allows(token) && !babbler.ends(token))
                        allowed.push_back(token);
                state = allowed.empty() ? masks->grammar().start
                                        : masks->after(state, allowed[random() % allowed.size()]);
            }
        }
    }
}

TEST_CASE("free text is free, and what opens a call there is held to it", "[engine][grammar]") {
    const ChatFamily& family = *chatFamilyNamed("qwen3");
    const Babbler babbler(family);
    const auto masks = babbler.masks(requestWithTools(ToolUse::free));
    const auto& vocabulary = babbler.tokenizer->vocabulary();
    REQUIRE(masks->maskOf(masks->grammar().start).allowsAll);
    Automaton::State state = masks->grammar().start;
    for (const char c : std::string("Let me see.\xC3"))
        state = masks->after(state, vocabulary.byteTokens()[uint8_t(c)]);
    REQUIRE(masks->maskOf(state).allowsAll);
    state = masks->after(state, vocabulary.special("<tool_call>").value());
    std::string forced;
    for (const int32_t token : masks->forcedAfter(state))
        forced += vocabulary.bytes(token);
    REQUIRE(std::string("\n{\"name\": \"").starts_with(forced));
    REQUIRE(forced.size() > 8);
}

TEST_CASE("facts of the caller are the only words an argument takes", "[engine][grammar]") {
    const auto paths = std::make_shared<std::vector<std::string>>();
    for (int i = 0; i < 100000; ++i)
        paths->push_back("src/模块" + std::to_string(i % 317) + "/file \"" + std::to_string(i) +
                         "\".cpp");
    paths->push_back("not\xFFwritable");
    for (const std::string_view name : {"deepseek-v4", "qwen3", "glm-4.5", "gpt-oss"}) {
        CAPTURE(name);
        const Babbler babbler(*chatFamilyNamed(name));
        ChatRequest request = requestWithTools(ToolUse::required);
        request.tools.resize(1);
        request.tools[0].facts = {{.argument = "path", .allowed = paths}};
        const auto masks = babbler.masks(request);
        const std::set<std::string> known(paths->begin(), paths->end());
        int count = 0;
        for (uint64_t seed = 1; seed <= 10; ++seed) {
            const std::string answer = babbler.say(masks, seed, 3000);
            if (answer.empty()) continue;
            for (const auto& call : hear(babbler, request, answer).calls) {
                checkCall(request, call);
                REQUIRE(known.contains(json::parse(call.arguments)["path"].get<std::string>()));
                ++count;
            }
        }
        CHECK(count > 3);
    }
}

TEST_CASE("under a response schema the answer is a value of it", "[engine][grammar]") {
    for (const ChatFamily& family : chatFamilies()) {
        CAPTURE(family.name);
        const Babbler babbler(family);
        const ChatRequest request = {.messages = {{.role = Role::user, .text = "go"}},
                                     .options = {.responseSchemaJson = kReadSchema}};
        const auto masks = babbler.masks(request);
        int count = 0;
        for (uint64_t seed = 1; seed <= 20; ++seed) {
            const std::string answer = babbler.say(masks, seed, 3000);
            if (answer.empty()) continue;
            const Heard heard = hear(babbler, request, answer);
            CAPTURE(answer, heard.text);
            REQUIRE(isOf(json::parse(kReadSchema), json::parse(heard.text)));
            ++count;
        }
        CHECK(count > 5);
    }
}

TEST_CASE("schemas that are hostile or beyond us are free, and said to be", "[engine][grammar]") {
    const auto notesOf = [](const std::string& schema) {
        SchemaTable table;
        (void)table.add(schema, "x");
        std::string notes;
        for (const auto& note : table.notes())
            notes += note + "\n";
        return notes;
    };
    const auto has = [](const std::string& text, const char* word) {
        return text.find(word) != std::string::npos;
    };
    REQUIRE(has(notesOf(R"({"$ref": "#"})"), "never ends"));
    REQUIRE(has(notesOf(R"({"type": "object", "properties": {"a": {"$ref": "#"}},
                            "required": ["a"]})"),
                "never ends"));
    REQUIRE(has(notesOf(R"({"$ref": "#/nowhere"})"), "points nowhere"));
    REQUIRE(has(notesOf(R"({"not": {"type": "string"}})"), "not: free"));
    REQUIRE(has(notesOf("[1"), "no JSON"));
    REQUIRE(notesOf(R"({"anyOf": [{"$ref": "#"}, {"type": "string"}]})").empty());
    std::string deep = R"({"type":"string"})";
    for (int i = 0; i < 150; ++i)
        deep = R"({"type":"array","minItems":1,"items":)" + deep + "}";
    REQUIRE(has(notesOf(deep), "too deep"));
    std::string values = "\"v\"";
    for (int i = 0; i < 200000; ++i)
        values += ",\"v" + std::to_string(i) + "\"";
    REQUIRE(notesOf("{\"enum\": [" + values + "]}").empty());
}

TEST_CASE("a call that is refused says what was wrong, and where", "[engine][grammar]") {
    const Babbler babbler(*chatFamilyNamed("qwen3"));
    const std::string open = babbler.names.mark("<tool_call>");
    const std::string close = babbler.names.mark("</tool_call>");
    const auto heard = hear(babbler, requestWithTools(ToolUse::free),
                            "Hm." + open + "{\"name\": \"read\"}" + close);
    REQUIRE(heard.calls.size() == 1);
    REQUIRE(!heard.calls[0].isComplete);
    REQUIRE(heard.calls[0].problem == "the call has no arguments at byte 14");
}

}  // namespace moxie::engine
