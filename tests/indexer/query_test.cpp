#include "indexer/query.h"

#include <algorithm>

#include "indexer/ranking/ranking_table.h"
#include "indexer/ranking/stack_frames.h"
#include "tests/catch.h"

using namespace moxie::indexer;

namespace {

bool has(const std::vector<std::string>& list, std::string_view item) {
    return std::find(list.begin(), list.end(), item) != list.end();
}

const QueryWord* wordOf(const Query& query, std::string_view text) {
    const auto at = std::find_if(query.words.begin(), query.words.end(),
                                 [&](const QueryWord& word) { return word.text == text; });
    return at == query.words.end() ? nullptr : &*at;
}

struct FrameCase {
    const char* text;
    const char* path;
    int32_t line;
    const char* function;
};

}  // namespace

TEST_CASE("frames of seven kinds of stack traces are places", "[indexer][search]") {
    const FrameCase cases[] = {
        {"src/list.c:12:5: error: expected ';'", "src/list.c", 12, ""},
        {"#1  0x00005 in listAdd (l=0x0) at src/list.c:88", "src/list.c", 88, "listAdd"},
        {"  File \"app/models.py\", line 7, in save", "app/models.py", 7, "save"},
        {"    at Object.parse (/home/me/lib/parse.js:10:3)", "/home/me/lib/parse.js", 10, "parse"},
        {"\tat com.acme.Job.run(Job.java:123)", "Job.java", 123, "run"},
        {"\t/go/src/acme/job.go:45 +0x1d", "/go/src/acme/job.go", 45, ""},
        {"thread 'main' panicked at src/main.rs:4:5:", "src/main.rs", 4, ""},
    };
    for (const FrameCase& wanted : cases) {
        INFO(wanted.text);
        const auto frames = stackFrames(wanted.text);
        REQUIRE(frames.size() == 1);
        CHECK(frames[0].path == wanted.path);
        CHECK(frames[0].line == wanted.line);
        CHECK(frames[0].function == wanted.function);
    }
}

TEST_CASE("times, versions and addresses are no stack frames", "[indexer][search]") {
    CHECK(stackFrames("at 12:30 version 1.2:3 of http://a.example:80 in [::1]:9").empty());
    CHECK(stackFrames("std::vector::at: 5").empty());
}

TEST_CASE("quoted texts and the fixed part of an error message are kept", "[indexer][search]") {
    const Query query = analyseQuery(
        "It says 'bad magic number' and `a == b`\nerror: cannot open file \"x.db\": "
        "No such file or directory");
    CHECK(has(query.quoted, "bad magic number"));
    CHECK(has(query.quoted, "a == b"));
    CHECK(has(query.quoted, "cannot open file"));
    CHECK(has(query.quoted, "No such file or directory"));
}

TEST_CASE("an apostrophe inside a word quotes nothing", "[indexer][search]") {
    CHECK(analyseQuery("it doesn't work, and that's it").quoted.empty());
}

TEST_CASE("the first line of a request is told from the rest", "[indexer][search]") {
    const Query query = analyseQuery("Close sockets\n\nThe sockets leaked in the tests.");
    REQUIRE(wordOf(query, "socket"));
    CHECK(wordOf(query, "socket")->isInTitle);
    CHECK(wordOf(query, "socket")->count == 2);
    REQUIRE(wordOf(query, "leak"));
    CHECK_FALSE(wordOf(query, "leak")->isInTitle);
    CHECK_FALSE(query.isAboutTests);  // only the title says what is wanted
}

TEST_CASE("neighbours are also one identifier", "[indexer][search]") {
    const Query query = analyseQuery("Accept a trailing comma");
    REQUIRE(wordOf(query, "trailing_comma"));
    CHECK(wordOf(query, "trailing_comma")->isPair);
    CHECK(wordOf(query, "trailingcomma"));
}

TEST_CASE("header and source, test and tested have one name", "[indexer][search]") {
    CHECK(relativeName("src/list.c") == relativeName("include/list.h"));
    CHECK(relativeName("src/list.cpp") == relativeName("tests/list_test.cpp"));
    CHECK(relativeName("pkg/list.py") == relativeName("tests/test_list.py"));
    CHECK(relativeName("src/ListView.ts") == relativeName("src/ListView.spec.ts"));
    CHECK(relativeName("src/list.c") != relativeName("src/map.c"));
}
