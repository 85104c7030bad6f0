#include "indexer/words.h"

#include <algorithm>
#include <map>
#include <random>

#include "indexer/query.h"
#include "indexer/text_table.h"
#include "tests/catch.h"

using namespace moxie::indexer;

namespace {

std::string words(std::string_view text) {
    std::string out;
    appendWords(text, out);
    return out;
}

bool has(const std::vector<std::string>& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

}  // namespace

TEST_CASE("identifiers are split at case changes and underscores and kept whole", "[indexer]") {
    CHECK(words("parseTrailing_commas") == "pars trail comma parsetrailing_commas");
    CHECK(words("HTTPServer") == "http server httpserver");
    CHECK(words("x + 1") == "");
    CHECK(words("__init__") == "init");
}

TEST_CASE("word forms meet in one stem", "[indexer]") {
    CHECK(words("parse") == words("parsing"));
    CHECK(words("parsed") == words("parses"));
    CHECK(words("stopped") == words("stop"));
    CHECK(words("entries") == words("entry"));
    CHECK(words("class") != words("clas"));
}

TEST_CASE("text without spaces is searched by pairs of characters", "[indexer]") {
    CHECK(words("解析器") == "解析 析器");
    CHECK(words("\xff\xfe\x80") != "never empty");  // malformed bytes must not crash
}

TEST_CASE("identifiers are found across blocks as byte by byte", "[indexer][words]") {
    std::mt19937 random(7);  // NOLINT: a fixed seed
    const std::string_view alphabet = "aZ09_ .\n(\xc3\xa9";
    for (int round = 0; round < 300; round++) {
        std::string text(random() % 200, 'x');
        for (char& c : text)
            if (random() % 4 != 0) c = alphabet[random() % alphabet.size()];
        std::vector<std::string> expected, found;
        bool isInside = false;
        for (const char c : text) {
            const bool isWord = std::isalnum(uint8_t(c)) || c == '_' || uint8_t(c) >= 0x80;
            if (isWord && !isInside) expected.emplace_back();
            if (isWord) expected.back().push_back(c);
            isInside = isWord;
        }
        IdentifierReader reader(text);
        for (auto word = reader.next(); !word.empty(); word = reader.next())
            found.emplace_back(word);
        CAPTURE(round, text);
        CHECK(found == expected);
    }
}

TEST_CASE("a text table numbers equal texts alike and keeps every text", "[indexer][words]") {
    std::mt19937 random(11);  // NOLINT: a fixed seed
    TextTable table;
    std::map<std::string, int32_t> numbers;
    for (int i = 0; i < 5000; i++) {
        std::string text(random() % 20, 'a');
        for (char& c : text)
            c = char('a' + random() % 3);
        const auto [number, isNew] = table.add(text);
        const auto [known, isNewHere] = numbers.try_emplace(text, table.size() - 1);
        CHECK(isNew == isNewHere);
        CHECK(number == known->second);
    }
    REQUIRE(table.size() == int32_t(numbers.size()));
    for (const auto& [text, number] : numbers)
        CHECK(table.text(number) == text);
}

TEST_CASE("a request is split into paths, identifiers, quotes and words", "[indexer]") {
    const Query query =
        analyseQuery("Fix `run` and parseList() in src/a.c: \"unexpected token\" at v1.2");
    CHECK(has(query.paths, "src/a.c"));
    CHECK_FALSE(has(query.paths, "v1.2"));
    CHECK(has(query.identifiers, "parseList"));
    CHECK(has(query.identifiers, "run"));
    CHECK_FALSE(has(query.identifiers, "Fix"));
    CHECK(has(query.quoted, "unexpected token"));
    CHECK(std::any_of(query.words.begin(), query.words.end(),
                      [](const QueryWord& word) { return word.text == "token"; }));
    CHECK(queryWords("where does this make the updates") == std::vector<std::string>{});
}
