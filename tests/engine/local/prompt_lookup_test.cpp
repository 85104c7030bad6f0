#include "engine/local/prompt_lookup.h"

#include <numeric>

#include "tests/catch.h"

using namespace moxie::engine;

TEST_CASE("what followed the same tokens before is proposed again", "[engine][speculation]") {
    PromptLookup lookup;
    const std::vector<int32_t> history = {9, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3};
    REQUIRE(lookup.propose(history, 3) == std::vector<int32_t>{4, 5, 6});
    REQUIRE(lookup.propose(history, 0).empty());
    // The newest place counts.
    const std::vector<int32_t> longer = {9, 1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 8, 1, 2, 3};
    REQUIRE(lookup.propose(longer, 2) == std::vector<int32_t>{8, 1});
    REQUIRE(lookup.propose(std::vector<int32_t>{1, 2}, 4).empty());
}

TEST_CASE("another conversation under the same lookup proposes nothing wrong",
          "[engine][speculation]") {
    PromptLookup lookup;
    std::vector<int32_t> first(100);
    std::iota(first.begin(), first.end(), 0);
    REQUIRE(lookup.propose(first, 4).empty());
    const std::vector<int32_t> second = {5, 6, 7, 40, 41, 42, 5, 6, 7};
    const auto proposed = lookup.propose(second, 4);
    REQUIRE((proposed.empty() || proposed == std::vector<int32_t>{40, 41, 42, 5}));
}
