#include "tools/workspace.h"

#include "tests/tools/fixture.h"
#include "tools/observations.h"

using moxie::base::Errc;
using moxie::tests::TempFolder;
using moxie::tools::Observations;
using moxie::tools::Workspace;
namespace fs = std::filesystem;

TEST_CASE("paths inside the workspace are resolved", "[tools]") {
    const TempFolder folder;
    folder.put("src/a.cpp", "a");
    const auto workspace = Workspace::open(folder.path()).value();
    CHECK(workspace.inside("src/a.cpp").value() == folder.path() / "src/a.cpp");
    CHECK(workspace.inside("./src/../src/a.cpp").value() == folder.path() / "src/a.cpp");
    CHECK(workspace.inside((folder.path() / "src/a.cpp").string()).value() ==
          folder.path() / "src/a.cpp");
    CHECK(workspace.inside("new/deep/file").value() == folder.path() / "new/deep/file");
    CHECK(workspace.inside(".").value() == folder.path());
    CHECK(workspace.relative(folder.path() / "src/a.cpp") == "src/a.cpp");
    CHECK(workspace.relative(folder.path()) == ".");
}

TEST_CASE("paths outside the workspace are denied", "[tools]") {
    const TempFolder outside;
    outside.put("secret", "s");
    const TempFolder folder;
    fs::create_directories(folder.path() / "repo");
    fs::create_directories(folder.path() / "repo-evil");
    fs::create_symlink(outside.path(), folder.path() / "repo/link");
    fs::create_symlink(outside.path() / "later", folder.path() / "repo/dangling");
    fs::create_symlink("..", folder.path() / "repo/up");
    const auto workspace = Workspace::open(folder.path() / "repo").value();
    for (const std::string& path :
         {std::string("../repo-evil/x"), std::string(".."), std::string("/etc/passwd"),
          std::string("a/../../x"), std::string("link/secret"), std::string("link"),
          std::string("dangling"), std::string("dangling/x"), std::string("up/x"),
          (folder.path() / "repo-evil").string(), std::string("/proc/self/root/etc/passwd")}) {
        CAPTURE(path);
        const auto result = workspace.inside(path);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind() == Errc::denied);
    }
    CHECK(workspace.inside("").error().kind() == Errc::invalidInput);
    CHECK(workspace.inside(std::string_view("a\0b", 3)).error().kind() == Errc::invalidInput);
    CHECK(workspace.inside(std::string(5000, 'a')).error().kind() == Errc::invalidInput);
    CHECK(workspace.inside(std::string(300, 'a')).error().kind() == Errc::invalidInput);
}

TEST_CASE("a symlink that stays inside may be followed", "[tools]") {
    const TempFolder folder;
    folder.put("real/a", "a");
    fs::create_symlink("real", folder.path() / "alias");
    const auto workspace = Workspace::open(folder.path()).value();
    CHECK(workspace.inside("alias/a").value() == folder.path() / "real/a");
}

TEST_CASE("protected places cannot be written, even before they exist", "[tools]") {
    const TempFolder folder;
    folder.put("src/a", "a");
    folder.put("gitstore/config", "c");
    fs::create_symlink("gitstore", folder.path() / ".git");
    fs::create_directories(folder.path() / "sub/.git/hooks");
    fs::create_symlink("sub/.git/hooks", folder.path() / "hooks");
    const auto workspace = Workspace::open(folder.path()).value();
    CHECK(workspace.gitRoot() == folder.path());
    for (const char* path : {".git", ".git/config", ".GIT/config", "sub/.git/hooks/pre-commit",
                             "hooks/pre-commit", "gitstore/config", ".moxie/config.json",
                             ".Moxie/config.json", "vendor/.git/hooks/x", ".moxie", "."}) {
        CAPTURE(path);
        const auto result = workspace.insideWritable(path);
        REQUIRE_FALSE(result);
        CHECK(result.error().kind() == Errc::denied);
    }
    CHECK(workspace.insideWritable("src/a"));
    CHECK(workspace.insideWritable(".gitignore"));
    CHECK(workspace.insideWritable(".github/workflows/ci.yml"));
}

TEST_CASE("opening something that is no folder fails", "[tools]") {
    const TempFolder folder;
    folder.put("file", "x");
    CHECK(Workspace::open(folder.path() / "none").error().kind() == Errc::notFound);
    CHECK(Workspace::open(folder.path() / "file").error().kind() == Errc::invalidInput);
}

TEST_CASE("an observation tells seen, changed and unseen files apart", "[tools]") {
    Observations seen;
    CHECK(seen.check("a", "x\n") == Observations::State::unseen);
    seen.record("a", "1\n2\n3\n4\n");
    CHECK(seen.check("a", "1\n2\n3\n4\n") == Observations::State::current);
    CHECK(seen.check("a", "1\nb\nc\n4\n") == Observations::State::stale);
    const auto changed = seen.changedLines("a", "1\nb\nc\n4\n");
    REQUIRE(changed);
    CHECK(changed->first == 2);
    CHECK(changed->last == 3);
    CHECK_FALSE(seen.changedLines("a", "1\n2\n3\n4\n"));
    seen.forget("a");
    CHECK(seen.check("a", "1\n2\n3\n4\n") == Observations::State::unseen);
}

TEST_CASE("observations can be told as changes and taken back", "[tools]") {
    Observations live, later;
    live.record("a b.txt", "one");
    live.record("c.txt", "two");
    for (const std::string& line : live.takeChanges())
        CHECK(later.apply(line));
    CHECK(later.check("a b.txt", "one") == Observations::State::current);
    CHECK(later.check("c.txt", "other") == Observations::State::stale);
    CHECK(live.takeChanges().empty());
    live.forget("c.txt");
    CHECK(live.takeChanges() == std::vector<std::string>{"- c.txt"});
    CHECK(later.apply("- c.txt"));
    CHECK(later.check("c.txt", "two") == Observations::State::unseen);
    for (const char* bad : {"", "x", "12 a.txt", "zz b.txt"})
        CHECK_FALSE(later.apply(bad));
}

TEST_CASE("observations survive a round trip through JSON", "[tools]") {
    Observations seen;
    seen.record("src/a", "text");
    seen.record("b", "");
    Observations restored;
    REQUIRE(restored.restore(seen.toJson()));
    CHECK(restored.toJson() == seen.toJson());
    CHECK(restored.check("src/a", "text") == Observations::State::current);
    CHECK(restored.check("src/a", "other") == Observations::State::stale);
    CHECK_FALSE(restored.changedLines("src/a", "other"));
    CHECK_FALSE(restored.restore("[1]"));
    CHECK_FALSE(restored.restore(R"({"a":"xyz"})"));
    CHECK(restored.check("src/a", "text") == Observations::State::current);
}
