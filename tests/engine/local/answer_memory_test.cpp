#include "engine/local/answer_memory.h"

#include <random>
#include <vector>

#include "tests/catch.h"

using namespace moxie::engine;

namespace {

std::vector<int32_t> someTokens(size_t count) {
    std::mt19937 random(3);
    std::vector<int32_t> tokens(count);
    for (int32_t& token : tokens)
        token = static_cast<int32_t>(random() % 150'000);
    return tokens;
}

}  // namespace

TEST_CASE("a prompt's name does not depend on the pieces it came in", "[engine][local]") {
    const std::vector<int32_t> tokens = someTokens(2000);
    std::mt19937 random(4);
    for (const size_t count : {0, 1, 255, 256, 257, 512, 1999, 2000}) {
        CAPTURE(count);
        const std::span<const int32_t> all = std::span(tokens).first(count);
        PromptName pieces;
        for (size_t at = 0; at < count;) {
            const size_t size = std::min<size_t>(count - at, random() % 700);
            pieces.append(all.subspan(at, size));
            at += size;
        }
        REQUIRE(pieces.value() == PromptName(all).value());
    }
}

TEST_CASE("prompts that differ in one token or end earlier have other names", "[engine][local]") {
    const std::vector<int32_t> tokens = someTokens(600);
    const auto name = PromptName(tokens).value();
    for (const size_t at : {0U, 255U, 256U, 511U, 512U, 599U}) {
        CAPTURE(at);
        std::vector<int32_t> other = tokens;
        ++other[at];
        REQUIRE(PromptName(other).value() != name);
        REQUIRE(PromptName(std::span(tokens).first(at)).value() != name);
    }
}

TEST_CASE("an answer is found behind its prompt only, and only with its own text",
          "[engine][local]") {
    AnswerMemory memory;
    const std::vector<int32_t> prompt = someTokens(1000);
    memory.remember(prompt, "yes", {1, 2, 3});
    CHECK(memory.find(PromptName(prompt), "yes") == std::vector<int32_t>{1, 2, 3});
    CHECK_FALSE(memory.find(PromptName(prompt), "no").has_value());
    CHECK_FALSE(memory.find(PromptName(std::span(prompt).first(999)), "yes").has_value());
}

TEST_CASE("looking a thousand answers up hashes the conversation once", "[engine][local]") {
    const std::vector<int32_t> turn = someTokens(300);
    PromptName conversation;
    int64_t hashed = 0;
    for (int turns = 0; turns < 1000; ++turns) {
        conversation.append(turn);
        PromptName untilAnswer = conversation;  // and an open stretch of text
        untilAnswer.append(std::span(turn).first(30));
        hashed += untilAnswer.hashedTokens() - conversation.hashedTokens();
    }
    hashed += conversation.hashedTokens();
    REQUIRE(hashed <= 1000 * (300 + 256));
}
