#include "tools/worktree.h"

#include "tests/catch.h"
#include "tests/tools/repository.h"
#include "tools/git.h"

namespace moxie::tools {

using namespace moxie::tests;

namespace {

struct OneCommit : Repository {
    OneCommit() {
        folder.put("a.txt", "a\n");
        git("add -A && git commit -q -m first");
    }
};

}  // namespace

TEST_CASE("a worktree has the files of HEAD on a branch of its own and leaves the first folder",
          "[tools][git]") {
    const OneCommit repository;
    repository.folder.put("a.txt", "mine\n");
    const TempFolder other;
    const auto folder = other.path() / "deep" / "shop-1";
    const auto added = addWorktree(
        {.repository = repository.folder.path(), .folder = folder, .branch = "moxie/shop-1"});
    INFO((added ? std::string() : added.error().message()));
    REQUIRE(added);
    CHECK(repository.git("-C " + folder.string() + " status --porcelain --branch") ==
          "## moxie/shop-1\n");
    CHECK(repository.git("status --porcelain --branch") == "## main\n M a.txt\n");
    CHECK(checkoutOf(folder) ==
          Checkout{std::filesystem::canonical(repository.folder.path()), "moxie/shop-1", true});
    CHECK(checkoutOf(repository.folder.path()) ==
          Checkout{std::filesystem::canonical(repository.folder.path()), "main", false});
    CHECK(checkoutOf("/").project.empty());

    // What is made there is committed there.
    auto git = Git::open(folder);
    REQUIRE(git);
    repository.sh("echo b > " + (folder / "b.txt").string());
    REQUIRE(git->commit({.message = "second", .paths = {"b.txt"}}));
    CHECK(repository.git("log --format=%s moxie/shop-1") == "second\nfirst\n");
    CHECK(repository.git("log --format=%s main") == "first\n");
}

TEST_CASE("a worktree is refused where its branch or folder exists, and leaves no branch",
          "[tools][git]") {
    const OneCommit repository;
    const TempFolder other;
    const auto add = [&](const std::filesystem::path& folder, const char* branch) {
        const auto added = addWorktree(
            {.repository = repository.folder.path(), .folder = folder, .branch = branch});
        REQUIRE_FALSE(added);
        return added.error().kind();
    };
    CHECK(add(other.path() / "x", "main") == base::Errc::invalidInput);
    CHECK(add(other.path(), "moxie/x") == base::Errc::invalidInput);
    CHECK(add(other.path() / "x", "a..b") == base::Errc::invalidInput);
    CHECK(repository.git("branch --format='%(refname:short)'") == "main\n");
    const Repository empty;
    CHECK(
        addWorktree(
            {.repository = empty.folder.path(), .folder = other.path() / "x", .branch = "moxie/x"})
            .error()
            .kind() == base::Errc::notFound);
}

TEST_CASE("a worktree goes with its folder, its branch stays; uncommitted work holds it",
          "[tools][git]") {
    const OneCommit repository;
    const TempFolder other;
    const auto folder = other.path() / "shop-1";
    REQUIRE(addWorktree(
        {.repository = repository.folder.path(), .folder = folder, .branch = "moxie/shop-1"}));
    repository.sh("echo new > " + (folder / "new.txt").string());
    const auto refused = removeWorktree(folder, Uncommitted::refuse);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind() == base::Errc::busy);
    CHECK(std::filesystem::exists(folder / "new.txt"));
    REQUIRE(removeWorktree(folder, Uncommitted::discard));
    CHECK_FALSE(std::filesystem::exists(folder));
    CHECK(repository.git("worktree list --porcelain | grep -c ^worktree") == "1\n");
    CHECK(repository.git("branch --format='%(refname:short)'") == "main\nmoxie/shop-1\n");
    CHECK(removeWorktree(repository.folder.path(), Uncommitted::discard).error().kind() ==
          base::Errc::unsupported);
}

}  // namespace moxie::tools
