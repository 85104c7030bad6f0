// Three real jobs: the scripted model plays the model; repository, index, tools, jail, builds,
// tests, git are real. Each ends with a commit that is checked out afresh and builds there.
#include <filesystem>
#include <string>

#include "tests/catch.h"
#include "tests/jobs/job_harness.h"

using namespace moxie::tests;
namespace fs = std::filesystem;

namespace {

bool hasProgram(const std::string& name) {
    return runCommand({"sh", "-c", "command -v " + name}, "/").exitCode == 0;
}

// A fresh clone of the repository's HEAD.
fs::path freshClone(const JobHarness& job) {
    const fs::path clone = job.scratch() / "clone";
    const CommandResult done = runCommand(
        {"git", "clone", "-q", job.repository().string(), clone.string()}, job.scratch());
    REQUIRE(done.exitCode == 0);
    return clone;
}

// What every finished job must show: exit code, one terminal event, a commit, a clean work tree.
void checkFinished(const JobHarness& job, const MoxieResult& result, const std::string& before) {
    CAPTURE(result.output);
    REQUIRE(result.exitCode == 0);
    const auto ends = result.ofType("turn_ended");
    REQUIRE(ends.size() == 1);
    CHECK(ends[0].at("status") == "verified");
    CHECK_FALSE(result.ofType("verification").empty());
    REQUIRE(result.ofType("commit").size() == 1);
    CHECK(job.git({"rev-parse", "HEAD^"}) == before);
    CHECK(job.git({"status", "--porcelain"}).empty());
    CHECK(job.git({"fsck", "--strict"}).find("error") == std::string::npos);
}

void writeCppProject(const JobHarness& job) {
    job.write(
        "CMakeLists.txt",
        "cmake_minimum_required(VERSION 3.20)\nproject(lists LANGUAGES CXX)\n"
        "set(CMAKE_CXX_STANDARD 17)\nadd_library(lists src/list.cpp)\n"
        "target_include_directories(lists PUBLIC src)\nenable_testing()\n"
        "add_executable(list_test test/list_test.cpp)\n"
        "target_link_libraries(list_test lists)\nadd_test(NAME list_test COMMAND list_test)\n");
    job.write("src/list.h",
              "#pragma once\n#include <string>\n#include <vector>\n\n"
              "// Splits \"a,b,c\" at commas. A trailing comma is accepted and adds nothing.\n"
              "std::vector<std::string> parseList(const std::string& text);\n");
    job.write(
        "src/list.cpp",
        "#include \"list.h\"\n\nstd::vector<std::string> parseList(const std::string& text) {\n"
        "    std::vector<std::string> items;\n    std::string item;\n"
        "    for (char c : text) {\n        if (c == ',') {\n"
        "            items.push_back(item);\n            item.clear();\n"
        "        } else {\n            item += c;\n        }\n    }\n"
        "    items.push_back(item);\n    return items;\n}\n");
    job.write(
        "test/list_test.cpp",
        "#include <cstdio>\n#include \"list.h\"\n\nint main() {\n"
        "    if (parseList(\"a,b\").size() != 2) return std::puts(\"two items expected\"), 1;\n"
        "    if (parseList(\"a,b,\").size() != 2) return std::puts(\"trailing comma\"), 1;\n"
        "    return 0;\n}\n");
    job.write(".gitignore", "build/\n");
}

}  // namespace

TEST_CASE("a failing unit test of a C++ project is fixed, verified by ctest and committed",
          "[jobs]") {
    const std::string buildAndTest =
        "cmake -S . -B build >/dev/null && cmake --build build && ctest --test-dir build "
        "--output-on-failure";
    JobHarness job(
        {{"cpp-job",
          playback({answer("I look at the failing test first.",
                           {call("bash", {{"command", buildAndTest}})}),
                    answer("", {call("grep", {{"pattern", "parseList"}}),
                                call("read", {{"path", "src/list.cpp"}})}),
                    answer("The last item is added even if it is empty.",
                           {call("edit", {{"path", "src/list.cpp"},
                                          {"old", "    items.push_back(item);\n    return items;"},
                                          {"new",
                                           "    if (!item.empty()) items.push_back(item);\n"
                                           "    return items;"}})}),
                    answer("", {call("bash", {{"command", buildAndTest}})}),
                    answer("Fixed: a trailing comma no longer adds an empty item.")})}});
    writeCppProject(job);
    job.commitAll("a list parser");
    const std::string before = job.git({"rev-parse", "HEAD"});

    const MoxieResult result = job.run("make the failing test pass", "cpp-job", {"--commit"});

    checkFinished(job, result, before);
    CHECK(job.git({"show", "--name-only", "--format=", "HEAD"}) == "src/list.cpp\n");
    const auto calls = result.ofType("tool_result");
    REQUIRE(calls.size() == 5);
    CHECK(calls[0].at("exit_code") != 0);  // the test really failed before
    CHECK(calls[4].at("exit_code") == 0);
    const fs::path clone = freshClone(job);
    CHECK(runCommand({"sh", "-c", buildAndTest}, clone).exitCode == 0);
}

TEST_CASE("a function is renamed across the files of a Python package and the tests still pass",
          "[jobs]") {
    const auto rename = [](const char* path) {
        return call("edit", {{"path", path},
                             {"old", "read_conf"},
                             {"new", "load_settings"},
                             {"replace_all", true}});
    };
    JobHarness job(
        {{"python-job",
          playback({answer("", {call("grep", {{"pattern", "read_conf"}})}),
                    answer("", {call("read", {{"path", "shop/config.py"}}),
                                call("read", {{"path", "shop/server.py"}}),
                                call("read", {{"path", "shop/__init__.py"}}),
                                call("read", {{"path", "tests/test_config.py"}})}),
                    answer("", {rename("shop/config.py"), rename("shop/server.py"),
                                rename("shop/__init__.py"), rename("tests/test_config.py")}),
                    answer("Renamed read_conf to load_settings in four files.")})}});
    job.write("shop/__init__.py", "from .config import read_conf\n\n__all__ = ['read_conf']\n");
    job.write("shop/config.py",
              "def read_conf(text):\n    \"\"\"Reads key=value lines.\"\"\"\n"
              "    pairs = (line.split('=', 1) for line in text.splitlines() if '=' in line)\n"
              "    return {key.strip(): value.strip() for key, value in pairs}\n");
    job.write("shop/server.py",
              "from .config import read_conf\n\n\ndef start(text):\n"
              "    settings = read_conf(text)\n    return int(settings.get('port', '80'))\n");
    job.write("tests/__init__.py", "");
    job.write("tests/test_config.py",
              "import unittest\n\nfrom shop import read_conf\nfrom shop.server import start\n\n\n"
              "class ConfigTest(unittest.TestCase):\n    def test_pairs(self):\n"
              "        self.assertEqual(read_conf('a = 1'), {'a': '1'})\n\n"
              "    def test_start(self):\n        self.assertEqual(start('port=8080'), 8080)\n\n\n"
              "if __name__ == '__main__':\n    unittest.main()\n");
    job.write("pyproject.toml", "[project]\nname = 'shop'\nversion = '1.0'\n");
    job.write(".gitignore", "__pycache__/\n");
    job.commitAll("a shop");
    const std::string before = job.git({"rev-parse", "HEAD"});

    const MoxieResult result = job.run("rename read_conf to load_settings", "python-job",
                                       {"--commit", "--verify", "python3 -m unittest"});

    checkFinished(job, result, before);
    CHECK(runCommand({"git", "grep", "-q", "read_conf"}, job.repository()).exitCode == 1);
    const fs::path clone = freshClone(job);
    const CommandResult tests = runCommand({"python3", "-m", "unittest", "-v"}, clone);
    CAPTURE(tests.output);
    CHECK(tests.exitCode == 0);
    CHECK(tests.output.find("Ran 2 tests") != std::string::npos);
}

TEST_CASE("a command-line flag is added to a JavaScript tool together with its test", "[jobs]") {
    if (!hasProgram("node")) {
        WARN("skipped: no node here");
        return;
    }
    JobHarness job(
        {{"js-job",
          playback(
              {answer("", {call("read", {{"path", "bin/count.js"}}),
                           call("read", {{"path", "test/count.test.js"}})}),
               answer("", {call("edit", {{"path", "bin/count.js"},
                                         {"old", "console.log(`${words} words`);"},
                                         {"new",
                                          "if (process.argv.includes('--json')) {\n"
                                          "  console.log(JSON.stringify({ words }));\n} else {\n"
                                          "  console.log(`${words} words`);\n}"}}),
                           call("edit",
                                {{"path", "test/count.test.js"},
                                 {"old", "// more tests here"},
                                 {"new",
                                  "test('--json prints an object', () => {\n"
                                  "  assert.deepEqual(JSON.parse(run('--json')), { words: 3 });\n"
                                  "});\n// more tests here"}})}),
               answer("", {call("bash", {{"command", "node --test"}})}),
               answer("The tool understands --json now, with a test.")})}});
    job.write("package.json",
              "{\n  \"name\": \"count\",\n  \"version\": \"1.0.0\",\n"
              "  \"scripts\": { \"test\": \"node --test\" }\n}\n");
    job.write("bin/count.js",
              "#!/usr/bin/env node\nconst text = require('fs').readFileSync(0, 'utf8');\n"
              "const words = text.split(/\\s+/).filter(Boolean).length;\n"
              "console.log(`${words} words`);\n");
    job.write(
        "test/count.test.js",
        "const test = require('node:test');\nconst assert = require('node:assert');\n"
        "const { execFileSync } = require('child_process');\n"
        "const path = require('path');\n\nconst tool = path.join(__dirname, '../bin/count.js');\n"
        "const run = (...flags) =>\n"
        "  execFileSync('node', [tool, ...flags], { input: 'one two three' }).toString();\n\n"
        "test('counts words', () => {\n  assert.equal(run(), '3 words\\n');\n});\n"
        "// more tests here\n");
    job.commitAll("a word counter");
    const std::string before = job.git({"rev-parse", "HEAD"});

    const MoxieResult result =
        job.run("add a --json flag", "js-job",
                {"--commit=count: print JSON on request", "--verify", "node --test"});

    checkFinished(job, result, before);
    CHECK(job.git({"log", "-1", "--format=%s"}) == "count: print JSON on request\n");
    const fs::path clone = freshClone(job);
    CHECK(runCommand({"node", "--test"}, clone).exitCode == 0);
    CHECK(runCommand({"sh", "-c", "echo a b | node bin/count.js --json"}, clone).output ==
          "{\"words\":2}\n");
}
