#include "engine/grammar/constrained_sampler.h"

#include <limits>

namespace moxie::engine {

ConstrainedSampler::ConstrainedSampler(const SamplerOptions& options, TokenConstraint* constraint)
    : sampler_(options),
      constraint_(constraint) {
    if (constraint_ != nullptr) constraint_->restart();
}

std::span<const int32_t> ConstrainedSampler::forced() const {
    return constraint_ == nullptr ? std::span<const int32_t>() : constraint_->forced();
}

int32_t ConstrainedSampler::sample(std::span<const float> logits, std::span<const int32_t> recent) {
    if (constraint_ == nullptr) return sampler_.sample(logits, recent);
    const auto due = forced();
    const int32_t token = due.empty() ? sampleAllowed(logits, recent) : due.front();
    constraint_->accept(token);
    return token;
}

int32_t ConstrainedSampler::sampleAllowed(std::span<const float> logits,
                                          std::span<const int32_t> recent) {
    const TokenMask& mask = constraint_->mask();
    // Nothing in the vocabulary fits: the answer goes on as it likes, and its parser will tell.
    if (mask.allowsAll || mask.allowsNone) return sampler_.sample(logits, recent);
    constexpr float kNever = -std::numeric_limits<float>::infinity();
    allowed_.assign(logits.size(), kNever);
    int32_t first = -1;
    bool hasFinite = false;
    for (size_t i = 0; i < logits.size(); ++i) {
        if (!mask.allows(int32_t(i))) continue;
        if (first < 0) first = int32_t(i);
        allowed_[i] = logits[i];
        hasFinite = hasFinite || logits[i] > kNever;
    }
    if (!hasFinite) return first;
    return constraint_->isSyntax() ? argmax(allowed_) : sampler_.sample(allowed_, recent);
}

}  // namespace moxie::engine
