#include "engine/chat/python_json.h"

#include <string>

#include "tests/catch.h"

using namespace moxie::engine;

namespace {

std::string rewritten(std::string_view text, int32_t indent = 0) {
    const auto json = parsePythonJson(text);
    if (!json) FAIL(json.error().message());
    return toText(*json, indent);
}

}  // namespace

// Expected texts were printed by Python 3.11: json.dumps(json.loads(text), ensure_ascii=False).
TEST_CASE("JSON is rewritten as Python's json module writes it", "[engine][chat]") {
    CHECK(rewritten("{\"b\":1,\"a\":[true,null,{}],\"c\":[]}") ==
          "{\"b\": 1, \"a\": [true, null, {}], \"c\": []}");
    CHECK(rewritten(R"("\u4e2d\/\u0001\u007f\ud83d\ude00\t")") == "\"中/\\u0001\x7f😀\\t\"");
    CHECK(rewritten("{\"a\":1,\"b\":2,\"a\":3}") == "{\"a\": 3, \"b\": 2}");
    CHECK(rewritten("[123456789012345678901234567890,-0,-0.0]") ==
          "[123456789012345678901234567890, 0, -0.0]");
    CHECK(rewritten("{\"a\":[1,{\"b\":2}],\"c\":{}}", 2) ==
          "{\n  \"a\": [\n    1,\n    {\n      \"b\": 2\n    }\n  ],\n  \"c\": {}\n}");
}

TEST_CASE("floats are written as Python's repr writes them", "[engine][chat]") {
    const auto [text, expected] = GENERATE(table<std::string, std::string>({
        {"1.50", "1.5"},
        {"1e5", "100000.0"},
        {"1E+16", "1e+16"},
        {"123456789012345.6", "123456789012345.6"},
        {"1e15", "1000000000000000.0"},
        {"0.0001", "0.0001"},
        {"0.00001", "1e-05"},
        {"-1.25e-7", "-1.25e-07"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"5e-324", "5e-324"},
        {"0.1", "0.1"},
        {"1e999", "Infinity"},
    }));
    CAPTURE(text);
    CHECK(rewritten(text) == expected);
}

TEST_CASE("what is no JSON is refused with the place", "[engine][chat]") {
    for (const std::string text :
         {"", "{", "[1,]", "{\"a\"}", "nul", "01", "1.", "-", "\"a", "\"\\x\"", "\"\n\"", "1 2",
          "{\"a\":1,}", "NaN", "\"\\u12\"", "\xFF"}) {
        CAPTURE(text);
        const auto json = parsePythonJson(text);
        REQUIRE_FALSE(json.has_value());
        CHECK(json.error().message().starts_with("byte "));
    }
    CHECK_FALSE(parsePythonJson(std::string(300, '[') + std::string(300, ']')).has_value());
    CHECK(pythonJsonOr("{a") == "{a");
}

TEST_CASE("a key that is there twice and the place of each value are told", "[engine][chat]") {
    const std::string text = R"( {"a": [ 1 ], "\u0061": {"x":2 } })";
    const auto json = parsePythonJson(text);
    REQUIRE(json.has_value());
    CHECK(json->hasKeyTwice);
    const PythonJson* value = json->find("a");
    REQUIRE(value != nullptr);
    CHECK(text.substr(size_t(value->begin), size_t(value->end - value->begin)) == "{\"x\":2 }");
    CHECK(json->depth() == 2);
}
