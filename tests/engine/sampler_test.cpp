#include "engine/sampler.h"

#include <cmath>
#include <limits>
#include <vector>

#include "tests/catch.h"

using namespace moxie::engine;

TEST_CASE("greedy takes the best token, the lower id among equals, never NaN", "[engine]") {
    Sampler sampler({});
    REQUIRE(sampler.sample(std::vector<float>{1, 3, 2, 3}) == 1);
    REQUIRE(sampler.sample(std::vector<float>{std::nanf(""), -5, -4}) == 2);
}

TEST_CASE("a seed gives the same tokens, another seed others", "[engine]") {
    const std::vector<float> logits(50, 0.0F);
    const auto draw = [&](uint64_t seed) {
        Sampler sampler({.temperature = 1, .seed = seed});
        std::vector<int32_t> tokens;
        for (int i = 0; i < 20; ++i)
            tokens.push_back(sampler.sample(logits));
        return tokens;
    };
    REQUIRE(draw(1) == draw(1));
    REQUIRE(draw(1) != draw(2));
}

TEST_CASE("sampled frequencies follow the softmax", "[engine]") {
    const std::vector<float> logits = {0, 1, 2};
    Sampler sampler({.temperature = 1, .seed = 3});
    std::vector<int> counts(3);
    constexpr int kDraws = 20'000;
    for (int i = 0; i < kDraws; ++i)
        ++counts[static_cast<size_t>(sampler.sample(logits))];
    const double sum = 1 + std::exp(1.0) + std::exp(2.0);
    for (size_t i = 0; i < 3; ++i)  // five standard deviations of a share are below 0.018
        REQUIRE(counts[i] / double{kDraws} ==
                Approx(std::exp(static_cast<double>(i)) / sum).margin(0.018));
}

TEST_CASE("top-k, top-p and min-p keep only the best tokens", "[engine]") {
    const std::vector<float> logits = {0, 4, 3, 1};
    for (const SamplerOptions& options : {SamplerOptions{.temperature = 1, .topK = 2},
                                          SamplerOptions{.temperature = 1, .topP = 0.9},
                                          SamplerOptions{.temperature = 1, .minP = 0.1}}) {
        Sampler sampler(options);
        for (int i = 0; i < 500; ++i) {
            const int32_t token = sampler.sample(logits);
            REQUIRE((token == 1 || token == 2));
        }
    }
}

TEST_CASE("the repetition penalty lowers recent tokens only", "[engine]") {
    const std::vector<float> logits = {2, 1.9F, -1};
    const std::vector<int32_t> recent = {0, 999, -1};
    Sampler sampler({.repetitionPenalty = 1.5});
    REQUIRE(sampler.sample(logits, recent) == 1);
    REQUIRE(sampler.sample(logits, {}) == 0);
    Sampler shortSighted({.repetitionPenalty = 1.5, .penaltyTokens = 2});
    REQUIRE(shortSighted.sample(logits, recent) == 0);
}

TEST_CASE("infinite logits do not break sampling", "[engine]") {
    constexpr float kInfinite = std::numeric_limits<float>::infinity();
    Sampler sampler({.temperature = 1});
    REQUIRE(sampler.sample(std::vector<float>{0, kInfinite, 1}) == 1);
    REQUIRE(sampler.sample(std::vector<float>{-kInfinite, -kInfinite, 1}) == 2);
    REQUIRE(sampler.sample(std::vector<float>{-kInfinite, -kInfinite}) == 0);
}
