// How fast a model file runs here: prompt tokens per second, answer tokens per second, both at any
// depth of context, in the protocol of llama-bench, and the memory read rate that bounds them.
// Threads: any thread; blocks, and uses a worker pool of its own.
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/execute/pass.h"
#include "engine/experts/expert_cache.h"

namespace moxie::engine {

// One of the two: a prompt read at once, or tokens generated one by one.
struct SpeedTest {
    int64_t promptTokens = 0;
    int64_t answerTokens = 0;
    int64_t depthTokens = 0;  // that stand in the context before
};

// "pp512", "tg128", "pp512 @ d4096".
std::string nameOf(const SpeedTest& test);

struct SpeedResult {
    SpeedTest test = {};
    std::vector<double> tokensPerSecond = {};  // of each repeat, in order

    double mean() const;
    double deviation() const;  // of the sample; 0 for one repeat
};

struct SpeedOptions {
    std::vector<SpeedTest> tests = {};
    int64_t repeats = 5;      // after one that does not count
    int64_t chunkTokens = 0;  // as EvaluateOptions
    int32_t threads = 0;      // 0: one per physical core
    std::string isa = {};     // as in LogitsOptions
    std::string kvFormat = "f32";
    Products promptProducts = Products::rounded;  // where there are kernels for it
    Products answerProducts = Products::fine;     // likewise
    int64_t memoryBytesMax = 0;                   // as in LocalModelOptions
    std::stop_token stop = {};
    // Before the model is opened (done 0), then after each repeat.
    std::function<void(int64_t done, int64_t total)> progress = {};
};

struct SpeedReport {
    std::string model = {};  // name of the file
    std::string family = {};
    std::string isa = {};
    int64_t weightBytes = 0, parameters = 0;
    int64_t activeBytes = 0;  // weights that one token is multiplied with
    int32_t threads = 0;
    // Of this machine with as many threads, before the tests or after them: what was more.
    double memoryReadBytesPerSecond = 0;
    std::vector<SpeedResult> results = {};
    ExpertCacheStats experts = {};  // of the last test; zeros where all experts are mapped
};

// Tokens are drawn from the vocabulary by a fixed seed; the clock runs from the call to the last
// logits. Fails: what opening and evaluating fail with; invalidInput (a test of nothing, or that
// does not fit into the model's context), unsupported (isa).
base::Result<SpeedReport> measureSpeed(const std::filesystem::path& model,
                                       const SpeedOptions& options);

}  // namespace moxie::engine
