#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "indexer/index.h"
#include "tests/catch.h"
#include "tests/indexer/repository.h"

using namespace moxie;
using namespace moxie::indexer;
using moxie::testing::Repository;

namespace {

int64_t countWords(std::string_view text) {
    int64_t count = 0;
    bool isInside = false;
    for (const char c : text) {
        const bool isSpace = c == ' ' || c == '\n';
        count += !isSpace && !isInside;
        isInside = !isSpace;
    }
    return count;
}

// Joins cost more than parts: the sum of the pieces is not to be trusted.
int64_t countSpitefully(std::string_view text) {
    return int64_t(text.size()) / 3 + int64_t(std::count(text.begin(), text.end(), '=')) * 2 +
           int64_t(text.size() > 2000 ? text.size() / 10 : 0);
}

std::unique_ptr<Index> fill(const Repository& repository) {
    for (int i = 0; i < 40; i++) {
        std::string text = fmt::format("// Module {}.\n", i);
        for (int k = 0; k < 12; k++)
            text += fmt::format(
                "int work_{}_{}(int value) {{\n    int sum = value;\n"
                "    sum += {};\n    return sum;\n}}\n\n",
                i, k, k);
        repository.write(fmt::format("src/part{}/module{}.c", i % 4, i), text);
    }
    repository.write("src/parser/comma.c",
                     "/* Parses lists. */\nint parse_comma_list(const char *text) {\n"
                     "    return accept_trailing_comma(text);\n}\n");
    repository.write("copy/comma.c", "int same(void) { return 1; }\n");
    repository.write("copy/again.c", "int same(void) { return 1; }\n");
    repository.commitAll("everything");
    auto index = repository.open();
    REQUIRE(index->update({}, {}));
    return index;
}

ContextPack pack(const Index& index, int64_t budget,
                 const std::function<int64_t(std::string_view)>& count = countWords) {
    const auto made = index.pack({.task = "make the parser accept a trailing comma",
                                  .budgetTokens = budget,
                                  .countTokens = count},
                                 {});
    if (!made) FAIL(made.error().message());
    return *made;
}

}  // namespace

TEST_CASE("a pack never exceeds its budget, whatever the counter", "[indexer]") {
    const Repository repository;
    const auto index = fill(repository);
    for (const int64_t budget : {0, 1, 7, 50, 200, 1000, 3000, 8000, 100'000}) {
        INFO("budget " << budget);
        for (const auto& count : {countWords, countSpitefully}) {
            const ContextPack made = pack(*index, budget, count);
            CHECK(made.tokens <= budget);
            CHECK((made.text.empty() ? 0 : count(made.text)) == made.tokens);
        }
        const ContextPack none = pack(*index, budget, [](std::string_view) { return 1'000'000; });
        CHECK(none.tokens <= budget);
    }
}

TEST_CASE("what the task is about is in, and all of it when there is room", "[indexer]") {
    const Repository repository;
    const auto index = fill(repository);
    const ContextPack small = pack(*index, 300);
    CHECK(small.text.find("accept_trailing_comma(text)") != std::string::npos);
    REQUIRE_FALSE(small.items.empty());
    CHECK(small.filesLeftOut > 0);
    const ContextPack large = pack(*index, 100'000);
    CHECK(large.text.find("work_39_11") != std::string::npos);
    const auto full = std::count_if(large.items.begin(), large.items.end(),
                                    [](const auto& item) { return item.form == PackForm::full; });
    CHECK(full == 42);  // 43 files, of which two are equal
}

TEST_CASE("equal trees and tasks give equal bytes, whatever the index went through", "[indexer]") {
    const Repository repository;
    const auto index = fill(repository);
    const std::string first = pack(*index, 1500).text;
    CHECK(pack(*index, 1500).text == first);
    repository.write("src/part0/module0.c", "int gone(void) { return 0; }\n");
    REQUIRE(index->update({}, {}));
    CHECK(pack(*index, 1500).text != first);
    repository.git("checkout -q -- src/part0/module0.c");
    REQUIRE(index->update({}, {}));
    CHECK(pack(*index, 1500).text == first);
    const auto cold = repository.open("cold.sqlite", 0);
    REQUIRE(cold->update({}, {}));
    CHECK(pack(*cold, 1500).text == first);
}

TEST_CASE("a pack is text: valid UTF-8, LF, no absolute paths", "[indexer]") {
    const Repository repository;
    repository.write("a.c", "int a(void) {\r\n  return 1; // \xff\r\n}\r\n");
    repository.write("b.txt", "no newline at the end");
    const auto index = repository.open();
    REQUIRE(index->update({}, {}));
    const ContextPack made = pack(*index, 10'000);
    CHECK(base::isValidUtf8(made.text));
    CHECK(made.text.find('\r') == std::string::npos);
    CHECK(made.text.find(repository.root().string()) == std::string::npos);
    CHECK(made.text.find("no newline at the end\n") != std::string::npos);
}

TEST_CASE("bad pack requests are refused and a stop is obeyed", "[indexer]") {
    const Repository repository;
    const auto index = fill(repository);
    CHECK_FALSE(index->pack({.task = "x", .budgetTokens = 100, .countTokens = nullptr}, {}));
    CHECK_FALSE(index->pack({.task = "x", .budgetTokens = -1, .countTokens = countWords}, {}));
    std::stop_source stop;
    stop.request_stop();
    const auto stopped = index->pack({.task = "x", .budgetTokens = 100, .countTokens = countWords},
                                     stop.get_token());
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind() == base::Errc::cancelled);
}
