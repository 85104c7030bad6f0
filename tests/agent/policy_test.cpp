#include "agent/policy.h"

#include <nlohmann/json.hpp>

#include "agent/changes.h"
#include "agent/shell_text.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::agent;

namespace {

Verdict decide(const SessionOptions& options, const std::string& command) {
    const tools::Effects effects{true, true, true, false};
    return Policy(options).decide(policyCall("bash", {{"command", command}}, effects)).verdict;
}

}  // namespace

TEST_CASE("destructive git is found however it is wrapped", "[agent][policy]") {
    for (const char* text :
         {"git reset --hard", "cd x && git -C . checkout -- .", "sudo git clean -fdx",
          "bash -c 'git push --force'", "echo $(git stash drop)", "g\"i\"t branch -D main",
          "find . -exec git checkout . \\;", "git push origin +main", "xargs git restore x",
          "env A=1 /usr/bin/git rebase -i", "true\ngit commit --amend", "rm -rf ./.git",
          "G=git; $G reset --hard", "git -c alias.x='reset --hard' x", "`git reset --merge`"}) {
        CAPTURE(text);
        CHECK(findDestructiveGit(text));
    }
    for (const char* text :
         {"git status", "git diff -- a.txt", "git log --oneline", "git checkout main",
          "git checkout -b new", "git commit -m 'x'", "git push origin main", "git clean -n",
          "git stash", "git restore --staged x", "make test", "grep -r reset ."}) {
        CAPTURE(text);
        CHECK_FALSE(findDestructiveGit(text));
    }
}

TEST_CASE("deny wins over ask, ask over allow, allow over the mode", "[agent][policy]") {
    SessionOptions options;
    options.mode = PermissionMode::autoEdit;
    CHECK(decide(options, "ls") == Verdict::ask);
    options.allowRules = {"bash(ls*)", "bash(git push*)"};
    CHECK(decide(options, "ls -l") == Verdict::allow);
    CHECK(decide(options, "ls && rm x") == Verdict::ask);
    CHECK(decide(options, "ls > x") == Verdict::ask);
    CHECK(decide(options, "ls $(rm x)") == Verdict::ask);
    CHECK(decide(options, "git push --force") == Verdict::ask);
    options.askRules = {"bash(ls -l*)"};
    CHECK(decide(options, "ls -l") == Verdict::ask);
    options.denyRules = {"bash(ls*)"};
    CHECK(decide(options, "true; ls -l") == Verdict::deny);
    options = {};
    CHECK(decide(options, "rm x") == Verdict::allow);
    CHECK(decide(options, "git reset --hard") == Verdict::ask);
    options.mode = PermissionMode::plan;
    options.allowRules = {"bash"};
    CHECK(decide(options, "ls") == Verdict::deny);
}

TEST_CASE("the paths of a diff are read, whatever they are called", "[agent][changes]") {
    const auto paths = pathsOfDiff(
        "diff --git a/x.c b/x.c\nindex 1..2 100644\n--- a/x.c\n+++ b/x.c\n@@ -1 +1,2 @@\n-a\n+b\n"
        "+--- a/not-a-path\ndiff --git a/m b/m\nold mode 100644\nnew mode 100755\n"
        "diff --git \"a/\\303\\274\" \"b/\\303\\274\"\n--- /dev/null\n+++ \"b/\\303\\274\"\n"
        "@@ -0,0 +1 @@\n+x\n");
    REQUIRE(paths.size() == 3);
    CHECK(paths[0].path == "m");
    CHECK(paths[1].path == "x.c");
    CHECK(paths[1].added == 2);
    CHECK(paths[1].removed == 1);
    CHECK(paths[2].path == "\xC3\xBC");
    CHECK(isGenerated("a/__pycache__/b.pyc"));
    CHECK_FALSE(isGenerated("src/builder.cpp"));
}
