// The products of a model that adapters may change, by the names its file has for their weights.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <map>
#include <string>

#include "engine/execute/lora.h"
#include "engine/plan/model_plan.h"

namespace moxie::engine {

// How an adapter's factors are laid out for a target.
enum class AdapterForm {
    product,  // A [rank, in], B [out, rank]
    experts,  // of one matrix of one expert, or stacked expert after expert
    // PEFT's on transformers' fused experts: A [experts * rank, in], B [out, rank * experts] with
    // the experts side by side; gate and up together, or down, which the shapes tell.
    fused,
    head,       // as product
    embedding,  // A [rank, vocabulary], B [hidden, rank]; or A turned over (LoraPair::isTurned)
};

struct AdapterTarget {
    AdapterForm form = AdapterForm::product;
    int64_t rows = 0, cols = 0;
    int64_t count = 1;                // of matrices that are stacked in one tensor
    const MoeFfn* experts = nullptr;  // not for products
    int64_t expert = 0;               // the first of the stack
    ExpertPart part = ExpertPart::gate;
};

using AdapterTargets = std::map<std::string, AdapterTarget, std::less<>>;

// Points into the plan.
AdapterTargets adapterTargets(const ModelPlan& plan);

}  // namespace moxie::engine
