#include "engine/execute/activation.h"

#include <algorithm>
#include <cmath>

namespace moxie::engine {

namespace {

constexpr float kGptOssAlpha = 1.702F;

float sigmoid(float x) {
    return 1 / (1 + std::exp(-x));
}

}  // namespace

void activate(const kernels::Dispatch& dispatch, const Gating& gating, const float* gate,
              const float* up, int64_t n, float* y) {
    const float limit = gating.limit;
    switch (gating.activation) {
        case Activation::silu:
            dispatch.siluMul(gate, up, y, n);
            return;
        case Activation::siluClamped:
            for (int64_t i = 0; i < n; ++i) {
                const float g = std::min(gate[i], limit);
                y[i] = g * sigmoid(g) * std::clamp(up[i], -limit, limit);
            }
            return;
        case Activation::gptOss:
            for (int64_t i = 0; i < n; ++i) {
                const float g = std::min(gate[i], limit);
                y[i] = g * sigmoid(kGptOssAlpha * g) * (std::clamp(up[i], -limit, limit) + 1);
            }
            return;
    }
}

}  // namespace moxie::engine
