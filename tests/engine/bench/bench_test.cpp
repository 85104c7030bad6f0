// moxie bench and moxie perplexity, on a small random model.
#include <cmath>
#include <numeric>

#include "engine/bench/frontiers.h"
#include "engine/bench/memory_read.h"
#include "engine/bench/perplexity.h"
#include "engine/bench/speed.h"
#include "engine/logits.h"
#include "tests/catch.h"
#include "tests/engine/session/tiny_chat_model.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

constexpr const char* kFamily = "qwen3_moe";

std::string someText(size_t bytes) {
    std::string text;
    while (text.size() < bytes)
        text += "int total = " + std::to_string(text.size()) + ";\n";
    return text.substr(0, bytes);
}

}  // namespace

TEST_CASE("every test of speed is named as llama-bench names it and repeated as asked",
          "[engine][bench]") {
    const TinyChatModel model(kFamily);
    std::vector<int64_t> told;
    SpeedOptions options = {
        .tests = {{.promptTokens = 9}, {.answerTokens = 3}, {.answerTokens = 2, .depthTokens = 5}},
        .repeats = 3,
        .threads = 2};
    options.progress = [&](int64_t done, int64_t total) {
        CHECK(total == 12);
        told.push_back(done);
    };
    const auto report = measureSpeed(model.folder(), options);
    REQUIRE(report);
    REQUIRE(report->results.size() == 3);
    CHECK(nameOf(report->results[0].test) == "pp9");
    CHECK(nameOf(report->results[1].test) == "tg3");
    CHECK(nameOf(report->results[2].test) == "tg2 @ d5");
    for (const SpeedResult& result : report->results) {
        CHECK(result.tokensPerSecond.size() == 3);
        CHECK(result.mean() > 0);
    }
    std::vector<int64_t> expected(13);
    std::iota(expected.begin(), expected.end(), 0);
    CHECK(told == expected);
    CHECK(report->threads == 2);
    CHECK(report->activeBytes > 0);
    CHECK(report->activeBytes < report->weightBytes);  // not every expert
    CHECK(report->memoryReadBytesPerSecond > 1e8);
}

TEST_CASE("reading memory is measured, and not where nobody reads or it is stopped",
          "[engine][bench]") {
    CHECK(measureMemoryRead(2) > 1e8);
    CHECK(measureMemoryRead(0) == 0);
    std::stop_source stop;
    stop.request_stop();
    CHECK(measureMemoryRead(1, stop.get_token()) == 0);
}

TEST_CASE("mean and deviation are those of the sample", "[engine][bench]") {
    const SpeedResult result = {.tokensPerSecond = {10, 12, 14}};
    CHECK(result.mean() == 12);
    CHECK(result.deviation() == 2);
    CHECK(SpeedResult{.tokensPerSecond = {7}}.deviation() == 0);
    CHECK(SpeedResult{}.mean() == 0);
}

TEST_CASE("what cannot be measured is refused, and a stop ends it", "[engine][bench]") {
    const TinyChatModel model(kFamily);
    for (const SpeedTest& test :
         {SpeedTest{}, SpeedTest{.promptTokens = 1, .answerTokens = 1},
          SpeedTest{.promptTokens = -1},
          SpeedTest{.promptTokens = int64_t(1) << 62, .depthTokens = int64_t(1) << 62},
          SpeedTest{.answerTokens = 1, .depthTokens = -1}}) {
        const auto report = measureSpeed(model.folder(), {.tests = {test}});
        REQUIRE_FALSE(report);
        CHECK(report.error().kind() == base::Errc::invalidInput);
    }
    CHECK_FALSE(measureSpeed(model.folder(), {}));
    std::stop_source stop;
    stop.request_stop();
    const auto stopped =
        measureSpeed(model.folder(), {.tests = {{.promptTokens = 4}}, .stop = stop.get_token()});
    REQUIRE_FALSE(stopped);
    CHECK(stopped.error().kind() == base::Errc::cancelled);
}

TEST_CASE("a prompt grows from frontier to frontier, and the answers at them are dropped",
          "[engine][bench]") {
    const TinyChatModel model(kFamily);
    int64_t told = 0;
    const SpeedOptions options = {
        .chunkTokens = 4, .threads = 2, .progress = [&](int64_t done, int64_t total) {
            CHECK(total == 3);
            CHECK(done == told++);
        }};
    const auto frontiers = measureFrontiers(model.folder(), {5, 6, 300}, 3, options);
    REQUIRE(frontiers);
    REQUIRE(frontiers->size() == 3);
    CHECK(told == 3);
    const std::vector<int64_t> lengths = {5, 6, 300}, read = {5, 1, 294};
    for (size_t i = 0; i < 3; ++i) {
        const Frontier& frontier = frontiers->at(i);
        CHECK(frontier.contextTokens == lengths[i]);
        CHECK(frontier.promptTokens == read[i]);
        CHECK(frontier.promptTokensPerSecond() > 0);
        CHECK(frontier.answerSeconds.size() == 3);
        CHECK(frontier.steadyTokensPerSecond() > 0);
    }
    CHECK(frontiers->at(2).kvBytes == 60 * frontiers->at(0).kvBytes);
    const auto withoutAnswers = measureFrontiers(model.folder(), {7}, 0, {.threads = 1});
    REQUIRE(withoutAnswers);
    CHECK(withoutAnswers->front().answerTokensPerSecond() == 0);
    CHECK(withoutAnswers->front().steadyTokensPerSecond() == 0);
}

TEST_CASE("frontiers that do not grow or do not fit are refused", "[engine][bench]") {
    const TinyChatModel model(kFamily);
    const int64_t huge = int64_t(1) << 62;
    const std::vector<std::vector<int64_t>> wrong = {{}, {0}, {5, 5}, {6, 5}, {-1}, {huge}};
    for (const std::vector<int64_t>& frontiers : wrong) {
        const auto measured = measureFrontiers(model.folder(), frontiers, 1, {});
        REQUIRE_FALSE(measured);
        CHECK(measured.error().kind() == base::Errc::invalidInput);
    }
    CHECK_FALSE(measureFrontiers(model.folder(), {5}, huge, {}));
    CHECK_FALSE(measureFrontiers(model.folder(), {5}, -1, {}));
}

TEST_CASE("a frontier's speeds are those of all its answer and of all but the first token",
          "[engine][bench]") {
    const Frontier frontier = {.promptTokens = 8, .promptSeconds = 2, .answerSeconds = {3, 1, 1}};
    CHECK(frontier.promptTokensPerSecond() == 4);
    CHECK(frontier.answerTokensPerSecond() == Approx(0.6));
    CHECK(frontier.steadyTokensPerSecond() == 1);
}

TEST_CASE("perplexity is exp of the mean loss in the second halves of the windows",
          "[engine][bench]") {
    const TinyChatModel model(kFamily);
    const std::string text = someText(50);  // a token is a byte: three windows and a rest
    double told = 0;
    PerplexityOptions options = {.windowTokens = 16, .chunkTokens = 5, .threads = 1};
    options.progress = [&](int64_t, int64_t windows, double soFar) {
        CHECK(windows == 3);
        told = soFar;
    };
    const auto measured = measurePerplexity(model.folder(), text, options);
    REQUIRE(measured);
    double sum = 0;
    int64_t n = 0;
    for (int64_t window = 0; window < 3; ++window) {
        std::vector<int32_t> tokens;
        for (size_t i = 0; i < 16; ++i)
            tokens.push_back(static_cast<uint8_t>(text[size_t(window) * 16 + i]));
        REQUIRE(computeLogits(model.folder(), tokens, {.threads = 1},
                              [&](int64_t index, std::span<const float> logits) {
                                  if (index < 8 || index == 15) return;
                                  double total = 0;
                                  for (const float logit : logits)
                                      total += std::exp(double(logit));
                                  sum += std::log(total) -
                                         double(logits[size_t(tokens[size_t(index) + 1])]);
                                  ++n;
                              }));
    }
    CHECK(measured->tokensCounted == n);
    CHECK(measured->tokensRead == 48);
    CHECK(measured->value == Approx(std::exp(sum / double(n))).epsilon(1e-9));
    CHECK(told == measured->value);
    CHECK(measured->standardError > 0);
    CHECK_FALSE(measurePerplexity(model.folder(), "short", {.windowTokens = 16}));
    CHECK_FALSE(measurePerplexity(model.folder(), text, {.windowTokens = 2}));
}

TEST_CASE("the loss of huge and tiny logits is finite and right", "[engine][bench]") {
    const std::vector<float> logits = {1e30F, 0, -1e30F};
    CHECK(lossOf(logits, 0) == 0);
    CHECK(lossOf(std::vector<float>{0, 0}, 1) == Approx(std::log(2.0)));
    CHECK(std::isfinite(lossOf(logits, 2)));
}
