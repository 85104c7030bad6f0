#include "app/desktop/screens/commit/commit_part.h"

#include "tests/catch.h"

using namespace moxie;
using namespace moxie::desktop;

namespace {

CommitPart partOf(std::string_view before, std::string_view now, Tick tick) {
    CommitPart part;
    auto hunks = hunksBetween(before, now);
    REQUIRE(hunks);
    part.hunks = *std::move(hunks);
    for (const CommitHunk& hunk : part.hunks)
        part.ticks.push_back(ticksOf(hunk, tick));
    return part;
}

}  // namespace

TEST_CASE("all lines of a change give its text, none the text before", "[desktop][commit]") {
    const auto [before, now] =
        GENERATE(table<std::string, std::string>({{"a\nb\nc\n", "a\nB\nc\n"},
                                                  {"", "new\n"},
                                                  {"a\n", ""},
                                                  {"a", "a\nb"},
                                                  {"a\nb", "a"},
                                                  {"a\nb\n", "b\na\n"},
                                                  {"1\n2\n3\n4\n5\n", "0\n1\n3\nfour\n5\n6"}}));
    CAPTURE(before, now);
    CHECK(textWith(before, partOf(before, now, Tick::on)) == now);
    CHECK(textWith(before, partOf(before, now, Tick::off)) == before);
}

TEST_CASE("one line of a hunk goes, the others stay", "[desktop][commit]") {
    CommitPart part = partOf("1\n2\n3", "one\nextra\n2\nthree\nfour", Tick::off);
    REQUIRE(part.hunks.size() == 2);
    part.ticks[0].added[1] = true;
    CHECK(textWith("1\n2\n3", part) == "1\nextra\n2\n3");
    part.ticks[1].added[1] = true;
    CHECK(textWith("1\n2\n3", part) == "1\nextra\n2\n3\nfour");
}

TEST_CASE("binary files and very large changes are not split", "[desktop][commit]") {
    CHECK(hunksBetween(std::string_view("a\0b", 3), "x").error().kind() == base::Errc::unsupported);
    std::string many;
    for (int64_t i = 0; i <= kHunkLinesMax; ++i)
        many += std::to_string(i) + "\n";
    CHECK(hunksBetween("", many).error().kind() == base::Errc::invalidInput);
}

TEST_CASE("ticks follow their hunk to another place", "[desktop][commit]") {
    CommitPart earlier = partOf("1\n2\n3\n", "one\n2\nthree\n", Tick::on);
    earlier.ticks[1] = ticksOf(earlier.hunks[1], Tick::off);
    const CommitPart now = partOf("1\n2\n3\n", "1\nnew\n2\nthree\n", Tick::on);
    REQUIRE(now.hunks.size() == 2);
    const auto ticks = carriedTicks(earlier, now.hunks, Tick::on);
    CHECK(ticks[0] == ticksOf(now.hunks[0], Tick::on));
    CHECK(ticks[1] == ticksOf(now.hunks[1], Tick::off));
}
