#include <algorithm>

#include "indexer/git_library.h"
#include "indexer/work_tree.h"
#include "tests/indexer/repository.h"
#include "tests/indexer/rows.h"

namespace moxie::indexer {
namespace {

using testing::Repository;

std::vector<std::string> messagesOf(const std::vector<Commit>& commits) {
    std::vector<std::string> messages;
    for (const Commit& commit : commits)
        messages.push_back(commit.message.substr(0, commit.message.find('\n')));
    return messages;
}

void commitAt(const Repository& repository, int minute, const std::string& message) {
    const std::string time = "2020-01-01T00:" + std::to_string(10 + minute) + ":00Z";
    repository.git("add -A");
    repository.git("-c core.autocrlf=false commit -q --date " + time + " -m '" + message + "'");
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("history tells which paths a commit changed, without merges", "[indexer][history]") {
    const GitLibrary git;
    const Repository repository;
    repository.write("a.c", "one\n");
    repository.write("sub/b.c", "one\n");
    commitAt(repository, 0, "start");
    repository.git("checkout -q -b side");
    repository.write("sub/deep/c.c", "one\n");
    commitAt(repository, 1, "on the side");
    repository.git("checkout -q main");
    repository.write("a.c", "two\n");
    repository.git("rm -q sub/b.c");
    commitAt(repository, 2, "on main");
    repository.git("merge -q --no-ff -m 'merged' side");
    const auto tree = WorkTree::open(repository.root());
    REQUIRE(tree);
    const auto commits = tree->commits(100, {}, {});
    REQUIRE(commits);
    auto messages = messagesOf(*commits);
    CHECK(messages.back() == "start");
    std::sort(messages.begin(), messages.end());
    CHECK(messages == Texts{"on main", "on the side", "start"});
    for (const Commit& commit : *commits) {
        if (commit.message.starts_with("on main")) CHECK(commit.paths == Texts{"a.c"});
        if (commit.message.starts_with("on the side")) CHECK(commit.paths == Texts{"sub/deep/c.c"});
        if (commit.message.starts_with("start")) CHECK(commit.paths.empty());
        CHECK(commit.time > 0);
    }
    CHECK(tree->commits(1, {}, {})->size() == 1);

    const auto inside = WorkTree::open(repository.root() / "sub");
    REQUIRE(inside);
    const auto own = inside->commits(100, {}, {});
    REQUIRE(own);
    for (const Commit& commit : *own)
        CHECK(commit.paths ==
              (commit.message.starts_with("on the side") ? Texts{"deep/c.c"} : Texts{}));
}

TEST_CASE("history of known commits is their hashes alone", "[indexer][history]") {
    const GitLibrary git;
    const Repository repository;
    for (int i = 0; i < 4; i++) {
        repository.write("a.c", std::to_string(i));
        commitAt(repository, i, "change " + std::to_string(i));
    }
    const auto tree = WorkTree::open(repository.root());
    REQUIRE(tree);
    const auto all = tree->commits(100, {}, {});
    REQUIRE(all);
    REQUIRE(all->size() == 4);
    std::vector<BlobHash> known = {(*all)[1].hash, (*all)[3].hash};
    std::sort(known.begin(), known.end());
    const auto again = tree->commits(100, known, {});
    REQUIRE(again);
    REQUIRE(again->size() == 4);
    for (size_t i = 0; i < 4; i++) {
        CHECK((*again)[i].hash == (*all)[i].hash);
        CHECK((*again)[i].message == (i % 2 == 1 ? std::string() : (*all)[i].message));
    }
}

TEST_CASE("a shallow clone has the history that it has", "[indexer][history]") {
    const GitLibrary git;
    const Repository repository;
    for (int i = 0; i < 4; i++) {
        repository.write("a.c", std::to_string(i));
        commitAt(repository, i, "change " + std::to_string(i));
    }
    repository.git("clone -q --depth 2 file://" + repository.root().string() + " shallow");
    const auto tree = WorkTree::open(repository.root() / "shallow");
    REQUIRE(tree);
    const auto commits = tree->commits(100, {}, {});
    REQUIRE(commits);
    CHECK(messagesOf(*commits) == Texts{"change 3", "change 2"});
}

TEST_CASE("an index that stops at words is completed by the next", "[indexer][freshness]") {
    const Repository repository;
    repository.write("a.c", "int first(int a) {\n    return alpha(a);\n}\n");
    repository.write("notes.txt", "alpha is no function\n");
    repository.commitAll("start");
    const IndexOptions words = {.root = repository.root(),
                                .cacheFile = repository.cacheFile(),
                                .threads = 0,
                                .tierMax = Tier::lexical};
    {
        const auto index = openIndex(words);
        REQUIRE(index);
        REQUIRE((*index)->update({}, {}));
        CHECK((*index)->search("alpha", 10)->size() == 2);
        CHECK((*index)->symbols("first", "", 10)->empty());
    }
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    CHECK(index->symbols("first", "", 10)->size() == 1);
    const auto cold = repository.open("cold.sqlite");
    REQUIRE(cold->update({}, {}));
    CHECK(testing::rowsOf(repository.cacheFile()) ==
          testing::rowsOf(repository.cacheFile("cold.sqlite")));
}

}  // namespace moxie::indexer
