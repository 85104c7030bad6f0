// What a state depends on besides its tokens, in 128 bits: states of one fingerprint may be taken
// up by a session of the same, and by no other.
// Threads: any thread.
#pragma once
#include "base/hash.h"
#include "engine/execute/lora.h"
#include "engine/execute/pass.h"
#include "engine/weights/tensor_source.h"

namespace moxie::engine {

// Raised with every change that alters a bit of any row, logit or record.
constexpr int32_t kNumericVersion = 9;

struct StateSettings {
    kernels::Isa isa = kernels::Isa::scalar;
    KvFormat kvFormat = KvFormat::f32;
    QuantSimulation simulation = QuantSimulation::off;
    Products promptProducts = Products::exact;
    Products answerProducts = Products::exact;
    bool keepsDraft = false;
    const LoraAdapters* adapters = nullptr;
};

// Of the model's names, types, shapes, configuration and some of its bytes, wherever it lies; of
// its plan (ropes, scales, dimensions); and of the settings.
// Cost: reads a page of each of at most 256 tensors, and all of the adapters.
base::Hash128 stateFingerprint(const TensorSource& source, const ModelPlan& plan,
                               const StateSettings& settings);

}  // namespace moxie::engine
