#include "indexer/outline/outline.h"

#include <algorithm>
#include <random>

#include "base/file.h"
#include "indexer/language.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::indexer;

namespace {

struct Sample {
    std::string text;
    Outline outline;
};

Sample outlineOf(const std::string& file) {
    Sample sample;
    const auto read =
        base::readFile(std::string(MOXIE_SOURCE_DIR) + "/tests/data/languages/" + file);
    REQUIRE(read);
    sample.text = *read;
    Outliner outliner;
    auto outline = outliner.outline(language(languageOfPath(file)).grammar, sample.text, {});
    REQUIRE(outline);
    sample.outline = std::move(*outline);
    CHECK_FALSE(sample.outline.isDamaged);
    return sample;
}

// "kind parent.name"
bool hasSymbol(const Sample& sample, const std::string& wanted) {
    std::string all;
    for (const OutlineSymbol& symbol : sample.outline.symbols) {
        const std::string dot = symbol.parent.empty() ? "" : std::string(symbol.parent) + ".";
        const std::string line =
            std::string(toString(symbol.kind)) + " " + dot + std::string(symbol.name);
        if (line == wanted) return true;
        all += line + "\n";
    }
    UNSCOPED_INFO("not there: " << wanted << "\n" << all);
    return false;
}

// "role name in enclosing"
bool hasReference(const Sample& sample, const std::string& wanted) {
    std::string all;
    for (const OutlineReference& use : sample.outline.references) {
        std::string line = std::string(toString(use.role)) + " " + std::string(use.name);
        if (use.symbol >= 0)
            line += " in " + std::string(sample.outline.symbols[size_t(use.symbol)].name);
        if (line == wanted) return true;
        all += line + "\n";
    }
    UNSCOPED_INFO("not there: " << wanted << "\n" << all);
    return false;
}

bool hasImport(const Sample& sample, const std::string& target) {
    const auto& all = sample.outline.imports;
    return std::find(all.begin(), all.end(), target) != all.end();
}

}  // namespace

TEST_CASE("every grammar fits the parser core", "[indexer]") {
    const auto status = checkGrammars();
    CHECK(status);
}

TEST_CASE("C: functions, types, macros and who calls whom", "[indexer]") {
    const Sample sample = outlineOf("sample.c");
    for (const char* symbol :
         {"macro LIMIT", "macro SQUARE", "enumeration colour", "enumerator colour.RED",
          "type point", "field point.x", "field point.y", "type token", "constant table",
          "function add_one", "function parse_list"})
        CHECK(hasSymbol(sample, symbol));
    CHECK(hasReference(sample, "call parse_list in add_one"));
    CHECK(hasReference(sample, "read LIMIT in add_one"));
    CHECK(hasReference(sample, "call SQUARE in parse_list"));
    CHECK_FALSE(hasReference(sample, "read local in add_one"));  // bound inside the function
    CHECK(hasImport(sample, "stdio.h"));
    CHECK(hasImport(sample, "list.h"));
    const auto declarations =
        std::count_if(sample.outline.symbols.begin(), sample.outline.symbols.end(),
                      [](const OutlineSymbol& symbol) { return symbol.isDeclaration; });
    CHECK(declarations == 1);
}

TEST_CASE("C++: members inside and outside their class", "[indexer]") {
    const Sample sample = outlineOf("sample.cpp");
    for (const char* symbol :
         {"module shop", "type shop.Cart", "constructor Cart.Cart", "method Cart.add",
          "method Cart.total", "field Cart.items_", "typeAlias shop.Number",
          "enumeration shop.Kind", "enumerator Kind.small", "function main"})
        CHECK(hasSymbol(sample, symbol));
    CHECK(hasReference(sample, "inherit Base in Cart"));
    CHECK(hasReference(sample, "call add in main"));
    CHECK(hasReference(sample, "call push_back in add"));
}

TEST_CASE("Python: classes, methods, decorators, imports", "[indexer]") {
    const Sample sample = outlineOf("sample.py");
    for (const char* symbol :
         {"constant LIMIT", "type Basket", "field Basket.size", "constructor Basket.__init__",
          "method Basket.total", "function compute"})
        CHECK(hasSymbol(sample, symbol));
    CHECK(hasReference(sample, "inherit Cart in Basket"));
    CHECK(hasReference(sample, "call compute in total"));
    CHECK_FALSE(hasReference(sample, "read result in compute"));
    CHECK(hasImport(sample, "os.path"));
    CHECK(hasImport(sample, "shop.cart"));
    const auto total = std::find_if(sample.outline.symbols.begin(), sample.outline.symbols.end(),
                                    [](const auto& symbol) { return symbol.name == "total"; });
    REQUIRE(total != sample.outline.symbols.end());
    CHECK(total->lineFirst == 11);  // with its decorator
    CHECK(total->lineLast == 13);
}

TEST_CASE("each import of a statement counts, by what it is called at home", "[indexer]") {
    Outliner outliner;
    const auto importsOf = [&](Grammar grammar, const std::string& text) {
        const auto outline = outliner.outline(grammar, text, {});
        REQUIRE(outline);
        return outline->imports;
    };
    using Texts = std::vector<std::string>;
    CHECK(importsOf(Grammar::python, "import numpy as np, os.path\nfrom a import b as c\n") ==
          Texts{"numpy", "os.path", "a"});
    CHECK(importsOf(Grammar::rust, "use std::io as stdio;\n") == Texts{"std::io"});
}

TEST_CASE("JavaScript: functions in all their spellings", "[indexer]") {
    const Sample sample = outlineOf("sample.js");
    for (const char* symbol : {"constant LIMIT", "type Cart", "field Cart.count", "method Cart.add",
                               "function total", "function double", "function run"})
        CHECK(hasSymbol(sample, symbol));
    CHECK(hasReference(sample, "call total in add"));
    CHECK(hasReference(sample, "call read in total"));
    CHECK(hasReference(sample, "inherit Base in Cart"));
    CHECK(hasImport(sample, "./reader.js"));
}

TEST_CASE("TypeScript: interfaces, aliases, enums", "[indexer]") {
    const Sample sample = outlineOf("sample.ts");
    for (const char* symbol :
         {"interface Shape", "method Shape.area", "field Shape.name", "typeAlias Pair",
          "enumeration Colour", "enumerator Colour.Red", "enumerator Colour.Green", "type Square",
          "field Square.side", "method Square.area", "function multiply"})
        CHECK(hasSymbol(sample, symbol));
    CHECK(hasReference(sample, "call multiply in area"));
    CHECK(hasReference(sample, "inherit Shape in Square"));
}

TEST_CASE("Go: receivers are the parents of methods", "[indexer]") {
    const Sample sample = outlineOf("sample.go");
    for (const char* symbol : {"constant Limit", "type Cart", "interface Adder", "method Cart.Add",
                               "method Adder.Add", "field Cart.items", "function report"})
        CHECK(hasSymbol(sample, symbol));
    CHECK(hasReference(sample, "call report in Add"));
    CHECK(hasReference(sample, "call Println in report"));
    CHECK(hasImport(sample, "fmt"));
}

TEST_CASE("Rust: impl blocks give their methods a parent", "[indexer]") {
    const Sample sample = outlineOf("sample.rs");
    for (const char* symbol :
         {"constant LIMIT", "type Cart", "field Cart.items", "enumeration Kind",
          "enumerator Kind.Small", "interface Total", "method Total.total", "method Cart.total",
          "function add_up", "macro twice"})
        CHECK(hasSymbol(sample, symbol));
    CHECK(hasReference(sample, "call add_up in total"));
    CHECK(hasImport(sample, "std::fmt"));
}

TEST_CASE("Java: classes, constructors, constants", "[indexer]") {
    const Sample sample = outlineOf("Sample.java");
    for (const char* symbol :
         {"type Sample", "constant Sample.LIMIT", "field Sample.items", "constructor Sample.Sample",
          "method Sample.run", "method Sample.report", "enumeration Colour",
          "enumerator Colour.RED", "interface Shape", "method Shape.area"})
        CHECK(hasSymbol(sample, symbol));
    CHECK(hasReference(sample, "call report in run"));
    CHECK(hasReference(sample, "inherit Runnable in Sample"));
    CHECK(hasImport(sample, "java.util.List"));
}

TEST_CASE("damaged text keeps the symbols around the damage", "[indexer]") {
    Outliner outliner;
    const std::string text =
        "int before(void) { return 1; }\n@@@ <<<< )\nint after(void) { return 2; }\n";
    const auto outline = outliner.outline(Grammar::c, text, {});
    REQUIRE(outline);
    CHECK(outline->isDamaged);
    CHECK(std::any_of(outline->symbols.begin(), outline->symbols.end(),
                      [](const auto& symbol) { return symbol.name == "before"; }));
    CHECK(std::any_of(outline->symbols.begin(), outline->symbols.end(),
                      [](const auto& symbol) { return symbol.name == "after"; }));
}

TEST_CASE("a macro call inside a function is not a definition", "[indexer]") {
    Outliner outliner;
    const std::string text = "int run() {\n    CHECKED(x) { return 1; }\n    return 2;\n}\n";
    const auto outline = outliner.outline(Grammar::cpp, text, {});
    REQUIRE(outline);
    REQUIRE(outline->symbols.size() == 1);
    CHECK(outline->symbols.front().name == "run");
}

TEST_CASE("macros of our own code do not hide the functions after them", "[indexer]") {
    const auto text = base::readFile(std::string(MOXIE_SOURCE_DIR) + "/indexer/store_texts.cpp");
    REQUIRE(text);
    Outliner outliner;
    const auto outline = outliner.outline(Grammar::cpp, *text, {});
    REQUIRE(outline);
    for (const char* name : {"nameId", "addUses", "addBlob"}) {
        INFO(name);
        CHECK(std::any_of(outline->symbols.begin(), outline->symbols.end(), [&](const auto& s) {
            return s.name == name && s.parent != "TRY_ASSIGN" &&
                   (s.kind == SymbolKind::method || s.kind == SymbolKind::function);
        }));
    }
    CHECK(std::none_of(outline->symbols.begin(), outline->symbols.end(), [](const auto& s) {
        return s.name == "TRY_ASSIGN" && s.lineLast > s.lineFirst;
    }));
}

TEST_CASE("random bytes and deep nesting never crash an outline", "[indexer]") {
    std::mt19937 random(7);  // fixed seed
    Outliner outliner;
    for (int grammar = 1; grammar < kGrammarCount; grammar++) {
        std::string text;
        for (int i = 0; i < 3000; i++)
            text.push_back(char(random() & 0xff));
        CHECK(outliner.outline(Grammar(grammar), text, {}));
        CHECK(outliner.outline(Grammar(grammar), std::string(20'000, '('), {}));
        CHECK(outliner.outline(Grammar(grammar), "", {}));
    }
}

TEST_CASE("Constructs without the parts that they usually have are no harm", "[indexer][outline]") {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"a.rb", "require do\nend\nrequire {}\ninclude {}\nattr_reader {}\nclass << self\nend\n"},
        {"a.rb", "send {}\nX = Struct.new {}\nalias_method {}\nclass A < \nend\n"},
        {"a.go", "package a\nfunc () Run() {}\nfunc (*) Stop() {}\nfunc (a) Go() {}\n"},
        {"a.css", "{}\n{ color: red }\n"},
        {"a.py", "import\nfrom import x\nclass :\n  pass\n"},
        {"a.ts", "import from 'x';\nexport {} from;\nclass { }\n"},
        {"a.rs", "use ;\nimpl {}\nfn () {}\n"},
        {"a.java", "import ;\nclass { void () {} }\n"},
        {"a.c", "typedef ;\nstruct { };\nint (*)();\n#include\n"}};
    for (const auto& [path, text] : cases) {
        CAPTURE(path, text);
        Outliner outliner;
        CHECK(outliner.outline(language(languageOfPath(path)), text, {}));
    }
}

TEST_CASE("Symbols come in the order of the text", "[indexer][outline]") {
    const std::string text = "enum Color { red = 1, 'green', blue = 2 }\n";
    Outliner outliner;
    const auto outline = outliner.outline(language(languageOfPath("a.ts")), text, {});
    REQUIRE(outline);
    std::string names;
    for (const OutlineSymbol& symbol : outline->symbols)
        names += std::string(symbol.name) + " ";
    CHECK(names == "Color red 'green' blue ");
}

// Most of these took minutes: what is done for one of the parts must not grow with their number.
TEST_CASE("Texts made to be hard are outlined in time", "[indexer][outline]") {
    Outliner outliner;
    const auto isOutlined = [&](const char* path, const std::string& text) {
        return outliner.outline(language(languageOfPath(path)), text, {}).has_value();
    };
    const auto repeated = [](std::string_view part, size_t times) {
        std::string out;
        for (size_t i = 0; i < times; i++)
            out += part;
        return out;
    };
    // Every receiver begins with all that stands before it.
    CHECK(isOutlined("a.js", "f('" + std::string(700'000, 'x') + "')" + repeated(".aa()", 80'000)));
    // Quotes that nothing closes.
    CHECK(isOutlined("a.js", "f(/" + repeated("\\'", 150'000) + "/).go();\n"));
    // Constants in blocks in blocks.
    CHECK(isOutlined("a.js", repeated("{const f = 1;", 20'000) + repeated("}", 20'000)));
    // Equal names, of the tree and of the scanner.
    CHECK(isOutlined("a.lua", repeated("function f() end\n", 100'000)));
}
