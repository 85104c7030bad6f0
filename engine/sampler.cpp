#include "engine/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/result.h"

namespace moxie::engine {

namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

constexpr size_t kSortedFirst = 64;

// Brings the next best ones into order behind the first nSorted, several times as many each time.
template <class Candidate, class Better>
void sortMore(std::vector<Candidate>& candidates, size_t& nSorted, const Better& isBetter) {
    const auto begin = candidates.begin() + static_cast<int64_t>(nSorted);
    nSorted = std::min(candidates.size(), std::max(kSortedFirst, 8 * nSorted));
    const auto end = candidates.begin() + static_cast<int64_t>(nSorted);
    if (end != candidates.end()) std::nth_element(begin, end, candidates.end(), isBetter);
    std::sort(begin, end, isBetter);
}

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

// Requires: candidates_ in the order of their tokens.
void Sampler::penalise(std::span<const int32_t> recent) {
    const auto n = static_cast<size_t>(std::max(options_.penaltyTokens, 0));
    const std::span<const int32_t> last = recent.last(std::min(n, recent.size()));
    std::vector<int32_t> tokens(last.begin(), last.end());
    std::ranges::sort(tokens);
    tokens.erase(std::ranges::unique(tokens).begin(), tokens.end());
    const auto penalty = static_cast<float>(options_.repetitionPenalty);
    for (const int32_t token : tokens) {
        if (token < 0 || token >= std::ssize(candidates_)) continue;
        float& logit = candidates_[static_cast<size_t>(token)].logit;
        logit = logit > 0 ? logit / penalty : logit * penalty;
    }
}

int32_t Sampler::sample(std::span<const float> logits, std::span<const int32_t> recent) {
    BASE_CHECK(!logits.empty());
    const bool hasPenalty = options_.repetitionPenalty != 1 && options_.repetitionPenalty > 0;
    if (options_.temperature <= 0 && !hasPenalty) return argmax(logits);

    candidates_.resize(logits.size());
    for (size_t i = 0; i < logits.size(); ++i)
        candidates_[i] = {orNever(logits[i]), static_cast<int32_t>(i)};
    if (hasPenalty) penalise(recent);
    const auto isBetter = [](const Candidate& a, const Candidate& b) {
        return a.logit != b.logit ? a.logit > b.logit : a.token < b.token;
    };
    if (options_.temperature <= 0) return std::ranges::min_element(candidates_, isBetter)->token;

    // Best first, so that every cut is a prefix; only as far as anybody looks.
    size_t nSorted = 0;
    if (options_.topK > 0 && options_.topK < std::ssize(candidates_)) {
        std::ranges::partial_sort(candidates_, candidates_.begin() + options_.topK, isBetter);
        candidates_.resize(nSorted = static_cast<size_t>(options_.topK));
    }
    const Candidate best = *std::ranges::min_element(candidates_, isBetter);
    // An infinite or undefined best leaves nothing to weigh.
    if (!std::isfinite(best.logit)) return best.token;
    const auto candidateAt = [&](size_t i) {
        while (i >= nSorted)
            sortMore(candidates_, nSorted, isBetter);
        return candidates_[i];
    };
    const auto weightOf = [&](const Candidate& candidate) {
        const double weight =
            std::exp((double{candidate.logit} - double{best.logit}) / options_.temperature);
        return weight < options_.minP ? 0 : weight;
    };
    double total = 0;
    for (const Candidate& candidate : candidates_)
        total += weightOf(candidate);
    size_t n = candidates_.size();
    if (options_.topP < 1) {
        double kept = 0;
        for (n = 0; n < candidates_.size() && (n == 0 || kept < options_.topP * total); ++n)
            kept += weightOf(candidateAt(n));
        total = kept;
    }
    double target = uniform() * total;
    int32_t last = best.token;
    for (size_t i = 0; i < n; ++i) {
        const Candidate candidate = candidateAt(i);
        const double weight = weightOf(candidate);
        if (weight == 0) break;
        last = candidate.token;
        target -= weight;
        if (target < 0) break;
    }
    return last;
}

}  // namespace moxie::engine
