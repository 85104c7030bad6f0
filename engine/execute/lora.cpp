#include "engine/execute/lora.h"

#include <algorithm>
#include <utility>

namespace moxie::engine {

void LoraAdapters::insert(std::string linearName, const LoraFactors& factors) {
    factors_.insert_or_assign(std::move(linearName), factors);
}

int64_t LoraAdapters::rankMax() const {
    int64_t rank = 0;
    for (const auto& [name, factors] : factors_)
        rank = std::max(rank, factors.down.rows);
    return rank;
}

void LoraAdapters::add(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens,
                       float* y) const {
    const auto found = factors_.find(linear.name);
    if (found == factors_.end()) return;
    const LoraFactors& factors = found->second;
    const Arena::Mark mark(pass.arena);
    float* low = pass.arena.take(nTokens * factors.down.rows);
    float* high = pass.arena.take(nTokens * factors.up.rows);
    multiply(pass, factors.down, x, nTokens, low);
    multiply(pass, factors.up, low, nTokens, high);
    const int64_t n = nTokens * linear.rows();
    for (int64_t i = 0; i < n; ++i)
        y[i] += factors.scale * high[i];
}

}  // namespace moxie::engine
