#include <algorithm>
#include <array>
#include <random>
#include <tuple>

#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

std::string foldedName(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; });
    return text;
}

// Few syllables, so that names are alike; some are longer than what is looked at at once.
std::string madeUpName(std::mt19937& random) {
    constexpr std::array<const char*, 5> kSyllables = {"ab", "ba", "Ab", "_c", "x1"};
    std::string name = "f";
    const auto count = 1 + random() % (random() % 9 == 0 ? 60 : 6);
    for (size_t i = 0; i < count; i++)
        name += kSyllables[random() % kSyllables.size()];
    return name;
}

std::string madeUpFile(std::mt19937& random) {
    std::string text;
    for (int i = 0; i < 40; i++) {
        const std::string name = madeUpName(random);
        text += "int " + name + (random() % 3 == 0 ? "(void);\n" : "(void) { return 0; }\n");
    }
    return text;
}

using SymbolRow = std::tuple<std::string, std::string, int32_t>;  // name, path, line

// What a look at every symbol gives.
std::vector<SymbolRow> expectedSymbols(const Index& index, const std::string& part) {
    struct Found {
        int order = 0;
        size_t size = 0;
        std::string name;
        bool isDeclaration = false;
        std::string path;
        int32_t line = 0;

        auto key() const { return std::tie(order, size, name, isDeclaration, path, line); }
    };

    std::vector<Found> found;
    const auto visit = [&](const SymbolEntry& symbol) {
        const std::string name(symbol.name), folded = foldedName(name);
        const size_t at = folded.find(foldedName(part));
        if (at == folded.npos) return;
        int order = at == 0 ? 2 : 3;
        if (at == 0 && name.size() == part.size()) order = name == part ? 0 : 1;
        found.push_back({order, name.size(), name, symbol.isDeclaration, std::string(symbol.path),
                         symbol.lineFirst});
    };
    REQUIRE(index.eachSymbol(visit, {}));
    std::stable_sort(found.begin(), found.end(),
                     [](const Found& a, const Found& b) { return a.key() < b.key(); });
    std::vector<SymbolRow> rows;
    for (const Found& each : found)
        rows.emplace_back(each.name, each.path, each.line);
    return rows;
}

void checkParts(const Index& index, std::mt19937& random) {
    std::vector<std::string> parts = {"", "f", "x", "nowhere", "_", "FAB"};
    for (int i = 0; i < 60; i++) {
        const std::string name = madeUpName(random);
        const size_t first = random() % name.size();
        parts.push_back(name.substr(first, 1 + random() % 12));
        parts.push_back(name);
    }
    for (const std::string& part : parts)
        for (const int64_t limit : {1, 10, 100'000}) {
            CAPTURE(part, limit);
            const auto symbols = index.symbols(part, "", limit);
            REQUIRE(symbols);
            std::vector<SymbolRow> rows, wanted = expectedSymbols(index, part);
            for (const Symbol& symbol : *symbols)
                rows.emplace_back(symbol.name, symbol.path, symbol.lineFirst);
            wanted.resize(std::min(wanted.size(), size_t(limit)));
            CHECK(rows == wanted);
        }
}

// Of letters drawn freely, so that most do not have most pieces of others.
std::string freeName(std::mt19937& random) {
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0_";
    std::string name = "f";
    for (auto count = 2 + random() % 14; count > 0; count--)
        name += kLetters[random() % kLetters.size()];
    return name;
}

std::string fileOfNames(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += "int " + name + "(void) { return 0; }\n";
    return text;
}

// Every name that has one of the pieces is found by it, and no other.
void checkPieces(const Index& index, const std::vector<std::string>& names, std::mt19937& random) {
    for (int i = 0; i < 300; i++) {
        const std::string& name = names[random() % names.size()];
        const size_t first = random() % name.size();
        const std::string part = foldedName(name.substr(first, 1 + random() % 9));
        CAPTURE(name, part);
        std::vector<std::string> found, wanted;
        for (const std::string& each : names)
            if (foldedName(each).find(part) != std::string::npos) wanted.push_back(each);
        const auto symbols = index.symbols(part, "", int64_t(names.size()) + 1);
        REQUIRE(symbols);
        for (const Symbol& symbol : *symbols)
            found.push_back(symbol.name);
        std::sort(found.begin(), found.end());
        std::sort(wanted.begin(), wanted.end());
        CHECK(found == wanted);
    }
}

}  // namespace

TEST_CASE("Among thousands of names no piece of one is missed", "[indexer][symbols]") {
    std::mt19937 random(12);
    std::vector<std::string> names(2500), second(2500), more(700);
    std::generate(names.begin(), names.end(), [&] { return freeName(random); });
    std::generate(second.begin(), second.end(), [&] { return freeName(random); });
    std::generate(more.begin(), more.end(), [&] { return freeName(random); });
    const Repository repository;
    repository.write("a.c", fileOfNames(names));
    repository.write("c.c", fileOfNames(second));
    names.insert(names.end(), second.begin(), second.end());
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    checkPieces(*index, names, random);
    repository.write("b.c", fileOfNames(more));
    REQUIRE(index->updateFile("b.c"));
    names.insert(names.end(), more.begin(), more.end());
    checkPieces(*index, names, random);
}

TEST_CASE("Symbols are found by any part of their names, as a look at all of them would",
          "[indexer][symbols]") {
    std::mt19937 random(11);
    const Repository repository;
    for (const char* path : {"b.c", "a.c", "z/a.c", "m.h"})
        repository.write(path, madeUpFile(random));
    const std::string twice = madeUpFile(random);
    for (const char* path : {"k.c", "c.c", "z/k.c"})
        repository.write(path, twice);
    repository.commitAll("first");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    checkParts(*index, random);

    // The list of names follows: new ones in a file, in a file that was made, and without one.
    REQUIRE(index->updateText("a.c", madeUpFile(random)));
    checkParts(*index, random);
    repository.write("new/b.c", madeUpFile(random));
    std::filesystem::remove(repository.root() / "z/a.c");
    REQUIRE(index->update({}, {}));
    checkParts(*index, random);
}
