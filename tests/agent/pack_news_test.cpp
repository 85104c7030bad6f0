// The repository pack stands in the first request once; what others change is appended.
#include <fmt/format.h>

#include <algorithm>

#include "tests/agent/rig.h"

using namespace moxie;
using namespace moxie::agent;
using namespace moxie::tests;

namespace {

constexpr const char* kNews = "Others changed these files";

std::string functionOf(int file, int value) {
    return fmt::format("/* Part {0}. */\nint part{0}(int input) {{\n    return input + {1};\n}}\n",
                       file, value);
}

void openIndex(Rig& rig) {
    for (int i = 0; i < 5; i++)
        writeText(rig.repository / fmt::format("src/part{}.c", i), functionOf(i, 1000 + i));
    auto index = indexer::openIndex(
        {.root = rig.repository, .cacheFile = rig.folder.path / "index.sqlite", .threads = 0});
    REQUIRE(index);
    rig.index = std::move(*index);
    REQUIRE(rig.index->update({}, {}));
    rig.options.packTokens = 4000;
}

int64_t countNews(const Rig& rig) {
    const auto messages = rig.all<MessageAdded>();
    return std::count_if(messages.begin(), messages.end(), [](const MessageAdded& added) {
        return added.message.text.find(kNews) != std::string::npos;
    });
}

void checkPrefixesOf(const Rig& rig) {
    const std::vector<std::string>& requests = rig.model.requests();
    for (size_t i = 1; i < requests.size(); ++i) {
        CAPTURE(i);
        REQUIRE(requests[i].starts_with(stablePrefix(requests[i - 1])));
    }
}

}  // namespace

TEST_CASE("50 turns in which others edit keep their prefix, and each change is told once",
          "[agent][prefix][pack]") {
    // Every other turn the model writes a file itself.
    Rig rig([](size_t n, const engine::ChatRequest&) {
        if (n % 4 == 0)
            return calls("write",
                         fmt::format(R"({{"path":"src/own.c","content":"int n = {};\n"}})", n));
        return says(fmt::format("done {}", n));
    });
    openIndex(rig);
    int64_t changes = 0;
    for (int turn = 0; turn < 50; ++turn) {
        rig.run(fmt::format("look at part{}", turn % 5));
        CHECK(countNews(rig) == changes);
        if (turn % 3 != 0) continue;
        writeText(rig.repository / fmt::format("src/part{}.c", turn % 5),
                  functionOf(turn % 5, 5000 + turn));
        changes++;
        rig.run("go on");
        CHECK(rig.model.requests().back().find(fmt::format("input + {};", 5000 + turn)) !=
              std::string::npos);
    }
    CHECK(countNews(rig) == changes);
    checkPrefixesOf(rig);
}

TEST_CASE("a session that goes on in another process is told what changed meanwhile",
          "[agent][prefix][pack]") {
    Rig rig([](size_t n, const engine::ChatRequest&) { return says(fmt::format("done {}", n)); });
    openIndex(rig);
    rig.run("look at part2");
    const std::string id = rig.session->id();
    rig.session.reset();
    writeText(rig.repository / "src/part2.c", functionOf(2, 7777));
    auto resumed = Session::resume(id, rig.options, rig.environment());
    REQUIRE(resumed);
    rig.session = std::move(*resumed);
    rig.run("go on");
    CHECK(countNews(rig) == 1);
    CHECK(rig.model.requests().back().find("input + 7777;") != std::string::npos);
    checkPrefixesOf(rig);
}
