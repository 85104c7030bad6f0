// A real repository in a temporary folder, with the git command as judge.
#pragma once
#include <string>

#include "tests/catch.h"
#include "tests/tools/fixture.h"
#include "tools/process.h"

namespace moxie::tests {

class Repository {
public:
    Repository() {
        git("init -q -b main");
        git("config user.name Tester");
        git("config user.email tester@example.org");
    }

    // Output of a shell command in the repository; it must succeed.
    std::string sh(const std::string& command) const {
        auto result = tools::runProcess(
            {.argv = {"sh", "-c", command}, .directory = folder.path(), .timeoutMs = 30'000}, {});
        REQUIRE(result);
        INFO(command << ": " << result->output);
        REQUIRE(result->exitCode == 0);
        return result->output;
    }

    std::string git(const std::string& arguments) const { return sh("git " + arguments); }

    // The tree of all files as they are, judged by git with an index of its own.
    std::string treeNow() const {
        return sh(
            "export GIT_INDEX_FILE=.git/judge; rm -f .git/judge; "
            "git -c core.autocrlf=false add -A . && git write-tree");
    }

    TempFolder folder;
};

}  // namespace moxie::tests
