// The matcher chain: each step by hand, then a property test that corrupts edits of real source.
#include "tools/edit_match.h"

#include <fmt/format.h>

#include "tests/tools/edit_cases.h"
#include "tests/tools/fixture.h"

using namespace moxie::tests;
using moxie::tools::matchEdit;

TEST_CASE("an edit fits in spite of small slips", "[tools]") {
    const std::string text =
        "def f(x):  \n\tif x:\n\t\treturn \"a-b\"\n\treturn 0\n\nlast = f(1)\n";
    CHECK(edited(text, "last = f(1)", "last = f(2)") ==
          "def f(x):  \n\tif x:\n\t\treturn \"a-b\"\n\treturn 0\n\nlast = f(2)\n");
    CHECK(edited(text, "def f(x):\n\tif x:\n", "def f(x):\n\tif not x:\n") ==
          "def f(x):  \n\tif not x:\n\t\treturn \"a-b\"\n\treturn 0\n\nlast = f(1)\n");
    CHECK(edited(text, "    if x:\n        return \"a-b\"\n",
                 "    if x:\n        g()\n        return \"a-b\"\n") ==
          "def f(x):  \n\tif x:\n\t\tg()\n\t\treturn \"a-b\"\n\treturn 0\n\nlast = f(1)\n");
    CHECK(edited(text, "return \u201Ca\u2013b\u201D", "return \u201Cc\u201D") ==
          "def f(x):  \n\tif x:\n\t\treturn \"c\"\n\treturn 0\n\nlast = f(1)\n");
    CHECK(edited(text, "\\treturn 0\\n\\nlast", "\\treturn 1\\n\\nlast") ==
          "def f(x):  \n\tif x:\n\t\treturn \"a-b\"\n\treturn 1\n\nlast = f(1)\n");
    CHECK(edited(text, "def f(x):\n...\n\treturn 0\n", "def f(x):\n...\n\treturn 1\n") ==
          "def f(x):  \n\tif x:\n\t\treturn \"a-b\"\n\treturn 1\n\nlast = f(1)\n");
}

TEST_CASE("an edit that fits two places is refused", "[tools]") {
    CHECK(edited("a = 1\nb\na = 1\n", "a = 1", "a = 2") == "[ambiguous]");
    CHECK(edited("\ta = 1\nb\n  a = 1\n", "    a = 1\n", "    a = 2\n") == "[ambiguous]");
}

TEST_CASE("an edit never takes a line for another that only looks like it", "[tools]") {
    const std::string text = "int width1 = 10;\nint height = 20;\nint depth = 30;\n";
    CHECK(edited(text, "int width2 = 10;\nint height = 20;\nint depth = 30;\n",
                 "int width2 = 11;\nint height = 20;\nint depth = 30;\n") == "[no match]");
    CHECK(edited(text, "int height = 21;\n", "int height = 22;\n") == "[no match]");
    CHECK(edited("copy(source, target);\nfree(sources);\n", "copy(sources, target);\n",
                 "move(sources, target);\n") == "[no match]");
}

TEST_CASE("a refusal shows the nearest place and what differs", "[tools]") {
    const std::string text = "void f() {\n\tint total = 1;\n\tuse(total);\n}\n";
    const auto miss = matchEdit({.text = text,
                                 .oldText = "void f() {\n    int sum = 5;\n    use(total);\n}\n",
                                 .newText = "void f() {\n    int sum = 6;\n    use(total);\n}\n"});
    REQUIRE_FALSE(miss);
    CHECK(miss.error().code == "no match");
    CHECK(contains(miss.error().advice, "lines 1-4"));
    CHECK(contains(miss.error().advice, "    2|\tint total = 1;"));
    CHECK(contains(miss.error().advice, "not in the file: \u00B7\u00B7\u00B7\u00B7int sum = 5;"));
    const auto there = matchEdit({.text = text, .oldText = "use(sum);", .newText = "use(total);"});
    REQUIRE_FALSE(there);
    CHECK(there.error().code == "already there");
    CHECK(contains(there.error().fact, "at line 3"));
}

namespace {

struct Count {
    int applied = 0, refused = 0, wrong = 0;
};

}  // namespace

TEST_CASE("corrupted edits of real source apply truly or are refused", "[tools]") {
    constexpr unsigned kSeed = 20261122;
    constexpr int kEditsEach = 400;
    Random random(kSeed);
    const std::vector<std::string> texts = sourceTexts();
    REQUIRE(texts.size() > 10);
    Count benign, slips, all, exact;
    std::string table, wrong;
    for (const Operator& op : operators()) {
        Count count;
        int nWrong = 0;
        for (int tries = 0; tries < kEditsEach; ++tries) {
            const std::string& text = texts[below(random, texts.size())];
            const std::vector<std::string> lines = copied(text);
            const Edit gold = randomEdit(lines, random);
            const std::string truth = trulyEdited(text, gold);
            if (truth.empty()) continue;  // the true edit is ambiguous itself
            Edit corrupted = gold;
            if (!op.corrupt(corrupted, random)) continue;
            // Slips in the new text alone leave nothing to match loosely.
            const bool isExact = corrupted.oldText() == gold.oldText();
            if (isExact && corrupted.newText() != gold.newText()) continue;
            // The tool brings line ends to '\n' first; so does this test.
            const std::string result = edited(text, moxie::tools::withLf(corrupted.oldText()),
                                              moxie::tools::withLf(corrupted.newText()));
            if (result == truth && op.kind != Kind::foreign)
                ++count.applied;
            else if (result.starts_with('['))
                ++count.refused;
            else
                ++count.wrong;
            if (count.wrong > nWrong)
                wrong += fmt::format("{}\n--- old\n{}--- new\n{}", op.name, corrupted.oldText(),
                                     corrupted.newText());
            nWrong = count.wrong;
        }
        table += fmt::format("{:<24} applied {:>4}  refused {:>4}  wrong {:>3}\n", op.name,
                             count.applied, count.refused, count.wrong);
        const auto add = [&](Count& sum) {
            sum.applied += count.applied;
            sum.refused += count.refused;
            sum.wrong += count.wrong;
        };
        add(all);
        if (op.kind == Kind::form) add(benign);
        if (op.kind == Kind::form || op.kind == Kind::memory) add(slips);
        if (&op == &operators().front()) add(exact);
    }
    WARN("seed " << kSeed << "\n" << table);
    CAPTURE(wrong);
    if (!wrong.empty()) WARN(wrong);
    const auto total = [](const Count& c) { return c.applied + c.refused + c.wrong; };
    CHECK(exact.applied == total(exact));
    CHECK(benign.applied >= 0.97 * total(benign));
    CHECK(slips.applied >= 0.97 * total(slips));
    CHECK(all.wrong <= 0.001 * total(all));
}
