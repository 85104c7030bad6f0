#include "tests/catch.h"
#include "tests/indexer/links_sample.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::LinksSample;

TEST_CASE("C: a call leads through a header to the body", "[indexer][links]") {
    const LinksSample sample = {
        {"src/list.h", "int list_length(int *list);\n"},
        {"src/list.c", "#include \"list.h\"\nint list_length(int *list) {\n    return *list;\n}\n"},
        {"src/all.h", "#include \"list.h\"\n"},
        {"src/main.c", "#include \"all.h\"\nint main(void) {\n    return list_length(0);\n}\n"},
        {"old/list.c", "int list_length(int *list) {\n    return 0;\n}\n"},
    };
    CHECK(sample.at("src/main.c", 3, "list_length") == "definition imported src/list.c:2");
}

TEST_CASE("C: a static function belongs to its file", "[indexer][links]") {
    const LinksSample sample = {
        {"a.c", "static int twice(int n) { return 2 * n; }\nint a(void) { return twice(1); }\n"},
        {"b.c", "static int twice(int n) { return n + n; }\nint b(void) { return twice(1); }\n"},
        {"c.c", "int c(void) { return twice(1); }\n"},
    };
    CHECK(sample.at("a.c", 2, "twice") == "definition same_file a.c:1");
    CHECK(sample.at("b.c", 2, "twice") == "definition same_file b.c:1");
    CHECK(sample.at("c.c", 1, "twice") == "outside none");
}

TEST_CASE("C: fetched code is not used by ours unless it is included", "[indexer][links]") {
    const LinksSample sample = {
        {"deps/shim/shim.c",
         "int strcasecmp(const char *a, const char *b) { return 0; }\n"
         "int own(void) { return strcasecmp(0, 0); }\n"},
        {"deps/lib/lib.h", "int lib_open(int n);\n"},
        {"deps/lib/lib.c", "#include \"lib.h\"\nint lib_open(int n) { return n; }\n"},
        {"src/a.c", "#include <strings.h>\nint a(void) { return strcasecmp(0, 0); }\n"},
        {"src/b.c", "#include \"../deps/lib/lib.h\"\nint b(void) { return lib_open(1); }\n"},
    };
    CHECK(sample.at("deps/shim/shim.c", 2, "strcasecmp") ==
          "definition same_file deps/shim/shim.c:1");
    CHECK(sample.at("src/a.c", 2, "strcasecmp") == "outside none");
    CHECK(sample.at("src/b.c", 2, "lib_open") == "definition imported deps/lib/lib.c:2");
}

TEST_CASE("C: what cannot be told stays ambiguous, what nobody defines is outside",
          "[indexer][links]") {
    const LinksSample sample = {
        {"one/x.c", "int start(void) { return 1; }\n"},
        {"two/x.c", "int start(void) { return 2; }\n"},
        {"three/y.c", "int run(void) { return start() + puts(\"\"); }\n"},
    };
    CHECK(sample.at("three/y.c", 1, "start") == "ambiguous unique one/x.c:1 two/x.c:1");
    CHECK(sample.at("three/y.c", 1, "puts") == "outside none");
}

TEST_CASE("C: calling a parameter leads nowhere", "[indexer][links]") {
    const LinksSample sample = {
        {"a.c",
         "int visit(int n) { return n; }\n"
         "int each(int (*visit)(int)) {\n    return visit(1);\n}\n"},
    };
    CHECK(sample.at("a.c", 3, "visit").starts_with("local"));
}

TEST_CASE("C++: the type of the object and the arguments choose the method", "[indexer][links]") {
    const LinksSample sample = {
        {"shape.h",
         "struct Circle {\n    int area() const;\n    int grow(int by);\n"
         "    int grow(int by, int limit);\n};\n"
         "struct Square {\n    int area() const { return 4; }\n};\n"},
        {"shape.cpp",
         "#include \"shape.h\"\nint Circle::area() const { return 3; }\n"
         "int Circle::grow(int by) { return by + area(); }\n"
         "int Circle::grow(int by, int limit) { return by + limit; }\n"},
        {"use.cpp",
         "#include \"shape.h\"\nint use(Circle& c) {\n    Square s;\n"
         "    int a = c.area();\n    int b = s.area();\n    return c.grow(1, 2);\n}\n"},
    };
    CHECK(sample.at("use.cpp", 4, "area") == "definition shape shape.cpp:2");
    CHECK(sample.at("use.cpp", 5, "area") == "definition shape shape.h:7");
    CHECK(sample.at("use.cpp", 6, "grow") == "definition shape shape.cpp:4");
    CHECK(sample.at("shape.cpp", 3, "area") == "definition local shape.cpp:2");
}

TEST_CASE("C++: namespaces, also those that a macro opens", "[indexer][links]") {
    const LinksSample sample = {
        {"lib.h",
         "#define BEGIN namespace lib {\n#define END }\nBEGIN\n"
         "inline int hidden(int n) { return n; }\nEND\n"},
        {"open.h", "namespace open {\ninline int shown(int n) { return n; }\n}\n"},
        {"closed.h", "namespace closed {\ninline int shown(int n) { return n; }\n}\n"},
        {"use.cpp",
         "#include \"lib.h\"\n#include \"open.h\"\n#include \"closed.h\"\n"
         "int use() {\n    return lib::hidden(1) +\n           open::shown(2) +\n"
         "           std::shown(3);\n}\n"},
    };
    CHECK(sample.at("use.cpp", 5, "hidden").starts_with("definition imported lib.h:"));
    CHECK(sample.at("use.cpp", 6, "shown") == "definition imported open.h:2");
    CHECK(sample.at("use.cpp", 7, "shown").starts_with("outside"));
}

TEST_CASE("C: code does not lead into tests, tests lead into code", "[indexer][links]") {
    const LinksSample sample = {
        {"src/a.c", "int alpha(void) { return dup2(1, 2); }\n"},
        {"tests/mock.c",
         "int dup2(int a, int b) { return a + b; }\nint m(void) { return alpha(); }\n"},
    };
    CHECK(sample.at("src/a.c", 1, "dup2") == "outside none");
    CHECK(sample.at("tests/mock.c", 2, "alpha") == "definition unique src/a.c:1");
}

TEST_CASE("Callers and callees are the two ends of one call", "[indexer][links]") {
    const LinksSample sample = {
        {"a.c",
         "static int inner(int n) { return n; }\n"
         "int outer(void) {\n    return inner(1) + inner(2);\n}\n"},
        {"b.c", "static int inner(int n) { return n; }\nint other(void) { return inner(1); }\n"},
    };
    const auto callers = sample.index().callers({"a.c", "inner", 1}, 10);
    REQUIRE(callers);
    REQUIRE(callers->size() == 1);
    CHECK(callers->front().other.name == "outer");
    CHECK(callers->front().count == 2);
    const auto callees = sample.index().callees({"a.c", "outer", 2}, 10);
    REQUIRE(callees);
    REQUIRE(callees->size() == 1);
    CHECK(callees->front().other.path == "a.c");
    CHECK(callees->front().other.confidence > 0.9);
    CHECK_FALSE(sample.index().callers({"a.c", "inner", 2}, 10));
}

TEST_CASE("References say which definition each means, and follow an edit", "[indexer][links]") {
    const LinksSample sample = {
        {"a.c", "static int twice(int n) { return 2 * n; }\nint a(void) { return twice(1); }\n"},
        {"b.c", "int b(void) { return twice(1); }\n"},
    };
    auto uses = sample.index().references("twice", 10);
    REQUIRE(uses);
    REQUIRE(uses->size() == 2);
    CHECK(uses->at(0).link.verdict == LinkVerdict::definition);
    CHECK(uses->at(1).link.verdict == LinkVerdict::outside);
    sample.repository().write("b.c", "int twice(int n);\nint b(void) { return twice(1); }\n");
    sample.repository().write("c.c", "int twice(int n) { return n; }\n");
    REQUIRE(sample.index().update({}, {}));
    CHECK(sample.at("b.c", 2, "twice") == "definition same_file c.c:1");
}
