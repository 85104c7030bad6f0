// Chooses the next token from logits: greedy, or by temperature, top-k, top-p and min-p with a
// seeded generator of our own (SplitMix64), so that a seed gives the same tokens on every platform
// with the same logits. Not here: stop strings, grammars.
// Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace moxie::engine {

struct SamplerOptions {
    double temperature = 0;        // 0 or less: greedy, the rest is ignored (but the penalty)
    int32_t topK = 0;              // keep the k best; 0: all
    double topP = 1;               // keep the smallest set with this much probability; 1: all
    double minP = 0;               // drop tokens below this part of the best one's probability
    double repetitionPenalty = 1;  // over 1: logits of recent tokens are lowered (CTRL, 2019)
    int32_t penaltyTokens = 64;    // how many recent tokens count as repeated
    uint64_t seed = 0;
};

class Sampler {
public:
    explicit Sampler(const SamplerOptions& options);

    // The next token's id. `recent` ends with the newest token and is used by the repetition
    // penalty only. Ties go to the lower id; NaN logits count as minus infinity.
    // Requires: logits is not empty.
    int32_t sample(std::span<const float> logits, std::span<const int32_t> recent = {});

private:
    struct Candidate {
        float logit;
        int32_t token;
    };

    double uniform();  // in [0, 1), 53 bits
    void penalise(std::span<const int32_t> recent);

    SamplerOptions options_;
    uint64_t state_;
    std::vector<Candidate> candidates_;  // reused between calls
};

// The token with the largest logit; the lowest id among equals.
int32_t argmax(std::span<const float> logits);

}  // namespace moxie::engine
