#include "agent/suggested_rule.h"

#include <nlohmann/json.hpp>

#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

constexpr tools::Effects kCommand{true, true, true, false};
constexpr tools::Effects kWrite{true, true, false, false};

PolicyCall bashCall(const std::string& command) {
    return policyCall("bash", {{"command", command}}, kCommand);
}

std::string suggested(const std::string& command) {
    return suggestRule(bashCall(command)).rule;
}

PolicyCall editCall(const std::string& path) {
    return policyCall("edit", {{"path", path}}, kWrite);
}

}  // namespace

TEST_CASE("a command's rule is its program and subcommand with a star", "[agent][policy]") {
    CHECK(suggested("ctest --test-dir build -R parser") == "bash(ctest*)");
    CHECK(suggested("git status --short") == "bash(git status*)");
    CHECK(suggested("git diff -- a.txt 2>/dev/null") == "bash(git diff*)");
    CHECK(suggested("python3 -m unittest tests.test_a") == "bash(python3 -m unittest*)");
    CHECK(suggested("python3 tools/check.py --all") == "bash(python3 tools/check.py*)");
    CHECK(suggested("npm run build -- --x") == "bash(npm run build*)");
    CHECK(suggested("cargo test -q") == "bash(cargo test*)");
    CHECK(suggested("make test") == "bash(make test*)");
    CHECK(suggested("cmake --build build -j2") == "bash(cmake --build build*)");
    CHECK(suggested("ls -l src") == "bash(ls*)");
}

TEST_CASE("what could do anything gets no star", "[agent][policy]") {
    for (const std::string command : {"bash -c 'ls'",
                                      "sh run.sh",
                                      "python3 -c 'print(1)'",
                                      "python3 -",
                                      "node -e 1",
                                      "perl -ne 1",
                                      "rm -rf build",
                                      "/bin/rm x",
                                      "sudo make",
                                      "curl https://example.org",
                                      "FOO=1 make test",
                                      "env FOO=1 make",
                                      "ls; ls",
                                      "ls && make",
                                      "ls > x",
                                      "ls | wc -l",
                                      "echo $HOME",
                                      "echo `ls`",
                                      "xargs rm",
                                      "find . -delete",
                                      "timeout 5 make",
                                      "git push",
                                      "git config user.name x",
                                      "git -C .. status",
                                      "npm install x",
                                      "npx x",
                                      "pip install x",
                                      "python3 -m pip install x",
                                      "sed -i s/a/b/ x",
                                      "make -f other",
                                      "tar xf a.tar",
                                      "c x",
                                      "gi status",
                                      "\"my prog\" x",
                                      "if true; then ls; fi",
                                      "ls 'unclosed",
                                      "docker run x",
                                      "cmake -P x.cmake"}) {
        CAPTURE(command);
        CHECK(suggested(command) == "bash(" + command + ")");
    }
}

TEST_CASE("a star in the command itself is no wildcard of its rule", "[agent][policy]") {
    const std::string rule = suggested("rm build/*.o");
    CHECK(rule == "bash(rm build/\\*.o)");
    const auto parsed = parsePermissionRule(rule);
    REQUIRE(parsed);
    CHECK(covers(*parsed, bashCall("rm build/*.o")));
    CHECK_FALSE(covers(*parsed, bashCall("rm build/../x.o")));
    CHECK_FALSE(covers(*parsed, bashCall("rm build/a.o")));
    const std::string odd = "printf '\\\\*\\n' \\* *";
    const auto exact = parsePermissionRule(suggested(odd));
    REQUIRE(exact);
    CHECK(covers(*exact, bashCall(odd)));
    CHECK(literalOf(exact->pattern) == odd);
    CHECK(matchesPattern("a\\*b*", "a*b and more"));
    CHECK_FALSE(matchesPattern("a\\*b*", "axb"));
    CHECK(matchesPattern("a\\\\*", "a\\z"));
    CHECK(matchesPattern("C:\\x*", "C:\\xy"));
}

TEST_CASE("a suggested rule covers its call, whatever the call is", "[agent][policy]") {
    for (const std::string command :
         {"ctest -R 'a b'", "git status", "echo \"x\ny\"", "ls *.txt", "a\\*b", "python3 -c 'x(1)'",
          "make test)", "for f in *; do echo $f; done", "cat <<X\n)\nX", "'a*' b", "ls\\ x"}) {
        CAPTURE(command);
        const auto rule = parsePermissionRule(suggested(command));
        REQUIRE(rule);
        CHECK(covers(*rule, bashCall(command)));
        CHECK_FALSE(covers(*rule, bashCall(command + "; rm x")));
        CHECK_FALSE(covers(*rule, bashCall("rm x; " + command)));
    }
    const std::string tooLong(100'000, 'x');
    CHECK(suggestRule(bashCall(tooLong + "=1")).rule.empty());
}

TEST_CASE("a file's rule is its folder", "[agent][policy]") {
    CHECK(suggestRule(editCall("src/deep/a.cpp")).rule == "edit(src/deep/*)");
    CHECK(suggestRule(editCall("a.txt")).rule == "edit(a.txt)");
    CHECK(suggestRule(editCall("../a.txt")).rule.empty());
    const auto patch = [](const std::string& files) {
        return policyCall("apply_patch", {{"patch", "*** Begin Patch\n" + files}}, kWrite);
    };
    CHECK(suggestRule(patch("*** Update File: src/a/x\n*** Add File: src/b/y\n")).rule ==
          "apply_patch(src/*)");
    const auto several = suggestRule(patch("*** Update File: src/x\n*** Add File: lib/y\n"));
    CHECK(several.rule.empty());
    CHECK_FALSE(several.whyOnlyOnce.empty());
}

TEST_CASE("one file has one name for the rules", "[agent][policy]") {
    TempFolder folder;
    makeRepository(folder.path);
    writeText(folder.path / "src/a.txt", "x");
    REQUIRE(shell(folder.path, "ln -s src other") == 0);
    const auto workspace = tools::Workspace::open(folder.path);
    REQUIRE(workspace);
    SessionOptions options;
    options.denyRules = {"edit(src/*)", "edit(other/*)"};
    options.allowRules = {"edit(docs/*)"};
    options.mode = PermissionMode::ask;
    const auto verdict = [&](const std::string& path) {
        PolicyCall call = editCall(path);
        resolveSubjects(call, *workspace);
        return Policy(options).decide(call).verdict;
    };
    const std::string root = std::filesystem::canonical(folder.path).string();
    for (const std::string& path : {std::string("src/a.txt"), std::string("./src/../src/a.txt"),
                                    root + "/src/a.txt", std::string("other/a.txt")}) {
        CAPTURE(path);
        CHECK(verdict(path) == Verdict::deny);
    }
    CHECK(verdict("docs/x") == Verdict::allow);
    CHECK(verdict("docs/../x") == Verdict::ask);
    CHECK(verdict("docs/../../x") == Verdict::ask);
}

TEST_CASE("a text is a rule only if it names a tool and closes its bracket", "[agent][policy]") {
    for (const char* good : {"bash", "bash(ls)", "edit(src/*)", "mcp__x-y", "*", "bash(a(b)c)"})
        CHECK(parsePermissionRule(good));
    for (const char* bad : {"", "(ls)", "bash(ls", "bash()", "ba sh(ls)", "bash(ls) x", "bash)"}) {
        CAPTURE(bad);
        CHECK_FALSE(parsePermissionRule(bad));
    }
}
