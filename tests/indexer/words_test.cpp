#include "indexer/words.h"

#include <algorithm>

#include "indexer/query.h"
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
