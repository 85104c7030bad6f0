// Which experts a token goes to, by what the router says of them: a plain top-k, groups first, or
// the token itself by a hash table. Equal scores: the expert of the lower number. The weights are
// computed in double, so that no order of tokens changes one.
// Threads: one thread; uses the pass's pool.
// Source: the model.py of each family (DeepSeek V2 to V4, Qwen3-MoE, GLM-4.5, MiniMax-M2, gpt-oss).
#pragma once
#include <cstdint>
#include <vector>

#include "engine/execute/pass.h"

namespace moxie::engine {

// One token's use of one expert.
struct ExpertSlot {
    int64_t expert = 0;
    int64_t token = 0;  // of the chunk
    float weight = 0;
};

// For all tokens of the pass, `logits` [token][expert]: sorted by expert, then token, so that each
// expert's slots are neighbours.
std::vector<ExpertSlot> chooseExperts(const Pass& pass, const MoeFfn& step, const float* logits);

}  // namespace moxie::engine
