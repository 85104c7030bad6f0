#include "app/desktop/text/terminal_text.h"

#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <random>

#include "tests/catch.h"

namespace moxie::desktop {

namespace {

std::vector<std::string> linesOf(const TerminalText& text) {
    std::vector<std::string> lines;
    for (int64_t i = 0; i < text.size(); ++i)
        lines.push_back(text.text(i));
    return lines;
}

std::vector<std::string> linesOf(std::string_view bytes) {
    TerminalText text;
    text.append(bytes);
    return linesOf(text);
}

}  // namespace

TEST_CASE("carriage return, backspace, tab and erase act within the line", "[desktop][terminal]") {
    using Lines = std::vector<std::string>;
    CHECK(linesOf("10%\r20%\r100%\ndone\n") == Lines{"100%", "done"});
    CHECK(linesOf("abcdef\rxy\x1b[K") == Lines{"xy"});
    CHECK(linesOf("abcdef\rxy") == Lines{"xycdef"});
    CHECK(linesOf("abc\b\bX\n") == Lines{"aXc"});
    CHECK(linesOf("a\tb\r\n\tc") == Lines{"a       b", "        c"});
    CHECK(linesOf("abc\x1b[2Kd") == Lines{"   d"});
    CHECK(linesOf("abc\x1b[1K\rd") == Lines{"d  "});
    CHECK(linesOf("ab\x1b[5Gc\x1b[2Dd") == Lines{"ab dc"});
    CHECK(linesOf("\n\nx") == Lines{"", "", "x"});
    CHECK(linesOf("e\u0301a\r中") == Lines{"中a"});
}

TEST_CASE("links, titles and moves are swallowed, their text stays", "[desktop][terminal]") {
    using Lines = std::vector<std::string>;
    CHECK(linesOf("\x1b]8;;http://x\x1b\\text\x1b]8;;\x07!") == Lines{"text!"});
    CHECK(linesOf("\x1b]0;title\x07"
                  "a\x1b[2;3Hb\x1b[?25lc\x1b(Bd\x1b[3 qe\x1bM") == Lines{"abcde"});
    CHECK(linesOf("\x1b]0;never ended\nnext") == Lines{"", "next"});
    CHECK(linesOf("\x1b[12\nx") == Lines{"", "x"});
    CHECK(linesOf("\x1bP1;2|abc\x1b\\z\u009b") == Lines{"z"});
}

TEST_CASE("colours and marks become runs", "[desktop][terminal]") {
    TerminalText text;
    text.append(
        "\x1b[1;31mred\x1b[0m "
        "\x1b[38;5;208mo\x1b[48;2;1;2;3mb\x1b[38:2::9:8:7mc\x1b[39;49;22;4:3mu\x1b[24;7;"
        "92mg\x1b[mp\n");
    REQUIRE(text.size() == 1);
    const TerminalLine line = text.line(0);
    CHECK(line.text == "red obcugp");
    REQUIRE(line.runs.size() == 8);
    using Kind = TerminalColor::Kind;
    CHECK(line.runs[0].style == TerminalStyle{.foreground = {Kind::palette, 1}, .isBold = true});
    CHECK(line.runs[1].style == TerminalStyle{});
    CHECK(line.runs[2].style.foreground == TerminalColor{Kind::palette, 208});
    CHECK(line.runs[3].style.background == TerminalColor{Kind::rgb, 1, 2, 3});
    CHECK(line.runs[4].style.foreground == TerminalColor{Kind::rgb, 9, 8, 7});
    CHECK(line.runs[5].style == TerminalStyle{.isUnderlined = true});
    CHECK(line.runs[6].style ==
          TerminalStyle{.foreground = {Kind::palette, 10}, .isInverse = true});
    CHECK(line.runs[7].style == TerminalStyle{});
    CHECK(line.runs[7].end == int32_t(line.text.size()));
    text.append("plain");
    CHECK(text.line(1).runs.empty());
}

TEST_CASE("the oldest lines go when the limits are reached, and are counted",
          "[desktop][terminal]") {
    TerminalText text({.linesMax = 1000, .bytesMax = 8 << 20, .lineCharsMax = 100});
    for (int i = 0; i < 5000; ++i)
        text.append(fmt::format("{}\n", i));
    CHECK(text.size() == 1000);
    CHECK(text.nLeftOut() == 4000);
    CHECK(text.text(0) == "4000");
    CHECK(text.takeFirstChanged() == 4000);
    CHECK(text.takeFirstChanged() == 5000);
    text.append("open");
    CHECK(text.takeFirstChanged() == 5000);
    CHECK(text.size() == 1001);
    text.append(std::string(250, 'x'));  // longer than a line may be
    CHECK(text.text(text.size() - 3) == "open" + std::string(96, 'x'));
    CHECK(text.text(text.size() - 2) == std::string(100, 'x'));
    CHECK(text.text(text.size() - 1) == std::string(54, 'x'));
    TerminalText small({.linesMax = 1'000'000, .bytesMax = 1 << 20});
    for (int i = 0; i < 3000; ++i)
        small.append(fmt::format("{}\n", std::string(1000, char(0x61 + i % 26))));
    CHECK(small.storeBytes() <= 1 << 20);
    CHECK(small.size() + small.nLeftOut() == 3000);
    CHECK(small.text(small.size() - 1) == std::string(1000, char('a' + 2999 % 26)));
}

TEST_CASE("any bytes cut anywhere give the same lines as in one piece", "[desktop][terminal]") {
    static constexpr const char* kPieces[] = {"word ",      "\n",
                                              "\r",         "\b",
                                              "\t",         "\x1b[",
                                              "\x1b]8;;u",  "\x1b\\",
                                              "\x07",       "31m",
                                              ";",          ":",
                                              "K",          "\x1b[2K",
                                              "\x1b[1K",    "中",
                                              "\xff",       "\xe4",
                                              "\xcc\x81",   "\x1b[99999999C",
                                              "\x1b[38;5;", "\x1b[38;2;1;2",
                                              "m",          "\x1b",
                                              "?",          "\x18",
                                              "\x9b",       "\x1bP",
                                              "0",          "\x1b[4:3m",
                                              "\x1b[7m",    "\x1b[0m"};
    for (unsigned seed = 1; seed <= 1500; ++seed) {
        std::mt19937 random(seed);
        std::string bytes;
        for (int i = 0; i < 60; ++i) {
            if (random() % 10 == 0) {
                bytes.push_back(char(random()));
            } else {
                bytes += kPieces[random() % std::size(kPieces)];
            }
        }
        const TerminalLimits limits = {.linesMax = 12, .bytesMax = 1 << 20, .lineCharsMax = 40};
        TerminalText whole(limits), cut(limits);
        whole.append(bytes);
        whole.finish();
        std::vector<std::string> told;  // follows only what takeFirstChanged() tells
        for (size_t pos = 0; pos < bytes.size();) {
            const size_t piece = random() % 7 + 1;
            cut.append(std::string_view(bytes).substr(pos, piece));
            pos += piece;
            const int64_t first = cut.takeFirstChanged();
            REQUIRE(first <= int64_t(told.size()) + cut.nLeftOut());
            told.resize(size_t(first));
            for (int64_t i = first - cut.nLeftOut(); i < cut.size(); ++i)
                told.push_back(cut.text(i));
            for (int64_t i = 0; i < cut.size(); ++i)
                REQUIRE(cut.text(i) == told[size_t(i + cut.nLeftOut())]);
        }
        cut.finish();
        CAPTURE(seed);
        REQUIRE(cut.nLeftOut() == whole.nLeftOut());
        REQUIRE(cut.size() == whole.size());
        for (int64_t i = 0; i < cut.size(); ++i)
            REQUIRE(cut.line(i) == whole.line(i));
        const TerminalSnapshot snapshot = cut.snapshot();
        REQUIRE(snapshot.size() == cut.size());
        REQUIRE(snapshot.nLeftOut() == cut.nLeftOut());
        cut.append("after it\n");  // which a snapshot does not see
        for (int64_t i = 0; i < snapshot.size(); ++i) {
            const TerminalLine line = snapshot.line(i);
            REQUIRE(line == whole.line(i));
            REQUIRE(snapshot.text(i) == line.text);
            int32_t end = 0;
            for (const TerminalRun& run : line.runs) {
                REQUIRE(run.begin == end);
                end = run.end;
            }
            REQUIRE((line.runs.empty() || end == int32_t(line.text.size())));
        }
    }
}

TEST_CASE("a million coloured lines", "[.bench]") {
    TerminalText text;
    std::string block;
    for (int i = 0; i < 1000; ++i) {
        block += fmt::format(
            "\x1b[32m[{}/1000]\x1b[0m Building CXX object app/desktop/text/a.cpp.o\n", i);
    }
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < 1000; ++i)
        text.append(block);
    const double ms =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
    std::printf("1,000,000 lines, %.1f MB in %.0f ms: %.1f MB/s, store %.1f MB\n",
                double(block.size()) / 1000, ms, double(block.size()) / ms,
                double(text.storeBytes()) / 1e6);
    CHECK(text.size() == 1'000'000);
}

}  // namespace moxie::desktop
