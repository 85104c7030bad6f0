#include "app/serve/json_node.h"

#include "tests/catch.h"

using namespace moxie;
using serve::Json;
using serve::JsonNode;
using serve::parseJson;

TEST_CASE("half a character in a request is replaced and not refused", "[serve]") {
    const auto json = parseJson(R"({"a":"cut \ud83d here","b":"\ude00","c":"\ud83d\ude00"})");
    REQUIRE(json);
    CHECK((*json)["a"] == "cut \uFFFD here");
    CHECK((*json)["b"] == "\uFFFD");
    CHECK((*json)["c"] == "\U0001F600");
    const auto bytes = parseJson("{\"a\":\"\xff\"}");
    REQUIRE(bytes);
    CHECK((*bytes)["a"] == "\uFFFD");
}

TEST_CASE("JSON that would cost too much is refused before it is parsed", "[serve]") {
    CHECK(parseJson(std::string(100, '[') + std::string(100, ']')));
    CHECK_FALSE(parseJson(std::string(101, '[') + std::string(101, ']')));
    std::string members = "{\"k0\":0";
    for (int i = 1; i < 1000; ++i)
        members += ",\"k" + std::to_string(i) + "\":0";
    CHECK(parseJson(members + "}"));
    CHECK_FALSE(parseJson(members + ",\"more\":0}"));
    std::string values = "[0";
    for (int i = 1; i < 1'000'000; ++i)
        values += ",0";
    CHECK(parseJson(values + "]"));
    CHECK_FALSE(parseJson(values + ",0]"));
    CHECK_FALSE(parseJson(std::string(1'000'000, '[')));
    CHECK(parseJson("[\"" + std::string(1000, '{') + "\"]"));  // brackets in texts do not count
}

TEST_CASE("complaints name the place, what was found and what was expected", "[serve]") {
    const Json body = {{"messages", Json::array({Json::object({{"content", 5}})})},
                       {"temperature", 3}};
    const JsonNode node(body);
    const auto items = node["messages"].items();
    REQUIRE(items);
    CHECK((*items)[0]["content"].text().error().message() ==
          "messages[0].content: is a number, expected a string");
    CHECK(node["model"].text().error().message() == "model: is missing, expected a string");
    CHECK(node["temperature"].number({.min = 0, .max = 2}).error().message() ==
          "temperature: is 3, expected a number of 0 to 2");
    CHECK(node["temperature"]["deeper"]["still"].isGiven() == false);
}

TEST_CASE("members keep the order in which the client wrote them", "[serve]") {
    const auto json = parseJson(R"({"z":1,"a":{"y":2,"b":3}})");
    REQUIRE(json);
    CHECK(serve::dumped(*json) == R"({"z":1,"a":{"y":2,"b":3}})");
}
