// The index file is damaged as disks, programs and people do it; every call must end with the right
// answers all the same.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>

#include "base/log.h"
#include "base/paths.h"
#include "indexer/database.h"
#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/answers.h"
#include "tests/indexer/parts_sample.h"
#include "tests/indexer/repository.h"
#include "tests/indexer/rows.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::answersOf;
using moxie::testing::fillWithParts;
using moxie::testing::Repository;
using moxie::testing::rowsOf;

namespace fs = std::filesystem;

namespace {

constexpr int64_t kPageBytes = 4096;

void bringUpToDate(Index& index) {
    const auto updated = index.update({}, {});
    if (!updated) FAIL(updated.error().message());
}

std::string coldAnswers(const Repository& repository) {
    for (const char* end : {"", "-wal", "-shm"})
        fs::remove(repository.cacheFile("cold.sqlite").string() + end);
    const auto index = repository.open("cold.sqlite");
    bringUpToDate(*index);
    std::string answers = answersOf(*index);
    REQUIRE(answers.find("failed") == std::string::npos);
    return answers;
}

std::string bytesOf(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void overwrite(const fs::path& file, int64_t at, std::string_view bytes) {
    std::fstream out(file, std::ios::binary | std::ios::in | std::ios::out);
    out.seekp(at);
    out.write(bytes.data(), std::streamsize(bytes.size()));
    REQUIRE(out.flush());
}

void zeroPage(const fs::path& file, int64_t page) {
    overwrite(file, page * kPageBytes, std::string(size_t(kPageBytes), '\0'));
}

// Without the log of another state.
void putBack(const fs::path& file, const std::string& bytes) {
    for (const char* end : {"-wal", "-shm"})
        fs::remove(file.string() + end);
    std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

// Every new file has another.
int64_t epochOf(const fs::path& file) {
    auto database = Database::open(file, Database::Access::readOnly);
    REQUIRE(database);
    const auto epoch = database->integer("SELECT value FROM meta WHERE key='epoch'");
    REQUIRE(epoch);
    return *epoch;
}

// Counted from 0.
int64_t rootPage(const fs::path& file, const std::string& name) {
    auto database = Database::open(file, Database::Access::readOnly);
    REQUIRE(database);
    const auto page =
        database->integer("SELECT rootpage FROM sqlite_schema WHERE name='" + name + "'");
    REQUIRE(page);
    return *page - 1;
}

// A file beside the index that nobody else writes; closed, so that all is in one file.
std::string makeIndex(const Repository& repository) {
    bringUpToDate(*repository.open());
    REQUIRE_FALSE(fs::exists(repository.cacheFile().string() + "-wal"));
    return bytesOf(repository.cacheFile());
}

void change(const fs::path& file, const char* sql) {
    auto database = Database::open(file, Database::Access::readWrite);
    REQUIRE(database);
    REQUIRE(database->execute(sql));
}

// While it is open; the log must not hide it.
void changeOpen(const fs::path& file, const std::function<void()>& damage) {
    change(file, "PRAGMA wal_checkpoint(TRUNCATE)");
    damage();
}

}  // namespace

TEST_CASE("whichever page of a closed index is lost, the next answers are right",
          "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    const std::string good = makeIndex(repository), expected = coldAnswers(repository);
    const int64_t pages = int64_t(good.size()) / kPageBytes;
    REQUIRE(pages > 20);
    const int64_t before = epochOf(repository.cacheFile());
    int64_t madeAgain = 0;
    for (int64_t page = 0; page < pages; page++) {
        CAPTURE(page, pages);
        putBack(repository.cacheFile(), good);
        zeroPage(repository.cacheFile(), page);
        const auto index = repository.open();
        bringUpToDate(*index);
        REQUIRE((answersOf(*index) == expected));
        madeAgain += epochOf(repository.cacheFile()) != before;
    }
    CHECK(madeAgain > pages / 2);  // the others are read by no question here
}

TEST_CASE("whichever page is lost under an open index, an edit and the next answers are right",
          "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    const std::string good = makeIndex(repository), before = coldAnswers(repository);
    const std::string text = "int lonely(int a) {\n    return count_1_1(a);\n}\n";
    const bool isFile = GENERATE(true, false);
    repository.write("src/f3.c", text);
    const std::string expected = coldAnswers(repository);
    const int64_t pages = int64_t(good.size()) / kPageBytes;
    for (int64_t page = 0; page < pages; page += 2) {
        CAPTURE(page, pages, isFile);
        repository.git("checkout -q src/f3.c");
        putBack(repository.cacheFile(), good);
        const auto index = repository.open();
        bringUpToDate(*index);
        REQUIRE((answersOf(*index) == before));
        changeOpen(repository.cacheFile(), [&] { zeroPage(repository.cacheFile(), page); });
        repository.write("src/f3.c", text);
        if (isFile)
            REQUIRE(index->updateText("src/f3.c", text));
        else
            bringUpToDate(*index);
        REQUIRE((answersOf(*index) == expected));
    }
}

TEST_CASE("an index that was cut short is made again", "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    const std::string good = makeIndex(repository), expected = coldAnswers(repository);
    const auto size = int64_t(good.size());
    const int64_t cut = GENERATE_COPY(int64_t(1), int64_t(100), kPageBytes, kPageBytes * 3 + 17,
                                      size / 2, size - kPageBytes, size - 1);
    CAPTURE(cut, size);
    SECTION("while it was closed") {
        fs::resize_file(repository.cacheFile(), uintmax_t(cut));
        const auto index = repository.open();
        bringUpToDate(*index);
        CHECK((answersOf(*index) == expected));
        CHECK((rowsOf(repository.cacheFile()) == rowsOf(repository.cacheFile("cold.sqlite"))));
    }
    SECTION("while it was open, found by a question") {
        const auto index = repository.open();
        bringUpToDate(*index);
        REQUIRE((answersOf(*index) == expected));
        changeOpen(repository.cacheFile(),
                   [&] { fs::resize_file(repository.cacheFile(), uintmax_t(cut)); });
        CHECK((answersOf(*index) == expected));
        bringUpToDate(*index);
        CHECK((rowsOf(repository.cacheFile()) == rowsOf(repository.cacheFile("cold.sqlite"))));
    }
    SECTION("while it was open, found by an update") {
        const auto index = repository.open();
        bringUpToDate(*index);
        changeOpen(repository.cacheFile(),
                   [&] { fs::resize_file(repository.cacheFile(), uintmax_t(cut)); });
        repository.write("src/f3.c", "int lonely(int a) {\n    return count_1_1(a);\n}\n");
        bringUpToDate(*index);
        CHECK((answersOf(*index) == coldAnswers(repository)));
    }
}

TEST_CASE("damage that an update meets on its way makes the index again in the same call",
          "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    makeIndex(repository);
    const int64_t before = epochOf(repository.cacheFile());
    const std::string table =
        GENERATE(values<std::string>({"blob", "snap_path", "name", "sym", "sym_name", "chunk_blob",
                                      "block", "block_first", "segment", "commits", "meta"}));
    CAPTURE(table);
    zeroPage(repository.cacheFile(), rootPage(repository.cacheFile(), table));
    // New texts touch every table.
    for (int i = 0; i < 3; i++)
        repository.write(
            fmt::format("src/new{}.c", i),
            fmt::format("int fresh_{0}(int a) {{\n    return count_{0}_1(a);\n}}\n", i));
    repository.commitAll("three more");
    const auto index = repository.open();
    const auto updated = index->update({}, {});
    REQUIRE(updated);
    const auto fresh = index->symbols("fresh_2", "", 5);
    REQUIRE(fresh);
    CHECK(fresh->size() == 1);
    CHECK((answersOf(*index) == coldAnswers(repository)));
    CHECK(epochOf(repository.cacheFile()) != before);
    CHECK((rowsOf(repository.cacheFile()) == rowsOf(repository.cacheFile("cold.sqlite"))));
}

namespace {

// Bytes that SQLite may take for rows: the answers may be wrong then, but there are answers.
void checkNoise(uint32_t seed, int rounds) {
    const Repository repository;
    fillWithParts(repository);
    const std::string good = makeIndex(repository);
    std::mt19937 random(seed);
    const auto drawn = [&](int64_t least, int64_t most) {
        return std::uniform_int_distribution<int64_t>(least, most)(random);
    };
    for (int round = 0; round < rounds; round++) {
        CAPTURE(seed, round);
        putBack(repository.cacheFile(), good);
        const int64_t nPlaces = drawn(1, 40);
        for (int64_t i = 0; i < nPlaces; i++) {
            std::string noise(size_t(drawn(1, 12)), '\0');
            for (char& byte : noise)
                byte = char(drawn(0, 255));
            overwrite(repository.cacheFile(),
                      drawn(kPageBytes / 8, int64_t(good.size()) - int64_t(noise.size())), noise);
        }
        repository.write("src/f3.c", fmt::format("int lonely(int a) {{ return {}; }}\n", round));
        const auto index = repository.open();
        bringUpToDate(*index);
        const std::string answers = answersOf(*index);
        REQUIRE((answers.find("failed: index") == std::string::npos));
    }
}

}  // namespace

TEST_CASE("noise in an index file ends no program", "[indexer][damage]") {
    checkNoise(1, 60);
}

TEST_CASE("much noise in an index file neither", "[indexer][damage][.slow]") {
    checkNoise(2, 1000);
}

TEST_CASE("an index is made again once in a call, and the log says why", "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    makeIndex(repository);
    const char* const home = std::getenv("MOXIE_HOME");
    const std::string before = home ? home : "";
    setenv("MOXIE_HOME", repository.cacheFile("home").c_str(), 1);
    REQUIRE(base::startLogging(base::LogLevel::warn));
    const fs::path log = base::dataDir() / "log" / "moxie.log";
    home ? setenv("MOXIE_HOME", before.c_str(), 1) : unsetenv("MOXIE_HOME");
    const auto index = repository.open();
    bringUpToDate(*index);
    for (int64_t round = 1; round <= 3; round++) {
        change(repository.cacheFile(), "UPDATE block SET data=x''");
        REQUIRE(index->search("count the totals of part 7", 5));
        const std::string lines = bytesOf(log);
        CHECK(std::count(lines.begin(), lines.end(), '\n') == round);
        CHECK(lines.find("index is made again reason=index: the words of a segment are damaged") !=
              std::string::npos);
    }
}

TEST_CASE("packed rows whose bytes changed are not believed", "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    makeIndex(repository);
    const std::string expected = coldAnswers(repository);
    // SQLite finds nothing wrong with any of these.
    const char* const sql = GENERATE(
        "UPDATE block SET data=substr(data,1,length(data)/2)||x'01'||"
        "substr(data,length(data)/2+2)",
        "UPDATE block SET data=x''", "UPDATE uses SET data=zeroblob(length(data))",
        "UPDATE uses SET data=substr(data,1,length(data)-2)",
        "UPDATE uses SET data=substr(data,1,9)||x'02'||substr(data,11)");
    CAPTURE(sql);
    const bool isOpen = GENERATE(false, true);
    std::unique_ptr<Index> index;
    if (isOpen) {
        index = repository.open();
        bringUpToDate(*index);
    }
    change(repository.cacheFile(), sql);
    if (!isOpen) {
        index = repository.open();
        bringUpToDate(*index);
    }
    CHECK((answersOf(*index) == expected));
    CHECK((rowsOf(repository.cacheFile()) == rowsOf(repository.cacheFile("cold.sqlite"))));
}

TEST_CASE("an index whose file was removed or replaced while it is open goes on",
          "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    makeIndex(repository);
    const auto index = repository.open();
    bringUpToDate(*index);
    const auto generation = index->generation();
    REQUIRE(generation);
    const std::string expected = coldAnswers(repository);
    SECTION("removed, found by a question") {
        for (const char* end : {"", "-wal", "-shm"})
            fs::remove(repository.cacheFile().string() + end);
        CHECK((answersOf(*index) == expected));
    }
    SECTION("removed, found by an edit") {
        for (const char* end : {"", "-wal", "-shm"})
            fs::remove(repository.cacheFile().string() + end);
        REQUIRE(index->updateFile("src/f1.c"));
        CHECK((answersOf(*index) == expected));
    }
    SECTION("made again by another process") {
        for (const char* end : {"", "-wal", "-shm"})
            fs::remove(repository.cacheFile().string() + end);
        const auto other = repository.open();
        bringUpToDate(*other);
        CHECK((answersOf(*index) == expected));
        repository.write("src/f3.c", "int lonely(int a) {\n    return count_1_1(a);\n}\n");
        REQUIRE(index->updateFile("src/f3.c"));
        const std::string later = coldAnswers(repository);
        CHECK((answersOf(*index) == later));
        CHECK((answersOf(*other) == later));
    }
    CHECK(*index->generation() > *generation);
}

TEST_CASE("damage that is found while an update runs is mended by that update",
          "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    makeIndex(repository);
    change(repository.cacheFile(), "UPDATE uses SET data=zeroblob(length(data))");
    repository.write("src/new.c", "int fresh(int a) {\n    return a;\n}\n");
    const auto index = repository.open();
    int asked = 0;
    bool isCorrupt = false;
    const auto done = index->update(
        [&](Progress) {
            if (asked++ > 0) return;
            const auto uses = index->references("helper_3", 500);
            isCorrupt = !uses && uses.error().kind() == base::Errc::corrupt;
        },
        {});
    REQUIRE(done);
    CHECK(isCorrupt);
    CHECK((answersOf(*index) == coldAnswers(repository)));
}

TEST_CASE("a question that SQLite cannot answer does not throw the index away",
          "[indexer][damage]") {
    const Repository repository;
    fillWithParts(repository);
    const auto index = repository.open();
    bringUpToDate(*index);
    const int64_t before = epochOf(repository.cacheFile());
    const auto found = index->symbols(std::string(100'000, 'a'), "src", 5);  // LIKE has a limit
    CHECK((!found && found.error().kind() != base::Errc::corrupt));
    CHECK(epochOf(repository.cacheFile()) == before);
}

TEST_CASE("where the index cannot be written the error says so", "[indexer][damage]") {
    const Repository repository(Repository::Kind::plain);
    repository.write("a.c", "int one(void) { return 1; }\n");
    const fs::path folder = repository.root().parent_path() / "shut";
    fs::create_directory(folder);
    const std::string content = GENERATE(std::string(), std::string("not a database"));
    if (!content.empty()) std::ofstream(folder / "index.sqlite") << content;
    fs::permissions(repository.root().parent_path(), fs::perms(0755));
    fs::permissions(folder, fs::perms(0555));
    // The superuser may write everywhere.
    const bool isRoot = geteuid() == 0;
    if (isRoot) REQUIRE(seteuid(65534) == 0);
    const auto index = openIndex({.root = repository.root(), .cacheFile = folder / "index.sqlite"});
    if (isRoot) REQUIRE(seteuid(0) == 0);
    fs::permissions(folder, fs::perms(0755));
    REQUIRE_FALSE(index);
    INFO(index.error().message());
    CHECK(index.error().kind() != base::Errc::corrupt);
    CHECK(index.error().message().find("index.sqlite") != std::string::npos);
}

TEST_CASE("a text of a path without a file does not stay", "[indexer][damage]") {
    const Repository repository;
    repository.write("a.c", "int one(void) { return 1; }\n");
    const auto index = repository.open();
    bringUpToDate(*index);
    const auto generation = index->generation();
    REQUIRE(index->updateText("ghost.c", "int ghost(void) { return 1; }\n"));
    CHECK(index->symbols("ghost", "", 5)->empty());
    CHECK(*index->generation() == *generation);
    fs::remove(repository.root() / "a.c");
    REQUIRE(index->updateText("a.c", "int one(void) { return 1; }\n"));
    CHECK(index->symbols("one", "", 5)->empty());
    const auto gone = index->generation();
    const auto updated = index->update({}, {});
    REQUIRE(updated);
    CHECK(updated->files == 0);
    CHECK(updated->filesParsed == 0);
    CHECK(*index->generation() == *gone);
}
