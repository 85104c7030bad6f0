// Every model family we can run: from a checked source of tensors to a plan of fused steps. A new
// family is one file with a function and one line in the table.
// Threads: any thread. Plans hold views into the source, which must outlive them.
#pragma once
#include <span>
#include <string_view>

#include "base/result.h"
#include "engine/plan/model_plan.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

// Each fails with: unsupported (what we do not compute, by name), corrupt (keys, shapes, tensors).
using PlanFunction = base::Result<ModelPlan> (*)(const TensorSource&);
base::Result<ModelPlan> planLlama(const TensorSource& source);  // Llama, Qwen2, Qwen3, dense
base::Result<ModelPlan> planQwen3Moe(const TensorSource& source);
base::Result<ModelPlan> planGlm4Moe(const TensorSource& source);  // GLM-4.5
base::Result<ModelPlan> planMiniMaxM2(const TensorSource& source);
base::Result<ModelPlan> planGptOss(const TensorSource& source);
base::Result<ModelPlan> planDeepSeekV3(const TensorSource& source);  // V2, V3, R1, V3.2, Kimi K2
base::Result<ModelPlan> planDeepSeekV4(const TensorSource& source);
base::Result<ModelPlan> planEngramDemo(const TensorSource& source);  // as published, no GGUF

struct Family {
    std::string_view name;          // config.json's model_type
    std::string_view architecture;  // GGUF's
    PlanFunction plan;
};

std::span<const Family> families();

// The drafter of a GGUF file of its own, as llama.cpp's converter writes them for DeepSeek V4: its
// block for multi-token prediction (architecture deepseek4) or its block drafter (dflash). It takes
// the place of the plan's own. Fails: unsupported (another kind of file or of model), corrupt (it
// does not fit the model).
base::Status addDrafter(const TensorSource& source, ModelPlan& plan);

// The plan of whatever model the source is. Fails as above; unsupported names the architecture and
// those we have.
base::Result<ModelPlan> makePlan(const TensorSource& source);

}  // namespace moxie::engine
