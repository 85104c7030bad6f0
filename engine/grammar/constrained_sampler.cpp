#include "engine/grammar/constrained_sampler.h"

#include <bit>
#include <limits>

namespace moxie::engine {

namespace {

constexpr float kNever = -std::numeric_limits<float>::infinity();

// Visits the tokens that fit and have a logit.
template <class F>
void forAllowed(const TokenMask& mask, size_t nLogits, const F& visit) {
    for (size_t i = 0; i < mask.bits.size(); ++i)
        for (uint64_t word = mask.bits[i]; word != 0; word &= word - 1) {
            const size_t token = i * 64 + size_t(std::countr_zero(word));
            if (token < nLogits) visit(token);
        }
}

// The likeliest that fits, the first of equals; where none is possible, the first that fits.
int32_t bestAllowed(const TokenMask& mask, std::span<const float> logits) {
    int32_t best = -1;
    float most = kNever;
    forAllowed(mask, logits.size(), [&](size_t token) {
        if (best >= 0 && !(logits[token] > most)) return;
        best = int32_t(token);
        most = logits[token] > most ? logits[token] : kNever;
    });
    return best;
}

}  // namespace

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
    const int32_t best = bestAllowed(mask, logits);
    if (best < 0) return sampler_.sample(logits, recent);
    if (constraint_->isSyntax() || !(logits[size_t(best)] > kNever)) return best;
    allowed_.assign(logits.size(), kNever);
    forAllowed(mask, logits.size(), [&](size_t token) { allowed_[token] = logits[token]; });
    return sampler_.sample(allowed_, recent);
}

}  // namespace moxie::engine
