#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/result.h"

namespace moxie::engine {

namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

float orNever(float logit) {
    return std::isnan(logit) ? kNever : logit;
}

}  // namespace

int32_t argmax(std::span<const float> logits) {
    BASE_CHECK(!logits.empty());
    size_t best = 0;
    for (size_t i = 1; i < logits.size(); ++i)
        if (orNever(logits[i]) > orNever(logits[best])) best = i;
    return static_cast<int32_t>(best);
}

Sampler::Sampler(const SamplerOptions& options) : options_(options), state_(options.seed) {}

// Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014).
double Sampler::uniform() {
    state_ += 0x9e3779b97f4a7c15ULL;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    z ^= z >> 31;
    return static_cast<double>(z >> 11) * 0x1p-53;
}

int32_t Sampler::sample(std::span<const float> logits, std::span<const int32_t> recent) {
    BASE_CHECK(!logits.empty());
    const bool hasPenalty = options_.repetitionPenalty != 1 && options_.repetitionPenalty > 0;
    if (options_.temperature <= 0 && !hasPenalty) return argmax(logits);

    candidates_.resize(logits.size());
    for (size_t i = 0; i < logits.size(); ++i)
        candidates_[i] = {orNever(logits[i]), static_cast<int32_t>(i)};
    if (hasPenalty) {
        const auto n = static_cast<size_t>(std::max(options_.penaltyTokens, 0));
        std::vector<int32_t> tokens(
            recent.end() - std::ssize(recent.last(std::min(n, recent.size()))), recent.end());
        std::ranges::sort(tokens);
        tokens.erase(std::ranges::unique(tokens).begin(), tokens.end());
        const auto penalty = static_cast<float>(options_.repetitionPenalty);
        for (const int32_t token : tokens) {
            if (token < 0 || token >= std::ssize(logits)) continue;
            float& logit = candidates_[static_cast<size_t>(token)].logit;
            logit = logit > 0 ? logit / penalty : logit * penalty;
        }
    }
    const auto isBetter = [](const Candidate& a, const Candidate& b) {
        return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
    };
    if (options_.temperature <= 0) return std::ranges::min_element(candidates_, isBetter)->token;

    // Best first, so that every cut is a prefix.
    if (options_.topK > 0 && options_.topK < std::ssize(candidates_)) {
        std::ranges::partial_sort(candidates_, candidates_.begin() + options_.topK, isBetter);
        candidates_.resize(static_cast<size_t>(options_.topK));
    } else {
        std::ranges::sort(candidates_, isBetter);
    }
    // An infinite or undefined best leaves nothing to weigh.
    if (!std::isfinite(candidates_.front().logit)) return candidates_.front().token;

    std::vector<double> weights;  // relative to the best; rising sums below
    double total = 0;
    for (const Candidate& candidate : candidates_) {
        const double weight = std::exp(
            (double{candidate.logit} - double{candidates_.front().logit}) / options_.temperature);
        if (weight < options_.minP || weight == 0) break;
        weights.push_back(weight);
        total += weight;
    }
    if (options_.topP < 1) {
        double kept = 0;
        size_t n = 0;
        while (n < weights.size() && (n == 0 || kept < options_.topP * total))
            kept += weights[n++];
        weights.resize(n);
        total = kept;
    }
    double target = uniform() * total;
    for (size_t i = 0; i < weights.size(); ++i) {
        target -= weights[i];
        if (target < 0) return candidates_[i].token;
    }
    return candidates_[weights.empty() ? 0 : weights.size() - 1].token;
}

}  // namespace moxie::engine
