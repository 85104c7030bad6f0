// What lies between gate and up of a feed-forward and its last product.
// Threads: any thread.
#pragma once
#include <cstdint>

#include "engine/plan/steps.h"
#include "kernels/dispatch.h"

namespace moxie::engine {

struct Gating {
    Activation activation = Activation::silu;
    float limit = 0;
};

// y = activation(gate, up), n values; y may be gate.
void activate(const kernels::Dispatch& dispatch, const Gating& gating, const float* gate,
              const float* up, int64_t n, float* y);

}  // namespace moxie::engine
