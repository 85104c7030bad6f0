// Answers do not depend on the order in which files came into the index.
#include <algorithm>

#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

struct File {
    std::string path, text;
};

std::string lineOf(const LinkTarget& target) {
    return " " + target.path + ":" + std::to_string(target.lineFirst) + " " + target.name;
}

// What the index says of every call of main.rb and base.py, with its files added one by one.
std::string answersOf(const std::vector<File>& files) {
    const Repository repository;
    repository.write("first.txt", "nothing\n");
    repository.commitAll("first");
    const auto index = repository.open();
    for (const File& file : files) {
        repository.write(file.path, file.text);
        REQUIRE(index->update({}, {}));
    }
    std::string out;
    for (const auto& [line, name] :
         {std::pair(2, "go"), std::pair(2, "stop"), std::pair(3, "turn"), std::pair(4, "part")}) {
        const auto link = index->resolve("main.rb", line, name);
        REQUIRE(link);
        for (const LinkTarget& target : link->targets)
            out += lineOf(target);
        out += "\n";
    }
    const DefinitionPlace run = {.path = "main.rb", .name = "run", .lineFirst = 1};
    const auto callees = index->callees(run, 100);
    REQUIRE(callees);
    for (const CallEdge& edge : *callees)
        out += lineOf(edge.other);
    const auto callers = index->callers({.path = "b.rb", .name = "go", .lineFirst = 2}, 100);
    REQUIRE(callers);
    for (const CallEdge& edge : *callers)
        out += lineOf(edge.other) + " " + edge.path + ":" + std::to_string(edge.line);
    return out;
}

}  // namespace

TEST_CASE("Targets, callees and callers have one order, whatever was indexed first",
          "[indexer][links]") {
    std::vector<File> files = {
        {"main.rb",
         "def run(x, y)\n  x.go; y.go; x.stop; y.stop\n  x.turn\n"
         "  Whole.new.part\nend\n"},
        {"other.rb", "def other(x)\n  x.go\nend\n"},
        {"z.rb", "class Z\n  def stop; end\n  def go; end\nend\n"},
    };
    for (const std::string name : {"a", "b", "c", "d"})
        files.push_back({name + ".rb", "class T" + name +
                                           "\n  def go; end\n  def stop; end\n  def turn; end\n"
                                           "end\nclass Whole\n  def part; end\nend\n"});
    const std::string forwards = answersOf(files);
    CAPTURE(forwards);
    std::reverse(files.begin(), files.end());
    CHECK(answersOf(files) == forwards);
    std::rotate(files.begin(), files.begin() + 4, files.end());
    REQUIRE(files.front().path == "z.rb");  // names in another order
    CHECK(answersOf(files) == forwards);
}
