// A block of code of an answer on its way into a file: which file, and what of it becomes other.
#include "app/desktop/model/code_application.h"

#include "app/desktop/text/markdown_block.h"
#include "tests/catch.h"

using namespace moxie::desktop;

namespace {

std::string after(const CodeApplication& way) {
    return std::string(bytesOf(way.after));
}

const std::string kFile =
    "#include <a>\n"
    "\n"
    "int one() {\n"
    "    return 1;\n"
    "}\n"
    "\n"
    "int two() {\n"
    "    return 2;\n"
    "}\n"
    "\n"
    "int three() {\n"
    "    return 3;\n"
    "}\n";

std::string replaced(std::string text, const std::string& what, const std::string& with) {
    return text.replace(text.find(what), what.size(), with);
}

std::vector<std::string> targets(const std::string& markdown, const Turn& turn = {}) {
    const std::vector<MarkdownBlock> blocks = parseMarkdown(markdown);
    for (size_t i = 0; i < blocks.size(); ++i)
        if (blocks[i].kind == BlockKind::code) return targetsOfCode(blocks, i, turn);
    return {};
}

}  // namespace

TEST_CASE("a function takes the place of the one that begins and ends like it",
          "[desktop][apply]") {
    const auto ways = waysToApply(makeText(kFile), "int two() {\n    return 22;\n}\n", "cpp");
    REQUIRE(ways.size() == 3);
    CHECK(ways[0].way == ApplyWay::fitting);
    CHECK(after(ways[0]) == replaced(kFile, "return 2;", "return 22;"));
}

TEST_CASE("what a block leaves out stays", "[desktop][apply]") {
    const auto ways = waysToApply(makeText(kFile),
                                  "int one() {\n    return 11;\n}\n\n// ... existing code ...\n\n"
                                  "int three() {\n    return 33;\n}\n",
                                  "cpp");
    REQUIRE(ways[0].way == ApplyWay::fitting);
    CHECK(after(ways[0]) ==
          replaced(replaced(kFile, "return 1;", "return 11;"), "return 3;", "return 33;"));
}

TEST_CASE("a place that is not the only one is not guessed", "[desktop][apply]") {
    const std::string file = "begin\na\nend\n\nbegin\nb\nend\n";
    const auto ways = waysToApply(makeText(file), "begin\nc\nend\n", "");
    for (const CodeApplication& way : ways)
        CHECK(way.way != ApplyWay::fitting);
}

TEST_CASE("a new file is the block, other code goes to the end or in place of all",
          "[desktop][apply]") {
    const auto fresh = waysToApply(nullptr, "x\n", "");
    REQUIRE(fresh.size() == 1);
    CHECK(fresh[0].way == ApplyWay::wholeFile);
    CHECK(after(fresh[0]) == "x\n");
    const auto other = waysToApply(makeText("a\nb"), "c\n", "");
    REQUIRE(other.size() == 2);
    CHECK(other[0].way == ApplyWay::atEnd);
    CHECK(after(other[0]) == "a\nb\nc\n");
    CHECK(after(other[1]) == "c\n");
    const auto whole = waysToApply(makeText(kFile), "// new\n" + kFile + "// more\n", "cpp");
    CHECK(whole[0].way == ApplyWay::wholeFile);
}

TEST_CASE("lines get the ends of the file", "[desktop][apply]") {
    const auto ways = waysToApply(makeText("a\r\nb\r\nc\r\n"), "a\nB\nc\n", "");
    REQUIRE(ways[0].way == ApplyWay::fitting);
    CHECK(after(ways[0]) == "a\r\nB\r\nc\r\n");
}

TEST_CASE("a diff is applied where its lines stand, or not at all", "[desktop][apply]") {
    const std::string diff =
        "--- a/x.cpp\n+++ b/x.cpp\n@@ -6,4 +6,5 @@\n int two() {\n-    return 2;\n"
        "+    int n = 2;\n+    return n;\n }\n";
    const auto ways = waysToApply(makeText(kFile), diff, "diff");
    REQUIRE(ways[0].way == ApplyWay::patch);
    CHECK(after(ways[0]) == replaced(kFile, "return 2;", "int n = 2;\n    return n;"));
    const auto none = waysToApply(makeText("other\n"), diff, "diff");
    for (const CodeApplication& way : none)
        CHECK(way.way != ApplyWay::patch);
}

TEST_CASE("a giant block of equal lines comes to an end", "[desktop][apply]") {
    std::string file, code;
    for (int i = 0; i < 20'000; ++i)
        file += "}\n";
    for (int i = 0; i < 1'500; ++i)
        code += "}\n";
    CHECK_FALSE(waysToApply(makeText(file), code, "").empty());
}

TEST_CASE("the file is named by the fence, the first line, the words before, or the turn",
          "[desktop][apply]") {
    CHECK(targets("```cpp src/a.cpp\nx\n```\n").at(0) == "src/a.cpp");
    CHECK(targets("```cpp title=\"src/a.cpp\"\nx\n```\n").at(0) == "src/a.cpp");
    CHECK(targets("```python\n# tools/run.py\nx\n```\n").at(0) == "tools/run.py");
    CHECK(targets("In `src/b.cpp:12` write:\n\n```\nx\n```\n").at(0) == "src/b.cpp");
    CHECK(targets("```diff\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-a\n+b\n```\n").at(0) == "a/x.c");
    Turn turn;
    turn.task = "mend @lib/c.cpp please";
    CHECK(targets("```\nx\n```\n", turn) == std::vector<std::string>{"lib/c.cpp"});
    CHECK(targets("Do it:\n\n```\nint x;\n```\n").empty());
}
