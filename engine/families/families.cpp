#include "engine/families/families.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "engine/families/settings.h"
#include "engine/kv/kv_layout.h"

namespace moxie::engine {

std::span<const Family> families() {
    static constexpr std::array kFamilies = {
        Family{"llama", "llama", planLlama},
        Family{"qwen2", "qwen2", planLlama},
        Family{"qwen3", "qwen3", planLlama},
        Family{"qwen3_moe", "qwen3moe", planQwen3Moe},
        Family{"glm4_moe", "glm4moe", planGlm4Moe},
        Family{"minimax_m2", "minimax-m2", planMiniMaxM2},
        Family{"gpt_oss", "gpt-oss", planGptOss},
        Family{"deepseek_v2", "deepseek2", planDeepSeekV3},
        Family{"deepseek_v3", "deepseek2", planDeepSeekV3},
        Family{"kimi_k2", "deepseek2", planDeepSeekV3},
        Family{"deepseek_v32", "deepseek32", planDeepSeekV3},
        Family{"deepseek_v4", "deepseek4", planDeepSeekV4},
        Family{"engram_demo", "", planEngramDemo},
    };
    return kFamilies;
}

namespace {

// Keeps every memory plan in 64 bits.
base::Status checkContextFits(const ModelPlan& plan) {
    constexpr int64_t kKvBytesMax = int64_t{1} << 58;
    const int64_t pageBytes = std::max<int64_t>(1, makeKvLayout(plan, KvFormat::f32).pageBytes);
    if (plan.contextTokensMax / kPageTokens < kKvBytesMax / pageBytes) return {};
    return base::fail(base::Errc::unsupported,
                      fmt::format("a context of {} tokens with {} bytes each, more than any memory",
                                  plan.contextTokensMax, pageBytes / kPageTokens));
}

}  // namespace

base::Result<ModelPlan> makePlan(const TensorSource& source) {
    TRY_ASSIGN(const Settings settings, Settings::of(source));
    const bool isGguf = settings.isGguf();
    std::string known;
    for (const Family& family : families()) {
        const std::string_view name = isGguf ? family.architecture : family.name;
        if (name.empty()) continue;
        if (name == settings.architecture()) {
            TRY_ASSIGN(ModelPlan plan, family.plan(source));
            plan.family = std::string(name);
            TRY(checkContextFits(plan));
            return plan;
        }
        if (known.find(name) == std::string::npos)
            known += fmt::format("{}{}", known.empty() ? "" : ", ", name);
    }
    return base::fail(base::Errc::unsupported, fmt::format("{} {}, expected one of {}",
                                                           isGguf ? "architecture" : "model_type",
                                                           settings.architecture(), known));
}

}  // namespace moxie::engine
