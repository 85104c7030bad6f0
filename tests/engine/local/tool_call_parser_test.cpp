#include "engine/local/tool_call_parser.h"

#include <string>
#include <vector>

#include "tests/catch.h"

using namespace moxie::engine;

namespace {

struct Parsed {
    std::string text;
    std::vector<ToolCall> calls;

    void add(const std::vector<ToolCallParser::Part>& parts) {
        for (const auto& part : parts)
            if (const auto* call = std::get_if<ToolCall>(&part))
                calls.push_back(*call);
            else
                text += std::get<std::string>(part);
    }
};

Parsed parse(std::string_view answer, size_t step, std::span<const Message> messages = {}) {
    ToolCallParser parser(messages);
    Parsed parsed;
    for (size_t pos = 0; pos < answer.size(); pos += step)
        parsed.add(parser.push(answer.substr(pos, step)));
    parsed.add(parser.finish());
    return parsed;
}

}  // namespace

TEST_CASE("a call comes out whole, however the answer is cut", "[engine][local]") {
    const std::string answer =
        "Let me < look.\n<tool_call>\n{\"arguments\": {\"path\": \"a}\\\"b\", \"n\": [1, {}]}, "
        "\"name\":\"read\"}\n</tool_call>\n<tool_call>{\"name\":\"x\",\"arguments\":{}}"
        "</tool_call>done <tool_cal";
    for (size_t step = 1; step <= answer.size(); ++step) {
        const auto parsed = parse(answer, step);
        CAPTURE(step);
        CHECK(parsed.text == "Let me < look.\n\ndone <tool_cal");
        REQUIRE(parsed.calls.size() == 2);
        CHECK(parsed.calls[0] == ToolCall{.id = "call_1",
                                          .name = "read",
                                          .arguments = "{\"path\": \"a}\\\"b\", \"n\": [1, {}]}"});
        CHECK(parsed.calls[1] == ToolCall{.id = "call_2", .name = "x", .arguments = "{}"});
    }
}

TEST_CASE("a malformed call is text and must not run", "[engine][local]") {
    const std::string deep = std::string(100, '[') + std::string(100, ']');
    for (const std::string& content :
         {std::string("not json"), std::string("{}"), std::string("[1]"),
          std::string(R"({"name":"a"})"), std::string(R"({"name":"","arguments":{}})"),
          std::string(R"({"name":1,"arguments":{}})"),
          std::string(R"({"name":"a","arguments":"{}"})"),
          std::string(R"({"name":"a","arguments":{},"more":1})"),
          std::string(R"({"name":"a","arguments":{},"arguments":{"x":1}})"),
          std::string(R"({"name":"a","arguments":{}} {})"), std::string("\xFF"),
          R"({"name":"a","arguments":{"x":)" + deep + "}}"}) {
        CAPTURE(content);
        const std::string answer = "a<tool_call>" + content + "</tool_call>b";
        const auto parsed = parse(answer, 3);
        CHECK(parsed.text == answer);
        REQUIRE(parsed.calls.size() == 1);
        CHECK_FALSE(parsed.calls[0].isComplete);
        CHECK(parsed.calls[0].arguments == content);
    }
}

TEST_CASE("a call without an end must not run", "[engine][local]") {
    const auto parsed = parse("<tool_call>{\"name\":\"rm\",\"arguments\":{}}</tool_", 2);
    CHECK(parsed.text == "<tool_call>{\"name\":\"rm\",\"arguments\":{}}</tool_");
    REQUIRE(parsed.calls.size() == 1);
    CHECK_FALSE(parsed.calls[0].isComplete);
}

TEST_CASE("call ids do not repeat those of the conversation", "[engine][local]") {
    const std::vector<Message> messages = {
        {.role = Role::assistant, .toolCalls = {{.id = "call_2", .name = "x"}}}};
    const auto parsed =
        parse("<tool_call>{\"name\":\"x\",\"arguments\":{}}</tool_call>", 5, messages);
    REQUIRE(parsed.calls.size() == 1);
    CHECK(parsed.calls[0].id == "call_3");
}

TEST_CASE("markers are found across pieces, the earliest and longest first", "[engine][local]") {
    MarkerScanner scanner({"stop", "stopper", "", "end"});
    CHECK(scanner.scan("a st").before == "a ");
    CHECK(scanner.scan("ar").before == "star");
    const auto found = scanner.scan("x stopper end");
    CHECK(found.before == "x ");
    CHECK(found.marker == "stopper");
    CHECK(scanner.scan("").marker == "end");
    CHECK(scanner.takeRest().empty());
}
