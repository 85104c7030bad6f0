#include "tools/git.h"

#include "tests/catch.h"
#include "tests/tools/repository.h"

namespace moxie::tools {

using namespace moxie::tests;

namespace {

Git open(const Repository& repository) {
    auto git = Git::open(repository.folder.path());
    REQUIRE(git);
    return std::move(*git);
}

}  // namespace

TEST_CASE("a commit holds exactly the named paths and leaves the rest of the index",
          "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "a\n");
    repository.folder.put("b.txt", "b\n");
    repository.folder.put("gone.txt", "x\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("a.txt", "a2\n");
    repository.folder.put("b.txt", "b2\n");
    repository.folder.put("dir/new.sh", "#!/bin/sh\n");
    repository.folder.put("other.txt", "o\n");
    repository.sh("chmod +x dir/new.sh; rm gone.txt; git add b.txt");
    Git git = open(repository);
    const auto id =
        git.commit({.message = "Second\n\nBody", .paths = {"a.txt", "dir/new.sh", "gone.txt"}});
    INFO((id ? std::string() : id.error().message()));
    REQUIRE(id);
    CHECK(repository.git("rev-parse HEAD") == *id + "\n");
    CHECK(repository.git("show --format=%an:%s --name-status HEAD") ==
          "Tester:Second\n\nM\ta.txt\nA\tdir/new.sh\nD\tgone.txt\n");
    CHECK(repository.git("status --porcelain") == "M  b.txt\n?? other.txt\n");
    CHECK(contains(repository.git("ls-files -s dir/new.sh"), "100755"));
    repository.git("fsck --strict");
    CHECK(git.commit({.message = "again", .paths = {"a.txt"}}).error().kind() ==
          base::Errc::invalidInput);
    CHECK(git.commit({.message = " \n", .paths = {"b.txt"}}).error().kind() ==
          base::Errc::invalidInput);
}

TEST_CASE("the first commit works without an identity and runs no hook", "[tools][git]") {
    const TempFolder folder;
    auto git = Git::init(folder.path());
    REQUIRE(git);
    CHECK(git->branch().value_or("") == "main");
    CHECK(git->headCommit().error().kind() == base::Errc::notFound);
    folder.put("a.txt", "a\n");
    folder.put(".git/hooks/pre-commit", "#!/bin/sh\ntouch hooked; exit 1\n");
    std::filesystem::permissions(folder.path() / ".git/hooks/pre-commit",
                                 std::filesystem::perms::all);
    REQUIRE(git->commit({.message = "first", .paths = {"a.txt"}}));
    CHECK_FALSE(folder.has("hooked"));
    CHECK(git->headCommit()->size() == 40);
}

TEST_CASE("paths that are not files of the work tree are refused", "[tools][git]") {
    Repository repository;
    repository.folder.put("real/a.txt", "a\n");
    repository.sh("ln -s real link");
    Git git = open(repository);
    for (const char* path :
         {"../x", "/etc/passwd", ".git/config", "", "real", "link/a.txt", "a/../b"})
        CHECK(git.commit({.message = "m", .paths = {path}}).error().kind() ==
              base::Errc::invalidInput);
    repository.folder.put(".gitattributes", "*.bin filter=lfs\n");
    repository.folder.put("x.bin", "data");
    CHECK(git.commit({.message = "m", .paths = {"x.bin"}}).error().kind() ==
          base::Errc::unsupported);
}

TEST_CASE("nothing is committed during a merge", "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n");
    repository.git("add -A && git commit -q -m 1 && git checkout -q -b side");
    repository.folder.put("a.txt", "2\n");
    repository.git("commit -q -am 2 && git checkout -q main");
    repository.folder.put("a.txt", "3\n");
    repository.git("commit -q -am 3");
    repository.sh("git merge side || true");
    Git git = open(repository);
    CHECK(git.commit({.message = "m", .paths = {"a.txt"}}).error().kind() == base::Errc::busy);
    CHECK(git.status()->front().status == 'U');
}

TEST_CASE("status and diff show what changed, untracked files too", "[tools][git]") {
    Repository repository;
    repository.folder.put("keep.txt", "k\n");
    repository.folder.put("old.txt", "one\ntwo\nthree\nfour\n");
    repository.folder.put("gone.txt", "g\n");
    repository.folder.put(".gitignore", "*.o\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("keep.txt", "k2\n");
    repository.folder.put("new file.txt", "n\n");
    repository.folder.put("x.o", "o\n");
    repository.sh("git mv old.txt moved.txt; rm gone.txt");
    Git git = open(repository);
    const auto status = git.status();
    REQUIRE(status);
    std::string text;
    for (const FileChange& change : *status)
        text += std::string(1, change.status) + " " + change.path +
                (change.oldPath.empty() ? "" : " < " + change.oldPath) + "\n";
    CHECK(text == "D gone.txt\nM keep.txt\nR moved.txt < old.txt\n? new file.txt\n");
    const std::string all = git.diff({}).value_or("");
    CHECK(contains(all, "+k2"));
    CHECK(contains(all, "+n"));
    CHECK_FALSE(contains(all, "x.o"));
    const std::string one = git.diff({"keep.txt"}).value_or("");
    CHECK(contains(one, "+k2"));
    CHECK_FALSE(contains(one, "new file"));
}

TEST_CASE("a branch is made at HEAD and files stay as they are", "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "a\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("a.txt", "changed\n");
    Git git = open(repository);
    REQUIRE(git.createBranch("moxie/work"));
    CHECK(git.branch().value_or("") == "moxie/work");
    CHECK(repository.git("status --porcelain") == " M a.txt\n");
    CHECK(git.createBranch("moxie/work").error().kind() == base::Errc::invalidInput);
    CHECK(git.createBranch("a..b").error().kind() == base::Errc::invalidInput);
    repository.git("checkout -q --detach");
    CHECK(git.branch().value_or("") == "HEAD");
}

TEST_CASE("changed lines are ranges, also at both ends and without a last line end",
          "[tools][git]") {
    using Changes = std::vector<LineChange>;
    CHECK(Git::changedLines("a\nb\nc\n", "a\nb\nc\n").value() == Changes{});
    CHECK(Git::changedLines("a\nb\nc\n", "x\na\nc\nd").value() ==
          Changes{{0, 0, 0, 1}, {1, 2, 2, 2}, {3, 3, 3, 4}});
    CHECK(Git::changedLines("", "a\n").value() == Changes{{0, 0, 0, 1}});
    CHECK(Git::changedLines("a\nb", "").value() == Changes{{0, 2, 0, 0}});
    CHECK(Git::changedLines("a\n", "a").value() == Changes{{0, 1, 0, 1}});
    CHECK(Git::changedLines(std::string_view("a\0b\nx\n", 6), "x\n").value() ==
          Changes{{0, 1, 0, 0}});
}

TEST_CASE("a file is read as a commit has it", "[tools][git]") {
    Repository repository;
    repository.folder.put("d/a.txt", "1\r\n");
    repository.sh("ln -s a.txt d/link");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("d/a.txt", "2\n");
    auto git = Git::open(repository.folder.path());
    REQUIRE(git);
    const std::string head = git->headCommit().value();
    CHECK(git->fileAt(head, "d/a.txt").value() == "1\r\n");
    CHECK(git->fileAt(head, "d/b.txt").error().kind() == base::Errc::notFound);
    CHECK(git->fileAt(head, "d/link").error().kind() == base::Errc::unsupported);
    CHECK(git->fileAt(head, "d").error().kind() == base::Errc::unsupported);
    CHECK(git->fileAt(head, "d/a.txt", 2).error().kind() == base::Errc::invalidInput);
    repository.sh("mv d/link d/moved; rm d/a.txt");
    repository.git("add -A && git commit -q -m second");
    CHECK(git->changedPaths(head, git->headCommit().value()).value() ==
          std::vector<std::string>{"d/a.txt", "d/link", "d/moved"});
    CHECK(git->changedPaths(head, head).value().empty());
}

}  // namespace moxie::tools
