// LoRA adapters that are applied while a model runs: y += scale * B (A x) for each product they
// name. The weights of the model stay as they are. Not here: reading adapters from files
// (engine/families/lora_file.h).
// Threads: immutable once filled; any thread.
// Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models (2021).
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "engine/execute/pass.h"

namespace moxie::engine {

struct LoraFactors {
    kernels::WeightsView down;  // A: [rank, in]
    kernels::WeightsView up;    // B: [out, rank]
    float scale = 1;
};

class LoraAdapters {
public:
    void insert(std::string linearName, const LoraFactors& factors);

    bool empty() const { return factors_.empty(); }

    const std::map<std::string, LoraFactors, std::less<>>& factors() const { return factors_; }

    // Largest rank, which decides the scratch of add().
    int64_t rankMax() const;

    // y[t] += scale * B (A x[t]), if `linear` has an adapter. Takes scratch from the arena.
    void add(const Pass& pass, const Linear& linear, const float* x, int64_t nTokens,
             float* y) const;

private:
    std::map<std::string, LoraFactors, std::less<>> factors_;
};

}  // namespace moxie::engine
