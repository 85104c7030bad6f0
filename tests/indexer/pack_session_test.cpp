#include "indexer/pack_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>

#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

int64_t countBytes(std::string_view text) {
    return int64_t(text.size());
}

std::string functionText(const std::string& name, int value) {
    return fmt::format(
        "int {}(int input) {{\n    int sum = input;\n    sum += {};\n    sum *= 2;\n"
        "    for (int i = 0; i < 10; i++)\n        sum += i;\n    if (sum > 100)\n"
        "        sum -= 50;\n    else\n        sum += 1;\n    sum ^= 7;\n    sum |= 1;\n"
        "    return sum;\n}}\n\n",
        name, value);
}

std::string fileText(int file, int functions, int seed) {
    std::string text = fmt::format("/* Part {}. */\n#include <stdio.h>\n\n", file);
    for (int k = 0; k < functions; k++)
        text += functionText(fmt::format("part{}_step{}", file, k), seed + k);
    return text;
}

struct Packed {
    Repository repository;
    std::unique_ptr<Index> index;
    ContextPack pack;

    explicit Packed(int64_t budget, int files = 6) {
        for (int i = 0; i < files; i++)
            repository.write(fmt::format("src/part{}.c", i), fileText(i, 4, 100 * i));
        repository.commitAll("everything");
        index = repository.open();
        REQUIRE(index->update({}, {}));
        const auto made = index->pack({.task = "change part1_step2 so that its sum is right",
                                       .budgetTokens = budget,
                                       .countTokens = countBytes},
                                      {});
        REQUIRE(made);
        pack = *made;
    }

    PackSession session() const {
        PackSession session(repository.root());
        session.believe(pack.files);
        return session;
    }
};

PackDelta changesOf(PackSession& session, const AskModelKnows& ask = {}) {
    auto delta = session.changes(ask, countBytes, {});
    REQUIRE(delta);
    session.believe(delta->files);
    return *delta;
}

bool tells(const PackDelta& delta, const std::string& path) {
    return std::find(delta.paths.begin(), delta.paths.end(), path) != delta.paths.end();
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
    const size_t at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}

}  // namespace

TEST_CASE("nothing is said while nobody changes a file", "[indexer][pack]") {
    const Packed packed(100'000);
    REQUIRE(packed.pack.files.size() == 6);
    PackSession session = packed.session();
    CHECK(changesOf(session).text.empty());
    packed.repository.write("src/part1.c", fileText(1, 4, 100));  // the same bytes, newly written
    packed.repository.write("src/other.c", "int other(void) { return 0; }\n");
    CHECK(changesOf(session).text.empty());
}

TEST_CASE("a changed function is told once, with its new text, and the old one is named",
          "[indexer][pack]") {
    const Packed packed(100'000);
    PackSession session = packed.session();
    packed.repository.write("src/part2.c",
                            replaced(fileText(2, 4, 200), "sum += 202;", "sum += 777;"));
    const PackDelta delta = changesOf(session);
    CHECK(delta.paths == std::vector<std::string>{"src/part2.c"});
    CHECK(delta.text.find("sum += 777;") != std::string::npos);
    CHECK(delta.text.find("Superseded above: part2_step2") != std::string::npos);
    CHECK(delta.text.find("part2_step1(int") == std::string::npos);
    CHECK(delta.tokens == countBytes(delta.text));
    CHECK(changesOf(session).text.empty());
    packed.repository.write("src/part2.c", fileText(2, 4, 200));
    CHECK(changesOf(session).text.find("sum += 202;") != std::string::npos);
}

TEST_CASE("a file that is gone is told, and its return too", "[indexer][pack]") {
    const Packed packed(100'000);
    PackSession session = packed.session();
    std::filesystem::remove(packed.repository.root() / "src/part3.c");
    const PackDelta gone = changesOf(session);
    CHECK(gone.text.find("src/part3.c (gone)") != std::string::npos);
    CHECK(changesOf(session).text.empty());
}

TEST_CASE("what the model's own tools wrote is not told, but what comes after it is",
          "[indexer][pack]") {
    const Packed packed(100'000);
    PackSession session = packed.session();
    const std::string own = replaced(fileText(0, 4, 0), "sum += 1;", "sum += 4711;");
    packed.repository.write("src/part0.c", own);
    const AskModelKnows ask = [&](const std::string& path, std::string_view bytes) {
        if (path != "src/part0.c") return ModelKnows::nothing;
        return bytes == own ? ModelKnows::these : ModelKnows::others;
    };
    CHECK(changesOf(session, ask).text.empty());
    packed.repository.write("src/part0.c", fileText(0, 4, 0));  // somebody takes it back
    const PackDelta delta = changesOf(session, ask);
    CHECK(tells(delta, "src/part0.c"));
    CHECK(changesOf(session, ask).text.empty());
}

TEST_CASE("changes outside of what an excerpt shows are not told", "[indexer][pack]") {
    const Packed packed(900);
    const auto shown =
        std::find_if(packed.pack.items.begin(), packed.pack.items.end(),
                     [](const PackItem& item) { return item.path == "src/part1.c"; });
    REQUIRE(shown != packed.pack.items.end());
    REQUIRE(shown->form == PackForm::excerpt);
    PackSession session = packed.session();
    std::string text = fileText(1, 4, 100);
    REQUIRE(packed.pack.text.find("sum += 102;") != std::string::npos);
    std::string hidden;
    for (const char* line : {"sum += 100;", "sum += 101;", "sum += 103;"})
        if (packed.pack.text.find(line) == std::string::npos) hidden = line;
    REQUIRE_FALSE(hidden.empty());
    packed.repository.write("src/part1.c", replaced(text, hidden, "sum += 999;"));
    CHECK(changesOf(session).text.empty());
    packed.repository.write("src/part1.c", replaced(text, "sum += 102;", "sum += 888;"));
    const std::string told = changesOf(session).text;
    CHECK(told.find("sum += 888;") != std::string::npos);
}

TEST_CASE("a session goes on from written lines", "[indexer][pack]") {
    const Packed packed(2500);
    std::vector<PackedFile> files;
    for (const PackedFile& file : packed.pack.files) {
        const auto back = packedFileFromLine(toLine(file));
        REQUIRE(back);
        CHECK(*back == file);
        files.push_back(*back);
    }
    for (const char* bad :
         {"", "full", "full abc", "odd abc a.c", "full abc a.c\nx", "full - a\nt"})
        CHECK_FALSE(packedFileFromLine(bad));
    CHECK(toLine({.path = "a\nb.c", .form = PackForm::full}).empty());
    PackSession session(packed.repository.root());
    session.believe(files);
    CHECK(changesOf(session).text.empty());
}

TEST_CASE("the model's own text is told when others bring it back", "[indexer][pack]") {
    const Packed packed(100'000);
    PackSession session = packed.session();
    const std::string own = replaced(fileText(0, 4, 0), "sum += 1;", "sum += 4711;");
    const AskModelKnows ask = [&](const std::string& path, std::string_view bytes) {
        if (path != "src/part0.c") return ModelKnows::nothing;
        return bytes == own ? ModelKnows::these : ModelKnows::others;
    };
    packed.repository.write("src/part0.c", own);
    CHECK(changesOf(session, ask).text.empty());
    packed.repository.write("src/part0.c", fileText(0, 4, 50));
    CHECK(tells(changesOf(session, ask), "src/part0.c"));
    packed.repository.write("src/part0.c", own);
    CHECK(tells(changesOf(session, ask), "src/part0.c"));
}

TEST_CASE("in 1,000 random histories no superseded text stays without a word", "[indexer][pack]") {
    const Packed packed(100'000);
    const std::filesystem::path root = packed.repository.root();
    for (uint32_t seed = 0; seed < 1000; seed++) {
        INFO("seed " << seed);
        std::mt19937 random(seed);
        std::map<std::string, std::string> disk, known;  // the second: what the model was told
        for (int i = 0; i < 6; i++) {
            const std::string path = fmt::format("src/part{}.c", i);
            disk[path] = known[path] = fileText(i, 4, 100 * i);
            packed.repository.write(path, disk[path]);
        }
        PackSession session = packed.session();
        std::map<std::string, std::string> seen;  // by the model's own tools
        const AskModelKnows ask = [&](const std::string& path, std::string_view bytes) {
            const auto at = seen.find(path);
            if (at == seen.end()) return ModelKnows::nothing;
            return at->second == bytes ? ModelKnows::these : ModelKnows::others;
        };
        for (int step = 0; step < 4; step++) {
            const int file = int(random() % 6);
            const std::string path = fmt::format("src/part{}.c", file);
            const auto kind = random() % 5;
            std::string text = fileText(file, 4, 100 * file);  // 0: as at first
            if (kind == 1) text = fileText(file, 4, int(random() % 50));
            if (kind == 2) text = fileText(file, 3 + int(random() % 3), 100 * file);
            if (kind == 3) text += functionText("added", int(random() % 9));
            if (kind == 4) text = "/* Nothing is left. */\nint rest;\n";
            packed.repository.write(path, text);
            disk[path] = text;
            const bool isOwn = random() % 3 == 0;
            if (isOwn) seen[path] = known[path] = text;
            const PackDelta delta = changesOf(session, ask);
            for (const auto& [name, content] : disk) {
                // Its own text, written again, may be told once more.
                if (!isOwn || name != path) CHECK(tells(delta, name) == (known[name] != content));
                if (tells(delta, name)) known[name] = content;
            }
        }
    }
}

TEST_CASE("a new base is due when it costs less than what was appended", "[indexer][pack]") {
    const PackCosts none{.baseTokens = 100'000, .deltaTokens = 0, .remainingTurns = 1000};
    CHECK_FALSE(isNewBaseDue(none));
    // 10,000 x turns x 0.1 against 100,000 x 1.
    PackCosts costs{.baseTokens = 100'000, .deltaTokens = 10'000, .remainingTurns = 99};
    CHECK_FALSE(isNewBaseDue(costs));
    costs.remainingTurns = 101;
    CHECK(isNewBaseDue(costs));
    costs.prices.hitPerToken = 0.01;
    CHECK_FALSE(isNewBaseDue(costs));
    costs.deltaTokens = 20'001;  // above a fifth, whatever the price
    CHECK(isNewBaseDue(costs));
    CHECK_FALSE(isNewBaseDue({.baseTokens = 0, .deltaTokens = 5}));
    CHECK_FALSE(isNewBaseDue({.baseTokens = 10, .deltaTokens = 1, .remainingTurns = -5}));
}
