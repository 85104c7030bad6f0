// What the readers of texts do with texts that are damaged or made to be hard: nothing outside of
// the text, and no end of the program. The hidden tests run for long:
//   MOXIE_FUZZ_SEED=7 MOXIE_FUZZ_ROUNDS=1000 MOXIE_FUZZ_KEEP=/tmp/last moxie_test_indexer "[fuzz]"
// keeps the text that is being read in a file, for when the program ends.
#include <fmt/format.h>

#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"
#include "tests/indexer/text_mutations.h"
#include "tests/indexer/text_readers.h"

using namespace moxie;
using namespace moxie::indexer;
using namespace moxie::testing;

namespace {

uint64_t numberFrom(const char* variable, uint64_t otherwise) {
    const char* value = std::getenv(variable);
    return value ? std::strtoull(value, nullptr, 10) : otherwise;
}

std::string shown(std::string_view text) {
    return base::toValidUtf8(text.substr(0, 6000));
}

void check(const std::string& path, const std::string& text) {
    static const char* const keep = std::getenv("MOXIE_FUZZ_KEEP");
    if (keep) std::ofstream(std::string(keep) + "." + path, std::ios::binary) << text;
    const std::string wrong = firstWrongIn(path, text);
    if (wrong.empty()) return;
    if (keep) std::ofstream(fmt::format("{}.wrong.{}", keep, path), std::ios::binary) << text;
    FAIL_CHECK(path << ": " << wrong << " in\n" << shown(text));
}

// One of the texts of each language, by turns.
void checkMutations(uint64_t seed, size_t rounds) {
    INFO("MOXIE_FUZZ_SEED=" << seed);
    const std::vector<TextSample> samples = constructSamples();
    for (size_t i = 0; i < samples.size(); i++) {
        TextMutations mutations(seed * 1000 + i);
        for (size_t round = 0; round < rounds; round++) {
            const TextSample& other = samples[round % 4 ? i : mutations.below(samples.size())];
            check(samples[i].path, mutations.mutated(samples[i].text, other.text));
        }
    }
}

// Damaged files of all languages in one index, and every question that it answers.
void checkIndex(uint64_t seed, size_t filesEach) {
    INFO("MOXIE_FUZZ_SEED=" << seed);
    const Repository repository(Repository::Kind::plain);
    const std::vector<TextSample> samples = constructSamples();
    TextMutations mutations(seed);
    std::vector<TextSample> damaged;
    for (size_t i = 0; i < filesEach; i++)
        for (const TextSample& sample : samples)
            damaged.push_back({fmt::format("part{}/{}", i, sample.path),
                               i == 0 ? sample.text : mutations.mutated(sample.text, sample.text)});
    for (const TextSample& file : damaged)
        repository.write(file.path, file.text);
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));

    struct Asked {
        std::string name, path;
        int32_t lineFirst = 0;
    };

    std::vector<Asked> symbols;
    REQUIRE(index->eachSymbol(
        [&](const SymbolEntry& symbol) {
            CHECK_FALSE(symbol.name.empty());
            CHECK((symbol.lineFirst >= 1 && symbol.lineLast >= symbol.lineFirst));
            if (mutations.below(1 + symbols.size() / 20) == 0)
                symbols.push_back({.name = std::string(symbol.name),
                                   .path = std::string(symbol.path),
                                   .lineFirst = symbol.lineFirst});
        },
        {}));
    for (const Asked& symbol : symbols) {
        CAPTURE(symbol.name, symbol.path, symbol.lineFirst);
        const DefinitionPlace place = {
            .path = symbol.path, .name = symbol.name, .lineFirst = symbol.lineFirst};
        CHECK(index->callers(place, 50));
        CHECK(index->callees(place, 50));
        const auto uses = index->references(symbol.name, 50);
        REQUIRE(uses);
        for (const Reference& use : *uses)
            CHECK((use.line >= 1 && base::isValidUtf8(use.text)));
        CHECK(index->symbols(symbol.name, "", 20));
    }
    for (size_t i = 0; i < damaged.size(); i++) {
        const TextSample &file = damaged[i], &sound = samples[i % samples.size()];
        CAPTURE(file.path);
        const std::string created = "new/" + sound.path;
        for (const EditedText& edit :
             {EditedText{file.path, sound.text, file.text},
              EditedText{file.path, file.text, sound.text}, EditedText{created, "", file.text}})
            CHECK(index->nameVerdicts({edit}, {}));
        if (i % 7 == 0) CHECK(index->search(std::string_view(file.text).substr(0, 2000), 20));
    }
    CHECK(index->map({}, {}));
    const auto pack = index->pack(
        {.task = "total of the cart " + damaged.back().text,
         .countTokens = [](std::string_view text) { return int64_t(text.size() / 4 + 1); }},
        {});
    if (!pack) FAIL(pack.error().message());
    CHECK(base::isValidUtf8(pack->text));
    CHECK(pack->tokens <= 8192);
}

}  // namespace

TEST_CASE("What is said of sound texts of every language lies inside of them", "[indexer][fuzz]") {
    for (const TextSample& sample : constructSamples())
        check(sample.path, sample.text);
}

TEST_CASE("What is said of damaged texts lies inside of them", "[indexer][fuzz]") {
    checkMutations(1, 3);
}

TEST_CASE("Constructs without one of their parts are no harm", "[indexer][fuzz]") {
    for (const TextSample& sample : constructSamples())
        for (const std::string& text : withoutEachNode(sample, 0, 150))
            check(sample.path, text);
}

TEST_CASE("An index of damaged files answers every question", "[indexer][fuzz]") {
    checkIndex(1, 3);
}

TEST_CASE("Indexes of many damaged files answer every question", "[.slow][indexer][fuzz]") {
    const uint64_t seed = numberFrom("MOXIE_FUZZ_SEED", 1);
    for (uint64_t round = 0; round < numberFrom("MOXIE_FUZZ_ROUNDS", 100) / 20; round++)
        checkIndex(seed * 1000 + round, 10);
}

TEST_CASE("Damaged texts for long", "[.slow][indexer][fuzz]") {
    checkMutations(numberFrom("MOXIE_FUZZ_SEED", 1), numberFrom("MOXIE_FUZZ_ROUNDS", 100));
}

TEST_CASE("Constructs without any one of their parts", "[.slow][indexer][fuzz]") {
    for (const TextSample& sample : constructSamples())
        for (const std::string& text : withoutEachNode(sample, 0, 1))
            check(sample.path, text);
}

TEST_CASE("Constructs over and over", "[.slow][indexer][fuzz]") {
    for (const TextSample& sample : constructSamples())
        for (const std::string& text : repeatedNodes(sample, 6'000))
            check(sample.path, text);
}

TEST_CASE("Constructs nested up to two thousand deep", "[.slow][indexer][fuzz]") {
    for (const TextSample& sample : constructSamples())
        for (const std::string& text : deeplyNested(sample, 2000, 12'000))
            check(sample.path, text);
}
