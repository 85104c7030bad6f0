#include "base/text.h"

#include "tests/catch.h"

using namespace moxie::base;

TEST_CASE("malformed UTF-8 is replaced and well-formed text is untouched", "[base]") {
    CHECK(toValidUtf8("ab\xC3\xA4") == "ab\xC3\xA4");
    CHECK(toValidUtf8("a\xC3") == "a\xEF\xBF\xBD");
    CHECK(toValidUtf8("\xC0\x80") == "\xEF\xBF\xBD\xEF\xBF\xBD");  // overlong
    CHECK_FALSE(isValidUtf8("\xED\xA0\x80"));                      // surrogate
    CHECK(isValidUtf8("\xF0\x9F\x98\x80"));
}

TEST_CASE("a cut never splits a character", "[base]") {
    CHECK(cutUtf8("a\xC3\xA4", 2) == "a");
    CHECK(cutUtf8("\xF0\x9F\x98\x80", 3).empty());
    CHECK(cutUtf8("abc", 10) == "abc");
}

TEST_CASE("terminal control disappears and progress bars collapse", "[base]") {
    CHECK(stripTerminalControl("\x1b[31mred\x1b[0m") == "red");
    CHECK(stripTerminalControl("10%\r20%\r100%\ndone\r\n") == "100%\ndone\n");
    CHECK(stripTerminalControl("\x1b]0;title\x07x") == "x");
}

TEST_CASE("head and tail say how much is left out", "[base]") {
    CHECK(headAndTail("short", 10, 10) == "short");
    CHECK(headAndTail(std::string(100, 'x'), 10, 10).find("80 bytes") != std::string::npos);
}

TEST_CASE("lines come without their ends", "[base]") {
    CHECK(splitLines("a\r\nb\n") == std::vector<std::string_view>{"a", "b"});
    CHECK(splitLines("").empty());
    CHECK(splitLines("\n").size() == 1);
}

TEST_CASE("edit distance is capped", "[base]") {
    CHECK(editDistance("kitten", "sitting", 5) == 3);
    CHECK(editDistance("kitten", "sitting", 2) == 3);
    CHECK(editDistance("", "abc", 9) == 3);
}
