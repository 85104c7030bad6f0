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

TEST_CASE("an own commit that nobody has yet is amended and taken back; others are not",
          "[tools][git]") {
    Repository repository;
    Git git = open(repository);
    CHECK(git.checkAmend().error().kind() == base::Errc::notFound);
    repository.folder.put("a.txt", "1\n");
    const std::string first = git.commit({.message = "First", .paths = {"a.txt"}}).value();
    repository.folder.put("a.txt", "2\n");
    const std::string second = git.commit({.message = "Second", .paths = {"a.txt"}}).value();
    REQUIRE(git.checkAmend());
    CHECK(git.headMessage().value() == "Second\n");
    repository.folder.put("a.txt", "3\n");
    const auto amended =
        git.commit({.message = "Better", .paths = {"a.txt"}, .kind = CommitKind::amend});
    REQUIRE(amended);
    CHECK(repository.git("log --format=%s") == "Better\nFirst\n");
    CHECK(git.takeBack(second, first).error().kind() == base::Errc::busy);
    CHECK(git.takeBack(*amended, std::string(40, '1')).error().kind() == base::Errc::notFound);
    REQUIRE(git.takeBack(*amended, second));
    CHECK(repository.git("rev-parse HEAD") == second + "\n");
    CHECK(repository.folder.get("a.txt") == "3\n");
    CHECK(git.takeBack(second, "").error().kind() == base::Errc::invalidInput);
    REQUIRE(git.takeBack(second, first));
    REQUIRE(git.takeBack(first, ""));
    CHECK(git.headCommit().error().kind() == base::Errc::notFound);

    REQUIRE(git.commit({.message = "Again", .paths = {"a.txt"}}));
    repository.git("update-ref refs/remotes/origin/main HEAD");
    CHECK(git.checkAmend().error().kind() == base::Errc::denied);
    CHECK(git.takeBack(git.headCommit().value(), "").error().kind() == base::Errc::denied);
    repository.git("commit -q --allow-empty -m theirs --author 'Other <o@example.org>'");
    CHECK(git.checkAmend().error().message() == "the last commit is by Other");
    CHECK(git.identity().value() == "Tester <tester@example.org>");
}

TEST_CASE("a hook sees what will be committed, and what it leaves there is committed",
          "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n");
    repository.folder.put("b.txt", "1\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("a.txt", "2\n");
    repository.folder.put("b.txt", "2\n");
    repository.folder.put("new.txt", "n\n");
    Git git = open(repository);
    CommitRequest request = {.message = "Second", .paths = {"a.txt", "new.txt"}};
    const auto file = repository.folder.path() / ".git/next-index";
    REQUIRE(git.writeIndex(request, file));
    CHECK(repository.sh("GIT_INDEX_FILE=.git/next-index git diff --cached --name-status") ==
          "M\ta.txt\nA\tnew.txt\n");
    CHECK(repository.git("diff --cached --name-only").empty());
    repository.sh("echo 3 > a.txt; GIT_INDEX_FILE=.git/next-index git add a.txt");
    request.indexFile = file;
    REQUIRE(git.commit(request));
    CHECK(repository.git("show HEAD:a.txt") == "3\n");
    CHECK(repository.git("status --porcelain") == " M b.txt\n");

    CHECK_FALSE(git.hook("pre-commit"));
    repository.folder.put(".git/hooks/pre-commit", "#!/bin/sh\n");
    CHECK_FALSE(git.hook("pre-commit"));  // git runs executable ones only
    repository.sh("chmod +x .git/hooks/pre-commit");
    CHECK(git.hook("pre-commit") == repository.folder.path() / ".git/hooks/pre-commit");
    repository.sh("mkdir ours; cp .git/hooks/pre-commit ours; git config core.hooksPath ours");
    CHECK(git.hook("pre-commit") == repository.folder.path() / "ours/pre-commit");
}

TEST_CASE("a text goes into the index without touching the file", "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n2\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("a.txt", "one\ntwo\n");
    Git git = open(repository);
    CHECK(git.stage("a.txt", "one\n2\n", "else").error().kind() == base::Errc::busy);
    REQUIRE(git.stage("a.txt", "one\n2\n", "1\n2\n"));
    CHECK(repository.git("show :a.txt") == "one\n2\n");
    CHECK(repository.folder.get("a.txt") == "one\ntwo\n");
    const auto status = git.status().value();
    REQUIRE(status.size() == 1);
    CHECK((status[0].isStaged && status[0].isUnstaged));
    REQUIRE(git.stage("new.txt", "n\n", std::nullopt));
    CHECK(git.fileInIndex("new.txt").value() == "n\n");
    REQUIRE(git.stage("new.txt", std::nullopt, "n\n"));
    CHECK(git.fileInIndex("new.txt").error().kind() == base::Errc::notFound);
}

TEST_CASE("what a path is, then and now, and where a branch began", "[tools][git]") {
    Repository repository;
    repository.folder.put("a.sh", "1\n");
    repository.sh("ln -s a.sh link");
    repository.git("add -A && git commit -q -m first");
    Git git = open(repository);
    const std::string first = git.headCommit().value();
    CHECK(git.branchBase().error().kind() == base::Errc::notFound);
    repository.git("switch -q -c feature");
    repository.sh("chmod +x a.sh; rm link");
    repository.git("add -A && git commit -q -m second");
    CHECK(git.branchBase().value() == first);
    CHECK(git.entryAt(first, "a.sh")->kind == EntryKind::file);
    CHECK(git.entryAt(first, "a.sh")->bytes == 2);
    CHECK(git.entryAt(first, "link")->kind == EntryKind::link);
    CHECK(git.entryAt(first, "none")->kind == EntryKind::nothing);
    CHECK(git.entryNow("a.sh")->kind == EntryKind::executable);
    CHECK(git.entryNow("link")->kind == EntryKind::nothing);
}

TEST_CASE("some hunks of a file are committed, the others and what was staged stay",
          "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n2\n3\n4\n5\n6\n7\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("a.txt", "1\n2\n3\n4\n5\n6\nseven\n");
    repository.git("add a.txt");
    repository.folder.put("a.txt", "one\n2\n3\nfour\n5\n6\nseven\n");
    Git git = open(repository);
    CHECK(git.textToCommit("a.txt").value_or("") == "one\n2\n3\nfour\n5\n6\nseven\n");
    const auto id =
        git.commit({.message = "Second", .texts = {{"a.txt", "one\n2\n3\n4\n5\n6\n7\n"}}});
    INFO((id ? std::string() : id.error().message()));
    REQUIRE(id);
    CHECK(repository.git("show HEAD:a.txt") == "one\n2\n3\n4\n5\n6\n7\n");
    CHECK(repository.git("show :a.txt") == "one\n2\n3\n4\n5\n6\nseven\n");
    CHECK(repository.folder.get("a.txt") == "one\n2\n3\nfour\n5\n6\nseven\n");
    CHECK(git.commit({.message = "x", .texts = {{"new.txt", "x"}}}).error().kind() ==
          base::Errc::invalidInput);
}

TEST_CASE("the text to commit is what git would store", "[tools][git]") {
    Repository repository;
    repository.git("config core.autocrlf true");
    repository.folder.put("a.txt", "1\r\n2\r\n");
    repository.folder.put("b.bin", "x\n");
    repository.folder.put(".gitattributes", "*.bin filter=lfs\n");
    const Git git = open(repository);
    CHECK(git.textToCommit("a.txt").value_or("") == "1\n2\n");
    CHECK(git.textToCommit("b.bin").error().kind() == base::Errc::unsupported);
    CHECK(git.textToCommit("none").error().kind() == base::Errc::notFound);
    CHECK(git.textToCommit("a.txt", 3).error().kind() == base::Errc::invalidInput);
}

}  // namespace moxie::tools
