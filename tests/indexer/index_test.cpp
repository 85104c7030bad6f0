#include "indexer/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <random>
#include <thread>

#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

IndexStats update(Index& index) {
    const auto stats = index.update({}, {});
    if (!stats) FAIL(stats.error().message());
    return *stats;
}

// Everything a user can ask, as text: two indexes of one tree must agree.
std::string describe(Index& index) {
    std::string out;
    const auto symbols = index.symbols("", "", 100'000);
    REQUIRE(symbols);
    for (const Symbol& s : *symbols)
        out += fmt::format("{} {} {}:{}-{} {} {}\n", toString(s.kind), s.name, s.path, s.lineFirst,
                           s.lineLast, s.parent, s.signature);
    for (const char* name : {"parse_list", "helper", "total"}) {
        const auto references = index.references(name, 1000);
        REQUIRE(references);
        for (const Reference& r : *references)
            out += fmt::format("{} {}:{} {} {} {}\n", name, r.path, r.line, r.role, r.enclosing,
                               r.text);
    }
    for (const char* query : {"parse a list", "helper", "total of the cart"}) {
        const auto hits = index.search(query, 50);
        REQUIRE(hits);
        for (const SearchHit& hit : *hits)
            out += fmt::format("{} {:.9f} {}:{} {}\n", query, hit.score, hit.path, hit.lineFirst,
                               toText(hit.reason));
    }
    return out;
}

std::vector<std::string> pathsOf(Index& index, const std::string& name) {
    std::vector<std::string> paths;
    const auto symbols = index.symbols(name, "", 100);
    REQUIRE(symbols);
    for (const Symbol& symbol : *symbols)
        if (symbol.name == name) paths.push_back(symbol.path);
    return paths;
}

void fillSmall(const Repository& repository) {
    repository.write("src/list.c",
                     "int helper(int x) { return x; }\n"
                     "int parse_list(const char *text) { return helper(text[0]); }\n");
    repository.write("src/main.c",
                     "int parse_list(const char *);\n"
                     "int main(void) { return parse_list(\"a,b\"); }\n");
    repository.write("shop/cart.py", "class Cart:\n    def total(self):\n        return 1\n");
    repository.write("README.md", "# Lists\n\nParses a list.\n");
    repository.write(".gitignore", "out/\n*.log\n");
}

}  // namespace

TEST_CASE("a committed repository is found by symbol, reference and word", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    repository.commitAll("lists can be parsed");
    const auto index = repository.open();
    const IndexStats stats = update(*index);
    CHECK(stats.files == 5);
    CHECK(stats.filesParsed == 5);
    CHECK(stats.symbols > 0);
    CHECK(pathsOf(*index, "parse_list") ==
          std::vector<std::string>{"src/list.c", "src/main.c"});  // definition first
    const auto references = index->references("parse_list", 10);
    REQUIRE(references);
    REQUIRE(references->size() == 1);
    CHECK(references->front().enclosing == "main");
    CHECK(references->front().line == 2);
    CHECK(references->front().text == "int main(void) { return parse_list(\"a,b\"); }");
    const auto hits = index->search("where is the cart's total", 5);
    REQUIRE(hits);
    REQUIRE_FALSE(hits->empty());
    CHECK(hits->front().path == "shop/cart.py");
    CHECK(toText(hits->front().reason).find("total") != std::string::npos);
    const auto inFolder = index->symbols("parse_list", "src/", 10);
    REQUIRE(inFolder);
    CHECK(inFolder->size() == 2);
    const auto elsewhere = index->symbols("parse_list", "shop", 10);
    REQUIRE(elsewhere);
    CHECK(elsewhere->empty());
    CHECK(update(*index).filesParsed == 0);
}

TEST_CASE("files and symbols are listed by path, with what each language has", "[indexer]") {
    Repository repository;
    repository.write("b/two.py", "class Shop:\n    def sell(self):\n        pass\n");
    repository.write("a.c", "int one(void) { return 1; }\nint half(void) {\n");
    const auto index = repository.open();
    const auto stats = index->update({}, {});
    REQUIRE(stats);
    const auto files = index->files();
    REQUIRE(files);
    REQUIRE(files->size() == 2);
    CHECK(files->at(0).path == "a.c");
    CHECK(files->at(0).lines == 2);
    CHECK(files->at(1).bytes == 45);
    std::string all;
    const auto visit = [&](const SymbolEntry& symbol) {
        all += fmt::format("{}:{}-{} {}.{}\n", symbol.path, symbol.lineFirst, symbol.lineLast,
                           symbol.parent, symbol.name);
    };
    REQUIRE(index->eachSymbol(visit, {}));
    CHECK(all.starts_with("a.c:1-1 .one\n"));
    CHECK(all.ends_with("b/two.py:1-3 .Shop\nb/two.py:2-3 Shop.sell\n"));
    std::stop_source stop;
    stop.request_stop();
    CHECK(index->eachSymbol(visit, stop.get_token()).error().kind() == base::Errc::cancelled);
    REQUIRE(stats->languages.size() == 2);
    CHECK(stats->languages[0].name == "Python");
    CHECK(stats->languages[0].symbols == 2);
    CHECK(stats->languages[0].filesDamaged == 0);
    CHECK(stats->languages[1].filesDamaged == 1);
    repository.write("c.c", "int three;\n");
    const auto later = index->update({}, {});
    REQUIRE(later);
    CHECK(later->generation > stats->generation);
}

TEST_CASE("incremental updates give the same index as a cold one", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    repository.commitAll("first");
    const auto index = repository.open("warm.sqlite");
    update(*index);
    int step = 0;
    const auto agree = [&](const std::string& what) {
        INFO(what);
        update(*index);
        const auto cold = repository.open(fmt::format("cold{}.sqlite", step++), 0);
        update(*cold);
        CHECK(describe(*index) == describe(*cold));
    };
    agree("as committed");
    repository.write("src/list.c", "int helper(int y) { return y + 1; }\n");
    agree("an edited file");
    repository.write("src/new.c", "int total(void) { return helper(3); }\n");
    agree("an untracked file");
    std::filesystem::remove(repository.root() / "src/main.c");
    agree("a deleted file");
    std::filesystem::rename(repository.root() / "shop/cart.py",
                            repository.root() / "shop/basket.py");
    agree("a renamed file");
    CHECK(pathsOf(*index, "total") == std::vector<std::string>{"shop/basket.py", "src/new.c"});
    repository.commitAll("second");
    agree("committed");
    repository.git("checkout -q -b side HEAD~1");
    agree("another branch");
    CHECK(pathsOf(*index, "total") == std::vector<std::string>{"shop/cart.py"});
    repository.git("checkout -q main");
    agree("back again");
}

TEST_CASE("a branch that was seen before needs no parsing", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    repository.commitAll("first");
    repository.git("checkout -q -b side");
    repository.write("src/list.c", "int other(void) { return 1; }\n");
    repository.commitAll("second");
    const auto index = repository.open();
    update(*index);
    repository.git("checkout -q main");
    CHECK(update(*index).filesParsed == 1);
    repository.git("checkout -q side");
    CHECK(update(*index).filesParsed == 0);
    CHECK(pathsOf(*index, "other").size() == 1);
}

TEST_CASE("ignored files stay out, in git and one by one", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    repository.write("out/made.c", "int made(void) { return 1; }\n");
    repository.write("x.log", "made\n");
    const auto index = repository.open();
    CHECK(update(*index).files == 5);
    CHECK(pathsOf(*index, "made").empty());
    REQUIRE(index->updateFile("out/made.c"));
    CHECK(pathsOf(*index, "made").empty());
    CHECK_FALSE(index->updateFile("../outside.c"));
    CHECK_FALSE(index->updateFile("/etc/passwd"));
}

TEST_CASE("a file we wrote is searchable at once", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    const auto index = repository.open();
    update(*index);
    repository.write("src/fresh.c", "int fresh_name(void) { return 1; }\n");
    REQUIRE(index->updateFile("src/fresh.c"));
    CHECK(pathsOf(*index, "fresh_name").size() == 1);
    std::filesystem::remove(repository.root() / "src/fresh.c");
    REQUIRE(index->updateFile("src/fresh.c"));
    CHECK(pathsOf(*index, "fresh_name").empty());
}

TEST_CASE("an edit within one clock tick and of equal size is seen", "[indexer]") {
    const Repository repository(Repository::Kind::plain);
    repository.write("a.c", "int aaa(void) { return 1; }\n");
    const auto index = repository.open();
    update(*index);
    const auto time = std::filesystem::last_write_time(repository.root() / "a.c");
    repository.write("a.c", "int bbb(void) { return 1; }\n");
    std::filesystem::last_write_time(repository.root() / "a.c", time);
    update(*index);
    CHECK(pathsOf(*index, "bbb").size() == 1);
    CHECK(pathsOf(*index, "aaa").empty());
}

TEST_CASE("a plain folder works, without following symlinks", "[indexer]") {
    const Repository repository(Repository::Kind::plain);
    repository.write("a/b.c", "int inside(void) { return 1; }\n");
    repository.write("node_modules/c.js", "function skipped() {}\n");
    std::filesystem::create_directory_symlink(repository.root(), repository.root() / "a/loop");
    std::filesystem::create_symlink("/etc/passwd", repository.root() / "a/link.c");
    const auto index = repository.open();
    CHECK(update(*index).files == 1);
    CHECK(pathsOf(*index, "inside") == std::vector<std::string>{"a/b.c"});
}

TEST_CASE("binary, huge, empty and malformed files do no harm", "[indexer]") {
    const Repository repository;
    repository.write("binary.c", std::string("int x;\0\1\2", 9));
    repository.write("huge.c", std::string(200'000, 'x'));
    repository.write("empty.c", "");
    repository.write("latin.c", "int caf\xe9(void) { return 1; } // \xff\xfe\nint fine(void) {}\n");
    repository.write("one_line.js", "var a='" + std::string(60'000, 'x') + "';");
    repository.write("dir with space/\xc3\xa4.py", "def umlaut(): pass\n");
    const auto index = repository.open();
    const IndexStats stats = update(*index);
    CHECK(stats.files == 6);
    CHECK(stats.filesSkipped == 2);
    REQUIRE(stats.filesExcluded == 3);  // the largest first
    CHECK(stats.excluded[0].why == Exclusion::tooLarge);
    CHECK(stats.excluded[1].why == Exclusion::bulkData);
    CHECK(stats.excluded[2].why == Exclusion::binary);
    CHECK(stats.excluded[2].path == "binary.c");
    CHECK(pathsOf(*index, "fine").size() == 1);
    CHECK(pathsOf(*index, "umlaut") == std::vector<std::string>{"dir with space/\xc3\xa4.py"});
    CHECK(update(*index).filesParsed <= 4);
}

TEST_CASE("a broken or foreign index file is made again", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    const std::string junk =
        GENERATE(std::string("not a database at all"), std::string(), std::string(9000, '\7'));
    std::ofstream(repository.cacheFile(), std::ios::binary) << junk;
    const auto index = repository.open();
    update(*index);
    CHECK(pathsOf(*index, "helper").size() == 1);
}

TEST_CASE("an index of another version is made again", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    { update(*repository.open()); }
    const std::string command =
        "sqlite3 " + repository.cacheFile().string() + " 'PRAGMA user_version=9999' 2>/dev/null";
    if (std::system(command.c_str()) != 0) return;  // no sqlite3 program here
    const auto index = repository.open();
    CHECK(update(*index).filesParsed == 5);
}

TEST_CASE("a stopped update says so and the next one finishes", "[indexer]") {
    const Repository repository;
    for (int i = 0; i < 300; i++)
        repository.write(fmt::format("f{}.c", i),
                         fmt::format("int name_{}(void) {{ return 1; }}\n", i));
    const auto index = repository.open();
    std::stop_source stop;
    const auto stopped = index->update(
        [&](Progress progress) {
            if (progress.filesDone >= 64) stop.request_stop();
        },
        stop.get_token());
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind() == base::Errc::cancelled);
    CHECK(update(*index).files == 300);
    CHECK(pathsOf(*index, "name_299").size() == 1);
}

TEST_CASE("readers see a committed state while an update runs", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    const auto index = repository.open();
    update(*index);
    int nUpdated = 0;  // Catch's own checks belong to one thread
    {
        const std::jthread writer([&] {
            for (int i = 0; i < 20; i++) {
                repository.write("src/list.c",
                                 fmt::format("int helper(int x) {{ return {}; }}\n", i));
                if (index->updateFile("src/list.c")) ++nUpdated;
            }
        });
        for (int i = 0; i < 60; i++) {
            CHECK(pathsOf(*index, "helper").size() == 1);
            CHECK(index->search("helper", 5));
        }
    }
    CHECK(nUpdated == 20);
}

TEST_CASE("commit messages lead to the files they touched", "[indexer]") {
    const Repository repository;
    fillSmall(repository);
    repository.commitAll("first");
    repository.write("src/list.c", "int helper(int x) { return 2; }\n");
    repository.commitAll("quench the flux capacitor");
    const auto index = repository.open();
    update(*index);
    const auto hits = index->search("flux capacitor", 5);
    REQUIRE(hits);
    REQUIRE(hits->size() == 1);
    CHECK(hits->front().path == "src/list.c");
    CHECK(toText(hits->front().reason) == "commit messages");
}

TEST_CASE("a missing folder is not found", "[indexer]") {
    const auto index = openIndex({.root = "/nonexistent/folder"});
    REQUIRE_FALSE(index);
    CHECK(index.error().kind() == base::Errc::notFound);
}
