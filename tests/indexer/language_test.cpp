#include "indexer/language.h"

#include "tests/catch.h"

using namespace moxie::indexer;

namespace {

std::string_view nameOf(std::string_view path, std::string_view text = "") {
    return language(languageOfText(languageOfPath(path), path, text)).name;
}

}  // namespace

TEST_CASE("a language is told by extension, file name or first line", "[indexer]") {
    CHECK(nameOf("a/b.py") == "Python");
    CHECK(nameOf("a/B.JAVA") == "Java");
    CHECK(nameOf("Makefile") == "Make");
    CHECK(nameOf("src/CMakeLists.txt") == "CMake");
    CHECK(nameOf("config.h.in") == "C");
    CHECK(nameOf("tool", "#!/usr/bin/env python3\nprint()\n") == "Python");
    CHECK(nameOf("tool", "#!/bin/sh\n") == "Shell");
    CHECK(nameOf("tool", "#!/usr/bin/env -S node --flag\n") == "JavaScript");
    CHECK(nameOf("unknown.qqq") == "Unknown");
    CHECK(nameOf(".hidden") == "Unknown");
    CHECK(nameOf("") == "Unknown");
}

TEST_CASE("a header is C++ when its text says so", "[indexer]") {
    CHECK(nameOf("a.h", "struct s { int x; };\n") == "C");
    CHECK(nameOf("a.h", "#ifdef __cplusplus\nnamespace x {\n#endif\nint f(void);\n") == "C");
    CHECK(nameOf("a.h", "namespace x {\nclass A;\n}\n") == "C++");
    CHECK(nameOf("a.h", "/*\n * using this is easy\n */\nint f(void);\n") == "C");
}

TEST_CASE("tests, vendored and generated files are known by their paths", "[indexer]") {
    CHECK(isTestPath("tests/a.c"));
    CHECK(isTestPath("src/a_test.go"));
    CHECK_FALSE(isTestPath("src/attest.c"));
    CHECK(isVendoredPath("x/third_party/y.c"));
    CHECK_FALSE(isVendoredPath("src/vendor.c"));
    CHECK(isGeneratedPath("package-lock.json"));
    CHECK_FALSE(isGeneratedPath("src/lock.c"));
}
