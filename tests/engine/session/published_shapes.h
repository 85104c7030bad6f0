// Plans of published models with their real shapes and no weights, for what can be counted.
#pragma once
#include "engine/plan/model_plan.h"

namespace moxie::tests {

// Source: the config.json files of deepseek-ai/DeepSeek-V4-Flash and -Pro.
engine::ModelPlan deepSeekV4Flash();
engine::ModelPlan deepSeekV4Pro();
// Source: config.json of deepseek-ai/DeepSeek-V3.2-Exp.
engine::ModelPlan deepSeekV32();

}  // namespace moxie::tests
