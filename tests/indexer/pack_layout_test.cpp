#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <random>
#include <sstream>

#include "indexer/index.h"
#include "indexer/pack/documentation.h"
#include "indexer/parsed_file.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

// Counts that add up over lines, as with the tokenizers in use.
int64_t countPieces(std::string_view text) {
    int64_t count = 0;
    bool isInside = false;
    for (const char c : text) {
        const bool isWord = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        count += (isWord && !isInside) || (!isWord && c != ' ');
        isInside = isWord;
    }
    return count;
}

std::string codeOf(const std::string& stem, int functions, const std::string& head = "") {
    std::string text = head;
    for (int k = 0; k < functions; k++)
        text += fmt::format(
            "/* Step {1} of {0}. */\nint {0}_step{1}(int value) {{\n    int sum = value;\n"
            "    sum += {1};\n    sum *= 3;\n    while (sum > 100)\n        sum /= 2;\n"
            "    if (sum == {1})\n        return 0;\n    sum ^= 0x55;\n    sum |= 4;\n"
            "    sum &= 0xff;\n    sum -= 2;\n    return sum;\n}}\n\n",
            stem, k);
    return text;
}

void fill(const Repository& repository) {
    for (int i = 0; i < 12; i++)
        repository.write(fmt::format("src/module{}.c", i), codeOf(fmt::format("module{}", i), 6));
    repository.write("deps/list/list.c", codeOf("list", 6));
    repository.write("tests/list_test.c", codeOf("list_test", 3));
    repository.commitAll("everything");
    for (int i = 0; i < 20; i++) {
        repository.write("src/module7.c", codeOf("module7", 6) + fmt::format("int n = {};\n", i));
        repository.commitAll(fmt::format("module7 counts to {}", i));
    }
}

ContextPack packOf(const Index& index, int64_t budget, const std::string& task) {
    const auto made = index.pack(
        {.task = task, .budgetTokens = budget, .countTokens = countPieces, .counterName = "test"},
        {});
    if (!made) FAIL(made.error().message());
    return *made;
}

const PackItem* itemOf(const ContextPack& pack, const std::string& path) {
    const auto at = std::find_if(pack.items.begin(), pack.items.end(),
                                 [&](const PackItem& item) { return item.path == path; });
    return at == pack.items.end() ? nullptr : &*at;
}

std::unique_ptr<Index> openFilled(const Repository& repository, const std::string& cache) {
    auto index = repository.open(cache);
    REQUIRE(index->update({}, {}));
    return index;
}

}  // namespace

TEST_CASE("two processes write equal bytes", "[indexer][pack]") {
    const Repository repository;
    fill(repository);
    const std::filesystem::path out = repository.cacheFile("other.txt");
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        auto index = openIndex({.root = repository.root(), .cacheFile = repository.cacheFile("b")});
        if (!index || !(*index)->update({}, {})) _exit(1);
        const auto made = (*index)->pack(
            {.task = "module3_step2 is slow", .budgetTokens = 3000, .countTokens = countPieces},
            {});
        if (!made) _exit(1);
        std::ofstream(out, std::ios::binary) << made->text;
        _exit(0);
    }
    int status = -1;
    REQUIRE(waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
    const auto index = openFilled(repository, "a");
    const ContextPack mine = packOf(*index, 3000, "module3_step2 is slow");
    std::stringstream theirs;
    theirs << std::ifstream(out, std::ios::binary).rdbuf();
    REQUIRE_FALSE(mine.text.empty());
    CHECK(theirs.str() == mine.text);
    CHECK(packOf(*index, 3000, "module3_step2 is slow").text == mine.text);  // counts known by now
}

TEST_CASE("no budget is exceeded and every token is accounted for", "[indexer][pack]") {
    const Repository repository;
    fill(repository);
    const auto index = openFilled(repository, "a");
    std::mt19937 random(7);
    for (int round = 0; round < 40; round++) {
        const auto budget = int64_t(500 * std::pow(2000.0, double(random() % 1000) / 999.0));
        INFO("budget " << budget);
        const ContextPack pack = packOf(*index, budget, "the sum of module5 is wrong");
        CHECK(pack.tokens <= budget);
        CHECK(countPieces(pack.text) == pack.tokens);
        const int64_t sum =
            std::accumulate(pack.items.begin(), pack.items.end(), pack.mapTokens + pack.hotTokens,
                            [](int64_t all, const PackItem& item) { return all + item.tokens; });
        CHECK(sum == pack.tokens);
        int64_t leftOut = 0;
        for (const PackLeftOut& entry : pack.leftOut)
            leftOut += entry.files;
        CHECK(leftOut == pack.filesLeftOut);
    }
}

TEST_CASE("what changes least stands first, in path order, and the hot list last",
          "[indexer][pack]") {
    const Repository repository;
    fill(repository);
    const auto index = openFilled(repository, "a");
    const ContextPack pack = packOf(*index, 100'000, "the sum of module5 is wrong");
    REQUIRE(itemOf(pack, "deps/list/list.c"));
    CHECK(itemOf(pack, "deps/list/list.c")->band == PackBand::vendored);
    CHECK(itemOf(pack, "src/module7.c")->band == PackBand::active);
    CHECK(itemOf(pack, "src/module1.c")->band == PackBand::settled);
    CHECK(std::is_sorted(pack.items.begin(), pack.items.end(), [](const auto& a, const auto& b) {
        return std::tie(a.band, a.path) < std::tie(b.band, b.path);
    }));
    CHECK(pack.text.find("=== deps/list/list.c") < pack.text.find("=== src/module1.c"));
    CHECK(pack.text.find("=== src/module11.c") < pack.text.find("=== src/module7.c"));
    CHECK(pack.text.find("Most relevant to the task:") > pack.text.find("=== src/module7.c"));
    const ContextPack other = packOf(*index, 100'000, "list_step3 overflows");
    const size_t hot = pack.text.find("Most relevant to the task:");
    REQUIRE(hot != std::string::npos);
    CHECK(other.text.starts_with(pack.text.substr(0, pack.text.find("=== "))));
}

TEST_CASE("equal and nearly equal files are packed once, with a note", "[indexer][pack]") {
    const Repository repository;
    const std::string text = codeOf("queue", 8);
    repository.write("src/queue.c", text);
    repository.write("old/queue.c", text);
    repository.write("vendor/queue/queue.c", codeOf("queue", 8, "/* Version 2. */\n"));
    repository.write("src/other.c", codeOf("other", 8));
    repository.commitAll("queues");
    const auto index = openFilled(repository, "a");
    const ContextPack pack = packOf(*index, 100'000, "queue_step3 loses entries");
    const auto count = [&](const std::string& what) {
        int found = 0;
        for (size_t at = pack.text.find(what); at != std::string::npos;
             at = pack.text.find(what, at + 1))
            found++;
        return found;
    };
    CHECK(count("int queue_step3(int value) {") == 1);
    const auto kept = std::find_if(pack.items.begin(), pack.items.end(), [](const PackItem& item) {
        return item.path.ends_with("queue.c");
    });
    REQUIRE(kept != pack.items.end());
    CHECK(kept->path == "old/queue.c");
    CHECK(kept->copies == std::vector<std::string>{"src/queue.c", "vendor/queue/queue.c"});
    CHECK(pack.text.find("same text: src/queue.c") != std::string::npos);
    CHECK(pack.text.find("nearly the same: vendor/queue/queue.c") != std::string::npos);
    const auto reasons = pack.leftOut;
    CHECK(std::any_of(reasons.begin(), reasons.end(), [](const PackLeftOut& entry) {
        return entry.why == PackOmission::copy && entry.files == 1;
    }));
    CHECK(std::any_of(reasons.begin(), reasons.end(), [](const PackLeftOut& entry) {
        return entry.why == PackOmission::nearCopy && entry.files == 1;
    }));
}

TEST_CASE("two different files of one name are both packed", "[indexer][pack]") {
    const Repository repository;
    repository.write("a/queue.c", codeOf("queue", 8));
    repository.write("b/queue.c", codeOf("stack", 8));
    repository.commitAll("both");
    const auto index = openFilled(repository, "a");
    const ContextPack pack = packOf(*index, 100'000, "queue_step3 and stack_step3");
    CHECK(itemOf(pack, "a/queue.c"));
    CHECK(itemOf(pack, "b/queue.c"));
}

TEST_CASE("a small pack has functions and the signatures of what they call", "[indexer][pack]") {
    const Repository repository;
    repository.write("src/deep.c",
                     codeOf("filler", 8) + "int measure_depth(int tree) {\n    return tree;\n}\n");
    std::string caller = "int balance_tree(int tree) {\n    int depth = measure_depth(tree);\n";
    for (int i = 0; i < 30; i++)
        caller += fmt::format("    depth += {};\n", i);
    repository.write("src/balance.c", caller + "    return depth;\n}\n");
    repository.commitAll("trees");
    const auto index = openFilled(repository, "a");
    const ContextPack pack = packOf(*index, 400, "balance_tree is wrong");
    CHECK(pack.text.find("depth += 29;") != std::string::npos);
    CHECK(pack.text.find("int measure_depth(int tree)") != std::string::npos);
    CHECK(pack.text.find("filler_step3") == std::string::npos);
}

TEST_CASE("no line numbers, no absolute paths, no licence in a skeleton", "[indexer][pack]") {
    const Repository repository;
    const std::string licence =
        "/* Copyright 2020 Somebody. Redistribution and use permitted. */\n";
    for (int i = 0; i < 30; i++)
        repository.write(fmt::format("src/part{}.c", i),
                         licence + codeOf(fmt::format("part{}", i), 12));
    repository.commitAll("parts");
    const auto index = openFilled(repository, "a");
    const ContextPack pack = packOf(*index, 60'000, "part3_step2 is slow");
    const auto skeleton =
        std::find_if(pack.items.begin(), pack.items.end(), [](const PackItem& item) {
            return item.form == PackForm::skeleton || item.form == PackForm::documented;
        });
    CHECK(pack.text.find(repository.root().string()) == std::string::npos);
    if (skeleton == pack.items.end()) return;
    const size_t begin = pack.text.find("=== " + skeleton->path);
    const size_t end = pack.text.find("=== ", begin + 4);
    CHECK(pack.text.substr(begin, end - begin).find("Copyright") == std::string::npos);
}

// It took minutes: of a long line all was copied for each symbol below it.
TEST_CASE("The comment of a thousand symbols may be one long line", "[indexer][pack]") {
    const std::string text = "// " + std::string(8'000'000, 'x') + "\nint a; int b;\n";
    const std::vector<uint32_t> starts = lineStarts(text);
    for (int symbol = 0; symbol < 100'000; symbol++)
        REQUIRE(documentationOf(text, starts, 2).size() == 607);
}
