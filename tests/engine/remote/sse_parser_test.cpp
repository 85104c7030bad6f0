#include "engine/remote/sse_parser.h"

#include <random>

#include "tests/catch.h"

namespace moxie::engine {
namespace {

std::vector<SseItem> parse(const std::string& bytes, size_t chunk) {
    SseParser parser(1 << 16);
    std::vector<SseItem> items;
    for (size_t pos = 0; pos < bytes.size(); pos += chunk)
        REQUIRE(parser.feed(std::string_view(bytes).substr(pos, chunk), items));
    REQUIRE(parser.finish(items));
    return items;
}

SseItem event(std::string name, std::string data) {
    return {SseItem::Kind::event, std::move(name), std::move(data)};
}

TEST_CASE("all three line ends, in every chunking, give the same events", "[engine][sse]") {
    const std::string end = GENERATE("\n", "\r", "\r\n");
    const std::string bytes =
        "\xEF\xBB\xBF"
        "event: a" +
        end + "data: one" + end + "data:two" + end + end + ": note" + end + "id: 7" + end + "data" +
        end + end + "data:  x" + end + end;
    const std::vector<SseItem> expected = {event("a", "one\ntwo"),
                                           {SseItem::Kind::comment, "", "note"},
                                           event("", ""),
                                           event("", " x")};
    for (size_t chunk = 1; chunk <= bytes.size(); ++chunk) {
        CAPTURE(chunk);
        REQUIRE(parse(bytes, chunk) == expected);
    }
}

TEST_CASE("an event without data is none, and a last one without its blank line is one",
          "[engine][sse]") {
    CHECK(parse("event: a\n\n\n\n", 3).empty());
    CHECK(parse("data: x", 2) == std::vector<SseItem>{event("", "x")});
    CHECK(parse("data: x\nevent: b", 4) == std::vector<SseItem>{event("b", "x")});
    CHECK(parse("", 1).empty());
}

TEST_CASE("a line or event above the bound is an error", "[engine][sse]") {
    std::vector<SseItem> items;
    SseParser longLine(100);
    CHECK_FALSE(longLine.feed("data: " + std::string(200, 'x'), items));
    SseParser manyLines(100);
    bool isRefused = false;
    for (int i = 0; i < 50 && !isRefused; ++i)
        isRefused = !manyLines.feed("data: 0123456789\n", items);
    CHECK(isRefused);
    CHECK(items.empty());
}

TEST_CASE("random bytes in random chunks give the same as at once", "[engine][sse]") {
    std::mt19937 random(7);
    const std::string alphabet = "data: event:\n\r\n\r:x \xEF\xBB\xBF";
    for (int round = 0; round < 300; ++round) {
        std::string bytes;
        for (int i = 0; i < 80; ++i)
            bytes.push_back(alphabet[random() % alphabet.size()]);
        CAPTURE(round);
        REQUIRE(parse(bytes, 1 + random() % 9) == parse(bytes, bytes.size()));
    }
}

}  // namespace
}  // namespace moxie::engine
