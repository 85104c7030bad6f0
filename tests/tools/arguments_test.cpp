#include "tools/arguments.h"

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/tools/fixture.h"

using moxie::tools::ArgumentSchema;
using nlohmann::json;

namespace {

const ArgumentSchema& schema() {
    static const ArgumentSchema kSchema("read",
                                        R"({"type":"object","required":["path"],"properties":{
            "path":{"type":"string","minLength":1},
            "limit":{"type":"integer","minimum":1,"maximum":2000},
            "mode":{"type":"string","enum":["files","content"]},
            "all":{"type":"boolean"},
            "items":{"type":"array","maxItems":2,"items":{"type":"object","required":["text"],
                "properties":{"text":{"type":"string"}}}}}})",
                                        R"({"path":"src/main.cpp"})");
    return kSchema;
}

// The text of the refusal; empty if the arguments fit.
std::string refusalOf(std::string_view arguments) {
    const auto refused = schema().check(json::parse(arguments, nullptr, false));
    if (!refused) return {};
    CHECK(refused->isError);
    CHECK(refused->text.find(R"({"path":"src/main.cpp"})") != std::string::npos);
    return refused->text;
}

}  // namespace

TEST_CASE("arguments that fit are accepted", "[tools]") {
    CHECK(refusalOf(R"({"path":"a"})").empty());
    CHECK(refusalOf(R"({"path":"a","limit":2000,"mode":"files","all":false})").empty());
    CHECK(refusalOf(R"({"path":"a","limit":null})").empty());
    CHECK(refusalOf(R"({"path":"a","items":[{"text":"x"}]})").empty());
}

TEST_CASE("bad arguments name place, expectation and finding", "[tools]") {
    const auto [arguments, expected] = GENERATE(table<const char*, const char*>({
        {R"({})", "read.path: expected a value (required), got nothing"},
        {R"({"path":null})", "read.path: expected string, got null null"},
        {R"({"path":7})", "read.path: expected string, got number 7"},
        {R"({"path":""})", "read.path: expected at least 1 characters, got 0 characters"},
        {R"({"path":"a","limit":"10"})", "read.limit: expected integer, got string \"10\""},
        {R"({"path":"a","limit":0})",
         "read.limit: expected integer between 1 and 2000, got number 0"},
        {R"({"path":"a","limit":1.5})", "read.limit: expected integer, got number 1.5"},
        {R"({"path":"a","limit":18446744073709551615})", "read.limit: expected integer"},
        {R"({"path":"a","mode":"x"})", "expected one of files, content"},
        {R"({"path":"a","all":"true"})", "read.all: expected boolean"},
        {R"({"path":"a","file":"b"})",
         "read.file: expected one of the fields all, items, limit, mode, path, got an unknown"},
        {R"({"path":"a","items":[{"text":"x"},{"text":3}]})",
         "read.items[1].text: expected string"},
        {R"({"path":"a","items":[{},{},{}]})", "read.items: expected at most 2 items"},
        {R"([1])", "read: expected object, got a list of 1"},
        {R"("x)", "read: expected object"},
    }));
    CAPTURE(arguments);
    CHECK(moxie::tests::contains(refusalOf(arguments), expected));
}

TEST_CASE("argument getters are total", "[tools]") {
    const json arguments = {{"path", 5}, {"limit", "x"}, {"all", nullptr}};
    CHECK(moxie::tools::stringArgument(arguments, "path", "p") == "p");
    CHECK(moxie::tools::integerArgument(arguments, "limit", 3) == 3);
    CHECK(moxie::tools::booleanArgument(arguments, "all", true));
    CHECK(moxie::tools::stringArgument(json("text"), "path", "p") == "p");
}
