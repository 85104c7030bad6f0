// The matcher chain: each step by hand, then a property test that corrupts edits of real source.
#include "tools/edit_match.h"

#include <fmt/format.h>

#include <chrono>
#include <functional>
#include <random>

#include "tests/tools/fixture.h"
#include "tools/line_merge.h"

using moxie::tests::contains;
using moxie::tools::EditRequest;
using moxie::tools::linesOf;
using moxie::tools::matchEdit;

namespace {

std::string applied(std::string text, const moxie::tools::EditMatch& match) {
    for (auto it = match.splices.rbegin(); it != match.splices.rend(); ++it)
        text.replace(size_t(it->begin), size_t(it->end - it->begin), it->replacement);
    return text;
}

// The text after the edit, or "[code]" of the refusal.
std::string edited(const std::string& text, const std::string& oldText,
                   const std::string& newText) {
    const auto outcome = matchEdit({.text = text, .oldText = oldText, .newText = newText});
    return outcome ? applied(text, *outcome) : "[" + outcome.error().code + "]";
}

}  // namespace

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

using Random = std::mt19937;

size_t below(Random& random, size_t n) {
    return n == 0 ? 0 : random() % n;
}

std::string joined(const std::vector<std::string>& lines) {
    std::string out;
    for (const std::string& line : lines)
        out += line + "\n";
    return out;
}

std::vector<std::string> copied(std::string_view text) {
    const auto lines = linesOf(text);
    return {lines.begin(), lines.end()};
}

// A true edit of a real file: context, one to three changed lines, context.
struct Edit {
    std::vector<std::string> before, removed, added, after;  // context, change, context

    std::string oldText() const { return joined(before) + joined(removed) + joined(after); }

    std::string newText() const { return joined(before) + joined(added) + joined(after); }
};

// Changes both sides of an edit in the same way, as a model does that remembers badly.
using Corruption = std::function<bool(Edit&, Random&)>;

bool onEachLine(Edit& edit, const std::function<std::string(const std::string&)>& change) {
    bool hasChanged = false;
    for (auto* part : {&edit.before, &edit.removed, &edit.added, &edit.after})
        for (std::string& line : *part) {
            std::string changed = change(line);
            hasChanged = hasChanged || changed != line;
            line = std::move(changed);
        }
    return hasChanged;
}

std::string replacedAll(std::string text, std::string_view from, std::string_view to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
        text.replace(at, from.size(), to);
    return text;
}

bool isBlank(const std::string& line) {
    return line.find_first_not_of(" \t") == std::string::npos;
}

struct Operator {
    const char* name;
    bool isBenign;  // a slip of form; counts for the 97 %
    bool isMatchable;
    Corruption corrupt;
};

const std::vector<Operator>& operators() {
    static const std::vector<Operator> kAll = {
        {"none (exact)", true, true, [](Edit&, Random&) { return true; }},
        {"trailing blanks", true, true,
         [](Edit& e, Random&) { return onEachLine(e, [](auto& l) { return l + "  "; }); }},
        {"blanks to tabs", true, true,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) {
                 const size_t depth = l.find_first_not_of(' ');
                 if (depth == std::string::npos || depth % 4 != 0) return l;
                 return std::string(depth / 4, '\t') + l.substr(depth);
             });
         }},
        {"one indent too deep", true, true,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) { return isBlank(l) ? l : "    " + l; });
         }},
        {"CRLF", true, true,
         [](Edit& e, Random&) { return onEachLine(e, [](auto& l) { return l + "\r"; }); }},
        {"curly quotes", true, true,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) { return replacedAll(l, "\"", "\u201D"); });
         }},
        {"no-break blanks", true, true,
         [](Edit& e, Random&) {
             return onEachLine(e, [](auto& l) { return replacedAll(l, " ", "\u00A0"); });
         }},
        {"dropped context line", false, true,
         [](Edit& e, Random& r) {
             auto& part = below(r, 2) == 0 ? e.before : e.after;
             if (part.size() < 2) return false;
             const size_t at = below(r, part.size());
             if (isBlank(part[at])) return false;
             part.erase(part.begin() + int64_t(at));
             return true;
         }},
        {"invented context line", false, true,
         [](Edit& e, Random& r) {
             auto& part = below(r, 2) == 0 ? e.before : e.after;
             part.insert(part.begin() + int64_t(below(r, part.size() + 1)),
                         "    // prepare everything for the next step");
             return true;
         }},
        {"elision", true, true,
         [](Edit& e, Random&) {
             if (e.before.size() < 3) return false;
             e.before = {e.before.front(), "...", e.before.back()};
             return true;
         }},
        {"other change (stale)", false, false,
         [](Edit& e, Random&) {
             bool hasDigit = false;
             for (std::string& line : e.removed)
                 for (char& c : line)
                     if (c >= '0' && c <= '8' && !hasDigit) {
                         ++c;
                         hasDigit = true;
                     }
             return hasDigit;
         }},
        {"wrong file", false, false,
         [](Edit& e, Random&) {
             int n = 0;
             return onEachLine(
                 e, [&](auto& l) { return fmt::format("value_{} = {};", ++n, l.size()); });
         }},
    };
    return kAll;
}

std::vector<std::string> sourceTexts() {
    std::vector<std::string> texts;
    namespace fs = std::filesystem;
    for (const char* room : {"base", "tools", "indexer", "agent", "engine"})
        for (const auto& entry : fs::directory_iterator(fs::path(MOXIE_SOURCE_DIR) / room))
            if (entry.path().extension() == ".cpp" || entry.path().extension() == ".h")
                texts.push_back(moxie::base::readFile(entry.path()).value_or(""));
    std::erase_if(texts, [](const std::string& text) { return linesOf(text).size() < 40; });
    std::sort(texts.begin(), texts.end());
    return texts;
}

Edit randomEdit(const std::vector<std::string>& lines, Random& random) {
    const size_t nBefore = 2 + below(random, 4), nRemoved = 1 + below(random, 3),
                 nAfter = 2 + below(random, 3);
    const size_t start = below(random, lines.size() - nBefore - nRemoved - nAfter);
    const auto slice = [&](size_t from, size_t n) {
        return std::vector<std::string>(lines.begin() + int64_t(from),
                                        lines.begin() + int64_t(from + n));
    };
    Edit edit{slice(start, nBefore),
              slice(start + nBefore, nRemoved),
              {},
              slice(start + nBefore + nRemoved, nAfter)};
    for (const std::string& line : edit.removed) {
        edit.added.push_back(isBlank(line) ? "changed();" : line + " changed();");
        if (below(random, 3) == 0) edit.added.push_back(edit.added.back() + " // more");
    }
    return edit;
}

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
    Count benign, all, exact;
    std::string table;
    for (const Operator& op : operators()) {
        Count count;
        for (int tries = 0; tries < kEditsEach; ++tries) {
            const std::string& text = texts[below(random, texts.size())];
            const std::vector<std::string> lines = copied(text);
            const Edit gold = randomEdit(lines, random);
            const std::string truth = edited(text, gold.oldText(), gold.newText());
            if (truth.starts_with('[')) continue;  // the true edit is ambiguous itself
            Edit corrupted = gold;
            if (!op.corrupt(corrupted, random)) continue;
            // Slips in the new text alone leave nothing to match loosely.
            const bool isExact = corrupted.oldText() == gold.oldText();
            if (isExact && corrupted.newText() != gold.newText()) continue;
            // The tool brings line ends to '\n' first; so does this test.
            const std::string result = edited(text, moxie::tools::withLf(corrupted.oldText()),
                                              moxie::tools::withLf(corrupted.newText()));
            if (result == truth && op.isMatchable)
                ++count.applied;
            else if (result.starts_with('['))
                ++count.refused;
            else
                ++count.wrong;
        }
        table += fmt::format("{:<24} applied {:>4}  refused {:>4}  wrong {:>3}\n", op.name,
                             count.applied, count.refused, count.wrong);
        const auto add = [&](Count& sum) {
            sum.applied += count.applied;
            sum.refused += count.refused;
            sum.wrong += count.wrong;
        };
        add(all);
        if (op.isBenign) add(benign);
        if (&op == &operators().front()) add(exact);
    }
    WARN("seed " << kSeed << "\n" << table);
    const auto total = [](const Count& c) { return c.applied + c.refused + c.wrong; };
    CHECK(exact.applied == total(exact));
    CHECK(benign.applied >= 0.97 * total(benign));
    CHECK(all.wrong <= 0.001 * total(all));
}

TEST_CASE("matching costs little on 20,000 lines", "[tools][.bench]") {
    std::string text;
    const std::vector<std::string> texts = sourceTexts();
    std::vector<std::string> lines;
    for (size_t i = 0; lines.size() < 20'000; ++i)
        for (std::string& line : copied(texts[i % texts.size()]))
            lines.push_back(isBlank(line) ? line : line + fmt::format(" // {}", lines.size()));
    text = joined(lines);
    Random random(7);
    std::vector<double> times;
    for (int i = 0; i < 200; ++i) {
        Edit edit = randomEdit(lines, random);
        operators()[size_t(i) % operators().size()].corrupt(edit, random);
        const auto start = std::chrono::steady_clock::now();
        static_cast<void>(edited(text, edit.oldText(), edit.newText()));
        times.push_back(
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                .count());
    }
    std::sort(times.begin(), times.end());
    WARN("ms: median " << times[100] << ", p99 " << times[197] << ", worst " << times.back());
    CHECK(times[197] < 20);
}
