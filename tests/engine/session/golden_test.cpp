// The sample model against the exact computation: greedy paths and logits made by the independent
// float64 implementation tests/bench/peers/reference_llama.py (tests/data/engine/golden_paths.txt).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "engine/loaded_model.h"
#include "engine/logits.h"
#include "engine/open_model.h"
#include "engine/session/session.h"
#include "engine/worker_pool.h"
#include "tests/catch.h"

using namespace moxie;
using namespace moxie::engine;

namespace {

struct Step {
    int32_t token = 0;  // the exact greedy choice
    double logit = 0;   // its exact logit
    double margin = 0;  // to the second best
};

struct Path {
    std::vector<int32_t> prompt;
    std::vector<Step> steps;
    std::vector<double> lastLogits;  // of ids 0, 7001, 14002 ... after the last step
};

constexpr int64_t kLogitStride = 7001;

std::vector<Path> readPaths() {
    const auto text = base::readFile(MOXIE_SOURCE_DIR "/tests/data/engine/golden_paths.txt");
    REQUIRE(text.has_value());
    std::vector<Path> paths;
    std::istringstream lines(*text);
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.front() == '#') continue;
        std::istringstream words(line);
        std::string word;
        if (line.starts_with("prompt ")) {
            paths.emplace_back();
            words >> word;
            for (int32_t id = 0; words >> id;)
                paths.back().prompt.push_back(id);
        } else if (line.starts_with("logits ")) {
            words >> word;
            for (double logit = 0; words >> logit;)
                paths.back().lastLogits.push_back(logit);
        } else {
            Step step;
            REQUIRE((words >> step.token >> step.logit >> step.margin));
            paths.back().steps.push_back(step);
        }
    }
    return paths;
}

struct Agreement {
    int64_t compared = 0;    // positions with a margin above the one asked for
    int64_t different = 0;   // of these, where our top token is another
    double worstMargin = 0;  // the largest margin at which our top token is another
    double worstLogit = 0;   // largest difference of a logit
};

// Feeds the exact path of each prompt, nSteps of it, and compares the top token of every position.
Agreement compare(const std::string& backend, std::span<const Path> paths, size_t nSteps,
                  double marginMin) {
    const auto modelFile = findSampleModel();
    REQUIRE(modelFile.has_value());
    const auto model = loadModel(*modelFile);
    REQUIRE(model.has_value());
    const auto dispatch = findDispatch(backend);
    REQUIRE(dispatch.has_value());
    WorkerPool pool;
    auto session = Session::make(model->plan, pool, **dispatch, {.contextTokens = 256});
    REQUIRE(session.has_value());

    Agreement result;
    for (const Path& path : paths) {
        std::vector<int32_t> tokens = path.prompt;
        for (size_t i = 0; i + 1 < nSteps; ++i)
            tokens.push_back(path.steps[i].token);
        REQUIRE(session->rewind(0).has_value());
        // All but the last token of the prompt need no logits.
        const std::span all(tokens);
        const size_t first = path.prompt.size() - 1;
        REQUIRE(session->evaluate(all.first(first)).has_value());
        const auto look = [&](int64_t index, std::span<const float> logits) {
            const auto at = static_cast<size_t>(index);
            const Step& step = path.steps[at];
            const auto top = std::max_element(logits.begin(), logits.end()) - logits.begin();
            result.worstLogit = std::max(
                result.worstLogit, std::abs(logits[static_cast<size_t>(step.token)] - step.logit));
            if (top != step.token) result.worstMargin = std::max(result.worstMargin, step.margin);
            if (step.margin > marginMin) {
                ++result.compared;
                result.different += top != step.token ? 1 : 0;
            }
            if (at + 1 < path.steps.size()) return;
            for (size_t i = 0; i < path.lastLogits.size(); ++i)
                result.worstLogit = std::max(
                    result.worstLogit, std::abs(logits[i * kLogitStride] - path.lastLogits[i]));
        };
        REQUIRE(session->evaluate(all.subspan(first), {.eachLogits = look}).has_value());
    }
    return result;
}

void requireExact(const Agreement& found, int64_t comparedMin) {
    INFO("largest margin lost " << found.worstMargin << ", largest difference of a logit "
                                << found.worstLogit);
    REQUIRE(found.compared >= comparedMin);
    REQUIRE(found.different == 0);
    REQUIRE(found.worstLogit < 0.0005);
}

}  // namespace

TEST_CASE("the golden data holds 20 prompts of 64 tokens", "[engine][golden]") {
    const auto paths = readPaths();
    REQUIRE(paths.size() == 20);
    for (const Path& path : paths) {
        REQUIRE(path.prompt.size() >= 2);
        REQUIRE(path.steps.size() == 64);
        REQUIRE(path.lastLogits.size() == 8);
    }
}

// The default suite compares a part, so that it stays quick on a busy machine; [.slow] all.
TEST_CASE("the fast backend's top token is the exact one, in part", "[engine][golden]") {
    requireExact(compare("cpu", readPaths(), 20, 0.01), 380);
}

TEST_CASE("the fast backend's top token is the exact one on 20 x 64 tokens",
          "[.slow][engine][golden]") {
    requireExact(compare("cpu", readPaths(), 64, 0.01), 1200);
}

TEST_CASE("the scalar backend's top token is the exact one, in part", "[engine][golden]") {
    const auto paths = readPaths();
    const std::vector<Path> some = {paths[11]};  // C++
    requireExact(compare("scalar", some, 4, 0.01), 3);
}

TEST_CASE("the scalar backend's top token is the exact one on 20 x 64 tokens",
          "[.slow][engine][golden]") {
    requireExact(compare("scalar", readPaths(), 64, 0.01), 1200);
}
