#include "app/desktop/text/stream_buffer.h"

#include <chrono>
#include <cstdio>

#include "tests/catch.h"
#include "tests/desktop_logic/random_markdown.h"

namespace moxie::desktop {

TEST_CASE("streaming gives what one piece gives, settled blocks stay, changes are told",
          "[desktop][markdown]") {
    for (unsigned seed = 1; seed <= 1500; ++seed) {
        std::mt19937 random(seed);
        const std::string text = tests::randomMarkdown(random, 30);
        CAPTURE(seed, text);
        StreamBuffer buffer;
        std::vector<MarkdownBlock> mirror;  // follows only what the changes tell
        const auto follow = [&](StreamChange change) {
            REQUIRE(change.firstChanged <= int64_t(buffer.blocks().size()));
            REQUIRE(change.firstChanged <= int64_t(mirror.size()));
            if (change.keptTextBytes > 0) {
                const auto& now = buffer.blocks()[size_t(change.firstChanged)];
                REQUIRE(mirror[size_t(change.firstChanged)].text.compare(
                            0, size_t(change.keptTextBytes), now.text, 0,
                            size_t(change.keptTextBytes)) == 0);
            }
            mirror.resize(size_t(change.firstChanged));
            mirror.insert(mirror.end(), buffer.blocks().begin() + change.firstChanged,
                          buffer.blocks().end());
            REQUIRE(mirror == buffer.blocks());
        };
        for (size_t pos = 0; pos < text.size();) {
            const size_t piece = random() % 3 == 0 ? 1 : random() % 40 + 1;
            const int64_t nSettled = buffer.nSettled();
            const std::vector<MarkdownBlock> settled(buffer.blocks().begin(),
                                                     buffer.blocks().begin() + nSettled);
            follow(buffer.append(std::string_view(text).substr(pos, piece)));
            pos += piece;
            REQUIRE(buffer.nSettled() >= nSettled);
            REQUIRE(std::equal(settled.begin(), settled.end(), buffer.blocks().begin()));
            REQUIRE(buffer.blocks() == parseMarkdown(buffer.source()));
        }
        follow(buffer.finish());
        REQUIRE(buffer.blocks() == parseMarkdown(text));
        REQUIRE(buffer.nSettled() == int64_t(buffer.blocks().size()));
    }
}

TEST_CASE("an open code block grows at its end only", "[desktop][markdown]") {
    StreamBuffer buffer;
    buffer.append("text\n```cpp\nint a;\n");
    CHECK(buffer.isCodeOpen());
    CHECK(buffer.nSettled() == 1);
    const StreamChange change = buffer.append("int b;\n\nint");
    CHECK(change.firstChanged == 1);
    CHECK(change.keptTextBytes == 6);
    buffer.append(" c;\n```\n");
    CHECK_FALSE(buffer.isCodeOpen());
    REQUIRE(buffer.blocks().size() == 2);
    CHECK(buffer.blocks()[1].text == "int a;\nint b;\n\nint c;");
}

TEST_CASE("a character cut between pieces is whole, and a wrong one is replaced",
          "[desktop][markdown]") {
    StreamBuffer buffer;
    for (const char c : std::string("a\xe4\xb8\xad\xff\xe4\xb8"))
        buffer.append(std::string_view(&c, 1));
    buffer.finish();
    REQUIRE(buffer.blocks().size() == 1);
    CHECK(buffer.blocks()[0].text == "a中\uFFFD\uFFFD\uFFFD");
}

TEST_CASE("cost of one append at 200 kB", "[.bench]") {
    std::string text;
    while (text.size() < 200'000)
        text +=
            "A paragraph with `code`, *marks* and src/list.cpp:41 in it.\n\n- one\n- "
            "two\n\n```cpp\n" +
            std::string("int f(int a) { return a + 1; }\n") + "```\n\n";
    for (const bool isFence : {false, true}) {
        StreamBuffer buffer;
        buffer.append(isFence ? "```cpp\n" + text.substr(0, 1) : text);
        if (isFence)
            for (size_t pos = 0; pos < 200'000; pos += 31)
                buffer.append("int f(int a) { return a + 1; }\n");
        std::vector<double> times;
        for (int i = 0; i < 400; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            buffer.append(isFence ? " more code;\n" : " more words of the answer");
            times.push_back(
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin)
                    .count());
        }
        std::sort(times.begin(), times.end());
        std::printf("append at %zu bytes, %s: median %.3f ms, p99 %.3f ms\n",
                    buffer.source().size(), isFence ? "one open code block" : "many blocks",
                    times[200], times[396]);
    }
}

}  // namespace moxie::desktop
