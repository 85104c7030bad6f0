#include "tools/checkpoint.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <random>

#include "tests/catch.h"
#include "tests/tools/repository.h"

namespace moxie::tools {

using namespace moxie::tests;
namespace fs = std::filesystem;

namespace {

Git open(const Repository& repository) {
    auto git = Git::open(repository.folder.path());
    REQUIRE(git);
    return std::move(*git);
}

std::string take(Checkpoints& checkpoints, const char* reason = "test") {
    auto checkpoint = checkpoints.take(reason);
    INFO((checkpoint ? std::string() : checkpoint.error().message()));
    REQUIRE(checkpoint);
    return checkpoint->commit;
}

RestoreResult restore(Checkpoints& checkpoints, const std::string& commit) {
    auto result = checkpoints.restore(commit);
    INFO((result ? std::string() : result.error().message()));
    REQUIRE(result);
    return *result;
}

}  // namespace

TEST_CASE("a checkpoint is seen by nobody and restoring touches files only",
          "[tools][checkpoint]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n");
    repository.folder.put("staged.txt", "1\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("staged.txt", "2\n");
    repository.git("add staged.txt");
    repository.folder.put("new.txt", "n\n");
    const auto facts = [&] {
        return repository.git("log --oneline; git branch -a; git ls-files -s; cat .git/HEAD");
    };
    const std::string before = facts();
    const std::string status = repository.git("status --porcelain");
    Git git = open(repository);
    Checkpoints checkpoints(git, "s-1");
    const std::string first = take(checkpoints);
    CHECK(facts() == before);
    CHECK(repository.git("status --porcelain") == status);
    repository.folder.put("a.txt", "2\n");
    repository.folder.put("d/e.txt", "e\n");
    repository.sh("rm new.txt");
    const RestoreResult result = restore(checkpoints, first);
    CHECK(result.changedPaths == std::vector<std::string>{"a.txt", "d/e.txt", "new.txt"});
    CHECK_FALSE(result.hasHeadMoved);
    CHECK_FALSE(repository.folder.has("d"));
    CHECK(repository.git("status --porcelain") == status);
    CHECK(facts() == before);
    const auto list = checkpoints.list();
    REQUIRE(list);
    REQUIRE(list->size() == 2);
    CHECK((*list)[1].reason == "before restore");
    // The restore can be undone.
    restore(checkpoints, (*list)[1].commit);
    CHECK(repository.folder.get("d/e.txt") == "e\n");
    repository.git("fsck --strict");
}

TEST_CASE("a moved HEAD is said and left where it is", "[tools][checkpoint]") {
    Repository repository;
    Git git = open(repository);  // an unborn branch
    Checkpoints checkpoints(git, "s");
    repository.folder.put("a.txt", "1\n");
    const std::string first = take(checkpoints);
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("a.txt", "2\n");
    const std::string head = repository.git("rev-parse HEAD");
    CHECK(restore(checkpoints, first).hasHeadMoved);
    CHECK(repository.folder.get("a.txt") == "1\n");
    CHECK(repository.git("rev-parse HEAD") == head);
}

TEST_CASE("bytes, links and executable bits come back exactly, whatever git would convert",
          "[tools][checkpoint]") {
    Repository repository;
    repository.git("config core.autocrlf true");
    repository.folder.put(".gitattributes", "*.txt text eol=crlf\n*.id ident\n");
    const std::string mixed = "one\r\ntwo\nthree\r";
    repository.folder.put("mixed.txt", mixed);
    repository.folder.put("a.id", "$Id: 1234 $\n");
    repository.folder.put("run.sh", "#!/bin/sh\n");
    repository.sh("chmod 750 run.sh; ln -s mixed.txt link; ln -s /nowhere dangling");
    repository.sh("git add -A 2>/dev/null; git commit -q -m first; sleep 0.2; git status");
    Git git = open(repository);
    Checkpoints checkpoints(git, "s");
    const std::string first = take(checkpoints);
    repository.folder.put("mixed.txt", "one\ntwo\nthree\n");
    repository.folder.put("a.id", "x");
    repository.sh("chmod 640 run.sh; rm link dangling; echo link > link; mkdir dangling");
    restore(checkpoints, first);
    CHECK(repository.folder.get("mixed.txt") == mixed);
    CHECK(repository.folder.get("a.id") == "$Id: 1234 $\n");
    CHECK(repository.sh("readlink link dangling; stat -c %a run.sh") ==
          "mixed.txt\n/nowhere\n750\n");
}

TEST_CASE("ignored and too large files are left out and left alone", "[tools][checkpoint]") {
    Repository repository;
    repository.folder.put(".gitignore", "*.o\nsecret\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("big", std::string(5000, 'b'));
    repository.folder.put("x.o", "o");
    repository.folder.put("secret", "s");
    Git git = open(repository);
    Checkpoints checkpoints(git, "s", 1000);
    const auto first = checkpoints.take("test");
    REQUIRE(first);
    CHECK(first->leftOut == std::vector<std::string>{"big"});
    CHECK(checkpoints.list()->front().leftOut == first->leftOut);
    // The ignore rule goes: the file is no newcomer for that.
    repository.folder.put(".gitignore", "*.o\n");
    repository.folder.put("big", "small now");
    const RestoreResult result = restore(checkpoints, first->commit);
    CHECK(repository.folder.get("secret") == "s");
    CHECK(repository.folder.get("x.o") == "o");
    CHECK(repository.folder.get("big") == "small now");
    CHECK(result.keptPaths == std::vector<std::string>{"secret"});
    // A file that grew over the cap is saved before it is overwritten.
    repository.sh("rm big; echo 1 > grows");
    const std::string second = take(checkpoints);
    repository.folder.put("grows", std::string(5000, 'g'));
    restore(checkpoints, second);
    CHECK(repository.folder.get("grows") == "1\n");
    restore(checkpoints, checkpoints.list()->back().commit);
    CHECK(repository.folder.get("grows").size() == 5000);
}

TEST_CASE("nested repositories are left alone, and links lead nowhere", "[tools][checkpoint]") {
    Repository repository;
    const TempFolder outside;
    outside.put("b.txt", "outside\n");
    repository.folder.put("dir/b.txt", "inside\n");
    repository.sh("git add -A && git commit -q -m first; git init -q nested; echo n > nested/n");
    Git git = open(repository);
    Checkpoints checkpoints(git, "s");
    const std::string first = take(checkpoints);
    repository.sh("echo changed > nested/n; rm -rf dir; ln -s " + outside.path().string() + " dir");
    restore(checkpoints, first);
    CHECK(repository.folder.get("nested/n") == "changed\n");
    CHECK(outside.get("b.txt") == "outside\n");
    CHECK(repository.folder.get("dir/b.txt") == "inside\n");
}

TEST_CASE("if a checkpoint cannot be written there is none, and it says why",
          "[tools][checkpoint]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n");
    Git git = open(repository);
    Checkpoints checkpoints(git, "s");
    SECTION("the reference cannot be made") {
        repository.folder.put(".git/refs/moxie", "x");
    }
    SECTION("the disk is full") {
        const auto before = std::signal(SIGXFSZ, SIG_IGN);
        rlimit old = {};
        ::getrlimit(RLIMIT_FSIZE, &old);
        const rlimit none = {0, old.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &none);
        const auto refused = checkpoints.take("test");
        ::setrlimit(RLIMIT_FSIZE, &old);
        std::signal(SIGXFSZ, before);
        REQUIRE_FALSE(refused);
        CHECK(checkpoints.list()->empty());
        repository.folder.put(".git/refs/moxie", "x");
    }
    const auto refused = checkpoints.take("test");
    REQUIRE_FALSE(refused);
    CHECK_FALSE(refused.error().message().empty());
    CHECK(repository.folder.get("a.txt") == "1\n");
    CHECK_FALSE(Checkpoints(git, "../x").take("test"));
}

namespace {

// One random step on files, folders, bits and links.
void step(const fs::path& root, std::mt19937& random) {
    const auto pick = [&](int n) { return int(random() % unsigned(n)); };
    const auto path = [&] {
        std::string name(1, char('a' + pick(3)));
        for (int depth = pick(3); depth > 0; --depth)
            name += std::string("/") + char('a' + pick(3));
        return root / name;
    };
    std::error_code ec;
    const fs::path one = path();
    const fs::path two = path();
    switch (pick(8)) {
        case 0:
        case 1:
        case 2:
            fs::create_directories(one.parent_path(), ec);
            if (!fs::is_directory(fs::symlink_status(one, ec)))
                (void)base::writeFileAtomically(one,
                                                std::string(size_t(pick(3)), char('0' + pick(9))),
                                                base::Durability::renameOnly);
            break;
        case 3:
            fs::remove_all(one, ec);
            break;
        case 4:
            fs::rename(one, two, ec);
            break;
        case 5:
            // A folder that cannot be entered is an error, not a state to come back to.
            if (fs::is_regular_file(fs::symlink_status(one, ec)))
                ::chmod(one.c_str(), pick(2) == 0 ? 0755 : 0644);
            break;
        case 6:
            fs::create_symlink("a", one, ec);
            break;
        default:
            fs::create_directories(one, ec);
            break;
    }
}

}  // namespace

TEST_CASE("after any walk of changes a restore gives the same tree", "[tools][checkpoint]") {
    const unsigned seed = std::random_device()();
    INFO("seed " << seed);
    std::mt19937 random(seed);
    Repository repository;
    Git git = open(repository);
    Checkpoints checkpoints(git, "walk");
    std::vector<std::pair<std::string, std::string>> taken;  // checkpoint, tree
    for (int round = 0; round < 200; ++round) {
        for (int i = 0; i < 8; ++i)
            step(repository.folder.path(), random);
        if (round % 20 == 7) repository.sh("git add -A && git commit -q --allow-empty -m x");
        if (round % 10 == 0) taken.emplace_back(take(checkpoints), repository.treeNow());
        const auto& [commit, tree] = taken[random() % taken.size()];
        const RestoreResult result = restore(checkpoints, commit);
        INFO("round " << round);
        REQUIRE(result.keptPaths == std::vector<std::string>{});
        REQUIRE(repository.git("rev-parse " + commit + "^{tree}") == tree);
        REQUIRE(repository.treeNow() == tree);
    }
    repository.git("fsck --strict");
}

TEST_CASE("a branch can be made of a checkpoint, and nothing else moves", "[tools][checkpoint]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n");
    repository.git("add -A && git commit -q -m first");
    Git git = open(repository);
    Checkpoints checkpoints(git, "s");
    const std::string head = git.headCommit().value();
    repository.folder.put("a.txt", "2\n");
    const std::string taken = take(checkpoints);
    CHECK(checkpoints.list()->back().head == head);
    repository.git("commit -q -a -m second");
    repository.folder.put("a.txt", "3\n");
    REQUIRE(checkpoints.makeBranch(taken, "saved"));
    CHECK(repository.git("show saved:a.txt") == "2\n");
    CHECK(repository.git("rev-parse saved^") == head + "\n");
    CHECK(repository.git("status --porcelain --branch") == "## main\n M a.txt\n");
    CHECK(checkpoints.makeBranch(taken, "saved").error().kind() == base::Errc::invalidInput);
    CHECK(checkpoints.makeBranch(taken, "a..b").error().kind() == base::Errc::invalidInput);
}

}  // namespace moxie::tools
