// A sampler that stays within a grammar, where there is one. The user's sampler chooses the words
// of values and text; in syntax the likeliest token that fits is taken, and where there is one way
// on, that. Threads: one thread at a time.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "engine/grammar/token_masks.h"
#include "engine/sampler.h"

namespace moxie::engine {

class ConstrainedSampler {
public:
    // `constraint` begins anew; null: every token fits. It outlives the sampler.
    ConstrainedSampler(const SamplerOptions& options, TokenConstraint* constraint);

    // The next token. See Sampler::sample.
    int32_t sample(std::span<const float> logits, std::span<const int32_t> recent);

    // The tokens that sample() will give next whatever the logits.
    std::span<const int32_t> forced() const;

private:
    int32_t sampleAllowed(std::span<const float> logits, std::span<const int32_t> recent);

    Sampler sampler_;
    TokenConstraint* constraint_;
    std::vector<float> allowed_;  // logits of the tokens that fit, the others at minus infinity
};

}  // namespace moxie::engine
