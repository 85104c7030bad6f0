// How much memory a model may take, and what of it is left for routed experts.
// Threads: any thread.
#pragma once
#include <cstdint>
#include <memory>

#include "base/result.h"
#include "engine/experts/expert_cache.h"
#include "engine/loaded_model.h"
#include "engine/session/session.h"

namespace moxie::engine {

struct MachineMemory {
    int64_t systemBytes = 0;  // of the machine, or of the group of processes that we are in
    // What can be taken without swapping, file pages that can be given up included.
    int64_t availableBytes = 0;
};

// As the kernel and the memory control groups (v1 or v2) of this process say now.
MachineMemory machineMemory();

// A cache for the experts of a model that does not fit beside `plan`; nullptr if all of it fits.
// `limitBytes` is for everything that is resident: weights, rows, scratch, experts; 0: what is
// available now, and the weights alone decide. Fails: outOfMemory with what is missing, what
// ExpertCache fails with; with limit 0 a cache that cannot be had is nullptr, told in the log.
base::Result<std::unique_ptr<ExpertCache>> openExpertCache(const LoadedModel& model,
                                                           const MemoryPlan& plan,
                                                           int64_t limitBytes);

}  // namespace moxie::engine
