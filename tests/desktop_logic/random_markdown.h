// Random documents out of the pieces that make Markdown hard to cut: marks, fences, indents, blank
// lines. Threads: one thread.
#pragma once
#include <random>
#include <string>

namespace moxie::tests {

inline std::string randomMarkdown(std::mt19937& random, int linesMax) {
    static constexpr const char* kStarts[] = {
        "",   "",   "",    "",    " ",    "  ",  "   ", "    ", "     ", "\t",     "> ",  "> > ",
        "- ", "* ", "1. ", "2. ", "10) ", "-  ", "-",   "1.",   "  - ",  "   1. ", "> - "};
    static constexpr const char* kBodies[] = {
        "word",  "two *words*", "`code`",  "",      "",         "",          "```",       "```cpp",
        "~~~",   "````",        "---",     "===",   "# head",   "| a | b |", "|---|---|", "* * *",
        "**b",   "[a](b.c)",    "x.cpp:3", "~~s~~", "- nested", "2. n",      "&amp;",     "中文",
        "a\\\n", "***",         "`` ` ``", "```x`", "#",        "+"};
    std::string text;
    const int nLines = int(random() % unsigned(linesMax)) + 1;
    for (int i = 0; i < nLines; ++i) {
        if (random() % 4 == 0) {
            text += random() % 6 == 0 ? "\r\n" : "\n";
            continue;
        }
        text += kStarts[random() % std::size(kStarts)];
        text += kBodies[random() % std::size(kBodies)];
        if (i + 1 < nLines || random() % 2 == 0) text += random() % 30 == 0 ? "\r" : "\n";
    }
    return text;
}

// Random documents as people and models write them: whole blocks in any order.
inline std::string randomAnswer(std::mt19937& random, int blocksMax) {
    static constexpr const char* kBlocks[] = {
        "A paragraph with `code`,\n*two lines* and src/a.cpp:7.",
        "# Heading",
        "Under\n---",
        "---",
        "***",
        "```cpp\nint a;\n\n- no list\n    # no heading\n```",
        "~~~~\n```\n~~~\n\n~~~~",
        "- one\n- two\n  - three\n\n    a paragraph in it\n- four",
        "- one\n\n  ```sh\n  make\n\n  make test\n  ```\n\n- two",
        "1. first\n   ```\n   code\n   ```\n2. second\n\n3. third",
        "10. ten\n\n    still ten\n11. eleven",
        "- [x] done\n- [ ] open",
        "* star\n+ plus\n- minus",
        "> quoted\n> > twice\n>\n> - a list\n> ```\n> code\n> ```",
        "> lazy\ncontinued",
        "- lazy\ncontinued",
        "| a | b |\n|---|:-:|\n| 1 | **2** |",
        "    indented code\n\n    after a blank line",
        "<div>\nno html\n</div>",
        "中文段落。",
    };
    std::string text;
    const int nBlocks = int(random() % unsigned(blocksMax)) + 1;
    for (int i = 0; i < nBlocks; ++i) {
        const std::string block = kBlocks[random() % std::size(kBlocks)];
        // md4c alone takes any line right behind a table for a row; cut, a fence there is a fence.
        const bool isTable = block[0] == '|';
        text += block;
        text += random() % 4 == 0 && !isTable ? "\n" : random() % 8 == 0 ? "\n\n\n" : "\n\n";
    }
    return text;
}

}  // namespace moxie::tests
