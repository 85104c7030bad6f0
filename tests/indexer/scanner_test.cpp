#include "indexer/outline/scanner.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "indexer/grammar_modules.h"
#include "indexer/highlight.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::indexer;

namespace {

// "kind parent.name first-last"
std::vector<std::string> lines(const Outline& outline) {
    std::vector<std::string> all;
    for (const OutlineSymbol& symbol : outline.symbols) {
        const std::string dot = symbol.parent.empty() ? "" : std::string(symbol.parent) + ".";
        all.push_back(std::string(toString(symbol.kind)) + " " + dot + std::string(symbol.name) +
                      " " + std::to_string(symbol.lineFirst) + "-" +
                      std::to_string(symbol.lineLast));
    }
    return all;
}

std::vector<std::string> scanned(Family family, std::string_view text) {
    return lines(scanOutline(family, text));
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("the scanner knows what a brace opens", "[indexer][scanner]") {
    CHECK(scanned(Family::c,
                  "// int no(void) {\n"
                  "#define MAX 3\n"
                  "struct point { int x; };\n"
                  "static struct point *make(const char *s)\n"
                  "{\n    if (s) { char c = '}'; }\n    return \"{\";\n}\n"
                  "int later(void);\n") ==
          Lines{"macro MAX 2-2", "type point 3-3", "function make 4-8", "function later 9-9"});
    CHECK(scanned(Family::types,
                  "public class Store {\n"
                  "    @Inject(name = \"x\")\n"
                  "    private int size() {\n        return 1;\n    }\n"
                  "}\n") == Lines{"type Store 1-6", "method Store.size 3-5"});
}

TEST_CASE("the scanner knows pointers to functions", "[indexer][scanner]") {
    CHECK(scanned(Family::c,
                  "API void (*mod_alloc)(int n) ATTR;\n"
                  "API void * (*mod_get)(int n) ATTR;\n"
                  "struct ops {\n    int (*open)(const char *p);\n};\n"
                  "int plain(int *p);\n"
                  "int (WINAPI *hook)(int);\n"
                  "typedef int (*cb)(int *p);\n"
                  "typedef int fn(int *p);\n"
                  "void run(void)\n{\n    int (*local)(int) = 0;\n}\n") ==
          Lines{"variable mod_alloc 1-1", "variable mod_get 2-2", "type ops 3-5",
                "field ops.open 4-4", "function plain 6-6", "variable hook 7-7", "typeAlias cb 8-8",
                "typeAlias fn 9-9", "function run 10-13"});
}

TEST_CASE("the scanner ends definitions by indentation and by end", "[indexer][scanner]") {
    CHECK(scanned(Family::python,
                  "class A:\n    \"\"\"def no(): pass\n    \"\"\"\n    def f(self):\n"
                  "        pass\n\nx = 1\n") == Lines{"type A 1-5", "method A.f 4-5"});
    CHECK(scanned(Family::ruby, "module M\n  def f\n    if x\n    end\n  end\nend\n") ==
          Lines{"module M 1-6", "function M.f 2-5"});
    CHECK(scanned(Family::ruby, "class A\n  def self.f\n  end\n  def g=(x)\n  end\nend\n") ==
          Lines{"type A 1-6", "method A.f 2-3", "method A.g= 4-5"});
    CHECK(scanned(Family::shell, "f() {\n  echo '}'\n}\n") == Lines{"function f 1-3"});
    CHECK(scanned(Family::lisp, "(defun go (x)\n  (car x))\n\n(defvar *y* 1)\n") ==
          Lines{"function go 1-2", "variable *y* 4-4"});
}

TEST_CASE("the scanner reads Structured Text in any case", "[indexer][scanner]") {
    CHECK(scanned(Family::pascal,
                  "FUNCTION_BLOCK FB_Pump\nVAR_INPUT\n  run : BOOL;\nEND_VAR\nIF run THEN\n"
                  "END_IF;\nEND_FUNCTION_BLOCK\n\nprogram main\nend_program\n") ==
          Lines{"type FB_Pump 1-7", "module main 9-10"});
}

TEST_CASE("the scanner finds headings, tables and sections", "[indexer][scanner]") {
    CHECK(scanned(Family::markdown, "# One\ntext\n## Two\nmore\n# Three\n") ==
          Lines{"module One 1-4", "module One.Two 3-4", "module Three 5-5"});
    CHECK(scanned(Family::sql,
                  "CREATE TABLE IF NOT EXISTS users (\n  id INT\n);\n-- create view no\n") ==
          Lines{"type users 1-2"});
    CHECK(scanned(Family::ini, "[core]\na = 1\n; [no]\n[next]\n") ==
          Lines{"module core 1-3", "module next 4-4"});
}

TEST_CASE("the scanner takes any bytes in every family", "[indexer][scanner]") {
    std::mt19937 random(7);
    const std::string bits = "{}()[];:=<>#\"'`\\\n\t /*-.@~%$ abcdef class end function def";
    for (int family = 0; family < kFamilyCount; family++) {
        for (int round = 0; round < 60; round++) {
            std::string text;
            for (int i = 0; i < 300; i++)
                text += round % 2 ? char(random() % 256) : bits[random() % bits.size()];
            const Outline outline = scanOutline(Family(family), text);
            for (const OutlineSymbol& symbol : outline.symbols) {
                REQUIRE(symbol.lineFirst >= 1);
                REQUIRE(symbol.lineLast >= symbol.lineFirst);
                REQUIRE(symbol.byteLast >= symbol.byteFirst);
                REQUIRE(symbol.byteLast <= text.size());
            }
        }
    }
}

TEST_CASE("a grammar that is a module gives symbols and colours", "[indexer][modules]") {
    REQUIRE(moduleLanguage(Grammar::lua));
    Outliner outliner;
    const Language& lua = language(languageOfPath("a.lua"));
    const auto outline = outliner.outline(lua, "local function go(x)\n  return x\nend\n", {});
    REQUIRE(outline);
    CHECK(lines(*outline) == Lines{"function go 1-3"});
    const auto spans = highlight("local x = 12 -- why\n", "lua");
    REQUIRE(spans.size() >= 3);
    CHECK(spans.front() == TokenSpan{0, 5, TokenKind::keyword});
    CHECK(spans.back().kind == TokenKind::comment);
}

TEST_CASE("a missing or damaged module is an error with a place, never a crash",
          "[indexer][modules]") {
    CHECK_FALSE(loadGrammar("/nonexistent", "lua"));
    CHECK(loadGrammar("/nonexistent", "lua").error().kind() == base::Errc::notFound);
    CHECK_FALSE(moduleLanguage(Grammar::none));
    const auto loaded = loadGrammar(grammarFolder(), "lua");
    REQUIRE(loaded);
    CHECK(*loaded == moduleLanguage(Grammar::lua));
}

TEST_CASE("a language without a grammar has the scanner's outline", "[indexer][modules]") {
    Outliner outliner;
    const auto outline =
        outliner.outline(language(languageOfName("Eiffel")), "class STACK\nend\n", {});
    REQUIRE(outline);
    CHECK(lines(*outline) == Lines{"type STACK 1-2"});
}

TEST_CASE("a function in a damaged tree does not hide the ones behind it", "[indexer][scanner]") {
    const std::string text =
        "Status open(int a) {\n    TRY_ASSIGN(const int x, f());\n    if (x) {\n        g(;\n    "
        "}\n}\n"
        "\nint second(int b) {\n    return b;\n}\n\nint third() {\n    return 3;\n}\n";
    Outliner outliner;
    const auto outline = outliner.outline(language(languageOfPath("a.cpp")), text, {});
    REQUIRE(outline);
    std::vector<std::string> names;
    for (const OutlineSymbol& symbol : outline->symbols)
        names.emplace_back(symbol.name);
    CHECK(std::find(names.begin(), names.end(), "open") != names.end());
    CHECK(std::find(names.begin(), names.end(), "second") != names.end());
    CHECK(std::find(names.begin(), names.end(), "third") != names.end());
    for (const OutlineReference& reference : outline->references)
        CHECK(reference.symbol < int32_t(outline->symbols.size()));
}

// They took minutes: what is done at a line end or a brace must not look through the whole text.
TEST_CASE("the scanner takes one long line and a million empty ones in time",
          "[indexer][scanner]") {
    const Outline sparse =
        scanOutline(Family::types, "a" + std::string(1'000'000, '\n') + "class B {\n}\n");
    REQUIRE(sparse.symbols.size() == 1);
    CHECK(sparse.symbols[0].lineLast == 1'000'002);
    std::string line;
    while (line.size() < 1'000'000)
        line += "class A { } ";
    CHECK(scanOutline(Family::types, line).symbols.size() == line.size() / 12);
}
