// glob, grep, symbols, plan and the list of all tools.
#include <filesystem>

#include "tests/tools/fixture.h"
#include "tools/file_tools.h"
#include "tools/glob_pattern.h"

using moxie::tests::contains;
using moxie::tests::ToolBench;
using moxie::tools::GlobPattern;
using moxie::tools::ToolResult;
using nlohmann::json;

TEST_CASE("glob patterns match as people expect", "[tools]") {
    const auto [pattern, path, expected] = GENERATE(table<const char*, const char*, bool>({
        {"*.cpp", "a.cpp", true},
        {"*.cpp", "src/deep/a.cpp", true},
        {"src/*.cpp", "src/a.cpp", true},
        {"src/*.cpp", "src/deep/a.cpp", false},
        {"src/**/*.cpp", "src/a.cpp", true},
        {"src/**/*.cpp", "src/x/y/a.cpp", true},
        {"src/**", "src/x/y/a.cpp", true},
        {"**/test/*", "a/b/test/x", true},
        {"**/test/*", "test/x", true},
        {"**/test/*", "atest/x", false},
        {"*.{h,cpp}", "a.h", true},
        {"{src,tests}/**/*.{h,cp{p,x}}", "tests/a.cpx", true},
        {"?.c", "a.c", true},
        {"?.c", "ab.c", false},
        {"[a-c]x", "bx", true},
        {"[!a-c]x", "bx", false},
        {"a\\*b", "a*b", true},
        {"a\\*b", "axb", false},
        {"Makefile", "sub/Makefile", true},
        {"/Makefile", "sub/Makefile", true},
    }));
    CAPTURE(pattern, path);
    CHECK(GlobPattern::parse(pattern).value().matches(path) == expected);
}

TEST_CASE("a hostile glob pattern costs little", "[tools]") {
    std::string pattern;
    for (int i = 0; i < 100; ++i)
        pattern += "**/*a*";
    CHECK_FALSE(GlobPattern::parse(pattern).value().matches(std::string(3000, 'a') + "/b"));
    CHECK_FALSE(GlobPattern::parse("[a"));
    CHECK_FALSE(GlobPattern::parse("{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}{a,b}"));
}

TEST_CASE("glob lists the newest files first and leaves ignored ones out", "[tools]") {
    ToolBench bench;
    bench.folder.put(".gitignore", "*.o\nbuild/\n");
    for (const char* name : {"old.cpp", "src/new.cpp", "src/a.o", "build/b.cpp", ".git/c.cpp"})
        bench.folder.put(name, "x");
    namespace fs = std::filesystem;
    fs::last_write_time(
        bench.folder.path() / "old.cpp",
        fs::last_write_time(bench.folder.path() / "old.cpp") - std::chrono::hours(1));
    const auto tool = moxie::tools::makeGlobTool();
    CHECK(bench.run(*tool, {{"pattern", "*.cpp"}}).text ==
          "src/new.cpp\nold.cpp\n[2 files, newest first]");
    CHECK(contains(bench.run(*tool, {{"pattern", "*.o"}}).text, "(no files match"));
    CHECK(contains(bench.run(*tool, {{"pattern", "*.cpp"}, {"path", "src"}}).text,
                   "src/new.cpp\n[1 files"));
    CHECK(bench.run(*tool, {{"pattern", "*"}, {"path", "../"}}).isError);
    CHECK(bench.run(*tool, {{"pattern", "["}}).isError);
    for (int i = 0; i < 120; ++i)
        bench.folder.put("many/f" + std::to_string(i) + ".txt", "x");
    CHECK(contains(bench.run(*tool, {{"pattern", "*.txt"}}).text, "[the newest 100 of 120 files"));
}

TEST_CASE("grep has three modes, pages and ignore rules", "[tools]") {
    ToolBench bench;
    bench.folder.put(".gitignore", "ignored\n");
    bench.folder.put("a.py", "import os\n\ndef f():\n    return os\n");
    bench.folder.put("sub/b.py", "import os\n");
    bench.folder.put("c.txt", "OS matters\n");
    bench.folder.put("ignored", "import os\n");
    const auto tool = moxie::tools::makeGrepTool();
    CHECK(bench.run(*tool, {{"pattern", "import"}}).text == "a.py\nsub/b.py\n[2 files]");
    CHECK(bench.run(*tool, {{"pattern", "os"}, {"mode", "count"}}).text ==
          "a.py: 2\nsub/b.py: 1\n[2 files]");
    CHECK(bench.run(*tool, {{"pattern", "os"}, {"mode", "content"}, {"path", "a.py"}}).text ==
          "a.py\n    1:import os\n    4:    return os\n[2 matching lines]");
    CHECK(bench.run(*tool, {{"pattern", "def"}, {"mode", "content"}, {"context", 1}}).text ==
          "a.py\n    2-\n    3:def f():\n    4-    return os\n[1 matching lines]");
    CHECK(contains(bench.run(*tool, {{"pattern", "os"}, {"ignore_case", true}}).text, "c.txt"));
    CHECK(bench.run(*tool, {{"pattern", "os"}, {"glob", "*.txt"}}).text == "(no matches)");
    CHECK(contains(bench.run(*tool, {{"pattern", "os"}, {"type", "py"}, {"limit", 1}}).text,
                   "a.py\n[1 files shown; there are more: next offset 1]"));
    CHECK(contains(
        bench.run(*tool, {{"pattern", "os"}, {"type", "py"}, {"limit", 1}, {"offset", 1}}).text,
        "sub/b.py\n[1 files]"));
    CHECK(bench.run(*tool, {{"pattern", "os\\n\\ndef"}, {"multiline", true}}).text ==
          "a.py\n[1 files]");
}

TEST_CASE("grep refuses a bad pattern and takes options as text", "[tools]") {
    ToolBench bench;
    bench.folder.put("a", "--files\n-x\n");
    const auto tool = moxie::tools::makeGrepTool();
    const ToolResult bad = bench.run(*tool, {{"pattern", "("}});
    CHECK(bad.isError);
    CHECK(contains(bad.text, "[bad pattern: "));
    CHECK(bench.run(*tool, {{"pattern", "--files"}}).text == "a\n[1 files]");
    CHECK(bench.run(*tool, {{"pattern", "-x"}}).text == "a\n[1 files]");
    CHECK(bench.run(*tool, {{"pattern", "x"}, {"path", "/etc"}}).isError);
    CHECK(bench.run(*tool, {{"pattern", "x"}, {"path", "none"}}).isError);
}

TEST_CASE("grep stops a search that has found enough", "[tools]") {
    ToolBench bench;
    std::string many;
    for (int i = 0; i < 200'000; ++i)
        many += "needle in line " + std::to_string(i) + "\n";
    bench.folder.put("big", many);
    const auto tool = moxie::tools::makeGrepTool();
    const ToolResult result =
        bench.run(*tool, {{"pattern", "needle"}, {"mode", "content"}, {"limit", 5}});
    CHECK(contains(result.text, "[5 matching lines shown; there are more: next offset 5]"));
}

TEST_CASE("symbols answers from the index and says when there is none", "[tools]") {
    ToolBench bench;
    bench.index.symbolList = {
        {"parseList", moxie::indexer::SymbolKind::function, "src/a.cpp", 3, 9, "int parseList()",
         ""},
        {"size", moxie::indexer::SymbolKind::method, "src/b.cpp", 5, 5, "int size()", "List"}};
    bench.index.referenceList = {{"size", {"src/a.cpp", 7, 2, "call", "parseList", "size();"}}};
    const auto tool = moxie::tools::makeSymbolsTool();
    CHECK(bench.run(*tool, {{"query", "parse"}}).text ==
          "src/a.cpp:3-9 function parseList  int parseList()\n[1 symbols]");
    CHECK(contains(bench.run(*tool, {{"path", "src"}, {"kind", "method"}}).text, "List::size"));
    CHECK(bench.run(*tool, {{"query", "size"}, {"references", true}}).text ==
          "src/a.cpp:7 call in parseList (2 times)  size();\n[1 places]");
    CHECK(contains(bench.run(*tool, {{"query", "zzz"}}).text, "(none found"));
    CHECK(bench.run(*tool, {{"query", "x"}, {"kind", "widget"}}).isError);
    CHECK(bench.run(*tool, json::object()).isError);
    bench.context.index = nullptr;
    CHECK(bench.run(*tool, {{"query", "parse"}}).text ==
          "[no index: this session has no index] Use grep.");
}

TEST_CASE("plan keeps exactly one item in progress", "[tools]") {
    ToolBench bench;
    const auto tool = moxie::tools::makePlanTool();
    const json items = {{{"text", "find"}, {"status", "done"}},
                        {{"text", "fix"},
                         {"status", "in_progress"},
                         {"touches", {"src/parse.cpp", "src/parse.h"}}}};
    const ToolResult result = bench.run(*tool, {{"items", items}});
    CHECK(result.text == "[x] find\n[>] fix\n[1 of 2 done]");
    CHECK(json::parse(result.planJson) == items);
    const json none = {{{"text", "find"}, {"status", "pending"}}};
    CHECK(contains(bench.run(*tool, {{"items", none}}).text, "got 0"));
    const json done = {{{"text", "find"}, {"status", "done"}}};
    CHECK_FALSE(bench.run(*tool, {{"items", done}}).isError);
    CHECK(bench.run(*tool, {{"items", json::array()}}).isError);
}

TEST_CASE("the tools keep their order, canonical schemas and a small size", "[tools]") {
    const auto tools = moxie::tools::makeTools();
    std::string names;
    json all = json::array();
    for (const auto& tool : tools) {
        const auto& spec = tool->spec();
        names += spec.name + " ";
        CHECK(json::parse(spec.parametersJson).dump() == spec.parametersJson);
        all.push_back({{"type", "function"},
                       {"function",
                        {{"name", spec.name},
                         {"description", spec.description},
                         {"parameters", json::parse(spec.parametersJson)}}}});
        // Total for whatever a model sends.
        for (const json& arguments : {json(), json::array({1}), json("x"), json::object()}) {
            static_cast<void>(tool->summary(arguments));
            const auto effects = tool->effectsOf(arguments);
            CHECK((!effects.writes || spec.effects.writes));
        }
    }
    CHECK(names == "read edit write apply_patch glob grep symbols bash job plan ");
    CAPTURE(all.dump().size());
    CHECK(all.dump().size() <= 6100);
}

TEST_CASE("every tool refuses arguments that are not its own", "[tools]") {
    ToolBench bench;
    for (const auto& tool : moxie::tools::makeTools()) {
        CAPTURE(tool->spec().name);
        const ToolResult result = bench.run(*tool, {{"surprise", 1}});
        CHECK(result.isError);
        CHECK(contains(result.text, "[bad arguments: "));
    }
}
