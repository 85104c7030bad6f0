#include <chrono>

#include "app/desktop/text/markdown_block.h"
#include "app/desktop/text/place_links.h"
#include "tests/catch.h"

namespace moxie::desktop {

namespace {

MarkdownBlock only(std::string_view source) {
    const auto blocks = parseMarkdown(source);
    REQUIRE(blocks.size() == 1);
    return blocks[0];
}

std::string textOf(const MarkdownBlock& block, const TextRun& run) {
    return block.text.substr(size_t(run.begin), size_t(run.end - run.begin));
}

}  // namespace

TEST_CASE("a paragraph's marks become runs over its text", "[desktop][markdown]") {
    const MarkdownBlock block = only("a *b **c*** `d` ~~e~~ &lt;&#x4e2d;&nope; \\*\nf<br>");
    CHECK(block.kind == BlockKind::paragraph);
    CHECK(block.text == "a b c d e <中&nope; * f<br>");
    std::vector<std::pair<std::string, int>> runs;
    int32_t end = 0;
    for (const TextRun& run : block.runs) {
        CHECK(run.begin == end);
        end = run.end;
        runs.emplace_back(textOf(block, run), run.flags);
    }
    CHECK(end == int32_t(block.text.size()));
    CHECK(runs == std::vector<std::pair<std::string, int>>{{"a ", 0},
                                                           {"b ", kItalic},
                                                           {"c", kItalic | kBold},
                                                           {" ", 0},
                                                           {"d", kCode},
                                                           {" ", 0},
                                                           {"e", kStrike},
                                                           {" <中&nope; * f<br>", 0}});
}

TEST_CASE("links lead to the web or to a place, and nowhere else", "[desktop][markdown]") {
    const MarkdownBlock block = only(
        "[a](https://x.org/1) [b](src/a.cpp#L12) [c](javascript:alert(1)) see src/list.cpp:41:7, "
        "`b.h:3` ![pic](http://x.org/p.png) www.y.org [d](file:///etc/passwd) [e](a/b.c:9)");
    REQUIRE(block.links.size() == 7);
    std::vector<std::string> seen;
    for (const TextRun& run : block.runs) {
        if (run.link < 0) continue;
        const TextLink& link = block.links[size_t(run.link)];
        seen.push_back(textOf(block, run) + " > " + link.target +
                       (link.kind == TextLink::Kind::place
                            ? " @" + std::to_string(link.line) + "." + std::to_string(link.column)
                            : "") +
                       ((run.flags & kImage) != 0 ? " image" : ""));
    }
    CHECK(seen == std::vector<std::string>{"a > https://x.org/1", "b > src/a.cpp @12.0",
                                           "src/list.cpp:41:7 > src/list.cpp @41.7",
                                           "b.h:3 > b.h @3.0", "pic > http://x.org/p.png image",
                                           "www.y.org > http://www.y.org", "e > a/b.c @9.0"});
}

TEST_CASE("what only looks like a place is left alone", "[desktop][markdown]") {
    CHECK(findPlaces("at 12:30:45, ratio 1.5:2, http://host.org:8080/x, a.cpp:x, a.cpp:0, foo:3, "
                     "std::x:1, ./:3, v1.2:3abc")
              .empty());
    const auto found = findPlaces("(src/中.cpp:7) a.h:1: b.h:2");
    REQUIRE(found.size() == 3);
    CHECK(found[0].path == "src/中.cpp");
    CHECK(found[2].line == 2);
}

TEST_CASE("lists and quotes are flat blocks that know their depth", "[desktop][markdown]") {
    const auto blocks = parseMarkdown(
        "3. one\n   - [x] done\n   - [ ] open\n\n     more\n4. two\n\n> quote\n> > deep\n> - "
        "item\n\n-\n");

    struct Row {
        std::string text;
        int32_t list, quote, ordinal;
        bool isStart;
        TaskState task;
        bool operator==(const Row&) const = default;
    };

    std::vector<Row> rows;
    for (const MarkdownBlock& block : blocks)
        rows.push_back({block.text, block.listDepth, block.quoteDepth, block.ordinal,
                        block.isItemStart, block.task});
    CHECK(rows == std::vector<Row>{{"one", 1, 0, 3, true, TaskState::none},
                                   {"done", 2, 0, -1, true, TaskState::done},
                                   {"open", 2, 0, -1, true, TaskState::open},
                                   {"more", 2, 0, -1, false, TaskState::none},
                                   {"two", 1, 0, 4, true, TaskState::none},
                                   {"quote", 0, 1, -1, false, TaskState::none},
                                   {"deep", 0, 2, -1, false, TaskState::none},
                                   {"item", 1, 1, -1, true, TaskState::none},
                                   {"", 1, 0, -1, true, TaskState::none}});
}

TEST_CASE("code, tables, headings and rules come with their parts", "[desktop][markdown]") {
    const std::string source =
        "# T *x*\n\n```cpp title\nint a;\n\n  b\n```\ntext\n\n| a | b |\n|:--|--:|\n| 1 | *2* |\n| "
        "3 |\n\n---\n\n    in\n";
    const auto blocks = parseMarkdown(source);
    REQUIRE(blocks.size() == 6);
    CHECK(blocks[0].level == 1);
    CHECK(blocks[0].text == "T x");
    CHECK(blocks[1].kind == BlockKind::code);
    CHECK(blocks[1].language == "cpp");
    CHECK(blocks[1].text == "int a;\n\n  b");
    CHECK(source.substr(size_t(blocks[1].sourceBegin),
                        size_t(blocks[1].sourceEnd - blocks[1].sourceBegin)) ==
          "```cpp title\nint a;\n\n  b\n```\n");
    CHECK(blocks[2].text == "text");
    CHECK(blocks[3].kind == BlockKind::table);
    CHECK(blocks[3].columns == std::vector<CellAlign>{CellAlign::left, CellAlign::right});
    CHECK(blocks[3].text == "a\tb\n1\t2\n3\t");
    REQUIRE(blocks[3].cells.size() == 6);
    CHECK(blocks[3].cells[3] == CellRange{6, 7});
    CHECK(blocks[4].kind == BlockKind::rule);
    CHECK(blocks[5].text == "in");
    for (size_t i = 1; i < blocks.size(); ++i)
        CHECK(blocks[i].sourceBegin >= blocks[i - 1].sourceEnd);
}

TEST_CASE("code keeps its tabs, so that a copied Makefile works", "[desktop][markdown]") {
    CHECK(only("```make\nall:\n\tcc a.c\n\n\n```\n").text == "all:\n\tcc a.c\n\n");
    CHECK(only("```\n").text.empty());
    CHECK(only("~~~\n\tnever ended").text == "\tnever ended");
}

TEST_CASE("hostile Markdown takes bounded time and never throws", "[desktop][markdown]") {
    const auto repeat = [](std::string_view piece, size_t bytes) {
        std::string text;
        while (text.size() < bytes)
            text += piece;
        return text;
    };
    std::vector<std::string> sources;
    for (const std::string_view piece :
         {"> ",   "- ", "1. ", "*",    "_a ",  "[",       "![",      "[a](", "`",
          "``` ", "<",  "&#",  "|",    "\\",   "~",       "**a _b ", "#",    "[a]: b\n",
          "\t",   "\r", "a:1", "\xff", "www.", "http://", "a@b.c "})
        sources.push_back(repeat(piece, 60'000));
    sources.push_back(repeat("|a", 2'000) + "\n" + repeat("|-", 2'000) + "\n" +
                      repeat("|\n", 50'000));
    sources.push_back(std::string(60'000, '\0'));
    sources.push_back(std::string(1 << 21, 'a'));
    for (const std::string& source : sources) {
        CAPTURE(source.substr(0, 20), source.size());
        const auto begin = std::chrono::steady_clock::now();
        const auto blocks = parseMarkdown(source);
        const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::steady_clock::now() - begin)
                            .count();
        CHECK(ms < 3000);
        int64_t bytes = 0;
        for (const MarkdownBlock& block : blocks)
            bytes += int64_t(block.text.size());
        CHECK(bytes <= int64_t(source.size()) * 4);
    }
}

}  // namespace moxie::desktop
