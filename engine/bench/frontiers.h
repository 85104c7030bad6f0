// How a model file's speed changes along one growing context, in the protocol of ds4-bench: a
// prompt is read up to one frontier after the other, and at each of them an answer is generated and
// dropped. Threads: any thread; blocks, and uses a worker pool of its own.
#pragma once
#include <cstdint>
#include <filesystem>
#include <vector>

#include "base/result.h"
#include "engine/bench/speed.h"

namespace moxie::engine {

struct Frontier {
    int64_t contextTokens = 0;
    int64_t promptTokens = 0;  // read since the frontier before
    double promptSeconds = 0;
    std::vector<double> answerSeconds = {};  // of each token, in order
    int64_t kvBytes = 0;                     // that hold the context's keys and values

    double promptTokensPerSecond() const;
    double answerTokensPerSecond() const;  // 0 without an answer
    double steadyTokensPerSecond() const;  // of the answer without its first token
};

// `frontiers` grow; at each an answer of `answerTokens`, greedy. Of the options tests and repeats
// are ignored. The prompt is drawn from the vocabulary by a fixed seed. Fails: as measureSpeed;
// invalidInput also where frontiers do not grow or, with the answer, do not fit into the context.
base::Result<std::vector<Frontier>> measureFrontiers(const std::filesystem::path& model,
                                                     const std::vector<int64_t>& frontiers,
                                                     int64_t answerTokens,
                                                     const SpeedOptions& options);

}  // namespace moxie::engine
