#include <fmt/format.h>
#include <sys/wait.h>

#include <cinttypes>
#include <cstdio>
#include <random>

#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"
#include "tests/indexer/rows.h"

using namespace moxie;
using moxie::testing::Repository;
using moxie::testing::rowsOf;

namespace {

enum class ChildEnd { done, killed, failed };

struct ChildRun {
    ChildEnd end = ChildEnd::failed;
    int64_t calls = 0;  // by which SQLite changed files, if it was done
};

struct Death {
    int64_t call = 0;  // counted from 1; 0: none
    int64_t afterUs = 0;
};

std::filesystem::path besideThisProgram(const char* name) {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

// Runs the child until it is done or dead.
ChildRun runChild(const Repository& repository, Death death, bool isEditing) {
    const std::string command = fmt::format(
        "exec '{}' '{}' '{}' {} {} {}", besideThisProgram("moxie_indexer_crash_child").string(),
        repository.root().string(), repository.cacheFile().string(), death.call, death.afterUs,
        isEditing ? "edit" : "load");
    FILE* const child = popen(command.c_str(), "r");
    REQUIRE(child != nullptr);
    ChildRun run;
    const bool hasCount = std::fscanf(child, "%" SCNd64, &run.calls) == 1;
    const int status = pclose(child);
    if (WIFSIGNALED(status))
        run.end = ChildEnd::killed;
    else if (WEXITSTATUS(status) == 0 && hasCount)
        run.end = ChildEnd::done;
    return run;
}

void fillForCrashes(const Repository& repository) {
    for (int i = 0; i < 120; i++) {
        std::string text;
        for (int k = 0; k < 20; k++)
            text += fmt::format("int f{}_{}(int a) {{\n    return f{}_{}(a) + total_{};\n}}\n\n", i,
                                k, (i + 1) % 120, k, k);
        repository.write(fmt::format("src/f{}.c", i), text);
    }
    repository.commitAll("a hundred and twenty files");
}

void removeCache(const std::filesystem::path& file) {
    for (const char* end : {"", "-wal", "-shm"})
        std::filesystem::remove(file.string() + end);
}

// What a new index of the tree as it is now holds.
std::string coldRows(const Repository& repository) {
    removeCache(repository.cacheFile("cold.sqlite"));
    const auto index = repository.open("cold.sqlite");
    REQUIRE(index->update({}, {}));
    return rowsOf(repository.cacheFile("cold.sqlite"));
}

void removeEdits(const Repository& repository) {
    for (int i = 0; i < 7; i++)
        std::filesystem::remove(repository.root() / fmt::format("edited{}.c", i));
}

class Killer {
public:
    Killer(const Repository& repository, uint32_t seed) : repository_(repository), random_(seed) {}

    // Two of three die in the middle of a call, the others at most 3 ms after one.
    void kill(int64_t calls, bool isEditing) {
        const Death death = {.call = drawn(1, calls),
                             .afterUs = drawn(0, 2) == 0 ? drawn(1, 3000) : 0};
        told += fmt::format(" {} of {} + {} us,", death.call, calls, death.afterUs);
        const ChildRun run = runChild(repository_, death, isEditing);
        REQUIRE(run.end != ChildEnd::failed);
        tried++;
        killed += run.end == ChildEnd::killed;
    }

    int tried = 0, killed = 0;
    std::string told;  // the calls and delays since somebody emptied it

private:
    int64_t drawn(int64_t least, int64_t most) {
        return std::uniform_int_distribution<int64_t>(least, most)(random_);
    }

    const Repository& repository_;
    std::mt19937 random_;
};

// Kills loads, the loads that find what a killed one left, and updates, at random moments; the next
// one to open the file must find it right, or make it right.
void checkKills(uint32_t seed, int kills) {
    const Repository repository;
    fillForCrashes(repository);
    const ChildRun load = runChild(repository, {}, false);
    const ChildRun editing = runChild(repository, {}, true);
    REQUIRE((load.end == ChildEnd::done && editing.end == ChildEnd::done));
    REQUIRE((load.calls > 100 && editing.calls > 100));
    removeEdits(repository);
    const std::string loaded = coldRows(repository);
    Killer killer(repository, seed);
    for (int i = 0; killer.killed < kills && killer.tried < kills * 2; i++) {
        const bool isEditing = i % 2 == 1;
        killer.told = isEditing ? "edits:" : "loads:";
        if (isEditing) {
            killer.kill(editing.calls, true);
        } else {
            removeCache(repository.cacheFile());
            killer.kill(load.calls, false);
            killer.kill(load.calls, false);
        }
        INFO(killer.told);
        const auto index = repository.open();
        REQUIRE(index->update({}, {}));
        const std::string rows = rowsOf(repository.cacheFile());
        REQUIRE((rows == (isEditing ? coldRows(repository) : loaded)));
        removeEdits(repository);
    }
    CHECK(killer.killed >= kills);
}

}  // namespace

TEST_CASE("an index killed at any moment opens right", "[indexer][crash]") {
    checkKills(1, 12);
}

TEST_CASE("a thousand kills leave a right index or one that is made again",
          "[indexer][crash][.slow]") {
    checkKills(2, 1000);
}
