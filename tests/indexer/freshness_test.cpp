#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <random>

#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"
#include "tests/indexer/rows.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;
using moxie::testing::rowsOf;

namespace {

// Short texts of several languages, some with errors, that name each other.
class RandomTree {
public:
    RandomTree(const Repository& repository, uint32_t seed)
        : repository_(repository),
          random_(seed) {}

    // `files` files, committed.
    void fill(int files) {
        repository_.write(".gitignore", "ignored/\n*.tmp\n");
        for (int i = 0; i < files; i++)
            addFile();
        repository_.commitAll("all of them");
        repository_.git("branch side");
    }

    // Changes something; returns the paths that an editor would know of.
    std::vector<std::string> step() {
        switch (number(0, 11)) {
            case 0:
            case 1:
                return {addFile()};
            case 2:
                return removeFile();
            case 3:
                return renameFile();
            case 4:
                return commit();
            case 5:
                repository_.git(number(0, 1) ? "checkout -q -f side" : "checkout -q -f main");
                paths_.clear();
                return {};
            case 6:
                repository_.write(".gitignore",
                                  number(0, 1) ? "ignored/\n*.tmp\n" : "*.tmp\nfolder1/\n");
                return {};
            default:
                return editFile();
        }
    }

private:
    int number(int first, int last) {
        return std::uniform_int_distribution<int>(first, last)(random_);
    }

    std::string name() { return fmt::format("name_{}", number(0, 60)); }

    std::string text(const std::string& path) {
        std::string out;
        const bool isDamaged = number(0, 5) == 0;
        for (int i = number(1, 6); i > 0; i--) {
            if (path.ends_with(".py"))
                out += fmt::format("class {0}:\n    def {1}(self, a):\n        return {2}(a)\n\n",
                                   name(), name(), name());
            else if (path.ends_with(".md"))
                out += fmt::format("# {}\n\nabout {} and {}\n", name(), name(), name());
            else
                out += fmt::format("int {}(int a) {{\n    return {}(a) + {};\n}}\n\n", name(),
                                   name(), name());
        }
        return isDamaged ? out + "int (((\n" : out;
    }

    std::string addFile() {
        static constexpr const char* kEnds[] = {".c", ".py", ".md", ".cpp", ".zzz"};
        const std::string path =
            fmt::format("folder{}/file{}{}", number(0, 6), ++nMade_, kEnds[number(0, 4)]);
        repository_.write(path, text(path));
        return path;
    }

    // A file that is there now, or "".
    std::string any() {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(repository_.root()))
            if (entry.is_regular_file()) {
                const std::string path =
                    entry.path().lexically_relative(repository_.root()).generic_string();
                if (path.starts_with("folder")) all.push_back(path);
            }
        std::sort(all.begin(), all.end());
        return all.empty() ? std::string() : all[size_t(number(0, int(all.size()) - 1))];
    }

    std::vector<std::string> editFile() {
        const std::string path = any();
        if (path.empty()) return {};
        repository_.write(path, text(path));
        return {path};
    }

    std::vector<std::string> removeFile() {
        const std::string path = any();
        if (path.empty()) return {};
        std::filesystem::remove(repository_.root() / path);
        return {path};
    }

    std::vector<std::string> renameFile() {
        const std::string path = any();
        if (path.empty()) return {};
        const std::string to = fmt::format("folder{}/moved{}{}", number(0, 6), ++nMade_,
                                           std::filesystem::path(path).extension().string());
        std::filesystem::create_directories((repository_.root() / to).parent_path());
        std::filesystem::rename(repository_.root() / path, repository_.root() / to);
        return {path, to};
    }

    std::vector<std::string> commit() {
        repository_.git("add -A");
        repository_.git("commit -q --allow-empty -m 'about " + name() + "'");
        return {};
    }

    const Repository& repository_;
    std::mt19937 random_;
    std::vector<std::string> paths_;
    int nMade_ = 0;
};

void update(Index& index) {
    const auto done = index.update({}, {});
    if (!done) FAIL(done.error().message());
}

// Random steps on a tree of 90 files: every so often the index of the whole past must equal one
// made now.
void checkRandomSteps(uint32_t seed, int steps, int compareEvery) {
    const Repository repository;
    RandomTree tree(repository, seed);
    tree.fill(90);
    const auto index = repository.open("warm.sqlite");
    update(*index);
    for (int step = 0; step < steps; step++) {
        const auto paths = tree.step();
        if (step % 3 == 0)
            REQUIRE(index->updateFiles(paths));
        else if (step % 3 == 1)
            update(*index);
        if ((step + 1) % compareEvery != 0) continue;
        INFO("seed " << seed << ", step " << step);
        update(*index);
        const std::string cold = fmt::format("cold{}.sqlite", step);
        update(*repository.open(cold, step % 3));
        const std::string warmRows = rowsOf(repository.cacheFile("warm.sqlite"));
        const std::string coldRows = rowsOf(repository.cacheFile(cold));
        REQUIRE(warmRows.size() > 1000);
        REQUIRE((warmRows == coldRows));
    }
}

}  // namespace

TEST_CASE("after random steps the index equals a new one row for row", "[indexer][freshness]") {
    checkRandomSteps(1, 30, 6);
}

TEST_CASE("after 200 random steps too", "[indexer][freshness][.slow]") {
    for (const uint32_t seed : {2u, 3u, 4u})
        checkRandomSteps(seed, 200, 5);
}

TEST_CASE("one, two or no threads make the same index", "[indexer][freshness]") {
    const Repository repository;
    RandomTree(repository, 7).fill(80);
    update(*repository.open("none.sqlite", 0));
    update(*repository.open("one.sqlite", 1));
    update(*repository.open("two.sqlite", 2));
    const std::string expected = rowsOf(repository.cacheFile("none.sqlite"));
    CHECK((rowsOf(repository.cacheFile("one.sqlite")) == expected));
    CHECK((rowsOf(repository.cacheFile("two.sqlite")) == expected));
}

TEST_CASE("outlines of many new files are there before the first syntax tree",
          "[indexer][freshness]") {
    const Repository repository;
    for (int i = 0; i < 200; i++)
        repository.write(fmt::format("f{}.c", i),
                         fmt::format("int name_{}(void) {{ return other_{}(); }}\n", i, i));
    const auto index = repository.open("index.sqlite", 0);
    std::stop_source stop;
    const auto onProgress = [&](Progress progress) {
        if (progress.filesDone == 0) return;
        const auto stats = index->stats();
        REQUIRE(stats);
        CHECK(stats->files == 200);
        CHECK(stats->filesOutline == 200);
        CHECK(stats->filesPending == 200);
        stop.request_stop();
    };
    REQUIRE_FALSE(index->update(onProgress, stop.get_token()));
    const auto before = index->symbols("name_7", "f7.c", 5);
    REQUIRE(before);
    REQUIRE(before->size() == 1);
    update(*index);
    const auto stats = index->stats();
    REQUIRE(stats);
    CHECK(stats->filesSyntax == 200);
    CHECK(stats->filesPending == 0);
    const auto after = index->symbols("name_199", "", 5);
    REQUIRE(after);
    CHECK(after->front().tier == Tier::syntax);
    update(*repository.open("cold.sqlite"));
    CHECK((rowsOf(repository.cacheFile()) == rowsOf(repository.cacheFile("cold.sqlite"))));
}

TEST_CASE("a file that a question finds is parsed next", "[indexer][freshness]") {
    const Repository repository;
    for (int i = 0; i < 200; i++)
        repository.write(fmt::format("f{:03}.c", i),
                         fmt::format("int name_{}(void) {{ return 1; }}\n", i));
    const auto index = repository.open("index.sqlite", 0);
    std::stop_source stop;
    int nAsked = 0;
    const auto onProgress = [&](Progress progress) {
        if (progress.filesDone < 64) return;
        if (nAsked++ == 0) {
            const auto found = index->symbols("name_199", "", 5);
            REQUIRE(found);
            CHECK(found->front().tier == Tier::outline);
            CHECK(index->search("name_198", 1));
        } else {
            stop.request_stop();
        }
    };
    REQUIRE_FALSE(index->update(onProgress, stop.get_token()));  // after 128 of 200
    const auto tierOf = [&](const char* name) {
        const auto found = index->symbols(name, "", 5);
        REQUIRE(found);
        REQUIRE_FALSE(found->empty());
        return found->front().tier;
    };
    CHECK(tierOf("name_199") == Tier::syntax);
    CHECK(tierOf("name_198") == Tier::syntax);
    CHECK(tierOf("name_197") == Tier::outline);
}

TEST_CASE("an answer says which tier it stands on", "[indexer][freshness]") {
    const Repository repository;
    repository.write("a.c", "int by_grammar(void) { return 1; }\n");
    repository.write("b.nsi", "Function by_scanner\nFunctionEnd\n");
    const auto index = repository.open();
    update(*index);
    const auto stats = index->stats();
    REQUIRE(stats);
    CHECK(stats->filesSyntax == 1);
    CHECK(stats->filesOutline == 1);
    CHECK(stats->filesLexical == 0);
    const auto hits = index->search("by_scanner", 5);
    REQUIRE(hits);
    REQUIRE_FALSE(hits->empty());
    CHECK(hits->front().path == "b.nsi");
    CHECK(hits->front().tier == Tier::outline);
}

TEST_CASE("a text given with its path needs no reading", "[indexer][freshness]") {
    const Repository repository;
    repository.write("a.c", "int old_name(void) { return 1; }\n");
    const auto index = repository.open();
    update(*index);
    const std::string text = "int new_name(void) { return 1; }\n";
    repository.write("a.c", text);
    REQUIRE(index->updateText("a.c", text));
    const auto found = index->symbols("new_name", "", 5);
    REQUIRE(found);
    CHECK(found->size() == 1);
    // What the disk says counts, if it is something else.
    repository.write("a.c", "int third_name(void) { return 1; } // longer\n");
    REQUIRE(index->updateText("a.c", text));
    const auto third = index->symbols("third_name", "", 5);
    REQUIRE(third);
    CHECK(third->size() == 1);
    CHECK_FALSE(index->updateText("../a.c", text));
    const auto generation = index->generation();
    REQUIRE(index->updateText("a.c", "int third_name(void) { return 1; } // longer\n"));
    CHECK(*index->generation() == *generation);
}

TEST_CASE("a folder that went takes its files along", "[indexer][freshness]") {
    const Repository repository;
    repository.write("a/one.c", "int one(void) { return 1; }\n");
    repository.write("a/b/two.c", "int two(void) { return 1; }\n");
    repository.write("ab/three.c", "int three(void) { return 1; }\n");
    const auto index = repository.open();
    update(*index);
    std::filesystem::remove_all(repository.root() / "a");
    const auto changed = index->updateFiles({"a"});
    REQUIRE(changed);
    CHECK(*changed == std::vector<std::string>{"a/b/two.c", "a/one.c"});
    const auto files = index->files();
    REQUIRE(files);
    CHECK(files->size() == 1);
}
