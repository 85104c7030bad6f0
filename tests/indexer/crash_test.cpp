#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
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

std::filesystem::path besideThisProgram(const char* name) {
    return std::filesystem::read_symlink("/proc/self/exe").parent_path() / name;
}

// Runs the child until it is done or dead.
ChildEnd runChild(const Repository& repository, int64_t microseconds, bool isEditing) {
    const std::string program = besideThisProgram("moxie_indexer_crash_child").string();
    const std::string root = repository.root().string();
    const std::string cache = repository.cacheFile().string();
    const std::string limit = std::to_string(microseconds);
    std::string words[] = {program, root, cache, limit, isEditing ? "edit" : "load"};
    char* arguments[] = {words[0].data(), words[1].data(), words[2].data(),
                         words[3].data(), words[4].data(), nullptr};
    pid_t child = 0;
    REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0);
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFSIGNALED(status)) return ChildEnd::killed;
    return WEXITSTATUS(status) == 0 ? ChildEnd::done : ChildEnd::failed;
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

// Kills loads and updates at random moments; the next one to open the file must find it right, or
// make it right.
void checkKills(uint32_t seed, int kills) {
    const Repository repository;
    fillForCrashes(repository);
    std::mt19937 random(seed);
    const auto start = std::chrono::steady_clock::now();
    REQUIRE(runChild(repository, 60'000'000, false) == ChildEnd::done);
    const auto wholeUs = std::chrono::duration_cast<std::chrono::microseconds>(
                             std::chrono::steady_clock::now() - start)
                             .count();
    const std::string loaded = coldRows(repository);
    int nKilled = 0;
    for (int i = 0; nKilled < kills && i < kills * 3; i++) {
        const bool isEditing = i % 3 == 2;
        if (i % 3 == 0) removeCache(repository.cacheFile());
        const auto limit = std::uniform_int_distribution<int64_t>(500, wholeUs * 11 / 10)(random);
        INFO("kill " << i << " after " << limit << " us");
        const ChildEnd end = runChild(repository, limit, isEditing);
        REQUIRE(end != ChildEnd::failed);
        nKilled += end == ChildEnd::killed;
        const auto index = repository.open();
        REQUIRE(index->update({}, {}));
        const std::string rows = rowsOf(repository.cacheFile());
        if (isEditing) {
            REQUIRE((rows == coldRows(repository)));
            for (int k = 0; k < 7; k++)
                std::filesystem::remove(repository.root() / fmt::format("edited{}.c", k));
        } else {
            REQUIRE((rows == loaded));
        }
    }
    CHECK(nKilled >= kills);
}

}  // namespace

TEST_CASE("an index killed at any moment opens right", "[indexer][crash]") {
    checkKills(1, 12);
}

TEST_CASE("a thousand kills leave a right index or one that is made again",
          "[indexer][crash][.slow]") {
    checkKills(2, 1000);
}
