// An edit through the bytes of a file: whatever its line ends, marks and foreign bytes are, what is
// outside the edit stays, and what is inside is the intended text.
#include <fmt/format.h>

#include "tests/tools/edit_cases.h"
#include "tests/tools/fixture.h"
#include "tools/text_file.h"

using namespace moxie::tests;
using moxie::tools::TextFile;

namespace {

struct Form {
    const char* name;
    std::string (*bytesOf)(const std::string& text);
};

std::string unchanged(const std::string& text) {
    return text;
}

std::string crlf(const std::string& text) {
    return replacedAll(text, "\n", "\r\n");
}

std::string marked(const std::string& text) {
    return "\xEF\xBB\xBF" + text;
}

std::string markedCrlf(const std::string& text) {
    return marked(crlf(text));
}

std::string openEnded(const std::string& text) {
    return text.substr(0, text.size() - 1);
}

constexpr Form kForms[] = {{"as it is", unchanged},
                           {"CRLF", crlf},
                           {"byte order mark", marked},
                           {"mark and CRLF", markedCrlf},
                           {"no newline at the end", openEnded}};

// The bytes after the edit; empty: refused.
std::string editedBytes(const std::string& bytes, const Edit& edit) {
    const TextFile file(bytes);
    const std::string oldText = moxie::tools::withLf(edit.oldText());
    const std::string newText = moxie::tools::withLf(edit.newText());
    const auto outcome =
        moxie::tools::matchEdit({.text = file.text(), .oldText = oldText, .newText = newText});
    return outcome ? file.spliced(outcome->splices) : std::string();
}

// Foreign bytes at the ends of some lines outside the edit.
std::vector<std::string> withForeignBytes(std::vector<std::string> lines, Random& random) {
    static const std::string kForeign[] = {std::string(" \xFF\xFE"), std::string(" \xC3"),
                                           std::string(" \0 \0", 4), " \u201C\u2026\u00A0"};
    for (std::string& line : lines)
        if (below(random, 8) == 0) line += kForeign[below(random, 4)];
    return lines;
}

}  // namespace

TEST_CASE("an edit gives the intended bytes in every form of file", "[tools]") {
    Random random(20261123);
    const std::vector<std::string> texts = sourceTexts();
    int nApplied = 0, nTried = 0;
    for (const Form& form : kForms)
        for (const Operator& op : operators())
            for (int tries = 0; tries < 25; ++tries) {
                const std::vector<std::string> lines =
                    withForeignBytes(copied(texts[below(random, texts.size())]), random);
                const std::string text = joined(lines);
                const Edit gold = randomEdit(lines, random);
                const std::string truth = trulyEdited(text, gold);
                Edit corrupted = gold;
                if (truth.empty() || !op.corrupt(corrupted, random)) continue;
                if (corrupted.oldText() == gold.oldText() && corrupted.newText() != gold.newText())
                    continue;
                // An open end makes old's last newline one that the file lacks: another edit.
                if (form.bytesOf == openEnded && text.ends_with(gold.oldText())) continue;
                const std::string result = editedBytes(form.bytesOf(text), corrupted);
                ++nTried;
                if (result.empty()) continue;
                ++nApplied;
                CAPTURE(form.name, op.name, corrupted.oldText(), corrupted.newText());
                REQUIRE(op.kind != Kind::foreign);
                const bool isIntended = result == form.bytesOf(truth);
                REQUIRE(isIntended);
            }
    INFO(nApplied << " of " << nTried << " applied");
    CHECK(nApplied * 10 > nTried * 7);  // one kind in seven is to be refused
}

TEST_CASE("an edit whose place is gone or there twice is refused", "[tools]") {
    Random random(20261124);
    const std::vector<std::string> texts = sourceTexts();
    int nTried = 0, nFalse = 0;
    std::string applications;
    for (const Operator& op : operators())
        for (int tries = 0; tries < 60; ++tries) {
            const std::vector<std::string> lines = copied(texts[below(random, texts.size())]);
            const std::string text = joined(lines);
            Edit edit = randomEdit(lines, random);
            if (trulyEdited(text, edit).empty()) continue;
            const std::string twice = text + text;
            std::string gone = text, inARow = text;
            gone.erase(gone.find(edit.oldText()), edit.oldText().size());
            inARow.insert(inARow.find(edit.oldText()), edit.oldText());
            if (!op.corrupt(edit, random)) continue;
            const std::string oldText = moxie::tools::withLf(edit.oldText());
            const std::string newText = moxie::tools::withLf(edit.newText());
            for (const std::string& other : {twice, inARow, gone}) {
                ++nTried;
                const auto outcome = moxie::tools::matchEdit(
                    {.text = other, .oldText = oldText, .newText = newText});
                if (!outcome) continue;
                ++nFalse;
                applications += fmt::format("{}, {}:\n{}-->\n{}", op.name,
                                            other.size() > text.size() ? "twice" : "gone",
                                            outcome->fallback, oldText, newText);
            }
        }
    CAPTURE(applications);
    INFO(nFalse << " of " << nTried);
    CHECK(nFalse * 1000 <= nTried);
}

TEST_CASE("added lines take the tabs or blanks of the file", "[tools]") {
    const std::string blanks =
        "def f(x):\n    if x:\n        g()\n    return 0\n\ndef h():\n    f(1)\n";
    const std::string tabs = "def f(x):\n\tif x:\n\t\tg()\n\treturn 0\n\ndef h():\n\tf(1)\n";
    // old as in the file, new in the other style
    CHECK(edited(blanks, "    return 0\n", "\tif y:\n\t\treturn 1\n\treturn 2\n") ==
          replacedAll(blanks, "    return 0\n", "    if y:\n        return 1\n    return 2\n"));
    CHECK(edited(tabs, "\treturn 0\n", "    if y:\n        return 1\n    return 2\n") ==
          replacedAll(tabs, "\treturn 0\n", "\tif y:\n\t\treturn 1\n\treturn 2\n"));
    CHECK(edited(blanks, "return 0", "y = x\n\treturn y") ==
          replacedAll(blanks, "return 0", "y = x\n    return y"));
    // old and new in the other style, new deeper than anything in old
    CHECK(edited(blanks, "\tif x:\n\t\tg()\n", "\tif x:\n\t\tg()\n\t\tif y:\n\t\t\tg()\n") ==
          replacedAll(blanks, "g()\n", "g()\n        if y:\n            g()\n"));
    CHECK(edited(tabs, "    if x:\n        g()\n", "    if x:\n        if y:\n            g()\n") ==
          replacedAll(tabs, "\t\tg()\n", "\t\tif y:\n\t\t\tg()\n"));
    // old with trailing blanks, new in tabs
    CHECK(edited(blanks, "    return 0  \n", "\treturn 1\n") ==
          replacedAll(blanks, "return 0", "return 1"));
    // the edit is about the indentation, or the file has both, or shows no style: as it was sent
    CHECK(edited(blanks, "    if x:\n        g()\n", "    if x:\n\tg()\n") ==
          replacedAll(blanks, "        g()\n", "\tg()\n"));
    const std::string mixed = blanks + "\tx\n";
    CHECK(edited(mixed, "    return 0\n", "\treturn 1\n") ==
          replacedAll(mixed, "    return 0\n", "\treturn 1\n"));
    CHECK(edited("a\nb\n", "b", "b:\n\tc") == "a\nb:\n\tc\n");
}
