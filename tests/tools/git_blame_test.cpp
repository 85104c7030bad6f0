#include "tools/git_blame.h"

#include <fmt/format.h>

#include "tests/catch.h"
#include "tests/tools/repository.h"

namespace moxie::tools {

using namespace moxie::tests;

namespace {

// "0-2 first; 3-3 -; ..."
std::string shown(const std::vector<BlamedLines>& lines) {
    std::string all;
    for (const BlamedLines& each : lines)
        all += fmt::format("{}-{} {}; ", each.first, each.first + each.count - 1,
                           each.commit.empty() ? "-" : each.summary);
    return all;
}

std::string blamed(const Repository& repository, const std::string& path) {
    auto lines = blameText(repository.folder.path(), path, repository.folder.get(path));
    INFO((lines ? std::string() : lines.error().message()));
    REQUIRE(lines);
    return shown(*lines);
}

}  // namespace

TEST_CASE("each line is blamed on the commit that changed it last", "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n2\n3\n4\n5\n6\n");
    CHECK(blamed(repository, "a.txt") == "0-5 -; ");  // no commit at all
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("a.txt", "1\n2\n3\nfour\n5\n6\n");
    repository.git("commit -q -a -m second --author='Li Wei <li@example.org>'");
    CHECK(blamed(repository, "a.txt") == "0-2 first; 3-3 second; 4-5 first; ");
    const auto lines =
        blameText(repository.folder.path(), "a.txt", "1\nnew\n2\n3\nfour\nand five\n6\n7");
    REQUIRE(lines);
    CHECK(shown(*lines) == "0-0 first; 1-1 -; 2-3 first; 4-4 second; 5-5 -; 6-6 first; 7-7 -; ");
    CHECK((*lines)[3].author == "Li Wei");
    CHECK((*lines)[3].timeMs > 1'700'000'000'000);
    CHECK((*lines)[3].commit.size() == 40);
    CHECK_FALSE((*lines)[3].isOlder);
    repository.folder.put("new.txt", "x\n");
    CHECK(blamed(repository, "new.txt") == "0-0 -; ");
    repository.folder.put("empty.txt", "");
    CHECK(blamed(repository, "empty.txt").empty());
}

TEST_CASE("line ends that git translates do not count as changes", "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n2\n");
    repository.git("add -A && git commit -q -m first");
    repository.folder.put("a.txt", "1\r\n2\r\n3\r\n");
    CHECK(blamed(repository, "a.txt") == "0-1 first; 2-2 -; ");
}

TEST_CASE("the merge does not hide who wrote the lines that it brought", "[tools][git]") {
    Repository repository;
    repository.folder.put("a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n");
    repository.git("add -A && git commit -q -m first");
    repository.git("switch -q -c side");
    repository.folder.put("a.txt", "1\n2\n3\n4\n5\n6\n7\nside\n");
    repository.git("commit -q -a -m side");
    repository.git("switch -q main");
    repository.folder.put("a.txt", "main\n2\n3\n4\n5\n6\n7\n8\n");
    repository.git("commit -q -a -m main");
    repository.git("merge -q -m merged side");
    CHECK(blamed(repository, "a.txt") == "0-0 main; 1-6 first; 7-7 side; ");
}

TEST_CASE("outside of a repository nobody is blamed", "[tools][git]") {
    TempFolder folder;
    folder.put("a.txt", "1\n");
    const auto lines = blameText(folder.path(), "a.txt", "1\n");
    REQUIRE_FALSE(lines);
    CHECK(lines.error().kind() == base::Errc::notFound);
}

}  // namespace moxie::tools
